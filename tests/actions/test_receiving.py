"""What another node sends becomes a case here that is handled like any other, and nothing more."""

import uuid
from typing import Any

import pytest

from tests.actions.cast import CARD, CERTIFICATE, Household, clerk
from tests.actions.cast_nodes import HUB, ITEMS, Sent, neighbour, outbox, sent_by_hub
from tests.actions.test_feedback import KEY
from yijian.actions import contexts, feedback, forgetting
from yijian.actions.dispatching import dispatch_payload
from yijian.actions.feedback import Feedback
from yijian.actions.receiving import receive_events
from yijian.domain.cases import CheckState
from yijian.domain.context import RefusedError
from yijian.domain.envelopes import PARCEL_MOVED
from yijian.domain.facts import Origin
from yijian.domain.invariants import violations
from yijian.domain.states import Stage, TaskState
from yijian.ops import verify
from yijian.records import journal
from yijian.records.identifiers import task_id
from yijian.records.models import (
    ArchivePackage,
    CaseRow,
    NotificationRow,
    OfficeRow,
    OutboxMessage,
    ParcelRow,
    Partner,
    Party,
    SheetRow,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def hub(family: Household) -> Sent:
    """A family that applied at the hub; the certificate is to be issued at this node."""
    return sent_by_hub(family, CERTIFICATE, CARD)


@pytest.fixture
def hub_of_it(family: Household) -> Sent:
    """The same, with the family still able to apply here, too."""
    return sent_by_hub(family, CERTIFICATE)


def stage_of(sent: Sent) -> Stage:
    return sent.case.stage


def holds(sent: Sent) -> None:
    """The invariants, and that the journal alone rebuilds the case."""
    assert violations(sent.case, contexts.context_of(sent.case)) == []
    assert verify.verify(public_keys={}).faults == []


def test_a_task_of_another_node_becomes_a_case_with_its_id_and_number(hub: Sent) -> None:
    assert hub.take(hub.event(CERTIFICATE)) == [("applied", "")]
    payload = hub.payloads[CERTIFICATE]
    assert (hub.case.number, hub.case.origin) == (payload["case_number"], HUB)
    assert list(hub.case.tasks) == [CERTIFICATE]
    task = hub.case.tasks[CERTIFICATE]
    assert (task.state, task.office) == (TaskState.QUEUED, payload["office"])
    assert task.due_at is not None and task.due_at.isoformat() == payload["promised_at"]
    assert CaseRow.objects.get(id=hub.id).origin == HUB
    holds(hub)


def test_facts_keep_whether_a_register_vouched_for_them(hub: Sent) -> None:
    hub.take(hub.event(CERTIFICATE))
    born, name = hub.case.verified["newborn_born_at", 1], hub.case.answers["newborn_name", 1]
    assert (born.origin, born.source) == (Origin.VERIFIED, HUB)
    assert (name.value, name.origin) == ("李小满", Origin.DECLARED)
    context = contexts.context_of(hub.case)
    item = context.pack.items["birth_certificate"]
    again = context.payload(hub.case, item, 1, hub.now)
    assert set(again) == set(hub.payloads[CERTIFICATE]["fields"])


def test_the_same_task_told_again_changes_nothing(hub: Sent) -> None:
    hub.take(hub.event(CERTIFICATE))
    version = hub.case.version
    assert hub.take(hub.event(CERTIFICATE)) == [("duplicate", "")]
    assert hub.case.version == version


def test_two_tasks_of_one_batch_make_one_case(hub: Sent) -> None:
    assert hub.take(hub.event(CERTIFICATE), hub.event(CARD)) == [("applied", "")] * 2
    assert set(hub.case.tasks) == {CERTIFICATE, CARD}
    holds(hub)


def test_a_family_is_told_nothing_and_stands_in_no_case_here(hub: Sent) -> None:
    hub.take(hub.event(CERTIFICATE))
    assert not NotificationRow.objects.exists()
    assert not Party.objects.exists()


def test_a_department_of_this_node_gets_its_part_in_the_same_commit(hub: Sent) -> None:
    hub.take(hub.event(CARD, office="340100HR"))
    ((kind, data),) = outbox(hub.id, "hr-340000")
    assert kind == "yijian.task.dispatched.v1"
    assert data["fields"] == hub.payloads[CARD]["fields"]
    assert data["case_number"] == hub.payloads[CARD]["case_number"]


def test_what_nobody_here_has_heard_of_is_kept_and_passed_on(hub: Sent) -> None:
    hub.take(hub.event(CARD, office="340100HR", weather="晴"))
    ((_, data),) = outbox(hub.id, "hr-340000")
    assert data["weather"] == "晴"
    assert "晴" not in str([entry.body for entry in journal.entries_of(hub.id)])


@pytest.mark.parametrize("office", ["999999XX", None])
def test_an_office_that_is_not_known_here_is_found_by_own_routing(
    hub: Sent, office: str | None
) -> None:
    hub.take(hub.event(CERTIFICATE, office=office))
    assert hub.case.tasks[CERTIFICATE].office == hub.payloads[CERTIFICATE]["office"]


def test_a_task_that_nothing_routes_waits_for_a_person(hub: Sent) -> None:
    fields = dict(hub.payloads[CERTIFICATE]["fields"])
    fields.pop("institution_code", None)
    hub.take(hub.event(CERTIFICATE, office=None, fields=fields))
    assert hub.case.tasks[CERTIFICATE].unrouted
    holds(hub)


def test_a_field_that_the_item_does_not_list_refuses_the_whole_task(hub: Sent) -> None:
    fields = {**hub.payloads[CARD]["fields"], "father_phone": "1"}
    assert hub.take(hub.event(CARD, fields=fields)) == [("refused", "field_not_listed")]
    assert not CaseRow.objects.filter(id=hub.id).exists()


def test_a_scan_of_a_material_that_the_item_does_not_ask_for_is_refused(hub: Sent) -> None:
    scan = {"id": str(uuid.uuid4()), "material": "bank_statement", "page": 1, "sha256": "0" * 64}
    assert hub.take(hub.event(CARD, scans=[scan])) == [("refused", "material_not_listed")]


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"round": -1}, "wrong_data"),
        ({"round": True}, "wrong_data"),
        ({"pack": "yangtze"}, "wrong_data"),
        ({"task_id": str(uuid.uuid4())}, "wrong_data"),
        ({"promised_at": "tomorrow"}, "wrong_data"),
        ({"item": "medical_insurance_enrolment"}, "wrong_data"),
    ],
)
def test_what_cannot_be_read_is_refused_and_leaves_nothing(
    hub: Sent, wrong: dict[str, Any], code: str
) -> None:
    assert hub.take(hub.event(CERTIFICATE, **wrong)) == [("refused", code)]
    assert not CaseRow.objects.filter(id=hub.id).exists()


def test_a_pack_that_is_not_known_here_parks_the_task(hub: Sent) -> None:
    pack = {**hub.payloads[CERTIFICATE]["pack"], "digest": "f" * 64}
    assert hub.take(hub.event(CERTIFICATE, pack=pack)) == [("parked", "pack_unknown")]
    assert not CaseRow.objects.filter(id=hub.id).exists()


def test_an_item_that_was_not_agreed_with_the_sender_is_refused(hub: Sent) -> None:
    neighbour("other", "hukou_registration")
    assert hub.take(hub.event(CERTIFICATE), sender="other") == [("refused", "item_not_agreed")]


def test_another_node_cannot_touch_a_case_that_came_from_the_hub(hub: Sent) -> None:
    neighbour("other", *ITEMS)
    hub.take(hub.event(CERTIFICATE))
    version = hub.case.version
    forged = [hub.event(CARD), hub.withdrawal(CERTIFICATE), hub.closing()]
    assert hub.take(*forged, sender="other") == [("refused", "unknown_task")] * 3
    assert hub.case.version == version


def test_a_case_of_this_node_is_nobody_elses_to_change(submitted: Household) -> None:
    neighbour(HUB)
    context = contexts.context_of(submitted.case)
    payload = dispatch_payload(submitted.case, CERTIFICATE, context, submitted.now)
    own = Sent({CERTIFICATE: {**payload, "promised_at": None, "applied_at": None}}, submitted.now)
    version = submitted.case.version
    said = own.take(own.event(CERTIFICATE), own.withdrawal(CERTIFICATE), own.closing())
    assert said == [("refused", "unknown_task")] * 3
    assert submitted.case.version == version


def test_an_unknown_sender_is_refused_whole_by_the_receiver(hub: Sent) -> None:
    with pytest.raises(RefusedError, match="unknown_sender"):
        receive_events("stranger", [hub.event(CERTIFICATE)], now=hub.now)


def test_a_task_taken_back_ends_here_and_its_department_hears_of_it(hub: Sent) -> None:
    hub.take(hub.event(CARD, office="340100HR"))
    assert hub.take(hub.withdrawal(CARD)) == [("applied", "")]
    assert hub.case.tasks[CARD].state is TaskState.WITHDRAWN
    assert hub.case.stage is Stage.SUBMITTED
    told = outbox(hub.id, "hr-340000")[-1]
    assert (told[0], told[1]["fields"]) == ("yijian.task.withdrawn.v1", {})
    assert outbox(hub.id, HUB) == []
    assert hub.take(hub.withdrawal(CARD)) == [("duplicate", "")]
    holds(hub)


def test_a_task_taken_back_and_sent_again_begins_anew(hub: Sent) -> None:
    hub.take(hub.event(CARD, office="340100HR"), hub.withdrawal(CARD))
    assert hub.take(hub.event(CARD)) == [("duplicate", "")]
    assert hub.take(hub.event(CARD, "routed-340100HR-5", office="340100HR")) == [("applied", "")]
    assert hub.case.tasks[CARD].state is TaskState.QUEUED
    assert len(outbox(hub.id, "hr-340000")) == 3
    holds(hub)


def test_what_was_decided_here_is_not_taken_back(hub: Sent) -> None:
    hub.take(hub.event(CERTIFICATE))
    here = Received(hub)
    here.decide(TaskState.APPROVED)
    assert hub.take(hub.withdrawal(CERTIFICATE)) == [("refused", "too_late_to_withdraw")]
    assert hub.case.tasks[CERTIFICATE].state is TaskState.APPROVED


def test_a_closed_case_waits_for_open_tasks_and_is_reopened_by_a_new_one(hub: Sent) -> None:
    hub.take(hub.event(CERTIFICATE))
    assert hub.take(hub.closing()) == [("parked", "case_open")]
    hub.take(hub.withdrawal(CERTIFICATE))
    assert hub.take(hub.closing()) == [("applied", "")]
    assert stage_of(hub) is Stage.CLOSED
    assert hub.take(hub.closing()) == [("duplicate", "")]
    holds(hub)
    assert not ArchivePackage.objects.exists()
    hub.take(hub.event(CARD, office="340100HR"))
    assert stage_of(hub) is Stage.SUBMITTED
    holds(hub)


def test_a_newborn_that_has_a_case_here_is_declined_and_told_upstream(
    family: Household,
) -> None:
    sent = sent_by_hub(family, CERTIFICATE)
    family.submit()
    assert sent.take(sent.event(CERTIFICATE)) == [("applied", "")]
    task = sent.case.tasks[CERTIFICATE]
    assert (task.state, task.reason) == (TaskState.DECLINED, "newborn_has_case")
    ((kind, data),) = outbox(sent.id, HUB)
    assert (kind, data["state"]) == ("yijian.task.reported.v1", "declined")
    assert data["reason"]["code"] == "newborn_has_case"
    assert "已有一份正在办理的申请" in data["reason"]["text"]
    assert violations(sent.case, contexts.context_of(sent.case)) == []


class Received:
    """陈静 at the office of this node that has the hub's task."""

    def __init__(self, sent: Sent) -> None:
        self.sent = sent
        self.officer = clerk(str(sent.case.tasks[CERTIFICATE].office))

    def decide(self, to: TaskState, **more: object) -> None:
        house = Household(None, self.officer, self.officer, self.sent.now)  # type: ignore[arg-type]
        house.number = self.sent.case.number
        house.decide(self.officer, CERTIFICATE, to, **more)
        self.sent.now = house.now


def test_what_a_clerk_here_decides_is_told_to_the_node_it_came_from(hub: Sent) -> None:
    hub.take(hub.event(CERTIFICATE))
    here = Received(hub)
    here.decide(TaskState.ACCEPTED)
    ((kind, data),) = outbox(hub.id, HUB)
    row = OutboxMessage.objects.get(destination=HUB)
    assert kind == "yijian.task.reported.v1"
    assert data["feedback_id"] == str(row.id)
    assert (data["task_id"], data["state"], data["round"]) == (
        hub.payloads[CERTIFICATE]["task_id"], "accepted", 0,
    )  # fmt: skip
    assert data["office"] == hub.case.tasks[CERTIFICATE].office


def test_the_steps_between_are_told_as_the_last_one(hub: Sent) -> None:
    hub.take(hub.event(CERTIFICATE))
    Received(hub).decide(TaskState.APPROVED)
    assert [data["state"] for _, data in outbox(hub.id, HUB)] == ["approved"]
    holds(hub)


def test_a_correction_goes_up_and_what_the_family_corrected_comes_down(hub: Sent) -> None:
    hub.take(hub.event(CERTIFICATE))
    Received(hub).decide(
        TaskState.CORRECTION_NEEDED, reason="unclear", reason_text="名字看不清",
        correct=("newborn_name",),
    )  # fmt: skip
    ((_, data),) = outbox(hub.id, HUB)
    assert (data["state"], data["fields"]) == ("correction_needed", ["newborn_name"])
    fields = {**hub.payloads[CERTIFICATE]["fields"], "newborn_name": "李大满"}
    corrected = hub.event(CERTIFICATE, "corrected", round=1, fields=fields)
    assert hub.take(corrected) == [("applied", "")]
    task = hub.case.tasks[CERTIFICATE]
    assert (task.state, task.round) == (TaskState.IN_REVIEW, 1)
    assert hub.case.answers["newborn_name", 1].value == "李大满"
    assert hub.take(hub.event(CERTIFICATE, "corrected", round=1, fields=fields)) == [
        ("duplicate", "")
    ]
    assert len(outbox(hub.id, HUB)) == 1
    holds(hub)


def test_a_lost_correction_is_made_up_for_by_the_next_picture(hub: Sent) -> None:
    hub.take(hub.event(CERTIFICATE))
    assert hub.take(hub.event(CERTIFICATE, "corrected", round=2)) == [("applied", "")]
    task = hub.case.tasks[CERTIFICATE]
    assert (task.state, task.round) == (TaskState.QUEUED, 2)
    assert hub.take(hub.event(CERTIFICATE)) == [("duplicate", "")]
    holds(hub)


def test_what_goes_on_here_stays_on_the_way_it_came(hub: Sent) -> None:
    hub.take(hub.event(CARD, office="340100HR"))
    OfficeRow.objects.filter(code="340100HR").update(channel="desk", participant=None)
    contexts.forget()
    assert hub.take(hub.event(CARD, "corrected", round=2)) == [("applied", "")]
    assert [data["intent"] for _, data in outbox(hub.id, "hr-340000")] == [
        "dispatched", f"received-{uuid.UUID(int=hub.numbered)}",
    ]  # fmt: skip


def test_what_the_family_did_upstream_is_known_here(hub: Sent) -> None:
    hub.take(hub.event(CERTIFICATE))
    told = hub.event(CERTIFICATE, "answered-collect_certificate", answered=["collect_certificate"])
    assert hub.take(told) == [("applied", "")]
    assert hub.case.tasks[CERTIFICATE].answered == ("collect_certificate",)
    assert hub.take(told) == [("duplicate", "")]
    holds(hub)


def test_a_withdrawal_that_overtakes_its_task_waits_for_it(hub: Sent) -> None:
    early = hub.withdrawal(CARD)
    assert hub.take(early, hub.closing()) == [("parked", "task_not_here")] * 2
    hub.take(hub.event(CERTIFICATE))
    assert hub.take(early) == [("parked", "task_not_here")]
    hub.take(hub.event(CARD, office="340100HR"))
    assert hub.take(early) == [("applied", "")]


def test_a_familys_own_case_cannot_begin_beside_the_one_that_came(
    family: Household, hub_of_it: Sent
) -> None:
    hub_of_it.take(hub_of_it.event(CERTIFICATE))
    family.open().answer()
    assert family.case.checks["delivery"].state is CheckState.CONFLICT
    assert family.case.newborns == 0


def test_a_departments_report_goes_up_in_the_same_commit(hub: Sent) -> None:
    hub.take(hub.event(CARD, office="340100HR"))
    Partner.objects.create(code="hr-340000", public_key=KEY, items=["social_security_card"])
    task = uuid.UUID(str(hub.payloads[CARD]["task_id"]))
    said = Feedback("f1", task, TaskState.ACCEPTED, hub.now, 0)
    (outcome,) = feedback.receive("hr-340000", [said], now=hub.now)
    assert outcome.outcome == "applied"
    ((kind, data),) = outbox(hub.id, HUB)
    assert (kind, data["state"]) == ("yijian.task.reported.v1", "accepted")
    assert data["feedback_id"] != "f1", "its own id, for ever"
    assert feedback.receive("hr-340000", [said], now=hub.now)[0].outcome == "duplicate"
    assert len(outbox(hub.id, HUB)) == 1


def test_paper_and_parcel_of_a_result_are_kept_where_it_is_issued(hub: Sent) -> None:
    hub.take(hub.event(CERTIFICATE))
    item = contexts.context_of(hub.case).pack.items["birth_certificate"]
    by_kind = {"text": "Y340000001", "date": "2026-11-21"}
    result = {field.id: by_kind[field.kind.value] for field in item.results if field.required}
    Received(hub).decide(TaskState.COMPLETED, result=result)
    assert hub.case.tasks[CERTIFICATE].state is TaskState.COMPLETED
    assert SheetRow.objects.filter(case_id=hub.id).count() == 3
    assert ParcelRow.objects.get(case_id=hub.id).state == "ready"
    reported = [data for kind, data in outbox(hub.id, HUB) if kind == "yijian.task.reported.v1"]
    assert [data["state"] for data in reported] == ["completed"]
    assert reported[0]["result"] == {**result, **reported[0]["result"]}
    assert NotificationRow.objects.count() == 0
    holds(hub)


def test_a_case_that_was_forgotten_here_takes_nothing_in_any_more(hub: Sent) -> None:
    hub.take(hub.event(CERTIFICATE), hub.withdrawal(CERTIFICATE), hub.closing())
    forgetting.forget(number=hub.case.number, now=hub.now)
    assert hub.take(hub.event(CARD), hub.closing()) == [("refused", "case_forgotten")] * 2


def test_a_family_that_gave_up_upstream_and_applies_again_is_not_declined(hub: Sent) -> None:
    hub.take(hub.event(CERTIFICATE), hub.withdrawal(CERTIFICATE))
    case_id = uuid.uuid4()
    again = {
        **hub.payloads[CERTIFICATE], "case_id": str(case_id),
        "case_number": "34000020261121S999999",
        "task_id": str(task_id(case_id, CERTIFICATE)),
    }  # fmt: skip
    second = Sent({CERTIFICATE: again}, hub.now, numbered=500)
    assert second.take(second.event(CERTIFICATE)) == [("applied", "")]
    assert second.case.tasks[CERTIFICATE].state is TaskState.QUEUED


def test_the_upstream_does_not_move_a_parcel_that_lies_here(hub: Sent) -> None:
    hub.take(hub.event(CERTIFICATE))
    task = hub.payloads[CERTIFICATE]["task_id"]
    moved = {"task_id": task, "state": "delivered", "option": "collect", "order": 0}
    moved["at"] = hub.now.isoformat()
    assert hub.take(hub.message(PARCEL_MOVED, moved)) == [("refused", "unknown_task")]


@pytest.mark.parametrize(
    ("name", "value"),
    [("answered", ["赵敏"]), ("applicant", "赵敏"), ("intent", "赵 敏"), ("channel", "赵敏")],
)
def test_a_word_that_the_policy_does_not_know_never_becomes_public(
    hub: Sent, name: str, value: object
) -> None:
    assert hub.take(hub.event(CERTIFICATE, **{name: value})) == [("refused", "wrong_data")]

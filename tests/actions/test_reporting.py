"""The node that gave a task away: what it sends, what it makes of the answers, what it leaves."""

import uuid
from typing import Any

import pytest

from tests.actions.cast import CERTIFICATE, Household
from tests.actions.cast_nodes import neighbour, outbox
from yijian.actions import contexts
from yijian.actions.receiving import receive_events
from yijian.domain.envelopes import CASE_CLOSED, TASK_REPORTED, TASK_ROUTED, CloudEvent, source_of
from yijian.domain.events import TaskKey
from yijian.domain.invariants import violations
from yijian.domain.states import UNDER_WAY, Stage, TaskState
from yijian.records import journal
from yijian.records.models import InboxMessage, OfficeRow, ParcelRow, SheetRow

pytestmark = pytest.mark.django_db
PROVINCE = "province"


@pytest.fixture
def given_away(family: Household) -> Household:
    """Every office acts at the province's node."""
    items = list(contexts.current_pack().items)
    neighbour(PROVINCE, *items)
    OfficeRow.objects.update(channel="node", participant=PROVINCE)
    contexts.forget()
    return family.submit()


def said(family: Household, type: str, sender: str, **data: object) -> tuple[str, str]:
    event = CloudEvent(str(uuid.uuid4()), source_of(sender), type, family.now, "", data)
    (taken,) = receive_events(sender, [event], now=family.now)
    return taken.outcome, taken.code


def report(
    family: Household, key: TaskKey, state: TaskState, sender: str = PROVINCE, **more: Any
) -> tuple[str, str]:
    data: dict[str, object] = {
        "feedback_id": "x", "task_id": str(family.task(key)), "state": state.value,
        "round": family.case.tasks[key].round, "at": family.now.isoformat(),
    }  # fmt: skip
    return said(family, TASK_REPORTED, sender, **{**data, **more})


def issued(family: Household, **more: Any) -> tuple[str, str]:
    item = contexts.context_of(family.case).pack.items["birth_certificate"]
    by_kind = {"text": "Y340000001", "date": "2026-11-21"}
    result = {field.id: by_kind[field.kind.value] for field in item.results if field.required}
    return report(family, CERTIFICATE, TaskState.COMPLETED, result=result, **more)


def test_a_node_is_sent_everything_it_needs_and_nothing_its_item_does_not_list(
    given_away: Household,
) -> None:
    sent = dict(
        (data["item"], data) for kind, data in outbox(given_away.id, PROVINCE) if data.get("item")
    )
    payload = sent["birth_certificate"]
    case, context = given_away.case, contexts.context_of(given_away.case)
    assert payload["case_id"] == case.id
    assert payload["pack"] == {
        "code": case.pack, "version": case.pack_version, "digest": case.pack_digest,
    }  # fmt: skip
    assert (payload["newborns"], payload["intent"]) == (1, "dispatched")
    assert set(payload["fields"]) <= set(context.pack.items["birth_certificate"].payload)
    assert "newborn_born_at" in payload["verified"]
    assert "newborn_name" not in payload["verified"]


def test_a_nodes_report_moves_the_task_and_its_paper_stays_at_the_node(
    given_away: Household,
) -> None:
    assert issued(given_away) == ("applied", "")
    task = given_away.case.tasks[CERTIFICATE]
    assert task.state is TaskState.COMPLETED
    assert not SheetRow.objects.exists()
    assert not ParcelRow.objects.exists()
    assert outbox(given_away.id, "courier") == []
    assert violations(given_away.case, contexts.context_of(given_away.case)) == []
    assert journal.replay(given_away.case).tasks == given_away.case.tasks


def test_a_report_told_again_under_another_id_changes_nothing(given_away: Household) -> None:
    assert report(given_away, CERTIFICATE, TaskState.ACCEPTED) == ("applied", "")
    version = given_away.case.version
    assert report(given_away, CERTIFICATE, TaskState.ACCEPTED) == ("duplicate", "")
    assert given_away.case.version == version


def test_a_report_of_a_node_that_does_not_have_the_task_changes_nothing(
    given_away: Household,
) -> None:
    neighbour("stranger", "birth_certificate")
    version = given_away.case.version
    assert report(given_away, CERTIFICATE, TaskState.ACCEPTED, sender="stranger") == (
        "refused", "unknown_task",
    )  # fmt: skip
    assert said(
        given_away, TASK_ROUTED, "stranger", task_id=str(given_away.task(CERTIFICATE)),
        office="340100ZW",
    ) == ("refused", "unknown_task")  # fmt: skip
    assert given_away.case.version == version


@pytest.mark.parametrize(
    "wrong",
    [{"state": "queued"}, {"round": "0"}, {"at": "now"}, {"result": []}, {"task_id": "7"}],
)
def test_a_report_that_cannot_be_read_is_refused(
    given_away: Household, wrong: dict[str, object]
) -> None:
    version = given_away.case.version
    data = {
        "task_id": str(given_away.task(CERTIFICATE)), "round": 0, "state": "accepted",
        "at": given_away.now.isoformat(),
    }  # fmt: skip
    assert said(given_away, TASK_REPORTED, PROVINCE, **{**data, **wrong}) == (
        "refused", "wrong_data",
    )  # fmt: skip
    assert given_away.case.version == version


def other_office(family: Household) -> str:
    now = family.case.tasks[CERTIFICATE].office
    directory = contexts.directory()
    kind = contexts.context_of(family.case).pack.items["birth_certificate"].office_kind
    return next(office.code for office in directory.of_kind(kind) if office.code != now)


def routed(family: Household, office: str) -> tuple[str, str]:
    task = str(family.task(CERTIFICATE))
    return said(family, TASK_ROUTED, PROVINCE, task_id=task, office=office)


def test_a_node_moves_a_task_among_its_own_offices(given_away: Household) -> None:
    to = other_office(given_away)
    before = len(outbox(given_away.id, PROVINCE))
    assert routed(given_away, to) == ("applied", "")
    assert given_away.case.tasks[CERTIFICATE].office == to
    assert len(outbox(given_away.id, PROVINCE)) == before, "who says so need not hear it"
    assert routed(given_away, to) == ("duplicate", "")


def test_an_office_that_only_the_node_knows_changes_nothing_here(given_away: Household) -> None:
    office = given_away.case.tasks[CERTIFICATE].office
    assert routed(given_away, "999999XX") == ("applied", "office_not_known_here")
    assert given_away.case.tasks[CERTIFICATE].office == office


def test_a_node_cannot_give_a_task_to_an_office_of_somebody_else(given_away: Household) -> None:
    to = other_office(given_away)
    OfficeRow.objects.filter(code=to).update(channel="desk", participant=None)
    contexts.forget()
    assert routed(given_away, to) == ("refused", "not_an_office")
    assert given_away.case.tasks[CERTIFICATE].office != to


def test_a_report_says_which_office_acted(given_away: Household) -> None:
    to = other_office(given_away)
    assert report(given_away, CERTIFICATE, TaskState.ACCEPTED, office=to) == ("applied", "")
    task = given_away.case.tasks[CERTIFICATE]
    assert (task.office, task.state) == (to, TaskState.ACCEPTED)


def test_when_the_case_is_closed_every_node_that_had_a_part_hears_of_it(
    given_away: Household,
) -> None:
    reason = {"code": "not_here", "text": "不在本地办理"}
    while given_away.case.stage is Stage.SUBMITTED:
        key = next(k for k, t in given_away.case.tasks.items() if t.state in UNDER_WAY)
        assert report(given_away, key, TaskState.DECLINED, reason=reason) == ("applied", "")
    closing = [data for kind, data in outbox(given_away.id, PROVINCE) if kind == CASE_CLOSED]
    case = given_away.case
    assert closing == [{"case_number": case.number, "case_id": case.id}]
    assert not InboxMessage.objects.exists()

"""What clerks do at the desk, with rows: one outcome, ten seconds to take it back."""

from datetime import timedelta

import pytest

from tests.actions import cast
from tests.actions.cast import CARD, CERTIFICATE, REGISTRATION, Household, clerk, clerk_of
from yijian.actions import cases, tasks
from yijian.actions.contexts import context_of
from yijian.actions.tasks import ChangedMeanwhileError
from yijian.domain.context import RefusedError
from yijian.domain.handling import OfficeDecision
from yijian.domain.invariants import violations
from yijian.domain.states import TaskState
from yijian.records import access
from yijian.records.models import AccessEntry, JournalEntry, NotificationRow, OutboxMessage

pytestmark = pytest.mark.django_db
ACCEPTED = OfficeDecision(TaskState.ACCEPTED)


def issue(family: Household) -> None:
    hospital = clerk_of(family, CERTIFICATE)
    number = {"certificate_number": "Y340000001", "issued_on": "2026-11-21"}
    family.decide(hospital, CERTIFICATE, TaskState.COMPLETED, result=_fitting(family, number))


def _fitting(family: Household, values: dict[str, str]) -> dict[str, object]:
    """The result fields that the pack's item asks for, whatever they are called."""
    item = context_of(family.case).pack.items["birth_certificate"]
    by_kind = {"text": values["certificate_number"], "date": values["issued_on"]}
    return {field.id: by_kind[field.kind.value] for field in item.results if field.required}


def test_a_decision_takes_effect_after_ten_seconds_and_not_before(submitted: Household) -> None:
    hospital = clerk_of(submitted, CERTIFICATE)
    held = tasks.decide(
        by=hospital, task_id=submitted.task(CERTIFICATE), version=submitted.version(CERTIFICATE),
        decision=ACCEPTED, now=submitted.now,
    )  # fmt: skip
    assert held.due_at == submitted.now + timedelta(seconds=10)
    assert tasks.apply_due_decisions(now=submitted.now + timedelta(seconds=9)) == 0
    assert submitted.case.tasks[CERTIFICATE].state is TaskState.QUEUED
    assert tasks.apply_due_decisions(now=submitted.now + timedelta(seconds=10)) == 1
    assert submitted.case.tasks[CERTIFICATE].state is TaskState.ACCEPTED


def test_a_decision_taken_back_leaves_no_trace_in_the_case(submitted: Household) -> None:
    hospital = clerk_of(submitted, CERTIFICATE)
    before = submitted.case.version
    held = tasks.decide(
        by=hospital, task_id=submitted.task(CERTIFICATE), version=submitted.version(CERTIFICATE),
        decision=ACCEPTED, now=submitted.now,
    )  # fmt: skip
    tasks.undo(by=hospital, held_id=held.id, now=submitted.now + timedelta(seconds=5))
    tasks.apply_due_decisions(now=submitted.now + timedelta(seconds=20))
    assert submitted.case.version == before


def test_nobody_takes_back_another_clerks_decision_or_a_late_one(submitted: Household) -> None:
    hospital = clerk_of(submitted, CERTIFICATE)
    colleague = clerk_of(submitted, CERTIFICATE)
    held = tasks.decide(
        by=hospital, task_id=submitted.task(CERTIFICATE), version=submitted.version(CERTIFICATE),
        decision=ACCEPTED, now=submitted.now,
    )  # fmt: skip
    for who, seconds in ((colleague, 1), (hospital, 10)):
        with pytest.raises(RefusedError, match="too_late_to_undo"):
            tasks.undo(by=who, held_id=held.id, now=submitted.now + timedelta(seconds=seconds))


def test_two_clerks_on_one_task_give_one_decision_and_the_other_is_told(
    submitted: Household,
) -> None:
    first, second = clerk_of(submitted, CERTIFICATE), clerk_of(submitted, CERTIFICATE)
    version = submitted.version(CERTIFICATE)
    task = submitted.task(CERTIFICATE)
    tasks.decide(by=first, task_id=task, version=version, decision=ACCEPTED, now=submitted.now)
    with pytest.raises(ChangedMeanwhileError):
        tasks.decide(by=second, task_id=task, version=version, decision=ACCEPTED, now=submitted.now)
    tasks.apply_due_decisions(now=submitted.now + timedelta(seconds=11))
    with pytest.raises(ChangedMeanwhileError) as told:
        tasks.decide(by=second, task_id=task, version=version, decision=ACCEPTED, now=submitted.now)
    assert told.value.state is TaskState.ACCEPTED


def test_another_office_sees_no_task_and_the_refusal_is_logged(submitted: Household) -> None:
    other = clerk("340103510000") if _exists("340103510000") else clerk("340000WJ")
    with pytest.raises(access.Refused):
        tasks.decide(
            by=other, task_id=submitted.task(CERTIFICATE),
            version=submitted.version(CERTIFICATE), decision=ACCEPTED, now=submitted.now,
        )  # fmt: skip


def _exists(code: str) -> bool:
    from yijian.records import people

    return people.directory().office(code) is not None


def test_every_decision_of_a_clerk_leaves_a_line_in_the_access_log(submitted: Household) -> None:
    hospital = clerk_of(submitted, CERTIFICATE)
    submitted.decide(hospital, CERTIFICATE, TaskState.ACCEPTED)
    entry = AccessEntry.objects.filter(case_id=submitted.id).latest("at")
    assert (entry.purpose, entry.shown) == ("handle_task", True)


def test_a_certificate_starts_the_registration_and_tells_both_parents(
    submitted: Household,
) -> None:
    issue(submitted)
    assert submitted.case.tasks[REGISTRATION].state is TaskState.QUEUED
    told = NotificationRow.objects.filter(case_id=submitted.id, template="certificate_issued")
    assert told.exists()
    assert violations(submitted.case, context_of(submitted.case)) == []


def test_a_wrong_certificate_number_is_named_at_once(submitted: Household) -> None:
    hospital = clerk_of(submitted, CERTIFICATE)
    wrong = _fitting(submitted, {"certificate_number": "12345", "issued_on": "2026-11-21"})
    with pytest.raises(RefusedError, match="result_wrong") as refused:
        submitted.decide(hospital, CERTIFICATE, TaskState.COMPLETED, result=wrong)
    assert refused.value.field is not None


def register(family: Household) -> None:
    police = clerk_of(family, REGISTRATION)
    family.decide(police, REGISTRATION, TaskState.APPROVED)
    cases.answer_ask(
        by=family.mother, number=family.number, item="hukou_registration", newborn=1,
        ask="confirm_register_form", now=family.now,
    )  # fmt: skip
    item = context_of(family.case).pack.items["hukou_registration"]
    values = {"text": cast.newborn_id(family), "date": "2026-11-21"}
    result = {field.id: values[field.kind.value] for field in item.results if field.required}
    family.decide(police, REGISTRATION, TaskState.COMPLETED, result=result)


def test_the_citizen_number_sends_the_rest_to_the_departments_systems_once(
    submitted: Household,
) -> None:
    issue(submitted)
    register(submitted)
    waiting = OutboxMessage.objects.filter(case_id=submitted.id)
    assert {row.destination for row in waiting} >= {"hr-340000", "insurance-340000"}
    assert submitted.case.tasks[CARD].state is TaskState.QUEUED
    assert waiting.count() == len({(row.task_id, row.intent) for row in waiting})


def test_a_system_receives_only_the_fields_its_item_lists(submitted: Household) -> None:
    from yijian.records import exchange

    issue(submitted)
    register(submitted)
    (message,) = exchange.claim_messages(
        destination="hr-340000", limit=10, now=submitted.now + timedelta(minutes=1)
    )
    item = context_of(submitted.case).pack.items["social_security_card"]
    assert set(message.payload["fields"]) <= set(item.payload)
    assert message.payload["task_id"] == str(submitted.task(CARD))


def test_a_correction_round_goes_to_the_family_and_back(submitted: Household) -> None:
    hospital = clerk_of(submitted, CERTIFICATE)
    submitted.decide(
        hospital, CERTIFICATE, TaskState.CORRECTION_NEEDED, reason="name",
        reason_text="名字有一个字打不出来", correct=("newborn_name",),
    )  # fmt: skip
    cases.correct_task(
        by=submitted.mother, number=submitted.number, item="birth_certificate", newborn=1,
        answers={("newborn_name", 1): "李小安"}, now=submitted.now,
    )  # fmt: skip
    task = submitted.case.tasks[CERTIFICATE]
    assert (task.state, task.round) == (TaskState.IN_REVIEW, 1)
    assert submitted.case.answers["newborn_name", 1].value == "李小安"


def test_reasons_and_names_never_reach_the_journal(submitted: Household) -> None:
    hospital = clerk_of(submitted, CERTIFICATE)
    submitted.decide(
        hospital, CERTIFICATE, TaskState.DECLINED, reason="mismatch", reason_text="李强名字不符"
    )
    bodies = "".join(
        JournalEntry.objects.filter(case_id=submitted.id).values_list("body", flat=True)
    )
    assert "mismatch" in bodies
    assert "李强" not in bodies


def test_a_batch_holds_each_clean_task_alone(submitted: Household) -> None:
    hospital = clerk_of(submitted, CERTIFICATE)
    versions = {
        submitted.task(CERTIFICATE): submitted.version(CERTIFICATE),
        submitted.task(("vaccination_booklet", 1)): 99,
    }
    outcomes = tasks.approve_batch(by=hospital, versions=versions, now=submitted.now)
    assert [(o.held is not None, o.refused) for o in outcomes] == [
        (True, None),
        (False, "changed_meanwhile"),
    ]


def test_a_certificate_number_of_another_family_is_named_at_once(submitted: Household) -> None:
    issue(submitted)
    other = cast.household(submitted.now, OTHER_FAMILY).submit()
    with pytest.raises(RefusedError, match="result_taken"):
        issue(other)


OTHER_FAMILY = """
title: 另一家
applied_at: 2026-11-21T10:00:00+08:00
mother: {name: 周静, hukou: {division: "340104"}}
father: {name: 吴刚, hukou: {division: "340104"}}
newborns: [{sex: "1", born_at: 2026-11-19T03:27:00+08:00}]
"""

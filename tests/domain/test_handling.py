"""What offices and families may do with tasks, what they may not, and what follows."""

from dataclasses import replace
from itertools import product

import pytest

from tests.domain.cast import NEWBORN_ID, context, field, item, later, submitted, words
from yijian.domain.cases import Case
from yijian.domain.context import Context, RefusedError
from yijian.domain.events import EventKind
from yijian.domain.forms import FormSection
from yijian.domain.handling import (
    AlreadyDoneError,
    OfficeDecision,
    TooLateError,
    answer_ask,
    correct,
    decide,
    transfer,
    withdraw,
)
from yijian.domain.history import apply_all
from yijian.domain.invariants import violations
from yijian.domain.policy import OnRefusal
from yijian.domain.states import ALLOWED, TERMINAL, Actor, Stage, TaskState, path_between

S = TaskState
CERT, REG, CARD = ("certificate", 1), ("registration", 1), ("card", 1)


def act(
    case: Case, key: tuple[str, int], to: TaskState, ctx: Context | None = None, **more
) -> Case:
    decision = OfficeDecision(to, **more)
    return apply_all(case, decide(case, key, decision, "staff:1", ctx or context(), later(hours=1)))


def certified(ctx: Context | None = None, babies: int = 1) -> Case:
    case = submitted(babies, ctx)
    for n in range(1, babies + 1):
        case = act(case, ("certificate", n), S.COMPLETED, ctx, result={"number": f"Y34000000{n}"})
    return case


def confirmed(case: Case) -> Case:
    case = act(case, REG, S.APPROVED)
    return apply_all(
        case, answer_ask(case, REG, "confirm", "mother", "", context(), later(hours=2))
    )


def test_finishing_the_certificate_starts_the_registration_and_nothing_else():
    case = certified()
    assert case.tasks[REG].state is S.QUEUED
    assert case.tasks[REG].office == "P01"
    assert case.tasks[CARD].state is S.WAITING


def test_a_result_becomes_a_fact_of_that_child_alone():
    case = certified(babies=2)
    assert case.verified["certificate_number", 1].value == "Y340000001"
    assert case.verified["certificate_number", 2].value == "Y340000002"


def test_two_children_never_share_a_certificate_number():
    case = act(submitted(2), CERT, S.COMPLETED, result={"number": "Y340000001"})
    with pytest.raises(RefusedError, match="result_taken"):
        act(case, ("certificate", 2), S.COMPLETED, result={"number": "Y340000001"})


def test_an_office_that_reports_only_its_last_state_has_taken_every_step_between():
    moves = [
        event.public["to"]
        for event in decide(
            submitted(),
            CERT,
            OfficeDecision(S.COMPLETED, result={"number": "Y340000001"}),
            "staff:1",
            context(),
            later(hours=1),
        )
        if event.kind is EventKind.TASK_MOVED and event.task == CERT
    ]
    assert moves == ["accepted", "approved", "completed"]


@pytest.mark.parametrize(
    ("number", "code"), [("", "result_missing"), ("y34", "result_wrong"), (None, "result_missing")]
)
def test_a_missing_or_wrong_result_is_refused_and_names_its_field(number, code):
    with pytest.raises(RefusedError) as refused:
        act(submitted(), CERT, S.COMPLETED, result={"number": number})
    assert (refused.value.code, refused.value.field) == (code, "number")


@pytest.mark.parametrize(
    "number", ["34010320261118001X", "340103202611190023", "34010320261118002"]
)
def test_a_citizen_number_that_does_not_fit_the_child_is_refused(number):
    with pytest.raises(RefusedError, match="result_wrong"):
        act(confirmed(certified()), REG, S.COMPLETED, result={"id_number": number})


def test_registration_ends_only_after_the_family_has_confirmed_the_form():
    case = act(certified(), REG, S.APPROVED)
    assert case.tasks[REG].open_asks == ("confirm",)
    with pytest.raises(RefusedError, match="ask_open"):
        act(case, REG, S.COMPLETED, result={"id_number": NEWBORN_ID})
    case = act(confirmed(certified()), REG, S.COMPLETED, result={"id_number": NEWBORN_ID})
    assert case.tasks[REG].state is S.COMPLETED
    assert case.tasks[CARD].state is S.QUEUED


def test_completing_in_one_step_cannot_jump_over_the_confirmation():
    with pytest.raises(RefusedError, match="ask_open"):
        act(certified(), REG, S.COMPLETED, result={"id_number": NEWBORN_ID})


def test_confirming_twice_changes_nothing():
    case = confirmed(certified())
    assert answer_ask(case, REG, "confirm", "mother", "", context(), later(hours=3)) == []


def test_the_case_closes_when_the_last_task_ends():
    case = act(confirmed(certified()), REG, S.COMPLETED, result={"id_number": NEWBORN_ID})
    case = act(case, CARD, S.COMPLETED)
    assert case.stage is Stage.CLOSED
    assert violations(case, context()) == []


def test_a_refused_card_leaves_what_is_done_untouched():
    case = act(confirmed(certified()), REG, S.COMPLETED, result={"id_number": NEWBORN_ID})
    case = act(case, CARD, S.DECLINED, reason="held_elsewhere", reason_text="已在外省申领")
    assert case.tasks[REG].state is S.COMPLETED
    assert case.stage is Stage.CLOSED
    assert case.reasons[CARD] == "已在外省申领"


def test_what_depends_on_a_refused_item_is_handed_over_not_lost():
    case = act(certified(), REG, S.DECLINED, reason="wrong_station")
    assert case.tasks[CARD].state is S.OFFLINE
    assert case.tasks[CARD].reason == "prerequisite_not_met"
    assert case.stage is Stage.CLOSED


def test_stop_remaining_stops_that_childs_tasks_and_no_other_childs():
    ctx = context(
        items={
            "certificate": item(
                "certificate",
                office_kind="hospital",
                office_fact="hospital",
                on_refusal=OnRefusal.STOP_REMAINING,
            ),
            "card": item("card", needs=("certificate",)),
        }
    )
    case = act(submitted(2, ctx), CERT, S.DECLINED, ctx, reason="mismatch")
    assert case.tasks["card", 1].state is S.OFFLINE
    assert case.tasks["card", 2].state is S.WAITING
    assert case.tasks["certificate", 2].state is S.QUEUED


def test_a_refusal_without_a_reason_is_not_a_decision():
    for to in (S.DECLINED, S.OFFLINE, S.CORRECTION_NEEDED):
        with pytest.raises(RefusedError, match="reason_missing"):
            act(submitted(), CERT, to)


def test_a_repeated_decision_changes_nothing():
    case = act(submitted(), CERT, S.ACCEPTED)
    with pytest.raises(AlreadyDoneError):
        act(case, CERT, S.ACCEPTED)


def test_a_late_decision_changes_nothing():
    case = act(submitted(), CERT, S.APPROVED)
    for late in (S.ACCEPTED, S.IN_REVIEW, S.CORRECTION_NEEDED):
        with pytest.raises(TooLateError):
            act(case, CERT, late, reason="x", correct=("newborn_name",))


def test_an_answer_about_an_earlier_round_is_too_late():
    case = act(submitted(), CERT, S.CORRECTION_NEEDED, reason="name", correct=("newborn_name",))
    fixed = {("newborn_name", 1): "李小满"}
    case = apply_all(case, correct(case, CERT, fixed, "mother", "d", context(), later(hours=2)))
    with pytest.raises(TooLateError):
        act(case, CERT, S.CORRECTION_NEEDED, reason="name", correct=("newborn_name",), round=0)
    assert case.tasks[CERT].round == 1


def test_a_correction_stops_the_clock_and_adds_the_lost_working_days():
    case = act(submitted(), CERT, S.CORRECTION_NEEDED, reason="name", correct=("newborn_name",))
    due = case.tasks[CERT].due_at
    events = correct(
        case, CERT, {("newborn_name", 1): "李小满"}, "mother", "d", context(), later(days=4)
    )
    case = apply_all(case, events)
    assert case.answers["newborn_name", 1].value == "李小满"
    assert (case.tasks[CERT].due_at - due).days == 2  # Saturday and Sunday cost nothing


def test_a_correction_may_not_touch_what_was_not_asked():
    case = act(submitted(), CERT, S.CORRECTION_NEEDED, reason="name", correct=("newborn_name",))
    with pytest.raises(RefusedError, match="unknown_field"):
        correct(case, CERT, {("follows", 0): "mother"}, "mother", "d", context(), later(days=1))


def test_an_office_cannot_ask_the_family_to_correct_what_a_register_says():
    form = (FormSection("b", words("宝宝"), "name", (field("newborn_sex"),)),)
    ctx = context(form=(*context().pack.form, *form))
    with pytest.raises(RefusedError, match="registers_value"):
        act(submitted(), CERT, S.CORRECTION_NEEDED, ctx, reason="x", correct=("newborn_sex",))


def test_an_office_cannot_ask_to_correct_what_is_not_on_the_form():
    with pytest.raises(RefusedError, match="unknown_field"):
        act(submitted(), CERT, S.CORRECTION_NEEDED, reason="x", correct=("newborn_sex",))


def test_a_place_without_an_office_waits_for_a_person_and_then_starts_its_clock():
    ctx = context()
    empty = replace(ctx, directory=replace(ctx.directory, offices=ctx.directory.offices[1:]))
    case = submitted(1, empty)
    assert case.tasks[CERT].unrouted
    assert case.tasks[CERT].due_at is None
    case = apply_all(case, transfer(case, CERT, "H01", "staff:9", ctx, later(hours=3)))
    assert case.tasks[CERT].office == "H01"
    assert case.tasks[CERT].due_at is not None


def test_a_task_moves_only_to_an_office_of_its_kind():
    case = submitted()
    with pytest.raises(RefusedError, match="not_an_office"):
        transfer(case, CERT, "P01", "staff:9", context(), later(hours=1))


def test_withdrawing_ends_what_has_not_begun_and_keeps_what_is_done():
    case = certified()
    case = apply_all(case, withdraw(case, "mother", context(), later(hours=2)))
    assert case.tasks[CERT].state is S.COMPLETED
    assert case.tasks[REG].state is S.WITHDRAWN
    assert case.stage is Stage.CLOSED


def test_what_is_in_review_can_no_longer_be_withdrawn():
    case = act(submitted(), CERT, S.IN_REVIEW)
    case = apply_all(case, withdraw(case, "mother", context(), later(hours=2)))
    assert case.tasks[CERT].state is S.IN_REVIEW
    with pytest.raises(RefusedError, match="too_late_to_withdraw"):
        withdraw(case, "mother", context(), later(hours=3))


def test_an_exempt_item_is_not_needed_and_says_why():
    case = submitted(items=("claim",))
    assert case.tasks["claim", 0].state is S.NOT_NEEDED
    assert case.tasks["claim", 0].reason == "settled"


@pytest.mark.parametrize(("before", "after"), list(product(S, S)))
def test_every_step_of_an_office_is_in_the_table_or_is_refused(before, after):
    case = submitted()
    task = replace(case.tasks[CERT], state=before)
    case = replace(case, tasks={**case.tasks, CERT: task})
    decision = OfficeDecision(
        after, reason="r", correct=("newborn_name",), result={"number": "Y340000001"}
    )
    try:
        events = decide(case, CERT, decision, "staff:1", context(), later(hours=1))
    except (AlreadyDoneError, TooLateError, RefusedError):
        path = path_between(before, after)
        assert path is None or (before is S.CORRECTION_NEEDED and after is S.IN_REVIEW)
        return
    moved = [e for e in events if e.kind is EventKind.TASK_MOVED and e.task == CERT]
    steps = [(S(e.public["from"]), S(e.public["to"])) for e in moved]
    assert steps[0][0] is before
    assert steps[-1][1] is after
    assert all(ALLOWED[step].by is Actor.OFFICE for step in steps)
    assert before not in TERMINAL

"""Work orders: every step of the table and no other; deadlines on working days."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

import pytest

from tests.domain.cast import CALENDAR, NOW
from yijian.domain.clocks import SHANGHAI, end_of
from yijian.domain.context import RefusedError
from yijian.domain.ratings import OrderLimits
from yijian.domain.work_orders import (
    MOST_ROUNDS,
    ORDER_STEPS,
    OrderActor,
    OrderKind,
    OrderState,
    OrderStep,
    WorkOrder,
    allowed,
    days_late,
    deadlines,
    extended_until,
    step_of,
)

LIMITS = OrderLimits(1, 5, 15)
FULL = {
    "office": "H01", "reason": "理由", "reply": "答复", "finding": "founded",
    "outcome": "satisfied",
}  # fmt: skip


def order(state: OrderState, kind: OrderKind = OrderKind.BAD_RATING, **more: object) -> WorkOrder:
    made = WorkOrder(kind, state, NOW, NOW, NOW, handler="H01")
    return replace(made, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", OrderKind)
@pytest.mark.parametrize("actor", OrderActor)
@pytest.mark.parametrize("state", OrderState)
def test_no_step_exists_but_those_of_the_table(
    state: OrderState, actor: OrderActor, kind: OrderKind
) -> None:
    now = order(state, kind)
    names = {step.name for step in allowed(now, actor)}
    table = {s.name for s in ORDER_STEPS if s.before is state and s.by is actor}
    assert names <= table
    for name in {step.name for step in ORDER_STEPS} - names:
        with pytest.raises(RefusedError, match="step_not_allowed"):
            step_of(now, name, actor, FULL)
    for name in names:
        assert step_of(now, name, actor, FULL).before is state


def test_every_state_is_reached_and_only_the_last_one_has_no_way_on() -> None:
    reached = {step.after for step in ORDER_STEPS} | {OrderState.NEW}
    assert reached == set(OrderState)
    left = {step.before for step in ORDER_STEPS}
    assert set(OrderState) - left == {OrderState.CLOSED}


@pytest.mark.parametrize("kind", [OrderKind.BAD_RATING, OrderKind.COMPLAINT])
def test_a_bad_rating_and_a_complaint_are_never_closed_without_a_call_back(
    kind: OrderKind,
) -> None:
    closing = [
        step.before
        for state in OrderState
        for step in allowed(order(state, kind), OrderActor.DESK)
        if step.after is OrderState.CLOSED
    ]
    assert closing == [OrderState.CALLED_BACK]
    question = order(OrderState.ANSWERED, OrderKind.QUESTION)
    assert "close" in {step.name for step in allowed(question, OrderActor.DESK)}


@pytest.mark.parametrize("step", ORDER_STEPS, ids=lambda step: f"{step.before}-{step.name}")
def test_a_step_without_what_it_needs_is_refused(step: OrderStep) -> None:
    kind = OrderKind.QUESTION if step.name == "reply" else OrderKind.BAD_RATING
    now = order(step.before, kind, outcome="unsatisfied")
    for need in step.needs:
        for nothing in ("", "  "):
            with pytest.raises(RefusedError, match=f"{need}_missing"):
                step_of(now, step.name, step.by, {**FULL, need: nothing})


@pytest.mark.parametrize(("name", "what"), [("answer", "finding"), ("call_back", "outcome")])
def test_findings_and_outcomes_are_codes_that_exist(name: str, what: str) -> None:
    state = OrderState.IN_HAND if name == "answer" else OrderState.ANSWERED
    actor = OrderActor.HANDLER if name == "answer" else OrderActor.DESK
    with pytest.raises(RefusedError, match=f"{what}_missing"):
        step_of(order(state), name, actor, {**FULL, what: "invented"})


def test_an_order_is_extended_once() -> None:
    once = order(OrderState.IN_HAND)
    assert "extend" in {step.name for step in allowed(once, OrderActor.HANDLER)}
    again = replace(once, extended=True)
    assert "extend" not in {step.name for step in allowed(again, OrderActor.HANDLER)}


def test_only_what_did_not_satisfy_is_done_again_and_not_for_ever() -> None:
    back = order(OrderState.CALLED_BACK, outcome="unsatisfied")
    assert "redo" in {step.name for step in allowed(back, OrderActor.DESK)}
    for other in (replace(back, outcome="satisfied"), replace(back, rounds=MOST_ROUNDS)):
        assert "redo" not in {step.name for step in allowed(other, OrderActor.DESK)}


def test_a_complaint_is_not_appealed_against() -> None:
    complaint = order(OrderState.IN_HAND, OrderKind.COMPLAINT)
    assert "appeal" not in {step.name for step in allowed(complaint, OrderActor.HANDLER)}


def test_deadlines_run_on_working_days() -> None:
    friday = datetime(2026, 11, 20, 16, 0, tzinfo=SHANGHAI)
    assign, finish = deadlines(friday, LIMITS, CALENDAR)
    assert (assign, finish) == (end_of(date(2026, 11, 23)), end_of(date(2026, 11, 27)))
    assert extended_until(finish, LIMITS, CALENDAR) == end_of(date(2026, 12, 11))
    assert extended_until(finish, OrderLimits(1, 5, 5), CALENDAR) == finish


@pytest.mark.parametrize(
    ("day", "late"), [(27, 0), (28, 0), (29, 0), (30, 1)]
)  # The 27th is a Friday.
def test_days_late_are_working_days_after_the_last_one(day: int, late: int) -> None:
    due = end_of(date(2026, 11, 27))
    moment = datetime(2026, 11, day, 10, 0, tzinfo=SHANGHAI)
    assert days_late(due, moment, NOW, CALENDAR) == late
    assert days_late(due, None, moment, CALENDAR) == late

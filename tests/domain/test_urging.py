"""When so much of a task's time is used up that somebody must be told."""

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.domain.cast import BASIS, CALENDAR
from yijian.domain.clocks import SHANGHAI, due_for, end_of, resumed
from yijian.domain.policy import Escalation, Limit
from yijian.domain.urging import (
    latest_due,
    light,
    next_hour,
    order_warned_at,
    step_reached,
    warned_at,
)

STEPS = (Escalation("reminder", 80, ("clerk",)), Escalation("escalated", 100, ("supervisor",)))


def limit(**more: int) -> Limit:
    return Limit(BASIS, date(2020, 1, 1), **more)


def at(day: int, hour: int = 9, minute: int = 0, month: int = 11) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=SHANGHAI)


def warned(rule: Limit, start: datetime, percent: int = 80) -> datetime:
    due = due_for(rule, start, CALENDAR).at
    return warned_at(due, rule, start, percent, CALENDAR)


def test_of_five_working_days_four_are_over_before_the_last_one():
    assert warned(limit(workdays=5), at(16)) == end_of(date(2026, 11, 20))  # due Monday the 23rd


def test_a_part_of_a_working_day_is_counted_back_from_its_end():
    assert warned(limit(workdays=2), at(17)) == at(19, 14, 24)


def test_hours_and_calendar_days_run_evenly():
    assert warned(limit(hours=10), at(20, 8)) == at(20, 16)
    assert warned(limit(days=10), at(1)) == end_of(date(2026, 11, 9))


def test_an_order_counts_the_working_days_of_its_turn_back_from_its_deadline():
    due = end_of(date(2026, 11, 20))  # Five working days after Friday the 13th.
    assert order_warned_at(due, 5, 80, CALENDAR) == end_of(date(2026, 11, 19))
    assert order_warned_at(due, 5, 100, CALENDAR) == due
    longer = end_of(date(2026, 11, 27))
    assert order_warned_at(longer, 10, 80, CALENDAR) == end_of(date(2026, 11, 25))


def test_the_whole_time_is_used_up_at_the_deadline_itself():
    rule = limit(workdays=3)
    assert warned(rule, at(16), 100) == due_for(rule, at(16), CALENDAR).at


def test_a_pause_never_brings_the_reminder_nearer():
    rule = limit(workdays=5)
    due = due_for(rule, at(2), CALENDAR).at
    later = resumed(due, at(4), at(18), CALENDAR)  # ten working days stood still
    assert warned_at(due, rule, at(2), 80, CALENDAR) == end_of(date(2026, 11, 6))
    assert warned_at(later, rule, at(2), 80, CALENDAR) == end_of(date(2026, 11, 20))


def test_a_limit_nobody_knows_any_more_counts_the_time_since_the_start():
    assert warned_at(at(20), None, at(10), 80, CALENDAR) == at(18)


@pytest.mark.parametrize(
    ("now", "colour"),
    [(at(20, 23), "green"), (at(21, 1), "yellow"), (at(23, 23), "yellow"), (at(24, 0), "red")],
)
def test_a_light_changes_when_the_policy_has_somebody_told(now: datetime, colour: str):
    rule = limit(workdays=5)
    due = due_for(rule, at(16), CALENDAR).at
    # By the hours of the clock four fifths would be over in the middle of the weekend.
    assert light(STEPS, due, rule, at(16), CALENDAR, now) == colour
    assert light(STEPS, None, rule, at(16), CALENDAR, now) == "green"


@given(
    days=st.integers(0, 40),
    start=st.integers(0, 400),
    spent=st.integers(0, 60 * 24),
    share=st.integers(1, 100),
)
def test_no_task_is_overlooked_by_the_bound_of_the_search(days, start, spent, share):
    rule, begins = limit(workdays=days), at(5, month=1) + timedelta(hours=start)
    due = due_for(rule, begins, CALENDAR).at
    now = begins + timedelta(hours=spent)
    if warned_at(due, rule, begins, share, CALENDAR) <= now:
        assert due <= latest_due(rule, share, CALENDAR, now)


@pytest.mark.parametrize(
    ("now", "step"),
    [
        (at(20, 23), None),
        (at(21, 1), "reminder"),
        (at(23, 23), "reminder"),
        (at(24, 0), "escalated"),
    ],
)
def test_the_last_step_reached_is_the_one_that_is_told(now, step):
    rule = limit(workdays=5)
    due = due_for(rule, at(16), CALENDAR).at
    found = step_reached(STEPS, due, rule, at(16), CALENDAR, now)
    assert (found.id if found else None) == step


def test_a_text_message_waits_for_the_morning():
    assert next_hour(at(20, 0, 5), 8, 20) == at(20, 8)
    assert next_hour(at(20, 21), 8, 20) == at(21, 8)
    assert next_hour(at(20, 12), 8, 20) == at(20, 12)

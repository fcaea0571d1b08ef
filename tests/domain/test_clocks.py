"""Working days, hours, pauses and lights."""

from datetime import date, datetime, timedelta

import pytest

from tests.domain.cast import BASIS, CALENDAR, NOW
from yijian.domain.clocks import (
    SHANGHAI,
    UnknownCalendarError,
    due_for,
    due_light,
    end_of,
    resumed,
)
from yijian.domain.policy import Limit


def limit(**more: int) -> Limit:
    return Limit(BASIS, date(2020, 1, 1), **more)


def at(day: int, hour: int = 9, month: int = 11) -> datetime:
    return datetime(2026, month, day, hour, tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("start", "workdays", "last"),
    [
        (at(20), 1, date(2026, 11, 23)),  # Friday: the weekend does not count
        (at(21), 1, date(2026, 11, 23)),  # Saturday
        (at(23), 2, date(2026, 11, 25)),
        (at(9, month=10), 1, date(2026, 10, 10)),  # a Saturday worked to make up for a holiday
        (at(31, month=12), 1, date(2027, 1, 4)),  # New Year, then a weekend
    ],
)
def test_the_day_of_the_start_is_not_counted(start, workdays, last):
    assert due_for(limit(workdays=workdays), start, CALENDAR).at == end_of(last)


def test_a_deadline_in_a_year_without_a_notice_is_provisional():
    assert due_for(limit(workdays=1), at(31, month=12), CALENDAR).provisional
    assert not due_for(limit(workdays=1), at(20), CALENDAR).provisional


def test_hours_run_through_weekends():
    assert due_for(limit(hours=8), at(21, 22), CALENDAR).at == at(22, 6)


def test_calendar_days_end_with_the_last_day():
    assert due_for(limit(days=30), at(1), CALENDAR).at == end_of(date(2026, 12, 1))


def test_a_deadline_beyond_the_calendar_is_an_error_not_a_guess():
    with pytest.raises(UnknownCalendarError):
        due_for(limit(workdays=2000), NOW, CALENDAR)


def test_a_limit_without_a_length_is_an_error():
    with pytest.raises(ValueError, match="workdays"):
        due_for(limit(), NOW, CALENDAR)


def test_a_pause_within_one_day_adds_nothing():
    due = due_for(limit(workdays=2), at(20), CALENDAR).at
    assert resumed(due, at(20, 10), at(20, 17), CALENDAR) == due


def test_a_pause_over_a_weekend_adds_only_the_working_days():
    due = due_for(limit(workdays=2), at(20), CALENDAR).at
    assert resumed(due, at(20), at(24), CALENDAR) == due + timedelta(days=2)


@pytest.mark.parametrize(
    ("hours", "light"), [(0, "green"), (7, "green"), (8, "yellow"), (9, "yellow"), (10, "red")]
)
def test_the_light_turns_yellow_in_the_last_fifth_and_red_at_the_end(hours, light):
    now = NOW + timedelta(hours=hours)
    assert due_light(NOW + timedelta(hours=10), NOW, now) == light

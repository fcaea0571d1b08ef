"""The calendar of the base: announced years, make-up days, provisional years."""

from datetime import date

from tests.packs.edited import PACKS, SMALL, TOWN
from yijian.packs import calendar


def test_the_national_holiday_of_2026_is_off_and_its_make_up_day_is_worked() -> None:
    days = calendar.load(PACKS)
    assert not days.is_workday(date(2026, 10, 1))
    assert days.is_workday(date(2026, 10, 10))
    assert days.after(date(2026, 9, 30), 1) == date(2026, 10, 8)


def test_years_without_a_notice_are_provisional() -> None:
    days = calendar.load(PACKS)
    assert not days.is_provisional(date(2026, 12, 31))
    assert days.is_provisional(date(2027, 1, 4))
    small = calendar.load_for(SMALL, TOWN)
    assert not small.is_workday(date(2027, 1, 1))
    assert small.is_provisional(date(2027, 1, 1))


def test_every_year_since_2020_is_announced_without_a_gap() -> None:
    assert set(range(2020, 2027)) <= calendar.load(PACKS).announced

"""医保待遇: from which day a newborn is covered once its premium is paid."""

from dataclasses import dataclass
from datetime import date, timedelta

from yijian.domain.policy import InsuranceRule


@dataclass(frozen=True, slots=True)
class Coverage:
    """A newborn's cover for one premium year: both days included."""

    year: int
    from_on: date
    until_on: date


def last_day_for_birth_cover(rule: InsuranceRule, born_on: date) -> date:
    """The last day on which paying still gives cover from birth; the birth day is not counted."""
    return born_on + timedelta(days=rule.deadline_days)


def payable_years(rule: InsuranceRule, born_on: date) -> tuple[int, ...]:
    """The premium years a family may pay: the birth year, and the next for late-year births."""
    if rule.two_years_from <= (born_on.month, born_on.day) <= rule.two_years_until:
        return (born_on.year, born_on.year + 1)
    return (born_on.year,)


def coverage(rule: InsuranceRule, born_on: date, paid_on: date, year: int) -> Coverage:
    """The cover that paying `year`'s premium on `paid_on` gives a child born on `born_on`.

    Errors: ValueError for a payment before the birth or an unknown late rule.
    """
    if paid_on < born_on:
        raise ValueError("a premium cannot be paid before the birth")
    until_on = date(year, 12, 31)
    if year > born_on.year and paid_on < date(year, 1, 1):
        return Coverage(year, date(year, 1, 1), until_on)
    if paid_on <= last_day_for_birth_cover(rule, born_on):
        return Coverage(year, max(born_on, date(year, 1, 1)), until_on)
    starts = {
        "payment_day": paid_on,
        "next_day": paid_on + timedelta(days=1),
        "next_month_first": (paid_on.replace(day=1) + timedelta(days=32)).replace(day=1),
    }
    if rule.late not in starts:
        raise ValueError(f"unknown late rule {rule.late!r}")
    return Coverage(year, starts[rule.late], until_on)

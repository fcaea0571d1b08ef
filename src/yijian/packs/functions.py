"""表达式函数: what conditions can call beside CEL's own functions; days are Asia/Shanghai days."""

from calendar import monthrange
from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

from yijian.domain.clocks import SHANGHAI, local_day
from yijian.domain.names import surname
from yijian.domain.numbers import citizen_id_fault


def midnight(day: date) -> datetime:
    """The first moment of `day` in Asia/Shanghai."""
    return datetime.combine(day, time(), tzinfo=SHANGHAI)


def date_of(text: str) -> datetime:
    """The midnight of an ISO date."""
    return midnight(date.fromisoformat(text))


def days_between(start: datetime, end: datetime) -> int:
    """Calendar days from `start` to `end`; negative when `end` is earlier."""
    return (local_day(end) - local_day(start)).days


def months_between(start: datetime, end: datetime) -> int:
    """Whole months from `start` to `end`; the end of a short month completes a month."""
    first, last = local_day(start), local_day(end)
    if last < first:
        return -months_between(end, start)
    months = (last.year - first.year) * 12 + last.month - first.month
    return months if later(first, months) <= last else months - 1


def years_between(start: datetime, end: datetime) -> int:
    """Whole years from `start` to `end`."""
    months = months_between(start, end)
    return months // 12 if months >= 0 else -(-months // 12)


def year_of(moment: datetime) -> int:
    """The year in Asia/Shanghai."""
    return local_day(moment).year


def add_days(moment: datetime, days: int) -> datetime:
    """The midnight `days` days after the day of `moment`."""
    return midnight(local_day(moment) + timedelta(days=days))


def add_months(moment: datetime, months: int) -> datetime:
    """The midnight `months` months after the day of `moment`, at the latest the month's end."""
    return midnight(later(local_day(moment), months))


def id_valid(number: str) -> bool:
    """Whether a citizen ID number has its form, a real birth date and the right check character."""
    return citizen_id_fault(number, date.max) is None


def later(day: date, months: int) -> date:
    """The same day `months` later, or the last day of that month when it has no such day."""
    count = day.year * 12 + day.month - 1 + months
    year, month = count // 12, count % 12 + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))


FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    "date": date_of,
    "days_between": days_between,
    "months_between": months_between,
    "years_between": years_between,
    "year_of": year_of,
    "add_days": add_days,
    "add_months": add_months,
    "id_valid": id_valid,
    "surname": surname,
}

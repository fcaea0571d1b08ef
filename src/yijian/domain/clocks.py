"""时限: working-day and hour clocks over a dated calendar, with provisional years flagged."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

from yijian.domain.policy import Limit

SHANGHAI = ZoneInfo("Asia/Shanghai")
HORIZON_YEARS = 2
"""How many unannounced years after the last announced one a deadline may reach."""


class UnknownCalendarError(ValueError):
    """A date lies beyond the calendar; import the holiday notice of that year."""


@dataclass(frozen=True)
class Calendar:
    """工作日历: which days are working days.

    `exceptions` maps a date to whether it is a working day where it differs from "Monday to Friday
    are". `announced` holds the years whose holiday notice is imported; every other year follows
    `exceptions` as a provisional guess.
    """

    exceptions: Mapping[date, bool]
    announced: frozenset[int]

    @cached_property
    def _workdays(self) -> tuple[date, ...]:
        day = date(min(self.announced), 1, 1)
        end = date(max(self.announced) + HORIZON_YEARS, 12, 31)
        days = []
        while day <= end:
            if self.exceptions.get(day, day.weekday() < 5):
                days.append(day)
            day += timedelta(days=1)
        return tuple(days)

    def with_year(self, year: int, off: Iterable[date], worked: Iterable[date]) -> "Calendar":
        """The calendar with the announced days of one year, in place of what it said of it."""
        kept = {day: works for day, works in self.exceptions.items() if day.year != year}
        said = dict.fromkeys(off, False) | dict.fromkeys(worked, True)
        return Calendar({**kept, **said}, self.announced | {year})

    def is_workday(self, day: date) -> bool:
        """Whether offices work on `day`."""
        return self.exceptions.get(day, day.weekday() < 5)

    def is_provisional(self, day: date) -> bool:
        """Whether the year of `day` has no imported holiday notice yet."""
        return day.year not in self.announced

    def after(self, day: date, workdays: int) -> date:
        """The `workdays`-th working day after `day`; `day` itself is not counted."""
        if workdays <= 0:
            raise ValueError(f"workdays must be positive, not {workdays}")
        index = bisect_right(self._workdays, day) + workdays - 1
        if day < self._workdays[0] or index >= len(self._workdays):
            raise UnknownCalendarError(f"the calendar does not reach {workdays} days after {day}")
        return self._workdays[index]

    def before(self, day: date, workdays: int) -> date:
        """The `workdays`-th working day before the last one up to `day`; 0 is that day itself."""
        index = bisect_right(self._workdays, day) - 1 - workdays
        if index < 0:
            raise UnknownCalendarError(f"the calendar does not reach {workdays} days before {day}")
        return self._workdays[index]

    def between(self, start: date, end: date) -> int:
        """How many working days lie after `start` up to and including `end`."""
        return bisect_right(self._workdays, end) - bisect_right(self._workdays, start)

    def first_from(self, day: date) -> date:
        """The first working day on or after `day`."""
        return self._workdays[bisect_left(self._workdays, day)]


@dataclass(frozen=True, slots=True)
class Due:
    """A deadline, and whether it rests on a provisional calendar year."""

    at: datetime
    provisional: bool


def local_day(moment: datetime) -> date:
    """The calendar day of `moment` in Asia/Shanghai."""
    return moment.astimezone(SHANGHAI).date()


def moment_of(value: object) -> datetime | None:
    """A moment as it is, a day as its first moment in Asia/Shanghai; None for anything else."""
    if isinstance(value, datetime):
        return value
    return datetime.combine(value, time(), tzinfo=SHANGHAI) if isinstance(value, date) else None


def end_of(day: date) -> datetime:
    """The last moment of `day` in Asia/Shanghai: the start of the next day."""
    return datetime.combine(day + timedelta(days=1), time(), tzinfo=SHANGHAI)


def due_for(limit: Limit, start: datetime, calendar: Calendar) -> Due:
    """When `limit` ends if it starts at `start`; the day of the start is not counted.

    No working days means at once: on that day, or the first working day from it.
    """
    if limit.hours is not None:
        return Due(start + timedelta(hours=limit.hours), provisional=False)
    day = local_day(start)
    if limit.days is not None:
        return Due(end_of(day + timedelta(days=limit.days)), provisional=False)
    if limit.workdays is None:
        raise ValueError("a limit needs workdays, days or hours")
    last = calendar.after(day, limit.workdays) if limit.workdays else calendar.first_from(day)
    provisional = any(calendar.is_provisional(d) for d in (day, last))
    return Due(end_of(last), provisional)


def resumed(due_at: datetime, paused_at: datetime, now: datetime, calendar: Calendar) -> datetime:
    """The new deadline of a clock that stood still from `paused_at` to `now`.

    Whole working days of the pause are added; a pause within one day adds nothing.
    """
    lost = calendar.between(local_day(paused_at), local_day(now))
    if lost <= 0:
        return due_at
    last_day = local_day(due_at - timedelta(microseconds=1))
    return end_of(calendar.after(last_day, lost))


def due_light(due_at: datetime | None, started_at: datetime, now: datetime) -> str:
    """红黄灯: "red" past the deadline, "yellow" in the last fifth of the time, else "green".

    For what no policy has anybody told of; of a task, `urging.light` says it.
    """
    if due_at is None:
        return "green"
    if now >= due_at:
        return "red"
    used = (now - started_at) / (due_at - started_at) if due_at > started_at else 1.0
    return "yellow" if used >= 0.8 else "green"

"""督办: when so much of a task's time is used up that somebody must be told, and what that is.

Time is counted back from the deadline: a deadline moves on by every working day that the clock
stood still for the family, so what is left of it never counts a pause against the office.
"""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from fractions import Fraction

from yijian.domain.cases import Task
from yijian.domain.clocks import SHANGHAI, Calendar, end_of, local_day
from yijian.domain.events import Event, EventKind
from yijian.domain.policy import Escalation, Limit
from yijian.domain.states import UNDER_WAY, TaskState

URGED = "urged"
"""Why somebody was told: a person urged. Otherwise the time is used up to some share."""


def reason_of(percent: int) -> str:
    """The code of a share of the time that is used up.

    >>> reason_of(80)
    'limit_80'
    """
    return f"limit_{percent}"


def warned_at(
    due_at: datetime, limit: Limit | None, started_at: datetime, percent: int, calendar: Calendar
) -> datetime:
    """When `percent` of the limit that ends at `due_at` is used up; 100 is the deadline itself.

    A limit in working days is used up by working days alone: of five, four are over when the last
    one begins. Without a known limit the whole time since `started_at` counts.
    """
    left = Fraction(100 - percent, 100)
    if limit is None:
        return due_at - max(due_at - started_at, timedelta()) * float(left)
    if limit.workdays is None:
        length = timedelta(hours=limit.hours or 0, days=limit.days or 0)
        return due_at - length * float(left)
    return _counted_back(due_at, limit.workdays, left, calendar)


def order_warned_at(due_at: datetime, workdays: int, percent: int, calendar: Calendar) -> datetime:
    """When `percent` of a work order's time is used up: so many working days until `due_at`."""
    return _counted_back(due_at, workdays, Fraction(100 - percent, 100), calendar)


def _counted_back(due_at: datetime, workdays: int, left: Fraction, calendar: Calendar) -> datetime:
    whole, part = divmod(max(workdays, 1) * left, 1)
    last = calendar.before(_last_day(due_at), int(whole))
    return end_of(last) - timedelta(days=1) * float(part)


def _last_day(due_at: datetime) -> date:
    return local_day(due_at - timedelta(microseconds=1))


def latest_due(limit: Limit, percent: int, calendar: Calendar, now: datetime) -> datetime:
    """No task with a later deadline has used up `percent` of this limit by now.

    For finding the tasks to look at; `warned_at` says which of them really have.
    """
    if limit.workdays is None:
        length = timedelta(hours=limit.hours or 0, days=limit.days or 0)
        return now + length * float(Fraction(100 - percent, 100))
    return latest_order_due(limit.workdays, percent, calendar, now)


def latest_order_due(workdays: int, percent: int, calendar: Calendar, now: datetime) -> datetime:
    """No turn of at most so many working days that ends later has used up `percent` by now."""
    whole = int(max(workdays, 1) * Fraction(100 - percent, 100) // 1)
    return end_of(calendar.after(local_day(now), whole + 1))


def step_reached(
    steps: Iterable[Escalation],
    due_at: datetime,
    limit: Limit | None,
    started_at: datetime,
    calendar: Calendar,
    now: datetime,
) -> Escalation | None:
    """The last of the steps whose share of the time is used up; None before the first."""
    reached = [
        step
        for step in steps
        if warned_at(due_at, limit, started_at, step.percent, calendar) <= now
    ]
    return max(reached, key=lambda step: step.percent, default=None)


def light(
    steps: Iterable[Escalation],
    due_at: datetime | None,
    limit: Limit | None,
    started_at: datetime,
    calendar: Calendar,
    now: datetime,
) -> str:
    """红黄灯: "red" past the deadline, "yellow" from the first step of the policy, else "green"."""
    if due_at is None:
        return "green"
    if now >= due_at:
        return "red"
    reached = step_reached(steps, due_at, limit, started_at, calendar, now)
    return "green" if reached is None else "yellow"


def clock_runs(task: Task) -> bool:
    """Whether the task is an office's turn and its time is running."""
    theirs = task.state in UNDER_WAY and task.state is not TaskState.CORRECTION_NEEDED
    return theirs and task.paused_at is None


def urged(task: Task, why: str, tell: Iterable[str], by: str, now: datetime) -> Event:
    """An office, or who watches it, was told of a task; nothing else of it changes."""
    public: dict[str, object] = {
        "why": why,
        "office": task.office or "",
        "due_at": task.due_at.isoformat() if task.due_at else None,
        "tell": list(tell),
    }
    return Event(EventKind.TASK_URGED, now, by, task=task.key, public=public)


def next_hour(now: datetime, from_hour: int, until_hour: int) -> datetime:
    """The first moment from now on that lies between two hours of a day in Shanghai.

    >>> from datetime import datetime
    >>> next_hour(datetime(2026, 11, 20, 0, 5, tzinfo=SHANGHAI), 8, 20).hour
    8
    """
    local = now.astimezone(SHANGHAI)
    if from_hour <= local.hour < until_hour:
        return now
    begins = local.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(hours=from_hour)
    return begins if begins > local else begins + timedelta(days=1)

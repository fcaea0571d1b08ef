"""期限重算: the deadline of a running task on another calendar, from what its journal says.

Everything that ever set or moved the deadline is done again: the start, and every pause with the
days it really took. So it does not matter on which calendar the present deadline was counted, and
doing it twice changes nothing.
"""

from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from yijian.domain.cases import Task
from yijian.domain.clocks import Calendar, Due, due_for, local_day, resumed
from yijian.domain.events import Event, EventKind
from yijian.domain.policy import Limit
from yijian.domain.states import UNDER_WAY, TaskState

LATER, EARLIER, SAME = "later", "earlier", "same"

LimitFrom = Callable[[datetime], tuple[Limit | None, datetime | None]]
"""The limit of a task that starts at a moment, and what it counts from when that is another."""


def redated(events: Iterable[Event], limit_from: LimitFrom, calendar: Calendar) -> Due | None:
    """The deadline on this calendar of the task whose events these are; None when it has none.

    Errors: UnknownCalendarError when the calendar does not reach so far.
    """
    due: Due | None = None
    paused_at: datetime | None = None
    for event in events:
        public = event.public
        queued = public.get("to") == TaskState.QUEUED.value
        if event.kind in _SETTING and public.get("due_at") and (queued or due is None):
            limit, since = limit_from(event.at)
            due = None if limit is None else due_for(limit, since or event.at, calendar)
            paused_at = None
        elif event.kind is EventKind.TASK_MOVED or event.kind is EventKind.ASK_ANSWERED:
            if due is not None and paused_at is not None and public.get("due_at"):
                due = _resumed(due, paused_at, event.at, calendar)
            moved = event.kind is EventKind.TASK_MOVED
            stands = moved and public.get("to") == TaskState.CORRECTION_NEEDED.value
            paused_at = event.at if stands else None
        elif event.kind is EventKind.TASK_ASKED and public.get("pauses"):
            paused_at = event.at
    return due


_SETTING = (EventKind.TASK_MOVED, EventKind.TASK_ROUTED)


def _resumed(due: Due, paused_at: datetime, at: datetime, calendar: Calendar) -> Due:
    later = resumed(due.at, paused_at, at, calendar)
    last = local_day(later - timedelta(microseconds=1))
    return Due(later, due.provisional or calendar.is_provisional(last))


def due_moved(task: Task, due: Due | None, by: str, now: datetime) -> list[Event]:
    """What happens to a running task whose deadline is now this; nothing when it is the same."""
    if due is None or task.due_at is None or task.state not in UNDER_WAY:
        return []
    if (due.at, due.provisional) == (task.due_at, task.due_provisional):
        return []
    to = SAME if due.at == task.due_at else LATER if due.at > task.due_at else EARLIER
    public = {"due_at": due.at.isoformat(), "due_provisional": due.provisional, "to": to}
    return [Event(EventKind.DUE_MOVED, now, by, task=task.key, public=public)]

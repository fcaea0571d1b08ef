"""提醒: which messages are due because time has passed and something is still to be done.

A notice whose `on` reads `after:<since>:<time>:<while>` is a reminder. `since` is `started`,
`signed` (the first signature) or an anchor of the pack such as `birth`; `time` a number with `h` or
`d`; `while` a stage of the case, or an item that is not yet done, or `<item>:<state>` for an item
in that state.

    after:started:3d:draft                     a draft three days old
    after:signed:48h:signing                   one parent has signed, the other has not
    after:birth:30d:medical_insurance_payment  a month old and the premium not paid
"""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from yijian.domain.cases import Case
from yijian.domain.clocks import moment_of
from yijian.domain.context import Context, applied_at
from yijian.domain.events import Event, EventKind
from yijian.domain.states import REFUSED, Stage, TaskState

PATTERN = re.compile(r"after:([a-z][a-z0-9_]*):(\d+)([hd]):([a-z_]+)(?::([a-z_]+))?")
PREFIX = "after:"
BEGINNINGS = frozenset({"started", "signed"})
"""What a reminder may count from besides the anchors of its pack."""


@dataclass(frozen=True, slots=True)
class Reminder:
    """提醒规则: how long after what, while what is still so."""

    on: str
    since: str
    after: timedelta
    item_or_stage: str
    state: str | None


def parse_reminder(on: str, anchors: Collection[str] = ()) -> Reminder | None:
    """The reminder that a notice's `on` describes; None when it names an event instead.

    It counts from the start, the first signature, or one of the pack's `anchors`. Errors:
    ValueError for something that begins like a reminder and is none.
    """
    if not on.startswith(PREFIX):
        return None
    found = PATTERN.fullmatch(on)
    if found is None:
        raise ValueError(f"{on!r} is not after:<since>:<time>:<while>")
    since, count, unit, what, state = found.groups()
    if since not in BEGINNINGS and since not in anchors:
        raise ValueError(f"{on!r} is not after:<since>:<time>:<while>: no {since!r}")
    after = timedelta(hours=int(count)) if unit == "h" else timedelta(days=int(count))
    return Reminder(on, since, after, what, state)


def due_reminders(case: Case, context: Context, given: Iterable[str], now: datetime) -> list[Event]:
    """The reminders of the pack that are due now and not among those already `given`."""
    done = set(given)
    events = []
    for on in dict.fromkeys(notice.on for notice in context.pack.notices):
        reminder = parse_reminder(on, context.pack.anchors)
        if reminder is None or on in done or not _is_due(reminder, case, context, now):
            continue
        public = {"reminder": on}
        events.append(Event(EventKind.FAMILY_REMINDED, now, "system", public=public))
    return events


def next_look(case: Case, context: Context, given: Iterable[str], now: datetime) -> datetime | None:
    """When a reminder can become due that is not due now; None while nothing happens to the case.

    What a reminder counts from and what it waits for change by events alone. So of a case to which
    nothing happens, nothing is due before this moment, and whoever looks again then, and after
    every event, misses nothing.
    """
    done = set(given)
    moments = [
        since + reminder.after
        for on in dict.fromkeys(notice.on for notice in context.pack.notices)
        if on not in done
        and (reminder := parse_reminder(on, context.pack.anchors)) is not None
        and (since := _since(reminder, case, context)) is not None
        and _still(reminder, case)
    ]
    return min((moment for moment in moments if moment > now), default=None)


def _is_due(reminder: Reminder, case: Case, context: Context, now: datetime) -> bool:
    since = _since(reminder, case, context)
    return since is not None and since + reminder.after <= now and _still(reminder, case)


def _since(reminder: Reminder, case: Case, context: Context) -> datetime | None:
    if reminder.since == "started":
        return case.started_at
    if reminder.since == "signed":
        return applied_at(case)
    anchor = context.pack.anchors.get(reminder.since)
    moments = [
        moment
        for source in (case.verified, case.answers)
        for (fact, _), known in source.items()
        if fact == anchor and (moment := moment_of(known.value)) is not None
    ]
    return min(moments, default=None)


def _still(reminder: Reminder, case: Case) -> bool:
    if reminder.item_or_stage in {stage.value for stage in Stage}:
        return case.stage.value == reminder.item_or_stage
    tasks = case.tasks_of(reminder.item_or_stage)
    if reminder.state is not None:
        return any(task.state.value == reminder.state for task in tasks)
    ended = REFUSED | {TaskState.COMPLETED, TaskState.NOT_NEEDED}
    return any(task.state not in ended for task in tasks)

"""工作日历: a new year's notice, proposed by one person and taken in by another.

Then the deadlines of open tasks are counted anew, a hundred cases at a time; a family hears of it
only when the day it was promised changes.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import transaction

from yijian.actions import changes, contexts, waking
from yijian.actions.changes import Decided
from yijian.actions.channels import SEEN_EVERYWHERE
from yijian.actions.proposing import Deciding, Payload, ProposalKind, ProposalRefusedError
from yijian.domain import redating
from yijian.domain.cases import Case, Task
from yijian.domain.clocks import Calendar, UnknownCalendarError, end_of, local_day
from yijian.domain.events import Event, EventKind, TaskKey
from yijian.domain.plan import counted_from
from yijian.domain.policy import Limit
from yijian.packs.calendar import AnnouncedSchema
from yijian.records import calendar_years as records
from yijian.records import cases as case_records
from yijian.records.people import StaffRole

AT_ONCE = 100
KIND = "calendar_year"
SETTING = (
    EventKind.TASK_MOVED, EventKind.TASK_ROUTED, EventKind.TASK_ASKED, EventKind.ASK_ANSWERED,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Preview:
    """预览: what taking in a year would do to the deadlines of open tasks as they stand."""

    looked_at: int
    later: int
    earlier: int
    confirmed: int
    """Those that keep their day and are no longer provisional."""
    furthest_days: int
    """By how many days the deadline moves that moves most."""


def payload_of(said: AnnouncedSchema) -> dict[str, object]:
    """A year's notice as it is proposed."""
    return {
        "year": said.year,
        "notice": said.notice,
        "off": [day.isoformat() for day in said.days_off],
        "worked": [day.isoformat() for day in said.days_worked],
    }


def preview(said: AnnouncedSchema) -> Preview:
    """How many deadlines would move, counted by groups of tasks that are dated alike.

    A pause that lies over a changed day is only counted exactly when the deadlines really move.
    """
    before = contexts.calendar()
    after = before.with_year(said.year, said.days_off, said.days_worked)
    looked = later = earlier = confirmed = furthest = 0
    for group in records.dated(year=said.year):
        looked += group.tasks
        item = contexts.pack_of(group.pack_digest).items.get(group.item)
        limit = item.limit_on(group.started_on) if item else None
        if limit is None or limit.workdays is None:
            continue
        last = _last_day(group.due_at)
        moved = _same_length(group.started_on, last, before, after)
        if moved == last:
            still = any(after.is_provisional(day) for day in (group.started_on, moved))
            confirmed += group.tasks if group.provisional and not still else 0
        elif moved > last:
            later += group.tasks
        else:
            earlier += group.tasks
        furthest = max(furthest, abs((moved - last).days))
    return Preview(looked, later, earlier, confirmed, furthest)


def _last_day(due_at: datetime) -> date:
    day = local_day(due_at)
    return day if end_of(day) == due_at else date.fromordinal(day.toordinal() - 1)


def _same_length(start: date, last: date, before: Calendar, after: Calendar) -> date:
    workdays = before.between(start, last)
    return after.after(start, workdays) if workdays > 0 else after.first_from(last)


def move_deadlines(*, now: datetime) -> int:
    """Count the deadlines of open tasks anew after a year was taken in; how many have moved.

    Repeatable, and taken up where it was left: what was moved is not moved again. It begins once
    no process sets deadlines by the calendar before any more; else theirs would be missed.
    """
    moved = 0
    while (taken := records.unfinished(made_until=now - SEEN_EVERYWHERE)) is not None:
        calendar = _calendar_with_all_years()
        with transaction.atomic():
            cases = records.cases_concerned(year=taken.year, after=taken.moved_to, limit=AT_ONCE)
            count = _move(cases, calendar, now) if cases else 0
            last = cases[-1] if cases else None
            records.went_on(year=taken.id, to=last, moved=count, now=now)
        moved += count
    return moved


def waits(*, now: datetime) -> bool:
    """Whether deadlines are to be counted anew, and can be."""
    return records.unfinished(made_until=now - SEEN_EVERYWHERE) is not None


def _calendar_with_all_years() -> Calendar:
    """The calendar as it is now, whatever this process remembers."""
    found = contexts.calendar_in_packs()
    for taken in records.listed():
        found = found.with_year(taken.year, taken.off, taken.worked)
    return found


def _move(cases: list[UUID], calendar: Calendar, now: datetime) -> int:
    loaded = [each for each in case_records.load(ids=cases) if each.key is not None]
    told = records.told_of_deadlines(cases=cases, kinds=SETTING)
    decided = [
        Decided(each, _moves(each.case, told.get(each.id, {}), calendar, now)) for each in loaded
    ]
    changes.commit(decided, now=now)
    return sum(len(each.events) for each in decided)


def _moves(
    case: Case, told: Mapping[TaskKey, list[Event]], calendar: Calendar, now: datetime
) -> list[Event]:
    found: list[Event] = []
    for key, task in case.tasks.items():
        if task.due_at is not None and key in told:
            found += _moved(case, task, told[key], calendar, now)
    return found


def _moved(
    case: Case, task: Task, told: Iterable[Event], calendar: Calendar, now: datetime
) -> list[Event]:
    context = contexts.context_of(case)
    values = context.values(case, task.newborn, now)
    item = context.pack.items[task.item]

    def limit_from(start: datetime) -> tuple[Limit | None, datetime | None]:
        limit = item.limit_on(local_day(start))
        return limit, counted_from(context, limit, values)

    try:
        due = redating.redated(told, limit_from, calendar)
    except UnknownCalendarError:
        return []  # Beyond every year that is known; the next notice will say.
    return redating.due_moved(task, due, "system", now)


def _check(payload: Payload, now: datetime) -> str:
    """Errors: ProposalRefusedError `wrong_days`, `year_gap`, `nothing_changes`."""
    said = _said(payload)
    known = contexts.calendar()
    if said.year < local_day(now).year or said.year > max(known.announced) + 1:
        raise ProposalRefusedError("year_gap", "year")
    if known.with_year(said.year, said.days_off, said.days_worked) == known:
        raise ProposalRefusedError("nothing_changes")
    return str(said.year)


def _said(payload: Payload) -> AnnouncedSchema:
    try:
        return AnnouncedSchema.model_validate_json(json.dumps(dict(payload)))
    except ValueError:
        raise ProposalRefusedError("wrong_days") from None


def _apply(payload: Payload, deciding: Deciding) -> None:
    said = _said(payload)
    records.add(
        year=said.year, notice=said.notice, off=said.days_off, worked=said.days_worked,
        proposed_by=deciding.proposed_by, decided_by=deciding.decided_by, now=deciding.now,
    )  # fmt: skip
    contexts.forget()
    waking.wake_calendar(deciding.now + SEEN_EVERYWHERE)


CALENDAR_YEAR = ProposalKind(
    code=KIND,
    proposers=frozenset({StaffRole.OPERATOR}),
    deciders=frozenset({StaffRole.OPERATOR, StaffRole.SUPERVISOR}),
    check=_check,
    apply=_apply,
)

"""工作日历年份: years that two persons took in, over the packs' calendar, and whom they concern."""

# ruff: noqa: S608 (statements are put together from constants; values travel beside them)

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import connection

from yijian.domain.clocks import SHANGHAI
from yijian.domain.events import Event, EventKind, TaskKey
from yijian.records.identifiers import new_id
from yijian.records.models import CalendarYearRow, JournalEntry


@dataclass(frozen=True, slots=True)
class TakenYear:
    """工作日历年份: one year's days off and worked weekend days, and how far deadlines have moved."""

    id: UUID
    year: int
    notice: str
    off: tuple[date, ...]
    worked: tuple[date, ...]
    proposed_by: str
    decided_by: str
    made_at: datetime
    moved_to: UUID | None
    moved: int
    done_at: datetime | None


@dataclass(frozen=True, slots=True)
class Dated:
    """Open tasks that are dated alike: their policy and item, when they began and are due."""

    pack_digest: str
    item: str
    started_on: date
    due_at: datetime
    provisional: bool
    tasks: int


def add(
    *, year: int, notice: str, off: Iterable[date], worked: Iterable[date], proposed_by: str,
    decided_by: str, now: datetime,
) -> UUID:  # fmt: skip
    """Keep a year as it was decided; whatever was kept of it before no longer holds."""
    row = CalendarYearRow.objects.create(
        id=new_id(), year=year, notice=notice, off=[day.isoformat() for day in off],
        worked=[day.isoformat() for day in worked], proposed_by=proposed_by,
        decided_by=decided_by, made_at=now,
    )  # fmt: skip
    return row.id


def listed() -> list[TakenYear]:
    """Every year that was ever taken in, in the order of time."""
    return [_year(row) for row in CalendarYearRow.objects.order_by("id")]


def _year(row: CalendarYearRow) -> TakenYear:
    return TakenYear(
        row.id, row.year, row.notice, _days(row.off), _days(row.worked), row.proposed_by,
        row.decided_by, row.made_at, row.moved_to, row.moved, row.done_at,
    )  # fmt: skip


def _days(texts: Sequence[str]) -> tuple[date, ...]:
    return tuple(date.fromisoformat(text) for text in texts)


def unfinished(*, made_until: datetime) -> TakenYear | None:
    """The first year, decided by then, whose deadlines have not all been looked at."""
    rows = CalendarYearRow.objects.filter(done_at__isnull=True, made_at__lte=made_until)
    row = rows.order_by("id").first()
    return None if row is None else _year(row)


def went_on(*, year: UUID, to: UUID | None, moved: int, now: datetime) -> None:
    """Keep up to which case deadlines were looked at, and how many moved; None: all of them."""
    row = CalendarYearRow.objects.select_for_update().get(id=year)
    row.moved += moved
    if to is None:
        row.done_at = now
    else:
        row.moved_to = to
    row.save(update_fields=["moved", "moved_to", "done_at"])


_CONCERNED = """
    t.under_way AND t.due_at >= %s AND coalesce(t.started_at, t.since) < %s
        AND c.origin = '' AND c.forgotten_at IS NULL
"""


def cases_concerned(*, year: int, after: UUID | None, limit: int) -> list[UUID]:
    """Own cases with an open deadline that reaches into a year, in the order of their ids."""
    with connection.cursor() as cursor:
        cursor.execute(
            'SELECT DISTINCT t.case_id FROM task t JOIN "case" c ON c.id = t.case_id WHERE'
            f"{_CONCERNED} AND t.case_id > %s ORDER BY 1 LIMIT %s",
            [*_bounds(year), after or UUID(int=0), limit],
        )
        return [case for (case,) in cursor.fetchall()]


def dated(*, year: int) -> list[Dated]:
    """The open tasks that a year concerns, put together by what their deadline depends on."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.pack_digest, t.item,"
            " (coalesce(t.started_at, t.since) AT TIME ZONE 'Asia/Shanghai')::date, t.due_at,"
            ' t.due_provisional, count(*) FROM task t JOIN "case" c ON c.id = t.case_id WHERE'
            f"{_CONCERNED} GROUP BY 1, 2, 3, 4, 5",
            _bounds(year),
        )
        return [Dated(*row) for row in cursor.fetchall()]


def _bounds(year: int) -> list[datetime]:
    return [datetime(y, 1, 1, tzinfo=SHANGHAI) for y in (year, year + 1)]


def told_of_deadlines(
    *, cases: Sequence[UUID], kinds: Iterable[EventKind]
) -> dict[UUID, dict[TaskKey, list[Event]]]:
    """What the journals of these cases say of each task in entries of these kinds, in order."""
    rows = JournalEntry.objects.filter(
        case_id__in=list(cases), kind__in=[kind.value for kind in kinds], item__isnull=False
    )
    told: dict[UUID, dict[TaskKey, list[Event]]] = {}
    for row in rows.order_by("case_id", "seq"):
        task = (str(row.item), row.newborn or 0)
        event = Event(EventKind(row.kind), row.at, row.actor, task, json.loads(row.body))
        told.setdefault(row.case_id, {}).setdefault(task, []).append(event)
    return told

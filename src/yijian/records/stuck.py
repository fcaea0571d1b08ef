"""卡在哪里: every open task with whose turn it is, since when and until when; nobody is named.

One task is one turn: the family's while it corrects or is asked, ours while no office has it, a
partner's while it lies with another system or node, else the office's. Before submission a case
waits for a register while the delivery is not recorded.
"""

# ruff: noqa: S608 (statements are put together from constants; values travel beside them)

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

FAMILY, OFFICE, PARTNER, US, REGISTER = "family", "office", "partner", "us", "register"
TURNS = (OFFICE, FAMILY, PARTNER, US, REGISTER)
_TURN = """
    CASE WHEN t.office IS NULL THEN 'us'
        WHEN t.state = 'correction_needed' OR t.paused_at IS NOT NULL THEN 'family'
        WHEN coalesce(t.channel, 'desk') <> 'desk' THEN 'partner' ELSE 'office' END
"""
_DEADLINE = "coalesce(t.due_at, 'infinity'::timestamptz)"
_WAITING_FOR_BIRTH = "c.stage = 'draft' AND c.newborns = 0 AND c.forgotten_at IS NULL"


@dataclass(frozen=True, slots=True)
class StuckLine:
    """一件没办完的: whose turn it is, since when, until when, and why it stands."""

    id: UUID
    number: str
    pack_digest: str
    item: str
    newborn: int
    office: str
    channel: str
    state: str
    turn: str
    since: datetime
    due_at: datetime | None
    reason: str
    asked: int
    urged_at: datetime | None


@dataclass(frozen=True, slots=True)
class TurnCount:
    """轮到谁: how many open tasks wait for whom, how many are late, and the oldest."""

    turn: str
    tasks: int
    late: int
    oldest_at: datetime | None


@dataclass(frozen=True, slots=True)
class Asked:
    """What of the open tasks is looked at; `offices` None means all of them and what has none."""

    offices: Sequence[str] | None = None
    turn: str = ""
    item: str = ""
    late: bool = False
    after: str = ""


def counts(*, offices: Sequence[str] | None, now: datetime) -> list[TurnCount]:
    """For each turn how many open tasks; one statement."""
    where, values = _within(offices)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {_TURN}, count(*), count(*) FILTER (WHERE t.due_at <= %s"
            " AND t.paused_at IS NULL AND t.state <> 'correction_needed'), min(t.since)"
            f" FROM task t WHERE t.under_way{where} GROUP BY 1",
            [now, *values],
        )
        found = {row[0]: TurnCount(*row) for row in cursor.fetchall()}
        if offices is None:
            cursor.execute(
                'SELECT count(*), min(c.started_at) FROM "case" c WHERE ' + _WAITING_FOR_BIRTH
            )
            tasks, oldest = cursor.fetchone()
            found[REGISTER] = TurnCount(REGISTER, tasks, 0, oldest)
    return [found[turn] for turn in TURNS if turn in found]


def _within(offices: Sequence[str] | None) -> tuple[str, list[Any]]:
    return ("", []) if offices is None else (" AND t.office = ANY (%s)", [list(offices)])


def lines(*, asked: Asked, limit: int, now: datetime) -> tuple[list[StuckLine], str]:
    """A page of open tasks, what is due first before the others, and the token of the next page.

    Errors: ValueError for what is no token.
    """
    where, values = _within(asked.offices)
    if asked.turn:
        where += f" AND {_TURN} = %s"
        values.append(asked.turn)
    if asked.item:
        where += " AND t.item = %s"
        values.append(asked.item)
    if asked.late:
        where += " AND t.due_at <= %s AND t.paused_at IS NULL AND t.state <> 'correction_needed'"
        values.append(now)
    if asked.after:
        due, _, task = asked.after.partition("~")
        where += f" AND ({_DEADLINE}, t.id) > (coalesce(%s::timestamptz, 'infinity'), %s::uuid)"
        values += [datetime.fromisoformat(due) if due else None, UUID(task)]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT t.id, c.number, c.pack_digest, t.item, t.newborn, coalesce(t.office, ''),"
            f" coalesce(t.channel, ''), t.state, {_TURN}, t.since, t.due_at,"
            " coalesce(t.reason, ''), jsonb_array_length(t.asked) - jsonb_array_length(t.answered),"
            " (SELECT max(u.at) FROM urging u WHERE u.task_id = t.id)"
            f' FROM task t JOIN "case" c ON c.id = t.case_id WHERE t.under_way{where}'
            f" ORDER BY {_DEADLINE}, t.id LIMIT %s",
            [*values, limit + 1],
        )
        found = [StuckLine(*row) for row in cursor.fetchall()]
    if len(found) <= limit:
        return found, ""
    last = found[limit - 1]
    return found[:limit], f"{last.due_at.isoformat() if last.due_at else ''}~{last.id}"


def waiting_for_births(*, after: str, limit: int) -> tuple[list[StuckLine], str]:
    """Cases whose delivery no register knows yet, the oldest first, and the next page's token."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.id, c.number, c.pack_digest, '', 0, coalesce(c.institution, ''), '',"
            " c.stage, 'register', c.started_at, NULL, '', 0, NULL"
            f' FROM "case" c WHERE {_WAITING_FOR_BIRTH} AND c.id > %s ORDER BY c.id LIMIT %s',
            [UUID(after) if after else UUID(int=0), limit + 1],
        )
        found = [StuckLine(*row) for row in cursor.fetchall()]
    return found[:limit], str(found[limit - 1].id) if len(found) > limit else ""

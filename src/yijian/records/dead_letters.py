"""交换异常: messages that stand still, with their owners and deadlines; nobody is named here."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from django.db import connection

from yijian.records import crypto
from yijian.records.people import StaffRole, Visitor

COMES_BY_ITSELF = ("pack_unknown", "case_open", "task_not_here", "unknown_type")
"""What a message that came in too early waits for; it is shown only when its time is over."""


@dataclass(frozen=True, slots=True)
class DeadLetterLine:
    """交换异常: one message that waits for a person."""

    id: UUID
    message_id: UUID
    direction: str
    partner: str
    kind: str
    case_id: UUID | None
    task_id: UUID | None
    case_number: str
    pack_digest: str
    item: str
    office: str
    owner: str
    problem: str
    parked_at: datetime
    due_at: datetime
    attempts: int
    under_way: bool


_LINES = """
    SELECT d.id, d.message_id, d.direction, d.partner, d.kind, d.case_id, d.task_id,
        coalesce(c.number, ''), coalesce(c.pack_digest, ''), coalesce(t.item, ''),
        coalesce(t.office, ''), d.owner, d.problem, d.parked_at, d.due_at,
        coalesce(o.attempts, 0), coalesce(t.under_way, false)
    FROM dead_letter d LEFT JOIN "case" c ON c.id = d.case_id LEFT JOIN task t ON t.id = d.task_id
    LEFT JOIN outbox o ON o.id = d.message_id
    WHERE d.state = 'open'
"""
# What an office's routing staff decide; what nobody there could, the lead office's staff do.
_MINE = """
    AND (d.owner IN ('', %s) OR NOT EXISTS (
        SELECT FROM staff s WHERE s.office_id = d.owner AND s.active
            AND s.roles @> '["routing"]'::jsonb))
"""
_DUE = " AND (d.direction = 'out' OR d.due_at <= %s OR d.problem <> ALL (%s))"


def waiting(*, who: Visitor, now: datetime, limit: int, after: str = "") -> list[DeadLetterLine]:
    """What waits for this visitor's decision, the most urgent first, after a place in the list."""
    if not who.works_as(StaffRole.ROUTING):
        return []
    place = ""
    values: list[Any] = [who.office, now, list(COMES_BY_ITSELF)]
    if after:
        due, _, last = after.partition("~")
        place = " AND (d.due_at, d.id) > (%s::timestamptz, %s::uuid)"
        values += [datetime.fromisoformat(due), UUID(last)]
    with connection.cursor() as cursor:
        cursor.execute(
            _LINES + _MINE + _DUE + place + " ORDER BY d.due_at, d.id LIMIT %s", [*values, limit]
        )
        return [DeadLetterLine(*row) for row in cursor.fetchall()]


def place_of(line: DeadLetterLine) -> str:
    """Where a line stands in the list, for the page after it."""
    return f"{line.due_at.isoformat()}~{line.id}"


def count(*, who: Visitor, now: datetime) -> int:
    """How many wait for this visitor, up to a hundred."""
    return len(waiting(who=who, now=now, limit=100))


def opened(*, who: Visitor, letter: UUID, locking: bool = False) -> DeadLetterLine | None:
    """One open letter of this visitor's; None for others, for strangers, and when it is settled."""
    if not who.works_as(StaffRole.ROUTING):
        return None
    with connection.cursor() as cursor:
        if locking:
            cursor.execute("SELECT FROM dead_letter WHERE id = %s FOR UPDATE", [letter])
        cursor.execute(_LINES + _MINE + " AND d.id = %s", [who.office, letter])
        row = cursor.fetchone()
    return None if row is None else DeadLetterLine(*row)


def all_open(*, limit: int = 500) -> Sequence[DeadLetterLine]:
    """Everything that waits for a person at this node, for its operator."""
    with connection.cursor() as cursor:
        cursor.execute(_LINES + " ORDER BY d.due_at, d.id LIMIT %s", [limit])
        return [DeadLetterLine(*row) for row in cursor.fetchall()]


def deciding_offices() -> frozenset[str]:
    """The offices in which somebody may decide; for all others the lead office's staff do."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT office_id FROM staff WHERE active AND roles @> '[\"routing\"]'::jsonb"
        )
        return frozenset(code for (code,) in cursor.fetchall())


def settle(*, letter: UUID, state: str, by: str, words: str, now: datetime) -> bool:
    """Write what was decided about a letter, with the reason sealed; whether it was open."""
    sealed = None
    if words:
        sealed = crypto.seal_document(_key(), {"words": words}, _place(letter))
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE dead_letter SET state = %s, settled_by = %s, settled_at = %s, sealed = %s"
            " WHERE id = %s AND state = 'open'",
            [state, by, now, sealed, letter],
        )
        return bool(cursor.rowcount)


def name_settler(*, letter: UUID, by: str) -> None:
    """Who let the message of a letter be tried again, which the database has settled by itself."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE dead_letter SET settled_by = %s WHERE id = %s AND state = 'tried_again'",
            [by, letter],
        )


def words_of(*, letter: UUID) -> str:
    """Why a letter was given up, in the words of whoever did."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT sealed FROM dead_letter WHERE id = %s", [letter])
        row = cursor.fetchone()
    if row is None or row[0] is None:
        return ""
    document = crypto.open_document(_key(), bytes(row[0]), _place(letter))
    return str(cast(dict[str, Any], document)["words"])


def _key() -> crypto.Key:
    return crypto.installation_key("dead_letter")


def _place(letter: UUID) -> str:
    return crypto.place("dead_letter", "sealed", letter)

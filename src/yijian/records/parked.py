"""暂存: received messages that this node cannot read yet or fell over, kept whole and sealed."""

# ruff: noqa: S608 (statements are put together from constants; values travel beside them)

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from django.db import connection

from yijian.records import crypto


@dataclass(frozen=True, slots=True)
class ParkedEvent:
    """暂存的来件: one message as it came, with the reason why it waits."""

    id: UUID
    sender: str
    message_id: str
    kind: str
    problem: str
    received_at: datetime
    document: Mapping[str, Any] = field(repr=False)


def park(*, sender: str, message_id: str, document: Mapping[str, object], problem: str) -> None:
    """Keep a message whole that was just received, until somebody or a later version takes it."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id FROM inbox WHERE sender = %s AND message_id = %s FOR UPDATE",
            [sender, message_id],
        )
        (row,) = cursor.fetchone()
        sealed = crypto.seal_document(_key(), dict(document), _place(row))
        cursor.execute(
            "UPDATE inbox SET state = 'parked', outcome = 'parked', detail = %s, sealed = %s"
            " WHERE id = %s",
            [problem[:200], sealed, row],
        )


def parked(
    *,
    problems: Iterable[str] | None = None,
    kinds: Iterable[str] | None = None,
    sender: str = "",
    limit: int = 100,
    after: UUID | None = None,
) -> list[ParkedEvent]:
    """Parked messages in the order they came; of these problems and types where they are named."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, sender, message_id, kind, detail, received_at, sealed FROM inbox"
            " WHERE state = 'parked' AND (%s::text[] IS NULL OR detail = ANY (%s::text[]))"
            " AND (%s::text[] IS NULL OR kind = ANY (%s::text[])) AND (%s = '' OR sender = %s)"
            " AND (%s::uuid IS NULL OR id > %s::uuid) ORDER BY id LIMIT %s",
            [*_twice(problems), *_twice(kinds), sender, sender, after, after, limit],
        )
        return [_opened(row) for row in cursor.fetchall()]


def parked_event(*, message: UUID, locking: bool = False) -> ParkedEvent | None:
    """One parked message; None when it waits no longer."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, sender, message_id, kind, detail, received_at, sealed FROM inbox"
            " WHERE id = %s AND state = 'parked'" + (" FOR UPDATE" if locking else ""),
            [message],
        )
        row = cursor.fetchone()
    return None if row is None else _opened(row)


def unpark(*, message: UUID, state: str, outcome: str, detail: str = "") -> bool:
    """A parked message was taken in after all (`settled`) or given up; its content goes."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE inbox SET state = %s, outcome = %s, detail = %s, sealed = NULL"
            " WHERE id = %s AND state = 'parked'",
            [state, outcome, detail[:200], message],
        )
        return bool(cursor.rowcount)


def still_parked(*, message: UUID, problem: str) -> None:
    """A parked message was tried and waits on, for this reason now."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE inbox SET detail = %s WHERE id = %s AND state = 'parked'",
            [problem[:200], message],
        )
        cursor.execute(
            "UPDATE dead_letter SET problem = %s WHERE message_id = %s AND state = 'open'",
            [problem[:200], message],
        )


def _twice(values: Iterable[str] | None) -> tuple[list[str] | None, list[str] | None]:
    found = None if values is None else list(values)
    return found, found


def _opened(row: Sequence[Any]) -> ParkedEvent:
    *columns, sealed = row
    document = crypto.open_document(_key(), bytes(sealed), _place(columns[0]))
    return ParkedEvent(*[*columns, cast(Mapping[str, Any], document)])


def _key() -> crypto.Key:
    return crypto.installation_key("inbox")


def _place(row: UUID) -> str:
    return crypto.place("inbox", "sealed", row)

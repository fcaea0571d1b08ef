"""账簿: chains of the journal that belong to no case: an office's stock, an office's hand-overs.

A book is one chain with an identifier of its own. Whoever writes waits for the one before, so the
count of its lines and the chain agree; the sequencer seals them with everybody else's entries.
"""

# ruff: noqa: S608 (statements are put together from constants; values travel beside them)

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from yijian.domain.signing import canonical_json
from yijian.records.identifiers import new_id
from yijian.records.journal import ENTRY_COLUMNS, Entry, entry_of

Line = tuple[str, Mapping[str, object]]
"""What happened, in one word, and its public body."""


@dataclass(frozen=True, slots=True)
class BookHistory:
    """A book with all its lines, and how many it says it has."""

    id: UUID
    code: str
    count: int
    entries: Sequence[Entry]

    @property
    def office(self) -> str:
        """The office that keeps it."""
        return self.code.partition(":")[2]


def append(*, book: str, lines: Sequence[Line], by: str, now: datetime) -> None:
    """Write lines into a book, in the transaction of the change that they tell."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO book (id, code, entries) VALUES (%s, %s, %s) ON CONFLICT (code)"
            " DO UPDATE SET entries = book.entries + excluded.entries RETURNING id, entries",
            [new_id(), book, len(lines)],
        )
        identifier, count = cursor.fetchone()
        for seq, (kind, body) in enumerate(lines, start=count - len(lines) + 1):
            cursor.execute(
                "INSERT INTO journal (case_id, seq, at, actor, kind, body)"
                " VALUES (%s, %s, %s, %s, %s, %s)",
                [identifier, seq, now, by, kind, canonical_json(dict(body)).decode()],
            )


def latest(*, book: str, limit: int) -> list[Entry]:
    """The newest lines of a book, newest first."""
    return _entries(
        "j.case_id = (SELECT id FROM book WHERE code = %s) ORDER BY j.seq DESC LIMIT %s",
        [book, limit],
    )


def books() -> Iterator[BookHistory]:
    """Every book with all its lines."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, code, entries FROM book ORDER BY code")
        known = cursor.fetchall()
    for identifier, code, count in known:
        entries = _entries("j.case_id = %s ORDER BY j.seq", [identifier])
        yield BookHistory(identifier, code, count, entries)


def _entries(where: str, values: Sequence[Any]) -> list[Entry]:
    columns = ", ".join(f"j.{name}" for name in ENTRY_COLUMNS.split(", "))
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {columns} FROM journal j WHERE {where}", list(values))
        return [entry_of(row) for row in cursor.fetchall()]

"""上报清单: what this node has told one partner about its tasks, kept for ever in the outbox."""

# ruff: noqa: S608 (the statement is put together from constants; values travel beside it)

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from yijian.domain.envelopes import UPWARDS
from yijian.records.sealed import opened

_KINDS = ", ".join(f"'{kind}'" for kind in sorted(UPWARDS))
# The types stand in the statement itself, so that the index of just these rows can serve it.
_TOLD = f"""
    SELECT o.id, o.kind, o.case_id, o.sealed, c.wrapped_key
    FROM outbox o LEFT JOIN "case" c ON c.id = o.case_id
    WHERE o.destination = %s AND o.kind IN ({_KINDS})
        AND o.state <> 'cancelled' AND (%s::uuid IS NULL OR o.id > %s::uuid)
        AND o.id < %s::uuid
    ORDER BY o.id LIMIT %s
"""


@dataclass(frozen=True, slots=True)
class Told:
    """One report as it was written; empty when its case was forgotten."""

    id: UUID
    kind: str
    payload: Mapping[str, Any] = field(repr=False)


def told(*, destination: str, after: UUID | None, before: datetime, limit: int) -> list[Told]:
    """What was written for a destination before a moment, in order, after the given report.

    What was taken back before it left was never said.
    """
    with connection.cursor() as cursor:
        cursor.execute(_TOLD, [destination, after, after, first_id_at(before), limit])
        rows = cursor.fetchall()
    return [
        Told(id, kind, opened("outbox", id, case_id, sealed, wrapped))
        for id, kind, case_id, sealed, wrapped in rows
    ]


def first_id_at(moment: datetime) -> UUID:
    """The smallest identifier that can have been made at a moment or later.

    >>> from datetime import UTC
    >>> str(first_id_at(datetime(2026, 11, 22, tzinfo=UTC)))
    '01a2008d-7400-7000-8000-000000000000'
    """
    milliseconds = int(moment.timestamp() * 1000)
    return UUID(int=milliseconds << 80 | 0x7000 << 64 | 0x8000 << 48)

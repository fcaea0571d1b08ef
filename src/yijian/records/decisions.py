"""暂缓生效: a clerk's decision is held for a moment, in which it can be taken back."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from django.db import connection

from yijian.records import crypto
from yijian.records.encoding import decode, encode
from yijian.records.identifiers import new_id
from yijian.records.models import HeldDecision
from yijian.records.sealed import opened


@dataclass(frozen=True, slots=True)
class Held:
    """暂缓生效的决定 with its command opened."""

    id: UUID
    case_id: UUID
    task_id: UUID
    by: str
    task_version: int
    held_at: datetime
    due_at: datetime
    command: Mapping[str, Any] = field(repr=False)


def hold(
    *,
    by: str,
    case_id: UUID,
    key: crypto.Key,
    task_id: UUID,
    task_version: int,
    command: Mapping[str, Any],
    due_at: datetime,
    now: datetime,
) -> UUID:
    """Keep a clerk's decision until `due_at`. Errors: IntegrityError when one is held already."""
    identifier = new_id()
    where = crypto.place("held_decision", "sealed", identifier)
    HeldDecision.objects.create(
        id=identifier,
        case_id=case_id,
        task_id=task_id,
        sealed=crypto.seal_document(key, encode(command), where),
        by=by,
        task_version=task_version,
        held_at=now,
        due_at=due_at,
    )
    return identifier


def take_back(*, by: str, decision: UUID) -> bool:
    """Undo a decision that is still held, by whoever made it; whether it was still held."""
    found = HeldDecision.objects.filter(pk=decision, by=by, state="held")
    return bool(found.update(state="taken_back", sealed=None))


def claim_due_decisions(*, limit: int, now: datetime) -> list[Held]:
    """Lock the held decisions whose time has come, until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT h.id, h.case_id, h.task_id, h.by, h.task_version, h.held_at, h.due_at,"
            ' h.sealed, c.wrapped_key FROM held_decision h JOIN "case" c ON c.id = h.case_id'
            " WHERE h.state = 'held' AND h.due_at <= %s ORDER BY h.due_at, h.id LIMIT %s"
            " FOR UPDATE OF h SKIP LOCKED",
            [now, limit],
        )
        return [
            Held(*[*columns, _command(columns[0], columns[1], sealed, key)])
            for *columns, sealed, key in cursor.fetchall()
        ]


def _command(
    decision: UUID, case_id: UUID, sealed: bytes | None, wrapped: bytes | None
) -> Mapping[str, Any]:
    document = opened("held_decision", decision, case_id, sealed, wrapped)
    return cast(Mapping[str, Any], decode(document)) if document else {}


def settle_decision(*, decision: UUID, applied: bool, problem: str = "") -> None:
    """Say what became of a held decision; its command is not kept."""
    HeldDecision.objects.filter(pk=decision, state="held").update(
        state="applied" if applied else "failed", problem=problem[:200], sealed=None
    )

"""幂等键: one key at one door gives one answer, however often it comes back."""

from datetime import datetime
from typing import Any

from yijian.records import crypto
from yijian.records.identifiers import new_id
from yijian.records.models import IdempotencyKey


class KeyReused(Exception):
    """An idempotency key came back with another request body."""


def earlier_answer(*, door: str, key: str, digest: bytes) -> tuple[int, Any] | None:
    """The answer given to this key before: status and body. Errors: KeyReused."""
    row = IdempotencyKey.objects.filter(door=door, key=key).first()
    if row is None:
        return None
    if bytes(row.digest) != digest:
        raise KeyReused
    where = crypto.place("idempotency_key", "sealed", row.id)
    opened = crypto.open_document(crypto.installation_key("idempotency"), bytes(row.sealed), where)
    return row.status, opened


def keep_answer(
    *, door: str, key: str, digest: bytes, status: int, body: object, now: datetime
) -> None:
    """Keep the answer to a key, in the transaction of its effect. Errors: IntegrityError."""
    identifier = new_id()
    where = crypto.place("idempotency_key", "sealed", identifier)
    sealed = crypto.seal_document(crypto.installation_key("idempotency"), body, where)
    IdempotencyKey.objects.create(
        id=identifier, door=door, key=key, digest=digest, status=status, sealed=sealed, at=now
    )

"""双人议决 as rows: what one person proposes, and what another has decided about it."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import cast
from uuid import UUID

from django.db import IntegrityError, transaction

from yijian.domain.signing import canonical_json
from yijian.records import crypto
from yijian.records.identifiers import new_id
from yijian.records.models import ProposalRow

OPEN, ACCEPTED, DECLINED, WITHDRAWN = "open", "accepted", "declined", "withdrawn"
_RULE = "one_open_proposal_about_the_same"


class AlreadyProposedError(Exception):
    """A proposal about the same waits for its decision."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """议决: what is proposed (`payload`), why, by whom, and what came of it."""

    id: UUID
    kind: str
    subject: str
    payload: Mapping[str, object]
    digest: str
    reason: str = field(repr=False)
    proposed_by: str
    office: str
    proposed_at: datetime
    state: str
    decided_by: str
    decided_at: datetime | None


def add(
    *,
    kind: str,
    subject: str,
    payload: Mapping[str, object],
    reason: str,
    by: str,
    office: str,
    now: datetime,
) -> UUID:
    """Keep a proposal. Errors: AlreadyProposedError."""
    key = new_id()
    where = crypto.place("proposal", "sealed", key)
    row = ProposalRow(
        id=key,
        kind=kind,
        subject=subject,
        payload=dict(payload),
        digest=hashlib.sha256(canonical_json(dict(payload))).digest(),
        sealed=crypto.seal_document(_key(), {"reason": reason}, where) if reason else None,
        proposed_by=by,
        office=office,
        proposed_at=now,
    )
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError as refused:
        if _RULE in str(refused):
            raise AlreadyProposedError from None
        raise
    return key


def one(proposal_id: UUID, *, locking: bool = False) -> Proposal | None:
    """One proposal; with `locking` nobody else decides it until the transaction ends."""
    rows = ProposalRow.objects.select_for_update() if locking else ProposalRow.objects
    row = rows.filter(id=proposal_id).first()
    return _read(row) if row else None


def settle(proposal_id: UUID, *, state: str, by: str, now: datetime) -> None:
    """Keep what came of an open proposal."""
    ProposalRow.objects.filter(id=proposal_id, state=OPEN).update(
        state=state, decided_by=by, decided_at=now
    )


def waiting(*, kind: str = "", limit: int = 100) -> list[Proposal]:
    """Proposals that nobody has decided yet, the oldest first."""
    rows = ProposalRow.objects.filter(state=OPEN).order_by("id")
    if kind:
        rows = rows.filter(kind=kind)
    return [_read(row) for row in rows[:limit]]


def decided(*, kind: str = "", before: UUID | None = None, limit: int = 50) -> list[Proposal]:
    """Proposals that were decided or withdrawn, newest first."""
    rows = ProposalRow.objects.exclude(state=OPEN).order_by("-id")
    if kind:
        rows = rows.filter(kind=kind)
    if before is not None:
        rows = rows.filter(id__lt=before)
    return [_read(row) for row in rows[:limit]]


def _key() -> crypto.Key:
    return crypto.installation_key("proposal")


def _read(row: ProposalRow) -> Proposal:
    reason = ""
    if row.sealed is not None:
        where = crypto.place("proposal", "sealed", row.id)
        opened = cast(dict[str, str], crypto.open_document(_key(), bytes(row.sealed), where))
        reason = opened["reason"]
    return Proposal(
        row.id,
        row.kind,
        row.subject,
        row.payload,
        bytes(row.digest).hex(),
        reason,
        row.proposed_by,
        row.office,
        row.proposed_at,
        row.state,
        row.decided_by,
        row.decided_at,
    )

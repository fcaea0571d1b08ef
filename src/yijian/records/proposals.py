"""双人议决 as rows: what one person proposes, and what another has decided about it."""

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import cast
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import BooleanField, ExpressionWrapper, Q, QuerySet

from yijian.domain.signing import canonical_json
from yijian.records import crypto
from yijian.records.identifiers import new_id
from yijian.records.models import ProposalRow

OPEN, ACCEPTED, DECLINED, WITHDRAWN = "open", "accepted", "declined", "withdrawn"
WAITING_AT_ONCE, DECIDED_AT_ONCE = 100, 50
_RULE = "one_open_proposal_about_the_same"


class AlreadyProposedError(Exception):
    """A proposal about the same waits for its decision."""


@dataclass(frozen=True, slots=True)
class Within:
    """范围: which proposals of a kind somebody may decide, by what their payload says.

    Under each name of `only` stands one of these values, or a list of nothing else; under no
    name of `never` stands this value.
    """

    only: Mapping[str, Collection[str]] = field(default_factory=dict)
    never: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Sight:
    """视野: who looks (`staff`), what they may decide by kind, and whether they read everything."""

    staff: str
    deciding: Mapping[str, Within]
    everything: bool = False


@dataclass(frozen=True, slots=True)
class Proposal:
    """议决: what is proposed (`payload`), why, by whom, and what came of it.

    `decidable` says whether whoever looks may be the second person.
    """

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
    decidable: bool


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


def one(proposal_id: UUID, *, sight: Sight | None = None, locking: bool = False) -> Proposal | None:
    """One proposal, if it is in sight; with `locking` nobody else decides it meanwhile."""
    rows = _seen(sight).filter(id=proposal_id)
    row = (rows.select_for_update() if locking else rows).first()
    return _read(row) if row else None


def settle(proposal_id: UUID, *, state: str, by: str, now: datetime) -> None:
    """Keep what came of an open proposal."""
    ProposalRow.objects.filter(id=proposal_id, state=OPEN).update(
        state=state, decided_by=by, decided_at=now
    )


def waiting(sight: Sight) -> list[Proposal]:
    """Proposals in sight that nobody has decided yet, the oldest first."""
    rows = _seen(sight).filter(state=OPEN).order_by("id")
    return [_read(row) for row in rows[:WAITING_AT_ONCE]]


def decided(sight: Sight) -> list[Proposal]:
    """Proposals in sight that were decided or withdrawn, newest first."""
    rows = _seen(sight).exclude(state=OPEN).order_by("-id")
    return [_read(row) for row in rows[:DECIDED_AT_ONCE]]


def _seen(sight: Sight | None) -> QuerySet[ProposalRow]:
    """The proposals in sight, each with whether whoever looks may decide it."""
    if sight is None:
        return ProposalRow.objects.all()
    decidable = Q(pk__in=[])
    for kind, within in sight.deciding.items():
        here = Q(kind=kind)
        for name, values in within.only.items():
            here &= Q(**{f"payload__{name}__contained_by": sorted(values)})
        for name, value in within.never.items():
            here &= ~Q(**{f"payload__{name}": value})
        decidable |= here
    own = Q(proposed_by=sight.staff)
    decidable &= ~own
    rows = ProposalRow.objects.annotate(
        decidable=ExpressionWrapper(decidable, output_field=BooleanField())
    )
    if sight.everything:
        return rows
    return rows.filter(own | Q(decided_by=sight.staff) | decidable)


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
        bool(getattr(row, "decidable", False)),
    )

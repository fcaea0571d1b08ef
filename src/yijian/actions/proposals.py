"""双人议决: one person proposes a change of how the node is run, another decides; then it is so.

The kinds stand in `KINDS`. What is proposed is looked at twice: when it is proposed, and when it
is to take effect, because the world may have changed in between.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from yijian.actions.appointments import APPOINTMENT
from yijian.actions.calendar_years import CALENDAR_YEAR
from yijian.actions.exchange_proposals import CHANNEL, PARTNER, RIGHT
from yijian.actions.offices import OFFICE
from yijian.actions.proposing import Deciding, ProposalKind, ProposalRefusedError
from yijian.records import administration, people
from yijian.records import proposals as records
from yijian.records.people import StaffRole, Visitor
from yijian.records.proposals import AlreadyProposedError, Proposal, Sight

REASON_LENGTH = 200
READING = frozenset(
    {
        StaffRole.AUDITOR,
        StaffRole.SYSTEM_ADMIN,
        StaffRole.SECURITY_ADMIN,
        StaffRole.AUDIT_ADMIN,
    }
)
"""They see everything that is proposed, whether or not they decide it."""
KINDS: Mapping[str, ProposalKind] = {
    kind.code: kind for kind in (APPOINTMENT, OFFICE, PARTNER, RIGHT, CHANNEL, CALENDAR_YEAR)
}


def propose(
    *, by: Any, kind: str, payload: Mapping[str, object], reason: str = "", now: datetime
) -> UUID:
    """Propose a change. `payload` holds JSON values and nothing personal; `reason` is sealed.

    Errors: ProposalRefusedError `not_yours`, `already_proposed`, or what the kind says.
    """
    who = people.visitor(by)
    wanted = KINDS[kind]
    if who.staff is None or not who.roles & wanted.proposers:
        raise ProposalRefusedError("not_yours")
    if len(reason) > REASON_LENGTH:
        raise ProposalRefusedError("too_long", "reason")
    with transaction.atomic():
        subject = wanted.check(payload, now)
        try:
            made = records.add(
                kind=kind,
                subject=subject,
                payload=payload,
                reason=reason.strip(),
                by=who.staff,
                office=who.office or "",
                now=now,
            )
        except AlreadyProposedError:
            raise ProposalRefusedError("already_proposed") from None
        _note(who, f"{kind}_proposed", made, subject, now)
    return made


def accept(*, by: Any, proposal_id: UUID, digest: str, now: datetime) -> None:
    """Agree to exactly what was shown, and make it so.

    Errors: ProposalRefusedError `absent`, `not_yours`, `own_proposal`, `decided`, `changed`, or
    why it can no longer take effect.
    """
    with transaction.atomic():
        who, found, kind = _to_decide(by, proposal_id)
        if digest != found.digest:
            raise ProposalRefusedError("changed")
        kind.check(found.payload, now)
        records.settle(found.id, state=records.ACCEPTED, by=who.staff or "", now=now)
        _note(who, f"{found.kind}_accepted", found.id, found.subject, now)
        kind.apply(found.payload, Deciding(found.proposed_by, who.staff or "", now))


def decline(*, by: Any, proposal_id: UUID, now: datetime) -> None:
    """Let a proposal not take effect. Errors: as `accept`."""
    with transaction.atomic():
        who, found, _ = _to_decide(by, proposal_id)
        records.settle(found.id, state=records.DECLINED, by=who.staff or "", now=now)
        _note(who, f"{found.kind}_declined", found.id, found.subject, now)


def withdraw(*, by: Any, proposal_id: UUID, now: datetime) -> None:
    """Take the own proposal back. Errors: ProposalRefusedError `absent`, `decided`."""
    who = people.visitor(by)
    with transaction.atomic():
        found = records.one(proposal_id, locking=True)
        if found is None or who.staff is None or found.proposed_by != who.staff:
            raise ProposalRefusedError("absent")
        if found.state != records.OPEN:
            raise ProposalRefusedError("decided")
        records.settle(found.id, state=records.WITHDRAWN, by=who.staff, now=now)
        _note(who, f"{found.kind}_withdrawn", found.id, found.subject, now)


def sight_of(who: Visitor) -> Sight:
    """Which proposals this visitor sees: their own, what they may decide, or, to read, all."""
    if who.staff is None:
        return Sight("nobody", {})
    deciding = {kind.code: kind.within(who) for kind in KINDS.values() if who.roles & kind.deciders}
    return Sight(who.staff, deciding, everything=bool(who.roles & READING))


def _to_decide(by: Any, proposal_id: UUID) -> tuple[Visitor, Proposal, ProposalKind]:
    who = people.visitor(by)
    found = records.one(proposal_id, sight=sight_of(who), locking=True)
    if found is None:
        raise ProposalRefusedError("absent")
    if found.state != records.OPEN:
        raise ProposalRefusedError("decided")
    if found.proposed_by == who.staff:
        raise ProposalRefusedError("own_proposal")
    if not found.decidable:
        raise ProposalRefusedError("not_yours")
    return who, found, KINDS[found.kind]


def _note(who: Visitor, what: str, proposal: UUID, subject: str, now: datetime) -> None:
    administration.note(
        by=who.staff or "nobody",
        office=who.office or "",
        what=what,
        subject=subject,
        details={"proposal": str(proposal)},
        now=now,
    )

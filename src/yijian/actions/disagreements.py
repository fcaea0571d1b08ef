"""分歧: what two sides of the exchange do not agree about, and who of the staff settles it."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from yijian.actions import parity
from yijian.domain.context import RefusedError
from yijian.records import access, convergence, dead_letters, people
from yijian.records.models import DisagreementRow
from yijian.records.people import StaffRole, Visitor


def waiting(*, by: Any) -> list[DisagreementRow]:
    """What this member of staff has to settle, the most urgent first; nothing for others."""
    who = people.visitor(by)
    if not who.works_as(StaffRole.ROUTING):
        return []
    deciding = dead_letters.deciding_offices()
    return [row for row in convergence.open_disagreements() if _is_for(who, row.owner, deciding)]


def open_one(*, by: Any, disagreement: UUID) -> DisagreementRow:
    """One open disagreement of this member of staff's. Errors: Refused."""
    found = next((row for row in waiting(by=by) if row.id == disagreement), None)
    if found is None:
        raise access.Refused
    return found


def settle(*, by: Any, disagreement: UUID, reason: str, now: datetime) -> None:
    """A person has settled a disagreement and says how.

    Errors: Refused, RefusedError `reason_missing`.
    """
    if len(reason.strip()) < 2:
        raise RefusedError("reason_missing", "reason")
    with transaction.atomic():
        open_one(by=by, disagreement=disagreement)
        parity.settle(by=by, disagreement=disagreement, reason=reason, now=now)


def _is_for(who: Visitor, owner: str, deciding: frozenset[str]) -> bool:
    return owner == who.office or owner not in deciding

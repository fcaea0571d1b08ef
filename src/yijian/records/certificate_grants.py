"""授权码与调用记录 as rows: who may fetch a certificate for a short while, and who did.

A code is never kept, only its keyed digest. What was asked for, and why, is sealed under the key of
the case; a refused question is kept without a case, so that guessing is noticed.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import cast
from uuid import UUID

from yijian.records import crypto
from yijian.records.identifiers import new_id
from yijian.records.models import CertificateGrant, CertificateRetrieval

LISTED = 50


@dataclass(frozen=True, slots=True)
class Grant:
    """授权: one code that the family has made. `purpose` is in the family's words."""

    id: UUID
    case_id: UUID
    certificate_id: UUID
    role: str
    made_at: datetime
    expires_at: datetime
    revoked_at: datetime | None
    used_by: str
    used_at: datetime | None
    purpose: str = field(default="", repr=False)

    def holds(self, now: datetime) -> bool:
        """Whether it still lets somebody in."""
        return self.revoked_at is None and now < self.expires_at


@dataclass(frozen=True, slots=True)
class Retrieval:
    """调用: one machine fetched one certificate."""

    at: datetime
    partner: str
    what: str
    certificate_id: UUID | None
    purpose: str = field(repr=False)


def code_hash(code: str) -> bytes:
    """The keyed digest by which a code is known."""
    return crypto.blind_index("certificate_grant", code)


def make(
    *,
    case_id: UUID,
    key: crypto.Key,
    certificate_id: UUID,
    role: str,
    purpose: str,
    code: str,
    now: datetime,
    until: datetime,
) -> UUID:
    """Keep a new authorisation."""
    identifier = new_id()
    CertificateGrant.objects.create(
        id=identifier,
        case_id=case_id,
        certificate_id=certificate_id,
        code_hash=code_hash(code),
        role=role,
        made_at=now,
        expires_at=until,
        sealed=crypto.seal_document(key, {"purpose": purpose}, _place(identifier)),
    )
    return identifier


def standing(case_id: UUID, now: datetime) -> int:
    """How many authorisations of a case still let somebody in."""
    rows = CertificateGrant.objects.filter(case_id=case_id, revoked_at=None, expires_at__gt=now)
    return rows.count()


def of_case(case_id: UUID, key: crypto.Key) -> list[Grant]:
    """The authorisations of a case, newest first."""
    rows = CertificateGrant.objects.filter(case_id=case_id).order_by("-id")[:LISTED]
    return [_grant(row, key) for row in rows]


def by_code(code: str) -> Grant | None:
    """The authorisation with this code, locked until the transaction ends; None for a guess."""
    rows = CertificateGrant.objects.select_for_update().filter(code_hash=code_hash(code))
    row = rows.first()
    return _grant(row, None) if row else None


def use(grant_id: UUID, *, by: str, now: datetime) -> None:
    """The first use of an authorisation: from now on it is this partner's alone."""
    CertificateGrant.objects.filter(id=grant_id, used_by="").update(used_by=by, used_at=now)


def withdraw(*, case_id: UUID, grant_id: UUID, now: datetime) -> bool:
    """End an authorisation; False when the case has none with this id that still holds."""
    rows = CertificateGrant.objects.filter(id=grant_id, case_id=case_id, revoked_at=None)
    return bool(rows.filter(expires_at__gt=now).update(revoked_at=now))


def note_shown(
    *, partner: str, what: str, grant: Grant, key: crypto.Key, purpose: str, now: datetime
) -> None:
    """Keep that a certificate was shown, and why."""
    identifier = new_id()
    where = crypto.place("certificate_retrieval", "sealed", identifier)
    CertificateRetrieval.objects.create(
        id=identifier,
        at=now,
        partner=partner,
        what=what,
        case_id=grant.case_id,
        certificate_id=grant.certificate_id,
        grant_id=grant.id,
        shown=True,
        sealed=crypto.seal_document(key, {"purpose": purpose}, where),
    )


def note_refused(*, partner: str, what: str, now: datetime) -> None:
    """Keep that nothing was shown."""
    CertificateRetrieval.objects.create(
        id=new_id(), at=now, partner=partner, what=what, shown=False
    )


def refused_since(partner: str, since: datetime) -> int:
    """How often a partner asked for what it was not shown, since a moment."""
    rows = CertificateRetrieval.objects.filter(partner=partner, shown=False, at__gt=since)
    return rows.count()


def retrievals_of(case_id: UUID, key: crypto.Key) -> list[Retrieval]:
    """Which machines fetched a certificate of this case, newest first."""
    rows = CertificateRetrieval.objects.filter(case_id=case_id, shown=True).order_by("-id")
    found = []
    for row in rows[:LISTED]:
        where = crypto.place("certificate_retrieval", "sealed", row.id)
        said: Mapping[str, str] = {}
        if row.sealed is not None:
            said = cast(Mapping[str, str], crypto.open_document(key, bytes(row.sealed), where))
        found.append(
            Retrieval(row.at, row.partner, row.what, row.certificate_id, said.get("purpose", ""))
        )
    return found


def _grant(row: CertificateGrant, key: crypto.Key | None) -> Grant:
    purpose = ""
    if key is not None and row.sealed is not None:
        opened = crypto.open_document(key, bytes(row.sealed), _place(row.id))
        purpose = cast(Mapping[str, str], opened)["purpose"]
    return Grant(
        row.id, row.case_id, row.certificate_id, row.role, row.made_at, row.expires_at,
        row.revoked_at, row.used_by, row.used_at, purpose,
    )  # fmt: skip


def _place(row: UUID) -> str:
    return crypto.place("certificate_grant", "sealed", row)

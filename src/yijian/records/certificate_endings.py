"""换发与注销 as rows: asked for by one member of the issuer's staff, settled by another.

`access_certificate` is the issuer's door to one certificate: the same refusal for what is absent
and for what another office has issued, and a line in the access log for every question.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from yijian.records import certificates, crypto
from yijian.records.access import Refused
from yijian.records.certificates import Standing
from yijian.records.identifiers import new_id
from yijian.records.models import AccessEntry, CertificateEnding
from yijian.records.people import StaffRole, Visitor, visitor

REPLACE, REVOKE = "replace", "revoke"
ASKED, DONE, DROPPED = "asked", "done", "dropped"


@dataclass(frozen=True, slots=True)
class Ending:
    """换发或注销申请: what one clerk asks for and another confirms. `said` is personal."""

    id: UUID
    case_id: UUID
    certificate_id: UUID
    kind: str
    reason: str
    asked_by: str
    asked_at: datetime
    said: Mapping[str, str] = field(repr=False)


def access_certificate(
    *, by: Any, certificate_id: UUID, purpose: str, now: datetime
) -> tuple[Standing, Visitor]:
    """A certificate, for a clerk of the office that issued it. Errors: Refused."""
    who = visitor(by)
    found = certificates.by_id(certificate_id)
    allowed = found is not None and who.office == found.office and who.works_as(StaffRole.CLERK)
    if who.staff is not None:
        AccessEntry.objects.create(
            id=new_id(),
            at=now,
            staff=who.staff,
            office=who.office or "",
            what="certificate",
            case_id=found.case_id if found else None,
            purpose=purpose,
            shown=allowed,
        )
    if found is None or not allowed:
        raise Refused
    return found, who


def ask(
    *,
    standing: Standing,
    key: crypto.Key,
    kind: str,
    reason: str,
    said: Mapping[str, str],
    by: str,
    now: datetime,
) -> UUID:
    """Write down what is asked for; the database refuses a second one (IntegrityError)."""
    identifier = new_id()
    CertificateEnding.objects.create(
        id=identifier,
        case_id=standing.case_id,
        certificate_id=standing.id,
        office=standing.office,
        kind=kind,
        reason=reason,
        sealed=crypto.seal_document(key, dict(said), _place(identifier)),
        asked_by=by,
        asked_at=now,
    )
    return identifier


def asked_for(certificate_id: UUID, key: crypto.Key | None = None) -> Ending | None:
    """What is asked for about a certificate and not settled; locked inside a transaction."""
    rows = CertificateEnding.objects.filter(certificate_id=certificate_id, state=ASKED)
    row = rows.first()
    if row is None:
        return None
    said: Mapping[str, str] = {}
    if key is not None and row.sealed is not None:
        opened = crypto.open_document(key, bytes(row.sealed), _place(row.id))
        said = cast(Mapping[str, str], opened)
    return Ending(
        row.id, row.case_id, row.certificate_id, row.kind, row.reason, row.asked_by, row.asked_at,
        said,
    )  # fmt: skip


def lock(ending_id: UUID) -> bool:
    """Lock what is asked for until the transaction ends; False when it is settled already."""
    rows = CertificateEnding.objects.select_for_update().filter(id=ending_id, state=ASKED)
    return rows.values("id").first() is not None


def settle(ending_id: UUID, *, state: str, by: str, now: datetime) -> None:
    """Say what became of it. The database refuses the same person (IntegrityError)."""
    CertificateEnding.objects.filter(id=ending_id).update(
        state=state, settled_by=by, settled_at=now
    )


def to_confirm(office: str) -> list[tuple[UUID, str, str, datetime]]:
    """What waits for a second person at an office: certificate, kind, asked by, asked at."""
    rows = CertificateEnding.objects.filter(office=office, state=ASKED).order_by("id")[:200]
    return [(row.certificate_id, row.kind, row.asked_by, row.asked_at) for row in rows]


def _place(row: UUID) -> str:
    return crypto.place("certificate_ending", "sealed", row)

"""查档: the only door to packages of the archive. A purpose is asked, and every read is written down.

Whoever asks for what does not exist and for what another archive keeps gets the same refusal.
`fonds` are those the visitor's office looks after; None: all of this node.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from yijian.records import archive, crypto
from yijian.records.access import Refused
from yijian.records.archive import KEPT, Package
from yijian.records.identifiers import new_id
from yijian.records.models import AccessEntry
from yijian.records.people import StaffRole, Visitor, visitor

LONGEST_PURPOSE = 200
FOUND_BY = ("name", "id_number", "certificate")
Fonds = Collection[str] | None


@dataclass(frozen=True, slots=True)
class OpenedPackage:
    """A package that was shown to somebody, with its bytes."""

    package: Package
    data: bytes


def find(
    *,
    by: Any,
    purpose: str,
    fonds: Fonds,
    now: datetime,
    known: Mapping[str, str],
    case_number: str = "",
    year: int | None = None,
    item: str = "",
) -> list[Package]:
    """Packages that match exactly all that is known: a name, a number, a certificate, a case.

    The search is written down once, and each package that it shows. Errors: Refused.
    """
    who = _archivist(by, purpose, "archive_search", None, now)
    digests = [crypto.blind_index(kind, value) for kind, value in known.items() if value]
    if not digests and not case_number:
        return []
    found = archive.found(digests=digests, case_number=case_number, year=year, item=item)
    shown = [package for package in found if _looks_after(package, fonds)]
    _write(who, "archive_search", None, purpose, True, now)
    for case_id in {package.case_id for package in shown}:
        _write(who, "archive_list", case_id, purpose, True, now)
    return shown


def access_package(
    *, by: Any, package_id: UUID, purpose: str, fonds: Fonds, now: datetime
) -> OpenedPackage:
    """One kept package, whole. Errors: Refused; SealBroken when it was changed where it lies."""
    found = archive.one(package_id)
    case_id = found.case_id if found else None
    who = _archivist(by, purpose, "archive_package", case_id, now)
    if found is None or found.state != KEPT or not _looks_after(found, fonds):
        _write(who, "archive_package", case_id, purpose, False, now)
        raise Refused
    _write(who, "archive_package", case_id, purpose, True, now)
    data = archive.data_of(package_id)
    if data is None:
        raise Refused
    return OpenedPackage(found, data)


def note_file(*, by: Any, package: Package, purpose: str, now: datetime) -> None:
    """Write down that a file of a package was taken out."""
    _write(visitor(by), "archive_file", package.case_id, purpose, True, now)


def archivist(by: Any) -> Visitor:
    """Who works in the archive. Errors: Refused for everybody else."""
    who = visitor(by)
    if who.staff is None or not who.works_as(StaffRole.ARCHIVIST):
        raise Refused
    return who


def _archivist(by: Any, purpose: str, what: str, case_id: UUID | None, now: datetime) -> Visitor:
    who = visitor(by)
    allowed = who.staff is not None and who.works_as(StaffRole.ARCHIVIST)
    if not allowed or not purpose.strip() or len(purpose) > LONGEST_PURPOSE:
        if who.staff is not None:
            _write(who, what, case_id, purpose.strip()[:LONGEST_PURPOSE] or "-", False, now)
        raise Refused
    return who


def _looks_after(package: Package, fonds: Fonds) -> bool:
    return fonds is None or package.fonds in fonds


def _write(
    who: Visitor, what: str, case_id: UUID | None, purpose: str, shown: bool, now: datetime
) -> None:
    if who.staff is None:
        raise Refused
    AccessEntry.objects.create(
        id=new_id(),
        at=now,
        staff=who.staff,
        office=who.office or "",
        what=what,
        case_id=case_id,
        purpose=purpose,
        shown=shown,
    )

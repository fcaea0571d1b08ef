"""鉴定处置: packages whose time is over, and the two who decide whether one is destroyed."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import transaction

from yijian.records import archive
from yijian.records.archive import Package
from yijian.records.models import ArchiveDisposal, ArchiveLookup, ArchivePackage

DESTROYED, KEPT_ON = "destroyed", "kept"


@dataclass(frozen=True, slots=True)
class Disposal:
    """鉴定处置: what one proposed about a package, and what another decided."""

    id: UUID
    package: Package
    reason: str
    proposed_by: str
    proposed_at: datetime
    verdict: str
    decided_by: str
    decided_at: datetime | None


def overdue(*, fonds: Collection[str] | None, on: date, limit: int = 100) -> list[Package]:
    """Kept packages whose retention is over and about which nothing is proposed or decided."""
    asked = ArchiveDisposal.objects.values("package_id")
    rows = ArchivePackage.objects.filter(state=archive.KEPT, keep_until__lte=on)
    if fonds is not None:
        rows = rows.filter(fonds__in=list(fonds))
    ids = rows.exclude(id__in=asked).order_by("keep_until", "id").values_list("id", flat=True)
    return archive.listed(ids[:limit])


def propose(*, package_id: UUID, reason: str, by: str, on: date, now: datetime) -> bool:
    """Propose that a package be destroyed; False when its time is not over yet."""
    with transaction.atomic():
        rows = ArchivePackage.objects.select_for_update()
        row = rows.filter(id=package_id, state=archive.KEPT, keep_until__lte=on).first()
        asked = ArchiveDisposal.objects.filter(package_id=package_id, verdict="")
        if row is None or asked.exists():
            return False
        ArchiveDisposal.objects.create(
            package_id=package_id, reason=reason, proposed_by=by, proposed_at=now
        )
    return True


def decide(*, disposal_id: UUID, verdict: str, by: str, now: datetime) -> bool:
    """Another person's verdict; with `destroyed` the package is gone for good.

    False when there is nothing to decide, or the same person proposed it.
    """
    with transaction.atomic():
        row = ArchiveDisposal.objects.select_for_update().filter(id=disposal_id, verdict="").first()
        if row is None or row.proposed_by == by:
            return False
        row.verdict, row.decided_by, row.decided_at = verdict, by, now
        row.save()
        if verdict == DESTROYED:
            ArchivePackage.objects.filter(id=row.package_id).update(
                state=archive.DESTROYED, sealed=None, described=None
            )
            ArchiveLookup.objects.filter(package_id=row.package_id).delete()
    return True


def one(disposal_id: UUID) -> Disposal | None:
    """One disposal; None when there is none."""
    found = _listed(list(ArchiveDisposal.objects.filter(id=disposal_id)))
    return found[0] if found else None


def was_decided(package_id: UUID) -> bool:
    """Whether two have decided that a package is destroyed."""
    return ArchiveDisposal.objects.filter(package_id=package_id, verdict=DESTROYED).exists()


def disposals(*, limit: int = 100) -> list[Disposal]:
    """The newest disposals, open ones first."""
    return _listed(list(ArchiveDisposal.objects.order_by("verdict", "-id")[:limit]))


def _listed(rows: list[ArchiveDisposal]) -> list[Disposal]:
    packages = {p.id: p for p in archive.listed([row.package_id for row in rows])}
    return [
        Disposal(
            row.id, packages[row.package_id], row.reason, row.proposed_by, row.proposed_at,
            row.verdict, row.decided_by, row.decided_at,
        )
        for row in rows
    ]  # fmt: skip

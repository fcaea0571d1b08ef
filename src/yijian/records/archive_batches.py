"""移交批次: which packages were handed over to which archive, and what it said of each.

number = archive_batches.draw_up(…)               a list of packages, waiting
claimed = archive_batches.claim(now=now)          by a worker; or carried there by hand
archive_batches.answer(…)                         the archive's receipt, line by line
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from yijian.records import archive
from yijian.records.archive import Package
from yijian.records.identifiers import new_id
from yijian.records.models import ArchiveBatch, ArchiveBatchLine, ArchivePackage

CLAIM_LASTS = timedelta(minutes=10)
SENT, CARRIED = "sent", "carried"
ACCEPTED, REFUSED = "accepted", "refused"
LARGEST = 200


@dataclass(frozen=True, slots=True)
class BatchLine:
    """移交清单一行: a package of a batch, and whether the archive took it."""

    place: int
    package: Package
    state: str
    problem: str


@dataclass(frozen=True, slots=True)
class Batch:
    """移交批次."""

    id: UUID
    number: str
    way: str
    state: str
    created_by: str
    created_at: datetime
    count: int
    attempts: int
    problem: str
    receipt: str
    answered_at: datetime | None


def waiting_packages(*, fonds: Collection[str] | None, year: int, limit: int) -> list[Package]:
    """Kept packages of a year that no archive has been given yet, oldest first."""
    given = ArchiveBatchLine.objects.filter(state__in=["waiting", ACCEPTED]).values("package_id")
    rows = ArchivePackage.objects.filter(state=archive.KEPT, year=year).exclude(id__in=given)
    if fonds is not None:
        rows = rows.filter(fonds__in=list(fonds))
    return archive.listed(rows.order_by("id").values_list("id", flat=True)[:limit])


def draw_up(*, packages: Iterable[UUID], way: str, by: str, now: datetime) -> Batch:
    """Put packages on a list to be handed over. A package stands on one open list only."""
    ids = sorted(set(packages))
    with transaction.atomic():
        row = ArchiveBatch(
            id=new_id(), way=way, created_by=by, created_at=now, count=len(ids), not_before=now
        )
        row.number = f"YJ{now:%Y%m%d}{row.id.hex[-8:].upper()}"
        row.save(force_insert=True)
        ArchiveBatchLine.objects.bulk_create(
            [
                ArchiveBatchLine(batch_id=row.id, package_id=each, place=place)
                for place, each in enumerate(ids, start=1)
            ]
        )
    return _batch(row)


def claim(*, now: datetime) -> Batch | None:
    """The next batch to be sent; others cannot claim it meanwhile."""
    with transaction.atomic():
        row = (
            ArchiveBatch.objects.select_for_update(skip_locked=True)
            .filter(way=SENT, state__in=["waiting", "sending"], not_before__lte=now)
            .exclude(state="sending", claimed_until__gt=now)
            .order_by("not_before", "id")
            .first()
        )
        if row is None:
            return None
        row.state, row.claimed_until = "sending", now + CLAIM_LASTS
        row.attempts += 1
        row.save(update_fields=["state", "claimed_until", "attempts"])
    return _batch(row)


def postpone(batch_id: UUID, *, problem: str, not_before: datetime | None) -> None:
    """Give a claimed batch back: to be sent again later, or, without a time, by a person."""
    changed = {"state": "waiting" if not_before else "parked", "problem": problem[:200]}
    rows = ArchiveBatch.objects.filter(id=batch_id, state="sending")
    if not_before:
        rows.update(**changed, claimed_until=None, not_before=not_before)
    else:
        rows.update(**changed, claimed_until=None)


def send_again(*, batch_id: UUID, now: datetime) -> bool:
    """Let a parked batch be sent once more; whether it was parked."""
    rows = ArchiveBatch.objects.filter(id=batch_id, state="parked")
    return bool(rows.update(state="waiting", attempts=0, not_before=now, problem=""))


def answer(
    *, batch_id: UUID, receipt: str, fates: Mapping[UUID, str], now: datetime
) -> Batch | None:
    """Write the archive's receipt: `fates` says why a package was refused, empty when it was taken.

    None when the batch has been answered before: a second receipt changes nothing.
    """
    with transaction.atomic():
        row = ArchiveBatch.objects.select_for_update().get(id=batch_id)
        if row.receipt:
            return None
        lines = list(ArchiveBatchLine.objects.filter(batch_id=batch_id))
        for line in lines:
            line.problem = fates.get(line.package_id, "not_on_the_receipt")[:200]
            line.state = REFUSED if line.problem else ACCEPTED
            ArchiveBatchLine.objects.filter(batch_id=batch_id, package_id=line.package_id).update(
                state=line.state, problem=line.problem
            )
        taken = [line.package_id for line in lines if line.state == ACCEPTED]
        ArchivePackage.objects.filter(id__in=taken).update(transferred_at=now)
        row.receipt, row.answered_at, row.problem, row.claimed_until = receipt, now, "", None
        row.state = "received" if len(taken) == len(lines) else "differs"
        row.save()
    return _batch(row)


def batches(*, limit: int = 100) -> list[Batch]:
    """The newest batches."""
    return [_batch(row) for row in ArchiveBatch.objects.order_by("-id")[:limit]]


def batch(batch_id: UUID) -> Batch | None:
    """One batch; None when there is none."""
    row = ArchiveBatch.objects.filter(id=batch_id).first()
    return _batch(row) if row else None


def lines_of(batch_id: UUID) -> list[BatchLine]:
    """The packages of a batch in their order."""
    rows = list(ArchiveBatchLine.objects.filter(batch_id=batch_id).order_by("place"))
    packages = {p.id: p for p in archive.listed([row.package_id for row in rows])}
    return [BatchLine(r.place, packages[r.package_id], r.state, r.problem) for r in rows]


def _batch(row: ArchiveBatch) -> Batch:
    return Batch(
        row.id, row.number, row.way, row.state, row.created_by, row.created_at, row.count,
        row.attempts, row.problem, row.receipt, row.answered_at,
    )  # fmt: skip

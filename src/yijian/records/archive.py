"""档案: packages of ended items, sealed under the archive's own key, and how they are found.

    archive.await_packages([Awaited(…)], now=now)     in the transaction of the change
    claimed = archive.claim(limit=5, now=now)         by a worker; a claim ends by itself
    archive.keep(made, key values, now=now)           the package and how it is found

The key of the archive survives the forgetting of a case. Who may read is decided in
`records.reading_room`; what leaves for another archive is in `records.archive_batches`.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, cast
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Max, QuerySet

from yijian.records import crypto
from yijian.records.models import ArchiveLookup, ArchivePackage

CLAIM_LASTS = timedelta(minutes=5)
ITEM, CASE = "item", "case"
KEPT, DESTROYED, NEEDS_PERSON, WAITING = "kept", "destroyed", "needs_person", "waiting"
_HEAVY = ("sealed",)


@dataclass(frozen=True, slots=True)
class Awaited:
    """待归档: a package that has become due. `upto` is the last entry of its case it must prove."""

    case_id: UUID
    case_number: str
    scope: str
    item: str
    newborn: int
    outcome: str
    upto: int
    ended_at: datetime
    fonds: str
    year: int
    retention: str
    topic: str
    keep_until: date | None


@dataclass(frozen=True, slots=True)
class Package:
    """归档信息包: what may be listed of one, without what it holds. Digests are hexadecimal."""

    id: UUID
    case_id: UUID
    case_number: str
    scope: str
    item: str
    newborn: int
    outcome: str
    state: str
    upto: int
    ended_at: datetime
    fonds: str
    year: int
    retention: str
    topic: str
    serial: int | None
    keep_until: date | None
    attempts: int
    problem: str
    name: str
    sha256: str
    sm3: str
    size: int
    made_at: datetime | None
    transferred_at: datetime | None
    described: Mapping[str, str] = field(repr=False)


@dataclass(frozen=True, slots=True)
class MadePackage:
    """What a worker has made of an awaited package. `found_by` are (purpose, value)."""

    id: UUID
    name: str
    data: bytes = field(repr=False)
    sm3: bytes
    described: Mapping[str, str] = field(repr=False)
    found_by: frozenset[tuple[str, str]] = field(repr=False)


def await_packages(awaited: Iterable[Awaited], *, now: datetime) -> None:
    """Let packages be made; one statement for any number, and no second one of the same."""
    ArchivePackage.objects.bulk_create(
        [
            ArchivePackage(
                case_id=one.case_id,
                case_number=one.case_number,
                scope=one.scope,
                item=one.item,
                newborn=one.newborn,
                outcome=one.outcome,
                upto=one.upto,
                ended_at=one.ended_at,
                fonds=one.fonds,
                year=one.year,
                retention=one.retention,
                topic=one.topic,
                keep_until=one.keep_until,
                not_before=now,
            )
            for one in awaited
        ],
        ignore_conflicts=True,
    )


def claim(*, limit: int, now: datetime) -> list[Package]:
    """Claim the next packages to make, items before their case; each gets its serial for good."""
    with transaction.atomic():
        rows = list(
            ArchivePackage.objects.select_for_update(skip_locked=True)
            .filter(state__in=[WAITING, "making"], not_before__lte=now)
            .exclude(state="making", claimed_until__gt=now)
            .order_by("not_before", "id")[:limit]
        )
        for row in rows:
            row.state, row.claimed_until = "making", now + CLAIM_LASTS
            row.attempts += 1
            row.serial = row.serial or _next_serial(row)
            row.save(update_fields=["state", "claimed_until", "attempts", "serial"])
    return [_package(row) for row in rows]


def _next_serial(row: ArchivePackage) -> int:
    """The next number of its series. Whoever waits for the lock sees what the other took."""
    series = {name: getattr(row, name) for name in ("fonds", "year", "retention", "topic")}
    with connection.cursor() as cursor:
        text = "archive " + " ".join(str(value) for value in series.values())
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [text])
    last = ArchivePackage.objects.filter(**series).aggregate(last=Max("serial"))["last"]
    return (last or 0) + 1


def keep(made: MadePackage, *, now: datetime) -> None:
    """Keep a made package under the archive's key, with what it is found by."""
    row = ArchivePackage.objects.select_for_update().get(id=made.id)
    key = archive_key()
    row.state, row.claimed_until, row.problem = KEPT, None, ""
    row.name, row.size, row.made_at = made.name, len(made.data), now
    row.sha256, row.sm3 = hashlib.sha256(made.data).digest(), made.sm3
    row.sealed = key.seal(made.data, _place("sealed", row.id))
    row.described = crypto.seal_document(key, made.described, _place("described", row.id))
    row.save()
    digests = {crypto.blind_index(purpose, value) for purpose, value in made.found_by}
    ArchiveLookup.objects.bulk_create(
        [ArchiveLookup(digest=digest, package_id=row.id) for digest in sorted(digests)]
    )


def postpone(package_id: UUID, *, problem: str, not_before: datetime | None) -> None:
    """Give a claimed package back: to be tried later, or, without a time, by a person."""
    state = WAITING if not_before else NEEDS_PERSON
    changed: dict[str, Any] = {"state": state, "claimed_until": None, "problem": problem[:200]}
    if not_before:
        changed["not_before"] = not_before
    ArchivePackage.objects.filter(id=package_id, state="making").update(**changed)


def again(*, package_id: UUID, now: datetime) -> bool:
    """Let a package that needed a person be made once more; whether it did need one."""
    rows = ArchivePackage.objects.filter(id=package_id, state=NEEDS_PERSON)
    return bool(rows.update(state=WAITING, not_before=now, attempts=0, problem=""))


def one(package_id: UUID) -> Package | None:
    """One package; None when there is none."""
    row = ArchivePackage.objects.filter(id=package_id).defer(*_HEAVY).first()
    return _package(row) if row else None


def of_case(case_id: UUID) -> list[Package]:
    """The packages of one case, in the order they became due."""
    return _listed(ArchivePackage.objects.filter(case_id=case_id).order_by("id"))


def listed(ids: Iterable[UUID]) -> list[Package]:
    """Many packages at once, in the order of their ids."""
    return _listed(ArchivePackage.objects.filter(id__in=list(ids)).order_by("id"))


def in_need(*, limit: int = 100) -> list[Package]:
    """Packages that cannot be made without a person."""
    return _listed(ArchivePackage.objects.filter(state=NEEDS_PERSON).order_by("id")[:limit])


def waiting_of_case(case_id: UUID) -> bool:
    """Whether something of the case still has to be archived."""
    rows = ArchivePackage.objects.filter(case_id=case_id)
    return rows.filter(state__in=[WAITING, "making", NEEDS_PERSON]).exists()


def data_of(package_id: UUID) -> bytes | None:
    """A kept package; None when there is none. Errors: SealBroken when it was changed or moved."""
    rows = ArchivePackage.objects.filter(id=package_id, state=KEPT)
    sealed = rows.values_list("sealed", flat=True).first()
    return (
        None if sealed is None else archive_key().open(bytes(sealed), _place("sealed", package_id))
    )


def made_ids() -> list[UUID]:
    """The ids of every package that was made, those too that were destroyed since."""
    rows = ArchivePackage.objects.filter(state__in=[KEPT, DESTROYED])
    return list(rows.order_by("id").values_list("id", flat=True))


def found(
    *,
    digests: Iterable[bytes] = (),
    case_number: str = "",
    year: int | None = None,
    item: str = "",
    limit: int = 100,
) -> list[Package]:
    """Kept packages that match all that is asked, newest first."""
    rows = ArchivePackage.objects.filter(state=KEPT)
    for digest in digests:
        matching = ArchiveLookup.objects.filter(digest=digest).values("package_id")
        rows = rows.filter(id__in=matching)
    if case_number:
        rows = rows.filter(case_number=case_number)
    if year is not None:
        rows = rows.filter(year=year)
    if item:
        rows = rows.filter(topic=item)
    return _listed(rows.order_by("-id")[:limit])


def counts() -> Mapping[str, int]:
    """How many packages are in which state."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT state, count(*) FROM archive_package GROUP BY state")
        return {str(state): int(count) for state, count in cursor.fetchall()}


def archive_key() -> crypto.Key:
    """The key of the archive. It does not depend on the keys of cases."""
    return crypto.installation_key("archive")


def _listed(rows: QuerySet[ArchivePackage]) -> list[Package]:
    return [_package(row) for row in rows.defer(*_HEAVY)]


def _package(row: ArchivePackage) -> Package:
    described: Mapping[str, str] = {}
    if row.described is not None:
        where = _place("described", row.id)
        document = crypto.open_document(archive_key(), bytes(row.described), where)
        described = cast(Mapping[str, str], document)
    return Package(
        row.id, row.case_id, row.case_number, row.scope, row.item, row.newborn, row.outcome,
        row.state, row.upto, row.ended_at, row.fonds, row.year, row.retention, row.topic,
        row.serial, row.keep_until, row.attempts, row.problem, row.name,
        bytes(row.sha256 or b"").hex(), bytes(row.sm3 or b"").hex(), row.size, row.made_at,
        row.transferred_at, described,
    )  # fmt: skip


def _place(column: str, row: UUID) -> str:
    return crypto.place("archive_package", column, row)


def journalled() -> Iterator[tuple[UUID, Mapping[str, Any]]]:
    """What the journal tells of packages: the case, and the public body of the entry."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT case_id, body FROM journal WHERE kind = 'package_made'")
        for case_id, body in cursor.fetchall():
            yield case_id, json.loads(body)

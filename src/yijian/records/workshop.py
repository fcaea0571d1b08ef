"""政策工坊的记录: drafts, sources and the policy log, as rows that are found, locked and written."""

import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import connection
from django.db.models.fields.json import KeyTextTransform

from yijian.records.identifiers import new_id
from yijian.records.models import (
    PackDraft,
    PackSource,
    PackVersion,
    PolicyLogEntry,
    Staff,
)

Draft = PackDraft
LogEntry = PolicyLogEntry
"""Rows as pages name them, which never touch the models."""

NOT_TAKEN_IN = "not_taken_in"
"""What the log says of a version whose offices could not reach the directory on its day."""

UNDER_WORK = ("draft", "submitted", "returned")


class StaleDraftError(Exception):
    """Somebody else has changed the draft since the page was shown."""


@dataclass(frozen=True, slots=True)
class KnownVersion:
    """政策包版本: what this node keeps of one version, without its content."""

    code: str
    version: str
    digest: str
    in_force_from: date
    stored_at: datetime
    received: bool


def known_versions(*, codes: Collection[str]) -> list[KnownVersion]:
    """Every version of these packs, the one that counts last of all last."""
    rows = PackVersion.objects.filter(code__in=list(codes))
    fields = ("code", "version", "digest", "in_force_from", "stored_at", "received")
    found = rows.order_by("code", "in_force_from", "stored_at").values_list(*fields)
    return [KnownVersion(*row) for row in found]


def newest_version(*, code: str) -> KnownVersion | None:
    """The version that has the last word: in force already, or from its day on."""
    own = [one for one in known_versions(codes=[code]) if not one.received]
    return own[-1] if own else None


def not_past(*, codes: Collection[str], on: date) -> dict[str, list[str]]:
    """The digests of each pack's version that counts on a day and of those that wait, in order."""
    found: dict[str, list[str]] = {}
    for one in known_versions(codes=codes):
        if not one.received:
            line = found.setdefault(one.code, [])
            if one.in_force_from <= on:
                line.clear()
            line.append(one.digest)
    return found


def lock_packs() -> None:
    """Nobody else publishes a version of any pack until the transaction ends.

    Whoever locks one pack besides locks all packs first.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('yijian policies'), 0)")


def lock_pack(*, code: str) -> None:
    """Nobody else publishes a version of this pack until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtext('yijian policy'), hashtext(%s))", [code]
        )


def keep_source(
    *, code: str, version: str, digest: str, files: Mapping[str, str], origin: str, now: datetime
) -> None:
    """Keep the files of a version, if they are not kept already."""
    row = PackSource(
        id=new_id(), code=code, version=version, digest=digest, files=dict(files), origin=origin,
        kept_at=now,
    )  # fmt: skip
    PackSource.objects.bulk_create([row], ignore_conflicts=True)


def source_digests(*, codes: Collection[str]) -> dict[tuple[str, str], tuple[str, str]]:
    """The digest and origin of every kept source, by code and version."""
    rows = PackSource.objects.filter(code__in=list(codes))
    found = rows.values_list("code", "version", "digest", "origin")
    return {(code, version): (digest, origin) for code, version, digest, origin in found}


def source_files(*, code: str, version: str) -> dict[str, str] | None:
    """The files of one version; None when they were never kept."""
    found = PackSource.objects.filter(code=code, version=version).values_list("files", flat=True)
    return next(iter(found), None)


def files_of_the_workshop(*, digests: Collection[str]) -> dict[str, Mapping[str, str]]:
    """The files of those versions that the workshop has published, by the code of the pack."""
    rows = PackSource.objects.filter(digest__in=list(digests), origin="workshop")
    return dict(rows.values_list("code", "files"))


def drafts(*, code: str = "", under_work: bool = False) -> list[PackDraft]:
    """Drafts without their files, the one changed last first."""
    rows = PackDraft.objects.defer("files").order_by("-changed_at", "-id")
    if code:
        rows = rows.filter(code=code)
    if under_work:
        rows = rows.filter(state__in=UNDER_WORK)
    return list(rows)


def planned_texts(*, code: str) -> list[str]:
    """The pack.yaml of every draft under work: its version number is spoken for."""
    rows = PackDraft.objects.filter(code=code, state__in=UNDER_WORK)
    found = rows.annotate(own=KeyTextTransform("pack.yaml", "files")).values_list("own", flat=True)
    return [text or "" for text in found]


def find_draft(*, draft: UUID, locking: bool = False) -> PackDraft | None:
    """One draft; with `locking` nobody else changes it until the transaction ends."""
    rows = PackDraft.objects.select_for_update() if locking else PackDraft.objects
    return rows.filter(pk=draft).first()


def locked_draft(*, draft: UUID, lock: int) -> PackDraft | None:
    """One draft for changing, as the page showed it. Errors: StaleDraftError."""
    row = find_draft(draft=draft, locking=True)
    if row is not None and row.lock != lock:
        raise StaleDraftError(f"{draft}: {lock} / {row.lock}")
    return row


def change(row: PackDraft, *, now: datetime, **values: object) -> PackDraft:
    """Write the new values of a draft that is locked, and count the change."""
    for name, value in values.items():
        setattr(row, name, value)
    row.lock += 1
    row.changed_at = now
    row.save(update_fields=[*values, "lock", "changed_at"])
    return row


def note(
    *,
    actor: str,
    what: str,
    code: str,
    version: str = "",
    draft: UUID | None = None,
    digest: str = "",
    note: str = "",
    now: datetime,
) -> None:
    """One line of the policy log."""
    PolicyLogEntry.objects.create(
        id=new_id(), at=now, actor=actor, what=what, code=code, version=version, draft=draft,
        digest=digest, note=note,
    )  # fmt: skip


def entries(
    *, code: str = "", draft: UUID | None = None, what: str = "", limit: int = 500
) -> list[PolicyLogEntry]:
    """Lines of the policy log, the last first."""
    rows = PolicyLogEntry.objects.order_by("-id")
    if code:
        rows = rows.filter(code=code)
    if draft is not None:
        rows = rows.filter(draft=draft)
    if what:
        rows = rows.filter(what=what)
    return list(rows[:limit])


def staff_numbers(*, actors: Collection[str]) -> dict[str, str]:
    """The numbers under which offices know the staff who acted, by opaque identifier."""
    ids = {actor: actor.partition(":")[2] for actor in actors if actor.startswith("staff:")}
    rows = Staff.objects.filter(pk__in=list(ids.values())).values_list("pk", "staff_number")
    numbers = {str(pk): number for pk, number in rows}
    return {actor: numbers[id_] for actor, id_ in ids.items() if id_ in numbers}


def into_force(*, on: date) -> list[PackDraft]:
    """Published drafts whose day has come and which nobody has noted as being in force."""
    noted = PolicyLogEntry.objects.filter(what="in_force").values("draft")
    rows = PackDraft.objects.filter(state="published", in_force_from__lte=on)
    return list(rows.exclude(pk__in=noted).order_by("in_force_from", "decided_at"))


def not_taken_in() -> list[PolicyLogEntry]:
    """What the log says of versions that are in force and could not be taken in since."""
    noted = PolicyLogEntry.objects.filter(what="in_force").values("draft")
    return list(
        PolicyLogEntry.objects.filter(what=NOT_TAKEN_IN).exclude(draft__in=noted).order_by("-id")
    )


def document_of(*, code: str, version: str) -> dict[str, object] | None:
    """The canonical document of one version; None when it was never kept."""
    found = PackVersion.objects.filter(code=code, version=version)
    text = next(iter(found.values_list("canonical", flat=True)), None)
    return None if text is None else dict(json.loads(text))


@dataclass(frozen=True, slots=True)
class VersionText:
    """The content of a version beside what is said of it."""

    code: str
    version: str
    digest: str
    canonical: str


def texts_of_versions() -> Iterator[VersionText]:
    """Every version that this node keeps, one after the other."""
    rows = PackVersion.objects.order_by("code", "stored_at")
    for row in rows.values_list("code", "version", "digest", "canonical").iterator(chunk_size=8):
        yield VersionText(*row)


@dataclass(frozen=True, slots=True)
class Publication:
    """What was kept about one version of the workshop, from all sides, to be compared."""

    code: str
    version: str
    files: Mapping[str, str]
    source_digest: str
    version_digest: str
    draft: UUID | None
    draft_files: Mapping[str, str]
    draft_digest: str
    authors: tuple[str, ...]
    approver: str
    approvals: frozenset[tuple[str, str]]


def publications() -> Iterator[Publication]:
    """Every version that the workshop has published, or that a draft says it became."""
    drafts_of = {
        (row.code, row.version_published): row
        for row in PackDraft.objects.filter(state="published")
    }
    sources = {(row.code, row.version): row for row in PackSource.objects.filter(origin="workshop")}
    digests = {
        (code, version): digest
        for code, version, digest in PackVersion.objects.values_list("code", "version", "digest")
    }
    for key in sorted({*drafts_of, *sources}):
        draft, source = drafts_of.get(key), sources.get(key)
        said = entries(draft=draft.id, what="approved") if draft else []
        yield Publication(
            code=key[0],
            version=key[1],
            files=source.files if source else {},
            source_digest=source.digest if source else "",
            version_digest=digests.get(key, "none"),
            draft=draft.id if draft else None,
            draft_files=draft.files if draft else {},
            draft_digest=draft.digest if draft else "",
            authors=tuple(draft.authors) if draft else (),
            approver=draft.approver if draft else "",
            approvals=frozenset((one.actor, one.digest) for one in said),
        )

"""文书: what a document says is kept sealed at once; a worker claims it and adds its files.

    documents.ask([Wanted(…)], now=now)          in the transaction of the change that gives rise
    claimed = documents.claim(limit=10, now=now)  by a worker, in no transaction
    documents.settle([Settled(…)], now=now)       with what became of them

A claim ends by itself, so that a worker that died loses nothing. Who may read what is decided
elsewhere; what has been taken away is in `records.fetches`.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Q, QuerySet

from yijian.domain.documents import Content, as_data, restored
from yijian.records import crypto
from yijian.records.identifiers import new_id
from yijian.records.models import DocumentRow
from yijian.records.sealed import opened

CLAIM_LASTS = timedelta(minutes=2)
FAMILY, WINDOW = "family", "window"
PDF, OFD, SES = "pdf", "ofd", "ses"
TO_SET, NEEDS_PERSON, FAILED, READY = "waiting", "needs_person", "failed", "ready"
AWAITED = "awaited"
"""Another node makes it; its files are fetched when they are there."""
_FILES = ("sealed", "sealed_pdf", "sealed_ofd", "sealed_ses")
_PASSING = frozenset({"made_at", "watermark", "footer", "number"})
"""What may differ between two versions that say the same."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """要出的文书: a document that has become due, with what it says.

    `content` is None when it could not even be worded: then a person must look at once, unless it
    is made `elsewhere`. With `unless_same` nothing is added while the standing version says the
    same, with `once` nothing while there is any.
    """

    case_id: UUID
    key: crypto.Key = field(repr=False)
    kind: str
    about: str
    title: str
    content: Content | None = field(repr=False)
    occasion: str
    form_version: int
    item: str = ""
    newborn: int = 0
    language: str = "zh-hans"
    readers: tuple[str, ...] = (FAMILY,)
    folder: str = ""
    office: str = ""
    sealed_by: str = ""
    unless_same: bool = False
    once: bool = False
    elsewhere: bool = False


@dataclass(frozen=True, slots=True)
class Claimed:
    """领走的文书: what a worker sets now. `content` is None when nobody can open it any more."""

    id: UUID
    case_id: UUID
    kind: str
    sealed_by: str
    attempts: int
    content: Content | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class File:
    """一个文件: its bytes and digests."""

    data: bytes = field(repr=False)
    sha256: bytes
    sm3: bytes


@dataclass(frozen=True, slots=True)
class Settled:
    """What became of a claimed document: its files, or `problem` and whether to try again.

    An attempt that does not count failed over something else than this document.
    """

    id: UUID
    case_id: UUID
    state: str
    key: crypto.Key | None = field(default=None, repr=False)
    files: Mapping[str, File] = field(default_factory=dict, repr=False)
    pages: int = 0
    source: str = "set"
    problem: str = ""
    not_before: datetime | None = None
    counts: bool = True


@dataclass(frozen=True, slots=True)
class Document:
    """文书: what may be listed of one, without what it says. Digests are hexadecimal."""

    id: UUID
    case_id: UUID
    kind: str
    title: str
    number: str
    item: str
    newborn: int
    about: str
    version: int
    occasion: str
    form_version: int
    readers: tuple[str, ...]
    folder: str
    office: str
    state: str
    problem: str
    due_at: datetime
    settled_at: datetime | None
    replaced_at: datetime | None
    source: str
    pages: int
    sha256: Mapping[str, str]
    bytes: Mapping[str, int]

    @property
    def ready(self) -> bool:
        """Whether its PDF is there."""
        return self.state == READY

    @property
    def formats(self) -> tuple[str, ...]:
        """The formats that may be fetched."""
        return tuple(name for name in (PDF, OFD) if name in self.sha256) if self.ready else ()


def ask(wanted: Iterable[Wanted], *, now: datetime) -> int:
    """Keep what has become due, each as the next version of what it is about; how many.

    Three statements for any number. In the transaction of the change that gives rise to it.
    """
    asked = list({(one.case_id, one.about): one for one in wanted}.values())
    if not asked:
        return 0
    standing = {
        (row.case_id, row.about): row
        for row in DocumentRow.objects.filter(
            case_id__in={one.case_id for one in asked}, replaced_at__isnull=True
        ).defer(*_FILES)
    }
    rows, replaced = [], []
    for one in asked:
        before = standing.get((one.case_id, one.about))
        row = _row(one, before.version + 1 if before else 1, now)
        if before is not None:
            same = bytes(before.content_digest) == row.content_digest
            if one.once or (one.unless_same and same):
                continue
            replaced.append(before.id)
        rows.append(row)
    if replaced:
        DocumentRow.objects.filter(id__in=replaced).update(replaced_at=now)
    DocumentRow.objects.bulk_create(rows)
    return len(rows)


def _row(one: Wanted, version: int, now: datetime) -> DocumentRow:
    identifier = new_id()
    data = as_data(one.content) if one.content is not None else {}
    state, problem = (TO_SET, "") if one.content is not None else (NEEDS_PERSON, "not_worded")
    if one.elsewhere:
        state, problem = AWAITED, ""
    return DocumentRow(
        id=identifier,
        case_id=one.case_id,
        kind=one.kind,
        title=one.title,
        number=one.content.number if one.content else "",
        item=one.item,
        newborn=one.newborn,
        about=one.about,
        version=version,
        language=one.language,
        occasion=one.occasion,
        form_version=one.form_version,
        readers=list(one.readers),
        folder=one.folder,
        office=one.office,
        sealed_by=one.sealed_by,
        state=state,
        problem=problem,
        settled_at=now if state == NEEDS_PERSON else None,
        not_before=now,
        due_at=now,
        content_digest=_said(data),
        sealed=crypto.seal_document(one.key, data, _place("sealed", identifier)),
    )


def _said(data: Mapping[str, Any]) -> bytes:
    lasting = {name: value for name, value in data.items() if name not in _PASSING}
    return crypto.keyed_digest("document", json.dumps(lasting, ensure_ascii=False, sort_keys=True))


def due(*, now: datetime) -> bool:
    """Whether a document waits to be set."""
    return DocumentRow.objects.filter(_claimable(now)).exists()


def _claimable(now: datetime) -> Q:
    free = Q(state="waiting") | Q(state="setting", claimed_until__lte=now)
    return free & Q(not_before__lte=now, sealed__isnull=False)


_CLAIM = """
    UPDATE document d SET state = 'setting', attempts = d.attempts + 1, claimed_until = %(until)s
    FROM (
        SELECT w.id FROM document w
        WHERE w.state IN ('waiting', 'setting') AND w.not_before <= %(now)s
            AND (w.state = 'waiting' OR w.claimed_until <= %(now)s)
            AND w.sealed IS NOT NULL AND (w.attempts > 0) = %(tried)s
        ORDER BY w.not_before, w.id LIMIT %(limit)s FOR UPDATE SKIP LOCKED
    ) free JOIN document p ON p.id = free.id JOIN "case" c ON c.id = p.case_id
    WHERE d.id = free.id
    RETURNING d.id, d.case_id, d.kind, d.sealed_by, d.attempts, d.sealed, c.wrapped_key
"""


def claim(*, limit: int, now: datetime, tried: bool = False) -> list[Claimed]:
    """Claim the next documents to set, oldest first; others cannot claim them meanwhile.

    `tried` claims only what a worker has claimed before: it may be what killed it, and must not
    take others along.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            _CLAIM, {"until": now + CLAIM_LASTS, "now": now, "limit": limit, "tried": tried}
        )
        rows = cursor.fetchall()
    claimed = []
    for *columns, sealed, wrapped in rows:
        data = opened("document", columns[0], columns[1], sealed, wrapped)
        claimed.append(Claimed(*[*columns, restored(data) if data else None]))
    return sorted(claimed, key=lambda one: one.id)


def settle(settled: Sequence[Settled], *, now: datetime) -> None:
    """Write what became of claimed documents. Two statements for any number."""
    rows = list(DocumentRow.objects.filter(id__in=[one.id for one in settled]).defer(*_FILES))
    fates = {one.id: one for one in settled}
    for row in rows:
        _settle(row, fates[row.id], now)
    DocumentRow.objects.bulk_update(
        rows,
        [
            "state", "attempts", "claimed_until", "not_before", "problem", "settled_at", "source",
            "pages",
            "pdf_sha256", "pdf_sm3", "pdf_bytes", "ofd_sha256", "ofd_sm3", "ofd_bytes",
            "sealed_pdf", "sealed_ofd", "sealed_ses",
        ],
    )  # fmt: skip


def _settle(row: DocumentRow, fate: Settled, now: datetime) -> None:
    row.state, row.problem, row.claimed_until = fate.state, fate.problem[:200], None
    row.source = fate.source
    row.attempts -= 0 if fate.counts else 1
    row.settled_at = None if fate.state == TO_SET else now
    row.not_before = fate.not_before or row.not_before
    row.pages = fate.pages
    row.sealed_pdf = row.sealed_ofd = row.sealed_ses = None
    for name, file in fate.files.items():
        assert fate.key is not None
        column = f"sealed_{name}"
        setattr(row, column, fate.key.seal(file.data, _place(column, row.id)))
        if name != SES:
            setattr(row, f"{name}_sha256", file.sha256)
            setattr(row, f"{name}_sm3", file.sm3)
            setattr(row, f"{name}_bytes", len(file.data))


def of_case(case_id: UUID, *, standing: bool = True) -> list[Document]:
    """The documents of one case in the order they became due; `standing` leaves out replaced."""
    return of_cases([case_id], standing=standing).get(case_id, [])


def of_cases(ids: Iterable[UUID], *, standing: bool = True) -> Mapping[UUID, list[Document]]:
    """The documents of many cases; one statement."""
    rows = DocumentRow.objects.filter(case_id__in=list(ids)).defer(*_FILES)
    if standing:
        rows = rows.filter(replaced_at__isnull=True)
    found: dict[UUID, list[Document]] = {}
    for row in rows.order_by("case_id", "id"):
        found.setdefault(row.case_id, []).append(_document(row))
    return found


def listed(ids: Iterable[UUID]) -> list[Document]:
    """Many documents at once."""
    rows = DocumentRow.objects.filter(id__in=list(ids)).defer(*_FILES)
    return [_document(row) for row in rows]


def one(document_id: UUID) -> Document | None:
    """One document; None when there is none."""
    row = DocumentRow.objects.filter(id=document_id).defer(*_FILES).first()
    return _document(row) if row else None


def said(*, key: crypto.Key, ids: Iterable[UUID]) -> Mapping[UUID, Content]:
    """What documents of one case say. Errors: SealBroken."""
    found = DocumentRow.objects.filter(id__in=list(ids)).values_list("id", "sealed")
    contents = {}
    for identifier, sealed in found:
        if sealed is not None:
            data = crypto.open_document(key, bytes(sealed), _place("sealed", identifier))
            if isinstance(data, dict) and data:
                contents[identifier] = restored(data)
    return contents


def file_of(*, key: crypto.Key, document_id: UUID, format: str) -> bytes | None:
    """One file; None when there is none. Errors: SealBroken when it was changed or moved."""
    column = f"sealed_{format}"
    if column not in _FILES:
        return None
    rows = DocumentRow.objects.filter(id=document_id, state=READY)
    sealed = rows.values_list(column, flat=True).first()
    return None if sealed is None else key.open(bytes(sealed), _place(column, document_id))


def needing_a_person(*, offices: Iterable[str], limit: int = 100) -> list[Document]:
    """What could not be set and is still wanted, oldest first, at these offices."""
    rows = _in_need().filter(office__in=list(offices)).defer(*_FILES)
    return [_document(row) for row in rows.order_by("id")[:limit]]


def count_in_need(*, offices: Iterable[str]) -> int:
    """How many documents of these offices need a person."""
    return _in_need().filter(office__in=list(offices)).count()


def _in_need() -> QuerySet[DocumentRow]:
    return DocumentRow.objects.filter(
        state__in=[NEEDS_PERSON, FAILED], replaced_at__isnull=True, sealed__isnull=False
    )


def again(*, document_id: UUID, now: datetime) -> bool:
    """Let a document that needed a person wait to be set once more; whether it did need one."""
    return bool(
        _in_need()
        .filter(id=document_id)
        .exclude(problem="not_worded")
        .update(state=TO_SET, attempts=0, not_before=now, problem="", settled_at=None)
    )


def lock_in_need(document_id: UUID) -> bool:
    """Lock a document that needs a person until the transaction ends; False when none does."""
    return _in_need().select_for_update().filter(id=document_id).values("id").first() is not None


def _document(row: DocumentRow) -> Document:
    digests = {PDF: row.pdf_sha256, OFD: row.ofd_sha256}
    return Document(
        row.id, row.case_id, row.kind, row.title, row.number, row.item, row.newborn, row.about,
        row.version, row.occasion, row.form_version, tuple(row.readers), row.folder, row.office,
        row.state, row.problem, row.due_at, row.settled_at, row.replaced_at, row.source, row.pages,
        {name: bytes(digest).hex() for name, digest in digests.items() if digest is not None},
        {PDF: row.pdf_bytes, OFD: row.ofd_bytes},
    )  # fmt: skip


def _place(column: str, row: UUID) -> str:
    return crypto.place("document", column, row)

"""待取的文件: the files of documents that another node has issued, until they are here.

    received_files.announce(…, now=now)               the other node has made them
    claimed = received_files.claim(limit=…, now=now)  by a worker, in no transaction
    received_files.settle(…, now=now)                 with what became of them

A claim ends by itself, so that a worker that died loses nothing.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection

from yijian.records.models import DocumentRow, ReceivedFile

CLAIM_LASTS = timedelta(minutes=2)
WAITING, FETCHED, PARKED = "waiting", "fetched", "parked"


@dataclass(frozen=True, slots=True)
class AnnouncedFile:
    """一个待取文件: its SHA-256, hexadecimal, and its size."""

    sha256: str
    bytes: int


@dataclass(frozen=True, slots=True)
class Awaited:
    """领走的待取文件: what a worker fetches now, from whom, under which ids there and here."""

    id: UUID
    case_id: UUID
    task_id: UUID
    partner: str
    document: UUID
    remote: UUID
    pages: int
    attempts: int
    files: Mapping[str, AnnouncedFile]


def announce(
    *,
    case_id: UUID,
    task_id: UUID,
    partner: str,
    about: str,
    remote: UUID,
    pages: int,
    files: Mapping[str, AnnouncedFile],
    now: datetime,
) -> bool:
    """Let a worker fetch the files of what is awaited; False when nothing is, or no longer."""
    row = DocumentRow.objects.filter(
        case_id=case_id, about=about, state="awaited", replaced_at__isnull=True
    ).values("id")
    document = row.first()
    if document is None:
        return False
    _, made = ReceivedFile.objects.get_or_create(
        document=document["id"],
        defaults={
            "case_id": case_id,
            "task_id": task_id,
            "partner": partner,
            "remote": remote,
            "pages": pages,
            "files": {
                name: {"sha256": file.sha256, "bytes": file.bytes} for name, file in files.items()
            },
            "not_before": now,
            "announced_at": now,
        },
    )
    return made


def due(*, now: datetime) -> bool:
    """Whether files wait to be fetched."""
    return ReceivedFile.objects.filter(
        state__in=[WAITING, "fetching"], not_before__lte=now
    ).exists()


_CLAIM = """
    UPDATE received_file r SET state = 'fetching', attempts = r.attempts + 1,
        claimed_until = %(until)s
    FROM (
        SELECT id FROM received_file
        WHERE state IN ('waiting', 'fetching') AND not_before <= %(now)s
            AND (state = 'waiting' OR claimed_until <= %(now)s)
        ORDER BY not_before, id LIMIT %(limit)s FOR UPDATE SKIP LOCKED
    ) free
    WHERE r.id = free.id
    RETURNING r.id, r.case_id, r.task_id, r.partner, r.document, r.remote, r.pages, r.attempts,
        r.files
"""


def claim(*, limit: int, now: datetime) -> list[Awaited]:
    """Claim the next documents whose files are to be fetched, oldest first."""
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM, {"until": now + CLAIM_LASTS, "now": now, "limit": limit})
        rows = cursor.fetchall()
    return sorted((_awaited(row) for row in rows), key=lambda one: one.id)


def _awaited(row: Sequence[Any]) -> Awaited:
    *columns, files = row
    told = json.loads(files) if isinstance(files, str) else files
    announced = {name: AnnouncedFile(one["sha256"], one["bytes"]) for name, one in told.items()}
    return Awaited(*[*columns, announced])


def settle(
    *,
    fetched: Iterable[UUID] = (),
    retry: Mapping[UUID, datetime] | None = None,
    parked: Mapping[UUID, str] | None = None,
    now: datetime,
) -> None:
    """Write how claimed files fared: there, to be tried again then, or given up and why."""
    ReceivedFile.objects.filter(id__in=list(fetched)).update(
        state=FETCHED, claimed_until=None, settled_at=now, problem=""
    )
    for one, at in (retry or {}).items():
        ReceivedFile.objects.filter(id=one).update(state=WAITING, claimed_until=None, not_before=at)
    for one, why in (parked or {}).items():
        ReceivedFile.objects.filter(id=one).update(
            state=PARKED, claimed_until=None, settled_at=now, problem=why[:200]
        )


def again(*, now: datetime) -> int:
    """Let everything that was given up be tried once more; how many."""
    return ReceivedFile.objects.filter(state=PARKED).update(
        state=WAITING, attempts=0, not_before=now, settled_at=None, problem=""
    )


def still_awaited(document: UUID) -> bool:
    """Whether a document still waits for its files; locked until the transaction ends."""
    rows = DocumentRow.objects.select_for_update().filter(id=document, state="awaited")
    return rows.values("id").first() is not None

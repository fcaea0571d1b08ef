"""文书: what a worker has made of a document becomes its files; who fetches one, and who repairs.

A document that cannot be set waits for a person, who lets it be set again or brings a scan of one
made by hand. That a document was issued stands in the journal with the digests of its files.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from cryptography.hazmat.primitives import hashes
from django.db import transaction

from yijian.actions import certificate_news, changes, contexts, waking
from yijian.actions.changes import Decided
from yijian.actions.paperwork import wanted_of
from yijian.domain.context import RefusedError
from yijian.domain.events import Event, EventKind
from yijian.domain.paperwork import requested
from yijian.records import access, documents
from yijian.records import cases as case_records
from yijian.records.documents import File, Settled
from yijian.records.mapping import LoadedCase

SYSTEM = "system"
WINDOW_PURPOSE = "window_service"


def file(data: bytes) -> File:
    """A file with its digests."""
    sm3 = hashes.Hash(hashes.SM3())
    sm3.update(data)
    return File(data, hashlib.sha256(data).digest(), sm3.finalize())


def ask_for(*, by: Any, number: str, kind: str, now: datetime) -> None:
    """A clerk at the window has a notice made that nothing else gives rise to.

    Errors: access.Refused, RefusedError `nothing_to_say` when the case gives no reason for it.
    """
    with transaction.atomic():
        opened = access.access_window_case(
            by=by, number=number, purpose=WINDOW_PURPOSE, now=now, locking=True
        )
        context = contexts.context_of(opened.case)
        key = opened.loaded.key
        if kind not in context.pack.documents or key is None:
            raise RefusedError("nothing_to_say")
        due = requested(kind, opened.case, context, now)
        if not due:
            raise RefusedError("nothing_to_say")
        documents.ask([wanted_of(one, opened.case, context, key, now) for one in due], now=now)
        waking.wake_setter()


def finish(settled: Sequence[Settled], *, now: datetime, by: str = SYSTEM) -> int:
    """Write what became of claimed documents; how many were issued.

    Files, digests in the journal and the state of the row in one transaction for the whole batch.
    What belongs to a case that was forgotten meanwhile is dropped.
    """
    with transaction.atomic():
        ready = {one.case_id for one in settled if one.state == documents.READY}
        loaded = {case.id: case for case in case_records.load(ids=ready)} if ready else {}
        fates = [_fate(one, loaded.get(one.case_id)) for one in settled]
        rows = {row.id: row for row in documents.listed([one.id for one in fates])}
        issued = [one for one in fates if one.state == documents.READY]
        changes.commit(
            [
                _decided(case, mine, rows, by, now)
                for case in loaded.values()
                if (mine := [one for one in issued if one.case_id == case.id])
            ],
            now=now,
        )
        documents.settle(fates, now=now)
    return len(issued)


def _decided(
    loaded: LoadedCase,
    issued: Sequence[Settled],
    rows: Mapping[UUID, documents.Document],
    by: str,
    now: datetime,
) -> Decided:
    events = [_issued(one, rows[one.id], loaded, by, now) for one in issued]
    files = {one.id: one.files for one in issued}
    return Decided(loaded, events, certificate_news.of_files(loaded, events, rows, files))


def _fate(one: Settled, loaded: LoadedCase | None) -> Settled:
    if one.state != documents.READY:
        return one
    if loaded is None or loaded.key is None:
        return Settled(one.id, one.case_id, documents.FAILED, problem="forgotten")
    return replace(one, key=loaded.key)


def _issued(
    one: Settled, row: documents.Document, loaded: LoadedCase, by: str, now: datetime
) -> Event:
    digests = {
        name: {"sha256": made.sha256.hex(), "sm3": made.sm3.hex()}
        for name, made in sorted(one.files.items())
    }
    public = {
        "document": str(row.id),
        "kind": row.kind,
        "version": row.version,
        "source": one.source,
        "files": digests,
    }
    key = (row.item, row.newborn)
    task = key if key in loaded.case.tasks else None
    return Event(EventKind.DOCUMENT_ISSUED, now, by, task=task, public=public)

"""文书文件的核对: every issued document with its opened files, and what the journal tells of it."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db import connection

from yijian.domain.events import EventKind
from yijian.records import crypto
from yijian.records.crypto import SealBroken

AT_ONCE = 50
FORMATS = ("pdf", "ofd")


@dataclass(frozen=True, slots=True)
class IssuedFiles:
    """已出文书的文件: digests as the row and the journal name them, and the files as they open.

    `told` is None when the journal tells of no such document. A file is None when it does not
    open; `forgotten` when the case was forgotten and nothing can be opened any more.
    """

    id: UUID
    number: str
    kind: str
    digests: Mapping[str, tuple[str, str]]
    told: Mapping[str, Mapping[str, str]] | None
    files: Mapping[str, bytes | None] = field(repr=False)
    forgotten: bool = False


def issued_files() -> Iterator[IssuedFiles]:
    """Every document that has its files, a few at a time; one statement for each few."""
    last = UUID(int=0)
    while True:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT d.id, c.number, d.kind, d.pdf_sha256, d.pdf_sm3, d.ofd_sha256, d.ofd_sm3,"
                " d.sealed_pdf, d.sealed_ofd, c.id, c.wrapped_key, (SELECT j.body FROM journal j"
                " WHERE j.case_id = d.case_id AND j.kind = %s"
                " AND j.body::jsonb->>'document' = d.id::text ORDER BY j.seq DESC LIMIT 1)"
                ' FROM document d JOIN "case" c ON c.id = d.case_id'
                " WHERE d.state = 'ready' AND d.id > %s ORDER BY d.id LIMIT %s",
                [EventKind.DOCUMENT_ISSUED.value, last, AT_ONCE],
            )
            rows = cursor.fetchall()
        for row in rows:
            yield _opened(row)
            last = row[0]
        if len(rows) < AT_ONCE:
            return


def _opened(row: tuple[Any, ...]) -> IssuedFiles:
    identifier, number, kind, *digests, pdf, ofd, case_id, wrapped, body = row
    found = dict(zip(FORMATS, (digests[:2], digests[2:]), strict=True))
    sealed = {"pdf": pdf, "ofd": ofd}
    files: dict[str, bytes | None] = {}
    if wrapped is not None:
        key = crypto.unwrap(bytes(wrapped), case_id)
        for name, data in sealed.items():
            if found[name][0] is not None:
                files[name] = _file(key, data, name, identifier)
    return IssuedFiles(
        id=identifier,
        number=number,
        kind=kind,
        digests={
            name: (bytes(sha256).hex(), bytes(sm3).hex())
            for name, (sha256, sm3) in found.items()
            if sha256 is not None
        },
        told=None if body is None else json.loads(body)["files"],
        files=files,
        forgotten=wrapped is None,
    )


def _file(key: crypto.Key, sealed: bytes | None, name: str, identifier: UUID) -> bytes | None:
    if sealed is None:
        return None
    try:
        return key.open(bytes(sealed), crypto.place("document", f"sealed_{name}", identifier))
    except SealBroken:
        return None

"""文书待处理: a document that no machine could make is tried again, or made by hand and scanned.

Only the office that answers for it sees it; every look is in the access log.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction

from yijian.actions import documents as document_actions
from yijian.actions import waking
from yijian.documents import glyphs, scans
from yijian.documents.handmade import pdf_of
from yijian.domain.context import RefusedError
from yijian.domain.documents import Content, texts
from yijian.records import access, documents, people
from yijian.records.access import OpenedCase
from yijian.records.documents import PDF, READY, Document, Settled

PURPOSE = "make_document"


@dataclass(frozen=True, slots=True)
class InNeed:
    """待处理的文书: the document, its case's number, what it is to say, what no font can show."""

    document: Document
    number: str
    content: Content | None = field(repr=False)
    missing: str = field(default="", repr=False)


def waiting(*, by: Any) -> list[Document]:
    """What waits for a person at the visitor's office. Errors: access.Refused."""
    who = people.visitor(by)
    if not who.office or not access.makes_documents(who):
        raise access.Refused
    return documents.needing_a_person(offices=[who.office])


def look(*, by: Any, document_id: UUID, now: datetime) -> InNeed:
    """What the document is to say, for whoever makes it by hand. Errors: access.Refused."""
    opened = _opened(by, document_id, now)
    found = documents.one(document_id)
    if found is None or opened.loaded.key is None:
        raise access.Refused
    content = documents.said(key=opened.loaded.key, ids=[document_id]).get(document_id)
    own = glyphs.own_fonts(settings.YIJIAN.fonts_dir)
    missing = glyphs.missing(texts(content), own) if content is not None else ""
    return InNeed(found, opened.case.number, content, missing)


def try_again(*, by: Any, document_id: UUID, now: datetime) -> None:
    """Let a worker try once more: a font or a template may have come since.

    Errors: access.Refused, RefusedError `document_not_in_need`.
    """
    with transaction.atomic():
        _opened(by, document_id, now)
        if not documents.again(document_id=document_id, now=now):
            raise RefusedError("document_not_in_need")
        waking.wake_setter()


def attach(*, by: Any, document_id: UUID, data: bytes, now: datetime) -> None:
    """The scan of the document as it was made by hand becomes its file.

    Errors: access.Refused, scans.ScanError, RefusedError `document_not_in_need`.
    """
    pictures = [scans.kept(picture, "") for picture in scans.read(data)]
    with transaction.atomic():
        opened = _opened(by, document_id, now)
        found = documents.one(document_id)
        if found is None or not documents.lock_in_need(document_id):
            raise RefusedError("document_not_in_need")
        pdf = document_actions.file(pdf_of(pictures, title=found.title))
        made = Settled(
            document_id,
            found.case_id,
            READY,
            files={PDF: pdf},
            pages=len(pictures),
            source="scan",
        )
        by_whom = opened.visitor.staff or opened.visitor.user
        document_actions.finish([made], now=now, by=by_whom)


def _opened(by: Any, document_id: UUID, now: datetime) -> OpenedCase:
    return access.access_document_in_need(by=by, document_id=document_id, purpose=PURPOSE, now=now)

"""取件: who may take a document's files, through which door, and that it was taken.

A family reads what its documents' readers say; a window what its families read, and what its own
office answers for; an office what is filed with its item or names it as a reader. Whatever is
absent is refused like what is forbidden, and every file that is taken leaves a line.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from yijian.domain.document_specs import FAMILY_READER, LEAD_READER, OFFICE_READER
from yijian.domain.events import TaskKey
from yijian.records import access, crypto, documents, fetches
from yijian.records.documents import Document

FAMILY, WINDOW, TASK = "family", "window", "task"
OWN_PURPOSE, WINDOW_PURPOSE, TASK_PURPOSE = "own_case", "window_service", "handle_task"


@dataclass(frozen=True, slots=True)
class Fetched:
    """取到的文件: one file of a document."""

    document: Document
    format: str
    data: bytes = field(repr=False)


def for_family(found: Iterable[Document]) -> list[Document]:
    """What a parent of the case may read."""
    return [one for one in found if FAMILY_READER in one.readers]


def for_window(found: Iterable[Document], office: str) -> list[Document]:
    """What the window at which the case lies may read."""
    return [one for one in found if FAMILY_READER in one.readers or one.office == office]


def for_task(found: Iterable[Document], key: TaskKey, office: str) -> list[Document]:
    """What the office of a task may read."""
    return [one for one in found if _for_task(one, key, office)]


def _for_task(one: Document, key: TaskKey, office: str) -> bool:
    item, newborn = key
    if newborn and one.newborn not in (0, newborn):
        return False
    if item in one.readers:
        return True
    if one.item == item and (OFFICE_READER in one.readers or bool(one.folder)):
        return True
    return LEAD_READER in one.readers and bool(office) and one.office == office


def fetch(
    *, by: Any, door: str, where: str, document_id: UUID, format: str, now: datetime
) -> Fetched:
    """One file through one door: `where` is the case's number, or the task's id.

    Errors: access.Refused, the same for what is absent and for what is not for this visitor.
    """
    if door == TASK:
        return _for_office(by, UUID(where), document_id, format, now)
    if door == WINDOW:
        opened = access.access_window_case(by=by, number=where, purpose=WINDOW_PURPOSE, now=now)
        mine = for_window(_of(opened.loaded.id), opened.visitor.office or "")
        taken = _taken(mine, opened.loaded.key, document_id, format)
        _note_staff(by, opened.visitor, taken, WINDOW_PURPOSE, None, now)
        return taken
    if door != FAMILY:
        raise access.Refused
    opened = access.access_case(by=by, number=where, purpose=OWN_PURPOSE, now=now)
    if opened.role == "staff":
        raise access.Refused
    taken = _taken(for_family(_of(opened.loaded.id)), opened.loaded.key, document_id, format)
    fetches.note(
        by=opened.role,
        document_id=taken.document.id,
        case_id=taken.document.case_id,
        format=format,
        now=now,
    )
    return taken


def _for_office(by: Any, task_id: UUID, document_id: UUID, format: str, now: datetime) -> Fetched:
    opened = access.access_task(by=by, task_id=task_id, purpose=TASK_PURPOSE, now=now)
    mine = for_task(_of(opened.loaded.id), opened.key, opened.visitor.office or "")
    taken = _taken(mine, opened.loaded.key, document_id, format)
    _note_staff(by, opened.visitor, taken, TASK_PURPOSE, task_id, now)
    return taken


def _of(case_id: UUID) -> list[Document]:
    return documents.of_case(case_id, standing=False)


def _taken(
    mine: Iterable[Document], key: crypto.Key | None, document_id: UUID, format: str
) -> Fetched:
    found = next((one for one in mine if one.id == document_id), None)
    if found is None or key is None or format not in found.formats:
        raise access.Refused
    data = documents.file_of(key=key, document_id=document_id, format=format)
    if data is None:
        raise access.Refused
    return Fetched(found, format, data)


def _note_staff(
    by: Any, who: Any, taken: Fetched, purpose: str, task_id: UUID | None, now: datetime
) -> None:
    """A line in the access log, and one that the family sees beside its own."""
    case_id = taken.document.case_id
    access.note_read(
        by=by, what="document", case_id=case_id, purpose=purpose, now=now, task_id=task_id
    )
    fetches.note(
        by=str(who.staff),
        document_id=taken.document.id,
        case_id=case_id,
        format=taken.format,
        office=who.office or "",
        now=now,
    )

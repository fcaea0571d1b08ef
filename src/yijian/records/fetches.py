"""取件记录: who took which file of a document away, and when; shown to the family."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from yijian.records.identifiers import new_id
from yijian.records.models import DocumentFetch

SHOWN_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class Fetch:
    """取件: one file that was taken away. `office` is empty for a member of the family."""

    document_id: UUID
    format: str
    by: str
    office: str
    at: datetime


def note(
    *, by: str, document_id: UUID, case_id: UUID, format: str, office: str = "", now: datetime
) -> None:
    """Record that a file was taken away."""
    DocumentFetch.objects.create(
        id=new_id(),
        document_id=document_id,
        case_id=case_id,
        format=format,
        by=by,
        office=office,
        at=now,
    )


def of_case(case_id: UUID) -> list[Fetch]:
    """What was taken away of one case, newest first."""
    rows = DocumentFetch.objects.filter(case_id=case_id).order_by("-id")[:SHOWN_AT_ONCE]
    return [Fetch(row.document_id, row.format, row.by, row.office, row.at) for row in rows]

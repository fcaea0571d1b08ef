"""管理日志: what administrators, editors and operators did. Nothing in it is about a family."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from yijian.records.identifiers import new_id
from yijian.records.models import AdministrationEntry


@dataclass(frozen=True, slots=True)
class Act:
    """管理操作: who did what when; `subject` is an opaque code, `details` are codes."""

    id: UUID
    at: datetime
    by: str
    what: str
    subject: str
    office: str = ""
    details: Mapping[str, object] = field(default_factory=dict)


def note(
    *,
    by: str,
    what: str,
    subject: str = "",
    office: str = "",
    details: Mapping[str, object] | None = None,
    now: datetime,
) -> None:
    """Keep that somebody did something: in the transaction that does it, or not at all."""
    AdministrationEntry.objects.create(
        id=new_id(),
        at=now,
        by=by,
        office=office,
        what=what,
        subject=subject,
        details=dict(details or {}),
    )


def acts(
    *,
    by: str = "",
    subject: str = "",
    since: datetime | None = None,
    until: datetime | None = None,
    before: UUID | None = None,
    limit: int = 100,
) -> list[Act]:
    """What was done, newest first; `before` goes on where a page ended."""
    rows = AdministrationEntry.objects.order_by("-id")
    if by:
        rows = rows.filter(by=by)
    if subject:
        rows = rows.filter(subject=subject)
    if since is not None:
        rows = rows.filter(at__gte=since)
    if until is not None:
        rows = rows.filter(at__lt=until)
    if before is not None:
        rows = rows.filter(id__lt=before)
    return [
        Act(row.id, row.at, row.by, row.what, row.subject, row.office, row.details)
        for row in rows[:limit]
    ]

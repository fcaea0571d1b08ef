"""查阅记录 of partners: a department's system, or another node, was handed something of a family."""

from datetime import datetime
from uuid import UUID

from yijian.records.identifiers import new_id
from yijian.records.models import AccessEntry


def note(
    *,
    partner: str,
    office: str,
    what: str,
    case_id: UUID,
    task_id: UUID,
    purpose: str,
    now: datetime,
) -> None:
    """Record that a partner was handed a part of a case for one of its tasks."""
    AccessEntry.objects.create(
        id=new_id(),
        at=now,
        staff=partner,
        office=office,
        what=what,
        case_id=case_id,
        task_id=task_id,
        purpose=purpose,
        shown=True,
    )

"""上报清单: everything this node has reported to the asker, in order, for partners that poll.

What was pushed and lost on its way is found here; that is what makes the exchange right, while
pushing only makes it fast.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest
from django.utils import timezone
from ninja import Query, Router
from pydantic import BaseModel, Field

from yijian.api.errors import Error, FieldError, RefusedRequestError
from yijian.api.senders import sender_of
from yijian.api.shapes import Received
from yijian.domain.envelopes import LARGEST_BATCH
from yijian.records import feeds

router = Router(tags=["events"])
SETTLED_AFTER = timedelta(seconds=60)
"""A report is shown when it is so old: by then every commit that began before it has ended, and a
reader that remembers the last cursor misses none."""
BEGINNING = "0"


class ReportsWanted(Received):
    """After which cursor, and how many."""

    after: Annotated[str, Field(pattern=r"^(0|[0-9a-f-]{36})$")] = BEGINNING
    limit: Annotated[int, Field(ge=1, le=LARGEST_BATCH)] = LARGEST_BATCH


class ReportOut(BaseModel):
    """One report: the same id and data as when it was pushed."""

    cursor: str
    type: str
    id: str
    data: dict[str, Any]


class ReportsOut(BaseModel):
    """One page; `next` is the `after` of the following one, also when this one is empty."""

    reports: list[ReportOut]
    next: str


@router.get(
    "/reports",
    response={200: ReportsOut, 401: Error, 422: Error},
    operation_id="listReports",
    summary="本节点报给您的全部内容 · Everything this node has reported to you",
)
def list_reports(request: HttpRequest, wanted: Annotated[ReportsWanted, Query()]) -> ReportsOut:
    """In the order of their cursors. A report appears a minute after it was made."""
    rows = feeds.told(
        destination=sender_of(request).code,
        after=_cursor(wanted.after),
        before=timezone.now() - SETTLED_AFTER,
        limit=wanted.limit,
    )
    reports = [
        ReportOut(cursor=str(row.id), type=row.kind, id=str(row.id), data=dict(row.payload))
        for row in rows
        if row.payload
    ]
    return ReportsOut(reports=reports, next=str(rows[-1].id) if rows else wanted.after)


def _cursor(text: str) -> UUID | None:
    if text == BEGINNING:
        return None
    try:
        return UUID(text)
    except ValueError:
        fault = FieldError(field="after", message="不是合法的标识", message_en="no cursor of ours")
        raise RefusedRequestError("wrong_fields", [fault]) from None

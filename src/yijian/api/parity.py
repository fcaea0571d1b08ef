"""对账: what this node tells a partner of the tasks they share, for the partner to compare.

`side` is this node's own: `sent` are the tasks that it has sent to the asking partner, `received`
those that came from it. Nobody sees a line of anybody else's task.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from django.http import HttpRequest
from django.utils import timezone
from ninja import Path, Query, Router
from pydantic import BaseModel, Field

from yijian.actions import parity
from yijian.api.errors import Error, RefusedRequestError
from yijian.api.senders import sender_of
from yijian.api.shapes import Identifier, Received
from yijian.domain.parity import COARSE, FINE
from yijian.records import convergence

router = Router(tags=["parity"])
Side = Literal["sent", "received"]
Prefix = Annotated[str, Field(pattern=r"^([0-9a-f]{1,8})?$")]


class BucketsWanted(Received):
    """Digests of buckets, by the first characters of the tasks' ids, all or within a coarse one."""

    side: Side
    width: Literal["5", "7"] = "5"
    within: Prefix = ""


class LinesWanted(Received):
    """The lines of one fine bucket, after the last one of a page before."""

    side: Side
    within: Annotated[str, Field(pattern=rf"^[0-9a-f]{{{FINE}}}$")]
    after: Identifier | None = None


class BucketOut(BaseModel):
    """How many tasks' ids begin so, and the SHA-256 over their lines."""

    bucket: str
    count: int
    digest: str


class BucketsOut(BaseModel):
    """Every bucket that is not empty."""

    buckets: list[BucketOut]


class LineOut(BaseModel):
    """对账行: round, state and the digest of the result of one task, and when it changed last."""

    task_id: UUID
    round: int
    state: str
    result: str
    answered: int
    changed_at: datetime
    case_number: str
    item: str


class LinesOut(BaseModel):
    """A page of lines; `next` is the `after` of the following one."""

    lines: list[LineOut]
    next: UUID | None = None


class RecordOut(BaseModel):
    """上级记录: everything this node has recorded of a task it sent to the asking partner."""

    task_id: UUID
    state: str
    round: int = 0
    reason: str | None = None
    reason_text: str = ""
    correct: list[str] = []
    result: dict[str, Any] = {}
    task: dict[str, Any] = {}
    certificates: list[dict[str, Any]] = []


@router.get(
    "/parity",
    response={200: BucketsOut, 401: Error, 422: Error},
    operation_id="compareBuckets",
    summary="对账桶 · Digests of shared tasks",
)
def list_buckets(request: HttpRequest, wanted: Annotated[BucketsWanted, Query()]) -> BucketsOut:
    """A million tasks are compared by a few hundred digests."""
    width = {"5": COARSE, "7": FINE}[wanted.width]
    found = convergence.buckets(
        partner=sender_of(request).code, side=wanted.side, width=width, within=wanted.within
    )
    return BucketsOut(
        buckets=[
            BucketOut(bucket=prefix, count=each.count, digest=each.digest)
            for prefix, each in sorted(found.items())
        ]
    )


@router.get(
    "/parity/lines",
    response={200: LinesOut, 401: Error, 422: Error},
    operation_id="compareLines",
    summary="对账行 · Lines of shared tasks",
)
def list_lines(request: HttpRequest, wanted: Annotated[LinesWanted, Query()]) -> LinesOut:
    """Only tasks that you share with this node."""
    found = convergence.lines(
        partner=sender_of(request).code, side=wanted.side, within=wanted.within, after=wanted.after
    )
    lines = [
        LineOut(
            task_id=UUID(each.line.task),
            round=each.line.round,
            state=each.line.state.value,
            result=each.line.result,
            answered=each.line.answered,
            changed_at=each.changed_at,
            case_number=each.case_number,
            item=each.item,
        )
        for each in found
    ]
    full = len(lines) == convergence.LINES_AT_ONCE
    return LinesOut(lines=lines, next=lines[-1].task_id if full else None)


@router.get(
    "/parity/tasks/{task_id}",
    response={200: RecordOut, 401: Error, 404: Error, 422: Error},
    operation_id="recoverTask",
    summary="取回本节点记录 · What this node recorded of your task",
)
def recover_task(request: HttpRequest, task_id: Annotated[Identifier, Path()]) -> RecordOut:
    """For whoever acts on a task and lost it: the task as it was sent, its state and its result.

    A task that was not sent to you answers as if there were none.
    """
    sender = sender_of(request)
    found = parity.take_back(sender.code, sender.items, task_id, now=timezone.now())
    if found is None:
        raise RefusedRequestError("not_found")
    return RecordOut.model_validate(found)

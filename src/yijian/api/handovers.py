"""送达反馈: what an office with its own system reports about a result on paper."""

from __future__ import annotations

from typing import Annotated, Literal

from django.http import HttpRequest
from django.utils import timezone
from ninja import Router
from pydantic import BaseModel, Field

from yijian.actions import handover_reports as actions
from yijian.actions.handover_reports import Handover
from yijian.api.errors import Error, RefusedRequestError
from yijian.api.senders import sender_of
from yijian.api.shapes import Identifier, Received
from yijian.domain.cases import ParcelState

router = Router(tags=["feedback"])


class CollectorIn(Received):
    """Who collected, as the card says that was shown."""

    name: Annotated[str, Field(min_length=1, max_length=100)]
    id_number: Annotated[str, Field(min_length=1, max_length=40)]


class HandoverIn(Received):
    """送达反馈: what became of the result of one task. `handover_id` is yours; used once."""

    handover_id: Annotated[str, Field(pattern=r"^[A-Za-z0-9._:-]{1,100}$")]
    task_id: Identifier
    state: Literal["ready", "posting", "delivered", "returned"]
    collector: CollectorIn | None = None
    proof: Literal["signed_paper"] | None = None


class HandoverOut(BaseModel):
    """What became of the report."""

    handover_id: str
    outcome: Literal["applied", "duplicate", "refused"]
    message: str


@router.post(
    "/handovers",
    response={
        200: HandoverOut, 400: Error, 401: Error, 409: Error, 413: Error, 415: Error, 422: Error
    },
    operation_id="reportHandover",
    summary="反馈一件结果的送达 · Report what became of a result on paper",
)  # fmt: skip
def report_handover(request: HttpRequest, handover: HandoverIn) -> HandoverOut:
    """The rules of our desk hold: only a person of the case collects, against the card.

    `delivered` needs the collector's name and number and `proof`: receipt signed on paper, which
    you file. `posting` lets the platform order the courier, where the family chose mail. Repeating
    a report changes nothing.
    """
    collector = handover.collector
    said = Handover(
        handover_id=handover.handover_id,
        task_id=handover.task_id,
        state=ParcelState(handover.state),
        name=collector.name if collector else "",
        id_number=collector.id_number if collector else "",
        proof=handover.proof or "",
    )
    outcome = actions.receive(sender_of(request).code, said, now=timezone.now())
    if outcome.code == "id_used_for_another_report":
        raise RefusedRequestError("contradicts_earlier")
    message = f"{outcome.code}: {outcome.field}" if outcome.field else outcome.code
    return HandoverOut.model_validate(
        {"handover_id": said.handover_id, "outcome": outcome.outcome, "message": message}
    )

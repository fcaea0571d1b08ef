"""信封: the door for CloudEvents of departments and other nodes, single or in a batch.

Every event has its own outcome: a refused one stops no other. What this node cannot read yet is
accepted all the same: it is kept whole, and a person looks at it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Router, Status
from pydantic import BaseModel, Field

from yijian.actions import envelopes as actions
from yijian.actions.receiving import REFUSED, Taken
from yijian.api.errors import Error, FieldError, RefusedRequestError
from yijian.api.senders import sender_of
from yijian.domain.envelopes import (
    BATCH,
    LARGEST_BATCH,
    SINGLE,
    CloudEvent,
    NotAnEventError,
    read_event,
)
from yijian.gateways.strictjson import NotStrictJsonError, loads

router = Router(tags=["events"])


class RefusedEvent(BaseModel):
    """An event that changed nothing, and why; `id` is empty when it could not be read."""

    id: str
    reason: str


class EventsOut(BaseModel):
    """What became of every event of the request."""

    accepted: list[str] = Field(description="Taken in, received before, or kept for a person.")
    refused: list[RefusedEvent]


_EVENT = {"type": "object", "description": "CloudEvents 1.0; see the exchange contract."}
_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            SINGLE: {"schema": _EVENT},
            BATCH: {"schema": {"type": "array", "minItems": 1, "maxItems": LARGEST_BATCH}},
        },
    }
}


@router.post(
    "/events",
    response={202: EventsOut, 400: Error, 401: Error, 413: Error, 415: Error, 422: Error},
    operation_id="takeEvents",
    summary="接收信封，单条或最多 500 条 · Take in one event or up to 500",
    openapi_extra=_BODY,
)
def take_events(request: HttpRequest) -> Status[EventsOut]:
    """The source of every event is the signer. Repeating an event changes nothing."""
    values = _values(request)
    read = [_read(value) for value in values]
    events = [each for each in read if isinstance(each, CloudEvent)]
    taken = iter(actions.take_in(sender_of(request).code, events, now=timezone.now()))
    outcomes = [next(taken) if isinstance(each, CloudEvent) else each for each in read]
    return Status(202, _out(outcomes))


def _values(request: HttpRequest) -> list[object]:
    """The JSON values that the body says are events."""
    if request.content_type not in (SINGLE, BATCH):
        raise RefusedRequestError("not_events")
    try:
        body = loads(request.body)
    except NotStrictJsonError:
        raise RefusedRequestError("bad_json") from None
    if request.content_type == SINGLE and isinstance(body, dict):
        return [body]
    if request.content_type == BATCH and isinstance(body, list) and 0 < len(body) <= LARGEST_BATCH:
        return body
    message = (
        f"应为一条信封，或 1 至 {LARGEST_BATCH} 条的列表",
        "one event, or a list of 1 to 500",
    )
    fault = FieldError(field="", message=message[0], message_en=message[1])
    raise RefusedRequestError("wrong_fields", [fault])


def _read(value: object) -> CloudEvent | Taken:
    try:
        return read_event(value)
    except NotAnEventError as refused:
        return Taken(refused.id, REFUSED, refused.code)


def _out(outcomes: Sequence[Taken]) -> EventsOut:
    return EventsOut(
        accepted=[each.id for each in outcomes if each.outcome != REFUSED],
        refused=[
            RefusedEvent(id=each.id, reason=each.code)
            for each in outcomes
            if each.outcome == REFUSED
        ],
    )

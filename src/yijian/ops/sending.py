"""分发与消息: emptying the outbox to one destination, and sending text messages.

A message is claimed, sent outside any transaction, and settled. Whatever ends the worker between
the steps, the claim runs out and the message goes again with the same id.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.utils import timezone

from yijian.actions import certificates, live_checks, minimisation, parcels, posting, training
from yijian.domain.cases import ParcelState
from yijian.domain.envelopes import TASK_DISPATCHED, TASK_WITHDRAWN, source_of
from yijian.domain.minimisation import thinned
from yijian.gateways import courier, departments, face, library, sms
from yijian.gateways.calls import CallFailedError
from yijian.ops.outside import caller, hands, next_attempt, rests
from yijian.records import exchange, links
from yijian.records import parcels as parcel_records
from yijian.records.exchange import ClaimedMessage, ClaimedNotice

BATCH = 500
MOST_BATCHES = 50
MOST_ATTEMPTS = 60
"""With pauses of up to ten minutes: most of a working day. Then a person must look."""
COURIER_SAYS = {
    "collected": ParcelState.UNDER_WAY,
    "delivered": ParcelState.DELIVERED,
    "returned": ParcelState.RETURNED,
}
"""What a state of the courier means for a parcel; a bare order means nothing new."""
ABOUT_TASKS = (TASK_DISPATCHED, TASK_WITHDRAWN)
_log = logging.getLogger(__name__)


def deliver(destination: str) -> int:
    """Send everything that waits for one destination; how many messages were settled.

    A destination that does not answer is left alone for a while; its messages wait.
    """
    settled = 0
    with hands.lent(destination) as free:
        if free and not rests.resting(destination):
            # Jobs of one destination exclude each other, so nobody alive holds a claim there.
            exchange.release_claims(destination=destination)
        for _ in range(MOST_BATCHES if free else 0):
            if rests.resting(destination):
                break
            now = timezone.now()
            messages = exchange.claim_messages(destination=destination, limit=BATCH, now=now)
            if not messages:
                break
            began = time.monotonic()
            settled += _SENDERS.get(destination, _push)(destination, messages)
            hands.took(destination, time.monotonic() - began)
    return settled


def _push(destination: str, messages: Sequence[ClaimedMessage]) -> int:
    """Send what may leave; what policy does not list for this office goes to a person instead."""
    partner = exchange.partner(destination)
    if partner is None or not partner.endpoint:
        return _give_up(messages, "no_endpoint")
    held = minimisation.held_back(partner, messages)
    exchange.settle_messages(parked=held, now=timezone.now())
    for id, why in held.items():
        _log.error("message %s to %s was held back: %s", id, destination, why)
    leaving = {str(m.id): m for m in messages if m.id not in held}
    events = [cloud_event(message, thin=partner.thin) for message in leaving.values()]
    settled = len(held)
    for batch in departments.batches(events):
        chosen = [leaving[str(event["id"])] for event in batch]
        if rests.resting(destination):
            _wait(chosen)
        else:
            settled += _push_batch(destination, partner.endpoint, chosen, batch)
    return settled


def _push_batch(
    destination: str,
    endpoint: str,
    messages: Sequence[ClaimedMessage],
    events: Sequence[Mapping[str, object]],
) -> int:
    try:
        result = departments.push(endpoint, events, caller=caller())
    except CallFailedError as failure:
        if not failure.passing and len(messages) > 1:
            # One message that cannot be read must not hold up the others: each goes alone.
            pairs = zip(messages, events, strict=True)
            return sum(_push_batch(destination, endpoint, [m], [e]) for m, e in pairs)
        return _failed(destination, messages, failure)
    _answered(destination)
    now = timezone.now()
    again = [m for m in messages if str(m.id) in result.unanswered]
    exchange.settle_messages(
        delivered=[m.id for m in messages if str(m.id) in result.accepted],
        parked={
            m.id: f"refused: {result.refused[str(m.id)]}".rstrip(": ")
            for m in messages
            if str(m.id) in result.refused
        }
        | {m.id: "never_acknowledged" for m in again if m.attempts >= MOST_ATTEMPTS},
        retry={m.id: next_attempt(m.attempts, now) for m in again if m.attempts < MOST_ATTEMPTS},
        now=now,
    )
    for message in messages:
        if str(message.id) in result.refused:
            _log.warning("%s refused message %s", destination, message.id)
    return len(messages) - len(again)


def _wait(messages: Sequence[ClaimedMessage]) -> None:
    """Their destination has just failed: they wait like those that were sent, nobody tried them."""
    now = timezone.now()
    exchange.settle_messages(retry={m.id: next_attempt(m.attempts, now) for m in messages}, now=now)


def cloud_event(message: ClaimedMessage, *, thin: bool = False) -> dict[str, object]:
    """The message as a CloudEvents 1.0 event; its id never changes. A thin one only notifies."""
    data = {"intent": message.intent, **message.payload}
    return {
        "specversion": "1.0",
        "id": str(message.id),
        "source": source_of(settings.YIJIAN.node),
        "type": message.kind,
        "subject": str(message.task_id or message.case_id),
        "time": message.created_at.isoformat(),
        "datacontenttype": "application/json",
        "data": thinned(data) if thin and message.kind in ABOUT_TASKS else data,
    }


def _ask_face(destination: str, messages: Sequence[ClaimedMessage]) -> int:
    """Ask the provider what the codes mean that browsers brought back."""
    settled = 0
    for position, message in enumerate(messages):
        code, state = str(message.payload.get("code")), str(message.payload.get("state"))
        try:
            check: face.LiveCheck | None = face.result(
                code, state, caller=caller(), url=settings.YIJIAN.face_url
            )
        except CallFailedError as failure:
            if failure.passing:
                return settled + _failed(destination, messages[position:], failure)
            check = None  # An unknown or used code: nobody was seen, the parent tries again.
        _answered(destination)
        live_checks.answered(
            case_id=message.case_id,
            role=str(message.payload.get("role")),
            passed=check is not None and check.is_person,
            receipt=check.receipt if check else "",
            now=timezone.now(),
        )
        exchange.settle_messages(delivered=[message.id], now=timezone.now())
        settled += 1
    return settled


def _order_courier(destination: str, messages: Sequence[ClaimedMessage]) -> int:
    """Ask the courier to fetch each parcel; what it will never take goes back to the office."""
    settled = 0
    for position, message in enumerate(messages):
        key = (message.item, message.newborn)
        parcel = courier.Parcel(**{name: str(said) for name, said in message.payload.items()})
        try:
            tracking = courier.order(parcel, caller=caller(), url=settings.YIJIAN.courier_url)
        except CallFailedError as failure:
            if failure.passing:
                return settled + _failed(destination, messages[position:], failure)
            parcels.not_taken(case_id=message.case_id, key=key, now=timezone.now())
        else:
            _answered(destination)
            parcels.ordered(case_id=message.case_id, key=key, tracking=tracking, now=timezone.now())
        exchange.settle_messages(delivered=[message.id], now=timezone.now())
        settled += 1
    return settled


def follow_parcels() -> int:
    """Ask the courier about the parcels it has; how many were asked about."""
    if rests.resting(posting.DESTINATION):
        return 0
    asked = parcel_records.to_ask_about(now=timezone.now())
    for parcel in asked:
        try:
            said = courier.state(parcel.order_id, caller=caller(), url=settings.YIJIAN.courier_url)
        except CallFailedError as failure:
            if failure.passing:
                rests.failed(posting.DESTINATION)
                break
            _log.warning("the courier does not know parcel %s: %s", parcel.id, failure.reason)
            continue
        to = COURIER_SAYS.get(said)
        if to is not None and to is not parcel.state:
            parcels.reported(case_id=parcel.case_id, key=parcel.key, to=to, now=timezone.now())
    return len(asked)


def _to_library(destination: str, messages: Sequence[ClaimedMessage]) -> int:
    """Hand rows of the collection table to the province's certificate library."""
    rows = [{"id": str(m.id), **dict(m.payload.get("row") or {})} for m in messages]
    try:
        result = library.collect(rows, caller=caller(), url=settings.YIJIAN.library_url)
    except CallFailedError as failure:
        if not failure.passing and len(messages) > 1:
            return sum(_to_library(destination, [message]) for message in messages)
        return _failed(destination, messages, failure)
    _answered(destination)
    now = timezone.now()
    again = [m for m in messages if str(m.id) not in result.accepted | result.refused]
    exchange.settle_messages(
        delivered=[m.id for m in messages if str(m.id) in result.accepted],
        parked={m.id: "refused" for m in messages if str(m.id) in result.refused}
        | {m.id: "never_acknowledged" for m in again if m.attempts >= MOST_ATTEMPTS},
        retry={m.id: next_attempt(m.attempts, now) for m in again if m.attempts < MOST_ATTEMPTS},
        now=now,
    )
    return len(messages) - len(again)


def _failed(destination: str, messages: Sequence[ClaimedMessage], failure: CallFailedError) -> int:
    """Nobody knows whether the batch arrived: it goes again, or to a person."""
    _log.warning("%s does not take messages: %s", destination, failure.reason)
    given_up = [m for m in messages if m.attempts >= MOST_ATTEMPTS or not failure.passing]
    now = timezone.now()
    if failure.passing:
        pause = timedelta(seconds=rests.failed(destination))
        links.failed(
            destination=destination, reason=failure.reason, resting_until=now + pause, now=now
        )
    exchange.settle_messages(
        parked={m.id: failure.reason for m in given_up},
        retry={m.id: next_attempt(m.attempts, now) for m in messages if m not in given_up},
        now=now,
    )
    return len(given_up)


def _answered(destination: str) -> None:
    """The destination is back, for this process and for whoever looks at the status."""
    rests.answered(destination)
    links.answered(destination=destination, now=timezone.now())


def _give_up(messages: Sequence[ClaimedMessage], reason: str) -> int:
    parked = {message.id: reason for message in messages}
    exchange.settle_messages(parked=parked, now=timezone.now())
    return len(messages)


_SENDERS: dict[str, Callable[[str, Sequence[ClaimedMessage]], int]] = {
    live_checks.DESTINATION: _ask_face,
    certificates.LIBRARY: _to_library,
    posting.DESTINATION: _order_courier,
}
"""Destinations that are no department; every other one gets its events pushed."""


def send_messages() -> int:
    """Send every waiting text message; how many were settled."""
    settled = 0
    for _ in range(MOST_BATCHES):
        if rests.resting("sms"):
            break
        now = timezone.now()
        notices = exchange.claim_notices(channel="sms", limit=BATCH, now=now)
        if not notices:
            break
        settled += _send(notices)
    return settled


def _send(notices: Sequence[ClaimedNotice]) -> int:
    delivered: list[UUID] = []
    parked: dict[UUID, str] = {}
    retry: dict[UUID, datetime] = {}
    for notice in notices:
        now = timezone.now()
        if not notice.phone:
            parked[notice.id] = "no_phone"
        elif rests.resting("sms"):
            retry[notice.id] = next_attempt(notice.attempts, now)
        else:
            failure = _send_one(notice)
            if failure is None:
                delivered.append(notice.id)
            elif failure.passing and notice.attempts < MOST_ATTEMPTS:
                retry[notice.id] = next_attempt(notice.attempts, now)
            else:
                parked[notice.id] = failure.reason
    now = timezone.now()
    exchange.settle_notices(delivered=delivered, parked=parked, retry=retry, now=now)
    return len(delivered) + len(parked)


def _send_one(notice: ClaimedNotice) -> CallFailedError | None:
    try:
        sms.send(
            str(notice.id),
            notice.phone or "",
            training.marked_text(notice.text),
            caller=caller(),
            url=settings.YIJIAN.sms_url,
        )
    except CallFailedError as failure:
        if failure.passing:
            rests.failed("sms")
        return failure
    rests.answered("sms")
    return None

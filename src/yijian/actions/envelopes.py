"""信封: taking in the messages of other systems, each once and for ever, each for itself.

What is pushed at the door and what is read from a feed goes the same way. A message with the same
id and content changes nothing; one that uses an id again for something else is refused. What this
node cannot read yet, or falls over, is kept whole and becomes a person's affair; it stops no other.
"""

import logging
from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from django.db import InterfaceError, OperationalError, transaction

from yijian.actions import feedback, partners, receiving, register_news
from yijian.actions.partners import PartnerRefusedError
from yijian.actions.receiving import (
    APPLIED,
    DUPLICATE,
    LATE,
    NOT_KNOWN,
    PARKED,
    REFUSED,
    Taken,
)
from yijian.domain import envelopes
from yijian.domain.context import RefusedError
from yijian.domain.envelopes import CloudEvent, NotAnEventError, read_event, written
from yijian.domain.signing import canonical_json
from yijian.records import crypto, exchange, parked
from yijian.records.exchange import Received
from yijian.records.parked import ParkedEvent

ANOTHER_MESSAGE = "id_used_for_another_message"
WRONG_SOURCE = "wrong_source"
FAILED = "failed"
TRIED_AT_ONCE = 100
_log = logging.getLogger(__name__)


def take_in(sender: str, events: Sequence[CloudEvent], *, now: datetime) -> list[Taken]:
    """Take in messages of a verified sender, in the order given. One outcome for each.

    Errors: those of a database that does not answer; then nothing is known and all come again.
    """
    if len(events) > envelopes.LARGEST_BATCH:
        raise ValueError(f"a batch has at most {envelopes.LARGEST_BATCH} events")
    try:
        with transaction.atomic():
            return _take_together(sender, events, now)
    except (OperationalError, InterfaceError):
        raise
    except Exception as failure:
        if len(events) != 1:
            # One of them is poison; alone, it harms no other.
            return [taken for event in events for taken in take_in(sender, [event], now=now)]
        _log.exception("message %s of %s cannot be taken in", events[0].id, sender)
        return [_kept_for_a_person(sender, events[0], type(failure).__name__, now)]


def _take_together(sender: str, events: Sequence[CloudEvent], now: datetime) -> list[Taken]:
    if exchange.partner(sender) is None:
        return [Taken(event.id, REFUSED, "unknown_sender") for event in events]
    own = [event for event in events if event.sender == sender]
    for event in events:
        if event.sender != sender:
            exchange.record_refusal(
                claimed=event.sender, reason=WRONG_SOURCE, path=f"from {sender}", now=now
            )
    digests = {id(event): _digest(event) for event in own}
    first: dict[str, CloudEvent] = {}
    for event in own:
        first.setdefault(event.id, event)
    fresh = exchange.receive(
        sender=sender,
        messages=[
            Received(event.id, digests[id(event)], _task_of(event), event.type)
            for event in first.values()
        ],
        now=now,
    )
    known = exchange.received(sender=sender, message_ids=list(first))
    new = [
        event
        for event in first.values()
        if event.id in fresh or _judged_anew(event, digests[id(event)], known[event.id])
    ]
    taken = {each.id: each for each in _effects(sender, new, now)}
    _keep(sender, first, taken)
    if len(first) < len(own):
        known = exchange.received(sender=sender, message_ids=list(first))
    outcomes = []
    for event in events:
        if event.sender != sender:
            outcomes.append(Taken(event.id, REFUSED, WRONG_SOURCE))
        elif event is first[event.id] and event.id in taken:
            outcomes.append(taken[event.id])
        else:
            outcomes.append(_repeated(event.id, digests[id(event)], known[event.id]))
    return outcomes


def _judged_anew(event: CloudEvent, digest: bytes, known: tuple[bytes, str, str]) -> bool:
    """Whether a refused message may be right by now: its sender's operator lets it go once more.

    It changed nothing the first time. A refused report stays refused: its sender says a new one.
    """
    before, outcome, _ = known
    return outcome == REFUSED and before == digest and event.type in envelopes.DOWNWARDS


def _effects(sender: str, events: Sequence[CloudEvent], now: datetime) -> list[Taken]:
    """What the messages do; announcements of keys and news of registers bring no task."""
    others = (envelopes.KEY_ANNOUNCED, envelopes.REGISTER_CHANGED)
    about_cases = [event for event in events if event.type not in others]
    taken = receiving.receive_events(sender, about_cases, now=now) if about_cases else []
    for event in events:
        if event.type == envelopes.KEY_ANNOUNCED:
            taken.append(_key_taken(sender, event))
        if event.type == envelopes.REGISTER_CHANGED:
            woken = register_news.changed(sender=sender, receipt=event.subject, now=now)
            taken.append(Taken(event.id, APPLIED if woken else LATE))
    return taken


def _key_taken(sender: str, event: CloudEvent) -> Taken:
    """A partner announces its next key, in a request signed with one that counts."""
    said = event.data.get("public_key")
    try:
        added = partners.add_key(sender, said.encode() if isinstance(said, str) else b"")
    except PartnerRefusedError as refused:
        return Taken(event.id, REFUSED, refused.code)
    return Taken(event.id, APPLIED if added else DUPLICATE)


def _keep(sender: str, events: Mapping[str, CloudEvent], taken: Mapping[str, Taken]) -> None:
    """Write what became of the messages; those that wait are kept whole."""
    settled = {t.id: (t.outcome, t.code) for t in taken.values() if t.outcome != PARKED}
    if settled:
        exchange.set_outcomes(sender=sender, outcomes=settled)
    for each in taken.values():
        if each.outcome == PARKED:
            parked.park(
                sender=sender,
                message_id=each.id,
                document=written(events[each.id]),
                problem=each.code,
            )


def _repeated(name: str, digest: bytes, known: tuple[bytes, str, str]) -> Taken:
    before, outcome, code = known
    if before != digest:
        return Taken(name, REFUSED, ANOTHER_MESSAGE)
    if outcome == REFUSED:
        return Taken(name, REFUSED, code)
    return Taken(name, DUPLICATE)


def _kept_for_a_person(sender: str, event: CloudEvent, failure: str, now: datetime) -> Taken:
    problem = f"{FAILED}: {failure}"
    with transaction.atomic():
        digest = _digest(event)
        message = Received(event.id, digest, _task_of(event), event.type)
        if not exchange.receive(sender=sender, messages=[message], now=now):
            known = exchange.received(sender=sender, message_ids=[event.id])[event.id]
            if not _judged_anew(event, digest, known):
                return _repeated(event.id, digest, known)
        parked.park(sender=sender, message_id=event.id, document=written(event), problem=problem)
    return Taken(event.id, PARKED, problem)


def _digest(event: CloudEvent) -> bytes:
    """A keyed digest of what a message says; a report has the same one at either of its doors."""
    if event.type == envelopes.TASK_REPORTED:
        try:
            return feedback.digest_of(feedback.read_report(event))
        except RefusedError:
            return _raw_digest(event)
    return _raw_digest(event)


def _raw_digest(event: CloudEvent) -> bytes:
    return crypto.keyed_digest("message", canonical_json(event.meaning).decode())


def _task_of(event: CloudEvent) -> UUID | None:
    value = event.data.get("task_id")
    try:
        return UUID(value) if isinstance(value, str) else None
    except ValueError:
        return None


def replay_waiting(*, now: datetime) -> int:
    """Take in what has waited for something that may be here now; how many were settled."""
    waiting = parked.parked(problems=receiving.WAITS, limit=TRIED_AT_ONCE)
    waiting += parked.parked(
        problems=(NOT_KNOWN,), kinds=sorted(receiving.TAKERS), limit=TRIED_AT_ONCE
    )
    return sum(replay_one(message.id, now=now) for message in waiting)


def replay_one(message: UUID, *, now: datetime) -> bool:
    """Try a parked message once more; whether it waits no longer."""
    try:
        with transaction.atomic():
            found = parked.parked_event(message=message, locking=True)
            return found is None or _replayed(found, now)
    except (OperationalError, InterfaceError):
        raise
    except Exception as failure:
        _log.exception("parked message %s fails again", message)
        parked.still_parked(message=message, problem=f"{FAILED}: {type(failure).__name__}")
        return False


def _replayed(found: ParkedEvent, now: datetime) -> bool:
    try:
        event = read_event(found.document)
    except NotAnEventError as refused:
        parked.still_parked(message=found.id, problem=refused.code)
        return False
    (taken,) = _effects(found.sender, [event], now)
    if taken.outcome == PARKED:
        parked.still_parked(message=found.id, problem=taken.code)
        return False
    return parked.unpark(
        message=found.id, state="settled", outcome=taken.outcome, detail=taken.code
    )

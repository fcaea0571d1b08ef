"""部门系统: tasks pushed to a department's own system as a CloudEvents batch, at least once.

An event's id stays the same for ever, so that a repeated one is harmless over there.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from yijian.gateways.calls import Caller, CallFailedError

BATCH = "application/cloudevents-batch+json"
LARGEST_BATCH = 500
LARGEST_BODY = 1_500_000
"""Bytes of one batch: doors of this kind take two megabytes."""
LONGEST_REASON = 200


@dataclass(frozen=True, slots=True)
class Delivered:
    """What became of a batch: ids taken, ids refused with the reason, ids not mentioned."""

    accepted: frozenset[str]
    refused: Mapping[str, str]
    unanswered: frozenset[str]


def push(endpoint: str, events: Sequence[Mapping[str, object]], *, caller: Caller) -> Delivered:
    """Send one batch. Ids of other batches in the answer are ignored.

    Errors: CallFailedError; after it nobody knows whether the batch arrived, so it is sent again.
    """
    if not 0 < len(events) <= LARGEST_BATCH:
        raise ValueError(f"a batch has 1 to {LARGEST_BATCH} events, not {len(events)}")
    sent = frozenset(str(event["id"]) for event in events)
    answer = caller.post(endpoint, list(events), content_type=BATCH, expected=frozenset({200, 202}))
    accepted, refused = answer.get("accepted"), answer.get("refused", [])
    if not isinstance(accepted, list) or not isinstance(refused, list):
        raise CallFailedError("wrong_answer")
    taken = frozenset(id for id in accepted if isinstance(id, str)) & sent
    reasons = _reasons(refused, sent - taken)
    return Delivered(taken, reasons, sent - taken - reasons.keys())


def batches(
    events: Sequence[Mapping[str, object]],
) -> Iterator[Sequence[Mapping[str, object]]]:
    """The events in batches that a door takes: not too many and not too large, in their order."""
    batch: list[Mapping[str, object]] = []
    size = 0
    for event in events:
        bytes_of = len(json.dumps(event, ensure_ascii=False, separators=(",", ":")).encode()) + 1
        if batch and (len(batch) == LARGEST_BATCH or size + bytes_of > LARGEST_BODY):
            yield batch
            batch, size = [], 0
        batch.append(event)
        size += bytes_of
    if batch:
        yield batch


def _reasons(refused: list[object], sent: frozenset[str]) -> dict[str, str]:
    reasons: dict[str, str] = {}
    for entry in refused:
        if not isinstance(entry, dict) or not isinstance(entry.get("id"), str):
            continue
        if entry["id"] in sent:
            reason = entry.get("reason")
            reasons[entry["id"]] = reason[:LONGEST_REASON] if isinstance(reason, str) else ""
    return reasons

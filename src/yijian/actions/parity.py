"""对账: what upstream recorded of a task, taking it over here, and differences for a person.

A node that was restored from a backup is behind what it has reported itself. It takes the state and
the result that its upstream recorded as its own: nothing is decided a second time, no number is
given twice, and the journal says from whom it was taken.
"""

import hashlib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, cast
from uuid import UUID

from django.conf import settings
from django.db import transaction

from yijian.actions import changes, contexts, number_stock, results
from yijian.actions.changes import Decided
from yijian.actions.dispatching import dispatch_payload
from yijian.actions.envelopes import take_in
from yijian.actions.receiving import Taken
from yijian.domain import handling
from yijian.domain.cases import Case, Task
from yijian.domain.context import Context, RefusedError
from yijian.domain.envelopes import (
    CERTIFICATE_ISSUED,
    TASK_DISPATCHED,
    TASK_WITHDRAWN,
    CloudEvent,
    source_of,
)
from yijian.domain.events import Event, EventKind, TaskKey
from yijian.domain.handling import AlreadyDoneError, OfficeDecision, TooLateError
from yijian.domain.parity import STOPPED, Standing
from yijian.domain.receiving import by_node
from yijian.domain.signing import canonical_json
from yijian.domain.states import TaskState
from yijian.records import cases as case_records
from yijian.records import convergence, partner_reads, people
from yijian.records.convergence import RECEIVED, SENT
from yijian.records.mapping import LoadedCase

SETTLE_WITHIN = timedelta(days=1)
TAKEN_OVER = "taken_over_from"
DISPATCHED = "dispatched"
RECOVERY = "recovery"


def take_back(
    partner: str, items: Collection[str], task: UUID, *, now: datetime
) -> dict[str, object] | None:
    """What this node has recorded of a task it sent to `partner`, for a partner that lost it.

    None for a task that is not shared with it or of an item no longer agreed with it: absent and
    not yours look the same. What is handed out stands in the access log of the family.
    """
    line = convergence.line_of(partner=partner, side=SENT, task_id=task)
    if line is None:
        return None
    found = case_records.read(task_ids=[task])
    if not found or found[0].key is None:
        return None
    loaded = found[0]
    case, key = loaded.case, loaded.task_key(task)
    if key[0] not in items:
        return None
    if line.state in STOPPED:
        return {"task_id": str(task), "state": line.state.value, "task": {"case_id": case.id}}
    current, context = case.tasks[key], contexts.context_of(case)
    partner_reads.note(
        partner=partner,
        office=current.office or "",
        what="task",
        case_id=loaded.id,
        task_id=task,
        purpose=RECOVERY,
        now=now,
    )
    return {
        "task_id": str(task),
        "state": current.state.value,
        "round": current.round,
        "reason": current.reason,
        "reason_text": case.reasons.get(key, ""),
        "correct": list(current.correct),
        "result": dict(case.results.get(key, {})),
        "task": dispatch_payload(case, key, context, now) | {"intent": DISPATCHED},
        "certificates": results.held_of(loaded, key, context),
    }


@dataclass(frozen=True, slots=True)
class Recorded:
    """上级记录: what upstream has recorded of one task that it sent here. Personal."""

    task_id: UUID
    state: TaskState
    round: int
    decision: OfficeDecision
    task: Mapping[str, object]
    certificates: tuple[Mapping[str, object], ...] = ()


def read_record(value: Mapping[str, object]) -> Recorded:
    """The record in a JSON value. Errors: ValueError for what is none."""
    try:
        state, round = TaskState(str(value["state"])), int(str(value.get("round", 0)))
        reason = value.get("reason")
        decision = OfficeDecision(
            state,
            None if reason is None else str(reason),
            str(value.get("reason_text", "")),
            tuple(str(fact) for fact in cast(Iterable[object], value.get("correct", ()))),
            dict(cast(Mapping[str, object], value.get("result", {}))),
        )
        task = dict(cast(Mapping[str, object], value["task"]))
        held = cast(Iterable[Mapping[str, object]], value.get("certificates", ()))
        papers = tuple(dict(each) for each in held)
        return Recorded(UUID(str(value["task_id"])), state, round, decision, task, papers)
    except (KeyError, TypeError) as wrong:
        raise ValueError("not a record of a task") from wrong


def adopt(upstream: str, recorded: Recorded, *, now: datetime) -> bool:
    """Make what upstream recorded of a task true here; whether anything changed.

    Errors: RefusedError where this node may not, for instance because it has decided meanwhile.
    """
    with transaction.atomic():
        if recorded.state in STOPPED:
            return _message(upstream, recorded, TASK_WITHDRAWN, now)
        changed = False
        known = _known(recorded.task_id)
        if known is None or _is_news(known[0].case.tasks[known[1]], recorded):
            changed = _message(upstream, recorded, TASK_DISPATCHED, now)
            known = _known(recorded.task_id)
        if known is None or known[0].case.origin != upstream:
            raise RefusedError("unknown_task")
        changed = _advance(*known, upstream, recorded, now) or changed
        for paper in recorded.certificates:
            _keep_certificate(upstream, recorded, paper, now)
        return changed


def _keep_certificate(
    upstream: str, recorded: Recorded, paper: Mapping[str, object], now: datetime
) -> None:
    """A certificate that was issued here and is forgotten comes back as upstream holds it."""
    taken = _told_again(upstream, CERTIFICATE_ISSUED, str(recorded.task_id), paper, now)
    if taken.outcome in ("refused", "parked"):
        differs(upstream, RECEIVED, "certificate_lost", task_id=recorded.task_id, now=now)


def _is_news(task: Task, recorded: Recorded) -> bool:
    """Whether the family has corrected or answered at the upstream and nobody here knows."""
    answered = cast(Iterable[str], recorded.task.get("answered", ()))
    return task.round < recorded.round or not set(answered) <= set(task.answered)


def _known(task: UUID) -> tuple[LoadedCase, TaskKey] | None:
    found = case_records.load(task_ids=[task])
    return (found[0], found[0].task_key(task)) if found else None


def _message(upstream: str, recorded: Recorded, kind: str, now: datetime) -> bool:
    """Take in what the lost message said; whether it changed anything."""
    data = dict(recorded.task) | {"task_id": str(recorded.task_id), "state": recorded.state.value}
    taken = _told_again(upstream, kind, str(recorded.task_id), data, now)
    if taken.outcome in ("refused", "parked"):
        raise RefusedError(taken.code or taken.outcome)
    return taken.outcome == "applied"


def _told_again(
    upstream: str, kind: str, task: str, data: Mapping[str, object], now: datetime
) -> Taken:
    """A message under an id that is its meaning, therefore it counts once.

    And the hour: what was refused is tried again once its cause may be gone.
    """
    meaning = hashlib.sha256(canonical_json(dict(data))).hexdigest()[:24]
    id = f"parity:{task}:{meaning}:{int(now.timestamp()) // 3600}"
    event = CloudEvent(id, source_of(upstream), kind, now, task, data)
    (taken,) = take_in(upstream, [event], now=now)
    return taken


def _advance(
    loaded: LoadedCase, key: TaskKey, upstream: str, recorded: Recorded, now: datetime
) -> bool:
    """Take the steps that were taken before and are forgotten here."""
    if recorded.state is TaskState.QUEUED:
        return False
    case = loaded.case
    context = contexts.context_of(case)
    try:
        events = advanced(case, key, recorded, upstream, context, now)
    except (AlreadyDoneError, TooLateError):
        return False
    number_stock.take(events, case, context, now=now)
    changes.commit([Decided(loaded, events)], now=now)
    return True


def advanced(
    case: Case,
    key: TaskKey,
    recorded: Recorded,
    upstream: str,
    context: Context,
    now: datetime,
) -> list[Event]:
    """The steps up to what upstream recorded; each says from whom it was taken."""
    events = handling.decide(case, key, recorded.decision, by_node(upstream), context, now)
    return [
        replace(event, public={**event.public, TAKEN_OVER: upstream})
        if event.kind is EventKind.TASK_MOVED and event.task == key
        else event
        for event in events
    ]


def differs(
    partner: str,
    side: str,
    standing: Standing | str,
    *,
    task_id: UUID | None = None,
    now: datetime,
    **told: Any,
) -> bool:
    """A person must look at a difference, with an owner and a deadline; whether it is new.

    `told`: `case_number`, `item`, `ours`, `theirs`.
    """
    return convergence.raise_disagreement(
        partner=partner,
        side=side,
        kind=str(standing),
        task_id=task_id,
        owner=_owner(task_id),
        found_at=now,
        due_at=now + SETTLE_WITHIN,
        **told,
    )


def _owner(task_id: UUID | None) -> str:
    """The office that has the task; the node itself for what no office of it has."""
    found = case_records.read(task_ids=[task_id]) if task_id else []
    for loaded in found:
        office = loaded.case.tasks[loaded.task_key(cast(UUID, task_id))].office
        if office is not None:
            return office
    return str(settings.YIJIAN.node)


def settle(*, by: Any, disagreement: UUID, reason: str, now: datetime) -> bool:
    """A person has dealt with a difference and says how; whether it was still open.

    `by` is a user, or the operator's name as text. Errors: ValueError without a reason.
    """
    if not reason.strip():
        raise ValueError("whoever settles a difference says how")
    return convergence.settle_disagreement(
        by=by if isinstance(by, str) else f"staff:{people.staff_number(by)}",
        disagreement=disagreement,
        verdict="settled",
        reason=reason.strip()[:500],
        now=now,
    )

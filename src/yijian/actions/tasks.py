"""办理: what clerks do at the work desk. A decision takes effect after a moment; until then
nothing has left the house and its clerk can take it back."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction

from yijian.actions import certificates, changes, contexts, number_stock, waking
from yijian.actions.batches import Batch
from yijian.domain import handling
from yijian.domain.cases import Case, Task
from yijian.domain.context import RefusedError
from yijian.domain.handling import AlreadyDoneError, OfficeDecision, TooLateError
from yijian.domain.states import TaskState
from yijian.records import access, decisions, people
from yijian.records import cases as case_records
from yijian.records.access import OpenedTask
from yijian.records.mapping import LoadedCase
from yijian.records.models import HeldDecision

PURPOSE = "handle_task"
LARGEST_BATCH = 20
APPLIED_AT_ONCE = 100


class ChangedMeanwhileError(Exception):
    """Somebody else has moved the task since the page was built; `state` is where it is now."""

    def __init__(self, state: TaskState) -> None:
        super().__init__("changed_meanwhile")
        self.state = state


@dataclass(frozen=True, slots=True)
class Held:
    """A decision that will take effect at `due_at` unless it is taken back."""

    id: UUID
    task_id: UUID
    due_at: datetime


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one task of a batch: held, or the code of why not."""

    task_id: UUID
    held: Held | None
    refused: str | None = None


def decide(
    *, by: Any, task_id: UUID, version: int, decision: OfficeDecision, now: datetime
) -> Held:
    """Hold a clerk's decision while it can be taken back; checked in full now and when applied.

    Errors: access.Refused, ChangedMeanwhileError, RefusedError with the field at fault.
    """
    with transaction.atomic():
        opened, task = _open(by, task_id, version, now)
        try:
            context = contexts.context_of(opened.loaded.case)
            events = handling.decide(
                opened.loaded.case, task.key, decision, _actor(opened), context, now
            )
            certificates.check_unused(events, context)
            number_stock.reserve(
                events, opened.loaded.case, context, until=_undone_until(now), now=now
            )
        except (AlreadyDoneError, TooLateError):
            raise ChangedMeanwhileError(task.state) from None
        return _hold(opened, task, decision, now)


def approve_batch(*, by: Any, versions: Mapping[UUID, int], now: datetime) -> list[Outcome]:
    """Hold "approved" for many clean tasks; each stands or falls alone."""
    if not 0 < len(versions) <= LARGEST_BATCH:
        raise RefusedError("batch_too_large")
    outcomes = []
    for task_id, version in versions.items():
        try:
            approved = OfficeDecision(TaskState.APPROVED)
            held = decide(by=by, task_id=task_id, version=version, decision=approved, now=now)
            outcomes.append(Outcome(task_id, held))
        except RefusedError as refused:
            outcomes.append(Outcome(task_id, None, refused.code))
        except ChangedMeanwhileError:
            outcomes.append(Outcome(task_id, None, "changed_meanwhile"))
    return outcomes


def undo(*, by: Any, held_id: UUID, now: datetime) -> UUID:
    """Take a held decision back; the task is as it was. Returns the task.

    Errors: RefusedError `too_late_to_undo`, also when it is somebody else's.
    """
    who = people.visitor(by)
    row = HeldDecision.objects.filter(id=held_id, due_at__gt=now).first()
    if who.staff is None or row is None or not decisions.take_back(by=who.staff, decision=held_id):
        raise RefusedError("too_late_to_undo")
    return row.task_id


def transfer(*, by: Any, task_id: UUID, version: int, office: str, now: datetime) -> None:
    """Send a task to another office of its kind at once."""
    with transaction.atomic():
        opened, task = _open(by, task_id, version, now)
        changes.change(
            lambda case, context: handling.transfer(
                case, task.key, office, _actor(opened), context, now
            ),
            opened.loaded,
            now=now,
        )


def apply_due_decisions(*, now: datetime) -> int:
    """Make held decisions effective whose time is over; how many were looked at."""
    with transaction.atomic():
        due = decisions.claim_due_decisions(limit=APPLIED_AT_ONCE, now=now)
        loaded = {case.id: case for case in case_records.load(ids=[held.case_id for held in due])}
        batch = Batch(loaded.values())
        for held in due:
            problem = _apply(held, loaded, batch, now)
            decisions.settle_decision(
                decision=held.id, applied=problem is None, problem=problem or ""
            )
        changes.commit(batch.decided(), now=now)
        return len(due)


def _apply(
    held: decisions.Held, loaded: Mapping[UUID, LoadedCase], batch: Batch, now: datetime
) -> str | None:
    """Make one held decision effective; the code of why it could not be."""
    case = batch.case(held.case_id)
    key = loaded[held.case_id].task_key(held.task_id)
    if case.tasks[key].version != held.task_version:
        return "changed_meanwhile"
    try:
        context = contexts.context_of(case)
        decision = _decision(held.command)
        events = handling.decide(case, key, decision, held.by, context, now)
        certificates.check_unused(events, context)
        number_stock.take(events, case, context, now=now)
        batch.add(held.case_id, events)
    except RefusedError as refused:
        return refused.code
    except (AlreadyDoneError, TooLateError):
        return "changed_meanwhile"
    return None


def _open(by: Any, task_id: UUID, version: int, now: datetime) -> tuple[OpenedTask, Task]:
    """The task, locked, for a clerk of its office. Errors: access.Refused, ChangedMeanwhile."""
    opened = access.access_task(by=by, task_id=task_id, purpose=PURPOSE, now=now, locking=True)
    task = opened.loaded.case.tasks[opened.key]
    if task.version != version:
        raise ChangedMeanwhileError(task.state)
    return opened, task


def _actor(opened: OpenedTask) -> str:
    """The opaque name of the clerk in the journal."""
    return opened.visitor.staff or opened.visitor.user


def _hold(opened: OpenedTask, task: Task, decision: OfficeDecision, now: datetime) -> Held:
    loaded = opened.loaded
    if loaded.key is None:
        raise access.Refused
    due_at = _undone_until(now)
    task_id = loaded.task_id(task.key)
    try:
        with transaction.atomic():
            held = decisions.hold(
                by=_actor(opened),
                case_id=loaded.id,
                key=loaded.key,
                task_id=task_id,
                task_version=task.version,
                command=asdict(decision),
                due_at=due_at,
                now=now,
            )
    except IntegrityError:
        raise ChangedMeanwhileError(task.state) from None
    waking.wake_applier(due_at)
    return Held(held, task_id, due_at)


def _undone_until(now: datetime) -> datetime:
    """How long a decision that is made now can be taken back."""
    return now + timedelta(seconds=settings.YIJIAN.undo_seconds)


def _decision(command: Mapping[str, Any]) -> OfficeDecision:
    return OfficeDecision(
        to=TaskState(command["to"]),
        reason=command["reason"],
        reason_text=command["reason_text"],
        correct=tuple(command["correct"]),
        result=command["result"],
        round=command["round"],
    )


def is_clean(case: Case, task: Task) -> bool:
    """Whether a task may be approved in a batch: nothing disputed, nothing to be corrected."""
    return not case.disputes and task.state in (
        TaskState.QUEUED,
        TaskState.ACCEPTED,
        TaskState.IN_REVIEW,
    )

"""办理: what offices and families do with tasks, and what follows from it.

Each function returns the events a command causes. `consequences` is run after every change: it
starts what may start, hands over what cannot go on, opens what the family must do, and closes
the case when nothing is left.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from yijian.domain.answers import changed_answers
from yijian.domain.cases import Case, Task
from yijian.domain.clocks import due_for, local_day, resumed
from yijian.domain.context import Context, RefusedError
from yijian.domain.custody import laid
from yijian.domain.events import Event, EventKind, TaskKey
from yijian.domain.facts import FAMILY, FactKey
from yijian.domain.history import apply, apply_all
from yijian.domain.parcels import first_parcel, said_collected
from yijian.domain.plan import counted_from, prerequisites, switched_off
from yijian.domain.policy import ServiceItem, Switch
from yijian.domain.results import checked_result, facts_given
from yijian.domain.states import (
    ALLOWED,
    RANK,
    REFUSED,
    STOPPABLE,
    TERMINAL,
    UNDER_WAY,
    Actor,
    Stage,
    TaskState,
    path_between,
)
from yijian.domain.stopping import stopped_by, stopping_tasks


@dataclass(frozen=True, slots=True)
class OfficeDecision:
    """反馈: what an office says about a task.

    `round` is the correction round it speaks about; None means the current one. `correct` names the
    facts to be corrected, all at once. `result` holds values by the item's result fields. The paper
    of a result that was decided `elsewhere`, at another node, lies there.
    """

    to: TaskState
    reason: str | None = None
    reason_text: str = ""
    correct: tuple[str, ...] = ()
    result: Mapping[str, object] | None = None
    round: int | None = None
    elsewhere: bool = False


class AlreadyDoneError(Exception):
    """The decision is already in effect: repeated, nothing changes."""


class TooLateError(Exception):
    """The task has moved on since the decision was made: reordered or late, nothing changes."""


def decide(
    case: Case, key: TaskKey, decision: OfficeDecision, by: str, context: Context, now: datetime
) -> list[Event]:
    """An office decides; an office that reports only its last state has taken the steps between.

    Errors: AlreadyDoneError, TooLateError, RefusedError (`unknown_task`, `not_submitted`,
    `step_not_allowed`, `reason_missing`, `ask_open`, `result_missing`, `result_wrong`).
    """
    task = _task(case, key)
    _check_turn(task, decision)
    path = path_between(task.state, decision.to)
    if path is None:
        raise RefusedError("step_not_allowed")
    item = context.pack.items[task.item]
    if decision.to in (REFUSED | {TaskState.CORRECTION_NEEDED}) and not decision.reason:
        raise RefusedError("reason_missing")
    if decision.to is TaskState.COMPLETED:
        _check_asks(task, item, path)
    events: list[Event] = []
    for state in path:
        before = apply_all(case, events)
        event = _decided(before, before.tasks[key], state, decision, by, context, now)
        events.append(event)
        if not decision.elsewhere:
            events += laid(apply(before, event), event, context, now)
        events += consequences(apply_all(case, events), context, now)
    return events


def _check_turn(task: Task, decision: OfficeDecision) -> None:
    if decision.round is not None and decision.round < task.round:
        raise TooLateError
    if decision.round is not None and decision.round > task.round:
        raise RefusedError("step_not_allowed")
    if task.state is decision.to:
        raise AlreadyDoneError
    if task.state in TERMINAL or RANK[decision.to] < RANK[task.state]:
        raise TooLateError
    back = {TaskState.ACCEPTED, TaskState.IN_REVIEW}
    if task.state is TaskState.CORRECTION_NEEDED and decision.to in back:
        raise TooLateError


def _check_asks(task: Task, item: ServiceItem, path: tuple[TaskState, ...]) -> None:
    for ask in item.asks:
        if ask.blocks and ask.id not in task.answered:
            elsewhere = ":" in ask.after
            passes = not elsewhere and TaskState(ask.after) in (task.state, *path[:-1])
            if elsewhere or ask.id in task.asked or passes:
                raise RefusedError("ask_open")


def _decided(
    case: Case,
    task: Task,
    state: TaskState,
    decision: OfficeDecision,
    by: str,
    context: Context,
    now: datetime,
) -> Event:
    public: dict[str, object] = {"from": task.state.value, "to": state.value}
    sealed: dict[str, object] = {}
    if state is decision.to:
        if decision.reason:
            public["reason"] = decision.reason
            sealed["reason"] = decision.reason_text
        if state is TaskState.CORRECTION_NEEDED:
            _check_correctable(case, decision.correct, task, context)
            public["correct"] = list(decision.correct)
    if state is TaskState.COMPLETED:
        item = context.pack.items[task.item]
        values = context.values(case, task.newborn, now)
        result = checked_result(item, decision.result or {}, values, now)
        _check_not_given_before(case, item, result)
        sealed["result"] = result
        sealed["gives"] = facts_given(item, result, task.newborn, context)
    return Event(EventKind.TASK_MOVED, now, by, task=task.key, public=public, sealed=sealed)


def _check_not_given_before(case: Case, item: ServiceItem, result: Mapping[str, object]) -> None:
    """Two newborns never share a number: a copied line is refused before it becomes a fact."""
    for field in item.results:
        if field.fact is None or field.check is None or field.id not in result:
            continue
        for (code, _), earlier in case.results.items():
            if code == item.code and earlier.get(field.id) == result[field.id]:
                raise RefusedError("result_taken", field.id)


def _check_correctable(case: Case, facts: Iterable[str], task: Task, context: Context) -> None:
    """A family corrects what it said itself; what a register says is corrected by its owner."""
    for fact in facts:
        try:
            context.pack.form_field(fact)
        except KeyError:
            raise RefusedError("unknown_field", fact) from None
        if context.key(fact, task.newborn or 1) in case.verified:
            raise RefusedError("registers_value", fact)


def transfer(
    case: Case, key: TaskKey, office: str, by: str, context: Context, now: datetime
) -> list[Event]:
    """A task under way goes to another office of its kind, or to its first when unrouted."""
    task = _task(case, key)
    if task.state not in UNDER_WAY:
        raise RefusedError("step_not_allowed")
    to = context.directory.office(office)
    if to is None or to.kind != context.pack.items[task.item].office_kind:
        raise RefusedError("not_an_office", "office")
    if task.office == office:
        raise AlreadyDoneError
    public: dict[str, object] = {"office": office, "from": task.office}
    if task.due_at is None:
        values = context.values(case, task.newborn, now)
        public |= _deadline(context.pack.items[task.item], context, values, now)
    return [Event(EventKind.TASK_ROUTED, now, by, task=key, public=public)]


def correct(
    case: Case,
    key: TaskKey,
    answers: Mapping[FactKey, object],
    role: str,
    digest: str,
    context: Context,
    now: datetime,
) -> list[Event]:
    """The family corrects what an office asked for, and nothing else, and signs the change."""
    task = _task(case, key)
    if task.state is not TaskState.CORRECTION_NEEDED:
        raise RefusedError("step_not_allowed")
    for fact, _ in answers:
        if fact not in task.correct:
            raise RefusedError("unknown_field", fact)
    values = changed_answers(case, answers, context, now)
    public: dict[str, object] = {
        "from": task.state.value,
        "to": TaskState.IN_REVIEW.value,
        "fields": sorted({fact for fact, _, _ in values}),
        "digest": digest,
    }
    if task.due_at is not None and task.paused_at is not None:
        due = resumed(task.due_at, task.paused_at, now, context.calendar)
        public["due_at"] = due.isoformat()
    return [
        Event(EventKind.TASK_MOVED, now, role, task=key, public=public, sealed={"values": values})
    ]


def answer_ask(
    case: Case, key: TaskKey, ask: str, role: str, digest: str, context: Context, now: datetime
) -> list[Event]:
    """The family does what a task asked of it: confirms a form, has paid, has collected."""
    task = _task(case, key)
    if ask in task.answered:
        return []
    if ask not in task.asked:
        raise RefusedError("nothing_asked")
    public: dict[str, object] = {"ask": ask, "digest": digest}
    if task.due_at is not None and task.paused_at is not None:
        public["due_at"] = resumed(task.due_at, task.paused_at, now, context.calendar).isoformat()
    answered = Event(EventKind.ASK_ANSWERED, now, role, task=key, public=public)
    return [answered, *said_collected(case, key, ask, role, context, now)]


def withdraw(case: Case, role: str, context: Context, now: datetime) -> list[Event]:
    """The family withdraws: a draft ends; after submission every task not yet in review ends.

    What is done stays done. Errors: `too_late_to_withdraw` when no task can be withdrawn.
    """
    if case.stage in (Stage.DRAFT, Stage.SIGNING):
        return [Event(EventKind.CASE_WITHDRAWN, now, role)]
    if case.stage is not Stage.SUBMITTED:
        raise RefusedError("too_late_to_withdraw")
    events = [
        _move(task, TaskState.WITHDRAWN, role, now, reason="withdrawn_by_family")
        for task in case.tasks.values()
        if (step := ALLOWED.get((task.state, TaskState.WITHDRAWN))) and step.by is Actor.FAMILY
    ]
    if not events:
        raise RefusedError("too_late_to_withdraw")
    return [*events, *consequences(apply_all(case, events), context, now)]


def consequences(case: Case, context: Context, now: datetime) -> list[Event]:
    """What follows by itself from the case as it is, until nothing follows any more."""
    events: list[Event] = []
    while True:
        following = _next_events(case, context, now)
        if not following:
            return events
        for event in following:
            case = apply(case, event)
            events.append(event)


def _next_events(case: Case, context: Context, now: datetime) -> list[Event]:
    if case.stage is not Stage.SUBMITTED:
        return []
    if case.origin:
        return first_parcel(case, context, now)
    stopping = stopping_tasks(case, context)
    for task in case.tasks.values():
        by = stopped_by(task, case, stopping)
        if by is not None and task.state in STOPPABLE:
            said = _said(context, "stopped_by", by)
            return [_handed_over(task, now, f"stopped_by:{by}", said)]
        if task.state is TaskState.WAITING:
            event = _waiting(case, task, context, now)
            if event is not None:
                return [event]
        elif task.state in UNDER_WAY or task.state is TaskState.COMPLETED:
            asks = _asks(case, task, context, now)
            if asks:
                return asks
    if parcel := first_parcel(case, context, now):
        return parcel
    if all(task.ended for task in case.tasks.values()):
        return [Event(EventKind.CASE_CLOSED, now, "system")]
    return []


def _waiting(case: Case, task: Task, context: Context, now: datetime) -> Event | None:
    item = context.pack.items[task.item]
    switch = _switched_off(case, task, context, now)
    if switch is not None:
        return _handed_over(task, now, f"switched_off:{switch.id}", switch.text.zh)
    needed = [case.tasks[key] for key in prerequisites(context, case, task.key)]
    if any(n.state in REFUSED for n in needed):
        return _move(task, TaskState.OFFLINE, "system", now, reason="prerequisite_not_met")
    done = (TaskState.COMPLETED, TaskState.NOT_NEEDED)
    if any(n.state not in done for n in needed):
        return None
    values = context.values(case, task.newborn, now)
    office = context.directory.route(item, values)
    public: dict[str, object] = {
        "from": task.state.value,
        "to": TaskState.QUEUED.value,
        "office": office.code if office else None,
    }
    if office is not None:
        public |= _deadline(item, context, values, now)
    return Event(EventKind.TASK_MOVED, now, "system", task=task.key, public=public)


def _switched_off(case: Case, task: Task, context: Context, now: datetime) -> Switch | None:
    if not any(task.item in switch.items for switch in context.pack.switches):
        return None
    item = context.pack.items[task.item]
    return switched_off(context, item, context.filled(case, task.newborn, now))


def _deadline(
    item: ServiceItem, context: Context, values: Mapping[str, object], now: datetime
) -> dict[str, object]:
    limit = item.limit_on(local_day(now))
    if limit is None:
        return {}
    due = due_for(limit, counted_from(context, limit, values) or now, context.calendar)
    return {"due_at": due.at.isoformat(), "due_provisional": due.provisional}


def _handed_over(task: Task, now: datetime, reason: str, said: str) -> Event:
    event = _move(task, TaskState.OFFLINE, "system", now, reason=reason)
    return replace(event, sealed={"reason": said} if said else {})


def _said(context: Context, word: str, item: str) -> str:
    """The pack's word with the item's name in it; empty when the pack has no such word."""
    text = context.pack.words.get(word)
    return text.zh.replace("{item}", context.pack.items[item].title.zh) if text else ""


def _asks(case: Case, task: Task, context: Context, now: datetime) -> list[Event]:
    return [
        Event(
            EventKind.TASK_ASKED,
            now,
            "system",
            task=task.key,
            public={"ask": ask.id, "pauses": ask.blocks},
        )
        for ask in context.pack.items[task.item].asks
        if ask.id not in task.asked and _opens(ask.after, case, task)
    ]


def _opens(after: str, case: Case, task: Task) -> bool:
    """Whether the state an ask waits for has come: of its own task, or of another item's.

    An item that is no part of the case has ended when the ask's own task has.
    """
    item, _, state = after.rpartition(":")
    if not item:
        return state == task.state.value
    others = [
        other
        for other in case.tasks_of(item)
        if FAMILY in (task.newborn, other.newborn) or other.newborn == task.newborn
    ]
    if state == "ended":
        return all(other.ended for other in others or [task])
    return bool(others) and all(other.state.value == state for other in others)


def _move(task: Task, to: TaskState, by: str, now: datetime, *, reason: str) -> Event:
    public = {"from": task.state.value, "to": to.value, "reason": reason}
    return Event(EventKind.TASK_MOVED, now, by, task=task.key, public=public)


def _task(case: Case, key: TaskKey) -> Task:
    if case.stage not in (Stage.SUBMITTED, Stage.CLOSED):
        raise RefusedError("not_submitted")
    task = case.tasks.get(key)
    if task is None:
        raise RefusedError("unknown_task")
    return task

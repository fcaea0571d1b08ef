"""不变量: what must hold for every case at every moment. One copy, used by tests and `verify`.

Each function takes a case with its context and yields one sentence per violation. The numbers are
those of the reliability contract.
"""

from collections.abc import Callable, Iterable, Iterator
from itertools import pairwise

from yijian.domain.cases import Case
from yijian.domain.context import Context
from yijian.domain.events import Event, EventKind
from yijian.domain.plan import prerequisites
from yijian.domain.signing import fully_signed
from yijian.domain.states import ALLOWED, RANK, TERMINAL, Stage, TaskState

Invariant = Callable[[Case, Context], Iterator[str]]


def one_result_per_newborn(case: Case, context: Context) -> Iterator[str]:
    """I1: newborns of one case never share a result that becomes a fact of the child."""
    for item in context.pack.items.values():
        for field in item.results:
            if field.fact is None or field.check is None:
                continue
            values = [
                result[field.id]
                for (code, _), result in case.results.items()
                if code == item.code and field.id in result
            ]
            if len(values) != len(set(values)):
                yield f"I1 {item.code}.{field.id} is given to two newborns"


def prerequisites_before_start(case: Case, context: Context) -> Iterator[str]:
    """I4: nothing under way or done unless everything it needs is done and the form is signed.

    A received case was signed at the node it comes from, and what it waits for may be elsewhere.
    """
    if case.stage not in (Stage.SUBMITTED, Stage.CLOSED) or case.origin:
        return
    signed_at = max((s.at for s in case.signatures.values()), default=case.started_at)
    if not fully_signed(case, context, signed_at):
        yield "I4 submitted without every signature on this form version"
    done = (TaskState.COMPLETED, TaskState.NOT_NEEDED)
    idle = (TaskState.WAITING, TaskState.NOT_NEEDED, TaskState.OFFLINE, TaskState.WITHDRAWN)
    for task in case.tasks.values():
        if task.state in idle:
            continue
        for key in prerequisites(context, case, task.key):
            if case.tasks[key].state not in done:
                yield f"I4 {task.key} is {task.state} before {key} is done"


def stage_matches_tasks(case: Case, context: Context) -> Iterator[str]:
    """I3: a case is closed exactly when every task has ended; a received one when it is told to."""
    ended = bool(case.tasks) and all(task.ended for task in case.tasks.values())
    if case.stage is Stage.CLOSED and not ended:
        yield "I3 closed with open tasks"
    if case.stage is Stage.SUBMITTED and ended and not case.origin:
        yield "I3 every task has ended and the case is open"
    if case.stage in (Stage.DRAFT, Stage.SIGNING) and case.tasks:
        yield "I3 tasks before submission"


def waiting_tasks_can_start(case: Case, context: Context) -> Iterator[str]:
    """I3: no task waits for something that will never be done."""
    if case.stage is not Stage.SUBMITTED or case.origin:
        return
    for task in case.tasks.values():
        if task.state is TaskState.WAITING:
            needed = [case.tasks[key] for key in prerequisites(context, case, task.key)]
            if all(n.ended for n in needed):
                yield f"I3 {task.key} waits although everything it needs has ended"


def known_offices(case: Case, context: Context) -> Iterator[str]:
    """I13: a task under way is at an office of the right kind, or waits for a person to say."""
    for task in case.tasks.values():
        if task.office is None or task.state in (TaskState.WAITING, TaskState.NOT_NEEDED):
            continue
        office = context.directory.office(task.office)
        if office is None or office.kind != context.pack.items[task.item].office_kind:
            yield f"I13 {task.key} is at {task.office}, which is not its kind of office"


def received_cases_only_handle(case: Case, context: Context) -> Iterator[str]:
    """I4: a received case is neither filled in nor signed here, and asks its family nothing."""
    if not case.origin:
        if case.received:
            yield "I4 tasks of another node in a case of this one"
        return
    if case.signatures or case.consents or case.checks:
        yield "I4 a received case was filled in here"
    for task in case.tasks.values():
        if task.state in (TaskState.WAITING, TaskState.NOT_NEEDED):
            yield f"I4 {task.key} was planned here although its case is {case.origin}'s"
        if task.open_asks:
            yield f"I4 {task.key} asks a family that applied elsewhere"


INVARIANTS: tuple[Invariant, ...] = (
    one_result_per_newborn,
    prerequisites_before_start,
    stage_matches_tasks,
    waiting_tasks_can_start,
    known_offices,
    received_cases_only_handle,
)


def violations(case: Case, context: Context) -> list[str]:
    """Every violated invariant of one case, as sentences."""
    return [sentence for invariant in INVARIANTS for sentence in invariant(case, context)]


def history_violations(events: Iterable[Event]) -> list[str]:
    """I5, I6, I7: task steps of one case chain, are allowed, and never fall in rank."""
    found = []
    states: dict[tuple[str, int], TaskState] = {}
    for event in events:
        if event.kind is EventKind.TASK_RECEIVED and event.task is not None:
            if states.get(event.task, TaskState.WITHDRAWN) in TERMINAL:
                states[event.task] = TaskState.QUEUED
        if event.kind is not EventKind.TASK_MOVED or event.task is None:
            continue
        before = TaskState(str(event.public["from"]))
        after = TaskState(str(event.public["to"]))
        expected = states.get(event.task, TaskState.WAITING)
        if before is not expected:
            found.append(f"I5 {event.task} moved from {before}, but was {expected}")
        if (before, after) not in ALLOWED:
            found.append(f"I6 {event.task} took the step {before} to {after}")
        if before in TERMINAL or RANK[after] < RANK[before]:
            found.append(f"I7 {event.task} went back from {before} to {after}")
        states[event.task] = after
    return found


def time_violations(events: Iterable[Event]) -> list[str]:
    """I24: recorded time never runs backwards within one case."""
    return [
        f"I24 {later.kind} is recorded before {earlier.kind}"
        for earlier, later in pairwise(events)
        if later.at < earlier.at
    ]

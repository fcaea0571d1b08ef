"""回传: what a node tells the one a case came from about its task, as data of a message, and back.

Of every change in one commit the last states are told: what lies between on the way there follows.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import cast

from yijian.domain.context import RefusedError
from yijian.domain.events import Event, EventKind, TaskKey
from yijian.domain.handling import OfficeDecision
from yijian.domain.states import TaskState, path_between

SAYABLE = frozenset(TaskState) - {
    TaskState.WAITING,
    TaskState.QUEUED,
    TaskState.WITHDRAWN,
    TaskState.NOT_NEEDED,
}
"""The states an office may report."""


@dataclass(frozen=True, slots=True)
class ReportedTask:
    """What was said about a task: by which report, what was decided, when and at which office."""

    id: str
    task_id: str
    decision: OfficeDecision = field(repr=False)
    at: datetime
    office: str | None = None


def to_tell(events: Sequence[Event]) -> Iterator[tuple[int, Event]]:
    """The moves that are worth telling, with their places among the events.

    A move is passed over when the next one of its task, told alone, takes it on the way.
    """
    moves: dict[TaskKey, list[tuple[int, Event]]] = {}
    for place, event in enumerate(events):
        if event.kind is EventKind.TASK_MOVED and event.task is not None:
            moves.setdefault(event.task, []).append((place, event))
    told = []
    for steps in moves.values():
        before = TaskState(str(steps[0][1].public["from"]))
        for (place, event), following in zip(steps, [*steps[1:], None], strict=True):
            to = TaskState(str(event.public["to"]))
            if following is not None:
                then = TaskState(str(following[1].public["to"]))
                if to in (path_between(before, then) or ())[:-1]:
                    continue
            told.append((place, event))
            before = to
    yield from sorted(told, key=lambda each: each[0])


def report_of(
    event: Event, *, id: str, task_id: str, round: int, office: str | None
) -> dict[str, object]:
    """A move of a task as the data of a report."""
    reason = event.public.get("reason")
    data: dict[str, object] = {
        "feedback_id": id,
        "task_id": task_id,
        "round": round,
        "state": event.public["to"],
        "at": event.at,
        "fields": list(cast(Sequence[str], event.public.get("correct", ()))),
        "result": dict(cast(Mapping[str, object], event.sealed.get("result") or {})),
    }
    if reason:
        data["reason"] = {"code": reason, "text": str(event.sealed.get("reason", ""))}
    if office is not None:
        data["office"] = office
    return data


def read_report(data: Mapping[str, object]) -> ReportedTask:
    """What a report says. Errors: RefusedError `wrong_data` with the key at fault."""
    state, reason = data.get("state"), data.get("reason") or {}
    if state not in {each.value for each in SAYABLE}:
        raise RefusedError("wrong_data", "state")
    if not isinstance(reason, Mapping):
        raise RefusedError("wrong_data", "reason")
    round, fields, result = data.get("round"), data.get("fields", []), data.get("result", {})
    if not isinstance(round, int) or isinstance(round, bool) or not 0 <= round <= 1000:
        raise RefusedError("wrong_data", "round")
    if not isinstance(fields, list) or not all(isinstance(each, str) for each in fields):
        raise RefusedError("wrong_data", "fields")
    if not isinstance(result, Mapping) or len(result) > 50:
        raise RefusedError("wrong_data", "result")
    office = data.get("office")
    decision = OfficeDecision(
        TaskState(str(state)),
        _words(reason, "code", 60) or None,
        _words(reason, "text", 500),
        tuple(fields),
        dict(result),
        round,
    )
    return ReportedTask(
        _words(data, "feedback_id", 100),
        _words(data, "task_id", 36),
        decision,
        _moment(data.get("at")),
        None if office is None else _words(data, "office", 100),
    )


def _words(data: Mapping[str, object], name: str, longest: int) -> str:
    value = data.get(name, "")
    if not isinstance(value, str) or len(value) > longest:
        raise RefusedError("wrong_data", name)
    return value


def _moment(value: object) -> datetime:
    try:
        at = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        at = None
    if at is None or at.tzinfo is None:
        raise RefusedError("wrong_data", "at")
    return at

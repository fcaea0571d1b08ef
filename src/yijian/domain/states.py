"""状态: the states of a case and of a task, and every step between them, as tables.

A step that is not in the table does not exist; each row carries its sentence.
"""

from dataclasses import dataclass
from enum import StrEnum


class Stage(StrEnum):
    """办件阶段: where a whole case stands."""

    DRAFT = "draft"
    SIGNING = "signing"
    SUBMITTED = "submitted"
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"


class TaskState(StrEnum):
    """子办件状态: where one item for one newborn stands at its office."""

    WAITING = "waiting"
    QUEUED = "queued"
    ACCEPTED = "accepted"
    IN_REVIEW = "in_review"
    CORRECTION_NEEDED = "correction_needed"
    APPROVED = "approved"
    COMPLETED = "completed"
    DECLINED = "declined"
    REJECTED = "rejected"
    OFFLINE = "offline"
    WITHDRAWN = "withdrawn"
    NOT_NEEDED = "not_needed"


TERMINAL = frozenset(
    {
        TaskState.COMPLETED,
        TaskState.DECLINED,
        TaskState.REJECTED,
        TaskState.OFFLINE,
        TaskState.WITHDRAWN,
        TaskState.NOT_NEEDED,
    }
)

UNDER_WAY = frozenset(
    {
        TaskState.QUEUED,
        TaskState.ACCEPTED,
        TaskState.IN_REVIEW,
        TaskState.CORRECTION_NEEDED,
        TaskState.APPROVED,
    }
)

REFUSED = frozenset(
    {TaskState.DECLINED, TaskState.REJECTED, TaskState.OFFLINE, TaskState.WITHDRAWN}
)


STOPPABLE = frozenset(
    {
        TaskState.WAITING,
        TaskState.QUEUED,
        TaskState.ACCEPTED,
        TaskState.IN_REVIEW,
        TaskState.CORRECTION_NEEDED,
    }
)
"""States from which an item that stops the rest sends a task to the counter: nothing is decided
yet. An approved task is a legal act that stays."""


class Actor(StrEnum):
    """Who may take a step."""

    SYSTEM = "system"
    OFFICE = "office"
    FAMILY = "family"


@dataclass(frozen=True, slots=True)
class Step:
    """One allowed step of a task: from, to, by whom, and what it means."""

    before: TaskState
    after: TaskState
    by: Actor
    sentence: str


_S = TaskState

STEPS: tuple[Step, ...] = (
    Step(_S.WAITING, _S.QUEUED, Actor.SYSTEM, "前置事项办结，转给办理机构"),
    Step(_S.WAITING, _S.OFFLINE, Actor.SYSTEM, "前置事项没有办成，转线下办理"),
    Step(_S.WAITING, _S.WITHDRAWN, Actor.FAMILY, "家庭撤回尚未开始的事项"),
    Step(_S.QUEUED, _S.ACCEPTED, Actor.OFFICE, "机构受理"),
    Step(_S.QUEUED, _S.DECLINED, Actor.OFFICE, "机构不予受理"),
    Step(_S.QUEUED, _S.CORRECTION_NEEDED, Actor.OFFICE, "受理前一次告知补正"),
    Step(_S.QUEUED, _S.OFFLINE, Actor.OFFICE, "受理前转线下办理"),
    Step(_S.QUEUED, _S.WITHDRAWN, Actor.FAMILY, "家庭撤回尚未受理的事项"),
    Step(_S.ACCEPTED, _S.IN_REVIEW, Actor.OFFICE, "开始审核"),
    Step(_S.ACCEPTED, _S.CORRECTION_NEEDED, Actor.OFFICE, "一次告知补正"),
    Step(_S.ACCEPTED, _S.APPROVED, Actor.OFFICE, "审核通过"),
    Step(_S.ACCEPTED, _S.REJECTED, Actor.OFFICE, "审核不通过"),
    Step(_S.ACCEPTED, _S.OFFLINE, Actor.OFFICE, "转线下办理"),
    Step(_S.ACCEPTED, _S.WITHDRAWN, Actor.FAMILY, "家庭在审核前撤回"),
    Step(_S.IN_REVIEW, _S.CORRECTION_NEEDED, Actor.OFFICE, "审核中一次告知补正"),
    Step(_S.IN_REVIEW, _S.APPROVED, Actor.OFFICE, "审核通过"),
    Step(_S.IN_REVIEW, _S.REJECTED, Actor.OFFICE, "审核不通过"),
    Step(_S.IN_REVIEW, _S.OFFLINE, Actor.OFFICE, "转线下办理"),
    Step(_S.IN_REVIEW, _S.WITHDRAWN, Actor.SYSTEM, "上级节点收回，这里还在审核"),
    Step(_S.CORRECTION_NEEDED, _S.IN_REVIEW, Actor.FAMILY, "家庭已补正，继续审核"),
    Step(_S.CORRECTION_NEEDED, _S.OFFLINE, Actor.OFFICE, "未能补正，转线下办理"),
    Step(_S.CORRECTION_NEEDED, _S.WITHDRAWN, Actor.FAMILY, "家庭不再补正，撤回"),
    Step(_S.APPROVED, _S.COMPLETED, Actor.OFFICE, "办结"),
    Step(_S.APPROVED, _S.OFFLINE, Actor.OFFICE, "通过后转线下领取"),
)

ALLOWED: dict[tuple[TaskState, TaskState], Step] = {
    (step.before, step.after): step for step in STEPS
}

RANK: dict[TaskState, int] = {
    _S.WAITING: 0,
    _S.QUEUED: 1,
    _S.ACCEPTED: 2,
    _S.IN_REVIEW: 3,
    _S.CORRECTION_NEEDED: 3,
    _S.APPROVED: 4,
    **dict.fromkeys(TERMINAL, 5),
}
"""Within one correction round a task's rank never falls (invariant I6)."""


def path_between(before: TaskState, after: TaskState) -> tuple[TaskState, ...] | None:
    """The office steps that lead from `before` to `after`, the last one included.

    An office may report only its last state: "completed" of a queued task means accepted,
    approved and completed. None when no chain of office steps leads there.

    >>> path_between(TaskState.QUEUED, TaskState.APPROVED)
    (<TaskState.ACCEPTED: 'accepted'>, <TaskState.APPROVED: 'approved'>)
    """
    direct = ALLOWED.get((before, after))
    if direct is not None and direct.by is Actor.OFFICE:
        return (after,)
    chains = {
        _S.QUEUED: _S.ACCEPTED,
        _S.ACCEPTED: _S.APPROVED,
        _S.IN_REVIEW: _S.APPROVED,
    }
    nearer = chains.get(before)
    if nearer is None or (after is _S.DECLINED):
        return None
    rest = path_between(nearer, after)
    return None if rest is None else (nearer, *rest)

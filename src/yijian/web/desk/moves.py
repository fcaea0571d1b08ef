"""可以做什么: which decisions the page offers for a task as it is now. The core decides in the end."""

from dataclasses import dataclass

from yijian.domain.cases import Task
from yijian.domain.policy import ServiceItem
from yijian.domain.states import TERMINAL, TaskState, path_between

TO: dict[str, TaskState] = {
    "accept": TaskState.ACCEPTED,
    "approve": TaskState.APPROVED,
    "complete": TaskState.COMPLETED,
    "correct": TaskState.CORRECTION_NEEDED,
    "decline": TaskState.DECLINED,
    "reject": TaskState.REJECTED,
    "offline": TaskState.OFFLINE,
}
"""The decisions of the desk by the word a form sends, and the state each leads to."""


@dataclass(frozen=True, slots=True)
class Moves:
    """What may be done now. `primary` is what the key A does; "" when only the family can act."""

    accept: bool = False
    approve: bool = False
    complete: bool = False
    correct: bool = False
    refuse: str = ""
    offline: bool = False
    transfer: bool = False
    primary: str = ""
    waits: str = ""

    @property
    def any(self) -> bool:
        """Whether there is anything to press."""
        return self.transfer or self.approve or self.complete or self.offline


def moves_of(task: Task, item: ServiceItem, *, correctable: bool) -> Moves:
    """The decisions that make sense for a task that nothing is held for.

    `waits` says what stands still: "correction", "ask" or nothing.
    """
    state = task.state
    if state in TERMINAL or state is TaskState.WAITING:
        return Moves()
    if task.unrouted:
        return Moves(transfer=True)
    if state is TaskState.CORRECTION_NEEDED:
        return Moves(offline=True, transfer=True, waits="correction")
    complete = may_complete(task, item)
    if state is TaskState.APPROVED:
        return Moves(
            complete=complete,
            offline=True,
            transfer=True,
            primary="complete" if complete else "",
            waits="" if complete else "ask",
        )
    return Moves(
        accept=state is TaskState.QUEUED,
        approve=True,
        complete=complete,
        correct=correctable,
        refuse="decline" if state is TaskState.QUEUED else "reject",
        offline=True,
        transfer=True,
        primary="complete" if complete and not item.results else "approve",
    )


def may_complete(task: Task, item: ServiceItem) -> bool:
    """Whether nothing that the family must do first stands between the task and its end."""
    path = path_between(task.state, TaskState.COMPLETED)
    if path is None:
        return False
    between = {task.state.value, *(state.value for state in path[:-1])}
    return not any(
        ask.blocks
        and ask.id not in task.answered
        and (ask.id in task.asked or ask.after in between)
        for ask in item.asks
    )

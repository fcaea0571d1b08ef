"""其余事项停办: which tasks an item that was refused takes with it, as its policy says."""

from collections.abc import Iterable

from yijian.domain.cases import Case, Task
from yijian.domain.context import Context
from yijian.domain.facts import FAMILY
from yijian.domain.policy import OnRefusal
from yijian.domain.states import TaskState


def stopping_tasks(case: Case, context: Context) -> tuple[Task, ...]:
    """The tasks an office refused and whose item stops what remains."""
    stops = {
        code
        for code, item in context.pack.items.items()
        if item.on_refusal is OnRefusal.STOP_REMAINING
    }
    refused = (TaskState.DECLINED, TaskState.REJECTED)
    return tuple(t for t in case.tasks.values() if t.item in stops and t.state in refused)


def stopped_by(task: Task, case: Case, stopping: Iterable[Task]) -> str | None:
    """The item that stops this task: the family's, the newborn's, or every newborn's."""
    for refused in stopping:
        if refused.newborn == FAMILY or refused.newborn == task.newborn:
            return refused.item
        if task.newborn == FAMILY:
            every = case.tasks_of(refused.item)
            if all(other in stopping for other in every):
                return refused.item
    return None

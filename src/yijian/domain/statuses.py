"""进度用语: what a family reads about the state of an item: every step, or only open and done."""

from yijian.domain.policy import Pack
from yijian.domain.states import TaskState
from yijian.domain.wording import Text

COARSE = "coarse"
STEPS = frozenset(
    {
        TaskState.WAITING,
        TaskState.QUEUED,
        TaskState.ACCEPTED,
        TaskState.IN_REVIEW,
        TaskState.APPROVED,
    }
)
"""The steps that a coarse scheme calls open; what needs the family or went wrong is always said."""


def status_text(pack: Pack, state: TaskState) -> Text:
    """The pack's words for a state; the state's own name where it has none."""
    key = f"status.{state.value}"
    if pack.statuses == COARSE and state in STEPS:
        key = "status_coarse.open"
    elif pack.statuses == COARSE and state is TaskState.COMPLETED:
        key = "status_coarse.done"
    return pack.words.get(key) or Text(state.value, state.value)

"""对账: whether two nodes tell the same of every task they share, and what heals a difference.

The upstream node (上级节点) has sent the task, the downstream one (a node or a department's own
system) acts on it. Each side tells a line per task; lines lie in buckets with digests, so that
two nodes find one difference among a million tasks by comparing a few hundred digests. What lives
here: lines, buckets and what each difference means. Asking the other side and healing do not.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from yijian.domain.signing import canonical_json
from yijian.domain.states import RANK, TERMINAL, TaskState

COARSE = 5
"""Characters of a task's id that name a coarse bucket: three days, since ids begin with a time."""
FINE = 7
"""Characters that name a fine bucket: a quarter of an hour. Its lines are told one by one."""
STOPPED = frozenset({TaskState.WITHDRAWN, TaskState.OFFLINE})
"""States in which upstream wants nothing more of the office."""


@dataclass(frozen=True, slots=True)
class SharedTask:
    """对账行: what one side tells of a task: its correction round, its state, its result's digest.

    `task` is the identifier as text; `result` is "" where there is none or it is not told;
    `answered` is how many of the task's questions the family has answered.
    """

    task: str
    round: int
    state: TaskState
    result: str = ""
    answered: int = 0

    @property
    def text(self) -> str:
        """The line as it enters a bucket's digest; the database writes the same.

        Withdrawn and handed to the counter are one: the office has stopped either way. What was
        answered counts until the task has ended.
        """
        state = "stopped" if self.state in STOPPED else self.state.value
        answered = 0 if self.state in TERMINAL else self.answered
        return f"{self.task} {self.round} {state} {answered} {self.result}"


@dataclass(frozen=True, slots=True)
class ToldTask:
    """对账明细: a line with when it changed last, and what a person needs to find the task."""

    line: SharedTask
    changed_at: datetime
    case_number: str = ""
    item: str = ""


@dataclass(frozen=True, slots=True)
class Bucket:
    """对账桶: how many tasks begin with the same characters, and the digest over their lines."""

    count: int
    digest: str


class Standing(StrEnum):
    """对账结论: how the two sides of one task stand to each other."""

    SAME = "same"
    DOWNSTREAM_LACKS = "downstream_lacks"
    """It was never told or has forgotten: it takes the task in as if it were dispatched."""
    DOWNSTREAM_BEHIND = "downstream_behind"
    """It was restored, or a correction did not arrive: it takes what upstream recorded."""
    UPSTREAM_BEHIND = "upstream_behind"
    """A report did not arrive: it is sent again with its own id."""
    WITHDRAWN_UPSTREAM = "withdrawn_upstream"
    """The office must stop: its task was withdrawn or handed to the counter."""
    UPSTREAM_LACKS = "upstream_lacks"
    """Whoever sent it has forgotten: a person decides, and upstream learns what it missed."""
    CONFLICT = "conflict"
    """No message heals this: both have ended, and not alike."""


FOR_A_PERSON = frozenset({Standing.UPSTREAM_LACKS, Standing.CONFLICT})
"""What no message heals."""
_TOLD_UPSTREAM = frozenset(TaskState) - {TaskState.WAITING, TaskState.NOT_NEEDED}


def result_digest(task: str, result: Mapping[str, object] | None) -> str:
    """What both sides tell of a result: 64 hexadecimal digits, "" where there is none.

    It is bound to the task, so that equal results of two tasks look different.
    """
    if not result:
        return ""
    told = f"yijian result 1\n{task}\n".encode() + canonical_json(dict(result))
    return hashlib.sha256(told).hexdigest()


def buckets_of(lines: Iterable[SharedTask], width: int) -> dict[str, Bucket]:
    """The buckets of all lines by the first `width` characters of the task's id.

    >>> buckets_of([SharedTask("0193a", 0, TaskState.QUEUED)], 3)["019"].count
    1
    """
    gathered: dict[str, list[str]] = {}
    for line in sorted(lines, key=lambda each: each.task):
        gathered.setdefault(line.task[:width], []).append(line.text)
    return {
        prefix: Bucket(len(texts), hashlib.sha256("\n".join(texts).encode()).hexdigest())
        for prefix, texts in gathered.items()
    }


def differing(ours: Mapping[str, Bucket], theirs: Mapping[str, Bucket]) -> list[str]:
    """The buckets that are not the same on both sides, in order."""
    return sorted(p for p in {*ours, *theirs} if ours.get(p) != theirs.get(p))


def standing(upstream: SharedTask | None, downstream: SharedTask | None) -> Standing:
    """How one task stands, given what each side tells of it; None where it knows nothing.

    Errors: ValueError when neither side knows it or the lines are of two tasks.
    """
    if upstream is None:
        if downstream is None:
            raise ValueError("a task that neither side knows has no standing")
        return Standing.UPSTREAM_LACKS
    if downstream is None:
        return Standing.SAME if upstream.state in STOPPED else Standing.DOWNSTREAM_LACKS
    if upstream.task != downstream.task:
        raise ValueError("the lines are of two tasks")
    if upstream.state in TERMINAL and downstream.state in TERMINAL:
        return _both_ended(upstream, downstream)
    if upstream.state in STOPPED:
        decided = downstream.state is TaskState.APPROVED
        return Standing.CONFLICT if decided else Standing.WITHDRAWN_UPSTREAM
    if downstream.round > upstream.round or downstream.state is TaskState.WITHDRAWN:
        # Only upstream corrects and withdraws; what it has forgotten no report brings back.
        return Standing.CONFLICT
    ahead, behind = _progress(downstream), _progress(upstream)
    if ahead == behind:
        # An answer that did not arrive would let the task wait for ever.
        missing = downstream.answered < upstream.answered
        return Standing.DOWNSTREAM_BEHIND if missing else Standing.SAME
    return Standing.UPSTREAM_BEHIND if ahead > behind else Standing.DOWNSTREAM_BEHIND


def _both_ended(upstream: SharedTask, downstream: SharedTask) -> Standing:
    if upstream.state in STOPPED and downstream.state in STOPPED:
        return Standing.SAME
    alike = upstream.state is downstream.state
    told = upstream.result and downstream.result
    if not alike or (told and upstream.result != downstream.result):
        return Standing.CONFLICT
    return Standing.SAME


def _progress(line: SharedTask) -> tuple[int, int, bool]:
    """How far a task is: within a round a correction is asked for after the review has begun."""
    return line.round, RANK[line.state], line.state is TaskState.CORRECTION_NEEDED


def compared(
    upstream: Iterable[SharedTask], downstream: Iterable[SharedTask]
) -> dict[str, Standing]:
    """How every task of either side stands, in the order of their ids."""
    above = {line.task: line for line in upstream if line.state in _TOLD_UPSTREAM}
    below = {line.task: line for line in downstream}
    return {task: standing(above.get(task), below.get(task)) for task in sorted({*above, *below})}

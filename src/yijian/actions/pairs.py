"""对账行: what each partner is told of the tasks it shares with this node, kept with every change.

A task that came from another node is told to that node, one that an office acts on elsewhere to
whoever acts on it; a task in the middle of the way is told to both.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from yijian.actions.dispatching import reached_by
from yijian.actions.happened import Happened
from yijian.domain.parity import result_digest
from yijian.domain.routing import NODE, SYSTEM, read_reach
from yijian.domain.states import TaskState
from yijian.records import convergence
from yijian.records.convergence import RECEIVED, SENT, ToShare

_UNSEEN = frozenset({TaskState.WAITING, TaskState.NOT_NEEDED})


def follow(happened: Sequence[Happened], now: datetime) -> None:
    """Keep what partners are told of every task that has just changed; part of the same commit."""
    convergence.share(line for each in happened for line in _told(each))


def _told(happened: Happened) -> Iterable[ToShare]:
    case, before = happened.after, happened.loaded.channels
    reached = reached_by(case, happened.events, happened.context, before)
    for key in dict.fromkeys(e.task for e in happened.events if e.task is not None):
        task = case.tasks.get(key)
        if task is None or task.state in _UNSEEN:
            continue
        identifier = happened.loaded.task_id(key)
        line = ToShare(
            partner=case.origin,
            side=RECEIVED,
            task_id=identifier,
            case_id=UUID(case.id),
            round=task.round,
            state=task.state,
            result=result_digest(str(identifier), case.results.get(key)),
            answered=len(task.answered),
            changed_at=happened.events[-1].at,
        )
        if case.origin:
            yield line
        to, left = _partner(reached.get(key)), _partner(before.get(key))
        if to is not None:
            yield replace(line, partner=to, side=SENT)
        if left is not None and left != to:
            # Whoever had it before hears that it is gone, whatever becomes of it elsewhere.
            yield replace(line, partner=left, side=SENT, state=TaskState.WITHDRAWN, result="")


def _partner(kept: str | None) -> str | None:
    reach = read_reach(kept) if kept else None
    return reach.participant if reach and reach.channel in (SYSTEM, NODE) else None

"""演练决定: what made-up offices find: how often something is corrected, refused, handed over."""

from __future__ import annotations

from datetime import datetime

from yijian.domain.cases import Task
from yijian.domain.handling import OfficeDecision
from yijian.domain.states import TaskState
from yijian.ops.living import Lifetime
from yijian.packs.made_up import made_up

CORRECTIONS = ("name_characters", "relation", "address", "card_phone", "bank", "recipient")
REFUSALS = ("records_differ", "done_before", "not_ours", "not_eligible")
HAND_OVERS = ("originals", "originals", "system_out", "asked_by_family")


def decision(life: Lifetime, task: Task, now: datetime) -> OfficeDecision:
    """What the task's office says next: mostly the usual step, now and then something else."""
    chances, draw = life.chances, life.draw
    if task.state is TaskState.QUEUED:
        if life.happens(chances.declined):
            return _no(TaskState.DECLINED, draw.choice(REFUSALS))
        if life.happens(chances.to_the_counter):
            return _no(TaskState.OFFLINE, draw.choice(HAND_OVERS))
        return OfficeDecision(TaskState.ACCEPTED)
    if task.state is TaskState.APPROVED:
        values = life.context.values(life.case, task.newborn, now)
        seed = f"{life.facts.family['id']}/{task.item}/{task.newborn}"
        result = made_up(life.context.pack, task.item, values, seed, now)
        return OfficeDecision(TaskState.COMPLETED, result=result)
    if task.round == 0 and life.happens(chances.corrected):
        fields = sorted(
            fact
            for fact in life.context.pack.items[task.item].payload
            if any((fact, subject) in life.case.answers for subject in (0, task.newborn))
        )
        if fields:
            reason = draw.choice(CORRECTIONS)
            return _no(TaskState.CORRECTION_NEEDED, reason, (draw.choice(fields),))
    if life.happens(chances.rejected):
        return _no(TaskState.REJECTED, draw.choice(REFUSALS))
    return OfficeDecision(TaskState.APPROVED)


def _no(to: TaskState, reason: str, correct: tuple[str, ...] = ()) -> OfficeDecision:
    return OfficeDecision(to, reason=reason, reason_text=reason, correct=correct)

"""演练差事: what happens beside a made-up task: couriers carry its result, somebody urges its office.

What lives here: who does the next thing, and when. What it does is decided by the pure core.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

from yijian.domain import parcels, urging
from yijian.domain.cases import ParcelState, Task
from yijian.domain.clocks import local_day
from yijian.domain.context import RefusedError
from yijian.domain.events import TaskKey
from yijian.domain.parcels import Mover
from yijian.domain.policy import Escalation
from yijian.ops.living import Lifetime
from yijian.ops.waking_hours import at_work, awake

SUPERVISOR = "staff:S-0002"
BROUGHT_BACK = 0.02
URGED_BY_HAND = 0.35
MIDDLE_HOURS = {
    ParcelState.AWAITED: 40.0,
    ParcelState.POSTING: 3.0,
    ParcelState.ORDERED: 9.0,
    ParcelState.UNDER_WAY: 30.0,
    ParcelState.RETURNED: 20.0,
}
"""How long a parcel lies in a state, about; one that is ready waits until the family comes."""


def follow_parcels(life: Lifetime, now: datetime) -> None:
    """Whoever has a parcel that has moved takes it a step further after a while."""
    for key, parcel in life.case.parcels.items():
        if life.parcels.get(key) is parcel.state:
            continue
        life.parcels[key] = parcel.state
        hours = MIDDLE_HOURS.get(parcel.state)
        if hours is not None:
            at = awake(now + life.hours(hours, 0.5))
            life.later(at, partial(_moves, life, key, parcel.state))


def _moves(life: Lifetime, key: TaskKey, state: ParcelState, now: datetime) -> None:
    parcel = life.case.parcels[key]
    if parcel.state is not state:
        return
    to, mover = _next(life, key, state)
    by = "courier" if mover is Mover.COURIER else life.case.tasks[key].office or "system"
    proof = "code" if to is ParcelState.DELIVERED else ""
    try:
        moved = parcels.move(life.case, key, to, mover, by, life.context, now, proof=proof)
    except RefusedError:
        return
    life.take(moved, now)


def _next(life: Lifetime, key: TaskKey, state: ParcelState) -> tuple[ParcelState, Mover]:
    if state is ParcelState.POSTING:
        return ParcelState.ORDERED, Mover.COURIER
    if state is ParcelState.ORDERED:
        return ParcelState.UNDER_WAY, Mover.COURIER
    if state is ParcelState.UNDER_WAY:
        back = life.happens(BROUGHT_BACK)
        return ParcelState.RETURNED if back else ParcelState.DELIVERED, Mover.COURIER
    if parcels.may_be_posted(life.case, key, life.context, life.facts.applied_at):
        return ParcelState.POSTING, Mover.OFFICE
    return ParcelState.READY, Mover.OFFICE


def follow_limits(life: Lifetime, now: datetime) -> None:
    """Somebody will be told of every task at every share of its time that its policy names."""
    for task in life.case.tasks.values():
        _follow_limit(life, task, now)


def _follow_limit(life: Lifetime, task: Task, now: datetime) -> None:
    if task.due_at is None or not urging.clock_runs(task):
        return
    if life.limits.get(task.key) == task.due_at:
        return
    life.limits[task.key] = task.due_at
    started_at = task.started_at or task.since
    limit = life.context.pack.items[task.item].limit_on(local_day(started_at))
    for step in life.context.pack.escalation:
        at = urging.warned_at(task.due_at, limit, started_at, step.percent, life.context.calendar)
        # What is late already when its clock runs again is told of then.
        life.later(max(at, now) + timedelta(minutes=1), _urges(life, task.key, task.due_at, step))


def _urges(
    life: Lifetime, key: TaskKey, due_at: datetime, step: Escalation
) -> Callable[[datetime], None]:
    def does(now: datetime) -> None:
        task = life.case.tasks[key]
        if task.due_at != due_at or not urging.clock_runs(task):
            return
        why = urging.reason_of(step.percent)
        life.take([urging.urged(task, why, step.tell, "system", now)], now)
        if step.percent >= 100 and life.happens(URGED_BY_HAND):
            at = at_work(now + life.hours(5), life.draw, life.works)
            life.later(at, partial(_urges_by_hand, life, key, due_at))

    return does


def _urges_by_hand(life: Lifetime, key: TaskKey, due_at: datetime, now: datetime) -> None:
    task = life.case.tasks[key]
    if task.due_at == due_at and urging.clock_runs(task):
        tell = ("clerk", "supervisor")
        life.take([urging.urged(task, urging.URGED, tell, SUPERVISOR, now)], now)

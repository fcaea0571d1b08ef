"""工单督办: work orders whose time runs out, for the office that looks into them and for the desk.

Nobody has to be told by an event: an order stands on the list of what is urged for as long as it is
so, and leaves it with the step that ends the turn.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Protocol

from yijian.actions import contexts
from yijian.actions.rating_rules import rules_of
from yijian.domain import urging
from yijian.domain.work_orders import OrderState
from yijian.records import late_orders
from yijian.records.people import StaffRole, Visitor
from yijian.records.work_orders import OrderLine

TOLD = frozenset({StaffRole.COMPLAINTS, StaffRole.SUPERVISOR})


class Timed(Protocol):
    """An order, as far as its time goes."""

    @property
    def kind(self) -> str: ...
    @property
    def state(self) -> str: ...
    @property
    def assign_due_at(self) -> datetime: ...
    @property
    def due_at(self) -> datetime: ...
    @property
    def extended(self) -> bool: ...


@dataclass(frozen=True, slots=True)
class LateOrder:
    """催办的工单: an order of which somebody is told, until when it had time, and how much is over."""

    line: OrderLine
    due_at: datetime
    percent: int


def told(who: Visitor, *, now: datetime) -> list[LateOrder]:
    """All that this visitor is told of, the most urgent first."""
    return list(_told(who, now))


def count(who: Visitor, *, now: datetime, limit: int = 100) -> int:
    """How many these are, counted up to a limit; every page of the desk asks."""
    return sum(1 for _ in islice(_told(who, now), limit))


def _told(who: Visitor, now: datetime) -> Iterator[LateOrder]:
    percents = _percents()
    if who.office is None or not who.roles & TOLD or not percents:
        return
    longest = max(limits.extended_workdays for limits in rules_of().limits.values())
    lines = late_orders.ending(
        until=urging.latest_order_due(longest, percents[0], contexts.calendar(), now),
        office=who.office,
        desk=who.works_as(StaffRole.COMPLAINTS),
        handles=who.works_as(StaffRole.SUPERVISOR),
    )
    for line in lines:
        percent = _reached(line, percents, now)
        if percent:
            yield LateOrder(line, turn_until(line), percent)


def turn_until(order: Timed) -> datetime:
    """Until when the next step is to be taken; one sent back is answered no later for it."""
    if order.state == OrderState.NEW:
        return min(order.assign_due_at, order.due_at)
    return order.due_at


def light(order: Timed, now: datetime) -> str:
    """红黄灯: "red" past the deadline, "yellow" from when somebody is told, else "green"."""
    if now >= turn_until(order):
        return "red"
    return "yellow" if _reached(order, _percents(), now) else "green"


def _reached(order: Timed, percents: Sequence[int], now: datetime) -> int:
    """The greatest share of the time at which somebody is told and that is over; 0 for none."""
    calendar, due_at, workdays = contexts.calendar(), turn_until(order), _workdays(order)
    over = (
        percent
        for percent in percents
        if urging.order_warned_at(due_at, workdays, percent, calendar) <= now
    )
    return max(over, default=0)


def _workdays(order: Timed) -> int:
    """How long the turn is: a second round begins anew, so the time since opening says nothing."""
    limits = rules_of().limits[order.kind]
    if order.state == OrderState.NEW and order.assign_due_at < order.due_at:
        return limits.assign_workdays
    return limits.extended_workdays if order.extended else limits.finish_workdays


def _percents() -> tuple[int, ...]:
    """At which shares of the time the policies in force have somebody told."""
    return tuple(sorted({step.percent for pack in contexts.packs() for step in pack.escalation}))

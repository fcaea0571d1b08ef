"""办理计划: which tasks a case becomes, in which order, at which office, or why not."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from yijian.domain.cases import Case
from yijian.domain.clocks import local_day, moment_of
from yijian.domain.context import Context
from yijian.domain.events import TaskKey
from yijian.domain.facts import FAMILY
from yijian.domain.policy import (
    Choice,
    CustodyRule,
    Limit,
    Pack,
    Scope,
    ServiceItem,
    Switch,
)
from yijian.domain.routing import Office
from yijian.domain.states import TaskState
from yijian.domain.wording import Basis, Text

ONLINE = "online"
"""The channel in which a family applies by itself; switches are about it alone."""


@dataclass(frozen=True, slots=True)
class PlannedTask:
    """计划中的子办件: what will be done for whom, after what, by whom, in which time.

    `exempt` is the sentence that says why nothing is to be done, with its basis; `switch` says that
    the item is not online at this place yet, so that it is done at the counter. The limit counts
    from `counts_from` when it says so, and otherwise from the task's start. `saved` is how many
    materials the family need not bring because the state has them.
    """

    item: ServiceItem
    newborn: int
    after: tuple[TaskKey, ...]
    office: Office | None
    limit: Limit | None
    exempt: Text | None = None
    exemption: str | None = None
    basis: Basis | None = None
    switch: Switch | None = None
    counts_from: datetime | None = None
    saved: int = 0

    @property
    def key(self) -> TaskKey:
        """The task's place in its case."""
        return (self.item.code, self.newborn)

    @property
    def row(self) -> dict[str, object]:
        """The task as the journal tells it when the case is submitted; nothing personal."""
        return {
            "item": self.item.code,
            "newborn": self.newborn,
            "state": (TaskState.NOT_NEEDED if self.exempt else TaskState.WAITING).value,
            "office": self.office.code if self.office else None,
            "reason": self.exemption,
            "saved": self.saved,
        }


def chosen_items(context: Context, case: Case) -> tuple[ServiceItem, ...]:
    """The items of a case in pack order: those that always belong and those the family chose.

    An item without the companions it requires is not done.
    """
    chosen = set(case.items or context.preselected())
    taken = {
        item.code
        for item in context.pack.items.values()
        if item.choice is Choice.ALWAYS or item.code in chosen or item.part_of in chosen
    }
    while lonely := {code for code, _ in without_companions(context.pack, taken)}:
        taken -= lonely
    return tuple(item for item in context.pack.items.values() if item.code in taken)


def without_companions(
    pack: Pack, chosen: Iterable[str]
) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Chosen items that can only be chosen together with others, and what is missing for each.

    Of each missing group one item is enough.
    """
    codes = set(chosen)
    return tuple(
        (code, group)
        for code, item in pack.items.items()
        if code in codes
        for group in item.requires
        if not codes & set(group)
    )


def make_plan(context: Context, case: Case, now: datetime) -> tuple[PlannedTask, ...]:
    """Every task of the case, prerequisites before what needs them."""
    items = chosen_items(context, case)
    codes = {item.code for item in items}
    known: dict[int, dict[str, object]] = {}
    planned = []
    for item in items:
        limit = item.limit_on(local_day(case.submitted_at or now))
        for newborn in subjects(item, case.newborns):
            if newborn not in known:
                known[newborn] = context.filled(case, newborn, now)
            values = known[newborn]
            exemption = next((e for e in item.exemptions if e.condition.holds(values)), None)
            planned.append(
                PlannedTask(
                    item=item,
                    newborn=newborn,
                    after=tuple(_prerequisites(context, item, newborn, case.newborns, codes)),
                    office=context.directory.route(item, values),
                    limit=limit,
                    exempt=exemption.text if exemption else None,
                    exemption=exemption.id if exemption else None,
                    basis=exemption.basis if exemption else None,
                    switch=None if exemption else switched_off(context, item, values),
                    counts_from=counted_from(context, limit, values),
                    saved=0 if exemption else _saved(item, values),
                )
            )
    return tuple(planned)


def _saved(item: ServiceItem, values: Mapping[str, object]) -> int:
    return sum(
        material.waived and (material.when is None or material.when.holds(values) is False)
        for material in item.materials
    )


def counted_from(
    context: Context, limit: Limit | None, values: Mapping[str, object]
) -> datetime | None:
    """The moment a limit counts from when that is not the task's start; None when it is."""
    if limit is None or limit.since is None:
        return None
    return moment_of(values.get(context.pack.anchors.get(limit.since, "")))


def switched_off(
    context: Context, item: ServiceItem, values: Mapping[str, object]
) -> Switch | None:
    """The switch that keeps an item from being done online here on the day of application.

    At a window nothing is switched off: the clerk does there what is not online yet.
    """
    if values.get("channel") != ONLINE:
        return None
    day = values.get("today")
    assert isinstance(day, date)
    return next(
        (
            switch
            for switch in context.pack.switches
            if item.code in switch.items
            and switch.is_on(day)
            and switch.reaches(place_of(context, item, values))
        ),
        None,
    )


def place_of(context: Context, item: ServiceItem, values: Mapping[str, object]) -> str | None:
    """The division an item is done in: where the fact says, or where the office it names is."""
    place = values.get(item.office_fact)
    if not isinstance(place, str):
        return None
    office = context.directory.office(place)
    return office.division if office is not None else place


def custody_of(
    context: Context, case: Case, newborn: int, now: datetime
) -> tuple[CustodyRule, ...]:
    """Where the paper parts of this newborn's certificate go, as things stand."""
    values = context.filled(case, newborn, now)
    return tuple(
        rule
        for rule in context.pack.custody
        if rule.when is None or rule.when.holds(values) is True
    )


def subjects(item: ServiceItem, newborns: int) -> range:
    """Who an item is done for: the family once, or each newborn."""
    return range(1) if item.scope is Scope.FAMILY else range(1, max(newborns, 1) + 1)


def prerequisites(context: Context, case: Case, key: TaskKey) -> tuple[TaskKey, ...]:
    """The tasks of this case that must be done before the task `key` may start."""
    item = context.pack.items[key[0]]
    present = {task.item for task in case.tasks.values()}
    return tuple(_prerequisites(context, item, key[1], case.newborns, present))


def _prerequisites(
    context: Context, item: ServiceItem, newborn: int, newborns: int, present: set[str]
) -> Iterable[TaskKey]:
    for code in item.needs:
        if code not in present:
            continue
        needed = context.pack.items[code]
        if needed.scope is Scope.FAMILY:
            yield (code, FAMILY)
        elif item.scope is Scope.NEWBORN:
            yield (code, newborn)
        else:
            for each in subjects(needed, newborns):
                yield (code, each)


def critical_workdays(items: Iterable[ServiceItem], on: datetime) -> int:
    """The joint promise in working days: the longest chain of item limits (1 + 2 + 30 = 33)."""
    by_code = {item.code: item for item in items}
    longest: dict[str, int] = {}

    def length(code: str) -> int:
        if code not in longest:
            item = by_code[code]
            limit = item.limit_on(local_day(on))
            own = limit.workdays or 0 if limit else 0
            before = [length(need) for need in item.needs if need in by_code]
            longest[code] = own + max(before, default=0)
        return longest[code]

    return max((length(code) for code in by_code), default=0)

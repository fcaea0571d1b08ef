"""转线下资料包: what is handed over to a counter, ready, when something is not done online.

For every item that ended without being done: why, which office helps, what to bring, and what is
known and proven already, so that nobody tells it twice.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from yijian.domain.cases import Case, Task
from yijian.domain.context import Context
from yijian.domain.materials import is_asked
from yijian.domain.policy import Material, ServiceItem
from yijian.domain.routing import Office
from yijian.domain.states import TaskState
from yijian.domain.wording import Text

HANDED_OVER = frozenset({TaskState.OFFLINE, TaskState.DECLINED, TaskState.REJECTED})
OF_THE_SYSTEM = frozenset({"stopped_by", "prerequisite_not_met", "withdrawn_by_family"})
"""Reasons that no office wrote: the pack's word of that name says them in both languages."""


@dataclass(frozen=True, slots=True)
class KnownRow:
    """已知的一格: a value the counter need not ask again, and where it comes from.

    `source` is the register or item that gave it; None when the family said it.
    """

    fact: str
    label: Text
    value: object
    source: str | None


@dataclass(frozen=True, slots=True)
class HandoverItem:
    """转线下的一项: why, where to go, what to bring, and what is known already."""

    item: ServiceItem
    newborn: int
    why: Text
    office: Office | None
    way: Text | None
    bring: tuple[Material, ...]
    known: tuple[KnownRow, ...]


@dataclass(frozen=True, slots=True)
class Handover:
    """转线下资料包: everything not done, and what has been done with the values it gave."""

    items: tuple[HandoverItem, ...]
    done: tuple[KnownRow, ...]

    @property
    def bring(self) -> tuple[Material, ...]:
        """What to bring for all of it, each material once."""
        return tuple({m.id: m for item in self.items for m in item.bring}.values())


def handover(case: Case, context: Context, now: datetime) -> Handover:
    """The packet of a case: empty items when nothing went to the counter."""
    values: dict[int, dict[str, object]] = {}
    items = []
    for task in case.tasks.values():
        if task.state in HANDED_OVER:
            if task.newborn not in values:
                values[task.newborn] = context.filled(case, task.newborn, now)
            items.append(_item(case, task, context, values[task.newborn]))
    return Handover(tuple(items), tuple(_done(case, context)))


def reason_of(case: Case, task: Task, context: Context) -> Text:
    """Why a task is not done online, as the family reads it."""
    kind, _, detail = (task.reason or "").partition(":")
    if kind == "switched_off":
        for switch in context.pack.switches:
            if switch.id == detail:
                return switch.text
    word = context.pack.words.get(kind) if kind in OF_THE_SYSTEM else None
    if word is not None and detail in context.pack.items:
        title = context.pack.items[detail].title
        return Text(word.zh.replace("{item}", title.zh), word.en.replace("{item}", title.en))
    if word is not None:
        return word
    said = case.reasons.get(task.key, "")
    return Text(said, said)


def _item(case: Case, task: Task, context: Context, values: Mapping[str, object]) -> HandoverItem:
    item = context.pack.items[task.item]
    office = context.directory.office(task.office) if task.office else None
    return HandoverItem(
        item=item,
        newborn=task.newborn,
        why=reason_of(case, task, context),
        office=office or context.directory.route(item, values),
        way=item.way_offline,
        bring=tuple(m for m in item.materials if is_asked(m, values)),
        known=tuple(_known(case, item, task.newborn, context, values)),
    )


def _known(
    case: Case, item: ServiceItem, newborn: int, context: Context, values: Mapping[str, object]
) -> Iterator[KnownRow]:
    """What the item's office would have received, and no more."""
    for fact in item.payload:
        if values.get(fact) in (None, ""):
            continue
        verified = case.verified.get(context.key(fact, newborn))
        source = verified.source if verified is not None else None
        yield KnownRow(fact, context.pack.facts[fact].title, values[fact], source)


def _done(case: Case, context: Context) -> Iterator[KnownRow]:
    for task in case.tasks.values():
        if task.state is not TaskState.COMPLETED:
            continue
        given = case.results.get(task.key, {})
        for result in context.pack.items[task.item].results:
            if result.id in given:
                yield KnownRow(result.fact or result.id, result.title, given[result.id], task.item)

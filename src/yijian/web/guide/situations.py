"""情形引导: what a family can say about itself without logging in, and what follows from it.

The questions are the pack's own rules, asked as statements; whoever ticks none of them gets the
notice for everything. Nothing about the visitor is kept.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext

from yijian.domain.context import Context
from yijian.domain.policy import Rule, RuleKind, ServiceItem
from yijian.web.applicant.values import basis_text, register_title, shown_day, worded

# No family is asked whether its child lives, and nobody knows what a register will find.
NEVER_ASKED = frozenset(
    {"newborn_alive", "mother_hukou_found", "father_hukou_found", "hukou_household_kind"}
)


@dataclass(frozen=True, slots=True)
class Group:
    """The statements that one register would confirm."""

    title: str
    statements: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Refusal:
    """One statement that does not hold for this family, in the shape of the page's list."""

    answer: str
    title: str
    reason: str
    basis: str
    way_on: str
    repair: str
    ready_later: bool


@dataclass(frozen=True, slots=True)
class Line:
    """One item of the one-time notice."""

    title: str
    summary: str
    office: str
    limit: str
    basis: str
    after: str
    waived: tuple[str, ...]
    bring: tuple[str, ...]
    receive: tuple[str, ...]
    not_needed: tuple[str, ...]
    offline: str
    always: bool


def asked_rules(context: Context) -> list[Rule]:
    """The rules a family can answer for itself."""
    return [rule for rule in context.pack.rules if not rule.condition.needs & NEVER_ASKED]


def groups(context: Context) -> list[Group]:
    """The statements, grouped by the register that would confirm them."""
    found: dict[str, list[tuple[str, str]]] = {}
    for rule in asked_rules(context):
        register = rule.registers[0] if rule.registers else ""
        found.setdefault(register, []).append((rule.id, worded(rule.title)))
    return [
        Group(register_title(register, context) if register else gettext("其他"), tuple(rules))
        for register, rules in found.items()
    ]


def refusals(context: Context, not_so: Iterable[str]) -> list[Refusal]:
    """What is said to a family for which these statements do not hold."""
    chosen = set(not_so)
    return [
        Refusal(
            answer="no",
            title=worded(rule.title),
            reason=worded(rule.failed),
            basis=basis_text(context, *rule.basis),
            way_on=worded(rule.way_on),
            repair=worded(rule.repair),
            ready_later=rule.kind is RuleKind.READINESS or rule.repair is not None,
        )
        for rule in asked_rules(context)
        if rule.id in chosen
    ]


def notice(context: Context) -> list[Line]:
    """The one-time notice: every item with who, how long, what is needed and what is received."""
    return [_line(context, item) for item in context.pack.items.values() if item.part_of is None]


def _line(context: Context, item: ServiceItem) -> Line:
    limit = max(item.limits, key=lambda one: one.from_on, default=None)
    return Line(
        title=worded(item.title),
        summary=worded(item.summary),
        office=office_kind(item.office_kind, context),
        limit=_limit_words(limit.workdays, limit.days, limit.hours) if limit else "",
        basis=basis_text(context, item.basis),
        after=gettext("、").join(worded(context.pack.items[code].title) for code in item.needs),
        waived=tuple(worded(m.title) for m in item.materials if m.waived),
        bring=tuple(worded(m.title) for m in item.materials if not m.waived),
        receive=tuple(_received(context, item)),
        not_needed=tuple(worded(e.text) for e in item.exemptions),
        offline=worded(item.way_offline),
        always=item.choice.value == "always",
    )


def _limit_words(workdays: int | None, days: int | None, hours: int | None) -> str:
    if workdays is not None:
        return gettext("%(number)s 个工作日") % {"number": workdays}
    if days is not None:
        return gettext("%(number)s 天") % {"number": days}
    return gettext("%(number)s 小时") % {"number": hours}


def _received(context: Context, item: ServiceItem) -> Iterable[str]:
    for delivery in context.pack.delivery:
        if delivery.item != item.code:
            continue
        for option in delivery.options:
            words = [worded(option.title), worded(option.where), worded(option.cost)]
            yield gettext("，").join(word for word in words if word)


def office_kind(kind: str, context: Context) -> str:
    """What a kind of office is called here."""
    return worded(context.pack.office_kinds.get(kind)) or kind


def promise(context: Context) -> str:
    """The joint promise in words; "" when the pack makes none."""
    limit = context.pack.promise
    return _limit_words(limit.workdays, limit.days, limit.hours) if limit else ""


def documents(context: Context) -> list[str]:
    """The official documents that everything here rests on."""
    return [
        gettext("《%(title)s》（%(number)s，%(day)s）")
        % {"title": source.title, "number": source.number, "day": shown_day(source.issued_on)}
        for source in context.pack.sources.values()
    ]

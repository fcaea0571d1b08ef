"""推演: what two versions of a policy make of the same family, counted and without the family.

One function counts, whether the family is a sealed one of the past or made up. A policy is held
still on one day, so that a value that comes into force later is judged on families of before.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime

from yijian.domain.cases import Case
from yijian.domain.clocks import local_day
from yijian.domain.context import Context, applied_at
from yijian.domain.eligibility import Answer
from yijian.domain.events import TaskKey
from yijian.domain.facts import Origin
from yijian.domain.materials import asked_materials
from yijian.domain.plan import PlannedTask, make_plan
from yijian.domain.policy import Choice, Pack, ServiceItem
from yijian.domain.states import Stage

Counted = Counter[tuple[str, ...]]
"""How often, by what: the words of a key are codes and never say who."""

BEFORE, AFTER = "before", "after"
OPEN = "open"
"""Neither yes nor no: a fact is not known that the policy asks about."""
BEHIND = "families_behind"
"""Before the key of a count of tasks: how many families they are of."""
ACTS, NOT_NEEDED, AT_COUNTER = "acts", "not_needed", "at_counter"


@dataclass(frozen=True, slots=True)
class Outcome:
    """推演所得: what one policy makes of one family; a family that is kept out makes no work.

    `answer` is yes, no or open, `failed` the rules that say no. `works` are the tasks, each with
    its item, kind of office, and whether an office acts, nothing is needed, or it is done at the
    counter. `workdays` is the longest chain of promised working days.
    """

    answer: str
    failed: tuple[str, ...] = ()
    works: tuple[tuple[str, str, str], ...] = ()
    workdays: int | None = None
    materials: tuple[str, ...] = ()


def held_on(pack: Pack, day: date) -> Pack:
    """The pack as it is in force on that day, whatever day it is later asked about."""
    rules = tuple(
        replace(rule, from_on=None, until_on=None) for rule in pack.rules if rule.in_force(day)
    )
    switches = tuple(
        replace(switch, from_on=date.min, until_on=None)
        for switch in pack.switches
        if switch.is_on(day)
    )
    items = {code: _limited_on(item, day) for code, item in pack.items.items()}
    return replace(pack, rules=rules, switches=switches, items=items)


def _limited_on(item: ServiceItem, day: date) -> ServiceItem:
    limit = item.limit_on(day)
    return replace(item, limits=(replace(limit, from_on=date.min),) if limit else ())


def as_applied(case: Case, pack: Pack) -> Case:
    """The case as if its family were applying under this pack: what offices did since is undone.

    The chosen items stay chosen; items that the family could not choose then are as the form
    would propose them.
    """
    known = {key: fact for key, fact in case.verified.items() if fact.origin is not Origin.RESULT}
    return replace(
        case,
        pack=pack.code,
        pack_version=pack.version,
        pack_digest=pack.digest,
        channel=case.channel if case.channel in pack.channels else (pack.channels or ("",))[0],
        applicant=case.applicant if case.applicant in pack.applicants else "",
        stage=Stage.DRAFT,
        verified=known,
        tasks={},
        parcels={},
        results={},
        reasons={},
    )


def with_new_items(case: Case, before: Pack, after: Pack) -> Case:
    """The case with the items that `after` proposes and `before` did not know."""
    if not case.items:
        return case
    new = {
        item.code
        for item in after.items.values()
        if item.code not in before.items and item.choice is not Choice.OPTIONAL
    }
    chosen = new | set(case.items)
    return replace(case, items=tuple(code for code in after.items if code in chosen))


def applying_on(case: Case) -> datetime:
    """The moment at which a past case is judged: of its application, or of its beginning."""
    return applied_at(case) or case.started_at


def outcome(case: Case, context: Context, now: datetime) -> Outcome:
    """What this policy makes of the family of a case that is applying."""
    eligibility = context.judge(case, now)
    if eligibility.answer is not Answer.YES:
        failed = tuple(sorted({verdict.rule.id for verdict in eligibility.failed}))
        return Outcome(Answer.NO.value if failed else OPEN, failed)
    plan = make_plan(context, case, now)
    return Outcome(
        Answer.YES.value,
        works=tuple((t.item.code, t.item.office_kind, _way(t)) for t in plan),
        workdays=promised_workdays(plan),
        materials=tuple(asked.material.id for asked in asked_materials(context, case, now)),
    )


def _way(task: PlannedTask) -> str:
    if task.exempt is not None:
        return NOT_NEEDED
    return AT_COUNTER if task.switch is not None else ACTS


def promised_workdays(plan: Iterable[PlannedTask]) -> int:
    """The longest chain of working days among the tasks that offices act on."""
    acting = {task.key: task for task in plan if _way(task) == ACTS}
    known: dict[TaskKey, int] = {}

    def until(key: TaskKey) -> int:
        if key not in known:
            task = acting[key]
            own = task.limit.workdays or 0 if task.limit else 0
            known[key] = own + max((until(n) for n in task.after if n in acting), default=0)
        return known[key]

    return max((until(key) for key in acting), default=0)


def counted(before: Outcome, after: Outcome, on: datetime) -> Counted:
    """One family in every count that it belongs to."""
    found: Counted = Counter()
    found[("families",)] += 1
    found["verdict", before.answer, after.answer] += 1
    found.update(_by_rule(before, after))
    month = f"{local_day(on):%Y-%m}"
    found["month", month, "families"] += 1
    for side, told in ((BEFORE, before), (AFTER, after)):
        found.update(_by_side(side, told, month))
    return found


def _by_rule(before: Outcome, after: Outcome) -> Iterator[tuple[str, ...]]:
    """Whom each rule refuses, and whom it lets in or keeps out by being changed."""
    for side, told in ((BEFORE, before), (AFTER, after)):
        for rule in told.failed:
            yield "rule", rule, "refuses", side
            if len(told.failed) == 1:
                yield "rule", rule, "alone", side
    moved = (before.answer, after.answer)
    if moved == (Answer.NO.value, Answer.YES.value):
        yield from _causes(before.failed, "lets_in")
    elif moved == (Answer.YES.value, Answer.NO.value):
        yield from _causes(after.failed, "keeps_out")


def _causes(rules: tuple[str, ...], what: str) -> Iterator[tuple[str, ...]]:
    for rule in rules:
        yield "rule", rule, what
        if len(rules) == 1:
            yield "rule", rule, f"{what}_alone"


def _by_side(side: str, told: Outcome, month: str) -> Iterator[tuple[str, ...]]:
    yield "answer", told.answer, side
    if told.answer != Answer.YES.value:
        return
    yield "month", month, "fit", side
    yield "workdays", str(told.workdays), side
    for item, kind, way in told.works:
        yield "item", item, way, side
        if way == ACTS:
            yield "kind", kind, side
            yield "month", month, "tasks", side
    acting = [(item, kind) for item, kind, way in told.works if way == ACTS]
    yield from ((BEHIND, "kind", kind, side) for kind in {kind for _, kind in acting})
    yield from ((BEHIND, "item", *each, side) for each in {(i, way) for i, _, way in told.works})
    if acting:
        yield BEHIND, "month", month, "tasks", side
    for material in told.materials:
        yield "material", material, side

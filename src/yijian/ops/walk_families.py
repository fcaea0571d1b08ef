"""要走的家庭: an example of the pack as it lives today, and what the walk must come to.

What must come out is what the pure core says for the moved family (`packs.rehearsal`), told as the
family's pages tell it: the reasons of a refusal, or the lines of the progress page.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from yijian.domain.applying import missing_answers
from yijian.domain.arriving import filler
from yijian.domain.cases import Case, Task
from yijian.domain.clocks import local_day
from yijian.domain.context import Context
from yijian.domain.eligibility import Answer, Verdict
from yijian.domain.events import Event, EventKind
from yijian.domain.numbers import citizen_id_fault
from yijian.domain.policy import Scope, ServiceItem
from yijian.domain.states import TaskState
from yijian.domain.statuses import status_text
from yijian.ops.lively import lively
from yijian.packs.families import Family, as_json
from yijian.packs.rehearsal import Rehearsal, begun, play

Json = dict[str, Any]
Line = tuple[str, str]

LATE_MINUTES = 1
UNROUTED = "正在分派"
ONLINE = "online"
CITIZEN = "111"
ROLES = ("mother", "father", "representative")
"""Who stands in a family file as a person."""
FINISHED = frozenset({TaskState.COMPLETED, TaskState.NOT_NEEDED})


@dataclass(frozen=True)
class Outcome:
    """What a walk comes to: `done`, `refused`, `parked` or `held`, with what the page says of it.

    `held` is a form that will not be left as the family wants it filled in.
    """

    kind: str
    reasons: tuple[str, ...] = ()
    lines: tuple[Line, ...] = ()
    finished: int = 0
    items: int = 0

    @property
    def last_line(self) -> str:
        """The walk in one line."""
        if self.kind == "refused":
            number = "1 reason" if len(self.reasons) == 1 else f"{len(self.reasons)} reasons"
            return f"refused, with {number}: {'、'.join(self.reasons)}"
        if self.kind == "held":
            return "held at the form"
        if self.kind == "parked":
            return f"parked, waiting for: {'、'.join(self.reasons) or '医院录入分娩信息'}"
        states = [tag for _, tag in self.lines if tag not in ("已办结", "无需办理")]
        rest = f" ({'、'.join(dict.fromkeys(states))})" if states else ""
        return f"{self.finished} of {self.items} items finished{rest}"


@dataclass(frozen=True)
class Guest:
    """A family on its way through the product, and what it must meet.

    `roles` are those who do something, in the order in which they first do; the first one opens
    the case, `lead` fills it in and answers afterwards. `desks` are those of the `offices` that
    work on our desk.
    """

    name: str
    title: str
    family: Json
    context: Context
    expected: Outcome
    late: bool
    desks: tuple[str, ...]
    channel: str
    roles: tuple[str, ...]
    lead: str
    offices: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        """The family's id in the sandbox."""
        return str(self.family["id"])

    @property
    def withdraws(self) -> bool:
        """Whether the script lets the family withdraw before any office has begun."""
        return any(step["do"] == "withdraw" for step in self.family["script"])


def invite(family: Family, context: Context, now: datetime, *, mark: str) -> Guest:
    """An example as a family of today; `mark` makes its people different from every other walk's.

    A birth that the hospital has not recorded is recorded during the walk.
    """
    today = lively(family, now, mark=mark)
    delivery = today.model.delivery
    late = delivery is not None and delivery.recorded_at is None and _null_recorded(today)
    rehearsed = today
    if late and delivery is not None:
        soon = delivery.model_copy(update={"appears_after_minutes": LATE_MINUTES})
        rehearsed = Family(today.model.model_copy(update={"delivery": soon}), today.tree)
        never = delivery.model_copy(update={"appears_after_minutes": None})
        today = Family(today.model.model_copy(update={"delivery": never}), today.tree)
    end = play(rehearsed, context)
    return Guest(
        name=family.name,
        title=family.model.title.zh,
        family=as_json(today) | {"pack": context.pack.code},
        context=context,
        expected=_expected(rehearsed, context, end, late=late),
        late=late,
        desks=_desks(end.case, context),
        channel=end.case.channel,
        roles=_roles(end.events, end.case),
        lead=filler(end.case, context),
        offices=_offices(end.case),
    )


def _roles(events: Iterable[Event], case: Case) -> tuple[str, ...]:
    """The persons of the rehearsal, in the order in which they first agreed to something."""
    agreed = (str(e.public["role"]) for e in events if e.kind is EventKind.CONSENT_GIVEN)
    return tuple(dict.fromkeys([case.applicant, *agreed]))


def _null_recorded(family: Family) -> bool:
    delivery = family.model.delivery
    return delivery is not None and "recorded_at" in delivery.model_fields_set


def _expected(family: Family, context: Context, end: Rehearsal, *, late: bool) -> Outcome:
    start = begun(family, context)
    # What the registers alone exclude is said before anything is filled in.
    unfilled = context.judge(replace(start.case, answers={}, items=()), start.now)
    verdict = unfilled if unfilled.answer is Answer.NO else context.judge(start.case, start.now)
    online = start.case.channel == ONLINE
    if _cannot_be_entered(family, start, online=online):
        return Outcome("held")
    if verdict.answer is Answer.NO:
        grave = [one.sentence.zh for one in verdict.failed if _is_grave(one) and online]
        reasons = grave or [one.rule.title.zh for one in verdict.failed]
        return Outcome("refused", tuple(sorted(set(reasons))))
    if verdict.so_far is not Answer.YES and not late:
        waiting = [
            one.rule.title.zh
            for one in verdict.verdicts
            if one.answer is Answer.NEEDS_PERSON and not _is_grave(one)
        ]
        return Outcome("parked", tuple(sorted(set(waiting))))
    if end.refused is not None and end.case.submitted_at is None:
        return Outcome("held")
    finished, items = count_of(end.case, context)
    return Outcome("done", lines=lines_of(end.case, context), finished=finished, items=items)


def _cannot_be_entered(family: Family, start: Rehearsal, *, online: bool) -> bool:
    """A form left incomplete, or a card that no reader takes, is not left as the family wants."""
    case, context, now = start.case, start.context, start.now
    registers = context.judge(replace(case, answers={}, items=()), now)
    if registers.so_far is not Answer.YES and online:
        return False
    people = () if online else (start.facts.family.get(role) for role in ROLES)
    for person in people:
        if person and person.get("id_type", CITIZEN) == CITIZEN:
            fault = citizen_id_fault(str(person["id_number"]), local_day(now))
            if fault is not None and _is_shown_at_window(person, start):
                return True
    return registers.so_far is Answer.YES and bool(missing_answers(case, context, now))


def _is_shown_at_window(person: Json, start: Rehearsal) -> bool:
    """Whether the clerk reads this person's card: who acts, and the mother."""
    role = next(role for role in ROLES if start.facts.family.get(role) is person)
    return role in {start.case.applicant, "mother"}


def _is_grave(verdict: Verdict) -> bool:
    """Whether a family hears of it in one quiet sentence, without a list of conditions."""
    return "newborn_alive" in verdict.rule.condition.needs


def _desks(case: Case, context: Context) -> tuple[str, ...]:
    """The offices that work on our desk in this case."""
    offices = [context.directory.office(code) for code in _offices(case)]
    return tuple(office.code for office in offices if office and office.channel == "desk")


def _offices(case: Case) -> tuple[str, ...]:
    """Every office that has a task of this case."""
    return tuple(dict.fromkeys(task.office for task in case.tasks.values() if task.office))


def count_of(case: Case, context: Context) -> tuple[int, int]:
    """How many of the items are finished and how many there are, as the document counts them."""
    groups = [_counted(case, context, item) for item in _items(case, context)]
    done = [group for group in groups if all(task.state in FINISHED for task in group)]
    return len(done), len(groups)


def lines_of(case: Case, context: Context) -> tuple[Line, ...]:
    """The lines of the progress page: a title and a state for each item and newborn."""
    found = []
    for item in _items(case, context):
        tasks = _counted(case, context, item)
        for newborn in dict.fromkeys(task.newborn for task in tasks):
            own = [task for task in tasks if task.newborn == newborn]
            found.append(_line(case, context, item, own))
    return tuple(sorted(found))


def _items(case: Case, context: Context) -> list[ServiceItem]:
    items = context.pack.items.values()
    return [item for item in items if item.part_of is None and case.tasks_of(item.code)]


def _counted(case: Case, context: Context, item: ServiceItem) -> list[Task]:
    parts = [one.code for one in context.pack.items.values() if one.part_of == item.code]
    return [task for code in (item.code, *parts) for task in case.tasks_of(code)]


def _line(case: Case, context: Context, item: ServiceItem, tasks: list[Task]) -> Line:
    current = next((task for task in tasks if not task.ended), tasks[-1])
    own = context.pack.items[current.item]
    title = item.title.zh
    if current.newborn and case.newborns > 1:
        known = case.answers.get(("newborn_name", current.newborn))
        title += f"（{known.value if known else current.newborn}）"
    if item.scope is Scope.NEWBORN and own is not item and not current.ended:
        title += f"：{own.title.zh}"
    if current.unrouted:
        return title, UNROUTED
    return title, status_text(context.pack, current.state).zh


def moment_after(now: datetime, number: int) -> datetime:
    """Families that start together apply a moment apart, so that nothing is equal by accident."""
    return now + timedelta(microseconds=number)


def scripted(steps: Iterable[Json], item: str, newborn: int) -> list[Json]:
    """What the script lets the office of an item do for a newborn, in order."""
    return [
        step
        for step in steps
        if step.get("item") == item and step.get("newborn", newborn) in (newborn, None)
    ]

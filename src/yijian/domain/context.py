"""What a decision about a case stands on: its pack, the offices and the working-day calendar."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime

from yijian.domain.cases import Case, CheckState
from yijian.domain.clocks import Calendar, local_day
from yijian.domain.eligibility import Eligibility, judge
from yijian.domain.facts import (
    FAMILY,
    Fact,
    FactKey,
    Origin,
    known_values,
    stale_facts,
    subject_of,
)
from yijian.domain.policy import Pack, ServiceItem
from yijian.domain.routing import NODE, Directory, Reach
from yijian.domain.states import REFUSED, TaskState


def applied_at(case: Case) -> datetime | None:
    """When the family applied: its first signature. Waiting for the second costs it nothing."""
    signed = [signature.at for signature in case.signatures.values()]
    return min(signed, default=case.submitted_at)


def applicant_of(case: Case, pack: Pack) -> str:
    """The role that opened the case: the pack's first applicant when nobody is recorded."""
    return case.applicant or next(iter(pack.applicants), "")


def outcomes(case: Case, newborn: int) -> tuple[list[str], list[str]]:
    """The items done, and those that ended without being done, for one newborn and its family.

    For the family alone (0) an item is done when it is done for everybody, and has failed when it
    has for anybody.
    """
    states: dict[str, set[TaskState]] = {}
    for task in case.tasks.values():
        if newborn == FAMILY or task.newborn in (FAMILY, newborn):
            states.setdefault(task.item, set()).add(task.state)
    done = [item for item, found in states.items() if found == {TaskState.COMPLETED}]
    return done, [item for item, found in states.items() if found & REFUSED]


class RefusedError(Exception):
    """A command that the case's state or the pack does not allow.

    `code` is stable and public; `field` names the answer or result at fault when there is one.
    """

    def __init__(self, code: str, field: str | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.field = field


@dataclass(frozen=True, slots=True)
class Context:
    """The pinned pack of a case, the offices that act, and the calendar."""

    pack: Pack
    directory: Directory
    calendar: Calendar

    def values(self, case: Case, newborn: int, now: datetime) -> dict[str, object]:
        """Everything known about `newborn` (0: the family alone) on the day of the application."""
        done, failed = outcomes(case, newborn)
        injected = {
            "today": local_day(applied_at(case) or now),
            "newborn_count": case.newborns,
            "chosen_items": list(case.items or self.preselected()),
            "applicant": applicant_of(case, self.pack),
            "channel": case.channel,
            "items_completed": done,
            "items_failed": failed,
        }
        return known_values(self.pack, case.verified, case.answers, newborn, injected)

    def filled(self, case: Case, newborn: int, now: datetime) -> dict[str, object]:
        """`values`, with every unanswered form field at its default."""
        values = self.values(case, newborn, now)
        for field in self.pack.fields():
            if field.default is None or field.fact in values:
                continue
            default = field.default.value(values)
            if default is not None:
                values[field.fact] = default
        for fact_type in self.pack.facts.values():
            if fact_type.derive is not None and fact_type.id not in values:
                derived = fact_type.derive.value(values)
                if derived is not None:
                    values[fact_type.id] = derived
        return values

    def preselected(self) -> tuple[str, ...]:
        """The items ticked before the family has chosen: everything but the optional ones."""
        return tuple(
            item.code for item in self.pack.items.values() if item.choice.value != "optional"
        )

    def judge(self, case: Case, now: datetime) -> Eligibility:
        """The verdicts on a case as it is known now, choices at their defaults."""
        conflicts = {n for n, c in case.checks.items() if c.state is CheckState.CONFLICT}
        return judge(
            self._in_force(local_day(applied_at(case) or now)),
            self._filled_once(case, now),
            case.newborns,
            stale=stale_facts(self.pack, case.verified, local_day(now)),
            conflicting=frozenset(conflicts),
            answered_otherwise=lambda newborn, fact, value: self.filled(
                self._with_answer(case, newborn, fact, value, now), newborn, now
            ),
        )

    def _with_answer(
        self, case: Case, newborn: int, fact: str, value: object, now: datetime
    ) -> Case:
        """The case as it would be had the family said something else."""
        said = Fact(value, Origin.DECLARED, "tried", now)
        return replace(case, answers={**case.answers, self.key(fact, newborn): said})

    def _in_force(self, day: date) -> Pack:
        """The pack with the rules that are judged on that day."""
        rules = tuple(rule for rule in self.pack.rules if rule.in_force(day))
        return self.pack if len(rules) == len(self.pack.rules) else replace(self.pack, rules=rules)

    def _filled_once(self, case: Case, now: datetime) -> Callable[[int], Mapping[str, object]]:
        known: dict[int, dict[str, object]] = {}

        def values_of(newborn: int) -> Mapping[str, object]:
            if newborn not in known:
                known[newborn] = self.filled(case, newborn, now)
            return known[newborn]

        return values_of

    def payload(
        self, case: Case, item: ServiceItem, newborn: int, now: datetime
    ) -> dict[str, object]:
        """The facts that an item's office receives: those its payload lists, and no others."""
        values = self.values(case, newborn, now)
        return {fact: values[fact] for fact in item.payload if fact in values}

    def reach(self, office: str | None, item: str, now: datetime) -> Reach | None:
        """How an item reaches an office on this day; None without an office that is known here."""
        found = self.directory.office(office) if office else None
        return None if found is None else self.directory.reach(found, item, local_day(now))

    def is_elsewhere(self, office: str | None, item: str, now: datetime) -> bool:
        """Whether the office acts at another node, which then keeps paper and orders couriers."""
        reach = self.reach(office, item, now)
        return reach is not None and reach.channel == NODE

    def key(self, fact: str, newborn: int) -> FactKey:
        """Where the fact of this newborn or its family is kept."""
        return (fact, subject_of(self.pack, fact, newborn))

    def subjects(self, case: Case, fact: str) -> range:
        """Every subject the fact must be known for: the family, or each newborn."""
        if subject_of(self.pack, fact, 1) == FAMILY:
            return range(1)
        return range(1, max(case.newborns, 1) + 1)

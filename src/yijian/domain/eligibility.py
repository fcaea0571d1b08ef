"""资格核验: a verdict per condition, with its basis, its sentence and the smallest repair."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from yijian.domain.policy import Pack, Rule, Scope
from yijian.domain.wording import Text

Values = Mapping[str, object]
Otherwise = Callable[[int, str, object], Values]
"""The values of a newborn (0: the family) had the family answered one fact with that value."""


MOST_CHOICES = 6
"""A choice among more is no small repair."""


class Answer(StrEnum):
    """How one condition was answered."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"
    STALE = "stale"
    NEEDS_PERSON = "needs_person"


@dataclass(frozen=True, slots=True)
class Verdict:
    """资格结论: the answer to one rule, for the family or one newborn.

    `sentence` is what the family reads. `waits_for` names the registers that have not answered;
    `asks` the facts that only the family can still say, when nothing else is missing.
    """

    rule: Rule
    newborn: int
    answer: Answer
    sentence: Text
    waits_for: tuple[str, ...] = ()
    asks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Repair:
    """补救: one change of a choice that would turn every failed condition it names."""

    fact: str
    value: str
    turns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Eligibility:
    """资格核验结果: every verdict and what follows from them together."""

    verdicts: tuple[Verdict, ...]
    repairs: tuple[Repair, ...] = ()

    @property
    def answer(self) -> Answer:
        """The whole family's answer: the worst of its verdicts."""
        return _worst(self.verdicts)

    @property
    def so_far(self) -> Answer:
        """The answer as far as the family need not say more: what it is asked blocks nothing."""
        return _worst(verdict for verdict in self.verdicts if not verdict.asks)

    @property
    def failed(self) -> tuple[Verdict, ...]:
        """The verdicts that say no."""
        return tuple(v for v in self.verdicts if v.answer is Answer.NO)

    @property
    def waits_for(self) -> tuple[str, ...]:
        """The registers whose answers are still missing, each once, in rule order."""
        return tuple(dict.fromkeys(name for v in self.verdicts for name in v.waits_for))


def _worst(verdicts: Iterable[Verdict]) -> Answer:
    found = {verdict.answer for verdict in verdicts}
    order = (Answer.NO, Answer.NEEDS_PERSON, Answer.UNKNOWN, Answer.STALE)
    return next((answer for answer in order if answer in found), Answer.YES)


def judge(
    pack: Pack,
    values_of: Callable[[int], Values],
    newborns: int,
    *,
    stale: frozenset[str] = frozenset(),
    conflicting: frozenset[str] = frozenset(),
    answered_otherwise: Otherwise | None = None,
) -> Eligibility:
    """Every rule of the pack, judged.

    `values_of(n)` gives the known values of the family and newborn n (0: the family alone).
    `stale` are fact ids too old to rely on; `conflicting` are registers that contradict what the
    family or another register says, so that a person must look. With `answered_otherwise` the
    smallest repairs are looked for.
    """
    verdicts = tuple(
        _verdict(pack, rule, subject, values_of(subject), stale, conflicting)
        for rule in pack.rules
        for subject in _subjects(rule, newborns)
    )
    failed = tuple(v for v in verdicts if v.answer is Answer.NO)
    if not failed or answered_otherwise is None:
        return Eligibility(verdicts)
    return Eligibility(verdicts, _repairs(pack, failed, values_of, answered_otherwise))


def _subjects(rule: Rule, newborns: int) -> Iterable[int]:
    return (0,) if rule.scope is Scope.FAMILY else range(1, max(newborns, 1) + 1)


def _verdict(
    pack: Pack,
    rule: Rule,
    subject: int,
    values: Values,
    stale: frozenset[str],
    conflicting: frozenset[str],
) -> Verdict:
    holds = rule.condition.holds(values)
    if holds is None:
        waits = _missing_registers(pack, rule, values)
        if conflicting & set(rule.registers):
            return Verdict(rule, subject, Answer.NEEDS_PERSON, rule.failed)
        asks = _left_to_say(pack, rule, values)
        return Verdict(rule, subject, Answer.UNKNOWN, rule.failed, () if asks else waits, asks)
    if not holds:
        return Verdict(rule, subject, Answer.NO, rule.failed)
    if conflicting & set(rule.registers):
        return Verdict(rule, subject, Answer.NEEDS_PERSON, rule.failed)
    if stale & rule.condition.needs:
        return Verdict(rule, subject, Answer.STALE, rule.met)
    return Verdict(rule, subject, Answer.YES, rule.met)


def _missing_registers(pack: Pack, rule: Rule, values: Values) -> tuple[str, ...]:
    registers: list[str] = []
    for fact in sorted(rule.condition.needs):
        fact_type = pack.facts.get(fact)
        if fact not in values and fact_type is not None:
            registers.extend([fact_type.register] if fact_type.register else rule.registers)
    return tuple(dict.fromkeys(registers))


def _left_to_say(pack: Pack, rule: Rule, values: Values) -> tuple[str, ...]:
    """The missing facts that the form asks the family; empty when anything else is missing."""
    asked = frozenset(field.fact for field in pack.fields())
    missing = told_by(pack, rule.condition.needs - values.keys(), values)
    said = all(
        fact in asked and fact in pack.facts and pack.facts[fact].register is None
        for fact in missing
    )
    return tuple(sorted(missing)) if said else ()


def told_by(pack: Pack, facts: Iterable[str], values: Values | None = None) -> frozenset[str]:
    """The facts that `facts` come from: derivations are followed to what is not derived.

    With `values` only what is missing there is followed.
    """
    found: set[str] = set()
    ways = list(facts)
    while ways:
        fact_type = pack.facts.get(fact := ways.pop())
        if fact_type is None or fact_type.derive is None:
            found.add(fact)
            continue
        needs = fact_type.derive.needs
        ways.extend(needs if values is None else needs - values.keys())
    return frozenset(found)


def _repairs(
    pack: Pack,
    failed: tuple[Verdict, ...],
    values_of: Callable[[int], Values],
    otherwise: Otherwise,
) -> tuple[Repair, ...]:
    """Choices of the form that would turn all failed conditions if answered differently."""
    repairs = []
    turns = tuple(dict.fromkeys(v.rule.id for v in failed))
    for field in pack.fields():
        code_list = pack.code_lists.get(pack.facts[field.fact].code_list or "")
        if code_list is None or len(code_list.entries) > MOST_CHOICES:
            continue
        for code in code_list.entries:
            if all(
                values_of(v.newborn).get(field.fact) != code
                and v.rule.condition.holds(otherwise(v.newborn, field.fact, code)) is True
                for v in failed
            ):
                repairs.append(Repair(field.fact, code, turns))
    return tuple(repairs)

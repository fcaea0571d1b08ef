"""核验安排: which registers to ask about a family now, and when to ask again.

The registers are those of a birth: who names whom is their nature, not a scheme's choice.
"""

from datetime import datetime, timedelta
from string import Formatter

from yijian.domain.cases import Case, Check, CheckState
from yijian.domain.clocks import local_day
from yijian.domain.context import Context
from yijian.domain.eligibility import told_by
from yijian.domain.facts import stale_facts
from yijian.domain.policy import Pack
from yijian.domain.states import Stage

FIRST_RETRY = timedelta(seconds=5)
LONGEST_RETRY = timedelta(minutes=30)
EMPTY_RETRY = timedelta(minutes=30)
NAMES_THE_FATHER = "delivery"
"""The register whose answer says who the father is; those that ask about him wait for it."""
NAMES_THE_MOTHER = "marriage"
"""The register that says who the mother is when the father has come first."""
MOTHER, FATHER = ("mother_id_number", 0), ("father_id_number", 0)
ASKED_BY_THE_MOTHER = frozenset({NAMES_THE_FATHER, "maternity", "certificates"})
"""The registers that are asked with the mother's number and no other."""


def registers_to_ask(
    case: Case, context: Context, now: datetime, *, again: bool = False
) -> tuple[str, ...]:
    """The registers whose answer is missing, stale, incomplete or due for another try.

    `again` also names those whose next try is not due yet.
    """
    if case.stage not in (Stage.DRAFT, Stage.SIGNING) or not case.consents:
        return ()
    stale = _stale_registers(case, context, now)
    return tuple(
        register
        for register in used_registers(context)
        if _is_in_turn(case, register)
        and (register in stale or _is_due(case, register, now, again=again))
    )


def can_be_asked(case: Case, register: str) -> bool:
    """Whether enough is known to ask this register about the family at all."""
    return register not in ASKED_BY_THE_MOTHER or not _father_came_first(case)


def _father_came_first(case: Case) -> bool:
    return FATHER in case.verified and MOTHER not in case.verified


def _is_in_turn(case: Case, register: str) -> bool:
    """Nobody else is asked while the marriage register can still say who the mother is."""
    if not _father_came_first(case) or register == NAMES_THE_MOTHER:
        return True
    check = case.checks.get(NAMES_THE_MOTHER)
    heard = check is not None and check.state is not CheckState.FAILED
    return heard and can_be_asked(case, register)


def next_try(case: Case, context: Context, now: datetime) -> datetime | None:
    """When the next register is due for another try; None when there is nothing to wait for."""
    if case.stage not in (Stage.DRAFT, Stage.SIGNING) or not case.consents:
        return None
    moments = [
        check.at + pause
        for register in used_registers(context)
        if (check := case.checks.get(register)) and (pause := _pause(register, check)) is not None
    ]
    return min((moment for moment in moments if moment > now), default=None)


def used_registers(context: Context) -> tuple[str, ...]:
    """The registers that verify facts of this pack, the one that names the father first."""
    named = {t.register for t in context.pack.facts.values() if t.register}
    named |= {register for rule in context.pack.rules for register in rule.registers}
    named.discard("identity")
    return tuple(sorted(named, key=lambda register: (register != NAMES_THE_FATHER, register)))


def facts_in_use(pack: Pack) -> frozenset[str]:
    """Every fact that anything in the pack looks at: what nobody needs is not asked for."""
    conditions = [rule.condition for rule in pack.rules]
    found: set[str] = set()
    for item in pack.items.values():
        found |= {*item.payload, item.office_fact}
        conditions += [exemption.condition for exemption in item.exemptions]
        conditions += [material.when for material in item.materials if material.when]
    for field in pack.fields():
        found.add(field.fact)
        expressions = (field.default, field.offered, field.shown)
        found |= {fact for one in expressions if one is not None for fact in one.needs}
    conditions += [statement.when for statement in pack.statements if statement.when]
    conditions += [step.when for step in pack.signing if step.when]
    conditions += [part.when for part in pack.custody if part.when]
    conditions += [notice.when for notice in pack.notices if notice.when]
    for statement in pack.statements:
        words = Formatter().parse(statement.text.zh + statement.text.en)
        found |= {*statement.rows, *(fact for _, fact, _, _ in words if fact)}
    found |= {fact for condition in conditions for fact in condition.needs}
    return frozenset(found) | told_by(pack, found)


def _stale_registers(case: Case, context: Context, now: datetime) -> set[str]:
    stale = stale_facts(context.pack, case.verified, local_day(now))
    return {str(context.pack.facts[fact].register) for fact in stale}


def _is_due(case: Case, register: str, now: datetime, *, again: bool) -> bool:
    check = case.checks.get(register)
    if check is None:
        return True
    if _before_the_father_was_known(case, register, check):
        return True
    pause = _pause(register, check)
    return pause is not None and (again or check.at + pause <= now)


def _before_the_father_was_known(case: Case, register: str, check: Check) -> bool:
    delivery = case.checks.get(NAMES_THE_FATHER)
    return (
        register != NAMES_THE_FATHER
        and delivery is not None
        and delivery.state is CheckState.FOUND
        and check.at < delivery.at
    )


def _pause(register: str, check: Check) -> timedelta | None:
    """How long to wait after this answer before asking again; None when it is final."""
    if check.state is CheckState.FAILED:
        doubled = FIRST_RETRY * int(2 ** min(check.attempts - 1, 12))
        return min(doubled, LONGEST_RETRY)
    if check.state is CheckState.EMPTY and register == NAMES_THE_FATHER:
        return EMPTY_RETRY
    return None

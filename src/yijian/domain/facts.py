"""事实: values with their origin and time, and the view of them that rules are asked about."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from yijian.domain.clocks import local_day
from yijian.domain.policy import Pack, Scope

FAMILY = 0
"""The subject number of the family; newborns are 1, 2, … in birth order."""

FactKey = tuple[str, int]
"""A fact's id and whose it is: FAMILY or a newborn's number."""


class Origin(StrEnum):
    """Where a fact comes from."""

    DECLARED = "declared"
    VERIFIED = "verified"
    RESULT = "result"


@dataclass(frozen=True, slots=True)
class Fact:
    """事实: a value, who said so, when, and the receipt of the check when there is one."""

    value: object
    origin: Origin
    source: str
    at: datetime
    receipt: str | None = None


def subject_of(pack: Pack, fact: str, newborn: int) -> int:
    """The subject that `fact` belongs to when asked about `newborn`."""
    return newborn if pack.facts[fact].scope is Scope.NEWBORN else FAMILY


def known_values(
    pack: Pack,
    verified: Mapping[FactKey, Fact],
    answers: Mapping[FactKey, Fact],
    newborn: int,
    injected: Mapping[str, object],
) -> dict[str, object]:
    """Everything known about one newborn and its family, by fact id.

    A verified value stands before a declared one: parents dispute a register's value with its
    owner, they do not overwrite it. Derived facts follow in the pack's order. `injected` holds
    what is not a fact of the family (`today`, `chosen_items`, `newborn_count`).
    """
    values: dict[str, object] = dict(injected)
    for source in (answers, verified):
        for (fact, subject), known in source.items():
            if subject in (FAMILY, newborn) and known.value is not None:
                values[fact] = known.value
    for fact_type in pack.facts.values():
        if fact_type.derive is not None and fact_type.id not in values:
            derived = fact_type.derive.value(values)
            if derived is not None:
                values[fact_type.id] = derived
    return values


def stale_facts(pack: Pack, verified: Mapping[FactKey, Fact], on: date) -> frozenset[str]:
    """Ids of verified facts older than their type allows on the day `on`."""
    stale = set()
    for (fact, _), known in verified.items():
        fresh_days = pack.facts[fact].fresh_days if fact in pack.facts else None
        if fresh_days is not None and (on - local_day(known.at)).days > fresh_days:
            stale.add(fact)
    return frozenset(stale)

"""合成人群: made-up families that differ in everything that rules look at, the same for one seed.

Each is an ordinary family of a pack's examples in which a few facts are set otherwise: to the codes
and places that conditions name, to both sides of every number they compare with, to yes and to no.
"""

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TypeVar

from yijian.domain.clocks import SHANGHAI
from yijian.domain.policy import FactKind, FactType, Pack
from yijian.packs.families import Family, parse
from yijian.packs.families.schema import Answer, ExpectSchema

MOST_CHANGES = 3
BEYOND = (-400, -1, 0, 1, 400)
_NUMBERS = re.compile(r"(?<![\w.\"'])(\d{1,4})(?![\w.\"'])")
_TEXTS = re.compile(r"\"([^\"]*)\"|'([^']*)'")
_PLACES = ("310104", "320106", "330106", "340104", "350302", "431222", "450102", "110101")

_One = TypeVar("_One")
Dimensions = Mapping[str, tuple[Answer, ...]]


def population(
    packs: Sequence[Pack], ordinary: Sequence[Family], count: int, seed: str = "1"
) -> Iterator[tuple[str, Family]]:
    """`count` families, named by number; `ordinary` are what they start from."""
    bases = list(ordinary) or [parse("title: 一家人")]
    known: dict[datetime, Dimensions] = {}
    chosen = {fact for pack in packs for fact in answerable(pack)}
    for number in range(1, count + 1):
        base = bases[_draw(seed, f"{number} base", len(bases))]
        applied_at = base.model.applied_at or datetime(2026, 11, 19, 9, 30, tzinfo=SHANGHAI)
        if applied_at not in known:
            known[applied_at] = dimensions(packs, applied_at)
        wide = known[applied_at]
        changes = _draw(seed, f"{number} changes", MOST_CHANGES + 1)
        facts, answers = dict(base.model.facts), dict(base.model.answers)
        for change in range(changes):
            fact = _pick(seed, f"{number} fact {change}", sorted(wide))
            said = answers if fact in chosen else facts
            said[fact] = _pick(seed, f"{number} value {change}", wide[fact])
        update = {
            "id": f"{seed}-{number}",
            "facts": facts,
            "answers": answers,
            "script": [],
            "expect": ExpectSchema(),
        }
        yield f"{number:04d}", Family(base.model.model_copy(update=update), base.tree)


def dimensions(packs: Iterable[Pack], applied_at: datetime) -> Dimensions:
    """Every fact of a register or the family that a rule looks at, and the values worth trying."""
    found: dict[str, dict[Answer, None]] = {}
    for pack in packs:
        for rule in pack.rules:
            facts = _told(pack, rule.condition.needs) - {"chosen_items"}
            for fact in sorted(facts):
                fact_type = pack.facts[fact]
                if fact_type.register is not None or fact in answerable(pack):
                    values = _values(pack, fact_type, rule.condition.source, applied_at)
                    found.setdefault(fact, {}).update(dict.fromkeys(values))
    return {fact: tuple(values) for fact, values in found.items() if values}


def answerable(pack: Pack) -> frozenset[str]:
    """The facts that only the family says, in the form."""
    asked = frozenset(field.fact for field in pack.fields())
    return frozenset(fact for fact in asked if pack.facts[fact].register is None)


def _told(pack: Pack, facts: Iterable[str]) -> set[str]:
    """The facts and what they are derived from, down to what registers say."""
    told: set[str] = set()
    ways = [fact for fact in facts if fact in pack.facts]
    while ways:
        derive = pack.facts[fact := ways.pop()].derive
        if derive is None:
            told.add(fact)
        else:
            ways.extend(need for need in derive.needs if need in pack.facts)
    return told


def _values(
    pack: Pack, fact_type: FactType, condition: str, applied_at: datetime
) -> Iterator[Answer]:
    kind = fact_type.kind
    if kind is FactKind.YES_NO:
        yield from (True, False)
    elif kind is FactKind.NUMBER:
        for number in _numbers(condition):
            yield from (max(number - 1, 0), number, number + 1)
    elif kind in (FactKind.DATE, FactKind.MOMENT):
        for days in _days(condition):
            moment = applied_at - timedelta(days=days)
            yield moment.date().isoformat() if kind is FactKind.DATE else moment.isoformat()
    elif kind is FactKind.CODE:
        yield from _codes(pack, fact_type, condition)


def _codes(pack: Pack, fact_type: FactType, condition: str) -> Iterator[Answer]:
    if fact_type.code_list == "division":
        yield from (code for code in pack.divisions if not code.endswith("00"))
        yield from _PLACES
        return
    listed = pack.code_lists.get(fact_type.code_list or "")
    named = [one or other for one, other in _TEXTS.findall(condition)]
    if listed is not None:
        yield from (code for code in named if code in listed.entries)
        yield from list(listed.entries)[:6]


def _numbers(condition: str) -> list[int]:
    return [int(found) for found in _NUMBERS.findall(condition)] or [1]


def _days(condition: str) -> Iterator[int]:
    """Days before the application: around now, and on both sides of what is compared with."""
    yield from BEYOND
    by_month = "months" in condition
    for number in _numbers(condition):
        days = round(number * 30.44) if by_month else number
        yield from range(days - 2 if by_month else days - 1, days + (3 if by_month else 2))


def _draw(seed: str, what: str, below: int) -> int:
    digest = hashlib.sha256(f"{seed}/{what}".encode()).digest()
    return int.from_bytes(digest[:8], "big") % below


def _pick(seed: str, what: str, pool: Sequence[_One]) -> _One:
    return pool[_draw(seed, what, len(pool))]

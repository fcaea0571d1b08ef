"""Golden conditions, and every rule of every pack, answered alike by two independent engines."""

from datetime import UTC, date, datetime, timedelta

import pytest

from tests.packs.edited import PACKS
from tests.packs.second_engine import SecondEngine
from yijian.domain.clocks import SHANGHAI
from yijian.domain.policy import FactKind
from yijian.packs.examples import example_files, load_example
from yijian.packs.expressions import Language
from yijian.packs.loading import load_context, running_codes
from yijian.packs.rehearsal import begun

KINDS = {
    "name": FactKind.TEXT,
    "division": FactKind.CODE,
    "count": FactKind.NUMBER,
    "married": FactKind.YES_NO,
    "registered": FactKind.DATE,
    "today": FactKind.DATE,
    "born_at": FactKind.MOMENT,
    "items": FactKind.CODES,
}
BORN = datetime(2026, 10, 21, 23, 59, tzinfo=SHANGHAI)
FAMILY: dict[str, object] = {
    "name": "买买提·艾力",
    "division": "340104",
    "count": 2,
    "married": True,
    "registered": date(2026, 10, 21),
    "today": date(2026, 11, 20),
    "born_at": BORN,
    "items": ["card", "insurance"],
}

GOLDEN: list[tuple[str, dict[str, object], bool | None]] = [
    ('division.startsWith("34")', {}, True),
    ('division.startsWith("34")', {"division": "310104"}, False),
    ('division.startsWith("34")', {"division": None}, None),
    ("days_between(born_at, today) <= 30", {}, True),
    ("days_between(born_at, today) <= 30", {"today": date(2026, 11, 21)}, False),
    ("days_between(born_at, today) <= 30", {"born_at": BORN.astimezone(UTC)}, True),
    ("days_between(born_at, today) <= 30", {"today": None}, None),
    ("days_between(registered, born_at) >= 0", {}, True),
    ("days_between(registered, born_at) >= 0", {"registered": date(2026, 10, 22)}, False),
    ("months_between(registered, today) == 0", {}, True),
    ("years_between(registered, today) == 1", {"registered": date(2025, 11, 20)}, True),
    ('registered < date("2026-10-22")', {}, True),
    ("add_days(registered, 30) == today", {}, True),
    ("add_months(registered, 1) > today", {}, True),
    ("year_of(born_at) == 2026", {}, True),
    ("size(name) == 6", {}, True),
    ("unknown(count) || count > 5", {"count": None}, True),
    ("unknown(count) || count > 5", {}, False),
    ('surname(name) == ""', {}, True),
    ('surname(name) == "诸葛"', {"name": "诸葛亮"}, True),
    ("name.startsWith(surname(name))", {"name": "欧阳"}, True),
    ('name.contains("·")', {}, True),
    ('name.matches("^[0-9]+$")', {}, False),
    ('"card" in items', {}, True),
    ('"card" in items && "tax" in items', {}, False),
    ('items.exists(x, x.startsWith("ins"))', {}, True),
    ("items.all(x, size(x) > 4)", {}, False),
    ("count > 1 ? married : false", {}, True),
    ("married && count > 1", {"count": None}, None),
    ("married && count > 1", {"count": None, "married": False}, False),
    ("count > 1 && married", {"count": None, "married": False}, False),
    ("count > 5 || !married", {"count": None, "married": False}, True),
    ("count > 5 || !married", {"count": None}, None),
    ("!(married && count > 1)", {"count": None}, None),
    ('id_valid("11010519491231002X")', {}, True),
    ('id_valid("110105194912310021")', {}, False),
    ('(division == "340104") == married', {}, True),
]


@pytest.mark.parametrize(("source", "changes", "answer"), GOLDEN)
def test_both_engines_give_the_golden_answer(
    source: str, changes: dict[str, object], answer: bool | None
) -> None:
    facts = {**FAMILY, **changes}
    assert Language(KINDS).condition(source).holds(facts) is answer
    assert SecondEngine(KINDS).holds(source, facts) is answer


@pytest.mark.parametrize("code", running_codes(PACKS))
def test_both_engines_judge_the_families_of_a_pack_alike(code: str) -> None:
    """A tenth of the examples, each rule once: the second engine takes its time."""
    context = load_context(PACKS, code)
    second = SecondEngine({id_: fact.kind for id_, fact in context.pack.facts.items()})
    compared = 0
    for path in example_files(PACKS, code)[::10]:
        start = begun(load_example(PACKS, path), context)
        values = context.filled(start.case, 1, start.now + timedelta(0))
        for rule in context.pack.rules:
            first = rule.condition.holds(values)
            assert second.holds(rule.condition.source, values) is first, (path.name, rule.id)
            compared += 1
    assert compared > len(context.pack.rules)

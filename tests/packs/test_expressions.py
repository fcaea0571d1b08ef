"""Conditions are typed when compiled and three-valued when asked."""

from datetime import UTC, date, datetime, timedelta

import pytest

from yijian.domain.clocks import SHANGHAI
from yijian.domain.policy import FactKind
from yijian.packs.expressions import EvaluationError, ExpressionError, Language

KINDS = {
    "name": FactKind.NAME,
    "code": FactKind.CODE,
    "count": FactKind.NUMBER,
    "married": FactKind.YES_NO,
    "born": FactKind.DATE,
    "at": FactKind.MOMENT,
    "items": FactKind.CODES,
}
WORDS = Language(KINDS)


def holds(source: str, **facts: object) -> bool | None:
    return WORDS.condition(source).holds(facts)


def value(source: str, kind: FactKind, **facts: object) -> object | None:
    return WORDS.expression(source, kind).value(facts)


@pytest.mark.parametrize(
    ("source", "line", "column", "sentence"),
    [
        ("name > 1", 1, 6, "“>”不能用于文字与整数"),
        ("born == name", 1, 6, "“==”不能用于日期与文字"),
        ("items == name", 1, 7, "“==”不能用于代码列表与文字"),
        ("nme == 'x'", 1, 1, "没有叫“nme”的事实或函数，是不是“name”？"),
        ("days_betwen(born, at) > 1", 1, 12,
         "没有叫“days_betwen”的事实或函数，是不是“days_between”？"),
        ("name.startWith('x')", 1, 15,
         "没有叫“startWith”的事实或函数，是不是“startsWith”？"),
        ("married = true", 1, 9, "比较两个值要写“==”"),
        ("married &&", 1, 11, "表达式没有写完"),
        ("name == “x”", 1, 9, "引号、括号、逗号要用半角"),
        ("count", 1, 1, "结果应为是否，这里得到整数"),
        ("born > date('2024-13-01')", 1, 8, "“2024-13-01”不是日期，写成 2024-06-07"),
        ("married\n&& count", 2, 1, "“&&”不能用于是否与整数"),
        ("unknown(nme)", 1, 1, "没有叫“nme”的事实或函数，是不是“name”？"),
    ],
)  # fmt: skip
def test_a_wrong_condition_is_refused_with_its_place(
    source: str, line: int, column: int, sentence: str
) -> None:
    with pytest.raises(ExpressionError) as caught:
        WORDS.condition(source)
    problem = caught.value.problems[0]
    assert (problem.line, problem.column, problem.sentence) == (line, column, sentence)


@pytest.mark.parametrize(
    ("source", "facts", "answer"),
    [
        ("married && count > 1", {}, None),
        ("married && count > 1", {"married": True}, None),
        ("married && count > 1", {"married": False}, False),
        ("count > 1 && married", {"married": False}, False),
        ("married || count > 1", {"married": True}, True),
        ("married || count > 1", {"married": False}, None),
        ("!married", {}, None),
        ("married ? count > 1 : count > 2", {"count": 2}, None),
        ("name == code", {"name": "x"}, None),
        ("items.exists(x, x == code)", {"items": ["a"]}, None),
        ("'a' in items", {}, None),
        ("name == 'x'", {"name": None}, None),
        ("unknown(name) || name == 'x'", {}, True),
        ("unknown(name) || name == 'x'", {"name": "y"}, False),
        ("unknown(name)", {"name": None}, True),
        ("'unknown(name)' == code", {"code": "unknown(name)"}, True),
    ],
)
def test_what_is_not_known_stays_unknown_unless_it_does_not_matter(
    source: str, facts: dict[str, object], answer: bool | None
) -> None:
    assert holds(source, **facts) is answer


def test_a_condition_names_the_facts_it_looks_at() -> None:
    condition = WORDS.condition("name == 'count' && days_between(born, at) > 3 || unknown(code)")
    assert condition.needs == {"name", "born", "at", "code"}
    assert WORDS.condition("items.exists(x, x.startsWith('a'))").needs == {"items"}


def test_chinese_characters_are_counted_as_people_count_them() -> None:
    assert holds("size(name) == 2", name="汉族") is True
    assert holds("size(name) == 2", name="李\U00020164") is True


def test_a_day_is_the_day_in_shanghai() -> None:
    late = datetime(2026, 11, 20, 16, 30, tzinfo=UTC)  # Already the 21st in Shanghai.
    assert holds("days_between(born, at) == 1", born=date(2026, 11, 20), at=late) is True
    assert holds("born == date('2026-11-21')", born=late) is True
    assert holds("at == date('2026-11-21')", at=late) is False
    assert holds("at.getHours('Asia/Shanghai') == 0", at=late) is True


def test_dates_may_come_as_iso_text() -> None:
    assert holds("born < at", born="2026-11-20", at="2026-11-20T00:00:01+08:00") is True


def test_a_date_that_never_ends_can_be_compared() -> None:
    assert holds("born >= date('2026-11-21')", born=date(9999, 12, 31)) is True


@pytest.mark.parametrize(
    ("start", "end", "months", "years"),
    [
        (date(2024, 1, 31), date(2024, 2, 29), 1, 0),
        (date(2024, 1, 31), date(2024, 2, 28), 0, 0),
        (date(2024, 2, 29), date(2025, 2, 28), 12, 1),
        (date(2023, 12, 15), date(2024, 12, 14), 11, 0),
        (date(2023, 12, 15), date(2024, 12, 15), 12, 1),
        (date(2024, 12, 15), date(2023, 12, 15), -12, -1),
    ],
)
def test_months_and_years_count_when_they_are_full(
    start: date, end: date, months: int, years: int
) -> None:
    assert value("months_between(born, at)", FactKind.NUMBER, born=start, at=end) == months
    assert value("years_between(born, at)", FactKind.NUMBER, born=start, at=end) == years


def test_values_come_back_in_the_type_of_their_fact() -> None:
    born = date(2024, 1, 31)
    assert value("add_months(born, 1)", FactKind.DATE, born=born) == date(2024, 2, 29)
    assert value("add_days(born, 1)", FactKind.DATE, born=born) == date(2024, 2, 1)
    moment = datetime(2024, 1, 31, tzinfo=SHANGHAI)
    assert value("born", FactKind.MOMENT, born=born) == moment
    assert value("year_of(born)", FactKind.NUMBER, born=born) == 2024
    assert value("items.filter(x, x != 'a')", FactKind.CODES, items=("a", "b")) == ("b",)
    assert value("['a', code]", FactKind.CODES, code="c") == ("a", "c")
    assert value("married ? 'x' : name", FactKind.TEXT, married=False, name="y") == "y"
    assert value("born", FactKind.DATE) is None


def test_citizen_id_numbers_are_checked_by_their_checksum() -> None:
    assert holds("id_valid(name)", name="11010519491231002X") is True
    assert holds("id_valid(name)", name="110105194912310021") is False
    assert holds("id_valid(name)", name="11010519491331002X") is False


@pytest.mark.parametrize(
    ("source", "facts"),
    [
        ("count > 1", {"count": "2"}),
        ("count > 1", {"count": True}),
        ("married", {"married": 1}),
        ("name == 'x'", {"name": 7}),
        ("born < at", {"born": 20240101, "at": date(2024, 1, 1)}),
        ("born < at", {"born": datetime(2024, 1, 1), "at": date(2024, 1, 1)}),  # noqa: DTZ001
        ("'a' in items", {"items": "a"}),
        ("10 / count > 1", {"count": 0}),
    ],
)
def test_a_fact_of_the_wrong_type_is_an_error_and_never_a_verdict(
    source: str, facts: dict[str, object]
) -> None:
    with pytest.raises(EvaluationError):
        holds(source, **facts)


def test_endless_work_is_stopped() -> None:
    row = "[" + ",".join(["1"] * 200) + "]"
    nested = f"{row}.all(x, {row}.all(y, {row}.all(z, x + y + z > 0)))"
    with pytest.raises((EvaluationError, ExpressionError)):
        holds(nested)


def test_deep_expressions_are_refused() -> None:
    with pytest.raises(ExpressionError):
        WORDS.condition("(" * 500 + "married" + ")" * 500)


def test_the_same_source_is_compiled_once() -> None:
    words = Language(KINDS)
    first = words.expression("count + 1", FactKind.NUMBER)
    assert words.expression("count + 1", FactKind.NUMBER) is first


def test_a_condition_does_not_change_its_facts() -> None:
    facts: dict[str, object] = {"born": date(2024, 1, 1), "at": date(2024, 1, 1) + timedelta(3)}
    before = dict(facts)
    assert holds("days_between(born, at) == 3", **facts) is True
    assert facts == before

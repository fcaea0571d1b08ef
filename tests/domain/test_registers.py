"""Rights and routes of shared registers: who may ask for what, and who is asked where."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yijian.domain.registers import (
    EVERYTHING,
    REGISTERS,
    Provider,
    Right,
    Route,
    RouteKind,
    Whereabouts,
    providers_to_ask,
    refusal,
    shown,
)

NOW = datetime(2026, 11, 21, 2, tzinfo=UTC)
TODAY = date(2026, 11, 21)
RIGHT = Right(
    "node-340000", "hukou", frozenset({"birth"}), True, frozenset(), NOW, NOW + timedelta(1), 5
)


def route(place: str, target: str, position: int = 1, **more: object) -> Route:
    made = Route("hukou", place, Provider(RouteKind.YIJIAN, target), position)
    return replace(made, **more)  # type: ignore[arg-type]


def asked(routes: list[Route], known: str = "", likely: str = "", on: date = TODAY) -> list[str]:
    groups = providers_to_ask(routes, "hukou", Whereabouts(known, likely), on)
    return ["+".join(one.target for one in group) for group in groups]


@pytest.mark.parametrize(
    ("right", "said", "why"),
    [
        (None, {}, "no_right"),
        (RIGHT, {"now": NOW - timedelta(seconds=1)}, "not_in_force"),
        (RIGHT, {"now": NOW + timedelta(1)}, "not_in_force"),
        (RIGHT, {"purpose": "school"}, "another_purpose"),
        (RIGHT, {"consent": ""}, "no_consent"),
        (RIGHT, {}, None),
        (replace(RIGHT, consent=False), {"consent": ""}, None),
        (replace(RIGHT, ends_at=None), {"now": NOW + timedelta(9999)}, None),
    ],
)
def test_a_question_is_answered_only_within_the_right(
    right: Right | None, said: dict[str, object], why: str | None
) -> None:
    given = {"purpose": "birth", "consent": "c" * 32, "now": NOW, **said}
    assert refusal(right, **given) == why  # type: ignore[arg-type]


def test_a_known_place_has_its_own_provider() -> None:
    routes = [route("34", "anhui"), route("3401", "hefei"), route("", "anybody"), route("32", "js")]
    assert asked(routes, known="340104") == ["hefei"]
    assert asked(routes, known="340500") == ["anhui"]
    assert asked(routes, known="110101") == ["anybody"]
    assert asked(routes[:2], known="110101") == []


def test_of_an_unknown_place_everybody_is_asked_in_order_and_once() -> None:
    routes = [route("34", "anhui", 2), route("31", "shanghai", 1), route("3401", "anhui", 3)]
    assert asked(routes) == ["shanghai", "anhui"]
    assert asked(routes, likely="340104") == ["anhui", "shanghai"]
    assert asked(routes, likely="99") == ["shanghai", "anhui"]


def test_only_neighbours_that_are_all_at_once_are_asked_together() -> None:
    routes = [
        route("31", "a", 1, at_once=True),
        route("32", "b", 2, at_once=True),
        route("33", "c", 3),
        route("34", "d", 4, at_once=True),
    ]
    assert asked(routes) == ["a+b", "c", "d"]


def test_a_route_holds_from_its_first_day_until_the_day_it_ends() -> None:
    one = route("34", "anhui", begins_on=TODAY, ends_on=TODAY + timedelta(2))
    days = [TODAY + timedelta(n) for n in (-1, 0, 1, 2)]
    assert [bool(asked([one], on=day)) for day in days] == [False, True, True, False]


def test_routes_of_other_registers_say_nothing() -> None:
    assert asked([replace(route("34", "anhui"), register="marriage")], known="340104") == []


LEAVES = st.sampled_from(["name", "id_number", "sex", "residence", "address", "secret"])
PEOPLE = st.recursive(
    st.dictionaries(LEAVES, st.text(max_size=3)),
    lambda inner: st.dictionaries(LEAVES, inner | st.lists(inner, max_size=2)),
    max_leaves=6,
)


@given(person=PEOPLE, fields=st.sets(st.sampled_from(["sex", "residence", EVERYTHING])))
def test_what_nobody_agreed_on_never_leaves(person: dict[str, object], fields: set[str]) -> None:
    register = REGISTERS["hukou"]
    left = shown(register, person, fields)
    assert isinstance(left, dict)
    allowed = register.needed | (register.optional if EVERYTHING in fields else fields)
    assert set(left) <= {path.partition(".")[0] for path in allowed}
    assert shown(register, left, fields) == left


def test_a_part_that_is_left_out_takes_everything_inside_it_along() -> None:
    record = {
        "delivery_id": "D1",
        "father": {"name": "李强", "phone": "1"},
        "mother": {"phone": "2"},
    }
    register = REGISTERS["delivery"]
    assert shown(register, [record], {"father.phone"}) == [{"delivery_id": "D1", "mother": {}}]
    kept = shown(register, record, {"father"})
    assert kept == {"delivery_id": "D1", "father": {"name": "李强"}, "mother": {}}

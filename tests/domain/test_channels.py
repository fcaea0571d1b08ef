"""渠道规则: the most exact rule in force says how a task reaches an office."""

from datetime import date
from typing import Any

import pytest

from yijian.domain.routing import Channel, Directory, Office, Reach, read_reach
from yijian.domain.wording import Text

DAY, LATER = date(2026, 11, 21), date(2026, 12, 1)
STATION = Office("P01", "police", Text("派出所", ""), "340104")
SYSTEM = Office("T01", "tax", Text("税务局", ""), "340100", "system", "tax-1")
CLINIC = Office("C01", "clinic", Text("卫生院", ""), "340104", "file")


def rule(participant: str | None = "p", **of: Any) -> Channel:
    return Channel("system", participant, DAY, **of)


def reached(*rules: Channel, office: Office = STATION, item: str = "i", on: date = DAY) -> Reach:
    return Directory((STATION, SYSTEM, CLINIC), rules).reach(office, item, on)


def test_without_rules_an_office_is_reached_its_own_way() -> None:
    assert reached() == Reach("desk")
    assert reached(office=SYSTEM) == Reach("system", "tax-1")
    assert reached(office=CLINIC) == Reach("file", "C01"), "packages need a name"


@pytest.mark.parametrize(
    ("weaker", "stronger"),
    [
        ({}, {"division": "34"}),
        ({"division": "34"}, {"division": "3401"}),
        ({"division": "3401", "item": "i"}, {"division": "340104"}),
        ({"division": "34", "kind": "police"}, {"division": "34", "item": "i"}),
        ({"division": "34"}, {"division": "34", "kind": "police"}),
        ({"division": "340104", "kind": "police", "item": "i"}, {"office": "P01"}),
        ({"office": "P01"}, {"office": "P01", "item": "i"}),
    ],
)
def test_the_more_exact_rule_wins_in_whatever_order(
    weaker: dict[str, object], stronger: dict[str, object]
) -> None:
    two = rule("weak", **weaker), rule("strong", **stronger)
    assert reached(*two).participant == reached(*reversed(two)).participant == "strong"


@pytest.mark.parametrize(
    "of", [{"office": "P02"}, {"division": "32"}, {"kind": "tax"}, {"item": "other"}]
)
def test_a_rule_about_others_changes_nothing(of: dict[str, object]) -> None:
    assert reached(rule(**of)) == Reach("desk")


def test_a_rule_holds_from_its_day_until_the_day_before_it_ends() -> None:
    dated = Channel("system", "p", DAY, LATER, office="P01")
    days = {day: reached(dated, on=day).channel for day in (date(2026, 11, 20), DAY)}
    assert days == {date(2026, 11, 20): "desk", DAY: "system"}
    assert reached(dated, on=date(2026, 11, 30)).channel == "system"
    assert reached(dated, on=LATER).channel == "desk"


def test_of_two_equal_rules_the_later_one_holds() -> None:
    early = Channel("system", "old", DAY, office="P01")
    late = Channel("system", "new", LATER, office="P01")
    assert reached(late, early, on=LATER).participant == "new"
    assert reached(late, early).participant == "old"


def test_a_rule_can_bring_a_system_office_to_the_desk() -> None:
    desk = Channel("desk", None, DAY, office="T01", item="i")
    assert reached(desk, office=SYSTEM) == Reach("desk")
    assert reached(desk, office=SYSTEM, item="other") == Reach("system", "tax-1")


def test_every_reach_can_be_kept_with_a_task_and_read_again() -> None:
    for reach in (Reach("desk"), Reach("system", "a"), Reach("node", "b"), Reach("file", "c:d")):
        assert read_reach(str(reach)) == reach
    assert Reach("file", "c").destination == "file:c" != Reach("system", "c").destination


def test_a_participant_stands_behind_its_offices_and_those_that_rules_give_it() -> None:
    directory = Directory((STATION, SYSTEM, CLINIC), (rule("p", division="3401", kind="police"),))
    assert directory.offices_of("p") == ("P01",)
    assert directory.offices_of("tax-1") == ("T01",)
    assert directory.offices_of("C01") == ("C01",), "an office may stand for itself"
    assert directory.offices_of("nobody") == ()

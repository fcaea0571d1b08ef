"""两次坐下来: both parents apply from their phones, and what it costs them."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.journeys.conftest import Town
from tests.journeys.looking import uploads
from yijian.ops.screenshots_person import Person

pytestmark = pytest.mark.timeout(300)
FIRST_TAPS = 15
SECOND_TAPS = 5
LEAST_TAPS = 3


def test_a_family_applies_in_two_sittings_with_one_typed_field_and_few_taps(
    town: Town, somebody: Callable[..., Person]
) -> None:
    guest = town.family(1)
    family = guest.family
    asked_for_files: list[int] = []

    def seen(person: Person) -> None:
        asked_for_files.append(uploads(person.page))
        town.looking(person)

    mother = somebody(seen=seen).log_in(f"{family['id']}/mother")
    assert mother.where == "/my/"
    mother.proceed(name="方一诺")
    assert mother.where == "waiting"
    assert mother.typed == {"newborn_name__1"}
    assert LEAST_TAPS < len(mother.presses) <= FIRST_TAPS, mother.presses

    link = town.invitation(guest, mother.number)
    father = somebody(seen=seen).log_in(f"{family['id']}/father", then=link[len(town.address) :])
    father.proceed()
    assert father.where == "progress"
    assert father.typed == set()
    taps = ["the link of the message", *father.presses]
    assert LEAST_TAPS < len(taps) <= SECOND_TAPS, taps
    assert asked_for_files.count(0) == len(asked_for_files) > FIRST_TAPS


def test_a_family_applies_without_scripts(town: Town, somebody: Callable[..., Person]) -> None:
    family = town.family(1).family
    mother = somebody(script=False, signature=family["mother"]["name"])
    mother.log_in(f"{family['id']}/mother").proceed(name="方一诺")
    assert mother.where == "waiting"
    father = somebody(script=False, signature=family["father"]["name"])
    father.log_in(f"{family['id']}/father", then=f"/my/cases/{mother.number}/").proceed()
    assert father.where == "progress"
    assert "方一诺" in mother.of_case("progress/").text

"""The families are the same for the same seed, valid by checksum, and complete."""

import json
import re
import unicodedata
from datetime import date, datetime
from pathlib import Path

import pytest
from stdnum.iso7064 import mod_11_2, mod_37_36

from sandbox import numbers
from sandbox.answers import certificate_answer
from sandbox.places import places_below
from sandbox.population import Family, make_population
from sandbox.scenarios import SCENARIOS

TODAY = date(2026, 11, 20)


def population(seed: int = 1, today: date = TODAY, generate: int = 20) -> list[Family]:
    return make_population(
        seed=seed, today=today, home="34", generate=generate, scenarios=SCENARIOS
    )


def by_id(families: list[Family]) -> dict[str, Family]:
    return {family["id"]: family for family in families}


def test_the_same_seed_and_day_give_the_same_families() -> None:
    assert json.dumps(population()) == json.dumps(population())
    assert json.dumps(population()) != json.dumps(population(seed=2))


def test_more_families_leave_the_earlier_ones_alone() -> None:
    assert population(generate=5) == population(generate=20)[:-15]


def test_every_id_number_is_valid_and_held_by_one_person() -> None:
    seen: set[str] = set()
    for family in population(generate=300):
        for role, parity in (("mother", 0), ("father", 1)):
            person = family[role]
            if person is None or person["id_type"] != "111":
                continue
            number = person["id_number"]
            mod_11_2.validate(number)
            assert numbers.is_id_number(number)
            assert int(number[16]) % 2 == parity
            assert number[6:14] == person["birth_date"].replace("-", "")
            assert number not in seen
            seen.add(number)


def test_a_wrong_digit_is_noticed_everywhere() -> None:
    number = population()[0]["mother"]["id_number"]
    for position in range(17):
        wrong = str((int(number[position]) + 1) % 10)
        changed = number[:position] + wrong + number[position + 1 :]
        assert not numbers.is_id_number(changed)


@pytest.mark.parametrize("number", ["", "1" * 17, "11010519491331002X", "１" * 18])
def test_what_is_no_id_number(number: str) -> None:
    assert not numbers.is_id_number(number)


def test_divisions_are_official_ones() -> None:
    listed = Path(__file__).parents[2] / "packs/000000-base/divisions.csv"
    official = set(re.findall(r"^(\d{6})", listed.read_text(encoding="utf-8"), re.MULTILINE))
    used = {
        person["hukou"]["division"]
        for family in population(generate=300)
        for person in (family["mother"], family["father"])
        if person and person["hukou"]
    }
    assert used and used <= official


def test_each_scenario_is_what_its_title_says() -> None:
    families = by_id(population())
    assert len(families["twins"]["newborns"]) == 2
    assert len(families["triplets"]["newborns"]) == len(
        set(families["triplets"]["answers"]["newborn_name"])
    )
    assert "\u00b7" in families["dotted-names"]["mother"]["name"]
    assert any(ord(c) > 0x1FFFF for c in families["rare-characters"]["father"]["name"])
    mixed = families["mixed-ethnicity"]
    assert mixed["mother"]["ethnicity"] != mixed["father"]["ethnicity"]
    assert families["unmarried"]["marriage"] is None
    for elsewhere, role in (("father-elsewhere", "father"), ("mother-elsewhere", "mother")):
        assert not families[elsewhere][role]["hukou"]["division"].startswith("34")
    assert families["collective-household"]["father"]["hukou"]["household"] == "collective"
    assert families["expired-id"]["mother"]["id_valid_until"] < TODAY.isoformat()
    assert families["late-record"]["delivery"]["recorded_at"] is None
    assert families["collected-offline"]["newborns"][0]["certificate_collected_on"]
    assert families["father-unknown"]["father"] is None
    assert families["born-at-home"]["delivery"]["born_place"] == "home"


@pytest.mark.parametrize("today", [date(2026, 1, 1), date(2026, 6, 10), TODAY, date(2028, 2, 29)])
def test_births_lie_in_the_past_and_in_their_season(today: date) -> None:
    families = by_id(population(today=today))
    for family in families.values():
        for newborn in family["newborns"]:
            assert datetime.fromisoformat(newborn["born_at"]).date() < today
    autumn = datetime.fromisoformat(families["born-in-autumn"]["newborns"][0]["born_at"])
    june = datetime.fromisoformat(families["born-in-june"]["newborns"][0]["born_at"])
    assert autumn.month >= 9 and june.month == 6
    old = datetime.fromisoformat(families["older-than-30-days"]["newborns"][0]["born_at"])
    assert (today - old.date()).days == 45


def test_names_are_in_one_normal_form() -> None:
    for family in population(generate=200):
        for name in [family["mother"]["name"], *family["answers"]["newborn_name"]]:
            assert unicodedata.is_normalized("NFC", name) and len(name) >= 2


def test_certificate_identifiers_end_with_their_check_character() -> None:
    family = by_id(population())["ordinary"]
    for type in ("marriage_certificate", "id_card", "household_page"):
        certificate = certificate_answer(family, family["mother"], type)
        assert certificate is not None
        identifier = certificate["identifier"].removeprefix("1.2.156.3005.2.")
        mod_37_36.validate(identifier.replace(".", ""))


@pytest.mark.parametrize(
    ("home", "prefixes"),
    [("45", ("45",)), ("3503", ("3503",)), ("431222", ("431222",)), ("31, 33", ("31", "33"))],
)
def test_families_live_where_their_home_is(home: str, prefixes: tuple[str, ...]) -> None:
    families = make_population(seed=1, today=TODAY, home=home, generate=5, scenarios=SCENARIOS[:1])
    for family in families:
        assert family["mother"]["hukou"]["division"].startswith(prefixes)


def test_a_home_without_a_place_is_refused() -> None:
    with pytest.raises(ValueError, match="no place below 99"):
        places_below("99")

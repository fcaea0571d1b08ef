"""Synthetic families (模拟家庭), the same for the same seed, day and home.

This file builds one complete family in the neutral family format; what makes each
of them worth a test stands in `scenarios`.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta, timezone
from typing import Any

from sandbox import names, numbers
from sandbox.places import (
    ROADS,
    Place,
    hospital_of,
    place_of,
    places_below,
    places_outside,
    police_station_of,
)

Family = dict[str, Any]
SHANGHAI = timezone(timedelta(hours=8), "Asia/Shanghai")


@dataclass
class Draw:
    """What one family is drawn from: its own randomness, the day, the places, numbers in use."""

    rng: random.Random
    today: date
    home: tuple[Place, ...]
    outside: tuple[Place, ...]
    taken: set[str] = field(default_factory=set)


def make_address(rng: random.Random, place: Place) -> str:
    """Return a street address in the place."""
    return (
        f"{place.full_name}{rng.choice(ROADS)}{rng.randint(1, 299)}号"
        f"{rng.randint(1, 20)}栋{rng.randint(1, 30)}{rng.randint(1, 4):02d}室"
    )


def make_hukou(rng: random.Random, place: Place, *, head: str, relation: str) -> Family:
    """Return a family-household registration in the place."""
    return {
        "division": place.division,
        "address": make_address(rng, place),
        "household": "family",
        "head_name": head,
        "relation_to_head": relation,
        "native_place": place.division,
        "police_station": police_station_of(place).code,
        "police_station_name": police_station_of(place).name,
    }


def make_parent(draw: Draw, *, sex: str, place: Place) -> Family:
    """Return a complete parent registered in the place, without special traits."""
    rng = draw.rng
    age_days = rng.randint(24 * 365, 38 * 365)
    birth_date = draw.today - timedelta(days=age_days)
    name = names.parent_name(rng, sex=sex)
    valid_until = draw.today + timedelta(days=rng.randint(400, 6000))
    return {
        "name": name,
        "sex": sex,
        "id_type": "111",
        "id_number": numbers.make_id_number(
            rng, division=place.division, birth_date=birth_date, sex=sex, taken=draw.taken
        ),
        "nationality": "CHN",
        "ethnicity": "01",
        "birth_date": birth_date.isoformat(),
        "phone": numbers.make_phone(rng, taken=draw.taken),
        "id_valid_until": valid_until.isoformat(),
        "hukou": make_hukou(rng, place, head=name, relation="02"),
        "insured": {"kind": "resident", "division": place.division[:4] + "00"},
        "certificates": ["marriage_certificate", "id_card", "household_page"],
    }


def make_newborn(rng: random.Random, *, order: int, born_at: datetime) -> Family:
    """Return a healthy newborn born at term."""
    return {
        "order": order,
        "sex": rng.choice("12"),
        "born_at": born_at.isoformat(),
        "weeks": rng.randint(38, 40),
        "days": rng.randint(0, 6),
        "weight_g": rng.randrange(2800, 3800, 10),
        "length_cm": rng.randint(48, 52),
        "blood_type": rng.choice("12345"),
        "alive": True,
    }


def make_marriage(rng: random.Random, *, place: Place, today: date, spouse: Family) -> Family:
    """Return a marriage registered one to eight years ago."""
    registered_on = today - timedelta(days=rng.randint(400, 3000))
    return {
        "state": "married",
        "registered_on": registered_on.isoformat(),
        "certificate_number": (
            f"J{place.division}-{registered_on.year}-{rng.randint(1, 9999):06d}"
        ),
        "spouse_name": spouse["name"],
        "spouse_id_number": spouse["id_number"],
    }


def make_family(draw: Draw, *, id: str, zh: str, en: str, place: Place | None = None) -> Family:
    """Return an ordinary family: one child, both parents at home in one place, all data known."""
    rng = draw.rng
    home = place or rng.choice(draw.home)
    mother = make_parent(draw, sex="2", place=home)
    father = make_parent(draw, sex="1", place=home)
    mother["hukou"] |= {
        "head_name": father["name"],
        "relation_to_head": "10",
        "address": father["hukou"]["address"],
    }
    mother["insured"]["kind"] = "employee"
    born_on = draw.today - timedelta(days=rng.randint(2, 9))
    born_at = datetime.combine(born_on, time(rng.randint(0, 23), rng.randint(0, 59)), SHANGHAI)
    return {
        "id": id,
        "title": {"zh": zh, "en": en},
        "applied_at": (born_at + timedelta(hours=30)).isoformat(),
        "mother": mother,
        "father": father,
        "marriage": make_marriage(rng, place=home, today=draw.today, spouse=father),
        "delivery": {
            "institution": hospital_of(home).code,
            "institution_name": hospital_of(home).name,
            "born_place": "institution",
            "recorded_at": (born_at + timedelta(hours=3)).isoformat(),
            "in_patient_number": f"{born_on:%y%m}{rng.randrange(100_000):05d}",
            "midwife": names.midwife_name(rng),
        },
        "maternity": {
            "settled": True,
            "pool": "inside",
            "amount_fen": rng.randrange(180_000, 420_000, 100),
            "allowance": False,
        },
        "newborns": [make_newborn(rng, order=1, born_at=born_at)],
        "answers": {
            "newborn_name": names.newborn_names(rng, surname=father["name"][0], count=1),
            "hukou_follows": "father",
        },
        "script": [],
        "expect": {},
    }


def move_birth(family: Family, born_on: date) -> None:
    """Put the birth, its record and the application on and after another day."""
    for newborn in family["newborns"]:
        born_at = datetime.fromisoformat(newborn["born_at"])
        newborn["born_at"] = datetime.combine(born_on, born_at.timetz()).isoformat()
    first = datetime.fromisoformat(family["newborns"][0]["born_at"])
    if family["delivery"] and family["delivery"]["recorded_at"]:
        family["delivery"]["recorded_at"] = (first + timedelta(hours=3)).isoformat()
    family["applied_at"] = (first + timedelta(days=2)).isoformat()


def place_home(person: Family, rng: random.Random, place: Place) -> None:
    """Register a person alone in another place."""
    person["hukou"] = make_hukou(rng, place, head=person["name"], relation="02")


def place_of_family(family: Family) -> Place:
    """Return the place of the mother's registration."""
    return place_of(family["mother"]["hukou"]["division"])


Scenario = Callable[[Draw, Family], None]


def make_draw(seed: int, family_id: str, today: date, home: str, taken: set[str]) -> Draw:
    """Return the randomness of one family: it depends on nothing but its own id and the seed."""
    return Draw(
        rng=random.Random(f"{seed}/{home}/{family_id}"),
        today=today,
        home=places_below(home),
        outside=places_outside(home),
        taken=taken,
    )


def make_population(
    *,
    seed: int,
    today: date,
    home: str,
    generate: int,
    scenarios: list[tuple[str, str, str, Scenario]],
) -> list[Family]:
    """Return one family for each scenario and `generate` ordinary ones, always the same.

    The scenarios live in the first of the home places, so that one hospital and one police
    station see them all; the ordinary families live everywhere.
    """
    taken: set[str] = set()
    families = []
    for id, zh, en, shape in scenarios:
        draw = make_draw(seed, id, today, home, taken)
        family = make_family(draw, id=id, zh=zh, en=en, place=draw.home[0])
        shape(draw, family)
        families.append(family)
    for number in range(1, generate + 1):
        id = f"ordinary-{number:06d}"
        draw = make_draw(seed, id, today, home, taken)
        families.append(
            make_family(draw, id=id, zh=f"普通家庭 {number}", en=f"Ordinary family {number}")
        )
    return families

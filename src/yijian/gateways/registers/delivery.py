"""分娩信息: the delivery register (health), asked by the mother's number."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

from yijian.domain.cases import CheckState
from yijian.domain.signing import canonical_json
from yijian.gateways.registers.answers import (
    Answer,
    Poster,
    Query,
    Receipt,
    Triple,
    family,
    receipt_of,
    the_mother,
)
from yijian.gateways.registers.reading import Reader, WrongShapeError

REGISTER: Final = "delivery"
RECORD_MATCHES: Final = "delivery_record_matches"
"""Whether the record is the mother's own: false, it is all that is said of another woman's."""
DIVISION: Final = r"\d{6}"
BORN_PLACES: Final = ("institution", "home", "on_the_way")
ID_TYPES: Final = ("111", "414", "511", "516", "553")
MOST_DELIVERIES: Final = 30
MOST_NEWBORNS: Final = 10
SHORTEST_INTERVAL: Final = timedelta(days=150)
"""No mother gives birth twice within it: two such records contradict each other."""


def ask(query: Query, caller: Poster, url: str, headers: dict[str, str], now: datetime) -> Answer:
    """The latest delivery of the mother, with its newborns and the father it names."""
    asked = the_mother(query)
    body = {"mother_id_number": asked.id_number, **query.naming(asked)}
    answer = Reader(caller.post(f"{url}/delivery", body, headers=headers))
    receipt = receipt_of(answer, query)
    if not answer.yes_no("found"):
        return Answer(REGISTER, CheckState.EMPTY, receipts=(receipt,))
    records = _distinct(list(answer.parts("deliveries", most=MOST_DELIVERIES)))
    if not records:
        raise WrongShapeError("deliveries")
    return _judged(records, query, receipt, now)


def read(record: Reader, now: datetime) -> tuple[tuple[Triple, ...], int]:
    """The facts of one delivery record, and how many newborns it names.

    Errors: WrongShapeError names the field that is missing, of the wrong type or impossible.
    """
    newborns = sorted(
        record.parts("newborns", most=MOST_NEWBORNS),
        key=lambda newborn: newborn.number("order", 1, MOST_NEWBORNS),
    )
    orders = [newborn.values["order"] for newborn in newborns]
    if not orders or orders != list(range(1, len(orders) + 1)):
        raise record.wrong("newborns")
    mother, father = record.part("mother"), record.optional_part("father")
    values: dict[str, object] = {
        RECORD_MATCHES: True,
        "delivery_id": record.text("delivery_id", longest=64),
        "delivery_recorded_at": record.moment("recorded_at"),
        "institution_code": record.optional_text("institution_code", longest=40),
        "institution_name": record.optional_text("institution_name"),
        "born_division": record.matching("division", DIVISION),
        "born_place": record.code("born_place", BORN_PLACES),
        "in_patient_number": record.optional_text("in_patient_number", longest=40),
        "midwife": record.optional_text("midwife", longest=100),
        "parity": newborns[0].optional_number("parity", 1, 30),
        "delivery_mode": record.optional_matching("mode", r"[1-9]"),
        "discharged_on": record.optional_day("discharged_on"),
        # An institution issues certificates unless its record says that it does not.
        "institution_issues_certificates": record.optional_yes_no("issues_certificates")
        is not False,
        "mother_id_type": mother.code("id_type", ID_TYPES),
        "mother_phone": mother.optional_text("phone", longest=20),
        "mother_nationality": mother.matching("nationality", r"[A-Z]{3}"),
        "mother_birth_date": mother.day("birth_date"),
        "father_known": father is not None,
    }
    values |= _father(father) if father else dict.fromkeys(_FATHER_FACTS)
    facts = list(family(values))
    for newborn in newborns:
        facts.extend(_newborn(newborn, now))
    return tuple(facts), len(newborns)


_FATHER_FACTS: Final = (
    "father_name",
    "father_id_type",
    "father_id_number",
    "father_nationality",
    "father_birth_date",
    "father_phone",
)


def _father(father: Reader) -> dict[str, object]:
    values = (
        father.text("name", longest=100),
        father.code("id_type", ID_TYPES),
        father.number_of("id_number"),
        father.matching("nationality", r"[A-Z]{3}"),
        father.day("birth_date"),
        father.optional_text("phone", longest=20),
    )
    return dict(zip(_FATHER_FACTS, values, strict=True))


def _newborn(newborn: Reader, now: datetime) -> list[Triple]:
    born_at = newborn.moment("born_at")
    if born_at > now + timedelta(hours=1):
        raise newborn.wrong("born_at")
    number = newborn.optional_matching("certificate_number", r"[A-Z]\d{9}")
    collected_on = newborn.optional_day("certificate_collected_on")
    values: dict[str, object] = {
        "newborn_order": newborn.number("order", 1, MOST_NEWBORNS),
        "newborn_population_code": newborn.optional_text("population_code", longest=40),
        "newborn_sex": newborn.code("sex", ("1", "2", "9")),
        "newborn_born_at": born_at,
        "newborn_weeks": newborn.optional_number("weeks", 15, 50),
        "newborn_days": newborn.optional_number("days", 0, 6),
        "newborn_weight_g": newborn.optional_number("weight_g", 100, 10_000),
        "newborn_length_cm": newborn.optional_number("length_cm", 10, 80),
        "newborn_health": newborn.optional_matching("healthy", r"[1-9]"),
        "newborn_blood_type": newborn.optional_matching("blood_type", r"[1-9]"),
        "newborn_place_division": newborn.matching("place_division", DIVISION),
        "newborn_place_text": newborn.optional_text("place_text"),
        "newborn_alive": newborn.yes_no("alive"),
        "newborn_collected_on": collected_on,
        "newborn_certificate_collected": collected_on is not None,
    }
    if number is not None:
        values["newborn_certificate_number"] = number
    subject = int(str(values["newborn_order"]))
    return [(fact, subject, value) for fact, value in values.items()]


def _distinct(records: list[Reader]) -> list[Reader]:
    """The records without exact repeats: a register may send the same one twice."""
    found = {canonical_json(record.values): record for record in records}
    return list(found.values())


def _judged(records: list[Reader], query: Query, receipt: Receipt, now: datetime) -> Answer:
    def conflict(reason: str, values: dict[str, object] | None = None) -> Answer:
        said = family(values or {})
        return Answer(REGISTER, CheckState.CONFLICT, said, (receipt,), reason=reason)

    born = sorted(((_born_at(record), record) for record in records), key=lambda pair: pair[0])
    latest, record = born[-1]
    if len(born) > 1 and latest - born[-2][0] < SHORTEST_INTERVAL:
        return conflict("two_deliveries")
    mother = record.part("mother")
    if mother.number_of("id_number") != the_mother(query).id_number:
        return conflict("mother_number_differs", {RECORD_MATCHES: False})
    if mother.text("name", longest=100) != the_mother(query).name:
        return conflict("mother_name_differs", {RECORD_MATCHES: False})
    values, newborns = read(record, now)
    return Answer(REGISTER, CheckState.FOUND, values, (receipt,), newborns)


def _born_at(record: Reader) -> datetime:
    moments = [n.moment("born_at") for n in record.parts("newborns", most=MOST_NEWBORNS)]
    if not moments:
        raise record.wrong("newborns")
    return min(moments).astimezone(UTC)

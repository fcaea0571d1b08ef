"""户籍信息: the household register (police), asked by name and number for each parent."""

from __future__ import annotations

from datetime import date
from typing import Final

from yijian.domain.cases import CheckState
from yijian.gateways.registers.answers import (
    RESIDENT_CARD,
    Answer,
    Person,
    Poster,
    Query,
    Receipt,
    Triple,
    family,
    receipt_of,
)
from yijian.gateways.registers.reading import Reader

REGISTER: Final = "hukou"
LONG_TERM: Final = date(9999, 12, 31)
_FACTS: Final = (
    "ethnicity",
    "id_valid_until",
    "hukou_division",
    "hukou_address",
    "household_kind",
    "household_head",
    "household_head_id_number",
    "relation_to_head",
    "native_place",
    "police_station",
    "police_station_name",
    "residence_division",
    "residence_address",
)


class _ContradictedError(Exception):
    """The register speaks about somebody else than was asked about."""


def ask(query: Query, caller: Poster, url: str, headers: dict[str, str]) -> Answer:
    """The registration of both parents, as far as they are known and citizens."""
    values: list[Triple] = []
    receipts: list[Receipt] = []
    found_any = False
    for role, person in (("mother", query.mother), ("father", query.father)):
        if person is None:
            continue
        if person.id_type != RESIDENT_CARD:
            values.extend(_nothing(role, known=True))
            continue
        body = {"name": person.name, "id_number": person.id_number}
        answer = Reader(caller.post(f"{url}/hukou", body, headers=headers))
        receipts.append(receipt_of(answer, query))
        if not answer.yes_no("found"):
            values.extend(_nothing(role))
            continue
        try:
            values.extend(_facts(role, person, answer.part("person")))
        except _ContradictedError as contradiction:
            reason = f"{role}_{contradiction}"
            return Answer(REGISTER, CheckState.CONFLICT, receipts=tuple(receipts), reason=reason)
        found_any = True
    state = CheckState.FOUND if found_any else CheckState.EMPTY
    return Answer(REGISTER, state, tuple(values), tuple(receipts))


def _nothing(role: str, *, known: bool = False) -> tuple[Triple, ...]:
    """No registration. `known`: of a foreigner nobody was asked, so nothing else is said."""
    values: dict[str, object] = {} if known else {f"{role}_{fact}": None for fact in _FACTS}
    return family({f"{role}_hukou_found": False, **values})


def _facts(role: str, person: Person, given: Reader) -> tuple[Triple, ...]:
    if given.number_of("id_number") != person.id_number:
        raise _ContradictedError("number_differs")
    if given.text("name", longest=100) != person.name:
        raise _ContradictedError("name_differs")
    residence = given.optional_part("residence") or Reader({})
    values = (
        given.optional_matching("ethnicity", r"\d{2}"),
        given.optional_day("id_valid_until") or LONG_TERM,
        given.matching("division", r"\d{6}"),
        given.text("address"),
        given.code("household", ("family", "collective")),
        given.optional_text("head_name", longest=100),
        given.optional_number_of("head_id_number"),
        given.optional_matching("relation_to_head", r"\d{2}"),
        given.optional_matching("native_place", r"\d{6}"),
        given.text("police_station", longest=40),
        given.optional_text("police_station_name"),
        residence.optional_matching("division", r"\d{6}"),
        residence.optional_text("address"),
    )
    named = {f"{role}_{fact}": value for fact, value in zip(_FACTS, values, strict=True)}
    return family({f"{role}_hukou_found": True, **named})

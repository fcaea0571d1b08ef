"""婚姻登记信息: the marriage register (civil affairs), asked by the number of whoever is known.

Asked about a father who came first it names the mother. A registered spouse who is not the father
is a fact, not a contradiction: what follows is policy.
"""

from __future__ import annotations

import re
from typing import Final

from yijian.domain.cases import CheckState
from yijian.gateways.registers.answers import (
    RESIDENT_CARD,
    Answer,
    Person,
    Poster,
    Query,
    family,
    receipt_of,
)
from yijian.gateways.registers.reading import Reader

REGISTER: Final = "marriage"
STATES: Final = ("married", "divorced", "widowed")
CITIZEN_NUMBER: Final = re.compile(r"\d{17}[\dX]")


def ask(query: Query, caller: Poster, url: str, headers: dict[str, str]) -> Answer:
    """The mother's marriage, or the father's while she is not known; `none` without one."""
    asked = query.mother or query.father
    if asked is None:
        raise ValueError("the marriage register is asked about somebody")
    body = {"id_number": asked.id_number, **query.naming(asked)}
    answer = Reader(caller.post(f"{url}/marriage", body, headers=headers))
    receipt = receipt_of(answer, query)
    if not answer.yes_no("found"):
        values = _values("none", None)
        return Answer(REGISTER, CheckState.EMPTY, family(values), (receipt,))
    marriage = answer.part("marriage")
    state = marriage.code("state", STATES)
    spouse = marriage.optional_number_of("spouse_id_number")
    if state == "married" and spouse is None:
        raise marriage.wrong("spouse_id_number")
    if spouse == asked.id_number:
        return Answer(
            REGISTER, CheckState.CONFLICT, receipts=(receipt,), reason="married_to_oneself"
        )
    values = _values(state, marriage)
    if query.mother is None and state == "married":
        values |= _named_the_other_way(asked, marriage)
    elif query.mother is None:
        # Whoever he was married to is not known to be the mother, so nothing is said of her spouse.
        values |= {"marriage_spouse_name": None, "marriage_spouse_id_number": None}
    return Answer(REGISTER, CheckState.FOUND, family(values), (receipt,))


def _named_the_other_way(father: Person, marriage: Reader) -> dict[str, object]:
    """Who the mother is, by the father's registration; her registered spouse is the father."""
    number = marriage.number_of("spouse_id_number")
    named: dict[str, object] = {
        "mother_name": marriage.text("spouse_name", longest=100),
        "mother_id_number": number,
        "marriage_spouse_name": father.name,
        "marriage_spouse_id_number": father.id_number,
    }
    if CITIZEN_NUMBER.fullmatch(number):
        named["mother_id_type"] = RESIDENT_CARD
    return named


def _values(state: str, marriage: Reader | None) -> dict[str, object]:
    """Every fact of this register; None takes the place of what an earlier answer had said."""
    given = marriage or Reader({})
    return {
        "marriage_state": state,
        "marriage_spouse_name": given.optional_text("spouse_name", longest=100),
        "marriage_spouse_id_number": given.optional_number_of("spouse_id_number"),
        "marriage_registered_on": given.optional_day("registered_on"),
        "marriage_certificate_number": given.optional_text("certificate_number", longest=60),
    }

"""电子证照: the certificate library, asked whether the parents hold what need not be handed in.

Only what somebody needs is asked for.
"""

from __future__ import annotations

from typing import Final

from yijian.domain.cases import CheckState
from yijian.domain.numbers import normal_id_number
from yijian.gateways.calls import Caller
from yijian.gateways.registers.answers import (
    RESIDENT_CARD,
    Answer,
    Person,
    Query,
    family,
    receipt_of,
    the_mother,
)
from yijian.gateways.registers.reading import Reader

REGISTER: Final = "certificates"
OF_THE_MOTHER: Final = {
    "marriage_certificate": "marriage_certificate_held",
    "id_card": "mother_id_card_held",
    "household_book": "mother_household_book_held",
    "childbirth_registration": "childbirth_registration_held",
}
OF_THE_FATHER: Final = {
    "id_card": "father_id_card_held",
    "household_book": "father_household_book_held",
}


def ask(query: Query, caller: Caller, url: str, headers: dict[str, str]) -> Answer:
    """Which of the certificates the parents hold. The files themselves are not kept."""
    values: dict[str, object] = {}
    receipts = []
    for type, fact, holder in _questions(query):
        if type == "id_card" and holder.id_type != RESIDENT_CARD:
            values[fact] = False
            continue
        body = {"holder_id_number": holder.id_number, "type": type}
        answer = Reader(caller.post(f"{url}/certificates", body, headers=headers))
        receipts.append(receipt_of(answer, query))
        values[fact] = answer.yes_no("found")
        if not values[fact]:
            continue
        certificate = answer.part("certificate")
        if certificate.code("type", tuple(OF_THE_MOTHER)) != type or not _is_of(
            holder, certificate
        ):
            reason = f"{type}_of_another"
            return Answer(REGISTER, CheckState.CONFLICT, receipts=tuple(receipts), reason=reason)
    state = CheckState.FOUND if any(values.values()) else CheckState.EMPTY
    return Answer(REGISTER, state, family(values), tuple(receipts))


def _questions(query: Query) -> list[tuple[str, str, Person]]:
    """What is asked for, the fact it becomes, and of whom."""
    mother, father = the_mother(query), query.father
    asked = [(type, fact, mother) for type, fact in OF_THE_MOTHER.items()]
    if father is not None:
        asked += [(type, fact, father) for type, fact in OF_THE_FATHER.items()]
    return [one for one in asked if query.wants(one[1])]


def _is_of(holder: Person, certificate: Reader) -> bool:
    """Whether the certificate names the holder, as far as it names one at all."""
    data = certificate.optional_part("data") or Reader({})
    named = data.optional_text("holder_id_number") or data.optional_text("id_number")
    return named is None or normal_id_number(named) == holder.id_number

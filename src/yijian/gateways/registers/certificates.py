"""电子证照: the certificate library, asked whether the mother holds what need not be handed in."""

from __future__ import annotations

from typing import Final

from yijian.domain.cases import CheckState
from yijian.domain.numbers import normal_id_number
from yijian.gateways.calls import Caller
from yijian.gateways.registers.answers import RESIDENT_CARD, Answer, Query, family, receipt_of
from yijian.gateways.registers.reading import Reader

REGISTER: Final = "certificates"
HELD: Final = {
    "marriage_certificate": "marriage_certificate_held",
    "id_card": "mother_id_card_held",
}


def ask(query: Query, caller: Caller, url: str, headers: dict[str, str]) -> Answer:
    """Which of the certificates the mother holds. The files themselves are not kept."""
    values: dict[str, object] = {}
    receipts = []
    for type, fact in HELD.items():
        if type == "id_card" and query.mother.id_type != RESIDENT_CARD:
            values[fact] = False
            continue
        body = {"holder_id_number": query.mother.id_number, "type": type}
        answer = Reader(caller.post(f"{url}/certificates", body, headers=headers))
        receipts.append(receipt_of(answer, query))
        values[fact] = answer.yes_no("found")
        if not values[fact]:
            continue
        certificate = answer.part("certificate")
        if certificate.code("type", tuple(HELD)) != type or not _is_holders(certificate, query):
            reason = f"{type}_of_another"
            return Answer(REGISTER, CheckState.CONFLICT, receipts=tuple(receipts), reason=reason)
    state = CheckState.FOUND if any(values.values()) else CheckState.EMPTY
    return Answer(REGISTER, state, family(values), tuple(receipts))


def _is_holders(certificate: Reader, query: Query) -> bool:
    """Whether the certificate names the mother, as far as it names a holder at all."""
    data = certificate.optional_part("data") or Reader({})
    named = data.optional_text("holder_id_number") or data.optional_text("id_number")
    return named is None or normal_id_number(named) == query.mother.id_number

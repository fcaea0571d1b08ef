"""电子证照: the certificate library, asked whether the parents hold what need not be handed in.

Only what somebody needs is asked for.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from typing import Final

from yijian.domain.cases import CheckState
from yijian.domain.numbers import normal_id_number
from yijian.domain.signing import canonical_json
from yijian.gateways.registers.answers import (
    RESIDENT_CARD,
    Answer,
    GivenCertificate,
    Person,
    Poster,
    Query,
    Receipt,
    family,
    receipt_of,
    the_mother,
)
from yijian.gateways.registers.reading import Reader

REGISTER: Final = "certificates"
LARGEST_FILE: Final = 2 * 1024 * 1024
BEGINS_WITH: Final = {"application/pdf": b"%PDF-", "application/ofd": b"PK\x03\x04"}
"""The kinds of file that are taken, and how one begins."""
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


def ask(query: Query, caller: Poster, url: str, headers: dict[str, str]) -> Answer:
    """Which of the certificates the parents hold, with their values and files."""
    values: dict[str, object] = {}
    receipts = []
    given = []
    for type, fact, role, holder in _questions(query):
        if type == "id_card" and holder.id_type != RESIDENT_CARD:
            values[fact] = False
            continue
        body = {"holder_id_number": holder.id_number, **query.naming(holder), "type": type}
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
        given.append(_given(type, role, receipts[-1], certificate))
    state = CheckState.FOUND if any(values.values()) else CheckState.EMPTY
    return Answer(REGISTER, state, family(values), tuple(receipts), certificates=tuple(given))


def _given(type: str, role: str, receipt: Receipt, certificate: Reader) -> GivenCertificate:
    """The certificate with its file. A file that is not what it says to be is a wrong answer."""
    content = {name: value for name, value in certificate.values.items() if name != "file"}
    file = certificate.optional_part("file")
    return GivenCertificate(
        type=type,
        role=role,
        receipt=receipt.id,
        identifier=certificate.optional_text("identifier", longest=120) or "",
        digest=hashlib.sha256(canonical_json(content)).hexdigest(),
        content=content,
        file=_file(file) if file is not None else None,
        media_type=file.code("media_type", tuple(BEGINS_WITH)) if file is not None else "",
    )


def _file(file: Reader) -> bytes:
    begins = BEGINS_WITH[file.code("media_type", tuple(BEGINS_WITH))]
    try:
        data = base64.b64decode(str(file.values.get("base64")), validate=True)
    except (ValueError, binascii.Error):
        raise file.wrong("base64") from None
    if not data.startswith(begins) or len(data) > LARGEST_FILE:
        raise file.wrong("base64")
    return data


def _questions(query: Query) -> list[tuple[str, str, str, Person]]:
    """What is asked for, the fact it becomes, and of whom."""
    mother, father = the_mother(query), query.father
    asked = [(type, fact, "mother", mother) for type, fact in OF_THE_MOTHER.items()]
    if father is not None:
        asked += [(type, fact, "father", father) for type, fact in OF_THE_FATHER.items()]
    return [one for one in asked if query.wants(one[1])]


def _is_of(holder: Person, certificate: Reader) -> bool:
    """Whether the certificate names the holder, as far as it names one at all."""
    data = certificate.optional_part("data") or Reader({})
    named = data.optional_text("holder_id_number") or data.optional_text("id_number")
    return named is None or normal_id_number(named) == holder.id_number

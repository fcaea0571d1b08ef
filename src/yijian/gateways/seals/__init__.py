"""电子印章平台: a province's seal platform, which holds the seals of its organisations.

Only digests and structures to be signed go there, never a document: the platform learns who sealed
when, not what. docs/reference/seals.md is the contract. A signing that is asked for twice gives
two signatures, both good, and changes nothing.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from datetime import datetime

from yijian.gateways.calls import Caller, CallFailedError
from yijian.gateways.registers.reading import Reader, WrongShapeError

LARGEST_VALUE = 512 * 1024
LONGEST_CHAIN = 4
_MOST_MM = 60
NOT_FOUND = 404
NO_SEAL = "no_seal"


@dataclass(frozen=True, slots=True)
class PlatformSeal:
    """A seal as the platform describes it; `eseal` and certificates are DER, `picture` a PNG."""

    number: str
    picture: bytes
    width_mm: int
    height_mm: int
    valid_from: datetime
    valid_until: datetime
    pdf_certificates: tuple[bytes, ...]
    ofd_certificate: bytes
    eseal: bytes
    is_test: bool


def seal_of(code: str, title: str, at: datetime, *, caller: Caller, url: str) -> PlatformSeal:
    """The seal that an organisation uses at this time. Errors: CallFailedError."""
    body = {"holder": {"code": code, "title": title}, "at": at.isoformat()}
    answer = _asked(f"{url}/seals/query", body, caller)
    try:
        return PlatformSeal(
            number=answer.matching("number", r"[A-Za-z0-9-]{1,80}"),
            picture=_bytes(answer, "picture"),
            width_mm=answer.number("width_mm", 1, _MOST_MM),
            height_mm=answer.number("height_mm", 1, _MOST_MM),
            valid_from=answer.moment("valid_from"),
            valid_until=answer.moment("valid_until"),
            pdf_certificates=tuple(
                _bytes(each, "der") for each in answer.parts("pdf_certificates", most=LONGEST_CHAIN)
            ),
            ofd_certificate=_bytes(answer, "ofd_certificate"),
            eseal=_bytes(answer, "eseal"),
            is_test=answer.yes_no("is_test"),
        )
    except WrongShapeError as fault:
        raise CallFailedError(f"wrong_{fault.field}") from None


def sign(
    number: str, form: str, to_sign: bytes, at: datetime, *, caller: Caller, url: str
) -> bytes:
    """The signature of a seal's key over what is to be signed, as DER. Errors: CallFailedError.

    `form` is pdf (ECDSA or RSA with SHA-256, as the seal's certificate says) or ofd (SM2 with SM3).
    """
    body = {
        "number": number,
        "form": form,
        "to_sign": base64.b64encode(to_sign).decode(),
        "at": at.isoformat(),
    }
    answer = _asked(f"{url}/signatures", body, caller)
    try:
        return _bytes(answer, "signature")
    except WrongShapeError as fault:
        raise CallFailedError(f"wrong_{fault.field}") from None


def _asked(url: str, body: object, caller: Caller) -> Reader:
    try:
        return Reader(caller.post(url, body))
    except CallFailedError as failed:
        if failed.reason == f"status_{NOT_FOUND}":
            raise CallFailedError(NO_SEAL, passing=False) from None
        raise


def _bytes(answer: Reader, name: str) -> bytes:
    value = answer.values.get(name)
    if not isinstance(value, str) or not 0 < len(value) <= LARGEST_VALUE:
        raise answer.wrong(name)
    try:
        return base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        raise answer.wrong(name) from None

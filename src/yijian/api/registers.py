"""共享登记: the registers that this node publishes for its partners, asked one by one.

`POST /registers/{service}` with the headers Purpose and Consent, both covered by the signature.
An answer leaves at the next full step of time, so that what is not allowed is not told from what
does not exist by how fast it is said.
"""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from typing import Annotated, Any, TypeVar

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone
from ninja import Header, Router
from pydantic import BaseModel, ValidationError

from yijian.actions import providing
from yijian.api.errors import Error, FieldError, RefusedRequestError
from yijian.api.register_shapes import (
    CertificateAnswer,
    CertificateAsked,
    CitizenAnswer,
    CitizenAsked,
    DeliveryAnswer,
    DeliveryAsked,
    HukouAnswer,
    InstitutionAnswer,
    InstitutionAsked,
    MarriageAnswer,
    MaternityAnswer,
    MaternityAsked,
    PersonAsked,
)
from yijian.api.relaying import relays
from yijian.api.senders import sender_of
from yijian.domain.registers import REGISTERS

router = Router(tags=["registers"])
STEP_SECONDS = 0.2
PURPOSE, CONSENT = "purpose", "consent"
Purpose = Annotated[
    str,
    Header(
        alias="Purpose",
        pattern=r"^[a-z][a-z0-9_]{0,59}$",
        description="What for, as a code; covered by the signature.",
    ),
]
Consent = Annotated[
    str,
    Header(
        alias="Consent",
        pattern=r"^([0-9a-f]{32,64})?$",
        description="Digest of the family's consent; covered by the signature when given.",
    ),
]
Answers = dict[int, Any]
Shape = TypeVar("Shape", bound=BaseModel)


def _answers(shape: type[BaseModel]) -> Answers:
    refusals: Answers = dict.fromkeys((400, 401, 413, 415, 422, 429, 503), Error)
    return {200: shape, **refusals}


@router.post(
    "/registers/delivery",
    response=_answers(DeliveryAnswer),
    exclude_unset=True,
    operation_id="askDelivery",
    summary="查询分娩信息 · Ask for a mother's deliveries",
)
def ask_delivery(
    request: HttpRequest, asked: DeliveryAsked, purpose: Purpose, consent: Consent = ""
) -> DeliveryAnswer:
    """Whoever asked in vain is told when the record comes (`yijian.register.changed.v1`)."""
    return _answer(request, "delivery", asked, DeliveryAnswer)


@router.post(
    "/registers/hukou",
    response=_answers(HukouAnswer),
    exclude_unset=True,
    operation_id="askHukou",
    summary="查询户籍信息 · Ask for a person's registration",
)
def ask_hukou(
    request: HttpRequest, asked: PersonAsked, purpose: Purpose, consent: Consent = ""
) -> HukouAnswer:
    """Only number and name together find anybody."""
    return _answer(request, "hukou", asked, HukouAnswer)


@router.post(
    "/registers/marriage",
    response=_answers(MarriageAnswer),
    exclude_unset=True,
    operation_id="askMarriage",
    summary="查询婚姻登记信息 · Ask for a person's marriage",
)
def ask_marriage(
    request: HttpRequest, asked: PersonAsked, purpose: Purpose, consent: Consent = ""
) -> MarriageAnswer:
    """The marriage as seen from the person asked about."""
    return _answer(request, "marriage", asked, MarriageAnswer)


@router.post(
    "/registers/certificates",
    response=_answers(CertificateAnswer),
    exclude_unset=True,
    operation_id="askCertificate",
    summary="查询电子证照 · Ask for a holder's certificate",
)
def ask_certificate(
    request: HttpRequest, asked: CertificateAsked, purpose: Purpose, consent: Consent = ""
) -> CertificateAnswer:
    """Certificates issued here, and those of the library behind this node."""
    return _answer(request, "certificates", asked, CertificateAnswer)


@router.post(
    "/registers/maternity",
    response=_answers(MaternityAnswer),
    exclude_unset=True,
    operation_id="askMaternity",
    summary="查询生育保险信息 · Ask for a mother's maternity insurance",
)
def ask_maternity(
    request: HttpRequest, asked: MaternityAsked, purpose: Purpose, consent: Consent = ""
) -> MaternityAnswer:
    """How she is insured and whether the delivery has been settled."""
    return _answer(request, "maternity", asked, MaternityAnswer)


@router.post(
    "/registers/citizen_id",
    response=_answers(CitizenAnswer),
    exclude_unset=True,
    operation_id="askCitizenId",
    summary="查询婴儿公民身份信息 · Ask for a child's citizen number",
)
def ask_citizen_id(
    request: HttpRequest, asked: CitizenAsked, purpose: Purpose, consent: Consent = ""
) -> CitizenAnswer:
    """The number that the child with this birth certificate was given here."""
    return _answer(request, "citizen_id", asked, CitizenAnswer)


@router.post(
    "/registers/institution",
    response=_answers(InstitutionAnswer),
    exclude_unset=True,
    operation_id="askInstitution",
    summary="查询助产机构信息 · Ask for a birth institution",
)
def ask_institution(
    request: HttpRequest, asked: InstitutionAsked, purpose: Purpose, consent: Consent = ""
) -> InstitutionAnswer:
    """An institution of this node's directory."""
    return _answer(request, "institution", asked, InstitutionAnswer)


def _answer(request: HttpRequest, register: str, asked: BaseModel, shape: type[Shape]) -> Shape:
    began, now = time.monotonic(), timezone.now()
    purpose, consent = _signed(request)
    headers = {"Purpose": purpose, **({"Consent": consent} if consent else {})}

    asked_behind: list[str] = []

    def relay(name: str, question: Mapping[str, str]) -> Mapping[str, object]:
        asked_behind.append(name)
        return relays.ask(name, question, headers)

    try:
        told = providing.answer(
            partner=sender_of(request).code,
            register=register,
            question={name: str(said) for name, said in asked.model_dump().items()},
            purpose=purpose,
            consent=consent,
            relay=relay,
            now=now,
        )
    except providing.OverBudgetError:
        raise RefusedRequestError("too_many") from None
    except providing.NotAnsweredError:
        raise RefusedRequestError("out_of_order") from None
    receipt = {
        "id": told.receipt,
        "service": register,
        "at": now,
        "source": settings.YIJIAN.node,
    }
    found = {} if told.part is None else {REGISTERS[register].part: told.part}
    try:
        answer = shape.model_validate({"receipt": receipt, "found": bool(found), **found})
    except ValidationError:
        # The register behind this node said something that nobody could read.
        raise RefusedRequestError("out_of_order") from None
    if told.part is None and REGISTERS[register].relayed and not asked_behind:
        # Nobody was asked because it is not allowed; it takes as long as if somebody had been.
        time.sleep(relays.usual_seconds())
    _until_the_next_step(began)
    return answer


def _signed(request: HttpRequest) -> tuple[str, str]:
    """Purpose and consent. Whoever relays a request could change what the signature leaves out."""
    covered = re.findall(r'"([^"]*)"', request.headers.get("Signature-Input", "").partition(")")[0])
    said = {name: request.headers.get(name, "") for name in (PURPOSE, CONSENT)}
    for name, value in said.items():
        if value and name not in covered:
            message = ("须纳入签名", "must be covered by the signature")
            fault = FieldError(field=name, message=message[0], message_en=message[1])
            raise RefusedRequestError("wrong_fields", [fault])
    return said[PURPOSE], said[CONSENT]


def _until_the_next_step(began: float) -> None:
    spent = time.monotonic() - began
    time.sleep(STEP_SECONDS - spent % STEP_SECONDS)

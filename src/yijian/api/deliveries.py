"""分娩信息: what a hospital's own system reports, in the shape of the delivery register."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from django.http import HttpRequest
from django.utils import timezone
from ninja import Router
from pydantic import BeforeValidator, Field, StrictBool, StrictInt
from pydantic_core import PydanticCustomError

from yijian.actions import deliveries as actions
from yijian.api.errors import Error, FieldError, RefusedRequestError
from yijian.api.senders import sender_of
from yijian.api.shapes import DeliveryOut, Moment, Received
from yijian.domain.context import RefusedError

router = Router(tags=["deliveries"])


def _day_text(value: object) -> object:
    if isinstance(value, date) or (isinstance(value, str) and len(value) == 10):
        return value
    raise PydanticCustomError("day", "Input should be a date as YYYY-MM-DD")


Day = Annotated[date, BeforeValidator(_day_text)]
Division = Annotated[str, Field(pattern=r"^[0-9]{6}$")]
Short = Annotated[str, Field(max_length=100)]
Long = Annotated[str, Field(max_length=200)]
Number = Annotated[str, Field(min_length=1, max_length=40)]


class ParentIn(Received):
    """The mother or the father as the hospital wrote them down."""

    name: Annotated[str, Field(min_length=1, max_length=100)]
    id_type: Literal["111", "414", "511", "516", "553"]
    id_number: Number
    nationality: Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
    ethnicity: Annotated[str, Field(max_length=2)] | None = None
    birth_date: Day
    phone: Annotated[str, Field(max_length=20)] | None = None
    address: Long | None = None


class NewbornIn(Received):
    """One child of the delivery; `order` counts from 1 without gaps."""

    order: Annotated[StrictInt, Field(ge=1, le=10)]
    population_code: Annotated[str, Field(max_length=40)] | None = None
    parity: Annotated[StrictInt, Field(ge=1, le=30)] | None = None
    sex: Literal["1", "2", "9"]
    born_at: Moment
    weeks: Annotated[StrictInt, Field(ge=15, le=50)] | None = None
    days: Annotated[StrictInt, Field(ge=0, le=6)] | None = None
    weight_g: Annotated[StrictInt, Field(ge=100, le=10_000)] | None = None
    length_cm: Annotated[StrictInt, Field(ge=10, le=80)] | None = None
    healthy: Annotated[str, Field(pattern=r"^[1-9]$")] | None = None
    blood_type: Annotated[str, Field(pattern=r"^[1-9]$")] | None = None
    place_division: Division
    place_text: Long | None = None
    alive: StrictBool
    certificate_number: Annotated[str, Field(pattern=r"^[A-Z][0-9]{9}$")] | None = None
    certificate_collected_on: Day | None = None


class DeliveryIn(Received):
    """分娩信息: one delivery with its newborns. `delivery_id` is yours and stays the same."""

    delivery_id: Annotated[str, Field(min_length=1, max_length=64)]
    institution_code: Annotated[str, Field(min_length=1, max_length=40)]
    institution_name: Long | None = None
    division: Division
    born_place: Literal["institution", "home", "on_the_way"]
    in_patient_number: Annotated[str, Field(max_length=40)] | None = None
    midwife: Short | None = None
    recorded_at: Moment
    mother: ParentIn
    father: ParentIn | None = None
    newborns: Annotated[list[NewbornIn], Field(min_length=1, max_length=10)]


@router.post(
    "/deliveries",
    response={
        200: DeliveryOut, 400: Error, 401: Error, 404: Error, 413: Error, 415: Error, 422: Error
    },
    operation_id="reportDelivery",
    summary="报送分娩信息 · Report a delivery record",
)  # fmt: skip
def report_delivery(request: HttpRequest, delivery: DeliveryIn) -> DeliveryOut:
    """A newer record of the same delivery replaces the older one. Families waiting for it go on."""
    now = timezone.now()
    sender = sender_of(request)
    if delivery.institution_code not in sender.offices:
        raise _wrong("institution_code", "不是贵方的助产机构", "not an institution of yours")
    record = delivery.model_dump(mode="json")
    try:
        actions.report(sender=sender.code, delivery=record, now=now)
    except RefusedError as refused:
        raise _wrong(refused.field or "", "不符合要求", "not as agreed") from None
    return DeliveryOut(delivery_id=delivery.delivery_id, newborns=len(delivery.newborns))


def _wrong(field: str, message: str, message_en: str) -> RefusedRequestError:
    fault = FieldError(field=field, message=message, message_en=message_en)
    return RefusedRequestError("wrong_fields", [fault])

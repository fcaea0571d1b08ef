"""What questions to our registers and their answers look like; one question, one answer each."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from yijian.api.shapes import Code, Received

Name = Annotated[
    str, Field(min_length=1, max_length=100, description="The name that belongs to the number.")
]
Number = Annotated[str, Field(pattern=r"^[0-9A-Za-z()（） -]{6,40}$")]


class DeliveryAsked(Received):
    """分娩信息: by the mother's number and name."""

    mother_id_number: Number
    name: Name


class PersonAsked(Received):
    """户籍、婚姻: by a person's number and name."""

    id_number: Number
    name: Name


class CertificateAsked(Received):
    """电子证照: one type of certificate of one holder."""

    holder_id_number: Number
    name: Name
    type: Code


class MaternityAsked(Received):
    """生育保险: by the mother's number and name."""

    mother_id_number: Number
    name: Name


class CitizenAsked(Received):
    """婴儿公民身份: by the number of the birth certificate and the child's name."""

    certificate_number: Annotated[str, Field(pattern=r"^[A-Z][0-9]{9}$")]
    name: Name


class InstitutionAsked(Received):
    """助产机构: by its code."""

    institution_code: Annotated[str, Field(pattern=r"^[0-9A-Za-z]{1,40}$")]


class ReceiptOut(BaseModel):
    """核验回执: proof of one question; keep `id`, it is how the provider speaks of it later."""

    id: UUID
    service: str
    at: datetime
    source: str


class Answered(BaseModel):
    """Every answer has a receipt. `found` is false alike for what is absent and not allowed."""

    receipt: ReceiptOut
    found: bool


class _Part(BaseModel):
    """Fields that a right leaves out are not there; what nobody agreed on never is."""

    model_config = ConfigDict(extra="ignore")


class ParentOut(_Part):
    """The mother or the father as the hospital wrote them down."""

    name: str
    id_type: str
    id_number: str
    nationality: str
    birth_date: str
    ethnicity: str | None = None
    phone: str | None = None
    address: str | None = None


class NewbornOut(_Part):
    """One child of the delivery."""

    order: int
    sex: str
    born_at: str
    place_division: str
    alive: bool
    population_code: str | None = None
    parity: int | None = None
    weeks: int | None = None
    days: int | None = None
    weight_g: int | None = None
    length_cm: int | None = None
    healthy: str | None = None
    blood_type: str | None = None
    place_text: str | None = None
    certificate_number: str | None = None
    certificate_collected_on: str | None = None


class DeliveryPart(_Part):
    """分娩信息: one delivery with its newborns."""

    delivery_id: str
    division: str
    born_place: str
    recorded_at: str
    mother: ParentOut
    newborns: list[NewbornOut]
    father: ParentOut | None = None
    institution_code: str | None = None
    institution_name: str | None = None
    in_patient_number: str | None = None
    midwife: str | None = None
    mode: str | None = None
    discharged_on: str | None = None
    issues_certificates: bool | None = None


class ResidenceOut(_Part):
    """Where somebody lives."""

    division: str | None = None
    address: str | None = None


class HukouPart(_Part):
    """户籍信息: a registration."""

    name: str
    id_number: str
    division: str
    address: str
    household: str
    police_station: str
    sex: str | None = None
    birth_date: str | None = None
    ethnicity: str | None = None
    nationality: str | None = None
    head_name: str | None = None
    head_id_number: str | None = None
    relation_to_head: str | None = None
    native_place: str | None = None
    police_station_name: str | None = None
    id_valid_until: str | None = None
    residence: ResidenceOut | None = None


class MarriagePart(_Part):
    """婚姻登记信息: as seen from the person asked about."""

    state: str
    spouse_name: str | None
    spouse_id_number: str | None
    registered_on: str | None = None
    certificate_number: str | None = None


class FilePart(_Part):
    """A file inside an answer."""

    name: str
    media_type: str
    base64: str


class CertificatePart(_Part):
    """电子证照: its values and, when there is one, its file."""

    type: str
    identifier: str | None = None
    number: str | None = None
    issued_on: str | None = None
    valid_until: str | None = None
    issuer: str | None = None
    data: dict[str, Any] | None = None
    file: FilePart | None = None


class MaternityPart(_Part):
    """生育保险信息."""

    insured: str
    settled: bool
    pool: str
    allowance: bool
    division: str | None = None
    amount_fen: int | None = None


class CitizenPart(_Part):
    """婴儿公民身份: the number that the child was given."""

    name: str
    id_number: str
    sex: str | None = None
    birth_date: str | None = None
    certificate_number: str | None = None


class InstitutionPart(_Part):
    """助产机构信息."""

    code: str
    name: str
    division: str
    address: str | None = None
    phone: str | None = None
    issues_certificates: bool | None = None
    hands_over_to: str | None = None


class DeliveryAnswer(Answered):
    """Every recorded delivery of the mother."""

    deliveries: list[DeliveryPart] | None = None


class HukouAnswer(Answered):
    """The registration."""

    person: HukouPart | None = None


class MarriageAnswer(Answered):
    """The marriage."""

    marriage: MarriagePart | None = None


class CertificateAnswer(Answered):
    """The certificate."""

    certificate: CertificatePart | None = None


class MaternityAnswer(Answered):
    """The mother's insurance."""

    maternity: MaternityPart | None = None


class CitizenAnswer(Answered):
    """The child's number."""

    citizen: CitizenPart | None = None


class InstitutionAnswer(Answered):
    """The institution."""

    institution: InstitutionPart | None = None

"""家庭文件的格式: the strict shape of a family file; everything but the title may be left out."""

from datetime import date
from typing import Annotated, Literal

from pydantic import AwareDatetime, Field, model_validator

from yijian.packs.schema import Shape, TextSchema
from yijian.packs.schema.items import TaskState
from yijian.packs.schema.texts import Division, Id, Label

Deed = Literal[
    "accepted",
    "in_review",
    "correction_needed",
    "approved",
    "completed",
    "declined",
    "rejected",
    "offline",
    "withdraw",
]
Sex = Literal["1", "2", "9"]
Certificate = Literal[
    "marriage_certificate",
    "id_card",
    "household_page",
    "household_book",
    "childbirth_registration",
]
Answer = str | int | bool | None | list[str | int | bool | None]
Ethnicity = Annotated[str, Field(pattern=r"^[0-9]{2}$")]
Nationality = Annotated[str, Field(pattern=r"^[A-Z]{3}$")]


class HukouSchema(Shape):
    """A parent's household registration."""

    division: Division = "340104"
    address: Label | None = None
    household: Literal["family", "collective"] = "family"
    head_name: Label | None = None
    head_id_number: Label | None = None
    relation_to_head: Label | None = None
    native_place: Division | None = None
    police_station: Label | None = None
    police_station_name: Label | None = None


class ResidenceSchema(Shape):
    """Where a person is registered as living, when that is not the hukou."""

    division: Division
    address: Label | None = None


class InsuredSchema(Shape):
    """How a parent is insured, and where."""

    kind: Literal["employee", "resident", "none"] = "resident"
    division: Division | None = None


class PersonSchema(Shape):
    """A parent; `hukou: null` is not registered, `id_valid_until: null` is long-term."""

    name: Label | None = None
    sex: Sex | None = None
    id_type: Literal["111", "414", "511", "516", "553"] = "111"
    id_number: Label | None = None
    nationality: Nationality = "CHN"
    ethnicity: Ethnicity | None = "01"
    birth_date: date | None = None
    phone: Label | None = None
    id_valid_until: date | None = None
    hukou: HukouSchema | None = HukouSchema()
    residence: ResidenceSchema | None = None
    insured: InsuredSchema | None = None
    certificates: list[Certificate] | None = None


class RecordedSchema(Shape):
    """What the hospital wrote differently from the truth."""

    name: Label | None = None
    id_number: Label | None = None
    id_type: Label | None = None
    phone: Label | None = None
    nationality: Nationality | None = None
    ethnicity: Ethnicity | None = None
    birth_date: date | None = None
    address: Label | None = None


class MarriageSchema(Shape):
    """The mother's marriage as registered; a spouse other than the father is possible."""

    state: Literal["married", "divorced", "widowed"] = "married"
    registered_on: date | None = None
    certificate_number: Label | None = None
    spouse_name: Label | None = None
    spouse_id_number: Label | None = None


class DeliverySchema(Shape):
    """The delivery record; `recorded_at: null` is not recorded yet."""

    institution: Label | None = None
    institution_name: Label | None = None
    born_place: Literal["institution", "home", "on_the_way"] = "institution"
    mode: Literal["1", "2", "3", "9"] = "1"
    discharged_on: date | None = None
    issues_certificates: bool | None = None
    recorded_at: AwareDatetime | None = None
    appears_after_minutes: Annotated[int, Field(ge=0)] | None = None
    in_patient_number: Label | None = None
    midwife: Label | None = None
    recorded_mother: RecordedSchema | None = None
    recorded_father: RecordedSchema | None = None


class MaternitySchema(Shape):
    """What the insurance office knows of the delivery's cost."""

    settled: bool = True
    pool: Literal["inside", "outside"] = "inside"
    amount_fen: Annotated[int, Field(ge=0)] | None = None
    allowance: bool = False


class NewbornSchema(Shape):
    """One child of the delivery."""

    order: Annotated[int, Field(ge=1, le=9)] | None = None
    sex: Sex | None = None
    born_at: AwareDatetime | None = None
    weeks: Annotated[int, Field(ge=15, le=50)] | None = None
    days: Annotated[int, Field(ge=0, le=6)] | None = None
    weight_g: Annotated[int, Field(ge=100, le=10000)] | None = None
    length_cm: Annotated[int, Field(ge=10, le=80)] | None = None
    blood_type: Label | None = None
    healthy: Label | None = None
    parity: Annotated[int, Field(ge=1, le=30)] | None = None
    alive: bool = True
    certificate_number: Label | None = None
    certificate_collected_on: date | None = None


class ReasonSchema(Shape):
    """Why an office decided so."""

    code: Label
    text: Label


class StepSchema(Shape):
    """One step of the script: what an office does, or `withdraw` by the family."""

    item: Id | None = None
    newborn: Annotated[int, Field(ge=0, le=9)] | None = None
    do: Deed
    reason: ReasonSchema | Label | None = None
    fields: list[Id] = []
    result: dict[Id, str | int | bool] = {}
    after_minutes: Annotated[int | float, Field(ge=0)] = 0

    @model_validator(mode="after")
    def _names_an_item(self) -> "StepSchema":
        if self.item is None and self.do != "withdraw":
            raise ValueError("要写是哪个事项（item）")
        return self


class ExpectSchema(Shape):
    """What must come out; each key may be left out and is then not looked at."""

    eligible: Literal["yes", "no", "unknown", "stale", "needs_person"] | None = None
    failed: list[Id] | None = None
    unknown: list[Id] | None = None
    waits_for: list[Id] | None = None
    repairs: dict[Id, str] | None = None
    tasks: dict[Id, int] | None = None
    not_needed: list[Id] | None = None
    offices: dict[Id, Label | None] | None = None
    limits: dict[Id, int | None] | None = None
    values: dict[Id, Answer] | None = None
    states: dict[Id, TaskState | list[TaskState]] | None = None
    stage: Literal["draft", "signing", "submitted", "closed", "withdrawn"] | None = None
    notices: list[Id] | None = None
    documents: list[Id] | None = None
    signers: list[Id] | None = None
    statements: list[Id] | None = None
    materials: list[Id] | None = None
    offline: list[Id] | None = None
    switched_off: list[Id] | None = None


class FamilySchema(Shape):
    """A family file.

    `facts` gives verified values directly, a list one for each newborn; a family whose life event
    is no birth says `mother: null` and `newborns: []` and gives its facts so.
    """

    id: Label | None = None
    title: TextSchema
    applied_at: AwareDatetime | None = None
    applicant: Id | None = None
    channel: Id | None = None
    mother: PersonSchema | None = PersonSchema()
    father: PersonSchema | None = PersonSchema()
    representative: PersonSchema | None = None
    marriage: MarriageSchema | None = MarriageSchema()
    delivery: DeliverySchema | None = DeliverySchema()
    maternity: MaternitySchema | None = MaternitySchema()
    newborns: Annotated[list[NewbornSchema], Field(max_length=9)] = [NewbornSchema()]
    facts: dict[Id, Answer] = {}
    answers: dict[Id, Answer] = {}
    script: list[StepSchema] = []
    expect: ExpectSchema = ExpectSchema()

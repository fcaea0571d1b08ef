"""政策包: the shapes of pack.yaml, sources.yaml and words.yaml, and of the whole document."""

from datetime import date
from typing import Annotated, Literal

from pydantic import Field, model_validator

from yijian.packs.schema.form import (
    CustodySchema,
    DeliverySchema,
    OfficialCellSchema,
    PageSchema,
    SectionSchema,
)
from yijian.packs.schema.items import ItemSchema, RuleSchema
from yijian.packs.schema.texts import (
    BasisSchema,
    Cel,
    ClauseSchema,
    CodeListSchema,
    Division,
    FactSchema,
    Id,
    Label,
    LimitSchema,
    RegisterSchema,
    Sentence,
    Shape,
    TextSchema,
)

PackCode = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{1,63}$")]
MonthDay = Annotated[list[int], Field(min_length=2, max_length=2)]
WordId = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_.]{0,63}$")]
Role = Literal["mother", "father", "representative"]


class SigningSchema(Shape):
    """Who signs, keyed by role."""

    live_check: bool = False
    after: list[Role] = []
    text: TextSchema
    basis: BasisSchema


class InsuranceSchema(Shape):
    """When paid premiums take effect and which years may be paid; months and days as `[10, 1]`."""

    deadline_days: Annotated[int, Field(ge=1, le=400)]
    late: Literal["payment_day", "next_day", "next_month_first"]
    two_years_from: MonthDay
    two_years_until: MonthDay
    basis: Annotated[list[BasisSchema], Field(min_length=1)]
    decision: Label | None = None

    @model_validator(mode="after")
    def _real_days(self) -> "InsuranceSchema":
        for month, day in (self.two_years_from, self.two_years_until):
            try:
                date(2024, month, day)
            except ValueError:
                raise ValueError(f"没有 {month} 月 {day} 日这一天") from None
        return self


class PackSchema(Shape):
    """pack.yaml. `runs: false` marks a base that other packs stand on and no node runs."""

    code: PackCode
    version: Label
    base: PackCode | None = None
    runs: bool = True
    title: TextSchema
    service_title: TextSchema
    divisions: list[Division] = []
    in_force_from: date
    in_force_until: date | None = None
    lead_office_kind: Id
    applicants: list[Role] = []
    signing: dict[Role, SigningSchema] = {}
    channels: list[Id] = []
    precedence: int = 0
    promise: LimitSchema | None = None
    insurance: InsuranceSchema | None = None
    delivery_record: LimitSchema | None = None


class SourceSchema(Shape):
    """An official document: evidence for values, never copied."""

    title: Sentence = Field(min_length=1)
    number: Label
    issuers: Annotated[list[Sentence], Field(min_length=1)]
    issued_on: date
    clauses: Annotated[dict[Label, ClauseSchema], Field(min_length=1)]
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class DecisionSchema(Shape):
    """An open decision on a contradiction or gap of the documents."""

    on: date
    question: TextSchema
    decided: TextSchema


class NoticeSchema(Shape):
    """A message sent on an event."""

    on: Label
    to: Annotated[list[Id], Field(min_length=1)]
    channels: Annotated[list[Id], Field(min_length=1)]
    text: TextSchema
    basis: BasisSchema | None = None
    when: Cel | None = None


class DocumentSchema(Shape):
    """The whole merged document that a Pack is built from; each key is written in one file."""

    pack: PackSchema
    documents: dict[Label, SourceSchema] = {}
    decisions: dict[Label, DecisionSchema] = {}
    registers: dict[Id, RegisterSchema] = {}
    facts: dict[Id, FactSchema] = {}
    code_lists: dict[Id, CodeListSchema] = {}
    items: dict[Id, ItemSchema] = {}
    rules: dict[Id, RuleSchema] = {}
    pages: dict[Id, PageSchema] = {}
    page_order: list[Id] = []
    sections: dict[Id, SectionSchema] = {}
    section_order: list[Id] = []
    official: dict[Label, OfficialCellSchema] = {}
    delivery: dict[Id, DeliverySchema] = {}
    custody: dict[Id, CustodySchema] = {}
    words: dict[WordId, TextSchema] = {}
    notices: dict[Id, NoticeSchema] = {}

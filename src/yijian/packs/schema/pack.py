"""政策包: the shapes of pack.yaml, sources.yaml and words.yaml, and of the whole document."""

from datetime import date
from typing import Annotated, Literal

from pydantic import Field, model_validator

from yijian.packs.schema.certificates import CertificateSchema, FetchedSchema
from yijian.packs.schema.documents import PaperworkSchema
from yijian.packs.schema.form import (
    CustodySchema,
    DeliverySchema,
    OfficialCellSchema,
    PageSchema,
    SectionSchema,
    StatementSchema,
)
from yijian.packs.schema.items import ItemSchema, RuleSchema
from yijian.packs.schema.places import OfficeKindSchema
from yijian.packs.schema.texts import (
    BasisSchema,
    Cel,
    ClauseSchema,
    CodeListSchema,
    Division,
    FactNameSchema,
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
StaffWord = Literal["clerk", "routing", "supervisor", "operator"]
Hour = Annotated[int, Field(ge=0, le=24)]
MonthDay = Annotated[list[int], Field(min_length=2, max_length=2)]
WordId = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_.]{0,63}$")]


class RoleSchema(Shape):
    """角色: a person of this life event, keyed by role; facts are `<role>_name` and so on."""

    title: TextSchema
    short: TextSchema
    sex: Literal["1", "2"] | None = None


class ArrivalSchema(Shape):
    """Who must have come before the form opens, keyed by role."""

    live_check: bool = False
    after: list[Id] = []
    basis: BasisSchema


class SigningSchema(Shape):
    """Who signs, keyed by role; `when` says in which case."""

    live_check: bool = False
    after: list[Id] = []
    when: Cel | None = None
    text: TextSchema
    basis: BasisSchema


class AlongsideSchema(Shape):
    """Which scheme leads where two fit one family, keyed by the other pack's code."""

    leads: bool
    choice: bool = False
    reason: TextSchema
    decision: Label | None = None


class SwitchSchema(Shape):
    """试点: what is not online yet. No items: the whole service; no divisions: everywhere."""

    items: list[Id] = []
    divisions: list[Division] = []
    from_on: date = Field(alias="from")
    until_on: date | None = Field(default=None, alias="until")
    text: TextSchema
    basis: BasisSchema | None = None
    decision: Label | None = None

    @model_validator(mode="after")
    def _rests_on_something(self) -> "SwitchSchema":
        if self.basis is None and self.decision is None:
            raise ValueError("basis、decision 至少写一个")
        return self


class EscalationSchema(Shape):
    """督办: when so much of a task's time is used up, these roles of staff are told."""

    percent: Annotated[int, Field(ge=1, le=100)]
    tell: Annotated[list[StaffWord], Field(min_length=1)]
    text_hours: Annotated[list[Hour], Field(min_length=2, max_length=2)] = [0, 24]
    basis: BasisSchema | None = None
    decision: Label | None = None

    @model_validator(mode="after")
    def _rests_on_something(self) -> "EscalationSchema":
        if self.basis is None and self.decision is None:
            raise ValueError("basis、decision 至少写一个")
        if self.text_hours[0] >= self.text_hours[1]:
            raise ValueError("text_hours 写 [几点起, 几点止]，起要早于止")
        return self


class RecordLimitSchema(Shape):
    """How many hours an institution has to record a delivery."""

    hours: Annotated[int, Field(ge=0, le=9600)]
    from_on: date = Field(alias="from")
    basis: BasisSchema | None = None
    decision: Label | None = None


class SubjectSchema(Shape):
    """Whom facts of scope `newborn` are about: the word for one of them, and its name."""

    title: TextSchema
    name: Id | None = None


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
    item_order: list[Id] = []
    roles: dict[Id, RoleSchema] = {}
    applicants: list[Id] = []
    fills: list[Id] = []
    arrivals: dict[Id, ArrivalSchema] = {}
    signing: dict[Id, SigningSchema] = {}
    channels: list[Id] = []
    precedence: int = 0
    alongside: dict[PackCode, AlongsideSchema] = {}
    switches: dict[Id, SwitchSchema] = {}
    escalation: dict[Id, EscalationSchema] = {}
    statuses: Literal["fine", "coarse"] | None = None
    anchors: dict[Id, FactNameSchema] = {}
    subject: SubjectSchema | None = None
    place_fact: Id | None = None
    watermark: TextSchema | None = None
    promise: LimitSchema | None = None
    insurance: InsuranceSchema | None = None
    delivery_record: RecordLimitSchema | None = None


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
    office_kinds: dict[Id, OfficeKindSchema] = {}
    facts: dict[Id, FactSchema] = {}
    code_lists: dict[Id, CodeListSchema] = {}
    items: dict[Id, ItemSchema] = {}
    rules: dict[Id, RuleSchema] = {}
    pages: dict[Id, PageSchema] = {}
    page_order: list[Id] = []
    sections: dict[Id, SectionSchema] = {}
    section_order: list[Id] = []
    official: dict[Label, OfficialCellSchema] = {}
    statements: dict[Id, StatementSchema] = {}
    delivery: dict[Id, DeliverySchema] = {}
    custody: dict[Id, CustodySchema] = {}
    certificates: dict[Id, CertificateSchema] = {}
    fetched: dict[Id, FetchedSchema] = {}
    paperwork: dict[Id, PaperworkSchema] = {}
    words: dict[WordId, TextSchema] = {}
    notices: dict[Id, NoticeSchema] = {}

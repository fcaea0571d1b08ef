"""申请表与送达: the shapes of form.yaml and delivery.yaml."""

from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from yijian.packs.schema.texts import BasisSchema, Cel, Code, Id, Label, Shape, TextSchema

NOTHING = TextSchema(zh="", en="")


class PageSchema(Shape):
    """One page of the family's journey."""

    title: TextSchema
    step: Annotated[int, Field(ge=0, le=20)]
    lead: TextSchema = NOTHING


class FieldSchema(Shape):
    """One cell of the form, keyed by its fact; `label` is the fact's title unless given."""

    label: TextSchema | None = None
    hint: TextSchema = NOTHING
    required: bool = True
    typed: bool = False
    items: list[Id] = []
    official: bool = False
    basis: BasisSchema
    default: Cel | None = None
    offered: Cel | None = None
    shown: Cel | None = None


class SectionSchema(Shape):
    """A titled group of fields; `order` puts fields of the base pack in this pack's order."""

    title: TextSchema
    page: Id
    fields: Annotated[dict[Id, FieldSchema], Field(min_length=1)]
    order: list[Id] = []


class OfficialCellSchema(Shape):
    """A cell of the official form, keyed by its printed words: the fact that fills it, or the
    decision that says why it is not asked. A plain string is the fact."""

    fact: Id | None = None
    decision: Label | None = None

    @model_validator(mode="before")
    @classmethod
    def _from_fact(cls, value: Any) -> Any:
        return {"fact": value} if isinstance(value, str) else value

    @model_validator(mode="after")
    def _one_of_two(self) -> "OfficialCellSchema":
        if (self.fact is None) == (self.decision is None):
            raise ValueError("fact、decision 两者只写一个")
        return self


class DeliveryOptionSchema(Shape):
    """One way a result reaches the family.

    `collectors` are the roles that may collect it (left out: everybody of the case), `paid_by` who
    pays the courier; with `family_posts_first` the office waits for the family's post.
    """

    title: TextSchema
    where: TextSchema = NOTHING
    bring: TextSchema = NOTHING
    cost: TextSchema = NOTHING
    needs_address: bool = False
    collectors: list[Id] = []
    paid_by: Literal["recipient", "sender"] = "recipient"
    family_posts_first: bool = False
    basis: BasisSchema


class DeliverySchema(Shape):
    """送达, keyed by item; `fact` is the field that chooses among `options`."""

    fact: Id | None = None
    options: Annotated[dict[Code, DeliveryOptionSchema], Field(min_length=1)]


class DestinationSchema(Shape):
    """去向: `issuer` stays, `family`, `archive`, `office` of a `kind`, or that of a `task`'s item."""

    place: Literal["issuer", "family", "archive", "office", "task"]
    kind: Id | None = None
    item: Id | None = None

    @model_validator(mode="after")
    def _named(self) -> "DestinationSchema":
        if (self.place == "office") != (self.kind is not None):
            raise ValueError("place: office 要写 kind，别的去向不写")
        if (self.place == "task") != (self.item is not None):
            raise ValueError("place: task 要写 item，别的去向不写")
        return self


class ScheduleSchema(Shape):
    """移交时间: `day` of every `month`, or of each `quarter`'s last month; `once`, or `never`.

    `day` is 1 to 31, `last`, or `last_workday`; a shorter month ends on its last day.
    """

    every: Literal["once", "month", "quarter", "never"]
    day: Annotated[int, Field(ge=1, le=31)] | Literal["last", "last_workday"] | None = None
    workdays: Annotated[int, Field(ge=0, le=60)] | None = None

    @model_validator(mode="after")
    def _day_of_a_period(self) -> "ScheduleSchema":
        if (self.every in ("month", "quarter")) != (self.day is not None):
            raise ValueError("every: month、quarter 要写 day，别的不写")
        if self.workdays is not None and self.every != "once":
            raise ValueError("workdays 只和 every: once 一起写")
        return self


class CustodySchema(Shape):
    """Where a paper part of the certificate is kept and must go, keyed by part.

    `when` says in which case, `mark` what is written on it, `cut` whether it is cut off, and
    `cut_after` which material must have been scanned before. `sheet`, `to` and `schedule` say for
    the ledger what `goes_to` and `every` say to people; a paper without a number is no sheet.
    """

    title: TextSchema
    holder: TextSchema
    goes_to: TextSchema
    every: TextSchema = NOTHING
    when: Cel | None = None
    mark: TextSchema | None = None
    cut: bool | None = None
    cut_after: Id | None = None
    sheet: Literal["main_page", "counterfoil", "stub"] | None = None
    to: DestinationSchema | None = None
    schedule: ScheduleSchema | None = None
    basis: BasisSchema

    @model_validator(mode="after")
    def _whole(self) -> "CustodySchema":
        if len({part is None for part in (self.sheet, self.to, self.schedule)}) != 1:
            raise ValueError("sheet、to、schedule 三个要么都写，要么都不写")
        return self


class StatementSchema(Shape):
    """A paper signed beside the form, keyed by its id: a confirmation, a letter of authority.

    Braces in `text` name facts; `rows` are the facts printed as labelled rows.
    """

    title: TextSchema
    when: Cel | None = None
    signed_by: Annotated[list[Id], Field(min_length=1)]
    text: TextSchema
    rows: list[Id] = []
    basis: BasisSchema

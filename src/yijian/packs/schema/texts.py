"""词句、依据、时限、事实: the small shapes that every file of a pack uses."""

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

# An id is also a CEL variable, a key of JSON and part of an address.
Id = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,63}$")]
Code = Annotated[str, Field(pattern=r"^[0-9A-Za-z][0-9A-Za-z_.-]{0,63}$")]
Label = Annotated[str, Field(min_length=1, max_length=64)]
Division = Annotated[str, Field(pattern=r"^[0-9]{6}$")]
Cel = Annotated[str, Field(min_length=1, max_length=2000)]
Kind = Literal["text", "name", "number", "yes_no", "date", "moment", "code", "codes"]
Sentence = Annotated[str, Field(max_length=4000)]


class Shape(BaseModel):
    """A mapping of a pack file; unknown keys and wrong types are errors."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, populate_by_name=True)


class TextSchema(Shape):
    """A sentence for people: `{zh: …, en: …}`, or a plain string for the Chinese alone."""

    zh: Sentence
    en: Sentence = ""

    @model_validator(mode="before")
    @classmethod
    def _from_plain_string(cls, value: Any) -> Any:
        return {"zh": value} if isinstance(value, str) else value


class BasisSchema(Shape):
    """依据 `[document, clause]`; the clause stands in the outline of sources.yaml."""

    document: Label
    clause: Label

    @model_validator(mode="before")
    @classmethod
    def _from_pair(cls, value: Any) -> Any:
        if isinstance(value, list):
            if len(value) != 2:
                raise ValueError("依据写成 [文件, 条款] 两项")
            return {"document": value[0], "clause": value[1]}
        return value


class ClauseSchema(Shape):
    """One line of a document's outline; a plain string is its heading."""

    title: Sentence

    @model_validator(mode="before")
    @classmethod
    def _from_plain_string(cls, value: Any) -> Any:
        return {"title": value} if isinstance(value, str) else value


class LimitSchema(Shape):
    """时限: exactly one of `workdays`, `days`, `hours`, from a day on.

    `without_mailing: true` says that the time a parcel needs is not counted. `since` is an anchor
    (`birth`) from which it counts instead of from the task's start. `workdays: 0` is at once.
    """

    workdays: Annotated[int, Field(ge=0, le=400)] | None = None
    days: Annotated[int, Field(ge=0, le=4000)] | None = None
    hours: Annotated[int, Field(ge=0, le=9600)] | None = None
    from_on: date = Field(alias="from")
    basis: BasisSchema
    decision: Label | None = None
    without_mailing: bool | None = None
    since: Id | None = None

    @model_validator(mode="after")
    def _one_unit(self) -> "LimitSchema":
        if sum(unit is not None for unit in (self.workdays, self.days, self.hours)) != 1:
            raise ValueError("workdays、days、hours 三者只写一个")
        return self


class RegisterSchema(Shape):
    """A register that verifies facts, and whose it is."""

    title: TextSchema


class FactSchema(Shape):
    """事实类型. `kind` decides the CEL type: see docs/reference/packs.md."""

    kind: Kind
    scope: Literal["family", "newborn"] = "family"
    title: TextSchema
    register_id: Id | None = Field(default=None, alias="register")
    code_list: Id | None = None
    fresh_days: Annotated[int, Field(ge=0)] | None = None
    personal: bool = True
    derive: Cel | None = None


class FactNameSchema(Shape):
    """The name of a fact, written as a plain string."""

    fact: Id

    @model_validator(mode="before")
    @classmethod
    def _from_plain_string(cls, value: Any) -> Any:
        return {"fact": value} if isinstance(value, str) else value


class CodeListSchema(Shape):
    """A code list; the file writes its entries directly under its id."""

    entries: Annotated[dict[Code, TextSchema], Field(min_length=1)]

    @model_validator(mode="before")
    @classmethod
    def _from_entries(cls, value: Any) -> Any:
        if isinstance(value, dict) and "entries" not in value:
            return {"entries": value}
        return value

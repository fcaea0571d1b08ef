"""事项与规则: the shapes of items.yaml and rules.yaml."""

from datetime import date
from typing import Annotated, Literal, get_args

from pydantic import Field, model_validator

from yijian.packs.schema.texts import (
    BasisSchema,
    Cel,
    FactNameSchema,
    Id,
    Kind,
    Label,
    LimitSchema,
    Shape,
    TextSchema,
)

TaskState = Literal[
    "waiting",
    "queued",
    "accepted",
    "declined",
    "correction_needed",
    "in_review",
    "approved",
    "rejected",
    "completed",
    "offline",
    "withdrawn",
    "not_needed",
]

_STATES = "|".join(get_args(TaskState))
_ITEM = r"[a-z][a-z0-9_]{0,63}"
AFTER = rf"^(?:{_ITEM}:ended|(?:{_ITEM}:)?(?:{_STATES}))$"
"""A state of the task itself, or an item with a state or `ended`."""

After = Annotated[str, Field(pattern=AFTER)]


class ExemptionSchema(Shape):
    """When an item is not needed, and why."""

    condition: Cel
    text: TextSchema
    basis: BasisSchema


class AskSchema(Shape):
    """Something the family does while an office works: `kind` is confirm, pay, collect, read…

    `after` is a state of its own task, or of another item: `hukou_registration:completed`,
    `hukou_registration:ended` for whatever way it came to its end.
    """

    kind: Id
    after: After
    title: TextSchema
    text: TextSchema
    button: TextSchema
    blocks: bool = False
    basis: BasisSchema


class MaterialSchema(Shape):
    """材料. `waived: true` needs no upload because `register` gives it.

    `when` asks for it only if that holds; the same id in several items is asked for once. `kind`:
    a `scan` is enough, the `original` is shown, or a `form` is filled in and signed.
    """

    title: TextSchema
    waived: bool
    register_id: Id | None = Field(default=None, alias="register")
    when: Cel | None = None
    hint: TextSchema | None = None
    kind: Literal["scan", "original", "form"] | None = None
    basis: BasisSchema


class ResultSchema(Shape):
    """A value the office gives back; `fact` when it becomes a fact of the case.

    `check` names a check of the core, `check_with` the facts it compares with, by parameter.
    """

    title: TextSchema
    kind: Kind
    required: bool = True
    fact: Id | None = None
    code_list: Id | None = None
    check: Id | None = None
    check_with: dict[Id, FactNameSchema] = {}


class RetentionSchema(Shape):
    """保管期限: `permanent: true`, or `years`; with the clause or the decision that says so."""

    permanent: Literal[True] | None = None
    years: Annotated[int, Field(ge=1, le=200)] | None = None
    basis: BasisSchema | None = None
    decision: Label | None = None

    @model_validator(mode="after")
    def _one_term_with_its_ground(self) -> "RetentionSchema":
        if (self.permanent is None) == (self.years is None):
            raise ValueError("permanent、years 只写一个")
        if (self.basis is None) == (self.decision is None):
            raise ValueError("basis、decision 只写一个")
        return self


class ItemSchema(Shape):
    """事项, one per key of items.yaml.

    Each entry of `requires` is an item, or a list of which one is enough, that must be chosen too.
    """

    title: TextSchema
    summary: TextSchema
    office_kind: Id
    office_fact: Id
    scope: Literal["family", "newborn"]
    choice: Literal["always", "default", "optional"]
    needs: list[Id] = []
    requires: list[Id | Annotated[list[Id], Field(min_length=1)]] = []
    payload: list[Id] = []
    limits: list[LimitSchema] = []
    materials: dict[Id, MaterialSchema] = {}
    results: dict[Id, ResultSchema] = {}
    on_refusal: Literal["continue", "stop_remaining"]
    basis: BasisSchema
    exemptions: dict[Id, ExemptionSchema] = {}
    asks: dict[Id, AskSchema] = {}
    part_of: Id | None = None
    applied_for: bool = True
    review_points: list[TextSchema] = []
    way_offline: TextSchema | None = None
    retention: RetentionSchema | None = None


class RuleSchema(Shape):
    """One atomic condition of eligibility, one per key of rules.yaml.

    `from` and `until` (exclusive) are days of application outside which it is not judged.
    """

    kind: Literal["condition", "exclusion", "window", "readiness"]
    scope: Literal["family", "newborn"] = "family"
    title: TextSchema
    condition: Cel
    met: TextSchema
    failed: TextSchema
    way_on: TextSchema
    basis: Annotated[list[BasisSchema], Field(min_length=1)]
    repair: TextSchema | None = None
    registers: list[Id] = []
    from_on: date | None = Field(default=None, alias="from")
    until_on: date | None = Field(default=None, alias="until")

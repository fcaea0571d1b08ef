"""事项与规则: the shapes of items.yaml and rules.yaml."""

from typing import Annotated, Literal

from pydantic import Field

from yijian.packs.schema.texts import BasisSchema, Cel, Id, Kind, LimitSchema, Shape, TextSchema

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


class ExemptionSchema(Shape):
    """When an item is not needed, and why."""

    condition: Cel
    text: TextSchema
    basis: BasisSchema


class AskSchema(Shape):
    """Something the family does while an office works: `kind` is confirm, pay, collect, read…"""

    kind: Id
    after: TaskState
    title: TextSchema
    text: TextSchema
    button: TextSchema
    blocks: bool = False
    basis: BasisSchema


class MaterialSchema(Shape):
    """材料. `waived: true` needs no upload because `register` gives it."""

    title: TextSchema
    waived: bool
    register_id: Id | None = Field(default=None, alias="register")
    basis: BasisSchema


class ResultSchema(Shape):
    """A value the office gives back; `fact` when it becomes a fact of the case."""

    title: TextSchema
    kind: Kind
    required: bool = True
    fact: Id | None = None
    code_list: Id | None = None
    check: Id | None = None


class ItemSchema(Shape):
    """事项, one per key of items.yaml."""

    title: TextSchema
    summary: TextSchema
    office_kind: Id
    office_fact: Id
    scope: Literal["family", "newborn"]
    choice: Literal["always", "default", "optional"]
    needs: list[Id] = []
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


class RuleSchema(Shape):
    """One atomic condition of eligibility, one per key of rules.yaml."""

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

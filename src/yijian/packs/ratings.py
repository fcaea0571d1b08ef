"""评价规则: ratings.yaml of a pack, or of its nearest base, becomes the rules of ratings and orders.

The file of a place takes the place of the base's as a whole: reasons and limits belong together.
"""

import json
from datetime import date
from pathlib import Path
from string import Formatter
from typing import Annotated, Literal

from pydantic import Field, ValidationError, model_validator

from yijian.domain.ratings import Dimension, Level, OrderLimits, RatingReason, RatingRules
from yijian.domain.wording import Text
from yijian.packs.complaints import findings_of
from yijian.packs.findings import Finding, PackError, Place
from yijian.packs.nodes import Node, plain, read_file
from yijian.packs.reading import line_of_bases
from yijian.packs.schema import Shape
from yijian.packs.schema.texts import Id, Label, TextSchema

NAME = "ratings.yaml"
OTHER = "other"
VARIABLES = frozenset({"link", "number"})
Days = Annotated[int, Field(ge=1, le=400)]
Kind = Literal["bad_rating", "complaint", "suggestion", "question"]


class StandardSchema(Shape):
    """A clause of a standard: evidence for values, never copied."""

    document: Label
    clause: Label


class RatingDecisionSchema(Shape):
    """An open decision where no document says anything."""

    on: date
    question: TextSchema
    decided: TextSchema


class LevelsSchema(Shape):
    """The five grades by their national code."""

    basis: StandardSchema
    titles: dict[Literal["1", "2", "3", "4", "5"], TextSchema] = Field(min_length=5)


class DimensionSchema(Shape):
    """A side of the service that may be graded of its own."""

    title: TextSchema
    online: bool
    at_window: bool


class DimensionsSchema(Shape):
    """The dimensions, by id, in the order they are asked."""

    basis: StandardSchema
    entries: dict[Id, DimensionSchema]


class LimitsSchema(Shape):
    """Working days until an order is assigned, answered, and answered at the latest."""

    assign_workdays: Days
    finish_workdays: Days
    extended_workdays: Days

    @model_validator(mode="after")
    def _in_order(self) -> "LimitsSchema":
        if not self.assign_workdays <= self.finish_workdays <= self.extended_workdays:
            raise ValueError("转办、办结、延期后的时限应当一个比一个长")
        return self


class AnsweredSchema(Shape):
    """What is sent to a family, or to whoever has left a phone, when an order is answered."""

    family: TextSchema
    public: TextSchema

    @model_validator(mode="after")
    def _with_the_way_there(self) -> "AnsweredSchema":
        for text in (self.family, self.public):
            for words in filter(None, (text.zh, text.en)):
                if {name for _, name, _, _ in Formatter().parse(words) if name} - VARIABLES:
                    raise ValueError("消息里只能用 {link} 和 {number}")
                if "{link}" not in words:
                    raise ValueError("消息里要有 {link}，收到的人才能点开看")
        return self


class RatingsSchema(Shape):
    """ratings.yaml."""

    decisions: dict[Label, RatingDecisionSchema]
    levels: LevelsSchema
    reasons: dict[Id, TextSchema] = Field(min_length=1)
    reasons_decision: Label
    dimensions: DimensionsSchema
    open_days: Days
    append_days: Days
    limits: dict[Kind, LimitsSchema] = Field(min_length=4)
    limits_decision: Label
    answered: AnsweredSchema


def load(packs_dir: Path, code: str) -> RatingRules:
    """The rules of the pack `code`: its own, or those of the nearest base; PackError when wrong."""
    line = line_of_bases(packs_dir, code)
    nearest = next((each for each in reversed(line) if (packs_dir / each / NAME).is_file()), None)
    if nearest is None:
        raise PackError([Finding(Place(f"{line[0]}/{NAME}"), "没有好差评规则这个文件")])
    name = f"{nearest}/{NAME}"
    tree = read_file(packs_dir / nearest / NAME, name)
    try:
        schema = RatingsSchema.model_validate_json(json.dumps(plain(tree)))
    except ValidationError as error:
        raise PackError(findings_of(error, tree, RatingsSchema)) from None
    _check_decisions(schema, tree)
    return _rules(schema)


def _check_decisions(schema: RatingsSchema, tree: Node) -> None:
    findings = [
        Finding(tree.at([key]), f"decisions 里没有“{named}”")
        for key, named in (
            ("reasons_decision", schema.reasons_decision),
            ("limits_decision", schema.limits_decision),
        )
        if named not in schema.decisions
    ]
    if findings:
        raise PackError(findings)


def _rules(schema: RatingsSchema) -> RatingRules:
    return RatingRules(
        levels={
            Level(int(code)): Text(title.zh, title.en)
            for code, title in sorted(schema.levels.titles.items())
        },
        reasons={
            name: RatingReason(name, Text(text.zh, text.en), asks_words=name == OTHER)
            for name, text in schema.reasons.items()
        },
        dimensions=tuple(
            Dimension(name, Text(each.title.zh, each.title.en), each.online, each.at_window)
            for name, each in schema.dimensions.entries.items()
        ),
        open_days=schema.open_days,
        append_days=schema.append_days,
        limits={
            kind: OrderLimits(each.assign_workdays, each.finish_workdays, each.extended_workdays)
            for kind, each in schema.limits.items()
        },
        answered={
            "family": Text(schema.answered.family.zh, schema.answered.family.en),
            "public": Text(schema.answered.public.zh, schema.answered.public.en),
        },
    )

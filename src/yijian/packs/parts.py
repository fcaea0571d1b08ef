"""小部件: texts, bases and limits of a checked document as domain values."""

from collections.abc import Sequence

from yijian.domain.policy import Limit
from yijian.domain.wording import Basis, Text
from yijian.packs.schema import BasisSchema, LimitSchema, TextSchema


def text(schema: TextSchema) -> Text:
    """The sentence; Chinese stands in where the English is missing, so no page is ever blank."""
    return Text(schema.zh, schema.en or schema.zh)


def optional_text(schema: TextSchema | None) -> Text | None:
    """The sentence, when there is one."""
    return None if schema is None else text(schema)


def basis(schema: BasisSchema) -> Basis:
    """The basis of one value."""
    return Basis(schema.document, schema.clause)


def bases(schemas: Sequence[BasisSchema]) -> tuple[Basis, ...]:
    """Several bases, in order."""
    return tuple(basis(schema) for schema in schemas)


def limit(schema: LimitSchema) -> Limit:
    """One dated limit."""
    return Limit(
        basis=basis(schema.basis),
        from_on=schema.from_on,
        workdays=schema.workdays,
        days=schema.days,
        hours=schema.hours,
        decision=schema.decision,
        without_mailing=bool(schema.without_mailing),
        since=schema.since,
    )


def optional_limit(schema: LimitSchema | None) -> Limit | None:
    """The limit, when there is one."""
    return None if schema is None else limit(schema)

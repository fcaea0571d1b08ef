"""填报: a family's answers, each checked against the field of the pack that asks for it."""

from collections.abc import Mapping
from datetime import datetime

from yijian.domain.cases import Case
from yijian.domain.context import Context, RefusedError
from yijian.domain.facts import FactKey
from yijian.domain.names import name_fault
from yijian.domain.policy import FactKind

Triple = tuple[str, int, object]
"""A fact's id, its subject and its value, as events carry them."""


def changed_answers(
    case: Case, answers: Mapping[FactKey, object], context: Context, now: datetime
) -> list[Triple]:
    """The answers that differ from what is kept, each checked against its field."""
    changed: list[Triple] = []
    for (fact, subject), value in answers.items():
        _check_answer(case, fact, subject, value, context, now)
        before = case.answers.get((fact, subject))
        if (before.value if before else None) != value:
            changed.append((fact, subject, value))
    return changed


def _check_answer(
    case: Case, fact: str, subject: int, value: object, context: Context, now: datetime
) -> None:
    try:
        field = context.pack.form_field(fact)
    except KeyError:
        raise RefusedError("unknown_field", fact) from None
    if subject not in context.subjects(case, fact):
        raise RefusedError("unknown_field", fact)
    if value is None:
        return
    fact_type = context.pack.facts[fact]
    code_list = context.pack.code_lists.get(fact_type.code_list or "")
    if fact_type.kind is FactKind.CODE and code_list and value not in code_list.entries:
        raise RefusedError("not_an_option", fact)
    if fact_type.kind is FactKind.NAME:
        if name_fault(str(value)) is not None:
            raise RefusedError("name_not_allowed", fact)
    elif field.offered is not None:
        offered = field.offered.value(context.filled(case, subject, now))
        if isinstance(offered, list | tuple) and value not in offered:
            raise RefusedError("not_an_option", fact)

"""填报: a family's answers, each checked against the field of the pack that asks for it."""

import re
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from yijian.domain.cases import Case
from yijian.domain.context import Context, RefusedError
from yijian.domain.facts import FactKey
from yijian.domain.names import name_fault
from yijian.domain.policy import FactKind

_CODE = re.compile(r"[A-Za-z0-9-]{1,20}")
"""What may stand in a journal as an office: a code, and no words that somebody typed."""
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


def recorded(values: Iterable[Triple], hours: int | None) -> dict[str, object]:
    """What the journal tells of a birth's record: the hospital, and whether it came within `hours`.

    Nothing where the values are no such record. The first birth of several counts.
    """
    known = {fact: value for fact, _, value in sorted(values, key=_by_subject, reverse=True)}
    told: dict[str, object] = {}
    code = known.get("institution_code")
    if isinstance(code, str) and _CODE.fullmatch(code):
        told["institution"] = code
    born_at, at = known.get("newborn_born_at"), known.get("delivery_recorded_at")
    if hours is not None and isinstance(born_at, datetime) and isinstance(at, datetime):
        told["recorded_in_time"] = at - born_at <= timedelta(hours=hours)
    return told


def _by_subject(triple: Triple) -> int:
    return triple[1]

"""办理结果: the values an office gives back, checked against the item and the child."""

from collections.abc import Callable, Mapping
from datetime import date, datetime

from yijian.domain.clocks import local_day
from yijian.domain.context import Context, RefusedError
from yijian.domain.numbers import birth_certificate_fault, citizen_id_fault, newborn_id_fault
from yijian.domain.policy import FactKind, ServiceItem

Triple = tuple[str, int, object]


def checked_result(
    item: ServiceItem, result: Mapping[str, object], values: Mapping[str, object], now: datetime
) -> dict[str, object]:
    """The result's values, normalised; only fields the item knows are kept.

    Errors: RefusedError `result_missing` or `result_wrong`, with the field.
    """
    checked: dict[str, object] = {}
    for field in item.results:
        value = result.get(field.id)
        if value in (None, ""):
            if field.required:
                raise RefusedError("result_missing", field.id)
            continue
        checked[field.id] = _typed(field.kind, value, field.id)
        check = CHECKS.get(field.check or "")
        compared = {name: values.get(fact) for name, fact in field.check_with.items()}
        if check is not None and not check(str(checked[field.id]), compared, local_day(now)):
            raise RefusedError("result_wrong", field.id)
    return checked


def facts_given(
    item: ServiceItem, result: Mapping[str, object], newborn: int, context: Context
) -> list[Triple]:
    """The facts of the case that a result makes known."""
    return [
        (field.fact, context.key(field.fact, newborn)[1], result[field.id])
        for field in item.results
        if field.fact is not None and field.id in result
    ]


def _typed(kind: FactKind, value: object, field: str) -> object:
    try:
        if kind is FactKind.NUMBER:
            return int(str(value))
        if kind is FactKind.DATE and not isinstance(value, date):
            return date.fromisoformat(str(value))
        if kind is FactKind.MOMENT and not isinstance(value, datetime):
            moment = datetime.fromisoformat(str(value))
            if moment.tzinfo is None:
                raise ValueError("a moment needs a time zone")
            return moment
        if kind is FactKind.YES_NO and not isinstance(value, bool):
            raise ValueError("not a yes or no")
    except ValueError:
        raise RefusedError("result_wrong", field) from None
    return value.strip() if isinstance(value, str) else value


def _certificate(number: str, compared: Mapping[str, object], today: date) -> bool:
    return birth_certificate_fault(number) is None


def _citizen_id(number: str, compared: Mapping[str, object], today: date) -> bool:
    return citizen_id_fault(number, today) is None


def _newborn_id(number: str, compared: Mapping[str, object], today: date) -> bool:
    born_at, sex = compared.get("born_at"), compared.get("sex")
    if not isinstance(born_at, datetime) or not isinstance(sex, str):
        return False
    return newborn_id_fault(number, local_day(born_at), sex, today) is None


CHECKS: Mapping[str, Callable[[str, Mapping[str, object], date], bool]] = {
    "birth_certificate_number": _certificate,
    "citizen_id_number": _citizen_id,
    "newborn_id_number": _newborn_id,
}
"""The checks a result field of a pack may name, given the facts of its `check_with`."""

COMPARED: Mapping[str, frozenset[str]] = {"newborn_id_number": frozenset({"born_at", "sex"})}
"""What a check compares with: the parameters that `check_with` must fill."""

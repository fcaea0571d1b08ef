"""A second, independent CEL engine behind the same questions: the golden cases must agree.

It is cel-python, pure Python and a hundred times slower; it knows no types before it is asked. What
it raises for a missing fact becomes unknown here as well.
"""

import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

import celpy
from celpy import celtypes
from celpy.evaluation import CELEvalError

from yijian.domain.policy import FactKind
from yijian.packs import functions
from yijian.packs.functions import midnight

_UNKNOWN = re.compile(r"\bunknown\(\s*([a-z][a-z0-9_]*)\s*\)")
_PLAIN: dict[str, Any] = {
    "date": lambda text: celtypes.TimestampType(functions.date_of(str(text))),
    "days_between": lambda a, b: celtypes.IntType(functions.days_between(a, b)),
    "months_between": lambda a, b: celtypes.IntType(functions.months_between(a, b)),
    "years_between": lambda a, b: celtypes.IntType(functions.years_between(a, b)),
    "year_of": lambda a: celtypes.IntType(functions.year_of(a)),
    "add_days": lambda a, n: celtypes.TimestampType(functions.add_days(a, int(n))),
    "add_months": lambda a, n: celtypes.TimestampType(functions.add_months(a, int(n))),
    "id_valid": lambda text: celtypes.BoolType(functions.id_valid(str(text))),
    "surname": lambda text: celtypes.StringType(functions.surname(str(text))),
}


class SecondEngine:
    """Conditions over the same facts, evaluated by cel-python."""

    def __init__(self, kinds: Mapping[str, FactKind]) -> None:
        self._kinds = kinds
        self._env = celpy.Environment()

    def holds(self, source: str, facts: Mapping[str, object]) -> bool | None:
        """True, False, or None when a fact it needs is not known."""
        told = _UNKNOWN.sub(lambda found: str(facts.get(found.group(1)) is None).lower(), source)
        program = self._env.program(self._env.compile(told), functions=_PLAIN)
        known = {
            name: _value(self._kinds[name], facts[name])
            for name in self._kinds
            if facts.get(name) is not None
        }
        try:
            answer = program.evaluate(known)
        except CELEvalError as error:
            if "undeclared reference" in str(error):
                return None
            raise
        return bool(answer)


def _value(kind: FactKind, value: Any) -> Any:
    if kind in (FactKind.DATE, FactKind.MOMENT):
        moment = value if isinstance(value, datetime) else midnight(value)
        assert isinstance(value, date)
        return celtypes.TimestampType(moment)
    if kind is FactKind.NUMBER:
        return celtypes.IntType(value)
    if kind is FactKind.YES_NO:
        return celtypes.BoolType(value)
    if kind is FactKind.CODES:
        return celtypes.ListType([celtypes.StringType(each) for each in value])
    return celtypes.StringType(value)

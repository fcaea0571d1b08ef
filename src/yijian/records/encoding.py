"""Typed JSON: a document in which dates, moments and tuples come back as what they were."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import cast

from yijian.domain.facts import Fact, FactKey, Origin

_Group = tuple[str, str, str, str | None, list[list[object]]]


def encode(value: object) -> object:
    """A plain JSON value that `decode` turns back. Errors: TypeError for any other type.

    >>> encode((date(2026, 11, 21), "x"))
    {'$tuple': [{'$date': '2026-11-21'}, 'x']}
    """
    if value is None or isinstance(value, str | bool | int | float):
        return value
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise TypeError("a moment needs a time zone")
        return {"$moment": value.isoformat()}
    if isinstance(value, date):
        return {"$date": value.isoformat()}
    if isinstance(value, tuple):
        return {"$tuple": [encode(each) for each in value]}
    if isinstance(value, list):
        return [encode(each) for each in value]
    if isinstance(value, Mapping):
        return {"$mapping": {str(name): encode(each) for name, each in value.items()}}
    raise TypeError(f"{type(value).__name__} cannot be kept in a document")


def decode(value: object) -> object:
    """What was encoded."""
    if isinstance(value, list):
        return [decode(each) for each in value]
    if not isinstance(value, dict):
        return value
    ((kind, inner),) = value.items()
    if kind == "$moment":
        return datetime.fromisoformat(inner)
    if kind == "$date":
        return date.fromisoformat(inner)
    if kind == "$tuple":
        return tuple(decode(each) for each in inner)
    return {name: decode(each) for name, each in inner.items()}


def encode_facts(facts: Mapping[FactKey, Fact]) -> list[_Group]:
    """Facts grouped by origin, source, time and receipt, which many of them share."""
    groups: dict[tuple[str, str, datetime, str | None], list[list[object]]] = {}
    for (name, subject), fact in facts.items():
        group = groups.setdefault((fact.origin.value, fact.source, fact.at, fact.receipt), [])
        group.append([name, subject, encode(fact.value)])
    return [
        (origin, source, at.isoformat(), receipt, values)
        for (origin, source, at, receipt), values in groups.items()
    ]


def decode_facts(groups: object) -> dict[FactKey, Fact]:
    """What `encode_facts` grouped."""
    facts: dict[FactKey, Fact] = {}
    for origin_name, source, moment, receipt, values in cast(Iterable[_Group], groups):
        origin, at = Origin(origin_name), datetime.fromisoformat(moment)
        for name, subject, value in values:
            plain = decode(value) if isinstance(value, list | dict) else value
            facts[str(name), cast(int, subject)] = Fact(plain, origin, source, at, receipt)
    return facts

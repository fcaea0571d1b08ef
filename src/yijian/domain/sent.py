"""转来事项: one task as another node sent it, read out of the data of its message."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import cast

from yijian.domain.context import RefusedError
from yijian.domain.events import TaskKey
from yijian.domain.policy import FactKind, Pack

READ = frozenset(
    {
        "task_id", "case_id", "case_number", "item", "newborn", "office", "round", "intent",
        "pack", "newborns", "promised_at", "due_provisional", "applied_at", "applicant", "channel",
        "answered", "fields", "verified",
    }
)  # fmt: skip
"""What is read of a dispatched task; everything else is kept as it came and passed on."""

_CODE = re.compile(r"[A-Za-z][A-Za-z0-9_:.~-]{0,99}")

Triple = tuple[str, int, object]
"""A fact's id, its subject and its value, as events carry them."""


@dataclass(frozen=True, slots=True)
class PackPin:
    """The version of a pack that a case is pinned to at every node."""

    code: str
    version: str
    digest: str


@dataclass(frozen=True, slots=True)
class SentTask:
    """转来事项: one task as its upstream sent it. `fields` and `more` are personal."""

    task_id: str
    case_id: str
    case_number: str
    key: TaskKey
    pack: PackPin
    round: int
    intent: str
    office: str | None
    newborns: int
    due_at: datetime | None
    due_provisional: bool
    applied_at: datetime | None
    applicant: str
    channel: str
    answered: tuple[str, ...]
    verified: frozenset[str]
    fields: Mapping[str, object] = field(repr=False)
    more: Mapping[str, object] = field(repr=False)


def read_sent(data: Mapping[str, object]) -> SentTask:
    """What a message says about a task. Errors: RefusedError `wrong_data` with the key at fault."""
    pin = _mapping(data, "pack")
    promised, applied = data.get("promised_at"), data.get("applied_at")
    return SentTask(
        task_id=_text(data, "task_id"),
        case_id=_text(data, "case_id"),
        case_number=_text(data, "case_number"),
        key=(_text(data, "item"), _number(data, "newborn")),
        pack=PackPin(_text(pin, "code"), _text(pin, "version"), _text(pin, "digest")),
        round=_number(data, "round"),
        intent=_code(data, "intent"),
        office=None if data.get("office") is None else _text(data, "office"),
        newborns=_number(data, "newborns"),
        due_at=None if promised is None else _moment(promised, "promised_at"),
        due_provisional=data.get("due_provisional") is True,
        applied_at=None if applied is None else _moment(applied, "applied_at"),
        applicant=str(data.get("applicant") or ""),
        channel=_code(data, "channel") if data.get("channel") else "online",
        answered=_texts(data, "answered"),
        verified=frozenset(_texts(data, "verified")),
        fields=_mapping(data, "fields"),
        more={name: value for name, value in data.items() if name not in READ},
    )


def value_of(pack: Pack, fact: str, value: object) -> object:
    """A fact's value out of JSON, typed as the pack says.

    Errors: RefusedError `wrong_field` naming the fact.
    """
    kind = pack.facts[fact].kind
    if value is None:
        return None
    if kind is FactKind.MOMENT and isinstance(value, str):
        return _moment(value, fact, "wrong_field")
    if kind is FactKind.DATE and isinstance(value, str):
        try:
            return date.fromisoformat(value)
        except ValueError:
            raise RefusedError("wrong_field", fact) from None
    if not isinstance(value, _TYPES[kind]) or (
        isinstance(value, bool) and kind is not FactKind.YES_NO
    ):
        raise RefusedError("wrong_field", fact)
    return value


_TYPES: Mapping[FactKind, tuple[type, ...]] = {
    FactKind.TEXT: (str,),
    FactKind.NAME: (str,),
    FactKind.CODE: (str,),
    FactKind.NUMBER: (int, float),
    FactKind.YES_NO: (bool,),
    FactKind.CODES: (list,),
    FactKind.DATE: (),
    FactKind.MOMENT: (),
}


def _text(data: Mapping[str, object], name: str) -> str:
    value = data.get(name)
    if not isinstance(value, str) or not value or len(value) > 200:
        raise RefusedError("wrong_data", name)
    return value


def _code(data: Mapping[str, object], name: str) -> str:
    """A word for machines, which stands in public columns."""
    value = _text(data, name)
    if not _CODE.fullmatch(value):
        raise RefusedError("wrong_data", name)
    return value


def _number(data: Mapping[str, object], name: str) -> int:
    value = data.get(name)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= 1000:
        raise RefusedError("wrong_data", name)
    return value


def _mapping(data: Mapping[str, object], name: str) -> Mapping[str, object]:
    value = data.get(name)
    if not isinstance(value, Mapping):
        raise RefusedError("wrong_data", name)
    return cast(Mapping[str, object], value)


def _texts(data: Mapping[str, object], name: str) -> tuple[str, ...]:
    value = data.get(name, ())
    if not isinstance(value, list | tuple) or not all(isinstance(each, str) for each in value):
        raise RefusedError("wrong_data", name)
    return tuple(value)


def _moment(value: object, name: str, code: str = "wrong_data") -> datetime:
    try:
        found = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        raise RefusedError(code, name)
    return found

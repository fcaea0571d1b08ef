"""样例移到今天: an example family moved in time, so that it lives now, with the real clock.

Every date of the family moves by the same number of days, those that its facts and answers give
too; the times of day stay. Parents keep the birth dates that the example gives. What must come out
is computed again for the moved family (`packs.rehearsal`): the example's own `expect` speaks of
its own day.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from yijian.domain.clocks import SHANGHAI
from yijian.domain.numbers import check_character
from yijian.packs.families import Family, complete
from yijian.packs.families.schema import FamilySchema, PersonSchema

NUMBER = re.compile(r"\d{17}[\dX]")
DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
MARK = "@"
"""Between an example's name and what makes this family another one than the last time."""


def lively(family: Family, now: datetime, *, mark: str) -> Family:
    """The family as it would be if it applied at this moment; `mark` makes its people its own."""
    model = _with_own_numbers(family.model, f"{mark}/{family.name}")
    applied = datetime.fromisoformat(complete(family)["applied_at"])
    days = (now.astimezone(SHANGHAI).date() - applied.astimezone(SHANGHAI).date()).days
    moved = _moved(model, timedelta(days=days), now)
    if _lies_ahead(moved, now):
        moved = _moved(model, timedelta(days=days - 1), now)
    name = f"{family.name}{MARK}{mark}"
    return Family(moved.model_copy(update={"id": name}), family.tree)


def lives_outside(family: Family) -> bool:
    """Whether the sandbox can be told of this family; facts given directly are for the core."""
    return not family.model.facts


def example_of(family_id: str) -> tuple[str, str]:
    """The example's name and the mark of a family that was made here; the mark may be empty."""
    name, _, mark = family_id.partition(MARK)
    return name, mark


def _with_own_numbers(model: FamilySchema, mark: str) -> FamilySchema:
    """The family with ID numbers of its own where the file gives right ones: no two live alike.

    Place, birthday and sex in a number stay.
    """
    people = (model.mother, model.father, model.representative)
    given = {person.id_number for person in people if person is not None and person.id_number}
    right = [n for n in sorted(given) if NUMBER.fullmatch(n) and check_character(n[:17]) == n[17]]
    if not right:
        return model
    text = model.model_dump_json(exclude_unset=True)
    for number in right:
        drawn = zlib.crc32(f"{mark}/{number}".encode()) % 500 * 2 + int(number[16]) % 2
        first_17 = f"{number[:14]}{drawn:03d}"
        text = text.replace(number, first_17 + check_character(first_17))
    return FamilySchema.model_validate_json(text)


def _moved(model: FamilySchema, by: timedelta, now: datetime) -> FamilySchema:
    delivery, marriage = model.delivery, model.marriage
    changes: dict[str, Any] = {
        "applied_at": now,
        "mother": _person(model.mother, by) if model.mother else None,
        "father": _person(model.father, by) if model.father else None,
        "representative": _person(model.representative, by) if model.representative else None,
        "facts": {name: _value(value, by) for name, value in model.facts.items()},
        "answers": {name: _value(value, by) for name, value in model.answers.items()},
        "newborns": [
            newborn.model_copy(update=_later(newborn, ("born_at", "certificate_collected_on"), by))
            for newborn in model.newborns
        ],
        "script": [
            step.model_copy(update={"result": _results(step.result, by)}) for step in model.script
        ],
    }
    if delivery is not None and "delivery" in model.model_fields_set:
        dated = ("recorded_at", "discharged_on")
        changes["delivery"] = delivery.model_copy(update=_later(delivery, dated, by))
    if marriage is not None and "marriage" in model.model_fields_set:
        changes["marriage"] = marriage.model_copy(update=_later(marriage, ("registered_on",), by))
    return model.model_copy(update=changes)


def _person(person: PersonSchema, by: timedelta) -> PersonSchema:
    return person.model_copy(update=_later(person, ("id_valid_until",), by))


def _later(shape: Any, names: tuple[str, ...], by: timedelta) -> dict[str, object]:
    """The dates that the file gives, moved; what it leaves out stays left out."""
    given = {name: getattr(shape, name) for name in names if name in shape.model_fields_set}
    return {name: value + by for name, value in given.items() if value is not None}


def _value(value: Any, by: timedelta) -> Any:
    """A fact or an answer: days move, all else stays."""
    if isinstance(value, list):
        return [_value(one, by) for one in value]
    if isinstance(value, str) and DAY.fullmatch(value):
        return (date.fromisoformat(value) + by).isoformat()
    return value


def _results(result: Mapping[str, object], by: timedelta) -> dict[str, object]:
    moved = dict(result)
    for name, value in result.items():
        if isinstance(value, str) and name.endswith("_on"):
            moved[name] = (date.fromisoformat(value) + by).isoformat()
    return moved


def _lies_ahead(model: FamilySchema, now: datetime) -> bool:
    """Whether something that has happened would happen only later today."""
    moments = [newborn.born_at for newborn in model.newborns]
    delivery = model.delivery
    if delivery is not None and delivery.recorded_at is not None:
        moments.append(delivery.recorded_at)
    last = max((moment for moment in moments if moment is not None), default=None)
    return last is not None and last + timedelta(hours=3) > now

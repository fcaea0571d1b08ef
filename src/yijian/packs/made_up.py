"""虚构的办理结果: valid values for what an office gives back, the same for the same family.

Nobody's numbers are made here: they are valid by their checksum and stand for no person.
"""

import hashlib
from collections.abc import Mapping
from datetime import datetime

from yijian.domain.clocks import local_day
from yijian.domain.numbers import check_character
from yijian.domain.policy import FactKind, Pack, ResultField


def made_up(
    pack: Pack, item: str, values: Mapping[str, object], seed: str, now: datetime
) -> dict[str, object]:
    """A valid value for every required result of an item, given what is known."""
    return {
        result.id: _value(result, pack, values, f"{seed}/{result.id}", now)
        for result in pack.items[item].results
        if result.required
    }


def _value(
    result: ResultField, pack: Pack, values: Mapping[str, object], seed: str, now: datetime
) -> object:
    number = int.from_bytes(hashlib.sha256(seed.encode()).digest()[:8], "big")
    if result.check == "newborn_id_number":
        compared = {name: values[fact] for name, fact in result.check_with.items()}
        return _citizen_id(compared["born_at"], compared["sex"], values, number)
    if result.check == "citizen_id_number":
        return _citizen_id(now, "1", values, number)
    if result.check == "birth_certificate_number":
        place = str(values.get("born_division") or "340000")
        return f"Z{place[:2]}{number % 10**7:07d}"
    if result.kind is FactKind.CODE and result.code_list in pack.code_lists:
        return next(iter(pack.code_lists[str(result.code_list)].entries))
    made: dict[FactKind, object] = {
        FactKind.DATE: local_day(now).isoformat(),
        FactKind.MOMENT: now.isoformat(),
        FactKind.NUMBER: number % 10_000,
        FactKind.YES_NO: True,
    }
    return made.get(result.kind, f"示例{number % 10**6:06d}")


def _citizen_id(born_at: object, sex: object, values: Mapping[str, object], number: int) -> str:
    assert isinstance(born_at, datetime)
    place = str(values.get("hukou_division") or values.get("born_division") or "340000")
    sequence = number % 500 * 2 + (1 if sex == "1" else 0)
    first_17 = f"{place}{local_day(born_at):%Y%m%d}{sequence:03d}"
    return first_17 + check_character(first_17)

"""证号入库（演示）: the demonstration's hospitals get numbers, down from the highest bureau there is.

Every step is the same as in earnest, written in the same books, only that nobody signs for it.
Repeated at every start: a shelf that has run low is filled up again.
"""

from collections.abc import Iterable
from datetime import datetime

from yijian.actions import number_stock
from yijian.actions.number_stock import holder_of, issuing_kinds, keeping_kinds
from yijian.domain.number_stock import (
    Allotment,
    Level,
    NumberRange,
    next_free,
)
from yijian.domain.routing import Office
from yijian.records import number_stock as rows

LETTER = "D"
"""演 like in 演示: no real certificate of these years bears it."""
SIZES = {Level.PROVINCE: 2_000_000, Level.CITY: 40_000, Level.COUNTY: 8_000, Level.INSTITUTION: 200}
LOW = 80
BY = "system"


def fill(offices: Iterable[Office], *, now: datetime) -> None:
    """Give every institution that works at our desk numbers, if it has few or none."""
    directory = list(offices)
    institutions = [
        office
        for office in directory
        if office.kind in issuing_kinds()
        and office.channel == "desk"
        and office.issues_certificates
    ]
    left = rows.in_stock_counts(offices=[office.code for office in institutions])
    bureaus = [office for office in directory if office.kind in keeping_kinds()]
    for office in institutions:
        if left.get(office.code, 0) < LOW:
            _fill_one(office, _chain(office, bureaus), now)


def _chain(office: Office, bureaus: Iterable[Office]) -> list[Office]:
    """The bureaus above an office, the highest first."""
    taker = holder_of(office)
    above = [bureau for bureau in bureaus if holder_of(bureau).is_above(taker)]
    return sorted(above, key=lambda bureau: list(Level).index(holder_of(bureau).level))


def _fill_one(office: Office, chain: list[Office], now: datetime) -> None:
    if not chain:
        return
    giver = chain[-1]
    size = SIZES[holder_of(office).level]
    parent, first = _room(giver, chain[:-1], size, now)
    run = NumberRange(parent.run.prefix, first, first + size - 1)
    identifier = number_stock.allotted(run, parent.id, giver, office, BY, now)
    number_stock.accepted(identifier, office, [], BY, now)


def _room(giver: Office, above: list[Office], size: int, now: datetime) -> tuple[Allotment, int]:
    """A run of the giver with so many free numbers; from above, or outside, when it has none."""
    runs = rows.runs_of(office=giver.code)
    given = rows.runs_from(parents=[run.id for run in runs])
    for run in runs:
        first = next_free(run, [one for one in given if one.parent == run.id])
        if run.accepted and first is not None and first + size - 1 <= run.run.last:
            return run, first
    if above:
        _fill_one(giver, above, now)
    else:
        _take_in(giver, now)
    return _room(giver, above, size, now)


def _take_in(giver: Office, now: datetime) -> None:
    """The next numbers of the demonstration's letter for the place, after all that are known."""
    prefix = LETTER + giver.division[:2]
    size = SIZES[holder_of(giver).level]
    known = [run.run.last for run in rows.runs_taken_in() if run.run.prefix == prefix]
    first = max(known, default=0) + 1
    number_stock.taken_in(NumberRange(prefix, first, first + size - 1), giver, BY, now)

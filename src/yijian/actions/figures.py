"""统计: counting the sealed journal into cells, and counting all of it again.

Following and recounting ask the same function of the domain, so they must agree: `recount` says
where they do not, and puts it right when told to.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from yijian.domain.figure_lives import offices_named
from yijian.domain.figures import contributions
from yijian.domain.measures import CaseFacts, Figure
from yijian.records import figure_counting as counting
from yijian.records.figure_counting import Told

AT_ONCE = 10_000
"""Journal entries in one transaction."""
CASES_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Difference:
    """出入: a cell that holds something else than the journal says."""

    table: str
    figure: Figure
    stored: int
    counted: int


def follow(*, now: datetime, at_once: int = AT_ONCE) -> int:
    """Count the next part of what is sealed; the entries that were passed, 0 when all is counted.

    The cells and how far they go change in one transaction, so that everything counts exactly once
    however often this is interrupted.
    """
    with transaction.atomic():
        cursor = counting.lock_cursor(wait=False)
        if cursor is None or cursor.sealed < cursor.number:
            return 0
        upto = min(cursor.sealed, cursor.number + at_once)
        if upto > cursor.number:
            counting.add(_changes(counting.news(after=cursor.number, upto=upto)))
        if upto == cursor.sealed:
            counting.advance(number=upto, as_of=now)
        else:
            counting.advance(number=upto, as_of=None)
        return upto - cursor.number


def follow_all(*, now: datetime) -> int:
    """Count everything that is sealed; how many entries that were."""
    counted = 0
    while passed := follow(now=now):
        counted += passed
    return counted


def _changes(told: Sequence[Told]) -> Mapping[Figure, int]:
    """What the new events of cases change in the cells: after them, less what was before."""
    changes: Counter[Figure] = Counter()
    for one, about in _about(told):
        changes.update(contributions(one.events, about))
        if one.before:
            changes.subtract(contributions(one.events[: one.before], about))
    return {figure: count for figure, count in changes.items() if count}


def _about(told: Sequence[Told]) -> Iterable[tuple[Told, CaseFacts]]:
    known = counting.constants(one.case_id for one in told)
    cases = [one for one in told if one.case_id in known]
    named: set[str] = {constants.window for constants in known.values() if constants.window}
    for one in cases:
        named |= offices_named(one.events)
    places = counting.fixed_places(named)
    for one in cases:
        row = known[one.case_id]
        yield one, CaseFacts(row.division, row.pack, places, row.window)


def recount(*, repair: bool, now: datetime) -> list[Difference]:
    """Count the whole sealed journal again and say where the cells differ.

    With `repair` every office counts where the directory says it is now, and the cells become what
    was counted. Nobody counts anything meanwhile; pages go on reading.
    """
    with transaction.atomic():
        cursor = counting.lock_cursor(wait=True)
        assert cursor is not None
        if repair:
            counting.place_anew()
        counting.begin_recount()
        upto = cursor.sealed if repair else cursor.number
        for told in counting.whole_journals(upto=upto, at_once=CASES_AT_ONCE):
            changes: Counter[Figure] = Counter()
            for one, about in _about(told):
                changes.update(contributions(one.events, about))
            counting.add(changes, tables=counting.RECOUNTED)
        differences = [
            Difference(table, figure, stored, counted)
            for table, figure, stored, counted in counting.differences()
        ]
        if repair:
            counting.take_over_recount()
            counting.advance(number=upto, as_of=now)
        return differences

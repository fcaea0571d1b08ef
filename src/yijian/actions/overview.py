"""总览: the cells of the rollup that one page of the console needs, for one level, in few reads.

A level is read along the key of the rollup, whose size does not grow with cases; what the cells say
is worked out in `domain.efficacy`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from yijian.actions import contexts
from yijian.actions.levels import Around, tiles_of
from yijian.domain.clocks import local_day
from yijian.domain.efficacy import FURTHEST_WORKDAYS, Days, Tally, last_days
from yijian.domain.measures import Measure
from yijian.records import figures

WINDOW_DAYS = 30
LATELY_DAYS = 2
"""How many days the health of a register is judged by."""
_DAILY = (Measure.STARTED, Measure.SUBMITTED, Measure.CLOSED, Measure.ENDED)
_FLOWS = (
    Measure.QUEUED, Measure.ENDED, Measure.ENDED_IN_TIME, Measure.ENDED_LATE, Measure.WAITED,
    Measure.RETURNED,
    Measure.REFUSED, Measure.ASKED, Measure.CERTIFICATE, Measure.PAPER, Measure.ZERO_TRIP,
    Measure.MATERIALS_SAVED, Measure.RATED, Measure.DELIVERY_IN_TIME, Measure.FUNNEL,
    Measure.SUBMITTED, Measure.CLOSED, Measure.URGED,
)  # fmt: skip
_COMPARED = (
    Measure.ENDED_IN_TIME, Measure.ENDED_LATE, Measure.ZERO_TRIP, Measure.RATED,
    Measure.MATERIALS_SAVED, Measure.SUBMITTED, Measure.CLOSED, Measure.DELIVERY_IN_TIME,
)  # fmt: skip
_OF_A_PLACE = (Measure.SUBMITTED, Measure.CLOSED, Measure.ENDED_IN_TIME, Measure.ENDED_LATE)


@dataclass(frozen=True, slots=True)
class Overview:
    """总览: one level in a period, as cells: what stands now, what happened, what did before."""

    around: Around
    today: date
    as_of: datetime | None
    days: Days
    daily: Tally
    flows: Tally
    flows_before: Tally
    cases_before: Tally
    standing: Tally
    parcels: Tally
    below: Tally
    below_open: Tally
    below_late: Tally
    hospitals: Tally
    lately: Tally
    workdays: int
    coming: tuple[date, ...]


def overview(*, around: Around, days: Days | None = None, now: datetime) -> Overview:
    """What the console shows of a level: for a period, or for the last thirty days.

    What stands open is always as it is now.
    """
    today = local_day(now)
    span = days or last_days(today, WINDOW_DAYS)
    here = [around.level.scope]
    before = span.before()
    below = _below(around)
    calendar = contexts.calendar()
    return Overview(
        around=around,
        today=today,
        as_of=figures.as_of(),
        days=span,
        daily=_read(here, Days(before.since, span.until), _DAILY),
        flows=_totals(here, span, _FLOWS),
        flows_before=_totals(here, before, _COMPARED),
        cases_before=Tally(
            figures.totals(
                scopes=here, since=before.since, until=before.until,
                measures=[Measure.WAITED], items=[""],
            )
        ),
        standing=_read(here, Days(date.min, date.max), (Measure.OPEN, Measure.WARNED)),
        parcels=_totals(here, Days(date.min, date.max), (Measure.PARCEL,)),
        below=_totals(below, span, _OF_A_PLACE),
        below_open=_totals(below, Days(date.min, date.max), (Measure.OPEN,)),
        below_late=_totals(below, Days(date.min, today), (Measure.OPEN,)),
        hospitals=_totals(_offices(around), span, (Measure.DELIVERY_IN_TIME,)),
        lately=_totals(here, last_days(today, LATELY_DAYS), (Measure.ASKED,)),
        workdays=sum(calendar.is_workday(day) for day in span.each() if day <= today),
        coming=_coming(today),
    )  # fmt: skip


def _below(around: Around) -> list[str]:
    """Every scope one step down, and those that have a tile."""
    scopes = [one.scope for one in (*around.places, *around.offices)]
    return list(dict.fromkeys([*scopes, *tiles_of(around.level)]))


def _offices(around: Around) -> list[str]:
    if around.level.kind == "office":
        return [around.level.scope]
    return list(figures.offices_below(around.level.scope))


def _coming(today: date) -> tuple[date, ...]:
    """The working days from today on, as far as anything is foretold."""
    calendar = contexts.calendar()
    ahead = (today + timedelta(days=n) for n in range(2 * FURTHEST_WORKDAYS))
    return tuple(day for day in ahead if calendar.is_workday(day))[:FURTHEST_WORKDAYS]


def _read(scopes: Sequence[str], days: Days, measures: Sequence[Measure]) -> Tally:
    return Tally(figures.read(scopes=scopes, since=days.since, until=days.until, measures=measures))


def _totals(scopes: Sequence[str], days: Days, measures: Sequence[Measure]) -> Tally:
    return Tally(
        figures.totals(scopes=scopes, since=days.since, until=days.until, measures=measures)
    )

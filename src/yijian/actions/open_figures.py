"""公开统计: a month's figures of every place and item as the public may see them."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from yijian.actions import levels
from yijian.actions.levels import Level
from yijian.domain.clocks import local_day
from yijian.domain.durations import quantile
from yijian.domain.efficacy import WITH_A_RESULT, Cell, Tally
from yijian.domain.measures import Measure
from yijian.domain.open_figures import FEWEST, shown_all, shown_share
from yijian.domain.ratings import Level as Grade
from yijian.domain.reports import Month, last_months
from yijian.records import figures

MONTHS = 24
DAY_SECONDS = 86400
_OF_PLACES = (
    Measure.SUBMITTED, Measure.CLOSED, Measure.ENDED_IN_TIME, Measure.ENDED_LATE,
    Measure.ZERO_TRIP, Measure.MATERIALS_SAVED,
)  # fmt: skip
_OF_ITEMS = (
    Measure.ENDED,
    Measure.ENDED_IN_TIME,
    Measure.ENDED_LATE,
    Measure.WAITED,
    Measure.RATED,
)


@dataclass(frozen=True, slots=True)
class OpenLine:
    """公开行: a place or item with what is told of it; None where it may not be told.

    `half_days` is the median in days of what was done. Shares are between 0 and 1.
    """

    level: Level | None
    item: str
    submitted: int | None
    closed: int | None
    materials_saved: int | None
    in_time: float | None
    zero_trip: float | None
    half_days: float | None
    rated: int | None
    satisfied: float | None


@dataclass(frozen=True, slots=True)
class OpenMonth:
    """公开月: the whole, its places and its items in one month that is over."""

    month: Month
    whole: OpenLine
    places: tuple[OpenLine, ...]
    items: tuple[OpenLine, ...]


def months(now: datetime) -> tuple[Month, ...]:
    """The months that are published: those that are over, newest first."""
    return last_months(now, MONTHS + 1)[1:]


def of_month(*, month: Month, now: datetime) -> OpenMonth | None:
    """A month's figures; None for a month that is not over or too long ago."""
    if month not in months(now):
        return None
    node = levels.level_of("")
    assert node is not None
    placed = [level for level, _row, _column in levels.tiles_of(node).values()]
    scopes = ["", *(level.scope for level in placed)]
    since, until = local_day(month.starts_at), local_day(month.ends_at)

    def read(scopes: list[str], measures: Sequence[Measure], items: Sequence[str] = ()) -> Tally:
        return Tally(
            figures.totals(scopes=scopes, since=since, until=until, measures=measures, items=items)
        )

    tally = read(scopes, _OF_PLACES)
    waited, items = read(scopes, [Measure.WAITED], [""]), read([""], _OF_ITEMS)
    told = _counts(tally, [level.scope for level in placed])
    lines = (_place(one, tally, waited, told[one.scope]) for one in placed)
    whole = _counts(tally, [""])[""]
    return OpenMonth(
        month,
        _place(node, tally, waited, whole, rated=items),
        tuple(line for line in lines if line.submitted != 0 or line.closed != 0),
        _items(items),
    )


def _counts(tally: Tally, scopes: Sequence[str]) -> dict[str, tuple[int | None, ...]]:
    """Submitted, closed and materials saved of each scope, as far as they may be told."""
    by = [
        tally.by(Measure.SUBMITTED, lambda cell: cell.scope),
        Tally(c for c in tally.cells(Measure.CLOSED) if c.detail in WITH_A_RESULT).by(
            Measure.CLOSED, lambda cell: cell.scope
        ),
        tally.by(Measure.MATERIALS_SAVED, lambda cell: cell.scope),
    ]
    return shown_all({scope: [counts[scope] for counts in by] for scope in scopes})


def _place(
    level: Level,
    tally: Tally,
    waited: Tally,
    counts: tuple[int | None, ...],
    rated: Tally | None = None,
) -> OpenLine:
    def here(cell: Cell) -> bool:
        return cell.scope == level.scope

    kept, late = _sum(tally, Measure.ENDED_IN_TIME, here), _sum(tally, Measure.ENDED_LATE, here)
    trips = Tally(cell for cell in tally.cells(Measure.ZERO_TRIP) if here(cell))
    grades = rated.by(Measure.RATED, lambda cell: cell.detail) if rated else Counter[str]()
    return OpenLine(
        level,
        "",
        counts[0],
        counts[1],
        counts[2],
        shown_share(kept, kept + late),
        shown_share(trips.sum(Measure.ZERO_TRIP, detail="yes"), trips.sum(Measure.ZERO_TRIP)),
        _half_days(waited.waits("case", here)),
        *_rated(grades),
    )


def _items(tally: Tally) -> tuple[OpenLine, ...]:
    done = Tally(c for c in tally.cells(Measure.ENDED) if c.detail == "completed").by(
        Measure.ENDED, lambda cell: cell.item
    )
    told = shown_all({item: [count] for item, count in done.items()})
    return tuple(_item(item, tally, told[item][0]) for item, _count in done.most_common())


def _item(item: str, tally: Tally, done: int | None) -> OpenLine:
    def of_it(cell: Cell) -> bool:
        return cell.item == item

    kept, late = _sum(tally, Measure.ENDED_IN_TIME, of_it), _sum(tally, Measure.ENDED_LATE, of_it)
    grades = Tally(cell for cell in tally.cells(Measure.RATED) if of_it(cell))
    return OpenLine(
        None,
        item,
        None,
        done,
        None,
        shown_share(kept, kept + late),
        None,
        _half_days(tally.waits("whole", of_it)),
        *_rated(grades.by(Measure.RATED, lambda cell: cell.detail)),
    )


def _sum(tally: Tally, measure: Measure, chosen: Callable[[Cell], bool]) -> int:
    return sum(cell.count for cell in tally.cells(measure) if chosen(cell))


def _half_days(waits: Mapping[int, int]) -> float | None:
    """The median in days; None of too few."""
    half = quantile(waits, 0.5)
    if half is None or sum(waits.values()) < FEWEST:
        return None
    return round(half.total_seconds() / DAY_SECONDS, 1)


def _rated(grades: Counter[str]) -> tuple[int | None, float | None]:
    """How many rated, and the share of the good ones."""
    whole = grades.total()
    good = sum(grades[str(grade.value)] for grade in Grade if not grade.is_bad)
    return (whole if whole >= FEWEST or not whole else None), shown_share(good, whole)

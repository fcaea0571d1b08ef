"""效能: what the console says, worked out from cells of the rollup and nothing else.

Every function takes a `Tally` of figures and gives a small table; a page, a chart, a CSV file and
the monthly report all show that same table. Nothing here counts anything itself.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from itertools import accumulate
from math import ceil
from typing import Protocol, TypeVar

from yijian.domain.durations import lower_end
from yijian.domain.measures import NEVER, Measure
from yijian.domain.states import TaskState

Key = TypeVar("Key")

WITH_A_RESULT = frozenset({"done", "partly", "undone"})
"""Ends of cases that offices worked on, and that nobody took back."""
WITH_FAMILY = TaskState.CORRECTION_NEEDED.value
"""A task in this state waits for its family: its clock stands still, so it is late for nobody."""


@dataclass(frozen=True, slots=True)
class Days:
    """统计期: days from `since` until before `until`.

    >>> week = last_days(date(2026, 11, 21), 7)
    >>> week.since.isoformat(), date(2026, 11, 21) in week, week.before().until == week.since
    ('2026-11-15', True, True)
    """

    since: date
    until: date

    def __contains__(self, day: date) -> bool:
        return self.since <= day < self.until

    def each(self) -> tuple[date, ...]:
        """Every day of it, the first one first."""
        return tuple(self.since + timedelta(days=n) for n in range((self.until - self.since).days))

    def before(self) -> Days:
        """As many days just before it."""
        return Days(self.since - (self.until - self.since), self.since)


def last_days(today: date, count: int) -> Days:
    """`count` days of which `today` is the last."""
    return Days(today - timedelta(days=count - 1), today + timedelta(days=1))


class Cell(Protocol):
    """统计格: how many there are of one measure in a scope on a day, as the rollup has it."""

    @property
    def scope(self) -> str: ...
    @property
    def measure(self) -> str: ...
    @property
    def day(self) -> date: ...
    @property
    def pack(self) -> str: ...
    @property
    def item(self) -> str: ...
    @property
    def detail(self) -> str: ...
    @property
    def count(self) -> int: ...


class Tally:
    """统计册: cells of the rollup, to be summed and grouped."""

    def __init__(self, cells: Iterable[Cell]) -> None:
        self._cells: dict[str, list[Cell]] = {}
        for cell in cells:
            self._cells.setdefault(cell.measure, []).append(cell)

    def cells(self, measure: Measure, days: Days | None = None) -> Iterable[Cell]:
        """The cells of one measure, in a period or altogether."""
        for cell in self._cells.get(measure.value, ()):
            if days is None or cell.day in days:
                yield cell

    def sum(self, measure: Measure, days: Days | None = None, detail: str | None = None) -> int:
        """All of it together, or of one detail."""
        return sum(one.count for one in self.cells(measure, days) if detail in (None, one.detail))

    def by(
        self, measure: Measure, of: Callable[[Cell], Key], days: Days | None = None
    ) -> Counter[Key]:
        """Sums by whatever `of` reads off a cell."""
        found: Counter[Key] = Counter()
        for cell in self.cells(measure, days):
            found[of(cell)] += cell.count
        return found

    def waits(self, step: str, chosen: Callable[[Cell], bool] = lambda _: True) -> Counter[int]:
        """How long one step took, by the number of the bucket, of the cells that are chosen."""
        return self.waits_by(step, chosen).get(True, Counter())

    def waits_by(self, step: str, of: Callable[[Cell], Key]) -> dict[Key, Counter[int]]:
        """How long one step took, by the number of the bucket, for whatever `of` reads off."""
        found: dict[Key, Counter[int]] = {}
        for cell in self.cells(Measure.WAITED):
            name, _, bucket = cell.detail.partition(":")
            if name == step:
                found.setdefault(of(cell), Counter())[int(bucket)] += cell.count
        return found


def share(part: int, whole: int) -> float | None:
    """A part of a whole; None of nothing."""
    return part / whole if whole else None


def mean(waits: Mapping[int, int]) -> timedelta | None:
    """About how long things took, each counted as the middle of its class; None of nothing.

    >>> mean({}), timedelta(hours=23) < mean({20: 3}) < timedelta(hours=30)
    (None, True)
    """
    whole = sum(waits.values())
    if not whole:
        return None
    middles = (
        (lower_end(bucket) + lower_end(bucket + 1)) / 2 * count for bucket, count in waits.items()
    )
    return sum(middles, timedelta()) / whole


@dataclass(frozen=True, slots=True)
class Lights:
    """红黄灯: what stands at one department, item or office, and how what ended kept its time.

    `open` are all under way, `with_family` those of them that wait for the family; the others are
    counted by how many days they are past their due day.
    """

    key: str
    open: int
    with_family: int
    due_today: int
    late_1: int
    late_3: int
    late_more: int
    in_time: int
    ended_late: int
    waits: Counter[int]

    @property
    def late(self) -> int:
        """Everything past its due day."""
        return self.late_1 + self.late_3 + self.late_more

    @property
    def in_time_share(self) -> float | None:
        """Of what ended with a deadline, how much kept it."""
        return share(self.in_time, self.in_time + self.ended_late)


def lights(standing: Tally, ended: Tally, today: date, of: Callable[[Cell], str]) -> list[Lights]:
    """A line for everybody who has something open or ended something; the latest first."""
    columns: dict[str, Counter[str]] = {}
    took = ended.waits_by("whole", of)
    for cell in standing.cells(Measure.OPEN):
        line = columns.setdefault(of(cell), Counter())
        line["open"] += cell.count
        line[_column(cell, today)] += cell.count
    for measure in (Measure.ENDED_IN_TIME, Measure.ENDED_LATE):
        for key, number in ended.by(measure, of).items():
            columns.setdefault(key, Counter())[measure.value] += number
    found = [
        Lights(
            key,
            line["open"],
            line["family"],
            line["today"],
            line["1"],
            line["3"],
            line["more"],
            line[Measure.ENDED_IN_TIME.value],
            line[Measure.ENDED_LATE.value],
            took.get(key, Counter()),
        )
        for key, line in columns.items()
    ]
    return sorted(
        found, key=lambda one: (-one.late_more, -one.late_3, -one.late_1, -one.open, one.key)
    )


def _column(cell: Cell, today: date) -> str:
    """In which column a cell of open tasks stands."""
    if cell.detail == WITH_FAMILY:
        return "family"
    past = (today - cell.day).days
    if past <= 0:
        return "today" if past == 0 else "later"
    return "1" if past == 1 else "3" if past <= 3 else "more"


def late_of(standing: Tally, today: date, of: Callable[[Cell], str]) -> Counter[str]:
    """How much is past its due day, by whatever `of` reads off a cell."""
    found: Counter[str] = Counter()
    for cell in standing.cells(Measure.OPEN):
        if cell.day < today and cell.detail != WITH_FAMILY:
            found[of(cell)] += cell.count
    return found


@dataclass(frozen=True, slots=True)
class FunnelStage:
    """漏斗: one stage of the funnel; `of_first` and `of_before` are its shares."""

    code: str
    cases: int
    of_first: float | None
    of_before: float | None


FIRST_STAGES = ("opened", "eligible", "signed", "submitted")
LAST_STAGE = "closed"


def funnel(tally: Tally, days: Days) -> list[FunnelStage]:
    """How far the cases begun in a period have come: the application, its items, everything."""
    reached = tally.by(Measure.FUNNEL, lambda cell: cell.detail, days)
    items = sorted(
        (code for code in reached if code not in (*FIRST_STAGES, LAST_STAGE)),
        key=lambda code: (-reached[code], code),
    )
    found: list[FunnelStage] = []
    for code in (*FIRST_STAGES, *items, LAST_STAGE):
        # Items run beside each other: each is a share of what was submitted, as is the end.
        before = reached[FIRST_STAGES[min(len(found), len(FIRST_STAGES)) - 1]] if found else 0
        of_first = share(reached[code], reached[FIRST_STAGES[0]])
        found.append(FunnelStage(code, reached[code], of_first, share(reached[code], before)))
    return found


@dataclass(frozen=True, slots=True)
class GivenReason:
    """退件原因: how often something was sent back or refused, and the share of it and all above."""

    key: str
    times: int
    so_far: float


def pareto(times: Mapping[str, int]) -> list[GivenReason]:
    """Reasons by how often they were given, with the share that the first ones make up."""
    ordered = sorted(
        ((key, number) for key, number in times.items() if number > 0),
        key=lambda one: (-one[1], one[0]),
    )
    whole = sum(number for _, number in ordered)
    heights = accumulate(number for _, number in ordered)
    return [
        GivenReason(key, number, height / whole)
        for (key, number), height in zip(ordered, heights, strict=True)
    ]


@dataclass(frozen=True, slots=True)
class RegisterAnswers:
    """共享数据: what the questions to one register came to."""

    register: str
    found: int
    empty: int
    failed: int
    conflict: int

    @property
    def asked(self) -> int:
        """All questions."""
        return self.found + self.empty + self.failed + self.conflict

    @property
    def hit_share(self) -> float | None:
        """Of the questions that were answered, how many found something."""
        return share(self.found + self.conflict, self.asked - self.failed)

    @property
    def failed_share(self) -> float | None:
        """Of all questions, how many were not answered."""
        return share(self.failed, self.asked)


def answers(tally: Tally, named: Callable[[str], str] = str) -> list[RegisterAnswers]:
    """A line for each register that was asked, by its name; those that fail most first."""
    by = tally.by(Measure.ASKED, lambda cell: (named(cell.item), cell.detail))
    found = [
        RegisterAnswers(
            code, *(by[code, said] for said in ("found", "empty", "failed", "conflict"))
        )
        for code in {code for code, _ in by}
    ]
    return sorted(found, key=lambda one: (-(one.failed_share or 0), -one.asked, one.register))


@dataclass(frozen=True, slots=True)
class KeptTime:
    """及时率: how many of something kept its time at one place."""

    key: str
    kept: int
    missed: int

    @property
    def kept_share(self) -> float | None:
        """The share that kept it."""
        return share(self.kept, self.kept + self.missed)


def kept(tally: Tally, measure: Measure, of: Callable[[Cell], str]) -> list[KeptTime]:
    """Yes and no of a measure by place, the worst share first."""
    by = tally.by(measure, lambda cell: (of(cell), cell.detail))
    found = [KeptTime(key, by[key, "yes"], by[key, "no"]) for key in {key for key, _ in by}]
    return sorted(found, key=lambda one: (one.kept_share or 0, -one.missed, one.key))


@dataclass(frozen=True, slots=True)
class Forecast:
    """预计: how long what is open takes at the present speed, and how much of it will be late.

    `per_workday` is how many ended on a working day of late. `clear_after` counts working days;
    None when that is further than can be said. `will_be_late` leaves out what is late already.
    """

    item: str
    open: int
    late: int
    per_workday: float
    clear_after: int | None
    will_be_late: int


FURTHEST_WORKDAYS = 60


def forecast(
    due: Mapping[str, Mapping[date, int]],
    ended: Mapping[str, int],
    workdays: int,
    today: date,
    coming: Sequence[date],
) -> list[Forecast]:
    """For each item: what is open by due day, done in that order at the speed of late.

    `ended` were done in the last `workdays` working days; `coming` are the working days from
    today on. Those that wait for their family are not to be given.
    """
    found = [
        _forecast(item, days, Fraction(ended.get(item, 0), max(workdays, 1)), today, coming)
        for item, days in due.items()
        if sum(days.values())
    ]
    return sorted(found, key=lambda one: (-one.will_be_late - one.late, -one.open, one.item))


def _forecast(
    item: str, days: Mapping[date, int], speed: Fraction, today: date, coming: Sequence[date]
) -> Forecast:
    whole = sum(days.values())
    before = 0
    will_be_late = 0
    for day in sorted(days):
        if today <= day < NEVER:
            # As many as the working days until the due day can take; the queue before comes first.
            worked = sum(one <= day for one in coming)
            room = max(int(worked * speed) - before, 0) if worked < len(coming) else days[day]
            will_be_late += max(days[day] - room, 0)
        before += days[day]
    clear = ceil(whole / speed) if speed else None
    after = clear if clear is not None and clear <= len(coming) else None
    late = sum(number for day, number in days.items() if day < today)
    return Forecast(item, whole, late, float(speed), after, will_be_late)


def open_by_due(standing: Tally) -> dict[str, Counter[date]]:
    """What offices have to do, by item and due day; what waits for families is left out."""
    found: dict[str, Counter[date]] = {}
    for cell in standing.cells(Measure.OPEN):
        if cell.detail != WITH_FAMILY:
            found.setdefault(cell.item, Counter())[cell.day] += cell.count
    return found

"""月报: what the report of one scheme for one month says, from counts that name nobody.

The report of a month that is over never changes: it is dated to the first moment after the month.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from yijian.domain.clocks import SHANGHAI, local_day
from yijian.domain.paperwork_lists import Row
from yijian.domain.paperwork_words import day_text
from yijian.domain.policy import Pack
from yijian.domain.wording import Text

FEWEST = 5
"""A reason of fewer families is not counted out: somebody could be recognised by it."""
NONE = "/"
_NOBODY = Text("待分派", "not routed yet")
_MONTH = Text("{year}年{month}月", "{year}-{month:02d}")
_SO_FAR = Text("{month}（截至{day}）", "{month} (until {day})")
_DAYS = Text("{days:.1f} 天", "{days:.1f} days")

Worded = Callable[[str, str], str]
"""From an item and the code of a reason to words: the same words for all codes not known here."""


@dataclass(frozen=True, order=True, slots=True)
class Month:
    """月份: one month in Shanghai. `number` counts from 1.

    >>> Month(2026, 1).before(), Month(2026, 12).ends_at.isoformat()
    (Month(year=2025, number=12), '2027-01-01T00:00:00+08:00')
    """

    year: int
    number: int

    @property
    def starts_at(self) -> datetime:
        """Its first moment."""
        return datetime(self.year, self.number, 1, tzinfo=SHANGHAI)

    @property
    def ends_at(self) -> datetime:
        """The first moment after it."""
        return (self.starts_at + timedelta(days=32)).replace(day=1)

    def before(self) -> "Month":
        """The month before this one."""
        return month_of(self.starts_at - timedelta(days=1))

    def __str__(self) -> str:
        return f"{self.year:04d}-{self.number:02d}"


@dataclass(frozen=True, slots=True)
class ItemCount:
    """What one office did about one item in a month.

    `received` began in the month; the others ended in it: `done` with a result, `not_done` refused
    or handed to the counter. `late` of the `limited` that had a deadline ended after it.
    `seconds` is how long the `timed` ones took from coming in to their end, together.
    """

    item: str
    office: str
    received: int = 0
    done: int = 0
    not_done: int = 0
    late: int = 0
    limited: int = 0
    timed: int = 0
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class MonthCounts:
    """月度统计: the cases and tasks of one scheme in one month.

    `reasons` says by item and code how many tasks were not done for it, and of how many families.
    """

    submitted: int
    closed: int
    withdrawn: int
    tasks: tuple[ItemCount, ...]
    reasons: Mapping[tuple[str, str], tuple[int, int]]


def month_of(moment: datetime) -> Month:
    """The month of a moment in Shanghai."""
    day = local_day(moment)
    return Month(day.year, day.month)


def last_months(now: datetime, count: int) -> tuple[Month, ...]:
    """The month of `now` and those before it, newest first."""
    months = [month_of(now)]
    while len(months) < count:
        months.append(months[-1].before())
    return tuple(months)


def made_at(month: Month, now: datetime) -> datetime:
    """The date of a report: when its month was over, or `now` while it is not."""
    return min(month.ends_at, now)


def given_of(
    counts: MonthCounts,
    pack: Pack,
    month: Month,
    now: datetime,
    language: str,
    *,
    place: str,
    offices: Mapping[str, Text],
    worded: Worded,
) -> dict[str, str | Sequence[Row]]:
    """The values and lists of the document `monthly_report`."""
    return {
        "service": pack.service_title.in_language(language),
        "place": place,
        "period": _period(month, now, language),
        "submitted": str(counts.submitted),
        "closed": str(counts.closed),
        "withdrawn": str(counts.withdrawn),
        "on_time": _in_time(counts.tasks),
        "items": _item_rows(counts.tasks, pack, language),
        "offices": _office_rows(counts.tasks, offices, language),
        "reasons": _reason_rows(counts.reasons, worded),
    }


def _period(month: Month, now: datetime, language: str) -> str:
    words = _MONTH.in_language(language).format(year=month.year, month=month.number)
    if now >= month.ends_at:
        return words
    day = day_text(local_day(now), language)
    return _SO_FAR.in_language(language).format(month=words, day=day)


def _in_time(tasks: Iterable[ItemCount]) -> str:
    """The share of ended tasks with a deadline that kept it, rounded down: 100% means all."""
    whole = _sum("", "", tasks)
    if not whole.limited:
        return NONE
    permille = (whole.limited - whole.late) * 1000 // whole.limited
    return f"{permille / 10:.1f}%"


def _item_rows(tasks: Sequence[ItemCount], pack: Pack, language: str) -> list[Row]:
    """A row for every item of the scheme in its order, then what earlier versions had."""
    codes = [*pack.items, *sorted({one.item for one in tasks} - set(pack.items))]
    rows: list[Row] = []
    for code in codes:
        one = _sum(code, "", (task for task in tasks if task.item == code))
        mean = NONE
        if one.timed:
            days = one.seconds / one.timed / timedelta(days=1).total_seconds()
            mean = _DAYS.in_language(language).format(days=days)
        item = pack.items.get(code)
        title = item.title.in_language(language) if item else code
        counted = (one.received, one.done, one.not_done, one.late)
        rows.append((title, *map(str, counted), mean))
    return rows


def _office_rows(
    tasks: Sequence[ItemCount], offices: Mapping[str, Text], language: str
) -> list[Row]:
    """A row for every office that had something to do, by its code; what no office has, last."""
    rows: list[Row] = []
    for code in sorted({one.office for one in tasks}, key=lambda code: (not code, code)):
        one = _sum("", code, (task for task in tasks if task.office == code))
        title = offices.get(code, Text(code, code) if code else _NOBODY)
        if one.received or one.done or one.late:
            counted = (one.received, one.done, one.late)
            rows.append((title.in_language(language) or title.zh, *map(str, counted)))
    return rows


def _reason_rows(reasons: Mapping[tuple[str, str], tuple[int, int]], worded: Worded) -> list[Row]:
    """The most frequent reason first, the rare ones in no telling order.

    One family may be refused several items for one reason, so items are not added up to judge
    whether a reason is rare: at least one item must have enough families.
    """
    times: Counter[str] = Counter()
    families: Counter[str] = Counter()
    for (item, code), (tasks, of_families) in reasons.items():
        words = worded(item, code)
        times[words] += tasks
        families[words] = max(families[words], of_families)
    often = {words for words, count in families.items() if count >= FEWEST}
    ordered = sorted(times, key=lambda words: (-times[words] if words in often else 0, words))
    return [(words, str(times[words]) if words in often else f"<{FEWEST}") for words in ordered]


def _sum(item: str, office: str, tasks: Iterable[ItemCount]) -> ItemCount:
    whole = ItemCount(item, office)
    for one in tasks:
        whole = replace(
            whole,
            received=whole.received + one.received,
            done=whole.done + one.done,
            not_done=whole.not_done + one.not_done,
            late=whole.late + one.late,
            limited=whole.limited + one.limited,
            timed=whole.timed + one.timed,
            seconds=whole.seconds + one.seconds,
        )
    return whole

"""推演与实际: what a simulation foresaw beside what the figures say since the version is in force.

Both are shares, because a simulation looks at other families than those that then came.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from yijian.domain.durations import quantile
from yijian.domain.measures import Measure
from yijian.domain.simulated import Cell, Found, half_within
from yijian.domain.simulating import ACTS, AFTER
from yijian.domain.small_cells import SMALLEST, shown

Figures = Mapping[tuple[str, str, str], int]
"""Counts by measure, item and detail."""

_CASE = "case:"
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Foreseen:
    """预计与实际: one share, as it was foreseen and as it is; None when it cannot be shown.

    `what` is `fit`, `refused`, `alone` (with a rule as `key`) or `load` (with an item).
    """

    what: str
    key: str
    foreseen: float | None
    actual: float | None

    @property
    def difference(self) -> float | None:
        """How far it came out otherwise; None when one of the two is missing."""
        if self.foreseen is None or self.actual is None:
            return None
        return self.actual - self.foreseen


def compared(found: Found, figures: Figures) -> list[Foreseen]:
    """Every share of a simulation beside the same share of the figures."""
    judged = _plus(found.get(("answer", "yes", AFTER), 0), found.get(("answer", "no", AFTER), 0))
    fit = found.get(("answer", "yes", AFTER), 0)
    eligible = {detail: figures.get((Measure.ELIGIBLE, "", detail), 0) for detail in ("yes", "no")}
    came = sum(eligible.values())
    rows = [Foreseen("fit", "", _share(fit, judged), _real(eligible["yes"], came))]
    for rule in _rules(found, figures):
        for what, count, measure in (
            ("refused", "refuses", Measure.TURNED_AWAY),
            ("alone", "alone", Measure.TURNED_AWAY_ALONE),
        ):
            foreseen = _share(found.get(("rule", rule, count, AFTER), 0), judged)
            actual = _real(figures.get((measure, "", rule), 0), came)
            if foreseen or actual:
                rows.append(Foreseen(what, rule, foreseen, actual))
    submitted = _sum(figures, Measure.SUBMITTED)
    items = dict.fromkeys(key[1] for key in found if key[0] == "item")
    for item in items:
        foreseen = _share(found.get(("item", item, ACTS, AFTER), 0), fit)
        rows.append(Foreseen("load", item, foreseen, _real(figures_of(figures, item), submitted)))
    return rows


def figures_of(figures: Figures, item: str) -> int:
    """The tasks of one item that came to an office."""
    return figures.get((Measure.QUEUED, item, ""), 0)


def half_days(found: Found, figures: Figures) -> tuple[int | None, float | None]:
    """Within how many working days half of the families are promised to be done, and in how many
    days half of the closed cases were.
    """
    waited: Counter[int] = Counter()
    for (measure, _item, detail), count in figures.items():
        if measure == Measure.WAITED and detail.startswith(_CASE):
            waited[int(detail.removeprefix(_CASE))] += count
    if sum(waited.values()) < SMALLEST:
        return half_within(found).after, None
    half = quantile(waited, 0.5)
    return half_within(found).after, None if half is None else half / _DAY


def _rules(found: Found, figures: Figures) -> Iterable[str]:
    foreseen = [key[1] for key in found if key[0] == "rule"]
    met = [detail for measure, _item, detail in figures if measure == Measure.TURNED_AWAY]
    return [rule for rule in dict.fromkeys((*foreseen, *met)) if rule]


def _sum(figures: Figures, measure: Measure) -> int:
    return sum(count for (name, _item, _detail), count in figures.items() if name == measure)


def _plus(one: Cell, other: Cell) -> Cell:
    return None if one is None or other is None else one + other


def _share(part: Cell, whole: Cell) -> float | None:
    return None if part is None or not whole else part / whole


def _real(part: int, whole: int) -> float | None:
    """A share of real families, as it may be shown."""
    return _share(shown(part), shown(whole))

"""方案之间、试点: how a scheme stands beside others, and what of it is not online yet."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from yijian.domain.wording import Basis, Text


@dataclass(frozen=True, slots=True)
class Alongside:
    """两案并行: which scheme leads where this one and the pack `other` both fit a family.

    `choice` says whether the family may choose; `reason` is what it reads.
    """

    other: str
    leads: bool
    choice: bool
    reason: Text
    decision: str | None = None


@dataclass(frozen=True, slots=True)
class Switch:
    """试点开关: what is not online in some places on some days, with the sentence that says so.

    No `items`: the whole service. No `divisions`: everywhere the pack serves. `until_on` is the
    first day on which it no longer holds; None until changed.
    """

    id: str
    items: tuple[str, ...]
    divisions: tuple[str, ...]
    from_on: date
    until_on: date | None
    text: Text
    basis: Basis | None = None
    decision: str | None = None

    def is_on(self, day: date) -> bool:
        """Whether it holds on that day somewhere."""
        return self.from_on <= day and (self.until_on is None or day < self.until_on)

    def reaches(self, division: str | None) -> bool:
        """Whether it holds at that place; of a place not known only what holds everywhere."""
        return not self.divisions or (division is not None and covers(self.divisions, division))


def covers(divisions: Iterable[str], division: str) -> bool:
    """Whether one of `divisions` is `division` or lies above it.

    >>> covers(["350300"], "350302"), covers(["350302"], "350300")
    (True, False)
    """
    return any(division.startswith(stem(code)) for code in divisions)


def stem(division: str) -> str:
    """A division code without the zero pairs that mean "the whole of".

    >>> stem("340000"), stem("340100"), stem("340104")
    ('34', '3401', '340104')
    """
    while division.endswith("00"):
        division = division[:-2]
    return division

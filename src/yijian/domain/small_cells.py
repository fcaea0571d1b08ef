"""小数隐藏: counts of families as they may be shown, so that no number points at one of them.

Fewer than five are not shown at all, and everything else in steps of five: who subtracts two
tables, or two runs that differ by one family, learns nothing about it.
"""

from dataclasses import dataclass

SMALLEST = 5
STEP = 5


def shown(count: int) -> int | None:
    """The count as it may be shown; None when it is hidden.

    >>> [shown(count) for count in (0, 1, 4, 5, 7, 8, 1004)]
    [0, None, None, 5, 5, 10, 1005]
    """
    if 0 < count < SMALLEST:
        return None
    return STEP * ((count + STEP // 2) // STEP)


def shown_or_few(count: int) -> int | None:
    """The count where even a first one would point at somebody: none and few look the same.

    >>> [shown_or_few(count) for count in (0, 1, 4, 5, 8)]
    [None, None, None, 5, 10]
    """
    return shown(count) or None


@dataclass(frozen=True, slots=True)
class Share:
    """比例: the share of a whole, worked out from shown counts alone; perhaps only its lower end."""

    value: float
    at_least: bool = False


def shown_share(rest: int, whole: int) -> Share | None:
    """The share of all but `rest`; None of too few. Of a hidden rest only that it is small.

    >>> shown_share(2, 4), shown_share(1, 5), shown_share(0, 103), shown_share(6, 22)
    (None, None, Share(value=0.95, at_least=True), Share(value=0.75, at_least=False))
    """
    all_of_it, part = shown_or_few(whole), shown_or_few(rest)
    if all_of_it is None or all_of_it <= SMALLEST:
        return None
    if part is None:
        return Share(1 - SMALLEST / all_of_it, at_least=True)
    return Share(max(0.0, 1 - part / all_of_it))

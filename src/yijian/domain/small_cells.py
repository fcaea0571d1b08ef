"""小数隐藏: counts of families as they may be shown, so that no number points at one of them.

Fewer than five are not shown at all, and everything else in steps of five: who subtracts two
tables, or two runs that differ by one family, learns nothing about it.
"""

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

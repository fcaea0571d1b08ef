"""用时分档: how long things took, in fixed classes, so that a median can be read off counts.

A class is half an octave of minutes wide: what is read off is right within a fifth. The classes
never change, because counts of one day are added to those of another.
"""

from collections.abc import Mapping
from datetime import timedelta
from math import floor, log2

CLASSES_AN_OCTAVE = 2
LAST = 45
"""More than ten years; everything longer counts there."""


def bucket_of(taken: timedelta) -> int:
    """The class of a time; class 0 is less than a minute and a half.

    >>> bucket_of(timedelta(0)), bucket_of(timedelta(minutes=60)), bucket_of(timedelta(days=1))
    (0, 11, 20)
    """
    minutes = taken / timedelta(minutes=1)
    return 0 if minutes <= 1 else min(floor(log2(minutes) * CLASSES_AN_OCTAVE), LAST)


def lower_end(bucket: int) -> timedelta:
    """The shortest time of a class.

    >>> lower_end(11) <= timedelta(minutes=60) < lower_end(12)
    True
    """
    return timedelta(minutes=2 ** (bucket / CLASSES_AN_OCTAVE)) if bucket else timedelta()


def quantile(counts: Mapping[int, int], share: float) -> timedelta | None:
    """The time that `share` of the counted ones kept, read between the ends of its class.

    None when nothing was counted.

    >>> quantile({}, 0.5), lower_end(20) <= quantile({20: 3, 11: 1}, 0.9) <= lower_end(21)
    (None, True)
    """
    wanted = sum(counts.values()) * share
    if wanted <= 0:
        return None
    passed = 0
    for bucket in sorted(counts):
        here = counts[bucket]
        if here > 0 and passed + here >= wanted:
            start, end = lower_end(bucket), lower_end(bucket + 1)
            return start + (end - start) * ((wanted - passed) / here)
        passed += here
    return lower_end(max(counts) + 1)

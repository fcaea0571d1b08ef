"""公开统计: counts as the public sees them, so that nobody can be recognised by a small one.

Figures are published by whole months only: from one day to the next a single family would show.
"""

from collections.abc import Mapping, Sequence
from typing import TypeVar

FEWEST = 5
"""A smaller count is not shown."""
Key = TypeVar("Key")


def shown(counts: Mapping[Key, int]) -> dict[Key, int | None]:
    """Counts of the parts of a whole, None where one is too small to be told.

    When only one is hidden it could be found from the whole and the others; then the smallest of
    those is hidden too.

    >>> shown({"a": 120, "b": 3, "c": 40, "d": 0})
    {'a': 120, 'b': None, 'c': None, 'd': 0}
    >>> shown({"a": 120, "b": 3, "c": 4})
    {'a': 120, 'b': None, 'c': None}
    """
    hidden = {key for key, count in counts.items() if 0 < count < FEWEST}
    rest = [key for key, count in counts.items() if count >= FEWEST]
    if len(hidden) == 1 and rest:
        hidden.add(min(rest, key=lambda key: counts[key]))
    return {key: None if key in hidden else count for key, count in counts.items()}


def shown_all(counts: Mapping[Key, Sequence[int]]) -> dict[Key, tuple[int | None, ...]]:
    """The same for several columns, each of its own.

    >>> shown_all({"a": (9, 7), "b": (6, 2), "c": (8, 8)})
    {'a': (9, None), 'b': (6, None), 'c': (8, 8)}
    """
    columns = zip(*counts.values(), strict=True)
    told = [shown(dict(zip(counts, column, strict=True))) for column in columns]
    return {key: tuple(column[key] for column in told) for key in counts}


def shown_share(part: int, whole: int) -> float | None:
    """A share in whole percents; None of too few, and where either side of it is too small.

    >>> shown_share(190, 200), shown_share(3, 4), shown_share(198, 200), shown_share(200, 200)
    (0.95, None, None, 1.0)
    """
    if whole < FEWEST or 0 < part < FEWEST or 0 < whole - part < FEWEST:
        return None
    return round(part / whole, 2)

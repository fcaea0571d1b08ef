"""示意格图: where the tile of each place stands, for a picture of an area without a map.

A pack folder may have `tiles.csv` (division, row, column, counted from one). Places that no folder
lays out stand in rows, in the order of their codes. No outline of anything is drawn or kept.
"""

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path

NAME = "tiles.csv"
IN_A_ROW = 8

Layout = Mapping[str, tuple[int, int]]
"""Row and column of each division."""


def load(packs_dir: Path) -> tuple[Layout, ...]:
    """The layouts of all pack folders."""
    return tuple(_layout(path) for path in sorted(packs_dir.glob(f"*/{NAME}")))


def _layout(path: Path) -> Layout:
    with path.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file)
        return {row["code"]: (int(row["row"]), int(row["column"])) for row in rows}


def places_of(divisions: Sequence[str], layouts: Sequence[Layout]) -> Layout:
    """Row and column of each of these divisions: as a layout has them all, else one after another.

    Empty rows and columns at the edges are left out.

    >>> places_of(["340100", "340200"], [{"340100": (4, 3), "340200": (5, 3), "310000": (5, 8)}])
    {'340100': (1, 1), '340200': (2, 1)}
    >>> places_of(["110101", "110102"], [])
    {'110101': (1, 1), '110102': (1, 2)}
    """
    for layout in layouts:
        if divisions and all(code in layout for code in divisions):
            rows = min(layout[code][0] for code in divisions) - 1
            columns = min(layout[code][1] for code in divisions) - 1
            return {c: (layout[c][0] - rows, layout[c][1] - columns) for c in divisions}
    return {
        code: (number // IN_A_ROW + 1, number % IN_A_ROW + 1)
        for number, code in enumerate(sorted(divisions))
    }

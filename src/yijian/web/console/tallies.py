"""计数表: tables of counts as pages, papers and spreadsheets show them, with bars beside.

A hidden count says that it is hidden; a bar never says what its number does not.
"""

import csv
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.http import HttpResponse
from django.utils.translation import gettext

from yijian.domain.simulated import Cell, Pair
from yijian.domain.small_cells import SMALLEST
from yijian.web.console.grids import LEADING

NUMBER = re.compile(r"[+-]?\d+(\.\d+)?", re.ASCII)
LONGEST = 150
"""The longest bar in pixels of the drawing."""


@dataclass(frozen=True, slots=True)
class Line:
    """一行: what is counted, its numbers as texts, and how long its bars are, in drawing pixels."""

    head: str
    cells: Sequence[str]
    about: str = ""
    url: str = ""
    tone: str = ""
    bars: Sequence[int] = ()


@dataclass(frozen=True, slots=True)
class Tally:
    """计数表: `name` is its code in addresses; `bars` are the words for its bars, top to bottom."""

    name: str
    title: str
    heads: Sequence[str]
    lines: Sequence[Line]
    note: str = ""
    bars: Sequence[str] = ()

    @property
    def longest(self) -> int:
        """How wide the drawing of a bar is."""
        return LONGEST

    @property
    def height(self) -> int:
        """How high the drawing of a line's bars is."""
        return 9 * len(self.bars)


def number(count: Cell) -> str:
    """A count in words of its own."""
    return gettext("不足 %(few)s") % {"few": SMALLEST} if count is None else f"{count:,}"


def change(pair: Pair) -> str:
    """By how much a count changes, with its sign."""
    difference = pair.difference
    if difference is None:
        return "—"
    return "0" if difference == 0 else f"{difference:+,}".replace("-", "−")


def share(part: Cell, whole: Cell) -> str:
    """A share in percent; a dash where one of the two is not shown."""
    if part is None or not whole:
        return "—"
    return f"{100 * part / whole:.1f}%"


def pair_cells(pair: Pair) -> list[str]:
    """Before, after, and by how much."""
    return [number(pair.before), number(pair.after), change(pair)]


def pair_heads() -> list[str]:
    """The heads of such cells."""
    return [gettext("现行"), gettext("草案"), gettext("变化")]


def lengths(pairs: Iterable[Sequence[Cell]]) -> list[list[int]]:
    """The bars of every line, the longest as long as a bar can be; hidden counts have none."""
    known = [[count or 0 for count in line] for line in pairs]
    most = max((count for line in known for count in line), default=0) or 1
    return [[_length(count, most) for count in line] for line in known]


def _length(count: int, most: int) -> int:
    return max(1, round(LONGEST * count / most)) if count else 0


def as_csv(tally: Tally, name: str) -> HttpResponse:
    """The same numbers as a file for a spreadsheet."""
    response = HttpResponse("\ufeff", content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}-{tally.name}.csv"'
    response["X-Content-Type-Options"] = "nosniff"
    out = csv.writer(response)
    out.writerow([_plain(head) for head in tally.heads])
    for line in tally.lines:
        out.writerow([_plain(text) for text in (line.head, *line.cells)])
    return response


def _plain(text: str) -> str:
    """A text that no spreadsheet takes for a formula, and a number without its commas."""
    bare = text.replace(",", "").replace("−", "-")
    if NUMBER.fullmatch(bare):
        return bare.lstrip("+")
    return f"'{text}" if text.startswith(LEADING) else text

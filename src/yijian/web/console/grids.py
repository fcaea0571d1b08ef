"""表格: the tables of the console's lists, as rows of cells, and the same rows as CSV."""

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.http import HttpResponse

LEADING = ("=", "+", "-", "@", "\t", "\r")
"""A spreadsheet takes a cell that begins so for a formula."""


@dataclass(frozen=True, slots=True)
class Cell:
    """单元格: a text, perhaps with a link, and a tone that its words say too."""

    text: str
    url: str = ""
    tone: str = ""
    style: str = ""


@dataclass(frozen=True, slots=True)
class Grid:
    """表: its name, the heads of its columns, and its rows."""

    title: str
    heads: Sequence[str]
    rows: Sequence[Sequence[Cell]]


def grid(title: str, heads: Sequence[str], rows: Iterable[Sequence[Cell | str]]) -> Grid:
    """A table; a text alone is a cell without anything else."""
    return Grid(
        title,
        heads,
        [[c if isinstance(c, Cell) else Cell(str(c)) for c in row] for row in rows],
    )


def as_csv(found: Grid, name: str) -> HttpResponse:
    """The same table as a file for a spreadsheet."""
    response = HttpResponse("\ufeff", content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    out = csv.writer(response)
    out.writerow(found.heads)
    for row in found.rows:
        out.writerow([_plain(cell.text) for cell in row])
    return response


def _plain(text: str) -> str:
    return f"'{text}" if text.startswith(LEADING) else text

"""表格: the tables of the console's lists, as rows of cells, and the same rows as CSV."""

import csv
import io
import logging
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse, StreamingHttpResponse
from django.utils.translation import gettext

_log = logging.getLogger(__name__)

LEADING = ("=", "+", "-", "@", "\t", "\r")
"""A spreadsheet takes a cell that begins so for a formula."""
LINES_OF_A_PART = 200


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
    rows = ([cell.text for cell in row] for row in found.rows)
    return HttpResponse(_written(found.heads, rows), **_file(name))


def streamed_csv(
    heads: Sequence[str], rows: Iterable[Sequence[str]], name: str
) -> StreamingHttpResponse:
    """A table of any length as such a file: what is read first leaves first.

    The answer has begun when something breaks, and a server ends it as if it were whole: the file
    itself says in its last line that it is not.
    """
    broken = gettext("文件没有写完，请重新下载")
    return StreamingHttpResponse(_told(_written(heads, rows), broken), **_file(name))


def _told(parts: Iterable[str], broken: str) -> Iterator[str]:
    try:
        yield from parts
    except Exception as fault:
        # Its words could hold what a row holds.
        _log.error("a table broke off: %s", type(fault).__name__)
        yield f"\r\n{broken}\r\n"


def _file(name: str) -> dict[str, Any]:
    disposition = f'attachment; filename="{name}.csv"'
    return {
        "content_type": "text/csv; charset=utf-8",
        "headers": {"Content-Disposition": disposition},
    }


def _written(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """The file in parts of a few hundred lines."""
    part = io.StringIO()
    out = csv.writer(part)
    part.write("\ufeff")
    out.writerow(heads)
    for number, row in enumerate(rows, start=1):
        out.writerow([_plain(text) for text in row])
        if number % LINES_OF_A_PART == 0:
            yield part.getvalue()
            part.seek(0)
            part.truncate()
    yield part.getvalue()


def _plain(text: str) -> str:
    return f"'{text}" if text.startswith(LEADING) else text

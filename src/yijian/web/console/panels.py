"""图表块: one table of the console, the chart drawn of it, and what it says in a sentence.

The chart is made from the rows of the table and from nothing else; page, CSV file and printed
report show the same rows.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from django.utils.translation import gettext

from yijian.documents.charts import Spec, with_words
from yijian.records.charts import Drawing
from yijian.web.console.grids import Cell, Grid
from yijian.web.console.supervision_words import number

Line = list[Cell | str]
"""One row of a table."""
NUMBER = "num"
"""The style of a cell that holds a number."""
WIDE, NARROW = 600, 490
"""How wide charts are, in the units of their letters."""
MOST_LINES = 40
"""How many rows a table has on paper; its file has all."""
MOST_BARS = 8
"""How many bars a chart has; its table has all."""


@dataclass(frozen=True, slots=True)
class Panel:
    """图表块: a named table, perhaps with a chart of it.

    `summary` is the sentence that says what the chart shows; `note` how the numbers are to be read.
    """

    name: str
    grid: Grid
    summary: str = ""
    note: str = ""
    spec: Spec | None = None
    drawing: Drawing | None = None
    csv_url: str = ""

    @property
    def heads(self) -> list[tuple[str, str]]:
        """The heads of the columns, each standing where the cells of its column stand."""
        styles = [cell.style for cell in self.grid.rows[0]] if self.grid.rows else []
        return [
            (head, NUMBER if styles[place : place + 1] and NUMBER in styles[place] else "")
            for place, head in enumerate(self.grid.heads)
        ]

    @property
    def title(self) -> str:
        """The title of its table."""
        return self.grid.title


def num(value: float, *, heat: str = "") -> Cell:
    """A number in a cell; `heat` is the class of its ground, which the number says too."""
    return Cell(number(value), style=f"{NUMBER} {heat or ('' if value else 'zero')}".strip())


def right(text: str) -> Cell:
    """A share or a length of time, at the right like a number."""
    return Cell(text, style=NUMBER)


def specs_of(panels: Sequence[Panel]) -> dict[str, Spec]:
    """The charts of panels, each with its title and description for those who do not see it."""
    return {
        panel.name: with_words(panel.spec, title=panel.title, description=panel.summary)
        for panel in panels
        if panel.spec is not None and panel.grid.rows
    }


def shortened(panel: Panel) -> Panel:
    """The panel with the rows that there is room for on paper, and a word about the others."""
    rows = panel.grid.rows
    if len(rows) <= MOST_LINES:
        return panel
    rest = gettext("还有 %(rest)s 行在 CSV 文件里") % {"rest": number(len(rows) - MOST_LINES)}
    note = f"{panel.note}；{rest}" if panel.note else rest
    return replace(panel, grid=replace(panel.grid, rows=rows[:MOST_LINES]), note=note)


def drawn(
    panels: Sequence[Panel], drawings: Mapping[str, Drawing], csv_urls: Mapping[str, str]
) -> dict[str, Panel]:
    """The panels by name, with their drawings and the addresses of their files."""
    return {
        panel.name: replace(
            panel, drawing=drawings.get(panel.name), csv_url=csv_urls.get(panel.name, "")
        )
        for panel in panels
    }

"""声明书: the papers signed beside the form, as the family reads and signs them."""

from collections.abc import Iterable
from dataclasses import dataclass

from yijian.domain.papers import Paper, PaperRow
from yijian.web.applicant.values import Row, worded
from yijian.web.templatetags.masks import mask_id_number


@dataclass(frozen=True, slots=True)
class PaperCard:
    """A paper on a page: its title, its words and its rows."""

    id: str
    title: str
    text: str
    rows: tuple[Row, ...]


def cards_of(papers: Iterable[Paper], *, masked: bool = False) -> list[PaperCard]:
    """The papers in the language of the page; `masked` hides ID numbers from who looks over."""
    return [
        PaperCard(
            paper.id,
            worded(paper.title),
            worded(paper.text),
            tuple(Row(worded(row.label), _value(row, masked)) for row in paper.rows),
        )
        for paper in papers
    ]


def _value(row: PaperRow, masked: bool) -> str:
    hides = masked and row.fact.endswith("_id_number")
    return mask_id_number(row.value.zh) if hides else worded(row.value)

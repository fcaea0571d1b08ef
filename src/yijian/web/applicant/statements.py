"""声明书: the papers signed beside the form, as the family reads, signs and prints them."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.http import Http404, HttpResponse
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from yijian.domain.papers import Paper, PaperRow, papers_of
from yijian.domain.signing import valid_signatures
from yijian.web.applicant.doors import Sitting, family_page
from yijian.web.applicant.values import Row, role_title, shown_day, shown_moment, worded
from yijian.web.pages import show
from yijian.web.rendering import SignatureDrawing
from yijian.web.templatetags.masks import mask_id_number


@dataclass(frozen=True, slots=True)
class PaperCard:
    """A paper on a page: its title, its words, its rows, and where it is printed."""

    id: str
    title: str
    text: str
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Signed:
    """The line of one signer: who, since when, and the drawing when there is one."""

    who: str
    at: str
    drawing: SafeString | str


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


@family_page("GET")
def paper(sitting: Sitting, paper: str) -> HttpResponse:
    """One paper as a sheet to print, with the signatures given so far. Errors: 404."""
    found = next((p for p in papers_of(sitting.case, sitting.context, sitting.now)
                  if p.id == paper), None)  # fmt: skip
    if found is None:
        raise Http404
    return show(
        sitting.request,
        "applicant/paper.html",
        {
            "number": sitting.number,
            "card": cards_of([found])[0],
            "service": worded(sitting.context.pack.service_title),
            "signatures": [_signed(sitting, role) for role in found.signed_by],
            "printed_at": shown_moment(sitting.now),
        },
    )


def _signed(sitting: Sitting, role: str) -> Signed:
    case = sitting.case
    who = role_title(sitting.context, role)
    if role not in valid_signatures(case):
        return Signed(who, "", "")
    signature = case.signatures[role]
    strokes = case.drawings.get(role, "")
    name = str(sitting.context.values(case, 0, sitting.now).get(f"{role}_name", ""))
    drawing = SignatureDrawing(strokes, "").svg() if strokes else gettext("%(name)s（电子签名）") % {
        "name": name
    }  # fmt: skip
    return Signed(who, shown_day(signature.at.date()), drawing)

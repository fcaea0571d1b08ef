"""打印: the form, the papers beside it and the sheets that are signed on paper, each as A4.

A printed sheet shows whole numbers, because it is signed; the clerk's look is in the access log.
"""

from collections.abc import Iterable

from django.http import Http404, HttpResponse
from django.utils.translation import gettext

from yijian.actions import cases
from yijian.domain.papers import papers_of
from yijian.domain.policy import FactKind
from yijian.domain.sheet import SheetRow, sheet
from yijian.domain.signing import required_steps
from yijian.records import access
from yijian.web.applicant.forms import ITEMS_FACT
from yijian.web.applicant.statements import cards_of
from yijian.web.applicant.values import Row, language, phrase, role_title, shown_value, worded
from yijian.web.pages import show
from yijian.web.window.doors import Sitting, window_page
from yijian.web.window.signing import check_words, scheme_title, signature_lines

SHEET_OF = "sheet-"
WHOLE = "full_numbers"


@window_page("GET")
def printed(sitting: Sitting, paper: str) -> HttpResponse:
    """One sheet: "form", "sheet-<role>", or a paper of the scheme. Errors: 404."""
    case, context, now = sitting.case, sitting.context, sitting.now
    steps = required_steps(case, context, now)
    roles = tuple(step.role for step in steps)
    found = next((p for p in papers_of(case, context, now) if p.id == paper), None)
    if found is not None:
        shown: dict[str, object] = {
            "title": worded(found.title),
            "papers": cards_of([found]),
            "lines": signature_lines(sitting, found.signed_by),
        }
    elif paper == "form":
        shown = {
            "title": gettext("申请表"),
            "sections": list(sections(sitting)),
            "promise_title": phrase(context, "commitment_title"),
            "promise": phrase(context, "commitment"),
            "lines": signature_lines(sitting, roles),
        }
    elif paper.removeprefix(SHEET_OF) in roles and paper.startswith(SHEET_OF):
        shown = _sheet_to_sign(sitting, paper.removeprefix(SHEET_OF))
    else:
        raise Http404
    access.note_read(
        by=sitting.user, what=WHOLE, case_id=sitting.opened.loaded.id, purpose="print", now=now
    )
    return show(
        sitting.desk.request,
        "window/printed.html",
        {
            "number": sitting.number,
            "service": scheme_title(sitting),
            "office": worded(sitting.office.title),
            "printed_at": now,
            "back_url": sitting.url("sign"),
            **shown,
        },
    )


def _sheet_to_sign(sitting: Sitting, role: str) -> dict[str, object]:
    """Everything that `role` signs on paper, bound by the code of what was shown."""
    shown = cases.shown(sitting.case, role, sitting.context, sitting.now, language())
    return {
        "title": gettext("签名页（%(who)s）") % {"who": role_title(sitting.context, role)},
        "sections": list(sections(sitting)),
        "papers": cards_of(shown.papers),
        "promise_title": phrase(sitting.context, "commitment_title"),
        "promise": shown.text,
        "lines": signature_lines(sitting, (role,)),
        "check": check_words(shown.digest[:12].upper()),
    }


def sections(sitting: Sitting) -> Iterable[dict[str, object]]:
    """The form's sections with whole values, as an official form has them."""
    for section in sheet(sitting.case, sitting.context, sitting.now):
        rows = [row for cell in section.rows if (row := _row(sitting, cell)) is not None]
        if rows:
            yield {"title": worded(section.title), "rows": rows}


def _row(sitting: Sitting, cell: SheetRow) -> Row | None:
    pack = sitting.context.pack
    if cell.fact == ITEMS_FACT:
        chosen = set(sitting.case.items or sitting.context.preselected())
        titles = [
            worded(item.title)
            for item in pack.items.values()
            if item.part_of is None and item.code in chosen
        ]
        return Row(worded(cell.label), gettext("、").join(titles))
    fact_type = pack.facts[cell.fact]
    if fact_type.kind is FactKind.TEXT and cell.fact.endswith("_id_number"):
        value = str(cell.value or "")
    else:
        value = shown_value(fact_type, cell.value, sitting.context)
    label = worded(cell.label)
    if cell.subject and sitting.case.newborns > 1:
        label = f"{label} {cell.subject}"
    return Row(label, value) if value else None

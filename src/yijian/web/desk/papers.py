"""纸质台账页: an office's sheets in lists, found by number, moved one or many at a time."""

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from yijian.actions import custody as actions
from yijian.domain.clocks import local_day
from yijian.domain.context import RefusedError
from yijian.domain.custody import FAMILY
from yijian.domain.numbers import normal_id_number
from yijian.records import access
from yijian.records import custody as rows
from yijian.records.custody import SheetLine
from yijian.records.people import StaffRole
from yijian.web.applicant.values import shown_moment
from yijian.web.desk.doors import Desk, desk_page
from yijian.web.desk.paper_words import SHEETS, STATES, place_words, refusal_words

PAGE_SIZE = 50
VIEWS = {
    "due": _("到期要移交"),
    "family": _("要交给家长"),
    "here": _("全部在手"),
    "on_the_way": _("移交途中"),
    "gone": _("缺的和遗失的"),
    "all": _("全部"),
}
ACTS = {
    "give": (actions.give_to_family, _("已登记交给家长。")),
    "cut": (actions.cut, _("已登记裁切。")),
    "lost": (actions.report_lost, _("已登记遗失。")),
    "found": (actions.report_found, _("已登记找到，回到台账。")),
}


@desk_page("GET", roles=(StaffRole.STOCK,))
def papers(desk: Desk) -> HttpResponse:
    """One list of the ledger, a page at a time; the most urgent list that is not empty first."""
    office, today = desk.visitor.office or "", local_day(desk.now)
    counts = rows.counts(office=office, on=today)
    urgent = next((name for name in ("gone", "due", "family") if counts[name]), "here")
    view = desk.request.GET.get("view", urgent)
    view = view if view in VIEWS else urgent
    try:
        after = UUID(desk.request.GET.get("after", ""))
    except ValueError:
        after = None
    lines = rows.sheets_in(office=office, view=view, on=today, after=after, limit=PAGE_SIZE + 1)
    more, lines = len(lines) > PAGE_SIZE, lines[:PAGE_SIZE]
    access.note_read(
        by=desk.user, what="papers", case_id=None, purpose=actions.PURPOSE, now=desk.now
    )
    following = urlencode({"view": view, "after": str(lines[-1].id)}) if more else ""
    return desk.page(
        "desk/papers.html",
        {
            "view": view,
            "views": [(name, words, counts[name], name == view) for name, words in VIEWS.items()],
            "title": VIEWS[view],
            "rows": _rows(desk, lines),
            "acts": _acts(view),
            "next_url": f"?{following}" if following else "",
        },
        current="papers",
    )


def _acts(view: str) -> frozenset[str]:
    """Which buttons make sense for a list."""
    if view == "gone":
        return frozenset({"found"})
    return frozenset({"give", "cut", "lost"}) if view in ("family", "here", "due") else frozenset()


def _rows(desk: Desk, lines: list[SheetLine]) -> list[dict[str, Any]]:
    cases = rows.case_numbers(lines)
    return [_row(desk, line, cases.get(line.case_id, "")) for line in lines]


def _row(desk: Desk, line: SheetLine, case: str) -> dict[str, Any]:
    words, tone = STATES[line.paper.state]
    today = local_day(desk.now)
    late = line.plan.due_on is not None and line.plan.due_on < today and _is_here(line)
    stays = line.plan.to == line.issuer
    return {
        "id": line.id,
        "url": reverse("desk_paper", args=[line.id]),
        "number": line.number,
        "sheet": SHEETS[line.paper.sheet],
        "case": case,
        "holder": place_words(line.paper.holder),
        "state": words,
        "tone": tone,
        "cut": line.paper.cut,
        "to_cut": bool(line.plan.cut) and not line.paper.cut,
        "to": gettext("留存") if stays and not line.plan.waits else place_words(line.plan.to),
        "waits": line.plan.waits,
        "due": line.plan.due_on.isoformat() if line.plan.due_on else "",
        "late": late,
        "light": "red" if late else "",
        "issued": shown_moment(line.issued_at),
        "family": line.plan.to == FAMILY,
    }


def _is_here(line: SheetLine) -> bool:
    return line.paper.holder == line.issuer and line.plan.to != line.issuer


@desk_page("POST", roles=(StaffRole.STOCK,))
def find(desk: Desk) -> HttpResponse:
    """The certificate with a number; the number is sent in the body and stands in no address."""
    number = normal_id_number(desk.request.POST.get("number", ""))[:20]
    for row in rows.sheets_with(number=number):
        if desk.visitor.office in (row.issuer, row.holder):
            return HttpResponseRedirect(reverse("desk_paper", args=[row.id]))
    messages.warning(desk.request, gettext("台账里没有这个编号，或者不归本机构管。"))
    return HttpResponseRedirect(reverse("desk_papers"))


@desk_page("GET", roles=(StaffRole.STOCK,))
def paper(desk: Desk, sheet_id: UUID) -> HttpResponse:
    """The three sheets of one certificate, each with every step it has taken."""
    found = rows.rows_by_id([sheet_id])
    office = desk.visitor.office
    if not found or office not in (found[0].issuer, found[0].holder):
        raise access.Refused
    row = found[0]
    access.note_read(
        by=desk.user, what="paper", case_id=row.case_id, purpose=actions.PURPOSE, now=desk.now
    )
    same = [
        line
        for line in rows.sheets_of(row.case_id)
        if (line.item, line.paper.newborn) == (row.item, row.newborn)
        and office in (line.issuer, line.paper.holder)
    ]
    case = rows.case_numbers(same).get(row.case_id, "")
    return desk.page(
        "desk/paper.html",
        {
            "number": same[0].number,
            "case": case,
            "sheets": [
                _row(desk, line, case)
                | {"steps": [_step(step) for step in rows.steps_of(line)]}
                | {"own": line.paper.holder == office, "held": line.paper.state.value == "held"}
                for line in same
            ],
        },
        current="papers",
    )


def _step(step: rows.StepRow) -> dict[str, Any]:
    words, tone = next(pair for state, pair in STATES.items() if state.value == step.state)
    return {
        "at": shown_moment(step.at),
        "holder": place_words(step.holder),
        "state": words,
        "tone": tone,
        "cut": step.mark == "cut",
        "batch": step.batch,
    }


@desk_page("POST", roles=(StaffRole.STOCK,))
def act(desk: Desk) -> HttpResponse:
    """Give, cut, lose or find the ticked sheets."""
    sent = desk.request.POST
    back = sent.get("back", "")
    here = reverse("desk_papers")
    view = f"{here}?{urlencode({'view': back})}" if back in VIEWS else here
    chosen = [UUID(text) for text in sent.getlist("sheet") if _is_id(text)]
    if len(chosen) == 1 and back == "sheet":
        view = reverse("desk_paper", args=[chosen[0]])
    known = ACTS.get(sent.get("do", ""))
    if known is None or not chosen:
        messages.info(desk.request, gettext("请先勾选要登记的各联。"))
        return HttpResponseRedirect(view)
    action, done = known
    try:
        action(by=desk.user, sheet_ids=chosen, now=desk.now)
    except RefusedError as refusal:
        messages.error(desk.request, refusal_words(refusal))
        return HttpResponseRedirect(view)
    messages.success(desk.request, str(done))
    return HttpResponseRedirect(view)


def _is_id(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True

"""移交页: what is due for whom, lists with both signatures, and confirming a list sheet by sheet."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import get_language, gettext

from yijian.actions import handovers as actions
from yijian.actions import training
from yijian.documents.typesetting import typeset
from yijian.domain.clocks import local_day
from yijian.domain.context import RefusedError
from yijian.domain.custody_rules import Sheet
from yijian.domain.documents import (
    Cell,
    Cells,
    Content,
    Paragraph,
    Rows,
    Signatures,
    SignedBy,
)
from yijian.records import access
from yijian.records import custody as rows
from yijian.records.custody import BatchRow, SheetLine
from yijian.records.people import StaffRole
from yijian.web.applicant.values import shown_moment
from yijian.web.desk.doors import Desk, desk_page
from yijian.web.desk.paper_words import (
    BATCH_STATES,
    OUTCOMES,
    SHEETS,
    WAYS,
    place_words,
    refusal_words,
    typed_numbers,
)

MOST_BATCHES = 50
AHEAD = timedelta(days=100)
"""How far ahead a list may be drawn up: the papers of a period can be got ready before its day."""


@desk_page("GET", "POST", roles=(StaffRole.STOCK,))
def overview(desk: Desk) -> HttpResponse:
    """What is due, by destination, and the newest lists; POST draws up a list."""
    if desk.request.method == "POST":
        return _draw_up(desk)
    office, today = desk.visitor.office or "", local_day(desk.now)
    newest = rows.batches_at(office=office, limit=MOST_BATCHES)
    groups = rows.due_groups(office=office, on=today + AHEAD)
    return desk.page(
        "desk/handovers.html",
        {
            "due": [
                {
                    "to": group.goes_to,
                    "title": place_words(group.goes_to),
                    "sheets": group.sheets,
                    "due": group.first_due.isoformat(),
                    "late": group.first_due < today,
                    "today": group.first_due == today,
                }
                for group in groups
            ],
            "on": (today + AHEAD).isoformat(),
            "batches": [_line(desk, one) for one in newest],
        },
        current="handovers",
    )  # fmt: skip


def _line(desk: Desk, batch: BatchRow) -> dict[str, Any]:
    words, tone = BATCH_STATES[batch.state]
    coming = batch.goes_to == desk.visitor.office
    return {
        "id": batch.id,
        "url": reverse("desk_handover", args=[batch.id]),
        "number": batch.number,
        "coming": coming,
        "other": place_words(batch.from_office if coming else batch.goes_to),
        "sheets": batch.sheets,
        "state": words,
        "tone": "bad" if coming and batch.state == "given" else tone,
        "way": WAYS[batch.way],
        "at": shown_moment(batch.given_at or batch.drawn_up_at),
    }


def _draw_up(desk: Desk) -> HttpResponse:
    sent = desk.request.POST
    try:
        on = date.fromisoformat(sent.get("on", ""))
    except ValueError:
        on = local_day(desk.now)
    on = min(on, local_day(desk.now) + AHEAD)
    try:
        batch = actions.draw_up(by=desk.user, goes_to=sent.get("to", ""), on=on, now=desk.now)
    except RefusedError as refusal:
        messages.error(desk.request, refusal_words(refusal))
        return HttpResponseRedirect(reverse("desk_handovers"))
    return HttpResponseRedirect(reverse("desk_handover", args=[batch.id]))


@desk_page("GET", "POST", roles=(StaffRole.STOCK,))
def handover(desk: Desk, batch_id: UUID) -> HttpResponse:
    """One list: its sheets, and what the office can do with it now."""
    batch = _opened(desk, batch_id)
    if desk.request.method == "POST":
        return _act(desk, batch)
    return _page(desk, batch)


def _opened(desk: Desk, batch_id: UUID) -> BatchRow:
    """A list, for who gives it and, once it was given, for who receives it."""
    batch = rows.batch(batch_id)
    office = desk.visitor.office
    on_its_way = batch is not None and batch.state in ("given", "received")
    if batch is None or not (
        office == batch.from_office or (office == batch.goes_to and on_its_way)
    ):
        raise access.Refused
    return batch


def _page(desk: Desk, batch: BatchRow, problem: str = "", status: int = 200) -> HttpResponse:
    office = desk.visitor.office or ""
    lines = _lines(batch)
    access.note_read(by=desk.user, what="papers", case_id=None, purpose=rows.PURPOSE, now=desk.now)
    words, tone = BATCH_STATES[batch.state]
    sent = desk.request.POST
    return desk.page(
        "desk/handover.html",
        {
            "batch": batch,
            "state": words,
            "tone": tone,
            "from_title": place_words(batch.from_office),
            "to_title": place_words(batch.goes_to),
            "way": WAYS[batch.way],
            "given_at": shown_moment(batch.given_at) if batch.given_at else "",
            "received_at": shown_moment(batch.received_at) if batch.received_at else "",
            "lines": [
                line | {"ticked": str(line["id"]) in sent.getlist("sheet")} for line in lines
            ],
            "differences": sum(line["outcome"] in ("missing", "unexpected") for line in lines),
            "gives": batch.state == "drawn_up" and office == batch.from_office,
            "receives": batch.state == "given" and actions.receives(batch, office),
            "for_outside": office == batch.from_office,
            "kinds": SHEETS.items(),
            "typed": sent,
            "problem": problem,
        },
        current="handovers",
        status=status,
    )


def _lines(batch: BatchRow) -> list[dict[str, Any]]:
    """The sheets of a list, differences first, then by number."""
    outcomes = rows.outcomes_of(batch.id)
    sheets = [rows.line_of(row) for row in rows.rows_by_id(outcomes)]
    cases = rows.case_numbers(sheets)
    told = [
        {
            "id": line.id,
            "number": line.number,
            "sheet": SHEETS[line.paper.sheet],
            "case": cases.get(line.case_id, ""),
            "cut": line.paper.cut,
            "outcome": outcomes[line.id],
            "tag": OUTCOMES[outcomes[line.id]][0],
            "tone": OUTCOMES[outcomes[line.id]][1],
            "order": ("missing", "unexpected", "listed", "received").index(outcomes[line.id]),
        }
        for line in sheets
    ]
    return sorted(told, key=lambda line: (line["order"], line["number"], str(line["sheet"])))


def _act(desk: Desk, batch: BatchRow) -> HttpResponse:
    sent, word = desk.request.POST, desk.request.POST.get("do", "")
    try:
        if word == "give":
            way, tracking = sent.get("way", ""), sent.get("tracking", "")
            actions.give(by=desk.user, batch_id=batch.id, way=way, tracking=tracking, now=desk.now)
            messages.success(desk.request, gettext("已交出，等对方逐张签收。"))
        elif word == "cancel":
            actions.cancel(by=desk.user, batch_id=batch.id, now=desk.now)
            messages.success(desk.request, gettext("清单已取消，各联还在台账里。"))
            return HttpResponseRedirect(reverse("desk_handovers"))
        elif word == "receive":
            _receive(desk, batch, sent)
    except RefusedError as refusal:
        return _page(desk, batch, refusal_words(refusal), 422)
    return HttpResponseRedirect(reverse("desk_handover", args=[batch.id]))


def _receive(desk: Desk, batch: BatchRow, sent: Mapping[str, Any]) -> None:
    kind = sent.get("kind", "")
    sheet = Sheet(kind) if kind in set(Sheet) else Sheet.COUNTERFOIL
    received = set()
    for text in desk.request.POST.getlist("sheet"):
        try:
            received.add(UUID(text))
        except ValueError:
            continue
    outcomes = actions.receive(
        by=desk.user,
        batch_id=batch.id,
        received=received,
        also=[(number, sheet) for number in typed_numbers(sent.get("also", ""))],
        receipt=sent.get("receipt", ""),
        now=desk.now,
    )
    wrong = sum(outcome != "received" for outcome in outcomes.values())
    if wrong:
        words = gettext("已签收，有 %(number)s 处差异，列在最前面。") % {"number": wrong}
        messages.warning(desk.request, words)
    else:
        messages.success(desk.request, gettext("已逐张签收，没有差异。"))


@desk_page("GET", roles=(StaffRole.STOCK,))
def printed(desk: Desk, batch_id: UUID) -> HttpResponse:
    """The list on paper, with room for both signatures."""
    batch = _opened(desk, batch_id)
    outcomes = rows.outcomes_of(batch.id)
    lines = [rows.line_of(row) for row in rows.rows_by_id(outcomes)]
    content = list_content(batch, lines, rows.case_numbers(lines))
    pdf = typeset(training.marked(content)).pdf
    response = HttpResponse(pdf, content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="{batch.number}.pdf"'
    return response


def list_content(batch: BatchRow, lines: list[SheetLine], cases: Mapping[UUID, str]) -> Content:
    """交接登记: what the printed list says."""
    lines = sorted(lines, key=lambda line: (line.number, line.paper.sheet))
    day = local_day(batch.given_at or batch.drawn_up_at).isoformat()
    head = (
        gettext("序号"), gettext("证号"), gettext("联"), gettext("裁切"), gettext("办件编号"),
        gettext("签发日期"), gettext("签收"),
    )  # fmt: skip
    table = tuple(
        (
            str(place),
            line.number,
            str(SHEETS[line.paper.sheet]),
            gettext("已裁") if line.paper.cut or line.plan.cut else gettext("未裁"),
            cases.get(line.case_id, ""),
            local_day(line.issued_at).isoformat(),
            "",
        )
        for place, line in enumerate(lines, start=1)
    )
    about = Cells(
        gettext("交接"),
        (
            Cell(gettext("移交单位"), place_words(batch.from_office)),
            Cell(gettext("接收单位"), place_words(batch.goes_to)),
            Cell(gettext("日期"), day),
            Cell(gettext("共"), gettext("%(number)s 联") % {"number": len(lines)}),
            Cell(gettext("方式"), str(WAYS[batch.way]) or gettext("待定")),
            Cell(gettext("运单号"), batch.tracking or "/"),
        ),
    )
    signed = Signatures(
        (
            SignedBy(gettext("移交人（签名）"), "", on=""),
            SignedBy(gettext("接收人（签名）"), "", on=""),
        )
    )
    return Content(
        kind="handover_list",
        layout="list",
        title=gettext("出生医学证明各联交接登记"),
        number=batch.number,
        language="zh" if (get_language() or "zh").startswith("zh") else "en",
        blocks=(
            about,
            Rows(head, table, (1, 3, 2, 2, 5, 3, 2)),
            Paragraph(gettext("接收人逐张核对后在“签收”栏打勾；缺的、多的写明编号。"), "small"),
            signed,
        ),
        watermark="",
        footer="",
        policy=("", "", ""),
        made_at=batch.given_at or batch.drawn_up_at,
    )

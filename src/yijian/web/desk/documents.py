"""文书待处理: what could not be made by itself is made by hand here, or tried again.

Beside them, the documents that the office of a task may take.
"""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from yijian.actions import fetching
from yijian.actions import repairing as actions
from yijian.actions.repairing import InNeed
from yijian.documents.scans import LARGEST_BYTES, ScanError, Unreadable
from yijian.domain.context import Context, RefusedError
from yijian.domain.documents import (
    Block,
    Cell,
    Cells,
    Heading,
    Paragraph,
    QrCode,
    Rows,
    SealPlace,
    Signatures,
    Ticks,
)
from yijian.records import documents
from yijian.records.access import OpenedTask
from yijian.records.documents import Document
from yijian.records.people import StaffRole
from yijian.web.applicant.values import document_title, shown_moment
from yijian.web.desk.doors import Desk, desk_page
from yijian.web.files.links import links
from yijian.web.messages.scans import about_file
from yijian.web.messages.sentences import sentence

PROBLEMS = {
    "missing_glyph": _("有字库里没有的字"),
    "cannot_be_set": _("排版没有成功"),
    "given_up": _("试了几次都没有成功"),
    "no_seal": _("拿不到印章"),
    "not_worded": _("文字没有拼成"),
}
MAKERS = (StaffRole.CLERK, StaffRole.WINDOW)


@desk_page("GET", roles=MAKERS)
def overview(desk: Desk) -> HttpResponse:
    """Every document of this office that needs a person, oldest first."""
    rows = [
        {
            "title": one.title,
            "number": one.number,
            "problem": problem_of(one),
            "since": shown_moment(one.due_at),
            "url": reverse("desk_document", args=[one.id]),
        }
        for one in actions.waiting(by=desk.user)
    ]
    return desk.page("desk/documents.html", {"rows": rows}, current="documents")


def problem_of(one: Document) -> str:
    """Why a person must look, as a sentence."""
    return str(PROBLEMS.get(one.problem, PROBLEMS["given_up"]))


@desk_page("GET", "POST", roles=MAKERS)
def document(desk: Desk, document_id: UUID) -> HttpResponse:
    """What the document is to say; then it is tried again, or a scan takes its place."""
    fault = ""
    if desk.request.method == "POST":
        fault = _act(desk, document_id)
        if not fault:
            return HttpResponseRedirect(reverse("desk_documents"))
    found = actions.look(by=desk.user, document_id=document_id, now=desk.now)
    return desk.page(
        "desk/document.html",
        {
            "document": found.document,
            "case_number": found.number,
            "problem": problem_of(found.document),
            "missing": _missing(found),
            "blocks": [shown(block) for block in found.content.blocks] if found.content else [],
            "may_try": found.document.problem != "not_worded",
            "fault": fault,
        },
        current="documents",
        status=422 if fault else 200,
    )


def _missing(found: InNeed) -> list[dict[str, str]]:
    return [{"sign": sign, "code": f"U+{ord(sign):04X}"} for sign in found.missing]


def _act(desk: Desk, document_id: UUID) -> str:
    """Try again, or keep the scan; the sentence that says why that did not go."""
    try:
        if desk.request.POST.get("do") == "again":
            actions.try_again(by=desk.user, document_id=document_id, now=desk.now)
            messages.success(desk.request, gettext("正在重新生成，好了以后就不在这里了。"))
            return ""
        file = desk.request.FILES.get("file")
        if file is None:
            return gettext("请先选择扫描件。")
        if (file.size or 0) > LARGEST_BYTES:
            raise ScanError(Unreadable.TOO_LARGE)
        actions.attach(by=desk.user, document_id=document_id, data=file.read(), now=desk.now)
        messages.success(desk.request, gettext("手工文书已经收进办件，家庭现在可以看到。"))
    except ScanError as why:
        return about_file(why)
    except RefusedError as refusal:
        return sentence(refusal)
    return ""


def shown(block: Block) -> dict[str, object]:
    """A block as the page shows it: a title, running text, labelled values, or a table."""
    match block:
        case Heading() | Paragraph():
            return {"text": block.text}
        case Cells():
            return {"title": block.title, "pairs": [labelled(each) for each in block.cells]}
        case Ticks():
            return {"pairs": [labelled(block)]}
        case Rows():
            return {"head": block.head, "rows": block.rows}
        case Signatures():
            return {"pairs": [(one.title, one.name) for one in block.signed_by]}
        case SealPlace():
            return {"pairs": [(gettext("盖章"), f"{block.office} {block.on}")]}
        case QrCode():
            return {"text": block.caption}


def labelled(cell: Cell | Ticks) -> tuple[str, str]:
    """A cell's label and value; of a choice, what is ticked."""
    if isinstance(cell, Ticks):
        return cell.label, gettext("、").join(name for name, ticked in cell.options if ticked)
    return cell.label, cell.value


def of_task(desk: Desk, opened: OpenedTask, context: Context) -> list[dict[str, object]]:
    """The documents that the office of this task may take, with their links."""
    task_id = opened.loaded.task_id(opened.key)
    every = documents.of_case(opened.loaded.id)
    back = reverse("desk_task", args=[task_id])
    return [
        {
            "title": document_title(context, one),
            "number": one.number,
            "files": links(desk.user, one, fetching.TASK, str(task_id), back),
        }
        for one in fetching.for_task(every, opened.key, opened.visitor.office or "")
        if one.ready
    ]

"""文书: what the window prints and hands out: the very files the family has on its page."""

from django.http import HttpResponse
from django.utils.translation import gettext

from yijian.actions import documents as actions
from yijian.actions import fetching
from yijian.domain.clocks import local_day
from yijian.domain.context import RefusedError
from yijian.records import documents
from yijian.records.documents import Document
from yijian.web.applicant.values import document_title, shown_day, worded
from yijian.web.files.links import links
from yijian.web.window.doors import Sitting, window_page

ON_DEMAND = ("missing_notice", "ineligible_notice", "materials_receipt")
"""What a clerk may have made before anything has happened that gives rise to it."""
AGAIN_SECONDS = 2


@window_page("GET", "POST")
def all_documents(sitting: Sitting) -> HttpResponse:
    """Every document that stands, with its files; a notice that is asked for is made at once."""
    if sitting.posted:
        kind = sitting.desk.request.POST.get("kind", "")
        if kind not in ON_DEMAND:
            raise RefusedError("nothing_to_say")
        actions.ask_for(by=sitting.user, number=sitting.number, kind=kind, now=sitting.now)
        return sitting.go("documents")
    lines = lines_of(sitting)
    response = sitting.page("window/documents.html", {"documents": lines}, step=sitting.next_step())
    if any(not line["ready"] and not line["stopped"] for line in lines):
        response["Refresh"] = str(AGAIN_SECONDS)
    return response


def lines_of(sitting: Sitting) -> list[dict[str, object]]:
    """The documents this window may take, newest first."""
    found = documents.of_case(sitting.opened.loaded.id)
    return [
        _line(sitting, one) for one in reversed(fetching.for_window(found, sitting.office.code))
    ]


def _line(sitting: Sitting, one: Document) -> dict[str, object]:
    item = sitting.context.pack.items.get(one.item)
    stopped = one.state in (documents.NEEDS_PERSON, documents.FAILED)
    return {
        "title": document_title(sitting.context, one),
        "kind": one.kind,
        "about": worded(item.title) if item else "",
        "number": one.number,
        "day": shown_day(local_day(one.settled_at or one.due_at)),
        "ready": one.ready,
        "stopped": stopped,
        "state": gettext("人工处理中") if stopped else gettext("正在生成"),
        "files": links(
            sitting.user, one, fetching.WINDOW, sitting.number, sitting.url("documents")
        ),
    }

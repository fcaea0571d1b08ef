"""进度查询: how far a case is, for whoever has its number and its code. No login, nobody named.

Number and code are sent in the body and never stand in an address.
"""

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from yijian.actions import contexts
from yijian.domain.policy import Pack
from yijian.domain.states import TaskState
from yijian.domain.statuses import status_text
from yijian.records import status_doors
from yijian.records.access import Refused
from yijian.records.status_doors import Status, StatusLine
from yijian.web.applicant.progress import FINISHED, SHAPES, shown_deadline
from yijian.web.applicant.values import worded
from yijian.web.pages import show
from yijian.web.senders import sender_of

LONGEST = 40


@dataclass(frozen=True, slots=True)
class Line:
    """One item as the page shows it, in the shape of the timeline's parts."""

    title: str
    state: str
    tag: str
    due: str


@require_http_methods(["GET", "HEAD", "POST"])
def status(request: HttpRequest) -> HttpResponse:
    """The form, and for the right pair how far everything is."""
    if request.method != "POST":
        return show(request, "guide/status.html")
    number = request.POST.get("number", "").strip().upper()[:LONGEST]
    code = request.POST.get("code", "")[:LONGEST]
    try:
        found = status_doors.access_status(
            number=number, code=code, sender=sender_of(request), now=timezone.now()
        )
    except Refused:
        return show(
            request,
            "guide/status.html",
            {"number": number, "fault": True, "missing": not number or not code.strip()},
            status=404,
        )
    return show(request, "guide/status.html", {"number": number, "found": _shown(found)})


def _shown(found: Status) -> dict[str, object]:
    pack = contexts.pack_of(found.pack_digest)
    lines = [_line(pack, found, line) for line in found.lines]
    return {
        "title": worded(pack.service_title),
        "number": found.number,
        "lines": lines,
        "withdrawn": found.stage == "withdrawn",
        "done": sum(line.state in FINISHED for line in found.lines),
        "total": len(found.lines),
    }


def _line(pack: Pack, found: Status, line: StatusLine) -> Line:
    item = pack.items.get(line.item)
    title = worded(item.title) if item else line.item
    if line.newborn and found.newborns > 1:
        title = gettext("%(title)s（第 %(number)s 个宝宝）") % {
            "title": title,
            "number": line.newborn,
        }
    return Line(
        title=title,
        state=SHAPES.get(line.state, "current"),
        tag=worded(status_text(pack, line.state)),
        due=_due(line),
    )


def _due(line: StatusLine) -> str:
    if line.due_at is None or line.state is TaskState.WAITING:
        return ""
    if timezone.now() >= line.due_at:
        return gettext("已超过承诺时限，正在催办")
    return gettext("预计 %(day)s前办结") % {"day": shown_deadline(line.due_at)}

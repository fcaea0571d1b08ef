"""鉴定处置: packages whose retention is over; one proposes, another decides, nothing is silent."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext

from yijian.actions import disposing
from yijian.actions.transferring import fonds_of
from yijian.domain.context import RefusedError
from yijian.records import access, archive_disposals
from yijian.records.archive_disposals import DESTROYED, KEPT_ON
from yijian.web.archive.reading import ROLES, row_of, stamp
from yijian.web.desk.doors import Desk, desk_page
from yijian.web.pages import go

LONGEST_REASON = 200


@desk_page("GET", "POST", roles=ROLES)
def overview(desk: Desk) -> HttpResponse:
    """What is overdue, what was proposed, and what was decided by whom."""
    if desk.request.method == "POST":
        return _act(desk)
    fonds = fonds_of(desk.visitor)
    overdue = archive_disposals.overdue(fonds=fonds, on=disposing.today(desk.now))
    shown = [
        each
        for each in archive_disposals.disposals()
        if fonds is None or each.package.fonds in fonds
    ]
    return desk.page(
        "archive/disposals.html",
        {
            "overdue": [row_of(each) for each in overdue],
            "disposals": [
                {
                    **row_of(each.package),
                    "disposal": each,
                    "proposed": stamp(each.proposed_at),
                    "decided": stamp(each.decided_at),
                    "open": each.verdict == "",
                    "own": each.proposed_by == desk.visitor.staff,
                    "destroyed": each.verdict == DESTROYED,
                }
                for each in shown
            ],
            "longest": LONGEST_REASON,
        },
        current="archive_disposals",
    )


def _act(desk: Desk) -> HttpResponse:
    sent = desk.request.POST
    try:
        subject = UUID(sent.get("subject", ""))
    except ValueError:
        raise access.Refused from None
    reason = sent.get("reason", "").strip()[:LONGEST_REASON]
    try:
        if sent.get("do") == "propose":
            disposing.propose(by=desk.user, package_id=subject, reason=reason, now=desk.now)
            messages.success(desk.request, gettext("已提出，等另一位档案人员决定"))
        else:
            verdict = DESTROYED if sent.get("do") == "destroy" else KEPT_ON
            disposing.decide(by=desk.user, disposal_id=subject, verdict=verdict, now=desk.now)
            messages.success(desk.request, gettext("已登记"))
    except RefusedError as refusal:
        words = {
            "no_reason": gettext("请写明理由"),
            "not_due": gettext("这件档案还在保管期内，或者已经提出过"),
            "same_person": gettext("提出的人不能自己决定"),
        }
        messages.error(desk.request, words[refusal.code])
    return go(reverse("archive_disposals"))

"""问题台账: the list by deadline, a new problem, its decision and its end."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from yijian.actions import issues as actions
from yijian.domain.clocks import local_day
from yijian.domain.context import RefusedError
from yijian.records import access, issues
from yijian.records import work_orders as orders
from yijian.records.issues import Issue
from yijian.records.people import StaffRole
from yijian.web.applicant.rating_words import KINDS, said
from yijian.web.applicant.values import shown_day, shown_moment
from yijian.web.console.grids import Cell, grid
from yijian.web.console.orders import item_title, office_title
from yijian.web.desk.doors import Desk, desk_page
from yijian.web.desk.forms import DeskForm
from yijian.web.rendering import DateInput

STATES = {"open": _("待研究"), "decided": _("已定措施"), "done": _("已解决")}
SENTENCES = {
    "day_is_past": _("期限已经过去了，请写今天或以后的日子。"),
    "issue_moved": _("这个问题的状态已经变了，请看最新的内容。"),
}


def _words(label: Any, hint: Any = "", rows: int = 3) -> forms.CharField:
    return forms.CharField(
        label=label,
        help_text=hint,
        max_length=actions.LONGEST,
        widget=forms.Textarea({"rows": rows}),
        error_messages={"required": _("请写几个字，至少两个。")},
    )


class IssueForm(DeskForm):
    """A problem: what it is, who owns it, until when."""

    title = forms.CharField(
        label=_("问题"), max_length=80, error_messages={"required": _("请用一句话写明问题。")}
    )
    problem = _words(_("情况"), _("写事情，不写人的姓名和号码。"))
    owner = forms.CharField(
        label=_("责任单位"), max_length=80, error_messages={"required": _("请写责任单位。")}
    )
    due_on = forms.DateField(
        label=_("期限"),
        widget=DateInput(),
        error_messages={"required": _("请写期限。"), "invalid": _("请写一个日期。")},
    )


class DecisionForm(DeskForm):
    """What is to be done."""

    text = _words(_("研究决定的措施"))


class DoneForm(DeskForm):
    """What was done."""

    text = _words(_("解决的结果"))


@desk_page("GET", roles=actions.KEEPING)
def overview(desk: Desk) -> HttpResponse:
    """What is open by deadline; what is done on request."""
    done = desk.request.GET.get("done") == "1"
    found, more = issues.listed(done=done)
    rows = [_row(issue, desk.now) for issue in found]
    heads = [
        gettext("期限"),
        gettext("问题"),
        gettext("责任单位"),
        gettext("状态"),
        gettext("措施"),
        gettext("结果"),
    ]
    return desk.page(
        "console/issues.html",
        {
            "grid": grid(gettext("问题台账"), heads, rows),
            "done": done,
            "most": len(found) if more else 0,
        },
        current="issues",
    )


def _row(issue: Issue, now: datetime) -> list[Cell | str]:
    late = issue.state != "done" and issue.due_on < local_day(now)
    day = shown_day(issue.due_on)
    words = gettext("%(day)s 已超期") % {"day": day} if late else day
    return [
        Cell(words, tone="bad" if late else ""),
        Cell(issue.title, url=reverse("console_issue", args=[issue.id])),
        issue.owner,
        str(STATES[issue.state]),
        issue.decision,
        issue.done,
    ]


@desk_page("GET", "POST", roles=actions.KEEPING)
def new(desk: Desk) -> HttpResponse:
    """A new problem; from an order with what is known of it, never with who came."""
    sent = desk.request.POST if desk.request.method == "POST" else None
    order_id = _order_id(desk)
    form = IssueForm(sent, initial=_from_order(order_id) if order_id else {})
    if sent is not None and form.is_valid():
        try:
            issue = actions.write_down(
                by=desk.user, order_id=order_id, now=desk.now, **form.cleaned_data
            )
        except RefusedError as refusal:
            form.add_error(refusal.field, _said(refusal))
        else:
            messages.success(desk.request, gettext("已记入台账。"))
            return HttpResponseRedirect(reverse("console_issue", args=[issue]))
    return desk.page(
        "console/issue_new.html", {"form": form}, current="issues", status=422 if sent else 200
    )


def _order_id(desk: Desk) -> UUID | None:
    """The order that a problem was found by; only the complaints desk may name one."""
    if not desk.visitor.works_as(StaffRole.COMPLAINTS):
        return None
    try:
        named = UUID(desk.request.GET.get("order", ""))
    except ValueError:
        return None
    return named if orders.one(order_id=named) is not None else None


def _from_order(order_id: UUID) -> dict[str, object]:
    found = orders.one(order_id=order_id)
    if found is None:
        return {}
    row = found.row
    about = gettext("%(kind)s：%(item)s") % {
        "kind": KINDS[row.kind],
        "item": item_title(row.item),
    }
    problem = gettext("来自工单 %(number)s。依据：%(clause)s") % {
        "number": row.number,
        "clause": row.clause or "–",
    }
    return {"title": about, "problem": problem, "owner": office_title(row.handler or row.about)}


@desk_page("GET", "POST", roles=actions.KEEPING)
def issue(desk: Desk, issue_id: UUID) -> HttpResponse:
    """One problem, and the form of its next step."""
    row = issues.one(issue_id=issue_id)
    if row is None:
        raise access.Refused
    sent = desk.request.POST if desk.request.method == "POST" else None
    form = {"open": DecisionForm, "decided": DoneForm}.get(row.state, DeskForm)(sent)
    if sent is not None and row.state != "done" and form.is_valid():
        try:
            if row.state == "open":
                actions.decide(
                    by=desk.user, issue_id=row.id, decision=form.cleaned_data["text"], now=desk.now
                )
            else:
                actions.finish(
                    by=desk.user, issue_id=row.id, done=form.cleaned_data["text"], now=desk.now
                )
        except RefusedError as refusal:
            form.add_error(None, _said(refusal))
        else:
            return HttpResponseRedirect(reverse("console_issue", args=[row.id]))
    return desk.page(
        "console/issue.html",
        {
            "row": row,
            "state": STATES[row.state],
            "form": form if row.state != "done" else None,
            "order": row.order_id if desk.visitor.works_as(StaffRole.COMPLAINTS) else None,
            "due": shown_day(row.due_on),
            "opened": shown_moment(row.opened_at),
            "decided": shown_moment(row.decided_at) if row.decided_at else "",
            "done_at": shown_moment(row.done_at) if row.done_at else "",
        },
        current="issues",
        status=422 if sent is not None else 200,
    )


def _said(refusal: RefusedError) -> str:
    own = SENTENCES.get(refusal.code)
    return str(own) if own is not None else said(refusal)

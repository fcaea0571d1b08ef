"""交换异常: messages that stand still between this node and other systems: what, to whom, since when,
why, and what can be done about it."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from yijian.actions import contexts
from yijian.actions import dead_letters as actions
from yijian.actions import disagreements as differing
from yijian.domain.context import RefusedError
from yijian.domain.envelopes import (
    CASE_CLOSED,
    CERTIFICATE_CHANGED,
    CERTIFICATE_ISSUED,
    PARCEL_MOVED,
    TASK_DISPATCHED,
    TASK_REPORTED,
    TASK_ROUTED,
    TASK_WITHDRAWN,
)
from yijian.domain.parity import Standing
from yijian.domain.wording import Text
from yijian.records import dead_letters, exchange
from yijian.records.dead_letters import DeadLetterLine
from yijian.records.people import StaffRole
from yijian.web.applicant.values import shown_moment, worded
from yijian.web.desk.doors import Desk, desk_page
from yijian.web.desk.forms import DeskForm
from yijian.web.messages.sentences import sentence

PAGE_SIZE = 50
KINDS = {
    TASK_DISPATCHED: _("分发子办件"),
    TASK_WITHDRAWN: _("撤回子办件"),
    TASK_REPORTED: _("反馈办理结果"),
    TASK_ROUTED: _("告知办理机构"),
    PARCEL_MOVED: _("告知送达情况"),
    CERTIFICATE_ISSUED: _("告知已出证照"),
    CERTIFICATE_CHANGED: _("告知证照换发或注销"),
    CASE_CLOSED: _("告知全部办结"),
}
PROBLEMS = {
    "refused": _("对方收到了，但不接受"),
    "never_acknowledged": _("发了很多次，对方从不回执"),
    "no_endpoint": _("对方的地址没有登记，或者已经停用"),
    "not_for_this_office": _("报文里有政策没有列给这个机构的内容，出门前被拦下"),
    "item_not_agreed": _("没有与对方约定这个事项"),
    "unknown_item": _("办件所用的政策里没有这个事项"),
    "case_forgotten": _("办件的内容已按期销毁，没有可发的了"),
    "timeout": _("对方一直没有回应"),
    "unreachable": _("连不上对方"),
    "unknown_type": _("对方用了更新的报文，本平台升级后才能读"),
    "pack_unknown": _("还没有取到办件所用的政策包"),
    "case_open": _("对方已办结，本地还有事项没有结束"),
    "failed": _("本平台处理这条来件时出错"),
    "status_4": _("对方说报文不对"),
    "status_5": _("对方的系统出错"),
}


DIFFERENCES = {
    Standing.UPSTREAM_LACKS.value: _("对方没有这一件，本地有"),
    Standing.CONFLICT.value: _("双方都已办结，结果不一样"),
}


class GiveUpForm(DeskForm):
    """Why a message goes nowhere."""

    reason = forms.CharField(
        label=_("为什么放弃"),
        max_length=actions.LONGEST_REASON,
        widget=forms.Textarea({"rows": 3}),
    )


class SettleForm(DeskForm):
    """How a disagreement was settled."""

    reason = forms.CharField(
        label=_("怎么解决的"),
        max_length=actions.LONGEST_REASON,
        widget=forms.Textarea({"rows": 3}),
    )


@desk_page("GET", roles=(StaffRole.ROUTING,))
def overview(desk: Desk) -> HttpResponse:
    """Everything that waits for this office's decision, the most urgent first."""
    asked = desk.request.GET.get("after", "")
    try:
        found = _lines(desk, asked)
    except ValueError:
        found = _lines(desk, "")
    more, lines = len(found) > PAGE_SIZE, found[:PAGE_SIZE]
    return desk.page(
        "desk/exchange.html",
        {
            "rows": [_row(line, desk.now) for line in lines],
            "after": dead_letters.place_of(lines[-1]) if more else "",
            "differing": [_difference(row, desk.now) for row in differing.waiting(by=desk.user)],
        },
        current="exchange",
    )


def _lines(desk: Desk, after: str) -> list[DeadLetterLine]:
    return dead_letters.waiting(who=desk.visitor, now=desk.now, limit=PAGE_SIZE + 1, after=after)


@desk_page("GET", "POST", roles=(StaffRole.ROUTING,))
def letter(desk: Desk, letter_id: UUID) -> HttpResponse:
    """One message that stands still, and the three things that can be done."""
    line = actions.open_letter(by=desk.user, letter=letter_id)
    form, problem = GiveUpForm(), ""
    if desk.request.method == "POST":
        form, problem = _act(desk, letter_id)
        if not form.errors and not problem:
            messages.success(desk.request, gettext("记下了。"))
            return HttpResponseRedirect(reverse("desk_exchange"))
    office = contexts.directory().office(line.office)
    return desk.page(
        "desk/letter.html",
        {
            **_row(line, desk.now),
            "form": form,
            "problem": problem,
            "office": worded(office.title) if office else "",
            "attempts": line.attempts,
            "code": line.problem,
            "may_hand_over": actions.may_be_handed_over(line),
        },
        current="exchange",
        status=422 if form.errors or problem else 200,
    )


@desk_page("GET", "POST", roles=(StaffRole.ROUTING,))
def disagreement(desk: Desk, disagreement_id: UUID) -> HttpResponse:
    """One task about which the two sides do not agree: what each says, and how it was settled."""
    row = differing.open_one(by=desk.user, disagreement=disagreement_id)
    form = SettleForm()
    if desk.request.method == "POST":
        form = SettleForm(desk.request.POST)
        if form.is_valid():
            try:
                differing.settle(
                    by=desk.user,
                    disagreement=disagreement_id,
                    reason=form.cleaned_data["reason"],
                    now=desk.now,
                )
            except RefusedError as refusal:
                form.add_error("reason", sentence(refusal))
            else:
                messages.success(desk.request, gettext("记下了。"))
                return HttpResponseRedirect(reverse("desk_exchange"))
    return desk.page(
        "desk/disagreement.html",
        {**_difference(row, desk.now), "form": form},
        current="exchange",
        status=422 if form.errors else 200,
    )


def _difference(row: Any, now: datetime) -> dict[str, object]:
    words = DIFFERENCES.get(row.kind)
    return {
        "url": reverse("desk_disagreement", args=[row.id]),
        "why": str(words) if words else gettext("双方的记录对不上"),
        "number": row.case_number or gettext("不属于某个办件"),
        "item": _item(row.item),
        "partner": _partner(row.partner),
        "ours": row.ours or "-",
        "theirs": row.theirs or "-",
        "due": shown_moment(row.due_at),
        "late": row.due_at <= now,
        "since": shown_moment(row.found_at),
    }


def _item(code: str) -> str:
    items = {item.code: item for pack in contexts.packs() for item in pack.items.values()}
    return worded(items[code].title) if code in items else code


def _act(desk: Desk, letter_id: UUID) -> tuple[GiveUpForm, str]:
    posted = desk.request.POST
    form = GiveUpForm()
    try:
        if posted.get("do") == "again":
            if not actions.try_again(by=desk.user, letter=letter_id, now=desk.now):
                return form, gettext("还是不行，原因见下面；可以等一等再试。")
        elif posted.get("do") == "desk":
            actions.hand_over(by=desk.user, letter=letter_id, now=desk.now)
        else:
            form = GiveUpForm(posted)
            if form.is_valid():
                reason = form.cleaned_data["reason"]
                actions.give_up(by=desk.user, letter=letter_id, reason=reason, now=desk.now)
    except RefusedError as refusal:
        return form, sentence(refusal)
    return form, ""


def _row(line: DeadLetterLine, now: datetime) -> dict[str, object]:
    outwards = line.direction == "out"
    return {
        "url": reverse("desk_letter", args=[line.id]),
        "number": line.case_number or gettext("不属于某个办件"),
        "what": _what(line),
        "way": gettext("发给") if outwards else gettext("来自"),
        "partner": _partner(line.partner),
        "since": shown_moment(line.parked_at),
        "due": shown_moment(line.due_at),
        "late": line.due_at <= now,
        "why": why(line.problem),
    }


def _what(line: DeadLetterLine) -> str:
    kind = KINDS.get(line.kind)
    words = str(kind) if kind else gettext("未知的报文 %(kind)s") % {"kind": line.kind}
    if not line.item:
        return words
    items = contexts.pack_of(line.pack_digest).items if line.pack_digest else {}
    title = worded(items[line.item].title) if line.item in items else line.item
    return f"{words} · {title}"


def _partner(code: str) -> str:
    row = exchange.partner(code)
    return worded(Text(row.name_zh or code, row.name_en)) if row else code


def why(problem: str) -> str:
    """A reason in plain words: what is known of it, else that it is not known."""
    code = problem.partition(":")[0]
    known = PROBLEMS.get(code) or next(
        (words for name, words in PROBLEMS.items() if code.startswith(name)), None
    )
    return str(known or _("原因不明，请联系运维"))

"""参与方与渠道: who exchanges with this node, what they may ask, how offices are reached; by two.

Each form proposes; what waits for the second person stands on the page of proposals.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from yijian.actions import contexts, partners, proposals
from yijian.actions.exchange_proposals import CHANNEL, PARTNER, RIGHT
from yijian.actions.proposing import ProposalRefusedError
from yijian.domain.clocks import SHANGHAI, local_day
from yijian.domain.envelopes import DEPARTMENT, NODE
from yijian.domain.registers import REGISTERS
from yijian.domain.routing import WAYS
from yijian.records import channels, rights
from yijian.records.channels import Standing
from yijian.records.people import StaffRole
from yijian.records.rights import Granted
from yijian.web.applicant.values import shown_day, worded
from yijian.web.console.grids import Cell, grid
from yijian.web.console.naming import Names, kind_title, office_title, place_title, way_title
from yijian.web.console.refusals import sentence_of
from yijian.web.desk.doors import Desk, desk_page
from yijian.web.desk.forms import DeskForm
from yijian.web.rendering import DateInput

LOOKING = (
    StaffRole.SYSTEM_ADMIN,
    StaffRole.SECURITY_ADMIN,
    StaffRole.OPERATOR,
    StaffRole.AUDIT_ADMIN,
)
LONGEST_KEY = 2000


def _items() -> list[tuple[str, str]]:
    found = {code: item.title for pack in contexts.packs() for code, item in pack.items.items()}
    return [(code, worded(title)) for code, title in sorted(found.items())]


def _any_item() -> list[tuple[str, str]]:
    return [("", gettext("全部")), *_items()]


def _any_kind() -> list[tuple[str, str]]:
    kinds = {office.kind for office in contexts.directory().offices}
    return [("", gettext("全部")), *((kind, kind_title(kind)) for kind in sorted(kinds))]


def _ways() -> list[tuple[str, str]]:
    return [(way, way_title(way)) for way in WAYS]


class WhyForm(DeskForm):
    """Every form that proposes asks why."""

    reason = forms.CharField(label=_("为什么"), max_length=proposals.REASON_LENGTH, required=False)


class PartnerForm(WhyForm):
    """A partner: its code, its key, where it is reached, what it does."""

    code = forms.CharField(label=_("代码"), max_length=64)
    name_zh = forms.CharField(label=_("名称"), max_length=80, required=False)
    kind = forms.ChoiceField(
        label=_("种类"), choices=[(DEPARTMENT, _("部门的系统")), (NODE, _("另一个节点"))]
    )
    endpoint = forms.CharField(
        label=_("接收地址"),
        max_length=300,
        required=False,
        help_text=_("https 开头，以 /events 结尾；空着就由对方来取。"),
    )
    items = forms.MultipleChoiceField(
        label=_("事项"), choices=_items, widget=forms.CheckboxSelectMultiple, required=False
    )
    thin = forms.BooleanField(label=_("只通知，不带内容"), required=False)
    public_key = forms.CharField(
        label=_("公钥"),
        max_length=LONGEST_KEY,
        widget=forms.Textarea({"rows": 3}),
        help_text=_("Ed25519 公钥，PEM 格式。"),
    )
    field_order = ("code", "name_zh", "kind", "endpoint", "items", "thin", "public_key", "reason")


class RightForm(WhyForm):
    """What one partner may ask of one register."""

    partner = forms.CharField(label=_("参与方"), max_length=64)
    register = forms.ChoiceField(label=_("登记"), choices=[(r, r) for r in REGISTERS])
    purposes = forms.CharField(
        label=_("用途"), max_length=200, help_text=_("用途代码，几个用空格分开。")
    )
    consent = forms.BooleanField(label=_("要家庭同意"), required=False, initial=True)
    daily_budget = forms.IntegerField(label=_("每日次数"), min_value=1, initial=1000)
    ends_on = forms.DateField(label=_("到哪天止"), widget=DateInput, required=False)
    field_order = ("partner", "register", "purposes", "daily_budget", "ends_on", "consent")


class ChannelForm(WhyForm):
    """How offices are reached from a day on."""

    office = forms.CharField(label=_("机构代码"), max_length=40, required=False)
    division = forms.CharField(
        label=_("或者区划"), max_length=6, required=False, help_text=_("2、4 或 6 位。")
    )
    kind = forms.ChoiceField(label=_("种类"), choices=_any_kind, required=False)
    item = forms.ChoiceField(label=_("事项"), choices=_any_item, required=False)
    channel = forms.ChoiceField(label=_("渠道"), choices=_ways)
    participant = forms.CharField(label=_("对方"), max_length=64, required=False)
    starts_on = forms.DateField(label=_("从哪天起"), widget=DateInput)
    ends_on = forms.DateField(label=_("到哪天止"), widget=DateInput, required=False)
    everything = forms.BooleanField(label=_("已受理的也一起转走"), required=False)
    field_order = ("office", "division", "kind", "item", "channel", "participant")


@desk_page("GET", "POST", roles=LOOKING)
def overview(desk: Desk) -> HttpResponse:
    """Partners, their rights, and the forms that propose."""
    posted = desk.request.POST if desk.request.method == "POST" else None
    do = posted.get("do", "") if posted is not None else ""
    form = PartnerForm(posted if do == "partner" else None)
    right = RightForm(posted if do == "right" else None)
    proposing = desk.visitor.works_as(StaffRole.SYSTEM_ADMIN)
    done = False
    if proposing and do == "partner" and form.is_valid():
        done = _propose(desk, form, PARTNER.code, _plain(form) | {"do": "add"})
    elif proposing and do == "right" and right.is_valid():
        purposes = right.cleaned_data["purposes"].split()
        done = _propose(
            desk, right, RIGHT.code, _plain(right) | {"do": "grant", "purposes": purposes}
        )
    elif proposing and do == "stop":
        payload = {"do": "stop", "code": posted.get("code", "") if posted is not None else ""}
        done = _propose(desk, None, PARTNER.code, payload)
    elif proposing and do == "end_right" and posted is not None:
        payload = {"do": "end", "partner": posted.get("partner", ""),
                   "register": posted.get("register", "")}  # fmt: skip
        done = _propose(desk, None, RIGHT.code, payload)
    if done:
        return HttpResponseRedirect(reverse("console_proposals"))
    granted = rights.listed()
    return desk.page(
        "console/partners.html",
        {
            "rows": [_partner(row) for row in partners.everyone()],
            "rights": [_right(one, desk.now.astimezone(SHANGHAI).date()) for one in granted],
            "form": form,
            "right": right,
            "proposing": proposing,
        },
        current="partners",
    )


def _partner(row: Any) -> dict[str, object]:
    return {
        "code": row.code,
        "name": row.name_zh,
        "kind": gettext("另一个节点") if row.kind == NODE else gettext("部门的系统"),
        "endpoint": row.endpoint,
        "keys": [key[:12] for key in partners.keys_of(row)],
        "items": len(row.items),
        "active": row.active,
    }


def _right(one: Granted, today: date) -> dict[str, object]:
    right = one.right
    ends = right.ends_at.astimezone(SHANGHAI).date() if right.ends_at else None
    return {
        "partner": right.partner,
        "register": right.register,
        "purposes": gettext("、").join(sorted(right.purposes)),
        "consent": right.consent,
        "budget": right.daily_budget,
        "ends": shown_day(ends) if ends else gettext("不限"),
        "over": ends is not None and ends <= today,
    }


@desk_page("GET", "POST", roles=LOOKING)
def ways(desk: Desk) -> HttpResponse:
    """The rules of how offices are reached, and the forms that propose another or end one."""
    posted = desk.request.POST if desk.request.method == "POST" else None
    do = posted.get("do", "") if posted is not None else ""
    today = local_day(desk.now)
    form = ChannelForm(posted if do == "set" else None, initial={"starts_on": today})
    proposing = bool(desk.visitor.roles & CHANNEL.proposers)
    done = False
    if proposing and do == "set" and form.is_valid():
        done = _propose(desk, form, CHANNEL.code, _plain(form) | {"do": "set"})
    elif proposing and do == "end" and posted is not None:
        payload = {"do": "end", "rule": posted.get("rule", ""), "on": today.isoformat(),
                   "everything_back": posted.get("everything_back") == "yes"}  # fmt: skip
        done = _propose(desk, None, CHANNEL.code, payload)
    if done:
        return HttpResponseRedirect(reverse("console_proposals"))
    standing = channels.standing()
    names = Names(who for each in standing for who in (each.made_by, each.ended_by))
    over = [s for s in standing if s.rule.ends_on is not None and s.rule.ends_on <= today]
    heads = [gettext("哪里"), gettext("事项"), gettext("渠道"), gettext("从哪天起"),
             gettext("到哪天止"), gettext("谁")]  # fmt: skip
    return desk.page(
        "console/channels.html",
        {
            "rules": [_rule(each, names) for each in standing if each not in over],
            "over": grid(
                gettext("已经结束"),
                heads,
                (list(map(Cell, _rule(each, names)["cells"])) for each in over),
            ),
            "heads": heads,
            "form": form,
            "proposing": proposing,
        },
        current="channels",
    )


def _rule(each: Standing, names: Names) -> dict[str, list[str]]:
    rule = each.rule
    where = office_title(rule.office) if rule.office else place_title(rule.division)
    kind = kind_title(rule.kind) if rule.kind else ""
    return {
        "cells": [
            f"{where} {kind}".strip(),
            dict(_items()).get(rule.item, rule.item) or gettext("全部"),
            way_title(rule.channel, rule.participant or ""),
            shown_day(rule.starts_on),
            shown_day(rule.ends_on) if rule.ends_on else gettext("不限"),
            names.of(each.ended_by or each.made_by),
        ],
        "id": [str(each.id)],
    }


def _plain(form: WhyForm) -> dict[str, object]:
    """What was filled in, as JSON values; the reason goes its own way."""
    return {
        name: value.isoformat() if isinstance(value, date) else value
        for name, value in form.cleaned_data.items()
        if name != "reason" and value is not None
    }


def _propose(desk: Desk, form: WhyForm | None, kind: str, payload: Mapping[str, object]) -> bool:
    reason = form.cleaned_data["reason"] if form is not None else ""
    try:
        proposals.propose(by=desk.user, kind=kind, payload=payload, reason=reason, now=desk.now)
    except ProposalRefusedError as refused:
        if form is None:
            messages.error(desk.request, sentence_of(refused))
        else:
            field = refused.field if refused.field in form.fields else None
            form.add_error(field, sentence_of(refused))
        return False
    messages.success(desk.request, gettext("提出来了，由第二个人同意后生效。"))
    return True

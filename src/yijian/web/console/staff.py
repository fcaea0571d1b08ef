"""人员与岗位: who is appointed where, and the forms by which roles are given and taken away."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from yijian.actions import appointments, proposals
from yijian.actions.proposing import ProposalRefusedError
from yijian.records import administration, staff
from yijian.records.people import StaffRole
from yijian.records.staff import Appointed
from yijian.web.applicant.values import shown_moment
from yijian.web.console.grids import Cell, grid
from yijian.web.console.naming import ROLES, Names, office_title, role_title, role_titles
from yijian.web.console.refusals import sentence_of
from yijian.web.desk.doors import Desk, desk_page
from yijian.web.desk.forms import DeskForm
from yijian.web.rendering import Choice

LOOKING = (StaffRole.SECURITY_ADMIN, StaffRole.AUDIT_ADMIN)
MOST = 200
"""Rows of one page; whoever looks for more narrows the search."""
WHAT = {
    "staff_appointed": _("任命"),
    "staff_reduced": _("收回部分岗位"),
    "staff_ended": _("停止任职"),
}


def role_choices() -> list[tuple[str, Choice]]:
    """Every role with the line that says what it may do."""
    return [(role.value, Choice(title, does)) for role, (title, does) in ROLES.items()]


class RolesForm(DeskForm):
    """Where somebody works, in which roles, and why that is proposed."""

    office = forms.CharField(
        label=_("机构代码"), max_length=40, help_text=_("写机构名录里的代码。")
    )
    roles = forms.MultipleChoiceField(
        label=_("岗位"),
        choices=role_choices,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("请至少选一个岗位。")},
    )
    reason = forms.CharField(
        label=_("为什么"),
        max_length=proposals.REASON_LENGTH,
        required=False,
        help_text=_("给第二个人看，例如调令文号；不要写身份证号。"),
    )


class AppointForm(RolesForm):
    """The same about somebody who was never appointed here."""

    number = forms.CharField(
        label=_("工号"), max_length=40, help_text=_("统一身份认证里的工号；不写姓名。")
    )
    field_order = ("number", "office", "roles", "reason")


@desk_page("GET", roles=LOOKING)
def overview(desk: Desk) -> HttpResponse:
    """The staff directory, filtered by office, role and number."""
    asked = {name: desk.request.GET.get(name, "").strip()[:60] for name in ("number", "office")}
    role = desk.request.GET.get("role", "")
    ended = desk.request.GET.get("ended") == "1"
    found = staff.listed(
        offices=[asked["office"]] if asked["office"] else None,
        role=role if role in set(StaffRole) else "",
        number=asked["number"],
        active=None if ended else True,
        limit=MOST + 1,
    )
    heads = [gettext("工号"), gettext("姓名"), gettext("机构"), gettext("岗位"),
             gettext("最近登录"), gettext("依据"), gettext("状态")]  # fmt: skip
    return desk.page(
        "console/staff.html",
        {
            "grid": grid(gettext("人员"), heads, map(_row, found[:MOST])),
            "most": MOST if len(found) > MOST else 0,
            "asked": asked,
            "role": role,
            "ended": ended,
            "roles": [(r.value, str(title)) for r, (title, _does) in ROLES.items()],
            "may_appoint": desk.visitor.works_as(StaffRole.SECURITY_ADMIN),
        },
        current="staff",
    )


def _row(one: Appointed) -> list[Cell]:
    return [
        Cell(one.number, url=reverse("console_staff_one", args=[one.id]), style="number"),
        Cell(one.name),
        Cell(office_title(one.office)),
        Cell(role_titles(one.roles)),
        Cell(_seen(one.last_seen_at)),
        Cell(gettext("本节点任命") if one.kept_here else gettext("登录声明")),
        Cell(gettext("在任"), tone="good") if one.active else Cell(gettext("已停"), tone="warn"),
    ]


def _seen(at: datetime | None) -> str:
    return shown_moment(at) if at else gettext("还没有登录过")


@desk_page("GET", "POST", roles=(StaffRole.SECURITY_ADMIN,))
def appoint(desk: Desk) -> HttpResponse:
    """Propose the appointment of somebody by staff number."""
    form = AppointForm(desk.request.POST or None)
    if form.is_valid():
        payload = _payload(form.cleaned_data["number"], form.cleaned_data)
        if _propose(desk, form, payload):
            return HttpResponseRedirect(reverse("console_proposals"))
    return desk.page("console/staff_new.html", {"form": form}, current="staff")


@desk_page("GET", "POST", roles=LOOKING)
def one(desk: Desk, staff_id: UUID) -> HttpResponse:
    """One member of staff: what they are, what was decided about them, what can be changed."""
    found = staff.one(staff_id)
    if found is None:
        return desk.absent()
    may_change = desk.visitor.works_as(StaffRole.SECURITY_ADMIN)
    given = desk.request.POST if desk.request.method == "POST" else None
    form = RolesForm(
        given if given and given.get("do") == "propose" else None,
        initial={"office": found.office, "roles": sorted(found.roles)},
    )
    if given is not None and may_change and _act(desk, found, form, str(given.get("do"))):
        return HttpResponseRedirect(desk.request.path)
    return desk.page(
        "console/staff_one.html",
        {
            "one": found,
            "office": office_title(found.office),
            "roles": [
                (role_title(role), ROLES[role][1]) for role in StaffRole if role in found.roles
            ],
            "seen": _seen(found.last_seen_at),
            "form": form,
            "may_change": may_change and found.staff != desk.visitor.staff,
            "history": _history(found),
        },
        current="staff",
    )


def _history(found: Appointed) -> list[dict[str, str]]:
    acts = administration.acts(subject=found.staff, limit=50)
    names = Names(
        [act.by for act in acts] + [str(act.details.get("proposed_by", "")) for act in acts]
    )
    return [
        {
            "at": shown_moment(act.at),
            "what": str(WHAT.get(act.what, act.what)),
            "roles": role_titles(_listed(act.details.get("roles"))),
            "by": names.of(act.by),
            "proposed_by": names.of(str(act.details.get("proposed_by", ""))),
        }
        for act in acts
    ]


def _listed(value: object) -> list[str]:
    return [str(each) for each in value] if isinstance(value, list) else []


def _act(desk: Desk, found: Appointed, form: RolesForm, do: str) -> bool:
    """Do what was asked; False when the page is to be shown again."""
    if do == "propose":
        return form.is_valid() and _change(desk, found, form)
    if do != "end":
        return False
    try:
        appointments.end(by=desk.user, staff_id=found.id, now=desk.now)
    except ProposalRefusedError as refused:
        messages.error(desk.request, sentence_of(refused))
    else:
        messages.success(desk.request, gettext("已经停止任职，下一次点击起就进不来了。"))
    return True


def _change(desk: Desk, found: Appointed, form: RolesForm) -> bool:
    """Fewer roles at the same office hold at once; anything else is proposed."""
    wanted = frozenset(StaffRole(role) for role in form.cleaned_data["roles"])
    fewer = found.active and form.cleaned_data["office"] == found.office and wanted < found.roles
    if not fewer:
        return _propose(desk, form, _payload(found.number, form.cleaned_data))
    try:
        appointments.reduce(
            by=desk.user, staff_id=found.id, office=found.office, roles=wanted, now=desk.now
        )
    except ProposalRefusedError as refused:
        form.add_error("roles", sentence_of(refused))
        return False
    messages.success(desk.request, gettext("岗位已经减少，下一次点击起生效。"))
    return True


def _payload(number: str, data: Mapping[str, Any]) -> dict[str, object]:
    roles: Iterable[str] = data["roles"]
    return {"number": number.strip(), "office": data["office"].strip(), "roles": sorted(roles)}


def _propose(desk: Desk, form: RolesForm, payload: Mapping[str, object]) -> bool:
    try:
        proposals.propose(
            by=desk.user,
            kind=appointments.APPOINTMENT.code,
            payload=payload,
            reason=form.cleaned_data["reason"],
            now=desk.now,
        )
    except ProposalRefusedError as refused:
        form.add_error(refused.field if refused.field in form.fields else None,
                       sentence_of(refused))  # fmt: skip
        return False
    messages.success(desk.request, gettext("提出来了，由第二个人同意后生效。"))
    return True

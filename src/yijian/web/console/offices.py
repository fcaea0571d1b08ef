"""机构名录: the directory, one office with its changes, and the forms by which a change is proposed."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from yijian.actions import offices as actions
from yijian.actions import proposals
from yijian.actions.proposing import ProposalRefusedError
from yijian.domain.clocks import local_day
from yijian.domain.routing import WAYS
from yijian.records import offices
from yijian.records.offices import Listed, OfficeChange
from yijian.records.people import StaffRole
from yijian.web.applicant.values import shown_day, shown_moment, worded
from yijian.web.console.grids import Cell, grid
from yijian.web.console.naming import Names, kind_title, office_title, place_title, way_title
from yijian.web.console.refusals import sentence_of
from yijian.web.desk.doors import Desk, desk_page
from yijian.web.desk.forms import DeskForm
from yijian.web.rendering import DateInput

MOST = 300
"""Rows of one page; whoever looks for more narrows the search."""
LOOKING = (
    StaffRole.SYSTEM_ADMIN,
    StaffRole.SECURITY_ADMIN,
    StaffRole.OPERATOR,
    StaffRole.AUDIT_ADMIN,
)


def _kinds() -> list[tuple[str, str]]:
    return [(kind, kind_title(kind)) for kind in actions.kinds()]


def _ways() -> list[tuple[str, str]]:
    return [(way, way_title(way)) for way in WAYS]


class OfficeForm(DeskForm):
    """An office as it is to stand in the directory from a day on."""

    title_zh = forms.CharField(label=_("名称"), max_length=80)
    title_en = forms.CharField(label=_("英文名称"), max_length=160, required=False)
    kind = forms.ChoiceField(label=_("种类"), choices=_kinds)
    division = forms.CharField(label=_("所在区划"), max_length=6, help_text=_("六位行政区划代码。"))
    also_for = forms.CharField(
        label=_("还办理这些区划"),
        required=False,
        max_length=600,
        help_text=_("一个机构可以办理几个区划：写代码，用空格或逗号分开。"),
    )
    phone = forms.CharField(label=_("电话"), max_length=60, required=False)
    address = forms.CharField(label=_("地址"), max_length=160, required=False)
    channel = forms.ChoiceField(label=_("渠道"), choices=_ways)
    participant = forms.CharField(
        label=_("对方"),
        max_length=64,
        required=False,
        help_text=_("参与方的代码；工作台不用写。"),
    )
    hands_over_to = forms.CharField(label=_("只受理咨询，移交给"), max_length=40, required=False)
    not_issuing = forms.BooleanField(label=_("自己不签发证照"), required=False)
    starts_on = forms.DateField(label=_("从哪天起"), widget=DateInput)
    reason = forms.CharField(label=_("为什么"), max_length=proposals.REASON_LENGTH, required=False)

    def payload(self, code: str) -> dict[str, object]:
        """What is proposed."""
        data = self.cleaned_data
        values = {
            name: data[name].strip()
            for name in (
                "title_zh",
                "title_en",
                "kind",
                "division",
                "phone",
                "address",
                "channel",
                "participant",
                "hands_over_to",
            )
        }
        also = data["also_for"].replace(",", " ").replace("，", " ").replace("、", " ").split()
        return {
            "code": code,
            "starts_on": data["starts_on"].isoformat(),
            "values": {
                **values,
                "also_for": list(dict.fromkeys(also)),
                "issues_certificates": not data["not_issuing"],
            },
        }


class NewOfficeForm(OfficeForm):
    """The same of an office that is not in the directory yet."""

    code = forms.CharField(label=_("代码"), max_length=40, help_text=_("以后不能改。"))
    field_order = ("code",)


class EndForm(DeskForm):
    """From which day an office stands no longer, and who takes over."""

    ends_from = forms.DateField(label=_("从哪天起停用"), widget=DateInput)
    successor = forms.CharField(
        label=_("由谁接办"),
        max_length=40,
        required=False,
        help_text=_("同类机构的代码；空着就是最近的同类机构。在办的都转过去，包括已受理的。"),
    )
    why = forms.CharField(label=_("为什么"), max_length=proposals.REASON_LENGTH, required=False)


@desk_page("GET", roles=LOOKING)
def overview(desk: Desk) -> HttpResponse:
    """The directory, filtered by kind, place and words."""
    given = desk.request.GET
    asked = {name: given.get(name, "").strip()[:60] for name in ("kind", "division", "words")}
    ended = given.get("ended") == "1"
    found = offices.listed(
        kind=asked["kind"], division=asked["division"], words=asked["words"], ended=ended,
        limit=MOST + 1,
    )  # fmt: skip
    heads = [gettext("代码"), gettext("名称"), gettext("种类"), gettext("办理哪里"),
             gettext("渠道"), gettext("电话"), gettext("状态")]  # fmt: skip
    waiting = [change for change in offices.changes_of() if change.applied_at is None]
    return desk.page(
        "console/offices.html",
        {
            "grid": grid(gettext("机构名录"), heads, map(_row, found[:MOST])),
            "most": MOST if len(found) > MOST else 0,
            "waiting": [_change(change, Names([])) for change in waiting],
            "asked": asked,
            "ended": ended,
            "kinds": _kinds(),
            "may_propose": desk.visitor.works_as(StaffRole.SYSTEM_ADMIN),
        },
        current="offices",
    )


def _row(one: Listed) -> list[Cell]:
    office = one.office
    state = Cell(gettext("在用"), tone="good") if one.active else Cell(gettext("已停"), tone="warn")
    return [
        Cell(office.code, url=reverse("console_office", args=[office.code]), style="number"),
        Cell(worded(office.title)),
        Cell(kind_title(office.kind)),
        Cell(gettext("、").join(place_title(division) for division in office.serves)),
        Cell(way_title(office.channel, office.participant or "")),
        Cell(office.phone, style="number"),
        state,
    ]


@desk_page("GET", "POST", roles=(StaffRole.SYSTEM_ADMIN,))
def new(desk: Desk) -> HttpResponse:
    """Propose an office that is not in the directory yet."""
    form = NewOfficeForm(
        desk.request.POST or None, initial={"starts_on": local_day(desk.now), "channel": "desk"}
    )
    if form.is_valid():
        code = form.cleaned_data["code"].strip()
        if offices.one(code) is not None:
            form.add_error("code", gettext("名录里已经有这个代码。"))
        elif _propose(desk, form, form.payload(code), form.cleaned_data["reason"]):
            return HttpResponseRedirect(reverse("console_proposals"))
    return desk.page("console/office_new.html", {"form": form}, current="offices")


@desk_page("GET", "POST", roles=LOOKING)
def one(desk: Desk, code: str) -> HttpResponse:
    """One office: how it stands, what was changed, and the forms to propose more."""
    found = offices.one(code)
    if found is None:
        return desk.absent()
    may_propose = desk.visitor.works_as(StaffRole.SYSTEM_ADMIN)
    posted = desk.request.POST if desk.request.method == "POST" and may_propose else None
    do = posted.get("do") if posted is not None else ""
    today = local_day(desk.now)
    form = OfficeForm(
        posted if do == "change" else None, initial=_initial(found) | {"starts_on": today}
    )
    ending = EndForm(posted if do == "end" else None, initial={"ends_from": today})
    if (do == "change" and _proposed_change(desk, form, code)) or (
        do == "end" and _proposed_end(desk, ending, code)
    ):
        return HttpResponseRedirect(reverse("console_proposals"))
    changes = offices.changes_of(code)
    names = Names(who for c in changes for who in (c.proposed_by, c.decided_by))
    return desk.page(
        "console/office.html",
        {
            "one": found,
            "title": worded(found.office.title),
            "rows": _facts(found),
            "form": form,
            "ending": ending,
            "may_propose": may_propose,
            "changes": [_change(change, names) for change in changes],
        },
        current="offices",
    )


def _proposed_change(desk: Desk, form: OfficeForm, code: str) -> bool:
    return form.is_valid() and _propose(desk, form, form.payload(code), form.cleaned_data["reason"])


def _proposed_end(desk: Desk, form: EndForm, code: str) -> bool:
    if not form.is_valid():
        return False
    payload = {
        "code": code,
        "starts_on": form.cleaned_data["ends_from"].isoformat(),
        "ends": True,
        "successor": form.cleaned_data["successor"].strip(),
    }
    return _propose(desk, form, payload, form.cleaned_data["why"])


def _propose(desk: Desk, form: DeskForm, payload: Mapping[str, object], reason: str) -> bool:
    try:
        proposals.propose(
            by=desk.user, kind=actions.OFFICE.code, payload=payload, reason=reason, now=desk.now
        )
    except ProposalRefusedError as refused:
        fields = {"starts_on": "ends_from"} if isinstance(form, EndForm) else {}
        field = fields.get(refused.field, refused.field)
        form.add_error(field if field in form.fields else None, sentence_of(refused))
        return False
    messages.success(desk.request, gettext("提出来了，由第二个人同意后生效。"))
    return True


def _initial(found: Listed) -> dict[str, Any]:
    values = offices.values_of(found.office)
    return values | {
        "also_for": " ".join(found.office.also_for),
        "not_issuing": not found.office.issues_certificates,
    }


def _facts(found: Listed) -> list[tuple[str, str]]:
    office = found.office
    rows = [
        (gettext("种类"), kind_title(office.kind)),
        (gettext("办理哪里"), gettext("、").join(place_title(d) for d in office.serves)),
        (gettext("渠道"), way_title(office.channel, office.participant or "")),
        (gettext("电话"), office.phone),
        (gettext("地址"), office.address),
        (gettext("从哪天起"), shown_day(found.begins_on) if found.begins_on else ""),
        (gettext("到哪天止"), shown_day(found.ends_on) if found.ends_on else ""),
        (
            gettext("依据"),
            gettext("本节点的决定") if found.kept_here else gettext("政策包的机构名录"),
        ),
    ]
    return [(label, value) for label, value in rows if value]


def _change(change: OfficeChange, names: Names) -> dict[str, object]:
    title = str(change.values.get("title_zh") or office_title(change.code))
    return {
        "code": change.code,
        "title": title,
        "day": shown_day(change.starts_on),
        "ends": change.ends,
        "successor": office_title(change.successor) if change.successor else "",
        "waits": change.applied_at is None,
        "made": shown_moment(change.made_at),
        "proposed_by": names.of(change.proposed_by),
        "decided_by": names.of(change.decided_by),
    }

"""值班: who answers for which office or place, from when until when."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from yijian.actions import duty as actions
from yijian.actions import reach
from yijian.domain.clocks import local_day
from yijian.domain.context import RefusedError
from yijian.records import duty as records
from yijian.records.duty import Duty
from yijian.records.people import StaffRole
from yijian.web.applicant.values import shown_day
from yijian.web.console.naming import Names, office_title, place_title
from yijian.web.console.refusals import words_of
from yijian.web.desk.doors import Desk, desk_page
from yijian.web.desk.forms import DeskForm
from yijian.web.rendering import DateInput

ROLES = (StaffRole.OPERATOR, StaffRole.SUPERVISOR)


class DutyForm(DeskForm):
    """Who answers, where, on which days."""

    office = forms.CharField(
        label=_("机构代码"), max_length=40, required=False, help_text=_("机构和区划填一个。")
    )
    division = forms.CharField(
        label=_("区划"),
        max_length=6,
        required=False,
        help_text=_("两位、四位或六位代码：那里所有机构；都空着就是全部。"),
    )
    name = forms.CharField(label=_("姓名"), max_length=40)
    phone = forms.CharField(label=_("值班电话"), max_length=40)
    starts_on = forms.DateField(label=_("从哪天起"), widget=DateInput)
    ends_on = forms.DateField(
        label=_("到哪天止"), widget=DateInput, required=False, help_text=_("含这一天；可以空着。")
    )
    public = forms.BooleanField(label=_("让家庭看到，作为机构的联系人"), required=False)


@desk_page("GET", "POST", roles=ROLES)
def overview(desk: Desk) -> HttpResponse:
    """The roster from today on, and the form for one more entry."""
    posted = desk.request.POST if desk.request.method == "POST" else None
    do = posted.get("do") if posted is not None else ""
    form = DutyForm(posted if do == "add" else None, initial={"starts_on": local_day(desk.now)})
    if (do == "add" and _added(desk, form)) or (do == "end" and _ended(desk)):
        return HttpResponseRedirect(reverse("console_duty"))
    scope = reach.scope_of(desk.visitor, ROLES)
    found = records.listed(
        on=local_day(desk.now), prefix=scope.prefix, offices=reach.offices_of(scope)
    )
    names = Names(one.made_by for one in found)
    return desk.page(
        "console/duty.html",
        {"form": form, "rows": [_row(one, names, desk) for one in found]},
        current="duty",
    )


def _row(one: Duty, names: Names, desk: Desk) -> dict[str, object]:
    return {
        "id": one.id,
        "where": _where(one),
        "name": one.name,
        "phone": one.phone,
        "from": shown_day(one.starts_on),
        "until": shown_day(one.ends_on) if one.ends_on else gettext("一直"),
        "now": one.starts_on <= local_day(desk.now),
        "public": one.public,
        "by": names.of(one.made_by),
    }


def _where(one: Duty) -> str:
    if one.office:
        return office_title(one.office)
    return place_title(one.division) if one.division else gettext("全部机构")


def _added(desk: Desk, form: DutyForm) -> bool:
    if not form.is_valid():
        return False
    given: dict[str, Any] = {
        name: value.strip() if isinstance(value, str) else value
        for name, value in form.cleaned_data.items()
    }
    try:
        actions.put(by=desk.user, now=desk.now, **given)
    except RefusedError as refused:
        field = refused.field if refused.field in form.fields else None
        form.add_error(field, words_of(refused.code))
        return False
    messages.success(desk.request, gettext("已经排上，半分钟内各处都看得到。"))
    return True


def _ended(desk: Desk) -> bool:
    try:
        actions.end(by=desk.user, duty=UUID(desk.request.POST.get("duty", "")), now=desk.now)
    except (RefusedError, ValueError):
        messages.error(desk.request, words_of("absent"))
        return True
    messages.success(desk.request, gettext("到今天为止，明天起不再找他。"))
    return True

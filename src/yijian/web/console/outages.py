"""停办通告: written, looked at a second time as families will read it, shown, and ended."""

from datetime import datetime
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from yijian.actions import contexts, reach
from yijian.actions import outages as actions
from yijian.actions.outages import Draft
from yijian.domain.clocks import SHANGHAI
from yijian.domain.context import RefusedError
from yijian.domain.notices import SMS_SEGMENT
from yijian.records import outages as records
from yijian.records.outages import DRAFT, DROPPED, ENDED, SHOWN, Outage
from yijian.records.people import StaffRole
from yijian.web.applicant.values import shown_moment, worded
from yijian.web.console.naming import Names
from yijian.web.console.refusals import words_of
from yijian.web.desk.doors import Desk, desk_page
from yijian.web.desk.forms import DeskForm
from yijian.web.outages import place_of, sentence_of, time_of

ROLES = (StaffRole.OPERATOR, StaffRole.SUPERVISOR)
STATES = {
    DRAFT: (_("还没有发布"), "warn"),
    SHOWN: (_("正在显示"), "bad"),
    ENDED: (_("已经结束"), "good"),
    DROPPED: (_("没有发布"), ""),
}


def _items() -> list[tuple[str, str]]:
    known = {i.code: worded(i.title) for pack in contexts.packs() for i in pack.items.values()}
    return [("", gettext("所有事项")), *known.items()]


class MomentField(forms.DateTimeField):
    """A moment in Shanghai, as the browser's own control gives it."""

    widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
    input_formats = ("%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M")


class OutageForm(DeskForm):
    """What does not work, where and until when, in the words families read."""

    division = forms.CharField(
        label=_("区划"),
        max_length=6,
        required=False,
        help_text=_("两位、四位或六位代码；空着就是全部。"),
    )
    office = forms.CharField(
        label=_("机构代码"), max_length=40, required=False, help_text=_("只有一个机构时填。")
    )
    item = forms.ChoiceField(label=_("事项"), choices=_items, required=False)
    starts_at = MomentField(label=_("从什么时候起"))
    ends_at = MomentField(
        label=_("到什么时候止"), required=False, help_text=_("不知道就空着，恢复后在这里结束。")
    )
    words_zh = forms.CharField(
        label=_("通告"),
        max_length=actions.LONGEST_WORDS,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("说清楚哪里不能办、什么时候恢复、现在能怎么办。"),
    )
    words_en = forms.CharField(
        label=_("英文"),
        max_length=2 * actions.LONGEST_WORDS,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    texting = forms.BooleanField(
        label=_("给有事项在那里办的家庭各发一条短信（由另一个人发布）"), required=False
    )


@desk_page("GET", "POST", roles=ROLES)
def overview(desk: Desk) -> HttpResponse:
    """What is drafted and shown, and the form for a new one."""
    over = desk.request.GET.get("over") == "1"
    form = OutageForm(
        desk.request.POST if desk.request.method == "POST" else None,
        initial={"starts_at": desk.now.astimezone(SHANGHAI)},
    )
    if form.is_valid():
        made = _written(desk, form)
        if made is not None:
            return HttpResponseRedirect(reverse("console_outage", args=[made]))
    scope = reach.scope_of(desk.visitor, ROLES)
    found = records.listed(over=over, prefix=scope.prefix, offices=reach.offices_of(scope))
    return desk.page(
        "console/outages.html",
        {"form": form, "rows": [_row(one) for one in found], "over": over},
        current="outages",
    )


def _row(one: Outage) -> dict[str, object]:
    words, tone = STATES[one.state]
    return {
        "url": reverse("console_outage", args=[one.id]),
        "where": place_of(one),
        "time": time_of(one),
        "words": one.words_zh,
        "state": words,
        "tone": tone,
        "texting": one.texting,
        "texts": one.texts,
    }


def _written(desk: Desk, form: OutageForm) -> UUID | None:
    data = form.cleaned_data
    draft = Draft(
        starts_at=_moment(data["starts_at"]) or desk.now,
        ends_at=_moment(data["ends_at"]),
        words_zh=data["words_zh"].strip(),
        words_en=data["words_en"].strip(),
        division=data["division"].strip(),
        office=data["office"].strip(),
        item=data["item"],
        texting=data["texting"],
    )
    try:
        return actions.write(by=desk.user, draft=draft, now=desk.now)
    except RefusedError as refused:
        field = refused.field if refused.field in form.fields else None
        form.add_error(field, words_of(refused.code))
        return None


def _moment(given: datetime | None) -> datetime | None:
    """What was typed is Shanghai time, whatever the server's own."""
    return None if given is None else given.replace(tzinfo=SHANGHAI)


@desk_page("GET", "POST", roles=ROLES)
def one(desk: Desk, outage_id: UUID) -> HttpResponse:
    """One outage as families read it, and the buttons to show or to end it."""
    found = records.one(outage_id)
    if found is None or not actions.may_see(desk.visitor, found):
        return desk.absent()
    problem = ""
    if desk.request.method == "POST":
        problem = _done(desk, found)
        if not problem:
            return HttpResponseRedirect(reverse("console_outages"))
    names = Names([found.made_by, found.shown_by])
    words, tone = STATES[found.state]
    own = found.made_by == desk.visitor.staff
    return desk.page(
        "console/outage.html",
        {
            "one": found,
            "title": place_of(found),
            "time": time_of(found),
            "state": words,
            "tone": tone,
            "sentence": sentence_of(found, "zh-hans"),
            "sentence_en": sentence_of(found, "en") if found.words_en else "",
            "segments": -(-len(found.words_zh) // SMS_SEGMENT),
            "families": actions.families(found) if found.state in (DRAFT, SHOWN) else None,
            "made_by": names.of(found.made_by),
            "made_at": shown_moment(found.made_at),
            "shown_by": names.of(found.shown_by) if found.shown_by else "",
            "may_show": found.state == DRAFT and not (found.texting and own),
            "needs_other": found.state == DRAFT and found.texting and own,
            "may_end": found.state in (DRAFT, SHOWN),
            "problem": problem,
        },
        current="outages",
    )


def _done(desk: Desk, found: Outage) -> str:
    """Do what was pressed; the sentence of why it was not done."""
    try:
        if desk.request.POST.get("do") == "show":
            actions.show(by=desk.user, outage=found.id, now=desk.now)
            messages.success(desk.request, gettext("已经发布，半分钟内各处都看得到。"))
        elif desk.request.POST.get("do") == "end":
            actions.end(by=desk.user, outage=found.id, now=desk.now)
            messages.success(desk.request, gettext("已经结束，不再显示。"))
        else:
            return words_of("unknown_step")
    except RefusedError as refused:
        return words_of(refused.code)
    return ""

"""谁来办: the queue of this window, a new family, who was seen, and who agreed."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from yijian.actions import contexts, window, window_filling
from yijian.actions.cases import CITIZEN
from yijian.actions.window import Card
from yijian.domain.arriving import filler
from yijian.domain.clocks import SHANGHAI
from yijian.domain.context import Context, RefusedError
from yijian.domain.numbers import masked_name
from yijian.domain.signing import required_steps
from yijian.domain.states import Stage
from yijian.records import access, queries
from yijian.records import window as records
from yijian.records.lines import CaseLine
from yijian.records.people import StaffRole
from yijian.web.applicant.entering import notice_texts
from yijian.web.applicant.values import phrase, role_title, shown_moment, worded
from yijian.web.desk.doors import Desk, desk_page
from yijian.web.desk.forms import DeskForm
from yijian.web.rendering import Choice
from yijian.web.window.doors import Sitting, window_page
from yijian.web.window.sentences import sentence

PAGE_SIZE = 50


class CardForm(DeskForm):
    """An original ID card, read by the reader or typed."""

    name = forms.CharField(
        label=_("姓名"), max_length=60, widget=forms.TextInput({"autocomplete": "off"})
    )
    id_number = forms.CharField(
        label=_("证件号码"),
        max_length=40,
        widget=forms.TextInput({"autocomplete": "off", "inputmode": "text"}),
    )
    id_type = forms.ChoiceField(label=_("证件种类"), initial=CITIZEN)
    phone = forms.CharField(
        label=_("手机号码"),
        max_length=20,
        required=False,
        widget=forms.TextInput({"type": "tel", "autocomplete": "off"}),
    )
    present = forms.BooleanField(label=_("本人在场"), required=False)
    original_seen = forms.BooleanField(
        label=_("已核对证件原件"),
        error_messages={"required": _("请先核对证件原件，再打勾。")},
    )

    def __init__(self, context: Context, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        types = context.pack.code_lists.get("id_type")
        entries = types.entries if types else {}
        field = self.fields["id_type"]
        if isinstance(field, forms.ChoiceField):
            field.choices = [(code, worded(text)) for code, text in entries.items()]

    def card(self) -> Card:
        """The card as it was read."""
        given = self.cleaned_data
        return Card(given["name"], given["id_number"], given["id_type"], given["phone"])


class NewForm(CardForm):
    """Who stands here, for a new case."""

    field_order = ("pack", "role", "name", "id_number", "id_type", "phone")

    def __init__(self, found: tuple[Context, ...], *args: Any, **kwargs: Any) -> None:
        first = found[0]
        roles = dict.fromkeys(role for one in found for role in one.pack.applicants)
        # A field made here stands on this form alone.
        super().__init__(first, *args, **kwargs)
        self.fields["role"] = forms.ChoiceField(
            label=gettext("谁在窗口前"),
            choices=[(role, Choice(role_title(first, role))) for role in roles],
            widget=forms.RadioSelect,
            initial=first.pack.applicants[0],
        )
        if len(found) > 1:
            self.fields["pack"] = forms.ChoiceField(
                label=gettext("按哪个方案办"),
                choices=[(one.pack.code, Choice(worded(one.pack.title))) for one in found],
                widget=forms.RadioSelect,
                initial=first.pack.code,
            )
        self.order_fields(self.field_order)


@desk_page("GET", "POST", roles=(StaffRole.WINDOW,))
def queue(desk: Desk) -> HttpResponse:
    """Today's cases of this window, and the open ones from before; found by their number."""
    wanted = desk.request.POST.get("q", "").strip().upper()[:40]
    if wanted:
        return _to_case(desk, wanted)
    try:
        after = UUID(desk.request.GET.get("after", ""))
    except ValueError:
        after = None
    lines = queries.window_cases(by=desk.user, after=after, limit=PAGE_SIZE + 1)
    more, lines = len(lines) > PAGE_SIZE, lines[:PAGE_SIZE]
    today = desk.now.astimezone(SHANGHAI).date()
    rows = [_row(line) for line in lines]
    started = [line.started_at.astimezone(SHANGHAI).date() == today for line in lines]
    return desk.page(
        "window/queue.html",
        {
            "today": [row for row, is_today in zip(rows, started, strict=True) if is_today],
            "earlier": [row for row, is_today in zip(rows, started, strict=True) if not is_today],
            "next_url": f"?after={lines[-1].case_id}" if more else "",
            "enquiry_only": desk.office is not None and window.is_enquiry_desk(desk.office),
            "schemes": _schemes(desk),
        },
        current="window",
    )


def _schemes(desk: Desk) -> list[dict[str, str]]:
    """The schemes of this window: what its desk is there for, and the paper that it hands out."""
    if desk.office is None:
        return []
    return [
        {
            "title": worded(context.pack.service_title),
            "desk": phrase(context, "enquiry_desk"),
            "notice_url": reverse("guide_printed", args=[context.pack.code, "notice"]),
        }
        for context in window.contexts_here(desk.office)
    ]


def _to_case(desk: Desk, number: str) -> HttpResponse:
    """Straight to a case of this window; whatever else was asked for is not here."""
    try:
        access.access_window_case(by=desk.user, number=number, purpose=window.PURPOSE, now=desk.now)
    except access.Refused:
        messages.error(desk.request, gettext("本窗口没有这个编号的办件。"))
        return HttpResponseRedirect(reverse("desk_window"))
    return HttpResponseRedirect(reverse("window_case", args=[number]))


def _row(line: CaseLine) -> dict[str, object]:
    stages = {
        Stage.DRAFT.value: (gettext("正在办"), "info"),
        Stage.SIGNING.value: (gettext("等待签名"), "warn"),
        Stage.SUBMITTED.value: (gettext("已提交"), "good"),
    }
    names = [name for name in line.names.get("newborns", ()) if name]
    tag, tone = stages.get(line.stage, (line.stage, ""))
    return {
        "number": line.number,
        "url": reverse("window_case", args=[line.number]),
        "child": gettext("、").join(names) or gettext("未取名"),
        "mother": line.names.get("mother", ""),
        "tag": tag,
        "tone": tone,
        "since": shown_moment(line.submitted_at or line.started_at),
        "done": f"{line.ended} / {line.tasks}" if line.tasks else "—",
    }


@desk_page("GET", "POST", roles=(StaffRole.WINDOW,))
def new(desk: Desk) -> HttpResponse:
    """Who is here: the card is read, the original seen; the case of the family opens."""
    office = desk.office
    found = window.contexts_here(office) if office else ()
    if not found:
        return desk.page("window/no_scheme.html", current="window", status=409)
    posted = desk.request.POST if desk.request.method == "POST" else None
    form = NewForm(found, posted, initial={"present": True})
    if posted is not None and form.is_valid():
        try:
            number = window.open_case(
                by=desk.user,
                role=form.cleaned_data["role"],
                card=form.card(),
                present=form.cleaned_data["present"],
                pack=form.cleaned_data.get("pack") or found[0].pack.code,
                now=desk.now,
            )
            return HttpResponseRedirect(reverse("window_people", args=[number]))
        except RefusedError as refusal:
            form.add_error(
                refusal.field if refusal.field in form.fields else None, sentence(refusal)
            )
    return desk.page(
        "window/new.html",
        {
            "form": form,
            "boxes": [form[name] for name in form.fields if name not in ("pack", "role")],
            "scheme": worded(found[0].pack.title) if len(found) == 1 else "",
        },
        current="window",
        status=422 if form.errors else 200,
    )


@window_page("GET")
def case_home(sitting: Sitting) -> HttpResponse:
    """No page of its own: leads to the step that is needed next."""
    return sitting.go(sitting.next_step())


@window_page("GET", "POST")
def people(sitting: Sitting) -> HttpResponse:
    """Who was seen, who agreed, who still has to come; cards are read and consents taken here."""
    posted = sitting.desk.request.POST if sitting.posted else None
    role = posted.get("role", "") if posted is not None else ""
    bound: dict[str, CardForm] = {}
    if posted is not None and posted.get("do") == "agree":
        window_filling.agree(by=sitting.user, number=sitting.number, role=role, now=sitting.now)
        return sitting.go_on()
    if posted is not None and role in _roles(sitting):
        form = CardForm(sitting.context, posted, prefix=role)
        bound[role] = form
        if form.is_valid():
            try:
                window.identify(
                    by=sitting.user,
                    number=sitting.number,
                    role=role,
                    card=form.card(),
                    present=form.cleaned_data["present"],
                    now=sitting.now,
                )
                return sitting.go("people")
            except RefusedError as refusal:
                form.add_error(
                    refusal.field if refusal.field in form.fields else None, sentence(refusal)
                )
    return sitting.page(
        "window/people.html",
        {
            "people": [_person(sitting, one, bound.get(one)) for one in _roles(sitting)],
            "notices": notice_texts(sitting.context)["texts"],
            "errors": [form for form in bound.values() if form.errors],
            "next_url": sitting.url(sitting.next_step()),
            "may_go_on": sitting.next_step() != "people",
            "taken": sitting.case.stage is not Stage.DRAFT,
        },
        step="people",
        status=422 if any(form.errors for form in bound.values()) else 200,
    )


def _roles(sitting: Sitting) -> list[str]:
    """Everybody this case may need: who applies, arrives, fills in, signs, in the pack's order."""
    pack, case = sitting.context.pack, sitting.case
    wanted = {case.applicant, filler(case, sitting.context)}
    wanted |= {step.role for step in pack.arrivals}
    wanted |= {step.role for step in required_steps(case, sitting.context, sitting.now)}
    # A representative brings the cards of those who stay away.
    wanted |= {role.id for role in pack.roles.values() if role.sex is not None}
    order = [*pack.roles, *pack.applicants]
    return list(dict.fromkeys(role for role in order if role in wanted))


def _person(sitting: Sitting, role: str, form: CardForm | None) -> dict[str, object]:
    case = sitting.case
    seen = records.sightings(case_id=sitting.opened.loaded.id).get(role)
    name = case.verified.get((f"{role}_name", 0))
    signs = {step.role for step in required_steps(case, sitting.context, sitting.now)}
    return {
        "role": role,
        "title": role_title(sitting.context, role),
        "name": masked_name(str(name.value)) if name and name.value else "",
        "seen": shown_moment(seen.at) if seen else "",
        "present": bool(seen and seen.present),
        "agreed": case.consented(role),
        "may_agree": bool(seen and seen.present) and not case.consented(role),
        "signs": role in signs,
        "form": form or CardForm(sitting.context, prefix=role, initial={"present": True}),
    }


@window_page("GET", "POST")
def handover(sitting: Sitting) -> HttpResponse:
    """To another window: an enquiry desk gives the case to the institution that issues."""
    office = sitting.office
    directory = contexts.directory()
    proposed = directory.office(office.hands_over_to or "")
    near = [
        other
        for other in directory.offices
        if other.code != office.code
        and other.kind == (proposed.kind if proposed else office.kind)
        and other.division[:4] == office.division[:4]
        and other.issues_certificates
    ]
    if sitting.posted:
        there = window.hand_over(
            by=sitting.user,
            number=sitting.number,
            office=sitting.desk.request.POST.get("office") or None,
            now=sitting.now,
        )
        words = gettext("已经转交给%(office)s，家庭到那里报办件编号 %(number)s 就能接着办。")
        messages.success(
            sitting.desk.request,
            words % {"office": worded(there.title), "number": sitting.number},
        )
        return HttpResponseRedirect(reverse("desk_window"))
    return sitting.page(
        "window/handover.html",
        {
            "proposed": _office_card(proposed) if proposed else None,
            "others": [(other.code, worded(other.title)) for other in near],
        },
        step="handover",
    )


def _office_card(office: Any) -> dict[str, str]:
    return {
        "code": office.code,
        "title": worded(office.title),
        "phone": office.phone,
        "address": office.address,
    }

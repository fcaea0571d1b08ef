"""送达: what lies here for families: hand it over against a card and a signature, post it, take
it back."""

from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from yijian.actions import contexts
from yijian.actions import parcels as actions
from yijian.actions.parcels import OpenedParcel
from yijian.domain import parcels as domain
from yijian.domain.cases import ParcelState
from yijian.domain.context import RefusedError
from yijian.domain.numbers import masked_name
from yijian.domain.parcels import ALLOWED, Mover
from yijian.records import parcels as records
from yijian.records.parcels import ParcelLine
from yijian.records.people import StaffRole
from yijian.web.applicant.values import role_title, shown_moment, worded
from yijian.web.desk.doors import Desk, desk_page
from yijian.web.desk.forms import DeskForm
from yijian.web.messages.sentences import sentence
from yijian.web.rendering import STROKES_MAX_LENGTH, SignatureDrawing, SignatureField
from yijian.web.templatetags.masks import mask_id_number

PAGE_SIZE = 50
TITLES = {
    ParcelState.AWAITED: _("等家庭寄来"),
    ParcelState.READY: _("待领取"),
    ParcelState.POSTING: _("正在叫快递"),
    ParcelState.ORDERED: _("待快递来取"),
    ParcelState.UNDER_WAY: _("快递在路上"),
    ParcelState.DELIVERED: _("已送达"),
    ParcelState.RETURNED: _("退回来了"),
}
TONES = {
    ParcelState.READY: "warn",
    ParcelState.RETURNED: "bad",
    ParcelState.DELIVERED: "good",
}
STEPS = {
    ParcelState.READY: _("留着等人来领"),
    ParcelState.POSTING: _("叫快递寄出"),
    ParcelState.RETURNED: _("已退回到这里"),
}
"""What an office may say besides handing it over."""


class HandOverForm(DeskForm):
    """Whose card was shown, and how receipt is confirmed."""

    name = forms.CharField(label=_("领取人姓名"), max_length=60)
    id_number = forms.CharField(
        label=_("证件号码"),
        max_length=30,
        widget=forms.TextInput({"autocomplete": "off", "spellcheck": "false"}),
    )
    strokes = forms.CharField(max_length=STROKES_MAX_LENGTH, required=False, strip=False)
    on_paper = forms.BooleanField(label=_("已在纸质签收单上签名"), required=False)

    def clean_strokes(self) -> str:
        """A drawing with enough points to be a name; "" for none."""
        strokes = str(self.cleaned_data.get("strokes") or "")
        drawn = SignatureField(label="").clean([strokes, ""]) if strokes else None
        return drawn.strokes if isinstance(drawn, SignatureDrawing) else ""

    def clean(self) -> dict[str, object]:
        cleaned = super().clean() or {}
        if not cleaned.get("strokes") and not cleaned.get("on_paper"):
            self.add_error("on_paper", gettext("请领取人在屏幕上签名，或者在纸上签好后勾选这里"))
        return cleaned


@desk_page("GET", roles=(StaffRole.CLERK,))
def overview(desk: Desk) -> HttpResponse:
    """Everything that has not reached its family, what came back first."""
    try:
        after = UUID(desk.request.GET.get("after", ""))
    except ValueError:
        after = None
    office = desk.visitor.office or ""
    lines = records.of_office(office=office, after=after, limit=PAGE_SIZE + 1)
    more, lines = len(lines) > PAGE_SIZE, lines[:PAGE_SIZE]
    rows = [_row(line) for line in lines]
    rows.sort(key=lambda row: row["tone"] != "bad")
    return desk.page(
        "desk/parcels.html",
        {"rows": rows, "next_url": f"?after={lines[-1].id}" if more else ""},
        current="parcels",
    )


def _row(line: ParcelLine) -> dict[str, str]:
    pack = contexts.pack_of(line.pack_digest)
    newborns = line.names.get("newborns", [])
    child = newborns[line.newborn - 1] if 0 < line.newborn <= len(newborns) else ""
    return {
        "url": reverse("desk_parcel", args=[line.id]),
        "number": line.number,
        "what": worded(pack.items[line.item].title) if line.item in pack.items else line.item,
        "family": gettext("、").join(filter(None, [line.names.get("mother", ""), child])),
        "since": shown_moment(line.since),
        "tag": str(TITLES[line.state]),
        "tone": TONES.get(line.state, "info"),
    }


@desk_page("GET", "POST", roles=(StaffRole.CLERK,))
def parcel(desk: Desk, parcel_id: UUID) -> HttpResponse:
    """One parcel: who may have it, what to look at, and the one thing to do next."""
    opened = actions.open_parcel(by=desk.user, parcel_id=parcel_id, now=desk.now)
    form, problem = HandOverForm(), ""
    if desk.request.method == "POST":
        form, problem = _act(desk, parcel_id)
        if not form.errors and not problem:
            messages.success(desk.request, gettext("记下了。"))
            return HttpResponseRedirect(reverse("desk_parcels"))
    return desk.page(
        "desk/parcel.html",
        {**_shown(desk, opened), "form": form, "problem": problem},
        current="parcels",
        status=422 if form.errors or problem else 200,
    )


def _act(desk: Desk, parcel_id: UUID) -> tuple[HandOverForm, str]:
    posted = desk.request.POST
    form = HandOverForm()
    try:
        if posted.get("do") != "hand_over":
            to = {state.value: state for state in STEPS}.get(posted.get("do", ""))
            if to is None:
                raise RefusedError("step_not_allowed")
            actions.step(by=desk.user, parcel_id=parcel_id, to=to, now=desk.now)
            return form, ""
        form = HandOverForm(posted)
        if form.is_valid():
            given = form.cleaned_data
            actions.hand_over(
                by=desk.user,
                parcel_id=parcel_id,
                name=given["name"],
                id_number=given["id_number"],
                proof="signed_here" if given["strokes"] else "signed_paper",
                strokes=given["strokes"],
                now=desk.now,
            )
    except RefusedError as refusal:
        if refusal.field in form.fields:
            form.add_error(refusal.field, sentence(refusal))
        else:
            return form, sentence(refusal)
    return form, ""


def _shown(desk: Desk, opened: OpenedParcel) -> dict[str, object]:
    case, context, parcel = opened.case, opened.context, opened.parcel
    option = domain.option_by_code(context.pack, opened.key[0], parcel.option)
    steps = [
        {"value": state.value, "title": words}
        for state, words in STEPS.items()
        if Mover.OFFICE in ALLOWED.get((parcel.state, state), frozenset())
        and (
            state is not ParcelState.POSTING
            or domain.may_be_posted(case, opened.key, context, desk.now)
        )
    ]
    may_hand_over = Mover.OFFICE in ALLOWED.get((parcel.state, ParcelState.DELIVERED), frozenset())
    return {
        "number": case.number,
        "title": worded(context.pack.items[opened.key[0]].title),
        "state": TITLES[parcel.state],
        "tone": TONES.get(parcel.state, "info"),
        "since": shown_moment(parcel.since),
        "way": worded(option.title) if option else "",
        "bring": worded(option.bring) if option else "",
        "cost": worded(option.cost) if option else "",
        "refused": parcel.proof == "courier_refused",
        "tracking": opened.words.get("tracking", ""),
        "address": domain.address_of(case, context, desk.now)
        if option is not None and option.needs_address
        else None,
        "collectors": [
            {
                "role": role_title(context, one.role),
                "name": masked_name(one.name),
                "number": mask_id_number(one.id_number),
            }
            for one in domain.collectors(case, opened.key, context, desk.now)
        ],
        "may_hand_over": may_hand_over,
        "steps": steps,
    }

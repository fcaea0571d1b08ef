"""分娩信息: a hospital's delivery records with their hour clock, and the form to enter one.

Entering a record wakes the family that waits for it (`actions.deliveries`).
"""

import re
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext

from yijian.actions import contexts
from yijian.actions import deliveries as actions
from yijian.domain.clocks import due_light
from yijian.domain.context import RefusedError
from yijian.domain.policy import Pack
from yijian.records import access, queries
from yijian.records.lines import DeliveryLine
from yijian.records.people import StaffRole
from yijian.web.applicant.values import shown_moment
from yijian.web.desk.delivery_forms import MOST_NEWBORNS, DeliveryForms, delivery_forms
from yijian.web.desk.doors import Desk, desk_page
from yijian.web.desk.lines import span

PAGE_SIZE = 50
PURPOSE = "record_delivery"
NUMBERS = frozenset(str(number) for number in range(1, MOST_NEWBORNS + 1))
DELIVERY_ID = re.compile(r"[A-Za-z0-9_-]{4,64}", re.ASCII)


@desk_page("GET", roles=(StaffRole.DELIVERIES,))
def overview(desk: Desk) -> HttpResponse:
    """The institution's delivery records, newest first, each with its clock."""
    try:
        after = UUID(desk.request.GET.get("after", ""))
    except ValueError:
        after = None
    lines = queries.institution_deliveries(by=desk.user, after=after, limit=PAGE_SIZE + 1)
    more, lines = len(lines) > PAGE_SIZE, lines[:PAGE_SIZE]
    hours = actions.hours_at(desk.visitor.office or "")
    rows = [_row(line, hours or 0, desk.now) for line in lines]
    return desk.page(
        "desk/deliveries.html",
        {
            "rows": rows,
            "late": sum(row["late"] is True for row in rows),
            "hours": hours,
            "next_url": f"?after={lines[-1].id}" if more else "",
        },
        current="deliveries",
    )


def _row(line: DeliveryLine, hours: int, now: datetime) -> dict[str, Any]:
    """One record: how its clock stands, or stood when it was complete."""
    sources = {
        "desk": gettext("工作台录入"),
        "system": gettext("医院系统上报"),
        "register": gettext("登记库"),
    }
    started = line.due_at - timedelta(hours=hours)
    done = line.recorded_at is not None
    at = line.recorded_at or now
    light = due_light(line.due_at, started, at)
    late = at >= line.due_at
    if late:
        words = gettext("超 %(time)s") % {"time": span(at - line.due_at)}
    elif done:
        words = gettext("按时")
    else:
        words = gettext("还剩 %(time)s") % {"time": span(line.due_at - now)}
    return {
        "url": reverse("desk_delivery", args=[line.id]),
        "number": line.delivery_id,
        "source": sources.get(line.source, line.source),
        "entered": shown_moment(line.entered_at),
        "due": shown_moment(line.due_at),
        "light": "" if done and not late else light,
        "late": late,
        "tag": gettext("已录全") if done else gettext("待录入"),
        "tone": "good" if done else "warn",
        "left": words,
    }


@desk_page("GET", "POST", roles=(StaffRole.DELIVERIES,))
def new(desk: Desk) -> HttpResponse:
    """Enter a delivery. The record's number is made with the page: sent twice, it is one record."""
    sent = desk.request.POST.get("delivery_id", "")
    delivery_id = sent if DELIVERY_ID.fullmatch(sent) else f"D{uuid4().hex[:16].upper()}"
    return _page(desk, delivery_id, None)


@desk_page("GET", "POST", roles=(StaffRole.DELIVERIES,))
def change(desk: Desk, record_id: UUID) -> HttpResponse:
    """A record that was entered before; saving keeps a newer version of it."""
    kept = access.access_delivery(by=desk.user, record_id=record_id, purpose=PURPOSE, now=desk.now)
    return _page(desk, kept.delivery_id, dict(kept.document))


def _page(desk: Desk, delivery_id: str, record: dict[str, Any] | None) -> HttpResponse:
    sent = desk.request.POST if desk.request.method == "POST" else None
    count = _newborns(sent, record)
    pack = _pack(desk)
    if sent is not None and sent.get("do") in ("more", "fewer"):
        count = max(1, min(MOST_NEWBORNS, count + (1 if sent["do"] == "more" else -1)))
        return _show(desk, delivery_id, _retyped(desk, count), record, 200)
    forms = delivery_forms(pack, desk.now, count, sent, record)
    if sent is None:
        return _show(desk, delivery_id, forms, record, 200)
    if not forms.is_valid() or not _kept(desk, delivery_id, forms):
        return _show(desk, delivery_id, forms, record, 422)
    messages.success(
        desk.request, gettext("分娩信息已保存。在等这条记录的家庭会自动收到通知，接着办理。")
    )
    return HttpResponseRedirect(reverse("desk_deliveries"))


def _pack(desk: Desk) -> Pack:
    """A scheme of the institution's place; what a record is made of is the same in all of them."""
    office = desk.office
    serving = contexts.packs_at(office.division if office else "", received=True)
    return (serving or contexts.packs())[0]


def _retyped(desk: Desk, count: int) -> DeliveryForms:
    """Everything typed so far, unjudged, for one child more or less."""
    sent = desk.request.POST
    on_the_page = set(sent.getlist("part"))
    forms = delivery_forms(_pack(desk), desk.now, count)
    for form in forms.all:
        if (form.prefix or "birth") not in on_the_page:
            continue
        for name, field in form.fields.items():
            form.initial[name] = field.widget.value_from_datadict(
                sent, desk.request.FILES, form.add_prefix(name)
            )
    return forms


def _newborns(sent: Any, record: dict[str, Any] | None) -> int:
    if sent is not None:
        text = sent.get("newborns", "1")
        return max(1, min(MOST_NEWBORNS, int(text) if text in NUMBERS else 1))
    return max(1, min(MOST_NEWBORNS, len(record.get("newborns") or ()) if record else 1))


def _kept(desk: Desk, delivery_id: str, forms: DeliveryForms) -> bool:
    """Keep the record; False when the reader found a fault, which then stands beside its field."""
    office = desk.office
    if office is None:
        raise access.Refused
    try:
        actions.record(by=desk.user, delivery=forms.record(delivery_id, office), now=desk.now)
    except RefusedError as refusal:
        forms.blame(refusal.field or "", gettext("这一项不对，请核对"))
        return False
    return True


def _show(
    desk: Desk,
    delivery_id: str,
    forms: DeliveryForms,
    record: dict[str, Any] | None,
    status: int,
) -> HttpResponse:
    return desk.page(
        "desk/delivery.html",
        {
            "forms": forms,
            "errors": [form for form in forms.all if form.is_bound and form.errors],
            "count": len(forms.newborns),
            "may_add": len(forms.newborns) < MOST_NEWBORNS,
            "delivery_id": delivery_id,
            "is_new": record is None,
            "hours": actions.hours_at(desk.visitor.office or ""),
        },
        current="deliveries",
        status=status,
    )

"""工单: the worklist by deadline, one order with its steps, and the reply as the family reads it.

The complaints desk sees the words and may ask for the phone; the supervisor of the office that has
the order sees the matter, never the person.
"""

from datetime import datetime, timedelta
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext

from yijian.actions import contexts, order_urging, work_orders
from yijian.actions.rating_rules import rules_of
from yijian.domain.clocks import local_day
from yijian.domain.context import RefusedError
from yijian.domain.ratings import Level
from yijian.domain.work_orders import OrderActor, OrderState, days_late
from yijian.records import work_orders as records
from yijian.records.people import StaffRole
from yijian.records.work_orders import Opened, OrderLine
from yijian.web.applicant.rating_words import FINDINGS, KINDS, OUTCOMES, STATES, STEPS, said
from yijian.web.applicant.values import shown_day, shown_moment, worded
from yijian.web.console.grids import Cell, grid
from yijian.web.console.order_forms import PREVIEWED, StepForm, forms_of
from yijian.web.desk.doors import Desk, desk_page

HANDLING = (StaffRole.COMPLAINTS, StaffRole.SUPERVISOR)
GROUPS = {
    "open": records.OPEN,
    "new": ("new",),
    "with_office": ("assigned", "in_hand"),
    "appealed": ("appealed",),
    "to_call_back": ("answered",),
    "to_close": ("called_back",),
    "closed": ("closed",),
}
FOR_THE_DESK = ("open", "added", "rate_again", "call_back", "close")
"""Steps whose notes could tell the office who came."""
TONES = {"green": "good", "yellow": "warn", "red": "bad"}


@desk_page("GET", roles=HANDLING)
def overview(desk: Desk) -> HttpResponse:
    """The orders that this visitor has to do with, the most urgent first."""
    group = desk.request.GET.get("group", "open")
    kind = desk.request.GET.get("kind", "")
    group, kind = group if group in GROUPS else "open", kind if kind in KINDS else ""
    handler = own_office(desk)
    lines, following = records.worklist(
        states=GROUPS[group], handler=handler, kind=kind, after=_after(desk)
    )
    counts = records.open_counts(handler=handler, now=desk.now)
    rows = [_row(line, desk) for line in lines]
    heads = [
        gettext("编号"),
        gettext("最后一天"),
        gettext("类别"),
        gettext("状态"),
        gettext("事项"),
        gettext("说的是哪个机构"),
        gettext("承办机构"),
        gettext("收到"),
    ]
    kept = {"group": group, "kind": kind}
    return desk.page(
        "console/orders.html",
        {
            "grid": grid(gettext("工单"), heads, rows),
            "groups_here": [
                {"code": code, "title": title, "count": _sum(counts, GROUPS[code])}
                for code, title in group_titles().items()
            ],
            "group": group,
            "kinds": KINDS.items(),
            "kind": kind,
            "late": counts["late"],
            "on_desk": handler is None,
            "next_url": f"?{urlencode({**kept, 'after': _token(following)})}" if following else "",
        },
        current="orders",
    )


def group_titles() -> dict[str, str]:
    """What the groups of the worklist are called."""
    return {
        "open": gettext("全部在办"),
        "new": gettext("待转办"),
        "with_office": gettext("承办中"),
        "appealed": gettext("申诉待复核"),
        "to_call_back": gettext("待回访"),
        "to_close": gettext("待办结"),
        "closed": gettext("已办结"),
    }


def own_office(desk: Desk) -> str | None:
    """The office whose orders a supervisor sees; None for the complaints desk, which sees all."""
    return None if desk.visitor.works_as(StaffRole.COMPLAINTS) else desk.visitor.office or ""


@desk_page("GET", "POST", roles=HANDLING)
def order(desk: Desk, order_id: UUID) -> HttpResponse:
    """One order: what it is about, what was done, and what may be done now."""
    found, actor, _who = work_orders.access_order(by=desk.user, order_id=order_id, now=desk.now)
    sent = desk.request.POST if desk.request.method == "POST" else None
    tried = sent.get("step", "") if sent is not None else ""
    forms = forms_of(work_orders.may(found, actor), found, tried, sent)
    extra: dict[str, object] = {}
    if sent is not None and tried == "phone" and actor is OrderActor.DESK:
        phone = work_orders.phone_of(by=desk.user, order_id=order_id, now=desk.now)
        extra["phone"] = phone or gettext("没有留电话")
    elif sent is not None:
        form = next((each for each in forms if each.step.name == tried), None)
        if form is None:
            code = "family_forgotten" if found.order.forgotten else "step_not_allowed"
            messages.error(desk.request, said(RefusedError(code)))
            return _back(order_id)
        if form.is_valid() and not sent.get("edit"):
            if tried in PREVIEWED and sent.get("confirmed") != "1":
                return _preview(desk, found, form, sent.get("version", ""))
            refusal = _act(desk, order_id, form, sent.get("version", ""))
            if refusal is None:
                messages.success(desk.request, gettext("已记下：%(step)s") % {"step": form.title})
                return _back(order_id)
            form.add_error(None, said(refusal))
        extra["form"] = form
    wrong = sent is not None and "form" in extra and not sent.get("edit")
    return _page(desk, found, actor, forms, extra, status=422 if wrong else 200)


def _act(desk: Desk, order_id: UUID, form: StepForm, version: str) -> RefusedError | None:
    try:
        work_orders.act(
            by=desk.user,
            order_id=order_id,
            step=form.step.name,
            given=form.given,
            version=int(version) if version.isascii() and version.isdigit() else 0,
            now=desk.now,
        )
    except RefusedError as refusal:
        return refusal
    return None


def _preview(desk: Desk, found: Opened, form: StepForm, version: str) -> HttpResponse:
    """What the family will read, before it leaves."""
    return desk.page(
        "console/order_preview.html",
        {
            "number": found.row.number,
            "url": reverse("console_order", args=[found.row.id]),
            "step": form.step.name,
            "version": version,
            "fields": list(form.given.items()),
            "reply": form.given["reply"],
            "kind": KINDS[found.row.kind],
            "finding": FINDINGS.get(form.given.get("finding", ""), ""),
        },
        current="orders",
    )


def _page(
    desk: Desk,
    found: Opened,
    actor: OrderActor,
    forms: list[StepForm],
    extra: dict[str, object],
    status: int,
) -> HttpResponse:
    row, on_desk = found.row, actor is OrderActor.DESK
    late = days_late(row.due_at, row.answered_at, desk.now, contexts.calendar())
    named = row.named and row.case_id is not None
    return desk.page(
        "console/order.html",
        {
            "row": row,
            "kind": KINDS[row.kind],
            "state": STATES[row.state],
            "closed": row.state == OrderState.CLOSED.value,
            "forgotten": found.order.forgotten,
            "forms": forms,
            "version": row.version,
            "on_desk": on_desk,
            "words": found.words if on_desk else {},
            "brief": found.words.get("brief", ""),
            "reply": found.words.get("reply", ""),
            "level": _level(found),
            "reasons": _reasons(found),
            "item": item_title(row.item),
            "about": office_title(row.about),
            "handler": office_title(row.handler),
            "due": shown_day(work_orders.last_day(found)),
            "opened": _when(row.opened_at, on_desk=on_desk),
            "late": late,
            "light": TONES[order_urging.light(row, row.answered_at or desk.now)],
            "case_number": work_orders.case_number_of(found) if on_desk or named else "",
            "steps": [
                {
                    "at": _when(line.at, on_desk=on_desk),
                    "step": STEPS.get(line.step, line.step),
                    "who": _who(line.by),
                    "office": office_title(line.office),
                    "note": line.note if on_desk or line.step not in FOR_THE_DESK else "",
                }
                for line in records.steps_of(found)
            ],
            "outcome": OUTCOMES.get(row.outcome, ""),
            "finding": FINDINGS.get(row.finding, ""),
            **extra,
        },
        current="orders",
        status=status,
    )


def item_title(item: str) -> str:
    """An item in words; the whole service for none."""
    known = {code: one for pack in contexts.packs() for code, one in pack.items.items()}
    return worded(known[item].title) if item in known else (item or gettext("整件事，或者平台"))


def office_title(code: str) -> str:
    """An office in words."""
    found = contexts.directory().office(code) if code else None
    return worded(found.title) if found else code


def _level(found: Opened) -> str:
    text = found.words.get("level", "")
    rules = rules_of(found.words.get("pack", ""))
    return worded(rules.levels[Level(int(text))]) if text else ""


def _reasons(found: Opened) -> list[str]:
    rules = rules_of(found.words.get("pack", ""))
    return [worded(rules.reasons[code].text) for code in found.row.reasons if code in rules.reasons]


def _who(by: str) -> str:
    if by.startswith("staff:"):
        return gettext("工作人员")
    return gettext("家庭") if by == work_orders.FAMILY else gettext("公众")


def _row(line: OrderLine, desk: Desk) -> list[Cell | str]:
    mine = work_orders.side_of(desk.visitor, line.about, line.handler) is not None
    moment = order_urging.turn_until(line)
    light = order_urging.light(line, line.answered_at or line.closed_at or desk.now)
    words = {"green": gettext("未到期"), "yellow": gettext("快到期"), "red": gettext("已超期")}
    last = shown_day(local_day(moment - timedelta(microseconds=1)))
    return [
        Cell(line.number, url=reverse("console_order", args=[line.id]) if mine else ""),
        Cell(
            gettext("%(due)s %(light)s") % {"due": last, "light": words[light]}, tone=TONES[light]
        ),
        Cell(str(KINDS[line.kind]), style="nowrap"),
        Cell(str(STATES[line.state]), style="nowrap"),
        item_title(line.item),
        office_title(line.about),
        office_title(line.handler),
        Cell(shown_day(local_day(line.opened_at)), style="nowrap"),
    ]


def _when(moment: datetime, *, on_desk: bool) -> str:
    """To the office the day alone: an hour could tell it which family was there."""
    return shown_moment(moment) if on_desk else shown_day(local_day(moment))


def _back(order_id: UUID) -> HttpResponseRedirect:
    return HttpResponseRedirect(reverse("console_order", args=[order_id]))


def _sum(counts: dict[str, int], states: tuple[str, ...]) -> int | None:
    return None if states == ("closed",) else sum(counts.get(state, 0) for state in states)


def _token(after: tuple[datetime, UUID]) -> str:
    return f"{after[0].isoformat()}~{after[1]}"


def _after(desk: Desk) -> tuple[datetime, UUID] | None:
    moment, _sep, identifier = desk.request.GET.get("after", "").partition("~")
    try:
        found = datetime.fromisoformat(moment), UUID(identifier)
    except ValueError:
        return None
    return found if found[0].tzinfo is not None else None

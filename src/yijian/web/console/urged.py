"""催办: what this office, or who watches it, has been told of and is still open; orders too."""

from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from yijian.actions import contexts, order_urging
from yijian.actions.order_urging import LateOrder
from yijian.actions.urging import told_to
from yijian.domain.clocks import local_day
from yijian.domain.states import TaskState
from yijian.domain.urging import URGED, reason_of
from yijian.records import duty
from yijian.records import urging as records
from yijian.records.people import StaffRole
from yijian.records.urging import UrgingLine
from yijian.web.applicant.rating_words import KINDS, STATES
from yijian.web.applicant.values import shown_moment, worded
from yijian.web.console.grids import Cell, Grid, grid
from yijian.web.console.naming import Names, office_title
from yijian.web.desk.doors import Desk, desk_page
from yijian.web.desk.lines import left_of, state_title

PAGE_SIZE = 50
ROLES = (
    StaffRole.CLERK, StaffRole.ROUTING, StaffRole.SUPERVISOR, StaffRole.OPERATOR,
    StaffRole.COMPLAINTS,
)  # fmt: skip
URGED_BY_HAND = _("人工催办")


@desk_page("GET", roles=ROLES)
def overview(desk: Desk) -> HttpResponse:
    """What is open, the latest first, and who is on duty there."""
    text = desk.request.GET.get("before", "")
    try:
        before = UUID(text) if text else None
    except ValueError:
        before = None
    found = records.told(told_to(desk.visitor), before=before, limit=PAGE_SIZE + 1)
    shown = found[:PAGE_SIZE]
    names = Names(line.by for line in shown)
    directory = contexts.directory()
    offices = {o.code: o.division for line in shown if (o := directory.office(line.office))}
    answering = duty.answering(offices=offices, on=local_day(desk.now))
    heads = [gettext("办件编号"), gettext("事项"), gettext("机构"), gettext("现在"),
             gettext("剩余时限"), gettext("为什么"), gettext("什么时候"), gettext("谁催的"),
             gettext("值班")]  # fmt: skip
    own_desk = desk.visitor.works_as(StaffRole.CLERK)
    rows = (
        [*_row(line, desk, own_desk), names.of(line.by), _duty(answering.get(line.office))]
        for line in shown
    )
    return desk.page(
        "console/urged.html",
        {
            "grid": grid(gettext("催办"), heads, rows),
            "orders": _orders(desk),
            "following": f"?before={shown[-1].id}" if len(found) > PAGE_SIZE else "",
        },
        current="urged",
    )


def _orders(desk: Desk) -> Grid:
    """The work orders of which this visitor is told."""
    heads = [gettext("编号"), gettext("类别"), gettext("承办机构"), gettext("现在"),
             gettext("剩余时限"), gettext("为什么")]  # fmt: skip
    late = order_urging.told(desk.visitor, now=desk.now)
    return grid(gettext("工单"), heads, (_order(one, desk) for one in late))


def _order(late: LateOrder, desk: Desk) -> list[Cell | str]:
    line = late.line
    return [
        Cell(line.number, url=reverse("console_order", args=[line.id]), style="number"),
        str(KINDS[line.kind]),
        office_title(line.handler) if line.handler else gettext("没有机构"),
        str(STATES[line.state]),
        Cell(
            left_of(late.due_at, False, desk.now),
            tone="bad" if late.due_at <= desk.now else "warn",
        ),
        why_words(reason_of(late.percent)),
    ]


def _row(line: UrgingLine, desk: Desk, own_desk: bool) -> list[Cell | str]:
    item = contexts.pack_of(line.pack_digest).items.get(line.item)
    late = line.due_at is not None and line.due_at <= desk.now
    own = own_desk and line.office == desk.visitor.office
    return [
        Cell(
            line.number,
            url=reverse("desk_task", args=[line.task_id]) if own else "",
            style="number",
        ),
        worded(item.title) if item else line.item,
        office_title(line.office) if line.office else gettext("没有机构"),
        state_title(TaskState(line.state)),
        Cell(left_of(line.due_at, False, desk.now), tone="bad" if late else "warn"),
        why_words(line.why),
        shown_moment(line.at),
    ]


def why_words(why: str) -> str:
    """Why somebody is told, in words."""
    if why == URGED:
        return str(URGED_BY_HAND)
    percent = why.rpartition("_")[2]
    if percent == "100":
        return gettext("时限到了")
    return gettext("时间用到 %(percent)s%%") % {"percent": percent}


def _duty(answers: duty.Duty | None) -> str:
    return f"{answers.name} {answers.phone}" if answers else ""

"""流转: the live picture of what goes between this node and the others, and lists of what waits.

The page asks for itself again every few seconds, by a header that needs no script; whoever reads it
slowly stops that with a link.
"""

from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext

from yijian.actions import contexts
from yijian.domain.routing import FILE, NODE, Reach
from yijian.domain.states import TaskState
from yijian.records import access
from yijian.records import flow as records
from yijian.records.people import StaffRole
from yijian.web.applicant.values import worded
from yijian.web.desk.doors import Desk, desk_page
from yijian.web.desk.exchange import KINDS, why
from yijian.web.desk.flow_drawing import HEIGHT, MIDDLE, WIDTH, drawn
from yijian.web.desk.flow_stations import Station, age, moment, own_work, stations
from yijian.web.desk.lines import state_title

AGAIN_AFTER_SECONDS = 5
MOST_ROWS = 100
WATCHERS = (StaffRole.SUPERVISOR, StaffRole.ROUTING)


@desk_page("GET", roles=WATCHERS)
def overview(desk: Desk) -> HttpResponse:
    """Everybody around this node, drawn and as a table."""
    found = records.flow(by=desk.user, now=desk.now)
    known = stations(found, contexts.directory(), desk.now)
    around = [one for one in known if one.is_node] or known
    tasks, late = own_work(found)
    still = "still" in desk.request.GET
    response = desk.page(
        "desk/flow.html",
        {
            "stations": known,
            "drawn": drawn(around),
            "width": WIDTH,
            "height": HEIGHT,
            "middle": MIDDLE,
            "node": settings.YIJIAN.node,
            "own_tasks": tasks,
            "own_late": late,
            "at": moment(desk.now, desk.now),
            "still": still,
            "seconds": AGAIN_AFTER_SECONDS,
            "broken": sum(one.tone == "bad" for one in known),
            "toggle_url": reverse("desk_flow") + ("" if still else f"?{urlencode({'still': 1})}"),
        },
        current="flow",
    )
    if not still:
        response["Refresh"] = str(AGAIN_AFTER_SECONDS)
    return response


@desk_page("GET", roles=WATCHERS)
def station(desk: Desk, code: str) -> HttpResponse:
    """What waits for one destination, and what is under way there; numbers, never people."""
    found = records.flow(by=desk.user, now=desk.now)
    about = next(
        (one for one in stations(found, contexts.directory(), desk.now) if one.code == code), None
    )
    if about is None:
        raise access.Refused
    messages = records.waiting_for(by=desk.user, destination=code, limit=MOST_ROWS)
    ways = [str(Reach(channel, code)) for channel in (NODE, "system")]
    if code.startswith(f"{FILE}:"):
        ways = [code]
    tasks = records.under_way_at(by=desk.user, channels=ways, limit=MOST_ROWS)
    return desk.page(
        "desk/flow_station.html",
        {
            "station": about,
            "waiting": [_message(desk, one) for one in messages],
            "tasks": [_task(desk, one) for one in tasks],
            "more": _more(about, len(messages), len(tasks)),
            "may_decide": desk.visitor.works_as(StaffRole.ROUTING),
        },
        current="flow",
    )


def _more(about: Station, messages: int, tasks: int) -> int:
    """How many lines are not shown."""
    waiting = about.post.waiting + about.post.parked
    return max(waiting - messages, 0) + max(about.tasks - tasks, 0)


def _message(desk: Desk, one: records.Waiting) -> dict[str, object]:
    states = {
        "parked": gettext("停住，要人处理"),
        "sending": gettext("正在送"),
        "waiting": gettext("等着送"),
    }
    again = one.state == "waiting" and one.attempts > 0
    return {
        "number": one.number,
        "what": f"{_item(one.item)}{_child(one.newborn)}"
        if one.item
        else str(KINDS.get(one.kind, one.kind)),
        "kind": one.kind,
        "state": states[one.state],
        "tone": "bad" if one.state == "parked" else "warn" if one.attempts else "info",
        "age": age(desk.now - one.created_at),
        "attempts": one.attempts,
        "next": moment(one.not_before, desk.now) if again else "",
        "problem": f"{why(one.problem)} ({one.problem})" if one.problem else "",
    }


def _task(desk: Desk, one: records.UnderWay) -> dict[str, object]:
    office = contexts.directory().office(one.office)
    return {
        "number": one.number,
        "what": f"{_item(one.item)}{_child(one.newborn)}",
        "office": worded(office.title) if office else one.office,
        "state": state_title(TaskState(one.state)),
        "age": age(desk.now - one.since),
        "due": moment(one.due_at, desk.now) if one.due_at else "",
        "late": one.due_at is not None and one.due_at <= desk.now,
    }


def _item(code: str) -> str:
    for pack in contexts.packs():
        if code in pack.items:
            return worded(pack.items[code].title)
    return code


def _child(newborn: int) -> str:
    return f" · {newborn}" if newborn > 1 else ""

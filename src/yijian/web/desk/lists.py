"""办件列表: the worklist by due time, tasks without an office, the window's cases, office counts."""

from collections import Counter
from datetime import datetime
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext

from yijian.actions import contexts
from yijian.actions.tasks import LARGEST_BATCH
from yijian.domain.clocks import SHANGHAI
from yijian.domain.policy import Pack
from yijian.domain.states import Stage, TaskState
from yijian.records import queries
from yijian.records.lines import CaseLine, Page, TaskLine
from yijian.records.people import StaffRole
from yijian.web.applicant.values import shown_moment, worded
from yijian.web.desk.doors import Desk, desk_page
from yijian.web.desk.groups import TITLES
from yijian.web.desk.lines import rows_of, state_title, waits_for_family

PAGE_SIZE = 50
LONGEST_SEARCH = 60
ROUTES = (
    (StaffRole.CLERK, "desk_tasks"),
    (StaffRole.DELIVERIES, "desk_deliveries"),
    (StaffRole.ROUTING, "desk_unrouted"),
    (StaffRole.WINDOW, "desk_window"),
    (StaffRole.SUPERVISOR, "desk_counts"),
)


@desk_page("GET")
def home(desk: Desk) -> HttpResponse:
    """To the first page that the visitor's roles give."""
    for role, address in ROUTES:
        if desk.visitor.works_as(role):
            return HttpResponseRedirect(reverse(address))
    return desk.page("desk/nothing.html")


@desk_page("GET", roles=(StaffRole.CLERK,))
def worklist(desk: Desk) -> HttpResponse:
    """The tasks of the clerk's office in one group, found and filtered, a page at a time."""
    asked = desk.request.GET
    group = asked.get("group", "open")
    group = group if group in TITLES else "open"
    text = asked.get("q", "").strip()[:LONGEST_SEARCH]
    pack = contexts.current_pack()
    items = [i for i in pack.items.values() if i.office_kind == desk.visitor.office_kind]
    item = asked.get("item", "")
    item = item if any(i.code == item for i in items) else ""
    found = _page(desk, group, item, text)
    held = queries.held_decisions(task_ids=[line.task_id for line in found.lines])
    counts = queries.worklist_counts(by=desk.user, now=desk.now)
    kept = {"group": group, "item": item, "q": text}
    return desk.page(
        "desk/worklist.html",
        {
            "title": TITLES[group],
            "group": group,
            "text": text,
            "item": item,
            "items": [(i.code, worded(i.title)) for i in items],
            "columns": _columns(),
            "rows": rows_of(found.lines, pack, held, desk.now),
            "select": "task" if group != "ended" and _any_to_approve(found.lines, pack) else "",
            "late": counts["late"],
            "today": 0 if "after" in asked else _due_today(found.lines, desk.now),
            "total": counts.get(group) if not (text or item) else None,
            "next_url": f"?{urlencode(kept | {'after': found.after})}" if found.after else "",
            "largest_batch": LARGEST_BATCH,
        },
        current=group,
    )


def _columns() -> list[str]:
    return [gettext("新生儿"), gettext("母亲"), gettext("事项")]


def _page(desk: Desk, group: str, item: str, text: str) -> Page:
    """One page; a token that is none begins at the first one again."""
    after = desk.request.GET.get("after") or None
    try:
        return queries.worklist(
            by=desk.user,
            group=group,
            item=item or None,
            text=text,
            after=after,
            limit=PAGE_SIZE,
        )
    except ValueError:
        return queries.worklist(by=desk.user, group=group, limit=PAGE_SIZE)


def _any_to_approve(lines: tuple[TaskLine, ...], pack: Pack) -> bool:
    return any(not waits_for_family(line, pack) for line in lines)


def _due_today(lines: tuple[TaskLine, ...], now: datetime) -> int:
    """How many lines of the first page end today and are not late yet."""
    tomorrow = now.astimezone(SHANGHAI).date()
    return sum(
        line.due_at is not None
        and line.paused_at is None
        and line.due_at > now
        and (line.due_at.astimezone(SHANGHAI) - _MOMENT).date() == tomorrow
        for line in lines
    )


_MOMENT = datetime.resolution


@desk_page("GET", roles=(StaffRole.ROUTING,))
def unrouted(desk: Desk) -> HttpResponse:
    """Tasks for which no office was found; somebody says which one acts."""
    after = desk.request.GET.get("after") or None
    try:
        found = queries.unrouted(by=desk.user, after=after, limit=PAGE_SIZE)
    except ValueError:
        found = queries.unrouted(by=desk.user, limit=PAGE_SIZE)
    held = queries.held_decisions(task_ids=[line.task_id for line in found.lines])
    return desk.page(
        "desk/unrouted.html",
        {
            "columns": _columns(),
            "rows": rows_of(found.lines, contexts.current_pack(), held, desk.now),
            "next_url": f"?{urlencode({'after': found.after})}" if found.after else "",
        },
        current="unrouted",
    )


@desk_page("GET", roles=(StaffRole.WINDOW,))
def window(desk: Desk) -> HttpResponse:
    """Cases begun at this window or of births in this institution, newest first."""
    try:
        after = UUID(desk.request.GET.get("after", ""))
    except ValueError:
        after = None
    lines = queries.window_cases(by=desk.user, after=after, limit=PAGE_SIZE + 1)
    more, lines = len(lines) > PAGE_SIZE, lines[:PAGE_SIZE]
    return desk.page(
        "desk/window.html",
        {
            "rows": [_case_row(line) for line in lines],
            "next_url": f"?{urlencode({'after': lines[-1].case_id})}" if more else "",
        },
        current="window",
    )


def _case_row(line: CaseLine) -> dict[str, object]:
    stages = {
        Stage.DRAFT.value: gettext("家庭正在填写"),
        Stage.SIGNING.value: gettext("等待签名"),
        Stage.SUBMITTED.value: gettext("正在办理"),
    }
    names = [name for name in line.names.get("newborns", ()) if name]
    return {
        "number": line.number,
        "child": gettext("、").join(names) or gettext("未取名"),
        "mother": line.names.get("mother", ""),
        "stage": stages.get(line.stage, line.stage),
        "since": shown_moment(line.submitted_at or line.started_at),
        "done": f"{line.ended} / {line.tasks}" if line.tasks else "—",
    }


@desk_page("GET", roles=(StaffRole.SUPERVISOR,))
def office_counts(desk: Desk) -> HttpResponse:
    """How many tasks stand at every office, and how many are late; no person is named."""
    directory, pack = contexts.directory(), contexts.current_pack()
    tasks: Counter[tuple[str, str]] = Counter()
    late: Counter[tuple[str, str]] = Counter()
    states: dict[tuple[str, str], list[str]] = {}
    for count in queries.task_counts(by=desk.user, now=desk.now):
        key = (count.office or "", count.item)
        tasks[key] += count.tasks
        late[key] += count.late
        states.setdefault(key, []).append(f"{state_title(TaskState(count.state))} {count.tasks}")
    rows = []
    for (code, item), number in sorted(tasks.items(), key=lambda one: -late[one[0]]):
        office = directory.office(code)
        rows.append(
            {
                "office": worded(office.title) if office else code or gettext("待分派"),
                "item": worded(pack.items[item].title) if item in pack.items else item,
                "tasks": number,
                "late": late[code, item],
                "states": gettext("，").join(states[code, item]),
            }
        )
    return desk.page("desk/counts.html", {"rows": rows}, current="counts")

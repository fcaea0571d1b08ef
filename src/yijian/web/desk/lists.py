"""办件列表: the worklist by due time, tasks without an office, the window's cases, office counts."""

import re
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import urlencode

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext

from yijian.actions import contexts
from yijian.actions.tasks import LARGEST_BATCH
from yijian.domain.clocks import SHANGHAI
from yijian.domain.policy import ServiceItem
from yijian.domain.states import TaskState
from yijian.records import queries
from yijian.records.lines import Page, TaskLine
from yijian.records.people import StaffRole
from yijian.web.applicant.values import worded
from yijian.web.desk.doors import Desk, desk_page
from yijian.web.desk.groups import TITLES
from yijian.web.desk.lines import rows_of, state_title, waits_for_family

PAGE_SIZE = 50
LONGEST_SEARCH = 60
CASE_NUMBER = re.compile(r"\d{6}20\d{6}[A-Z][0-9A-Z]*", re.ASCII)
ROUTES = (
    (StaffRole.CLERK, "desk_tasks"),
    (StaffRole.DELIVERIES, "desk_deliveries"),
    (StaffRole.ROUTING, "desk_unrouted"),
    (StaffRole.WINDOW, "desk_window"),
    (StaffRole.ARCHIVIST, "archive"),
    (StaffRole.STOCK, "desk_stock"),
    (StaffRole.SUPERVISOR, "console"),
    (StaffRole.OPERATOR, "console"),
    (StaffRole.COMPLAINTS, "console_orders"),
    (StaffRole.SECURITY_ADMIN, "console_staff"),
    (StaffRole.SYSTEM_ADMIN, "console_offices"),
    (StaffRole.AUDITOR, "console_audit"),
    (StaffRole.AUDIT_ADMIN, "console_audit"),
)


@desk_page("GET")
def home(desk: Desk) -> HttpResponse:
    """To the first page that the visitor's roles give."""
    for role, address in ROUTES:
        if desk.visitor.works_as(role):
            return HttpResponseRedirect(reverse(address))
    return desk.page("desk/nothing.html")


@dataclass(frozen=True, slots=True)
class Asked:
    """What a clerk wants to see of the worklist.

    Names and ID numbers never stand in an address, where logs and histories would keep them: they
    are sent in the body, and only a case number comes back as part of an address.
    """

    group: str
    item: str
    text: str
    after: str

    @property
    def address(self) -> str:
        """The list as an address; only for what may stand in one."""
        kept = {"group": self.group, "item": self.item, "q": self.text, "after": self.after}
        return f"{reverse('desk_tasks')}?{urlencode({k: v for k, v in kept.items() if v})}"

    @property
    def may_stand_in_an_address(self) -> bool:
        """Whether nothing of it could be a person's."""
        return not self.text or CASE_NUMBER.fullmatch(self.text.upper()) is not None


def _asked(desk: Desk, items: Collection[ServiceItem]) -> Asked:
    sent = desk.request.POST if desk.request.method == "POST" else desk.request.GET
    group, item = sent.get("group", "open"), sent.get("item", "")
    asked = Asked(
        group if group in TITLES else "open",
        item if any(one.code == item for one in items) else "",
        sent.get("q", "").strip()[:LONGEST_SEARCH],
        sent.get("after", ""),
    )
    if desk.request.method == "POST" or asked.may_stand_in_an_address:
        return asked
    return replace(asked, text="")


@desk_page("GET", "POST", roles=(StaffRole.CLERK,))
def worklist(desk: Desk) -> HttpResponse:
    """The tasks of the clerk's office in one group, found and filtered, a page at a time."""
    known = {i.code: i for pack in contexts.packs() for i in pack.items.values()}
    items = [i for i in known.values() if i.office_kind == desk.visitor.office_kind]
    asked = _asked(desk, items)
    if desk.request.method == "POST" and asked.may_stand_in_an_address:
        return HttpResponseRedirect(asked.address)
    found = _page(desk, asked)
    held = queries.held_decisions(task_ids=[line.task_id for line in found.lines])
    counts = queries.worklist_counts(by=desk.user, now=desk.now)
    narrowed = bool(asked.text or asked.item)
    following = replace(asked, after=found.after) if found.after else None
    return desk.page(
        "desk/worklist.html",
        {
            "title": TITLES[asked.group],
            "asked": asked,
            "items": [(i.code, worded(i.title)) for i in items],
            "columns": _columns(),
            "rows": rows_of(found.lines, held, desk.now),
            "select": "task" if asked.group != "ended" and _any_free(found.lines) else "",
            "late": counts["late"],
            "today": 0 if asked.after else _due_today(found.lines, desk.now),
            "total": None if narrowed else counts.get(asked.group),
            "following": following,
            "largest_batch": LARGEST_BATCH,
        },
        current=asked.group,
    )


def _columns() -> list[str]:
    return [gettext("新生儿"), gettext("母亲"), gettext("事项")]


def _page(desk: Desk, asked: Asked) -> Page:
    """One page; a token that is none begins at the first one again."""
    try:
        return queries.worklist(
            by=desk.user,
            group=asked.group,
            item=asked.item or None,
            text=asked.text,
            after=asked.after or None,
            limit=PAGE_SIZE,
        )
    except ValueError:
        return queries.worklist(by=desk.user, group=asked.group, limit=PAGE_SIZE)


def _any_free(lines: tuple[TaskLine, ...]) -> bool:
    return any(not waits_for_family(line) for line in lines)


def _due_today(lines: tuple[TaskLine, ...], now: datetime) -> int:
    """How many lines of the first page end today and are not late yet."""
    today = now.astimezone(SHANGHAI).date()
    return sum(
        line.due_at is not None
        and line.paused_at is None
        and line.due_at > now
        and (line.due_at.astimezone(SHANGHAI) - datetime.resolution).date() == today
        for line in lines
    )


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
            "rows": rows_of(found.lines, held, desk.now),
            "next_url": f"?{urlencode({'after': found.after})}" if found.after else "",
        },
        current="unrouted",
    )


@desk_page("GET", roles=(StaffRole.SUPERVISOR,))
def office_counts(desk: Desk) -> HttpResponse:
    """How many tasks stand at every office, and how many are late; no person is named."""
    directory = contexts.directory()
    items = {i.code: i for pack in contexts.packs() for i in pack.items.values()}
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
                "item": worded(items[item].title) if item in items else item,
                "tasks": number,
                "late": late[code, item],
                "states": gettext("，").join(states[code, item]),
            }
        )
    return desk.page("desk/counts.html", {"rows": rows}, current="counts")

"""What the benchmark of the console asks for: every address, with something real in each place.

A draft with one changed limit, a simulation that has run, an order, an issue, a notice of an
outage, a questionnaire and a proposal are made by the real functions first.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connection
from django.urls import URLPattern, get_resolver

from bench.node import PACK
from yijian.actions import (
    appointments,
    issues,
    outages,
    proposals,
    questionnaires,
    simulating,
    workshop,
    workshop_reading,
)
from yijian.actions import work_orders as order_actions
from yijian.domain.clocks import local_day
from yijian.domain.work_orders import OrderKind
from yijian.records import people as staff_records
from yijian.records.people import StaffRole
from yijian.records.simulations import MADE_UP

LIMIT = ("items", "hukou_registration", "limits", 0, "workdays")
QUESTIONS = "一次就办成了吗/Was once enough? | 是/Yes | 否/No"
FAMILIES = 200
MORE_PAGES = ("/figures/", "/desk/flow/", "/desk/", "/ask/", "/status/", "/speak/")

WIDEST = [StaffRole.OPERATOR, StaffRole.SUPERVISOR]
WORK = [*WIDEST, *sorted(set(StaffRole) - {*WIDEST, StaffRole.CLERK}), StaffRole.CLERK]
"""An account for each; a page is asked for by the first that may open it, and the first see most.
"""

People = Mapping[StaffRole, Any]
"""An account for each role."""


@dataclass(frozen=True, slots=True)
class Ask:
    """A page as it is asked for; with fields it is posted."""

    page: str
    fields: tuple[tuple[str, str], ...] = ()

    def __str__(self) -> str:
        return f"{self.page} (POST)" if self.fields else self.page


def asks(people: People) -> Iterator[Ask]:
    """Every page of the console that shows something."""
    values = _made(people) | _found()
    for name in _names():
        ((template, parts),) = get_resolver().reverse_dict.getlist(name)[0][0][:1]
        several = [row for row in EACH.get(name, ({},)) if set(parts) <= {*row, *values}]
        if not several:
            print(f"nothing to show on {name}: {parts}", file=sys.stderr)
        for row in several:
            page = "/" + template % {part: {**values, **row}[part] for part in parts}
            yield Ask(page + row.get("?", ""), POSTED.get(name, lambda _values: ())(values))
    yield from (Ask(page) for page in MORE_PAGES)


def _names() -> list[str]:
    from yijian.web.console import urls

    return [str(one.name) for one in urls.urlpatterns if isinstance(one, URLPattern)]


EACH: dict[str, tuple[dict[str, str], ...]] = {
    "console_level": ({"scope": "34"}, {"scope": "3401"}, {"scope": "340104"}, {}),
    "console_table": ({"scope": "34", "name": "trend"}, {"scope": "34", "name": "places"}),
    "console_report_table": ({"name": "trend"},),
    "console_order_table": ({"table": "ratings"}, {"table": "orders"}),
    "policy_pack": ({"code": PACK},),
    "policy_chapter": tuple({"code": code} for code in ("basic", "items", "rules", "offices")),
    "policy_entry": (
        {"code": "items", "part": "items", "?": "?key=hukou_registration"},
        {"code": "rules", "part": "rules", "?": "?key=parent_citizenship"},
    ),
    "policy_file": ({"name": "pack.yaml"},),
    "policy_check": ({}, {"?": "?examples=1"}),
    "policy_preview": ({"kind": "form"}, {"kind": "sms"}, {"kind": "guide"}),
}
"""By the name of an address: what stands in its parts, a row for each page to measure."""

POSTED: dict[str, Any] = {
    "console_audit_case": lambda found: (
        ("case-number", found["number"]), ("case-purpose", "audit_routine")
    ),
    "console_audit_reads": lambda _found: (("reads-purpose", "audit_routine"),),
    "console_audit_acts": lambda _found: (("acts-purpose", "audit_routine"),),
}  # fmt: skip
"""By the name of an address that is only posted to: the fields, from the values found."""


def _made(people: People) -> dict[str, str]:
    """What no family brings along, made by whoever may; its ids by the parts of addresses."""
    now = datetime.now(UTC)
    today = local_day(now)
    editor = people[StaffRole.POLICY_EDITOR]
    draft = workshop.open_draft(by=editor, code=PACK, now=now)
    draft = workshop.set_value(
        by=editor, draft=draft.id, path=LIMIT, value=2, lock=draft.lock, now=now
    )
    for kind in (workshop_reading.PLAYED, workshop_reading.COMPARED):
        workshop_reading.work_out(draft=draft.id, kind=kind, now=now)
    simulation = simulating.begin(
        by=editor, draft=draft.id, source=MADE_UP, families=FAMILIES, on_day=today, now=now
    )
    while simulating.advance(simulation, now=now):
        pass
    order_actions.speak_up(
        kind=OrderKind.QUESTION, text="出生登记要带什么？", phone="", office="", sender="",
        channel="mobile", now=now,
    )  # fmt: skip
    outage = outages.write(
        by=people[StaffRole.OPERATOR],
        draft=outages.Draft(starts_at=now + timedelta(hours=1), words_zh="系统维护"),
        now=now,
    )
    issue = issues.write_down(
        by=people[StaffRole.COMPLAINTS], title="窗口排队", problem="上午排队超过半小时",
        owner="综合窗口", due_on=today + timedelta(days=7), now=now,
    )  # fmt: skip
    questionnaire = questionnaires.ask(
        by=people[StaffRole.COMPLAINTS], title="一件事满意吗/Are you content",
        opens_on=today, closes_on=today + timedelta(days=30), questions=QUESTIONS, now=now,
    )  # fmt: skip
    office = staff_records.directory().offices[0].code
    proposal = proposals.propose(
        by=people[StaffRole.SECURITY_ADMIN], kind=appointments.APPOINTMENT.code,
        payload={"number": "bench-new", "office": office, "roles": ["window"]}, now=now,
    )  # fmt: skip
    made = {
        "draft": draft.id, "simulation": simulation, "outage_id": outage, "issue_id": issue,
        "questionnaire_id": questionnaire, "proposal_id": proposal,
    }  # fmt: skip
    return {name: str(value) for name, value in made.items()}


def _found() -> dict[str, str]:
    """A value for each other part of an address, of what the node is filled with."""
    asked = {
        "order_id": "SELECT id::text FROM work_order WHERE octet_length(sealed) > 0 LIMIT 1",
        "staff_id": "SELECT id::text FROM staff LIMIT 1",
        "code": "SELECT code FROM office WHERE kind = 'midwifery_institution' LIMIT 1",
        "scope": "SELECT code FROM office WHERE kind = 'midwifery_institution' LIMIT 1",
        "number": "SELECT number FROM \"case\" WHERE stage = 'closed' LIMIT 1",
        "month": "SELECT to_char(now(), 'YYYY-MM')",
    }
    found = {}
    with connection.cursor() as cursor:
        for name, statement in asked.items():
            cursor.execute(statement)
            row = cursor.fetchone()
            if row is not None:
                found[name] = row[0]
    return found

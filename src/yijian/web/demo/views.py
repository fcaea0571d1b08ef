"""演示首页: synthetic families and staff to enter as. Does not exist on a node in production."""

import json
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from yijian.web.applicant.values import language
from yijian.web.pages import show

FILE = "demo.json"
FAMILIES = (
    (_("能一次办好的"), ("01", "02", "54", "15")),
    (_("要先等一等的"), ("08", "09", "10", "74")),
    (_("这次不能一起办的，会说明原因和去处"), ("24", "25", "32", "66")),
)
"""The examples of the pack to begin with, by the number of their file."""
WORK = (
    (_("医院"), ("certificate_officer", "hospital_window_clerk")),
    (_("派出所"), ("police_officer",)),
    (_("人社、医保、税务、卫健（平时由模拟系统自动办理）"),
     ("social_security_clerk", "insurance_clerk", "tax_clerk", "health_clerk")),
    (_("窗口、管理和监督"), ("window_clerk", "supervisor", "operator", "auditor")),
)  # fmt: skip
UNSORTED = 12
"""So many families stand first when the pack has none of those examples."""

Row = Mapping[str, Any]
Shown = dict[str, object]
Groups = list[tuple[object, list[Row]]]


@require_safe
def demo(request: HttpRequest) -> HttpResponse:
    """Who can be tried, where the pretend outside world is, and what to try."""
    if not settings.YIJIAN.demo:
        raise Http404
    people = _people()
    families, more_families = _families(people.get("families", []))
    staff, more_staff = _at_work(people.get("staff", []))
    return show(
        request,
        "demo/demo.html",
        {
            "families": families,
            "more_families": more_families,
            "staff": staff,
            "more_staff": more_staff,
            "sandbox_url": settings.YIJIAN.sandbox_url,
        },
    )


def _families(rows: Sequence[Row]) -> tuple[list[Shown], list[Shown]]:
    """The families to begin with, by what they show; and all the others."""
    by_number = {str(row.get("id", "")).partition("-")[0]: row for row in rows}
    groups: Groups = [
        (title, [by_number[number] for number in numbers if number in by_number])
        for title, numbers in FAMILIES
    ]
    if not any(chosen for _title, chosen in groups):
        groups = [("", list(rows[:UNSORTED]))]
    first = [row for _title, chosen in groups for row in chosen]
    rest = [_family(row) for row in rows if row not in first]
    return [
        {"title": title, "rows": [_family(row) for row in chosen]}
        for title, chosen in groups
        if chosen
    ], rest


def _at_work(rows: Sequence[Row]) -> tuple[list[Shown], list[Shown]]:
    """One person for each kind of work, by who they work for; and all the others."""
    by_role: dict[str, Row] = {}
    for row in rows:
        by_role.setdefault(str(row.get("role", "")), row)
    groups: Groups = [
        (title, [by_role[role] for role in roles if role in by_role]) for title, roles in WORK
    ]
    first = [row for _title, chosen in groups for row in chosen]
    if not first:
        groups, first = [("", list(rows[:UNSORTED]))], list(rows[:UNSORTED])
    rest = [_staff(row) for row in rows if row not in first]
    return [
        {"title": title, "rows": [_staff(row) for row in chosen]}
        for title, chosen in groups
        if chosen
    ], rest


def _people() -> dict[str, Any]:
    """What `yijian run` wrote about the sandbox's population; nothing when it has not run."""
    path = settings.YIJIAN.var_dir / FILE
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _family(row: Mapping[str, Any]) -> Shown:
    parents = []
    for role in ("mother", "father"):
        parent = row.get(role)
        if parent:
            parents.append(
                {"role": role, "name": parent["name"], "url": _entry(parent["login_hint"], "/my/")}
            )
    return {"title": _worded(row.get("title")), "parents": parents}


def _staff(row: Mapping[str, Any]) -> Shown:
    return {
        "name": row["name"],
        "office": _worded(row.get("office_name")),
        "title": _worded(row.get("title")),
        "url": _entry(row["login_hint"], "/desk/"),
    }


def _entry(hint: str, next_: str) -> str:
    query = urlencode({"login_hint": hint, "next": next_})
    return f"{reverse('enter')}?{query}"


def _worded(text: object) -> str:
    if isinstance(text, Mapping):
        own = text.get("zh" if language().startswith("zh") else "en")
        return str(own or text.get("zh") or "")
    return str(text or "")

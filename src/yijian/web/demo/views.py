"""演示首页: synthetic families and staff to enter as. Does not exist on a node in production."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from yijian.actions import contexts
from yijian.domain.policy import Pack
from yijian.web.applicant.values import language, worded
from yijian.web.pages import show

FILE = "demo.json"
FAMILIES = (
    (_("能一次办好的"), ("yes",), 4),
    (_("要先等一等的"), ("unknown", "stale", "needs_person"), 2),
    (_("这次不能一起办的，会说明原因和去处"), ("no",), 3),
)
"""What stands first of each scheme: what it comes to, and how many of those families."""

Row = Mapping[str, Any]
Shown = dict[str, object]


@require_safe
def demo(request: HttpRequest) -> HttpResponse:
    """Who can be tried, scheme by scheme; where the pretend outside world is; what to try."""
    if not settings.YIJIAN.demo:
        raise Http404
    packs = {pack.code: pack for pack in contexts.offered()}
    schemes = [_scheme(row, packs[row["pack"]]) for row in _schemes() if row["pack"] in packs]
    return show(
        request,
        "demo/demo.html",
        {"schemes": schemes, "sandbox_url": settings.YIJIAN.sandbox_url},
    )


def _schemes() -> list[Row]:
    """What `yijian run` wrote about the sandbox's population; nothing when it has not run."""
    path = settings.YIJIAN.var_dir / FILE
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return []
    return list(found.get("schemes", [])) if isinstance(found, dict) else []


def _scheme(row: Row, pack: Pack) -> Shown:
    families, staff = list(row["families"]), list(row["staff"])
    groups, more_families = _families(families, pack)
    work, more_staff = _at_work(staff, pack)
    return {
        "code": pack.code,
        "title": worded(pack.service_title),
        "number": len(families),
        "families": groups,
        "more_families": more_families,
        "staff": work,
        "more_staff": more_staff,
    }


def _families(rows: Sequence[Row], pack: Pack) -> tuple[list[Shown], list[Shown]]:
    """The families to begin with, by what they come to; and all the others."""
    groups = [
        (title, [row for row in rows if row["eligible"] in comes_to][:most])
        for title, comes_to, most in FAMILIES
    ]
    first = [row["id"] for _title, chosen in groups for row in chosen]
    return [
        {"title": title, "rows": [_family(row, pack) for row in chosen]}
        for title, chosen in groups
        if chosen
    ], [_family(row, pack) for row in rows if row["id"] not in first]


def _at_work(rows: Iterable[Row], pack: Pack) -> tuple[list[Shown], list[Shown]]:
    """One person for each kind of work, by the kind of office; and all the others."""
    groups: dict[str, dict[str, Row]] = {}
    rest = []
    for row in rows:
        known = groups.setdefault(str(row["kind"]), {})
        if known.setdefault(str(row["role"]), row) is not row:
            rest.append(_staff(row))
    return [
        {
            "title": worded(pack.office_kinds.get(kind)) or kind,
            "rows": [_staff(row) for row in known.values()],
        }
        for kind, known in groups.items()
    ], rest


def _family(row: Row, pack: Pack) -> Shown:
    people = []
    for role, person in row["people"].items():
        known = pack.roles.get(role)
        people.append(
            {
                "role": worded(known.short) if known else "",
                "name": person["name"],
                "url": _entry(person["login_hint"], f"{reverse('my')}?scheme={pack.code}"),
            }
        )
    return {"title": _worded(row["title"]), "people": people}


def _staff(row: Row) -> Shown:
    return {
        "name": row["name"],
        "office": _worded(row["office_name"]),
        "title": _worded(row["title"]),
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

"""演示首页: synthetic families and staff to enter as. Does not exist on a node in production."""

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from yijian.web.applicant.values import language
from yijian.web.pages import show

FILE = "demo.json"


@require_safe
def demo(request: HttpRequest) -> HttpResponse:
    """Who can be tried, where the pretend outside world is, and what to try."""
    if not settings.YIJIAN.demo:
        raise Http404
    people = _people()
    return show(
        request,
        "demo/demo.html",
        {
            "families": [_family(row) for row in people.get("families", [])],
            "staff": [_staff(row) for row in people.get("staff", [])],
            "sandbox_url": settings.YIJIAN.sandbox_url,
        },
    )


def _people() -> dict[str, Any]:
    """What `yijian run` wrote about the sandbox's population; nothing when it has not run."""
    path = settings.YIJIAN.var_dir / FILE
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _family(row: Mapping[str, Any]) -> dict[str, object]:
    parents = []
    for role in ("mother", "father"):
        parent = row.get(role)
        if parent:
            parents.append(
                {"role": role, "name": parent["name"], "url": _entry(parent["login_hint"], "/my/")}
            )
    return {"title": _worded(row.get("title")), "parents": parents}


def _staff(row: Mapping[str, Any]) -> dict[str, object]:
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

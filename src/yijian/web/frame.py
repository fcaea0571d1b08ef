"""页面框架: what every page's frame needs (links, place, demo banner), as a context processor."""

from django.conf import settings
from django.db import DatabaseError
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from yijian.web.door import door_of
from yijian.web.outages import banners

HOTLINE = "12345"
"""The government service hotline, the same number in every province."""


def _outages() -> list[dict[str, str]]:
    """What does not work now; a page that says that something is broken says it without this."""
    try:
        return banners(now=timezone.now())
    except DatabaseError:
        return []


def frame(request: HttpRequest) -> dict[str, object]:
    """Links of the frame; the demo banner only on a demo node."""
    demo = bool(settings.YIJIAN.demo)
    return {
        "demo": demo,
        "demo_url": reverse("demo") if demo else "",
        "home_url": reverse("start"),
        "guide_url": reverse("guides"),
        "ask_url": reverse("ask_guide"),
        "status_url": reverse("status"),
        "figures_url": reverse("open_figures"),
        "accessibility_url": reverse("accessibility"),
        "logout_url": reverse("leave"),
        "hotline": HOTLINE,
        "complaint_url": reverse("speak"),
        "door": door_of(request),
        "outages": _outages,
    }

"""The frame of every page (页面框架): reading mode and language switches.

`{% load frame %}`. The address named `preferences` must accept GET `mode` (elder|normal), `lang`
(zh-hans|en) and `next` (a local path), set the cookies `mode` and the language cookie, and send the
visitor back to `next`. Without that address the switches are not shown.
"""

from typing import Any
from urllib.parse import urlencode

from django import template
from django.conf import settings
from django.urls import NoReverseMatch, reverse

register = template.Library()

MODE_COOKIE = "mode"


@register.simple_tag(takes_context=True)
def reading_mode(context: template.Context) -> str:
    """`elder` or `normal`: the context's `mode` when a page sets it, else the visitor's cookie."""
    request = context.get("request")
    chosen = context.get("mode") or (request.COOKIES.get(MODE_COOKIE) if request else "")
    return "elder" if chosen == "elder" else "normal"


@register.simple_tag
def training_node() -> bool:
    """Whether this page belongs to a node on which staff practise, `{% training_node as … %}`."""
    return bool(settings.YIJIAN.training)


@register.simple_tag
def training_url() -> str:
    """Where this node's staff practise; empty where they do not."""
    return str(settings.YIJIAN.training_url)


@register.simple_tag(takes_context=True)
def switch_url(context: template.Context, **preference: Any) -> str:
    """Where a switch leads, `{% switch_url mode="elder" as url %}`; empty without such a page."""
    try:
        address = reverse("preferences")
    except NoReverseMatch:
        return ""
    request = context.get("request")
    back = request.get_full_path() if request and request.method == "GET" else ""
    return f"{address}?{urlencode({**preference, 'next': back or '/'})}"

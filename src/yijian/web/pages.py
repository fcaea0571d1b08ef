"""页面: how a view answers with a page: rendered with the frame, kept out of every cache."""

from collections.abc import Mapping

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render

from yijian.web.frame import frame

KEEP_NOTHING = "no-store, private"


def show(
    request: HttpRequest,
    template: str,
    context: Mapping[str, object] | None = None,
    *,
    status: int = 200,
) -> HttpResponse:
    """A page for one person; nothing of it is kept by the browser or anybody between."""
    response = render(request, template, {**frame(request), **(context or {})}, status=status)
    response["Cache-Control"] = KEEP_NOTHING
    return response


def go(address: str) -> HttpResponseRedirect:
    """To another page, without leaving a trace of the way in any cache."""
    response = HttpResponseRedirect(address)
    response["Cache-Control"] = KEEP_NOTHING
    return response

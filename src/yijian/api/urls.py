"""Addresses of the machine door: `/api/v1/…`, its description and its manual."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.views.decorators.csrf import csrf_exempt
from ninja import NinjaAPI

from yijian.api import (
    certificates,
    checkpoints,
    deliveries,
    events,
    feedback,
    files,
    handovers,
    health,
    packs,
    parity,
    registers,
    reports,
    tasks,
)
from yijian.api.doors import StrictParser, guarded, set_error_model
from yijian.api.errors import error_response
from yijian.api.manual import Manual
from yijian.api.senders import SignedByPartner

api = NinjaAPI(
    title="一件 Yijian · 机器接口 machine door",
    version="1",
    description=(
        "给部门、医院和其他系统的接口：取子办件、报反馈、报分娩信息。每个请求都要签名（RFC 9421）。\n\n"
        "For departments, hospitals and other systems: fetch tasks, report feedback, report "
        "deliveries. Every request is signed (RFC 9421)."
    ),
    urls_namespace="machine",
    auth=SignedByPartner(),
    parser=StrictParser(),
    docs=Manual(),
)
set_error_model(api)
for router in (
    tasks.router,
    files.router,
    feedback.router,
    handovers.router,
    events.router,
    reports.router,
    deliveries.router,
    certificates.router,
    registers.router,
    packs.router,
    parity.router,
    checkpoints.router,
    health.router,
):
    api.add_router("", router)


@csrf_exempt
def _nothing_here(_request: HttpRequest, **_path: str) -> HttpResponse:
    return error_response("not_found")


def _addresses() -> list[URLPattern]:
    patterns = [pattern for pattern in api.urls[0] if isinstance(pattern, URLPattern)]
    guard = [
        path(f"v1/{pattern.pattern}", guarded(pattern.callback), name=pattern.name)
        for pattern in patterns
        if pattern.name != "api-root"
    ]
    root = path("v1/", guarded(_nothing_here), name="api-root")
    return [root, *guard, path("<path:rest>", guarded(_nothing_here))]


app_name = "machine"
urlpatterns = _addresses()

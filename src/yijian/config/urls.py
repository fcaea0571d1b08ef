"""Every address of the node: pages, machine doors, login and the sign of life."""

from __future__ import annotations

from django.db import DatabaseError, connection
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import include, path
from django.views.decorators.http import require_safe


@require_safe
def healthz(_request: HttpRequest) -> HttpResponse:
    """200 when this process answers and its database does; 503 while the database does not."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return HttpResponse("database", status=503, content_type="text/plain")
    return HttpResponse("ok", content_type="text/plain")


def nothing_here(_request: HttpRequest) -> HttpResponse:
    """Stands before pages of allauth that let people unlink the only way in that they have."""
    raise Http404


urlpatterns = [
    path("healthz", healthz, name="healthz"),
    path("accounts/3rdparty/", nothing_here),
    path("accounts/social/connections/", nothing_here),
    path("accounts/", include("allauth.urls")),
    path("api/", include("yijian.api.urls")),
    path("", include("yijian.web.urls")),
]

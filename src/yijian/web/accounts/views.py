"""登录前后: the way to the identity provider and out again; reading-mode and language switches."""

from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import check_for_language
from django.views.decorators.http import require_http_methods, require_safe

from yijian.web.pages import show
from yijian.web.templatetags.frame import MODE_COOKIE

YEAR_SECONDS = 365 * 24 * 60 * 60
MODES = ("normal", "elder")
HINT_LENGTH = 100


def _own_address(address: str) -> str:
    """`address` when it is one of ours; the start page otherwise."""
    allowed = url_has_allowed_host_and_scheme(address, allowed_hosts=None)
    return address if allowed and address.startswith("/") else "/"


@require_http_methods(["GET", "HEAD", "POST"])
def preferences(request: HttpRequest) -> HttpResponse:
    """Remember the reading mode or the language in a cookie, and go back."""
    asked = request.POST if request.method == "POST" else request.GET
    response = HttpResponseRedirect(_own_address(asked.get("next", "/")))
    mode, language = asked.get("mode", ""), asked.get("lang", "")
    if mode in MODES:
        _remember(response, MODE_COOKIE, mode)
    if language and check_for_language(language) and language in dict(settings.LANGUAGES):
        _remember(response, settings.LANGUAGE_COOKIE_NAME, language)
    return response


def _remember(response: HttpResponse, name: str, value: str) -> None:
    response.set_cookie(
        name,
        value,
        max_age=YEAR_SECONDS,
        samesite="Lax",
        secure=settings.YIJIAN.is_https,
        httponly=True,
    )


@require_safe
def enter(request: HttpRequest) -> HttpResponse:
    """To the identity provider. On a demo node a hint chooses the synthetic person.

    Only such a hint ends a session that is open: elsewhere a link must not log anybody out.
    """
    address = _own_address(request.GET.get("next", "/my/"))
    hint = request.GET.get("login_hint", "")[:HINT_LENGTH] if settings.YIJIAN.demo else ""
    if request.user.is_authenticated:
        if not hint:
            return HttpResponseRedirect(address)
        logout(request)
    query = {"process": "login", "next": address}
    if hint:
        query["auth_params"] = urlencode({"login_hint": hint})
    provider = reverse("openid_connect_login", kwargs={"provider_id": "identity"})
    return HttpResponseRedirect(f"{provider}?{urlencode(query)}")


@require_http_methods(["GET", "HEAD", "POST"])
def leave(request: HttpRequest) -> HttpResponse:
    """Ask, then end the session. A link alone must not log anybody out."""
    if request.method == "POST":
        logout(request)
        return HttpResponseRedirect(reverse("start"))
    if not request.user.is_authenticated:
        return HttpResponseRedirect(reverse("start"))
    return show(request, "accounts/leave.html")

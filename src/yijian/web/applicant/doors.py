"""家庭的门: who stands before a page of a case. One decorator for every address below /my/cases/.

The same page answers for "there is no such case" and "it is not yours". Refusals become sentences
here, so that no view needs to know them.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import wraps
from typing import Any

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from yijian.actions.contexts import context_of
from yijian.domain.cases import Case
from yijian.domain.context import Context, RefusedError
from yijian.domain.journey import Place, next_place
from yijian.records import access, crypto
from yijian.web.applicant.places import address_of, seen_pages
from yijian.web.messages.sentences import sentence
from yijian.web.pages import KEEP_NOTHING

PURPOSE = "own_case"


@dataclass(frozen=True, slots=True)
class Sitting:
    """A parent at a page of their case: the request, the role, and the case as it is now."""

    request: HttpRequest
    role: str
    case: Case
    context: Context
    now: datetime
    key: crypto.Key | None = field(default=None, repr=False)

    @property
    def user(self) -> Any:
        """The user whom actions are done by."""
        return self.request.user

    @property
    def number(self) -> str:
        """The case's public number."""
        return self.case.number

    def place(self) -> Place:
        """Where this parent is in the journey."""
        seen = seen_pages(self.request.session, self.case, self.context, self.now)
        return next_place(self.case, self.role, self.context, self.now, seen=seen)

    def go_on(self) -> HttpResponseRedirect:
        """To the page this parent needs next, as the case is after the last change."""
        return HttpResponseRedirect(reverse("case", args=[self.number]))

    def url(self, name: str, *args: object) -> str:
        """The address of another page of this case."""
        return reverse(name, args=[self.number, *args])


View = Callable[..., HttpResponse]


def family_page(*methods: str) -> Callable[[View], View]:
    """A view of one case: logged in, allowed, never cached; `methods` as Django names them."""

    def decorate(view: View) -> View:
        @wraps(view)
        @require_http_methods([*(methods or ("GET",)), "HEAD"])
        def door(request: HttpRequest, number: str, **parts: Any) -> HttpResponse:
            if not request.user.is_authenticated:
                return _to_login(request, number)
            sitting = _sit_down(request, number)
            try:
                response = view(sitting, **parts)
            except RefusedError as refusal:
                messages.error(request, sentence(refusal, sitting.context))
                response = sitting.go_on()
            response["Cache-Control"] = KEEP_NOTHING
            return response

        return door

    return decorate


def _to_login(request: HttpRequest, number: str) -> HttpResponse:
    back = request.get_full_path() if request.method == "GET" else reverse("case", args=[number])
    return redirect_to_login(back)


def _sit_down(request: HttpRequest, number: str) -> Sitting:
    now = timezone.now()
    try:
        opened = access.access_case(by=request.user, number=number, purpose=PURPOSE, now=now)
    except access.Refused:
        raise Http404 from None
    if opened.role == "staff":
        raise Http404
    context = context_of(opened.case)
    return Sitting(request, opened.role, opened.case, context, now, opened.loaded.key)


def where(sitting: Sitting) -> str:
    """The address of the page this parent needs next."""
    return address_of(sitting.place(), sitting.number)

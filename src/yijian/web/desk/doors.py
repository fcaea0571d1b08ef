"""工作台的门: who stands at a page of the desk. One decorator for every address below /desk/.

A person without an appointment meets the same page as for an address that does not exist. To
staff, what is absent and what belongs to another office look the same too.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from yijian.actions import contexts
from yijian.domain.routing import Office
from yijian.records import access, people
from yijian.records.people import StaffRole, Visitor
from yijian.web.applicant.values import worded
from yijian.web.desk.groups import groups_of
from yijian.web.desk.undoing import toast_of
from yijian.web.pages import KEEP_NOTHING, show


@dataclass(frozen=True, slots=True)
class Desk:
    """A member of staff at a page of the desk."""

    request: HttpRequest
    visitor: Visitor
    now: datetime

    @property
    def user(self) -> Any:
        """The user whom actions are done by."""
        return self.request.user

    @property
    def office(self) -> Office | None:
        """The office of the visitor, as the directory has it."""
        return contexts.directory().office(self.visitor.office or "")

    def page(
        self,
        template: str,
        context: Mapping[str, object] | None = None,
        *,
        current: str = "",
        status: int = 200,
    ) -> HttpResponse:
        """A page with the desk's frame: office, name, groups with counts, the undo toast."""
        office = self.office
        framed: dict[str, object] = {
            "home_url": reverse("desk"),
            "office_title": worded(office.title) if office else "",
            "staff_name": people.staff_name(self.user),
            "groups": groups_of(self.user, self.visitor, current, self.now),
            "toast": toast_of(self.request, self.now),
        }
        return show(self.request, template, framed | dict(context or {}), status=status)

    def absent(self) -> HttpResponse:
        """Not here for this visitor: it does not exist, or another office has it."""
        return self.page("desk/absent.html", status=404)


View = Callable[..., HttpResponse]


def desk_page(*methods: str, roles: tuple[StaffRole, ...] = ()) -> Callable[[View], View]:
    """A view for staff; with `roles`, for those who work in one of them. Never cached."""

    def decorate(view: View) -> View:
        @wraps(view)
        @require_http_methods([*(methods or ("GET",)), "HEAD"])
        def door(request: HttpRequest, **parts: Any) -> HttpResponse:
            if not request.user.is_authenticated:
                back = request.get_full_path() if request.method == "GET" else reverse("desk")
                return redirect_to_login(back)
            visitor = people.visitor(request.user)
            if visitor.staff is None:
                raise Http404
            desk = Desk(request, visitor, timezone.now())
            if roles and not visitor.roles & set(roles):
                response = desk.absent()
            else:
                try:
                    response = view(desk, **parts)
                except access.Refused:
                    response = desk.absent()
            response["Cache-Control"] = KEEP_NOTHING
            return response

        return door

    return decorate

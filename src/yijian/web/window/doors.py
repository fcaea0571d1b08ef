"""窗口的门: a clerk with a case that lies at her own window. One decorator for all its pages.

What is absent and what lies at another window look the same. Refusals become sentences here.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse

from yijian.actions import contexts, window
from yijian.domain.cases import Case
from yijian.domain.context import Context, RefusedError
from yijian.domain.routing import Office
from yijian.records import access
from yijian.records.access import OpenedCase
from yijian.records.people import StaffRole
from yijian.web.applicant.doors import Sitting as AtHome
from yijian.web.desk.doors import Desk, desk_page
from yijian.web.window.sentences import sentence
from yijian.web.window.steps import steps_of, where


@dataclass(frozen=True)
class Sitting:
    """A family before the clerk: the desk, the case as it is now, and its policy."""

    desk: Desk
    opened: OpenedCase
    context: Context

    @property
    def case(self) -> Case:
        """The case as it is now."""
        return self.opened.case

    @property
    def number(self) -> str:
        """The case's public number."""
        return self.case.number

    @property
    def now(self) -> datetime:
        """When the page was asked for."""
        return self.desk.now

    @property
    def user(self) -> Any:
        """The clerk whom actions are done by."""
        return self.desk.user

    @property
    def posted(self) -> bool:
        """Whether the clerk has pressed something."""
        return self.desk.request.method == "POST"

    @property
    def office(self) -> Office:
        """The office of this window. Errors: access.Refused when the directory lost it."""
        office = self.desk.office
        if office is None:
            raise access.Refused
        return office

    @property
    def enquiry_only(self) -> bool:
        """Whether this window advises and hands over."""
        return window.is_enquiry_desk(self.office)

    def as_family(self, role: str = "") -> AtHome:
        """The same case as the parts of the family's pages want it."""
        return AtHome(self.desk.request, role, self.case, self.context, self.now)

    def url(self, name: str, *parts: object) -> str:
        """The address of another page of this case."""
        return reverse(f"window_{name}", args=[self.number, *parts])

    def go_on(self) -> HttpResponseRedirect:
        """To the page that is needed next, as the case is after the last change."""
        return HttpResponseRedirect(reverse("window_case", args=[self.number]))

    def go(self, name: str, *parts: object) -> HttpResponseRedirect:
        """To another page of this case."""
        return HttpResponseRedirect(self.url(name, *parts))

    def next_step(self) -> str:
        """Which of the steps is needed next."""
        return where(self.case, self.context, self.now, enquiry_only=self.enquiry_only)

    def page(
        self,
        template: str,
        context: Mapping[str, object],
        *,
        step: str,
        status: int = 200,
    ) -> HttpResponse:
        """A page of this case with its steps above."""
        framed: dict[str, object] = {
            "number": self.number,
            "service": self.context.pack.title,
            "steps": steps_of(self.number, step, self.next_step(), self.enquiry_only),
            "enquiry_only": self.enquiry_only,
        }
        return self.desk.page(template, framed | dict(context), current="window", status=status)


View = Callable[..., HttpResponse]


def window_page(*methods: str) -> Callable[[View], View]:
    """A view of one case at the clerk's own window; every look is in the access log."""

    def decorate(view: View) -> View:
        @wraps(view)
        def seated(desk: Desk, number: str, **parts: Any) -> HttpResponse:
            opened = access.access_window_case(
                by=desk.user, number=number, purpose=window.PURPOSE, now=desk.now
            )
            sitting = Sitting(desk, opened, contexts.context_of(opened.case))
            try:
                return view(sitting, **parts)
            except RefusedError as refusal:
                messages.error(desk.request, sentence(refusal, sitting.context))
                return sitting.go_on()

        return desk_page(*methods, roles=(StaffRole.WINDOW,))(seated)

    return decorate

"""办事路径的网址: a place of the journey as an address, and which form pages a parent has seen.

No position is stored. A page counts as seen when its open required fields are answered, because
saving a page keeps its proposals as answers; a page that asks nothing is remembered by the
session, and counts as seen once anything after it is answered.
"""

from collections.abc import MutableMapping
from datetime import datetime
from typing import Any

from django.urls import reverse

from yijian.domain.arriving import fillers
from yijian.domain.cases import Case
from yijian.domain.clocks import SHANGHAI
from yijian.domain.context import Context
from yijian.domain.journey import Page, Place, form_pages
from yijian.web.applicant.forms import page_of

ADDRESSES = {
    Page.NOTICE: "notice",
    Page.CHECKING: "checking",
    Page.PARKED: "parked",
    Page.REFUSED: "refused",
    Page.MATERIALS: "materials",
    Page.CHECK: "check",
    Page.LIVE_CHECK: "live_check",
    Page.SIGN: "sign",
    Page.WAITING_FOR_OTHER: "waiting",
    Page.PROGRESS: "progress",
}


STEPS = 4
"""检查、宝宝、选择、签名: the steps of the bar above every page."""

FILLING = frozenset(
    {
        Page.FORM,
        Page.MATERIALS,
        Page.CHECK,
        Page.SIGN,
        Page.WAITING_FOR_OTHER,
        Page.LIVE_CHECK,
    }
)


def may_fill(place: Place, role: str, context: Context) -> bool:
    """Whether a parent may fill in the form now; otherwise the journey says where to go."""
    return place.page in FILLING and role in fillers(context.pack)


def saved_at(case: Case) -> str:
    """When anything was last saved, for the line above the page; "" before that."""
    times = [known.at for known in case.answers.values()]
    return f"{max(times).astimezone(SHANGHAI):%H:%M}" if times else ""


def address_of(place: Place, number: str) -> str:
    """The address of a place."""
    if place.page is Page.FORM:
        return reverse("form", args=[number, place.form_page])
    return reverse(ADDRESSES[place.page], args=[number])


def remember_seen(session: MutableMapping[str, Any], number: str, page: str) -> None:
    """This parent has confirmed the page in this sitting."""
    key = f"seen {number}"
    session[key] = sorted({*session.get(key, []), page})


def seen_pages(
    session: MutableMapping[str, Any], case: Case, context: Context, now: datetime
) -> frozenset[str]:
    """The form pages that need not be shown again."""
    seen = set(session.get(f"seen {case.number}", []))
    pages = form_pages(case, context, now)
    if seen.issuperset(pages):
        return frozenset(seen)
    last_answered = -1
    quiet = []
    for index, page in enumerate(pages):
        asks, answered = _answered(case, page, context, now)
        if not asks:
            quiet.append(index)
        elif answered:
            seen.add(page)
            last_answered = index
    seen.update(pages[index] for index in quiet if index < last_answered)
    return frozenset(seen)


def _answered(case: Case, page: str, context: Context, now: datetime) -> tuple[bool, bool]:
    """Whether the page asks for anything, and whether all it requires has been answered."""
    shown = page_of(case, page, context, now)
    needed = [a for a in shown.asked if a.field.required] or shown.asked
    answered = all((a.field.fact, a.subject) in case.answers for a in needed)
    if shown.items:
        answered = answered and bool(case.items)
    return bool(shown.asked or shown.items), answered

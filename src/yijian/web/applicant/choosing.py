"""选方案: two schemes fit the family, or another one than it has begun with; it reads why."""

from dataclasses import dataclass

from django.http import HttpResponse
from django.urls import reverse

from yijian.actions import cases as actions
from yijian.actions import schemes
from yijian.actions.contexts import NoPackError
from yijian.domain.arriving import fillers
from yijian.domain.context import Context
from yijian.domain.journey import Page
from yijian.web.applicant.doors import Sitting, family_page
from yijian.web.applicant.values import worded
from yijian.web.pages import show


@dataclass(frozen=True, slots=True)
class Way:
    """One scheme on the page: what it does, and how the family takes it."""

    pack: str
    title: str
    items: tuple[str, ...]
    workdays: int | None
    reason: str = ""
    main: bool = False
    may_choose: bool = True
    opener: str = ""
    entrance_url: str = ""


def asks_here(sitting: Sitting) -> bool:
    """Whether the family must still say which scheme it takes: before it has answered anything."""
    return (
        not sitting.case.answers
        and sitting.role in fillers(sitting.context.pack)
        and _key(sitting) not in sitting.request.session
        and sitting.place().page is Page.FORM
        and bool(schemes.offers(sitting.case, sitting.role, sitting.now))
    )


def ways_on(sitting: Sitting) -> list[Way]:
    """The other schemes for a family that this one refuses."""
    return [_way(one) for one in schemes.offers(sitting.case, sitting.role, sitting.now)]


@family_page("GET", "POST")
def scheme(sitting: Sitting) -> HttpResponse:
    """Which scheme leads and why, and the button for the other where the documents allow it."""
    if sitting.request.method == "POST":
        return _chosen(sitting)
    offers = schemes.offers(sitting.case, sitting.role, sitting.now)
    if not offers or sitting.place().page is Page.REFUSED:
        return sitting.go_on()
    own = _plain(sitting.context)
    return show(
        sitting.request,
        "applicant/scheme.html",
        {
            "number": sitting.number,
            "reasons": list(dict.fromkeys(worded(one.reason) for one in offers if one.reason)),
            "own": own,
            "own_leads": not any(one.leads for one in offers),
            "may_stay": not any(one.must for one in offers),
            "others": [_way(one) for one in offers],
        },
    )


def _chosen(sitting: Sitting) -> HttpResponse:
    """Only what was offered is taken; staying is remembered for this sitting."""
    wanted = sitting.request.POST.get("pack", "")
    offered = {
        one.context.pack.code
        for one in schemes.offers(sitting.case, sitting.role, sitting.now)
        if one.may_choose
    }
    if wanted in offered:
        try:
            actions.choose_scheme(
                by=sitting.user, number=sitting.number, pack=wanted, now=sitting.now
            )
        except NoPackError:
            return sitting.go_on()
    if wanted in offered or wanted == sitting.case.pack:
        sitting.request.session[_key(sitting)] = wanted
    return sitting.go_on()


def _key(sitting: Sitting) -> str:
    return f"scheme {sitting.number}"


def _plain(context: Context) -> Way:
    pack = context.pack
    return Way(
        pack=pack.code,
        title=worded(pack.service_title),
        items=tuple(worded(i.title) for i in pack.items.values() if i.part_of is None),
        workdays=pack.promise.workdays if pack.promise else None,
    )


def _way(offer: schemes.Offer) -> Way:
    pack, plain = offer.context.pack, _plain(offer.context)
    opener = pack.roles.get(pack.applicants[0])
    return Way(
        pack=plain.pack,
        title=plain.title,
        items=plain.items,
        workdays=plain.workdays,
        reason=worded(offer.reason),
        main=offer.leads or offer.must,
        may_choose=offer.may_choose,
        opener=worded(opener.short) if opener else "",
        entrance_url=reverse("entrance", args=[pack.code]),
    )

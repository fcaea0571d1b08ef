"""办事指南: the start page, each scheme's entrance, guide and one-time notice. No login."""

from collections.abc import Callable
from functools import wraps

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from yijian.actions import contexts
from yijian.domain.clocks import local_day
from yijian.domain.context import Context
from yijian.web.applicant.signing import counter_of
from yijian.web.applicant.values import phrase, places, worded
from yijian.web.guide import entrances, situations
from yijian.web.pages import go, show

SchemePage = Callable[[HttpRequest, Context], HttpResponse]


@require_safe
def start(request: HttpRequest) -> HttpResponse:
    """One question: where the baby was born. A node of one scheme has nothing to ask.

    What families apply for at another node leads there; this node stays the door they came through.
    """
    running = contexts.offered()
    if len(running) == 1:
        return entrance_page(request, contexts.current_context(running[0].code))
    return show(
        request,
        "guide/start.html",
        {"places": entrances.birth_places(), "elsewhere": entrances.elsewhere()},
    )


@require_safe
def guides(request: HttpRequest) -> HttpResponse:
    """The guides of all schemes of this node."""
    packs = contexts.offered()
    listed = [(pack.code, worded(pack.service_title), worded(pack.title)) for pack in packs]
    return show(request, "guide/guides.html", {"schemes": listed})


@require_safe
def accessibility(request: HttpRequest) -> HttpResponse:
    """What works for whom, what does not yet, and how to tell us."""
    return show(request, "guide/accessibility.html")


def _of_scheme(view: SchemePage) -> Callable[..., HttpResponse]:
    """A public page of one of the node's schemes."""

    @wraps(view)
    @require_safe
    def page(request: HttpRequest, pack: str) -> HttpResponse:
        try:
            context = contexts.current_context(pack)
        except contexts.NoPackError:
            there = entrances.door_elsewhere(pack, request.GET.get("at", ""))
            if there is None:
                raise Http404 from None
            return go(there)
        return view(request, context)

    return page


@_of_scheme
def entrance(request: HttpRequest, context: Context) -> HttpResponse:
    """What this scheme is, in one screen, and the one button; or where its windows are."""
    return entrance_page(request, context)


def entrance_page(request: HttpRequest, context: Context) -> HttpResponse:
    """The entrance of a scheme, whichever version of it stands in the context."""
    pack = context.pack
    division = request.GET.get("at", "")
    if division not in places():
        division = ""
    lines = situations.notice(context)
    closed = entrances.closed(pack, division, local_day(timezone.now()))
    online = entrances.ONLINE in pack.channels
    return show(
        request,
        "guide/entrance.html",
        _named(context)
        | {
            "lines": lines,
            "count": len(lines),
            "promise": situations.promise(context),
            "online": online,
            "light": entrances.is_light(pack),
            "open": online and not any(one.whole for one in closed),
            "closed": closed,
            "windows": entrances.windows(context, division),
            "bring": list(dict.fromkeys(what for line in lines for what in line.bring)),
            "others": entrances.others_at(pack, division),
            "elsewhere": entrances.elsewhere(),
            "several": len(contexts.codes()) > 1,
        },
    )


@_of_scheme
def guide(request: HttpRequest, context: Context) -> HttpResponse:
    """The statements a family looks through; ticking is for those that do not hold."""
    return guide_page(request, context)


def guide_page(request: HttpRequest, context: Context) -> HttpResponse:
    """The guide of a scheme, whichever version of it stands in the context."""
    return show(
        request, "guide/guide.html", _named(context) | {"groups": situations.groups(context)}
    )


@_of_scheme
def answer(request: HttpRequest, context: Context) -> HttpResponse:
    """The one-time notice for this situation: what can be done, by whom, with what, how long."""
    return answer_page(request, context)


def answer_page(request: HttpRequest, context: Context) -> HttpResponse:
    """What a scheme says to a situation, whichever version of it stands in the context."""
    refusals = situations.refusals(context, request.GET.getlist("not"))
    return show(
        request,
        "guide/answer.html",
        _named(context)
        | {
            "online": entrances.ONLINE in context.pack.channels,
            "refusals": refusals,
            "all_repairable": all(refusal.ready_later for refusal in refusals),
            "lines": situations.notice(context),
            "promise": situations.promise(context),
            "counter": counter_of(context),
            "documents": situations.documents(context),
            "insurance_note": phrase(context, "insurance_note"),
        },
    )


def _named(context: Context) -> dict[str, object]:
    return {
        "pack_code": context.pack.code,
        "place": worded(context.pack.title),
        "service": worded(context.pack.service_title),
    }

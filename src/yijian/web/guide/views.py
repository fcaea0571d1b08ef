"""办事指南: the start page, the situation guide and the printable one-time notice. No login."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from yijian.actions.contexts import current_context
from yijian.web.applicant.signing import counter_of
from yijian.web.applicant.values import phrase, worded
from yijian.web.guide import situations
from yijian.web.pages import show


@require_safe
def start(request: HttpRequest) -> HttpResponse:
    """What this is, in one screen, and the one button."""
    context = current_context()
    lines = situations.notice(context)
    return show(
        request,
        "guide/start.html",
        {
            "place": worded(context.pack.title),
            "service": worded(context.pack.service_title),
            "lines": lines,
            "count": len(lines),
            "promise": situations.promise(context),
        },
    )


@require_safe
def guide(request: HttpRequest) -> HttpResponse:
    """The statements a family looks through; ticking is for those that do not hold."""
    context = current_context()
    return show(
        request,
        "guide/guide.html",
        {
            "place": worded(context.pack.title),
            "service": worded(context.pack.service_title),
            "groups": situations.groups(context),
        },
    )


@require_safe
def answer(request: HttpRequest) -> HttpResponse:
    """The one-time notice for this situation: what can be done, by whom, with what, how long."""
    context = current_context()
    refusals = situations.refusals(context, request.GET.getlist("not"))
    return show(
        request,
        "guide/answer.html",
        {
            "place": worded(context.pack.title),
            "service": worded(context.pack.service_title),
            "refusals": refusals,
            "all_repairable": all(refusal.ready_later for refusal in refusals),
            "lines": situations.notice(context),
            "promise": situations.promise(context),
            "counter": counter_of(context),
            "documents": situations.documents(context),
            "insurance_note": phrase(context, "insurance_note"),
        },
    )

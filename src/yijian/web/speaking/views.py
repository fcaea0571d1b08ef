"""意见与投诉: anybody complains, suggests or asks without an account, and follows the answer.

The number and the code are shown once and sent in the body, never in an address; until then they
lie sealed. So does the phone. The network address, where it is known, is kept as a digest of a day.
"""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from yijian.actions import contexts, work_orders
from yijian.domain.context import RefusedError
from yijian.domain.work_orders import OrderKind
from yijian.records import visits
from yijian.web.applicant.rating_forms import FollowForm, PublicForm, channel_of, kind_title
from yijian.web.applicant.rating_words import TOLD_STATES, said
from yijian.web.applicant.values import shown_day, shown_moment, worded
from yijian.web.pages import show
from yijian.web.senders import sender_of

KEPT = "spoken"


@require_http_methods(["GET", "HEAD", "POST"])
def speak(request: HttpRequest) -> HttpResponse:
    """The form; what is sent becomes an order with a number and a code."""
    posted = request.POST if request.method == "POST" else None
    form = PublicForm(_offices(), posted)
    if posted is not None and form.is_valid():
        try:
            number, code = work_orders.speak_up(
                kind=OrderKind(form.cleaned_data["kind"]),
                text=form.cleaned_data["text"],
                phone=form.cleaned_data["phone"].strip(),
                office=form.cleaned_data["office"],
                sender=sender_of(request),
                channel=channel_of(request).value,
                now=timezone.now(),
            )
        except RefusedError as refusal:
            form.add_error(None, said(refusal))
        else:
            request.session[KEPT] = visits.sealed(KEPT, {"number": number, "code": code})
            return HttpResponseRedirect(reverse("speak_received"))
    status = 422 if posted is not None else 200
    return show(request, "speaking/speak.html", {"form": form}, status=status)


@require_http_methods(["GET", "HEAD"])
def received(request: HttpRequest) -> HttpResponse:
    """The number and the code, once."""
    left = request.session.pop(KEPT, None) if request.method == "GET" else None
    kept = visits.opened(KEPT, left)
    if kept is None:
        return HttpResponseRedirect(reverse("speak_follow"))
    return show(request, "speaking/received.html", kept)


@require_http_methods(["GET", "HEAD", "POST"])
def follow(request: HttpRequest) -> HttpResponse:
    """The answer, for whoever has the number and the code."""
    posted = request.POST if request.method == "POST" else None
    form = FollowForm(posted)
    context: dict[str, object] = {"form": form}
    status = 200
    if posted is not None and form.is_valid():
        found = work_orders.follow(**form.cleaned_data)
        if found is None:
            form.add_error(None, gettext("没有查到，请核对编号和查询码。"))
            status = 404
        else:
            row = found.row
            context["order"] = {
                "number": row.number,
                "kind": kind_title(row.kind),
                "at": shown_moment(row.opened_at),
                "text": found.words.get("text", ""),
                "state": TOLD_STATES[row.state],
                "due": "" if row.answered_at else shown_day(work_orders.last_day(found)),
                "reply": found.words.get("reply", ""),
            }
    elif posted is not None:
        status = 422
    return show(request, "speaking/follow.html", context, status=status)


def _offices() -> list[tuple[str, str]]:
    known = sorted(contexts.directory().offices, key=lambda each: (each.division, each.code))
    return [(office.code, worded(office.title)) for office in known]

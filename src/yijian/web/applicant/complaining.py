"""投诉、建议、咨询: what a family has to say about its case, and what became of it."""

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext

from yijian.actions import work_orders
from yijian.domain.context import RefusedError
from yijian.domain.states import TaskState
from yijian.domain.work_orders import OrderKind
from yijian.records.work_orders import Opened
from yijian.web.applicant.doors import Sitting, family_page
from yijian.web.applicant.rating import thing_title
from yijian.web.applicant.rating_forms import ComplainForm, channel_of, kind_title
from yijian.web.applicant.rating_words import TOLD_STATES, said
from yijian.web.applicant.values import shown_day, shown_moment
from yijian.web.pages import show

NOBODYS = (TaskState.NOT_NEEDED, TaskState.WAITING)


@family_page("GET", "POST")
def complaints(sitting: Sitting) -> HttpResponse:
    """A form, and below it what was said before with the answers."""
    posted = sitting.request.POST if sitting.request.method == "POST" else None
    form = ComplainForm(_things(sitting), posted)
    if posted is not None and form.is_valid():
        refusal = _complain(sitting, form)
        if refusal is None:
            return HttpResponseRedirect(sitting.url("complaints"))
        form.add_error(None, said(refusal))
    orders = work_orders.of_family(case_id=sitting.case.id)
    return show(
        sitting.request,
        "ratings/complaints.html",
        {
            "number": sitting.number,
            "form": form,
            "orders": [order_line(sitting, order) for order in orders],
        },
        status=422 if posted is not None else 200,
    )


def _complain(sitting: Sitting, form: ComplainForm) -> RefusedError | None:
    item, _sep, newborn = str(form.cleaned_data["about"]).partition("/")
    try:
        number = work_orders.complain(
            by=sitting.user,
            number=sitting.number,
            kind=OrderKind(form.cleaned_data["kind"]),
            text=form.cleaned_data["text"],
            item=item,
            newborn=int(newborn or 0),
            named=form.cleaned_data["named"],
            channel=channel_of(sitting.request).value,
            now=sitting.now,
        )
    except RefusedError as refusal:
        return refusal
    words = gettext("收到了，编号 %(number)s。答复会写在这一页。") % {"number": number}
    messages.success(sitting.request, words)
    return None


def order_line(sitting: Sitting, found: Opened) -> dict[str, object]:
    """One thing the family has said, as its page shows it."""
    row = found.row
    about = ""
    if row.item and row.item in sitting.context.pack.items:
        about = thing_title(sitting, row.item, row.newborn)
    return {
        "number": row.number,
        "kind": kind_title(row.kind),
        "about": about,
        "at": shown_moment(row.opened_at),
        "text": found.words.get("text", ""),
        "state": TOLD_STATES[row.state],
        "due": "" if row.answered_at else shown_day(work_orders.last_day(found)),
        "reply": found.words.get("reply", ""),
    }


def _things(sitting: Sitting) -> list[tuple[str, str]]:
    """The tasks that an office has or had, as options."""
    return [
        (f"{task.item}/{task.newborn}", thing_title(sitting, task.item, task.newborn))
        for task in sitting.case.tasks.values()
        if task.state not in NOBODYS
    ]

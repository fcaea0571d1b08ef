"""工作日历: the years that are known, a new year's notice with its preview, and who takes it in."""

from datetime import date

from django import forms
from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from yijian.actions import calendar_years as actions
from yijian.actions import contexts, proposals
from yijian.actions.proposing import ProposalRefusedError
from yijian.packs.calendar import AnnouncedSchema, read_year
from yijian.packs.findings import PackError
from yijian.records import calendar_years as records
from yijian.records.calendar_years import TakenYear
from yijian.records.people import StaffRole
from yijian.web.applicant.values import shown_moment
from yijian.web.console.naming import Names
from yijian.web.console.refusals import sentence_of
from yijian.web.desk.doors import Desk, desk_page
from yijian.web.desk.forms import DeskForm

ROLES = (StaffRole.OPERATOR, StaffRole.SUPERVISOR)
EXAMPLE = "year: {0}\nnotice: …\noff: [{0}-01-01, …]\nworked: [{0}-02-14, …]"


class YearForm(DeskForm):
    """A year's notice, as text."""

    text = forms.CharField(
        label=_("放假安排"),
        max_length=8000,
        widget=forms.Textarea(attrs={"rows": 8, "spellcheck": "false"}),
        help_text=_(
            "写 year、notice（文号）、off（放假）、worked（周末上班）；或者每行 日期,off 或 日期,worked。"
        ),
    )
    reason = forms.CharField(label=_("为什么"), max_length=proposals.REASON_LENGTH, required=False)


@desk_page("GET", "POST", roles=ROLES)
def overview(desk: Desk) -> HttpResponse:
    """Every year with what is known of it; a pasted notice is checked, previewed and proposed."""
    may_propose = desk.visitor.works_as(StaffRole.OPERATOR)
    posted = desk.request.POST if desk.request.method == "POST" and may_propose else None
    form = YearForm(posted, initial={"text": ""})
    said = _read(form) if posted is not None and form.is_valid() else None
    if said is not None and posted is not None and posted.get("do") == "propose":
        if _proposed(desk, form, said):
            return HttpResponseRedirect(reverse("console_proposals"))
    taken = records.listed()
    names = Names(who for one in taken for who in (one.proposed_by, one.decided_by))
    return desk.page(
        "console/calendar.html",
        {
            "form": form,
            "years": _years(taken),
            "taken": [_taken(one, names) for one in reversed(taken)],
            "said": said,
            "weekdays": _listed(said),
            "preview": actions.preview(said) if said is not None else None,
            "may_propose": may_propose,
            "example": EXAMPLE.format(max(contexts.calendar().announced) + 1),
        },
        current="calendar",
    )


def _read(form: YearForm) -> AnnouncedSchema | None:
    try:
        return read_year(form.cleaned_data["text"])
    except PackError as error:
        for finding in error.findings:
            form.add_error("text", str(finding))
        return None


def _proposed(desk: Desk, form: YearForm, said: AnnouncedSchema) -> bool:
    try:
        proposals.propose(
            by=desk.user,
            kind=actions.KIND,
            payload=actions.payload_of(said),
            reason=form.cleaned_data["reason"],
            now=desk.now,
        )
    except ProposalRefusedError as refused:
        form.add_error("text", sentence_of(refused))
        return False
    messages.success(desk.request, gettext("提出来了，由第二个人同意后，在办事项的时限跟着重算。"))
    return True


def _years(taken: list[TakenYear]) -> list[dict[str, object]]:
    """Each year: its working days, and whether its notice is known."""
    calendar = contexts.calendar()
    here = {one.year: one.notice for one in taken}
    found = []
    for year in range(max(calendar.announced) - 2, max(calendar.announced) + 3):
        exceptions = [day for day in calendar.exceptions if day.year == year]
        off = sum(not calendar.exceptions[day] for day in exceptions)
        workdays = calendar.between(date(year - 1, 12, 31), date(year, 12, 31))
        found.append(
            {
                "year": year,
                "announced": year in calendar.announced,
                "workdays": workdays,
                "off": off,
                "worked": len(exceptions) - off,
                "from": here.get(year) or gettext("政策包"),
            }
        )
    return found


def _taken(one: TakenYear, names: Names) -> dict[str, object]:
    return {
        "year": one.year,
        "notice": one.notice,
        "made": shown_moment(one.made_at),
        "proposed_by": names.of(one.proposed_by),
        "decided_by": names.of(one.decided_by),
        "moved": one.moved,
        "done": one.done_at is not None,
    }


def _listed(said: AnnouncedSchema | None) -> str:
    if said is None:
        return ""
    off = "、".join(f"{day:%m-%d}" for day in said.days_off)
    worked = "、".join(f"{day:%m-%d}" for day in said.days_worked)
    return gettext("放假：%(off)s；周末上班：%(worked)s") % {"off": off, "worked": worked or "—"}

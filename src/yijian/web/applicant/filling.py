"""填表: the pages of the form, the second look at a name, disputes, and the check of all answers."""

from django import forms
from django.http import Http404, HttpResponse, HttpResponseRedirect

from yijian.actions import cases as actions
from yijian.domain.cases import Case
from yijian.domain.clocks import SHANGHAI
from yijian.domain.context import RefusedError
from yijian.domain.journey import Page, Place, form_pages
from yijian.domain.papers import papers_of
from yijian.domain.policy import FactKind
from yijian.web.applicant.checking import rows_of
from yijian.web.applicant.doors import Sitting, family_page
from yijian.web.applicant.forms import FormOfPage, is_right, name_of, page_of
from yijian.web.applicant.naming import name_cards
from yijian.web.applicant.places import STEPS, may_fill, remember_seen, saved_at
from yijian.web.applicant.statements import cards_of
from yijian.web.applicant.summary import sections_of
from yijian.web.applicant.values import shown_value, worded
from yijian.web.messages.sentences import sentence
from yijian.web.pages import show


@family_page("GET", "POST")
def form(sitting: Sitting, page: str) -> HttpResponse:
    """One page of the form: shown, saved in the background, or confirmed."""
    if not may_fill(sitting.place(), sitting.role, sitting.context):
        return sitting.go_on()
    if page not in form_pages(sitting.case, sitting.context, sitting.now):
        raise Http404
    if sitting.request.method == "POST":
        return _save(sitting, page)
    shown = page_of(sitting.case, page, sitting.context, sitting.now)
    return _show_form(sitting, shown, shown.form())


def _save(sitting: Sitting, page: str) -> HttpResponse:
    shown = page_of(sitting.case, page, sitting.context, sitting.now)
    filled = shown.form(sitting.request.POST)
    valid = is_right(filled, shown.asked)
    quiet = "X-Autosave" in sitting.request.headers
    if not valid and not quiet:
        return _show_form(sitting, shown, filled, status=422)
    try:
        case = actions.save_answers(
            by=sitting.user,
            number=sitting.number,
            answers=shown.answers(filled.cleaned_data),
            items=shown.chosen_items(filled.cleaned_data),
            form_version=_posted_version(sitting),
            now=sitting.now,
        )
    except actions.EditedElsewhereError as edited:
        return _show_both(sitting, page, edited.case)
    except RefusedError as refusal:
        _blame(filled, shown, refusal)
        return _show_form(sitting, shown, filled, status=422)
    if quiet:
        return _quietly_saved(sitting)
    remember_seen(sitting.request.session, sitting.number, page)
    if _has_new_name(sitting.case, case):
        return _to_name(sitting)
    return sitting.go_on()


def _posted_version(sitting: Sitting) -> int | None:
    posted = sitting.request.POST.get("form_version", "")
    return int(posted) if posted.isascii() and posted.isdigit() and len(posted) < 10 else None


def _quietly_saved(sitting: Sitting) -> HttpResponse:
    response = HttpResponse(status=204)
    response["X-Saved-At"] = f"{sitting.now.astimezone(SHANGHAI):%H:%M}"
    return response


def _blame(filled: forms.Form, shown: FormOfPage, refusal: RefusedError) -> None:
    """A refusal of the core becomes an error of the field it names."""
    names = [name_of(one) for one in shown.asked if one.field.fact == refusal.field]
    filled.add_error(names[0] if names else None, sentence(refusal))


def _has_new_name(before: Case, after: Case) -> bool:
    return any(
        fact == "newborn_name"
        and known.value
        and (
            (fact, subject) not in before.answers
            or before.answers[fact, subject].value != known.value
        )
        for (fact, subject), known in after.answers.items()
    )


def _to_name(sitting: Sitting) -> HttpResponse:
    return HttpResponseRedirect(sitting.url("name"))


def _show_both(sitting: Sitting, page: str, case: Case) -> HttpResponse:
    """The other parent saved meanwhile: both values are shown, what was typed stays."""
    shown = page_of(case, page, sitting.context, sitting.now)
    filled = shown.form(sitting.request.POST)
    filled.is_valid()
    answers = shown.answers(filled.cleaned_data)
    differing = [
        {
            "label": one.label,
            "theirs": shown_value(one.fact_type, one.values.get(one.field.fact), one.context),
            "yours": shown_value(one.fact_type, answers.get(key), one.context),
        }
        for one in shown.asked
        for key in [(one.field.fact, one.subject)]
        if key in answers and answers[key] != one.values.get(one.field.fact)
    ]
    return _show_form(sitting, shown, filled, status=409, differing=differing)


def _show_form(
    sitting: Sitting,
    shown: FormOfPage,
    filled: forms.Form,
    *,
    status: int = 200,
    differing: list[dict[str, str]] | None = None,
) -> HttpResponse:
    case = shown.case or sitting.case
    pages = form_pages(case, sitting.context, sitting.now)
    index = pages.index(shown.page.id)
    back = sitting.url("form", pages[index - 1]) if index else ""
    return show(
        sitting.request,
        "applicant/form.html",
        {
            "number": sitting.number,
            "page": shown.page,
            "title": worded(shown.page.title),
            "lead": worded(shown.page.lead),
            "step": shown.page.step,
            "steps": STEPS,
            "saved_at": saved_at(case),
            "known": shown.known,
            "required_items": [
                {"title": worded(item.title), "summary": worded(item.summary)}
                for item in shown.required_items
            ],
            "form": filled,
            "form_version": case.form_version,
            "back_url": back,
            "differing": differing,
            "asks_a_name": any(a.fact_type.kind is FactKind.NAME for a in shown.asked),
        },
        status=status,
    )


@family_page("GET", "POST")
def check(sitting: Sitting) -> HttpResponse:
    """All answers once more, each with its way back; then the form is frozen for signing."""
    place: Place = sitting.place()
    if sitting.request.method == "POST":
        if place.page is Page.CHECK:
            actions.open_signing(by=sitting.user, number=sitting.number, now=sitting.now)
        return sitting.go_on()
    if place.page is not Page.CHECK:
        return sitting.go_on()
    pages = form_pages(sitting.case, sitting.context, sitting.now)
    failed = sitting.context.judge(sitting.case, sitting.now).failed
    return show(
        sitting.request,
        "applicant/check.html",
        {
            "number": sitting.number,
            "failed": rows_of(failed, sitting.context),
            "papers": cards_of(papers_of(sitting.case, sitting.context, sitting.now), masked=True),
            "sections": sections_of(sitting),
            "names": name_cards(sitting),
            "back_url": sitting.url("form", pages[-1]) if pages else "",
            "steps": STEPS,
            "saved_at": saved_at(sitting.case),
        },
    )

"""填表: the pages of the form, the second look at a name, disputes, and the check of all answers."""

from collections.abc import Mapping

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from yijian.actions import cases as actions
from yijian.domain.cases import Case
from yijian.domain.clocks import SHANGHAI
from yijian.domain.context import RefusedError
from yijian.domain.journey import Page, Place, form_pages
from yijian.domain.policy import FactKind
from yijian.domain.states import Stage
from yijian.web.applicant.characters import glyphs_of, surname_fits
from yijian.web.applicant.doors import Sitting, family_page
from yijian.web.applicant.forms import FamilyForm, FormOfPage, name_of, page_of
from yijian.web.applicant.places import remember_seen
from yijian.web.applicant.summary import sections_of
from yijian.web.applicant.values import phrase, shown_value, worded
from yijian.web.messages.sentences import sentence
from yijian.web.pages import show

STEPS = 4
OPEN = frozenset({Page.FORM, Page.CHECK, Page.SIGN, Page.WAITING_FOR_OTHER, Page.LIVE_CHECK})


def _may_fill(sitting: Sitting) -> bool:
    """Whether this parent may fill in the form now; otherwise the journey says where to go."""
    place = sitting.place()
    return place.page in OPEN and sitting.role in sitting.context.pack.applicants


@family_page("GET", "POST")
def form(sitting: Sitting, page: str) -> HttpResponse:
    """One page of the form: shown, saved in the background, or confirmed."""
    if not _may_fill(sitting):
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
    valid = filled.is_valid()
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
    """The other parent saved meanwhile: both values are shown, what was typed stays in the boxes."""
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
            "saved_at": _saved_at(case),
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


def _saved_at(case: Case) -> str:
    times = [known.at for known in case.answers.values()]
    return f"{max(times).astimezone(SHANGHAI):%H:%M}" if times else ""


@family_page("GET", "POST")
def name(sitting: Sitting) -> HttpResponse:
    """The name once more, one large character after another, before anything is printed."""
    if not _may_fill(sitting):
        return sitting.go_on()
    if sitting.request.method == "POST":
        return sitting.go_on()
    cards = name_cards(sitting)
    if not cards:
        return sitting.go_on()
    naming = next(
        (
            section.page
            for section in sitting.context.pack.form
            if any(field.fact == "newborn_name" for field in section.fields)
        ),
        "",
    )
    return show(
        sitting.request,
        "applicant/name.html",
        {
            "number": sitting.number,
            "cards": cards,
            "text": phrase(sitting.context, "name_confirm"),
            "change_url": sitting.url("form", naming),
            "steps": STEPS,
            "saved_at": _saved_at(sitting.case),
        },
    )


def name_cards(sitting: Sitting) -> list[dict[str, object]]:
    """Each newborn's name with its characters, and what deserves a second look."""
    cards: list[dict[str, object]] = []
    for subject in sitting.context.subjects(sitting.case, "newborn_name"):
        values = sitting.context.filled(sitting.case, subject, sitting.now)
        given = str(values.get("newborn_name") or "")
        if not given:
            continue
        glyphs = glyphs_of(given)
        parents = (str(values.get("father_name") or ""), str(values.get("mother_name") or ""))
        cards.append(
            {
                "name": given,
                "glyphs": glyphs,
                "any_rare": any(glyph.rare for glyph in glyphs),
                "rare_text": phrase(sitting.context, "rare_characters"),
                "surname_fits": surname_fits(given, parents),
                "subject": subject if sitting.case.newborns > 1 else 0,
            }
        )
    return cards


class DisputeForm(FamilyForm):
    """信息不对: which value, and what is wrong with it."""

    fact = forms.ChoiceField(
        label=_("哪一项不对？"),
        widget=forms.RadioSelect,
        error_messages={"required": _("请选择哪一项不对"), "invalid_choice": _("请选择哪一项不对")},
    )
    text = forms.CharField(
        label=_("应该是什么？"),
        help_text=_("写下正确的内容，例如“妈妈的门牌号是 12 号”"),
        max_length=200,
        widget=forms.Textarea({"rows": 3}),
        error_messages={"required": _("请写下正确的内容")},
    )

    def __init__(self, choices: list[tuple[str, str]], *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        field = self.fields["fact"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = choices


@family_page("GET", "POST")
def dispute(sitting: Sitting, section: str) -> HttpResponse:
    """A register's value is wrong: its owner is told, the family goes on."""
    choices = _disputable(sitting, section)
    if not choices or sitting.case.stage not in (Stage.DRAFT, Stage.SIGNING):
        raise Http404
    posted: Mapping[str, object] | None = (
        sitting.request.POST if sitting.request.method == "POST" else None
    )
    filled = DisputeForm(choices, posted)
    if posted is not None and filled.is_valid():
        fact, _sep, subject = str(filled.cleaned_data["fact"]).partition("__")
        actions.dispute_value(
            by=sitting.user,
            number=sitting.number,
            fact=fact,
            subject=int(subject or 0),
            text=filled.cleaned_data["text"],
            now=sitting.now,
        )
        messages.success(
            sitting.request, gettext("已经记下，会请登记这项信息的部门核对。您可以接着办。")
        )
        return sitting.go_on()
    status = 422 if posted is not None else 200
    return show(
        sitting.request,
        "applicant/dispute.html",
        {"number": sitting.number, "form": filled, "back_url": sitting.url("case")},
        status=status,
    )


def _disputable(sitting: Sitting, section: str) -> list[tuple[str, str]]:
    """The verified values of one section of the form, as options."""
    fields = next((s.fields for s in sitting.context.pack.form if s.id == section), ())
    options = []
    for field in fields:
        for subject in sitting.context.subjects(sitting.case, field.fact):
            known = sitting.case.verified.get((field.fact, subject))
            if known is None or known.value is None:
                continue
            fact_type = sitting.context.pack.facts[field.fact]
            value = shown_value(fact_type, known.value, sitting.context)
            name_ = f"{field.fact}__{subject}" if subject else field.fact
            child = f"（{subject}）" if subject and sitting.case.newborns > 1 else ""
            options.append((name_, f"{worded(field.label)}{child}：{value}"))
    return options


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
    return show(
        sitting.request,
        "applicant/check.html",
        {
            "number": sitting.number,
            "sections": sections_of(sitting),
            "names": name_cards(sitting),
            "back_url": sitting.url("form", pages[-1]) if pages else "",
            "steps": STEPS,
            "saved_at": _saved_at(sitting.case),
        },
    )

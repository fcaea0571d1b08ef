"""评价: a parent rates what has ended. One decision a page, nothing pressed, everything once.

The first page asks the grade alone; the second one offers reasons and words. The grade is sent in
the body, never in an address, where the next one at the device could read it; nothing is kept
before the second button.
"""

from collections.abc import Mapping

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.urls import reverse
from django.utils.translation import gettext

from yijian.actions import questionnaires
from yijian.actions import ratings as actions
from yijian.actions.rating_rules import rules_of
from yijian.actions.ratings import Rated
from yijian.domain.context import RefusedError
from yijian.domain.ratings import WHOLE, Level, RatingRules
from yijian.records import access
from yijian.web.applicant.doors import PURPOSE, Sitting, family_page
from yijian.web.applicant.progress import child_name
from yijian.web.applicant.rating_forms import AddForm, LevelForm, OpinionForm, channel_of
from yijian.web.applicant.rating_words import said
from yijian.web.applicant.values import shown_moment, worded
from yijian.web.pages import show

ALL = "whole"
"""How the whole is called in an address."""


@family_page("GET")
def ratings(sitting: Sitting) -> HttpResponse:
    """Everything that has ended, with what was said of it or the way to say it."""
    rules = rules_of(sitting.case.pack)
    return show(
        sitting.request,
        "ratings/ratings.html",
        {
            "number": sitting.number,
            "questionnaires": [
                {"url": sitting.url("questionnaire", one.id), "title": worded(one.asked.title)}
                for one in questionnaires.open_for(
                    case_id=sitting.case.id, role=sitting.role, now=sitting.now
                )
            ],
            "lines": [_line(sitting, rules, each) for each in _things(sitting)],
        },
    )


@family_page("GET", "POST")
def rate(sitting: Sitting, item: str, newborn: int) -> HttpResponse:
    """The grade, then what somebody wants to say about it, then thanks."""
    rated = _thing(sitting, item, newborn)
    follow_up = actions.order_of(rated.rating)
    asked_again = sitting.request.GET.get("again") or sitting.request.POST.get("again")
    again = bool(asked_again) and follow_up is not None and follow_up.may_rate_again
    if (rated.rating is not None and not again) or not (rated.open or again):
        refusal = "rated_already" if rated.rating is not None else "rating_too_late"
        messages.info(sitting.request, said(RefusedError(refusal)))
        return HttpResponseRedirect(sitting.url("ratings"))
    rules = rules_of(sitting.case.pack)
    level = level_in(sitting.request.POST)
    title = thing_title(sitting, rated.thing.item, rated.thing.newborn)
    frame = {"number": sitting.number, "title": title, "again": again}
    if level is None:
        asked = sitting.request.method == "POST"
        form = LevelForm(rules, sitting.request.POST if asked else None)
        return show(
            sitting.request,
            "ratings/level.html",
            {**frame, "form": form, "back_url": sitting.url("progress")},
            status=422 if asked else 200,
        )
    posted = said_in(sitting.request)
    opinion = OpinionForm(rules, level, channel_of(sitting.request), posted)
    if posted is not None and opinion.is_valid():
        return _keep(sitting, rated, level, opinion, again)
    return show(
        sitting.request,
        "ratings/opinion.html",
        {**frame, "form": opinion, "level": int(level), "level_title": worded(rules.levels[level])},
        status=422 if posted is not None else 200,
    )


def _keep(
    sitting: Sitting, rated: Rated, level: Level, form: OpinionForm, again: bool
) -> HttpResponse:
    opinion = actions.opinion_of(
        level=int(level),
        channel=channel_of(sitting.request),
        reasons=tuple(form.cleaned_data.get("reasons") or ()),
        dimensions=form.dimensions(),
        words=str(form.cleaned_data["words"]),
    )
    do = actions.rate_again if again else actions.rate
    try:
        do(
            by=sitting.user,
            number=sitting.number,
            item=rated.thing.item,
            newborn=rated.thing.newborn,
            opinion=opinion,
            now=sitting.now,
        )
    except RefusedError as refusal:
        messages.error(sitting.request, said(refusal))
    else:
        word = gettext("谢谢，记下了。")
        if level.is_bad and not again:
            word = gettext("谢谢您直说。已经有人跟进，处理结果会写在这一页。")
        messages.success(sitting.request, word)
    return HttpResponseRedirect(sitting.url("ratings"))


@family_page("GET", "POST")
def add_words(sitting: Sitting, item: str, newborn: int) -> HttpResponse:
    """Words are added to what was said, once."""
    rated = _thing(sitting, item, newborn)
    if not rated.may_append:
        messages.info(sitting.request, said(RefusedError("appended_already")))
        return HttpResponseRedirect(sitting.url("ratings"))
    posted = sitting.request.POST if sitting.request.method == "POST" else None
    form = AddForm(posted)
    if posted is not None and form.is_valid():
        try:
            actions.append(
                by=sitting.user,
                number=sitting.number,
                item=rated.thing.item,
                newborn=newborn,
                words=form.cleaned_data["words"],
                now=sitting.now,
            )
        except RefusedError as refusal:
            messages.error(sitting.request, said(refusal))
        else:
            messages.success(sitting.request, gettext("谢谢，记下了。"))
        return HttpResponseRedirect(sitting.url("ratings"))
    return show(
        sitting.request,
        "ratings/add.html",
        {
            "number": sitting.number,
            "title": thing_title(sitting, rated.thing.item, newborn),
            "form": form,
        },
        status=422 if posted is not None else 200,
    )


def thing_title(sitting: Sitting, item: str, newborn: int) -> str:
    """What is rated, in the words of the progress page."""
    if item == WHOLE:
        return gettext("整件事")
    title = worded(sitting.context.pack.items[item].title)
    if not newborn or sitting.case.newborns < 2:
        return title
    child = child_name(sitting.case, newborn)
    return gettext("%(title)s（%(child)s）") % {"title": title, "child": child}


def _things(sitting: Sitting) -> list[Rated]:
    opened = access.access_case(
        by=sitting.user, number=sitting.number, purpose=PURPOSE, now=sitting.now
    )
    return actions.things_of(opened, sitting.context, sitting.now)


def _thing(sitting: Sitting, item: str, newborn: int) -> Rated:
    code = WHOLE if item == ALL else item
    for rated in _things(sitting):
        if (rated.thing.item, rated.thing.newborn) == (code, newborn):
            return rated
    raise Http404


def level_in(data: Mapping[str, object]) -> Level | None:
    """The grade that a form brings; None for anything else."""
    text = str(data.get("level") or "")
    return Level(int(text)) if text in {"1", "2", "3", "4", "5"} else None


def said_in(request: HttpRequest) -> QueryDict | None:
    """What the second page has sent; None while only the grade was chosen."""
    return request.POST if "said" in request.POST else None


def _line(sitting: Sitting, rules: RatingRules, rated: Rated) -> dict[str, object]:
    thing, rating = rated.thing, rated.rating
    parts = [sitting.number, thing.item or ALL, thing.newborn]
    office = sitting.context.directory.office(thing.office) if thing.office else None
    order = actions.order_of(rating)
    return {
        "title": thing_title(sitting, thing.item, thing.newborn),
        "office": worded(office.title) if office else "",
        "rate_url": reverse("rate", args=parts) if rated.open else "",
        "level": worded(rules.levels[rating.level]) if rating else "",
        "bad": rating is not None and rating.level.is_bad,
        "at": shown_moment(rating.rated_at) if rating else "",
        "words": [text for text in (rating.words, rating.added) if text] if rating else [],
        "again": worded(rules.levels[rating.again_level])
        if rating and rating.again_level is not None
        else "",
        "add_url": reverse("rate_add", args=parts) if rated.may_append else "",
        "reply": order.words.get("reply", "") if order else "",
        "again_url": f"{reverse('rate', args=parts)}?again=1"
        if order and rating and rating.again_level is None and order.may_rate_again
        else "",
    }

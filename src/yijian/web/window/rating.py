"""现场评价: the family rates on the tablet that the clerk hands over. The clerk reads nothing of it.

The pages are the family's own, without the frame of the desk. What was rated is not shown again,
here or anywhere at the window.
"""

from django.http import HttpResponse
from django.utils.translation import gettext

from yijian.actions import ratings as actions
from yijian.actions.rating_rules import rules_of
from yijian.actions.ratings import Rated
from yijian.domain.context import RefusedError
from yijian.domain.ratings import WHOLE, Level, RatingChannel
from yijian.records import access
from yijian.web.applicant.rating import ALL, level_in, said_in, thing_title
from yijian.web.applicant.rating_forms import LevelForm, OpinionForm
from yijian.web.applicant.rating_words import said
from yijian.web.applicant.values import worded
from yijian.web.pages import go, show
from yijian.web.window.doors import Sitting, window_page


@window_page("GET")
def ratings(sitting: Sitting) -> HttpResponse:
    """What the family may rate now; one press each."""
    home = sitting.as_family()
    lines = [
        {
            "title": thing_title(home, each.thing.item, each.thing.newborn),
            "url": sitting.url("rate", each.thing.item or ALL, each.thing.newborn),
        }
        for each in _open(sitting)
    ]
    context = {"lines": lines, "after_url": sitting.url("after")}
    return show(sitting.desk.request, "ratings/tablet.html", context)


@window_page("GET")
def thanks(sitting: Sitting) -> HttpResponse:
    """Where the tablet rests after a rating: neither the address nor the page tells the grade."""
    return _ended(sitting, gettext("谢谢，记下了。"))


@window_page("GET", "POST")
def rate(sitting: Sitting, item: str, newborn: int) -> HttpResponse:
    """The grade, then reasons and words, then thanks; each thing once."""
    request = sitting.desk.request
    code = WHOLE if item == ALL else item
    wanted = [e for e in _open(sitting) if (e.thing.item, e.thing.newborn) == (code, newborn)]
    if not wanted:
        return _ended(sitting, said(RefusedError("rated_already")))
    rules = rules_of(sitting.case.pack)
    level = level_in(request.POST)
    frame: dict[str, object] = {
        "title": thing_title(sitting.as_family(), code, newborn),
        "back_url": sitting.url("ratings"),
    }
    if level is None:
        asked = request.method == "POST"
        form = LevelForm(rules, request.POST if asked else None)
        return show(
            request, "ratings/level.html", {**frame, "form": form}, status=422 if asked else 200
        )
    posted = said_in(request)
    opinion = OpinionForm(rules, level, RatingChannel.TABLET, posted)
    if posted is not None and opinion.is_valid():
        return _keep(sitting, code, newborn, level, opinion)
    return show(
        request,
        "ratings/opinion.html",
        {**frame, "form": opinion, "level": int(level), "level_title": worded(rules.levels[level])},
        status=422 if posted is not None else 200,
    )


def _keep(
    sitting: Sitting, item: str, newborn: int, level: Level, form: OpinionForm
) -> HttpResponse:
    try:
        actions.rate_at_window(
            by=sitting.user,
            number=sitting.number,
            item=item,
            newborn=newborn,
            opinion=actions.opinion_of(
                level=int(level),
                channel=RatingChannel.TABLET,
                reasons=tuple(form.cleaned_data.get("reasons") or ()),
                dimensions=form.dimensions(),
                words=str(form.cleaned_data["words"]),
            ),
            now=sitting.now,
        )
    except RefusedError as refusal:
        return _ended(sitting, said(refusal))
    return go(sitting.url("ratings_thanks"))


def _ended(sitting: Sitting, words: str) -> HttpResponse:
    return show(
        sitting.desk.request,
        "ratings/tablet.html",
        {"thanks": words, "after_url": sitting.url("after"), "more": bool(_open(sitting)),
         "more_url": sitting.url("ratings")},
    )  # fmt: skip


def _open(sitting: Sitting) -> list[Rated]:
    opened = access.access_window_case(
        by=sitting.user, number=sitting.number, purpose=actions.AT_WINDOW, now=sitting.now
    )
    found = actions.things_of(opened, sitting.context, sitting.now)
    return [each for each in found if each.open]

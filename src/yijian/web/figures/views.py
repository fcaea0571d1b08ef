"""公开统计: a page, a CSV file and a JSON document of every month that is over. No login.

What is told is decided in `domain.open_figures`; a number that is too small is not told anywhere.
"""

import re
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from yijian.actions import open_figures
from yijian.actions.open_figures import OpenLine, OpenMonth
from yijian.domain.open_figures import FEWEST
from yijian.domain.reports import Month
from yijian.web.applicant.values import worded
from yijian.web.console.grids import Cell, Grid, as_csv, grid
from yijian.web.console.panels import Line, right
from yijian.web.console.supervision_words import NOTHING, item_title, number
from yijian.web.pages import show

MONTH = re.compile(r"20\d\d-(?:0[1-9]|1[0-2])", re.ASCII)
KEPT_SECONDS = 3600
HIDDEN = f"<{FEWEST}"


@require_safe
def newest(request: HttpRequest) -> HttpResponse:
    """The figures of the month that was over last."""
    return _page(request, open_figures.months(timezone.now())[0])


@require_safe
def page(request: HttpRequest, month: str) -> HttpResponse:
    """The figures of one month."""
    return _page(request, _asked(month))


@require_safe
def as_json(request: HttpRequest, month: str) -> HttpResponse:
    """The same as data; null where a number may not be told."""
    found = _of(_asked(month))
    document = {
        "month": str(found.month),
        "fewest_shown": FEWEST,
        "whole": _plain(found.whole),
        "places": [_plain(line) for line in found.places],
        "items": [_plain(line) for line in found.items],
    }
    response = JsonResponse(document, json_dumps_params={"ensure_ascii": False, "indent": 1})
    return _kept(response)


@require_safe
def as_file(request: HttpRequest, month: str) -> HttpResponse:
    """The same as a file for a spreadsheet."""
    found = _of(_asked(month))
    places = _places(found)
    rows: list[Line] = [[places.title, *row] for row in places.rows]
    for line in found.items:
        row = _row(item_title(line.item), line)
        row[1] = row[4] = NOTHING
        rows.append([gettext("各事项"), *row])
    heads = [gettext("表"), gettext("名称"), *places.heads[1:]]
    return _kept(as_csv(grid(gettext("公开统计"), heads, rows), f"figures-{found.month}"))


def _page(request: HttpRequest, month: Month) -> HttpResponse:
    found = _of(month)
    return show(
        request,
        "figures/page.html",
        {
            "month": _title(found.month),
            "page_class": "page--wide",
            "json_url": reverse("open_figures_json", args=[str(month)]),
            "csv_url": reverse("open_figures_csv", args=[str(month)]),
            "tables": [_places(found), _items(found)],
            "facts": _facts(found.whole),
            "fewest": FEWEST,
            "months": [
                (_title(one), reverse("open_figures_month", args=[str(one)]), one == month)
                for one in open_figures.months(timezone.now())[:13]
            ],
        },
    )


def _kept(response: HttpResponse) -> HttpResponse:
    """Data that everybody may have, and keep for a while."""
    patch_cache_control(response, public=True, max_age=KEPT_SECONDS)
    return response


def _asked(month: str) -> Month:
    if MONTH.fullmatch(month) is None:
        raise Http404
    return Month(int(month[:4]), int(month[5:]))


def _of(month: Month) -> OpenMonth:
    found = open_figures.of_month(month=month, now=timezone.now())
    if found is None:
        raise Http404
    return found


def _title(month: Month) -> str:
    return gettext("%(year)s年%(month)s月") % {"year": month.year, "month": month.number}


def _facts(line: OpenLine) -> list[tuple[str, str]]:
    return [
        (gettext("提交申请"), _count(line.submitted)),
        (gettext("全部办结"), _count(line.closed)),
        (gettext("按时办结率"), _share(line.in_time)),
        (gettext("全程用时，一半家庭在此之内"), _days(line.half_days)),
        (gettext("一次也不用跑的比例"), _share(line.zero_trip)),
        (gettext("少交的材料"), _count(line.materials_saved)),
        (gettext("好评率"), _share(line.satisfied)),
    ]


def _places(found: OpenMonth) -> Grid:
    heads = [
        gettext("地方"), gettext("申请"), gettext("全部办结"), gettext("按时办结率"),
        gettext("零跑动比例"), gettext("用时中位（天）"), gettext("评价"), gettext("好评率"),
    ]  # fmt: skip
    rows: list[Line] = [_row(worded(o.level.title) if o.level else "", o) for o in found.places]
    return grid(gettext("各地"), heads, rows)


def _items(found: OpenMonth) -> Grid:
    heads = [
        gettext("事项"), gettext("办成"), gettext("按时办结率"), gettext("用时中位（天）"),
        gettext("评价"), gettext("好评率"),
    ]  # fmt: skip
    rows: list[Line] = []
    for line in found.items:
        _name, _submitted, done, in_time, _trips, half, rated, good = _row("", line)
        rows.append([item_title(line.item), done, in_time, half, rated, good])
    return grid(gettext("各事项"), heads, rows)


def _row(title: str, line: OpenLine) -> list[Cell | str]:
    return [
        title,
        right(_count(line.submitted)),
        right(_count(line.closed)),
        right(_share(line.in_time)),
        right(_share(line.zero_trip)),
        right(NOTHING if line.half_days is None else f"{line.half_days:.1f}"),
        right(_count(line.rated)),
        right(_share(line.satisfied)),
    ]


def _count(count: int | None) -> str:
    """A count; one that is too small, or hidden beside one, says no more than that."""
    return gettext("不公开") if count is None else number(count)


def _share(share: float | None) -> str:
    return NOTHING if share is None else f"{share:.0%}"


def _days(days: float | None) -> str:
    return NOTHING if days is None else gettext("%(number)s 天") % {"number": f"{days:.1f}"}


def _plain(line: OpenLine) -> dict[str, Any]:
    about: dict[str, Any] = (
        {"place": line.level.scope.ljust(6, "0") if line.level.scope else "",
         "title": line.level.title.zh}
        if line.level
        else {"item": line.item, "title": item_title(line.item)}
    )  # fmt: skip
    told = ("submitted", "closed", "materials_saved", "in_time", "zero_trip", "half_days", "rated",
            "satisfied")  # fmt: skip
    return about | {name: getattr(line, name) for name in told}

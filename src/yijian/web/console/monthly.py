"""月度报告: what a level did in a month, on A4, from the same cells as the dashboard.

Only what happened in the month stands there, nothing of what is open now, so that a month that is
over reads the same whenever it is printed.
"""

import re
from collections.abc import Callable, Mapping
from datetime import timedelta
from urllib.parse import urlencode

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext

from yijian.actions import charts, levels
from yijian.actions.levels import Around
from yijian.actions.overview import Overview, overview
from yijian.domain import efficacy
from yijian.domain.clocks import local_day
from yijian.domain.durations import quantile
from yijian.domain.efficacy import Days
from yijian.domain.measures import Measure
from yijian.domain.reports import Month, last_months
from yijian.records import access
from yijian.records.charts import Place
from yijian.web.applicant.values import worded
from yijian.web.console import supervision_words as words
from yijian.web.console.grids import as_csv, grid
from yijian.web.console.headlines import of_month
from yijian.web.console.panels import Line, Panel, drawn, num, right, shortened, specs_of
from yijian.web.console.panels_flow import funnel, reasons, steps, trend
from yijian.web.console.panels_quality import (
    certificates,
    deliveries,
    ratings,
    registers,
    savings,
)
from yijian.web.console.panels_standing import address, results
from yijian.web.console.supervision import NODE, looking_again, page_language, still_drawn
from yijian.web.desk.doors import Desk, desk_page
from yijian.web.desk.groups import VIEWERS

MONTH = re.compile(r"20\d\d-(?:0[1-9]|1[0-2])", re.ASCII)
MONTHS = 13


@desk_page("GET", roles=VIEWERS)
def months(desk: Desk) -> HttpResponse:
    """The last months of a level."""
    around = _around(desk)
    found = [
        {"month": str(one), "title": _title(one), "url": _address(around, one)}
        for one in last_months(desk.now, MONTHS)
    ]
    return desk.page(
        "console/months.html",
        {
            "title": worded(around.level.title),
            "level_url": address(around.level.scope),
            "months": found,
        },
        current="months",
    )


@desk_page("GET", roles=VIEWERS)
def report(desk: Desk, month: str) -> HttpResponse:
    """The report of one month of a level."""
    around = _around(desk)
    asked = _asked_month(desk, month)
    view = _view(desk, around, asked)
    built = [panel(view) for panel in _panels(around).values()]
    place = Place(f"report-{asked}", around.level.scope, page_language())
    specs = specs_of(built)
    drawings = charts.drawings(place=place, specs=specs, now=desk.now)
    waits = still_drawn(specs, drawings)
    urls = {one.name: _address_of(around, asked, one.name) for one in built}
    so_far = min(view.days.until - timedelta(days=1), view.today)
    response = desk.page(
        "console/report.html",
        {
            "waits": waits,
            "title": worded(around.level.title),
            "month": _title(asked),
            "until": f"{so_far:%Y-%m-%d}",
            "over": asked.ends_at <= desk.now,
            "headlines": of_month(view),
            "panels": drawn([shortened(one) for one in built], drawings, urls),
            "back_url": reverse("console_reports") + _query(around),
        },
    )
    return looking_again(desk, response, waits=waits)


@desk_page("GET", roles=VIEWERS)
def table(desk: Desk, month: str, name: str) -> HttpResponse:
    """One table of the report as a file."""
    around = _around(desk)
    asked = _asked_month(desk, month)
    panel = _panels(around).get(name)
    if panel is None:
        raise access.Refused
    found = panel(_view(desk, around, asked)).grid
    return as_csv(found, f"{name}-{around.level.scope or NODE}-{asked}")


def departments(view: Overview) -> Panel:
    """Each item in the month: how much came, ended, was in time, and how long it took."""
    came = view.flows.by(Measure.QUEUED, lambda cell: cell.item)
    ended = view.flows.by(Measure.ENDED, lambda cell: (cell.item, cell.detail))
    rows: list[Line] = []
    for one in efficacy.lights(efficacy.Tally([]), view.flows, view.today, lambda cell: cell.item):
        half, most = quantile(one.waits, 0.5), quantile(one.waits, 0.9)
        refused = sum(ended[one.key, state] for state in ("declined", "rejected", "offline"))
        rows.append(
            [
                words.item_title(one.key),
                words.department_title(words.department_of(one.key)),
                num(came[one.key]),
                num(ended[one.key, "completed"]),
                num(refused),
                num(one.ended_late),
                right(words.percent(one.in_time_share)),
                right(words.span(half)),
                right(words.span(most)),
            ]
        )
    heads = [
        gettext("事项"), gettext("部门"), gettext("收到"), gettext("办成"), gettext("未办成"),
        gettext("超期"), gettext("达标率"), "P50", "P90",
    ]  # fmt: skip
    return Panel("departments", grid(gettext("各事项办理情况"), heads, rows))


REPORT: Mapping[str, Callable[[Overview], Panel]] = {
    "trend": trend, "funnel": funnel, "departments": departments, "steps": steps,
    "reasons": reasons, "results": results, "registers": registers, "deliveries": deliveries,
    "certificates": certificates, "savings": savings, "ratings": ratings,
}  # fmt: skip
"""The parts of a report, in this order; an office has some of them."""
REPORT_OF_AN_OFFICE = {
    name: REPORT[name] for name in ("departments", "reasons", "certificates", "savings")
}


def _panels(around: Around) -> Mapping[str, Callable[[Overview], Panel]]:
    return REPORT_OF_AN_OFFICE if around.level.kind == "office" else REPORT


def _asked_month(desk: Desk, month: str) -> Month:
    asked = _month(month)
    if asked is None or asked.starts_at > desk.now:
        raise access.Refused
    return asked


def _view(desk: Desk, around: Around, month: Month) -> Overview:
    days = Days(local_day(month.starts_at), local_day(month.ends_at))
    return overview(around=around, days=days, now=desk.now)


def _around(desk: Desk) -> Around:
    """The level that is asked for, or the widest one."""
    scope = desk.request.GET.get("scope")
    return levels.access_level(by=desk.user, scope="" if scope == NODE else scope)


def _query(around: Around) -> str:
    return f"?{urlencode({'scope': around.level.scope or NODE})}"


def _address(around: Around, month: Month) -> str:
    return reverse("console_report", args=[str(month)]) + _query(around)


def _address_of(around: Around, month: Month, name: str) -> str:
    return reverse("console_report_table", args=[str(month), name]) + _query(around)


def _month(text: str) -> Month | None:
    """The month written as 2026-10; None for what is none."""
    if MONTH.fullmatch(text) is None:
        return None
    return Month(int(text[:4]), int(text[5:]))


def _title(month: Month) -> str:
    return gettext("%(year)s年%(month)s月") % {"year": month.year, "month": month.number}

"""督导: the dashboard of a level, from the node down to one office, and every table as CSV.

Every number comes from cells of the rollup, for the level that is asked for and within what the
visitor may see; a level outside it and one that does not exist look the same.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext

from yijian.actions import charts, levels
from yijian.actions.levels import Around
from yijian.actions.overview import Overview, overview
from yijian.documents.charts import Spec
from yijian.domain.clocks import SHANGHAI
from yijian.records import access
from yijian.records.charts import Drawing, Place
from yijian.web.applicant.values import language, worded
from yijian.web.console.grids import as_csv
from yijian.web.console.headlines import headlines
from yijian.web.console.panels import Panel, drawn, specs_of
from yijian.web.console.panels_flow import forecast, funnel, reasons, steps, trend
from yijian.web.console.panels_quality import (
    certificates,
    deliveries,
    ratings,
    registers,
    savings,
)
from yijian.web.console.panels_standing import WARM, address, lights, matrix, places, tiles
from yijian.web.desk.doors import Desk, desk_page
from yijian.web.desk.groups import VIEWERS

NODE = "node"
"""How the whole node is written in an address of a file."""
PANELS = {
    "trend": trend, "funnel": funnel, "lights": lights, "places": places, "matrix": matrix,
    "reasons": reasons, "steps": steps, "registers": registers, "deliveries": deliveries,
    "certificates": certificates, "savings": savings, "forecast": forecast, "ratings": ratings,
}  # fmt: skip
OF_AN_OFFICE = ("lights", "matrix", "reasons", "steps", "forecast", "deliveries", "certificates",
                "savings")  # fmt: skip
"""What an office has; the others are about whole cases, which belong to a place.

Ratings are not among them: who has just closed a case would see what its family said of it.
"""
STILL_AFTER = timedelta(minutes=10)
"""Figures are counted each minute; after so long without they stand still."""
DRAWN_WITHIN_SECONDS = 4
MOST_LOOKS = 3


@desk_page("GET", roles=VIEWERS)
def home(desk: Desk) -> HttpResponse:
    """The widest level that the visitor may see."""
    return _level(desk, levels.access_level(by=desk.user, scope=None))


@desk_page("GET", roles=VIEWERS)
def node(desk: Desk) -> HttpResponse:
    """The whole node."""
    return _level(desk, levels.access_level(by=desk.user, scope=""))


@desk_page("GET", roles=VIEWERS)
def level(desk: Desk, scope: str) -> HttpResponse:
    """A province, a city, a county or an office."""
    return _level(desk, levels.access_level(by=desk.user, scope=scope))


@desk_page("GET", roles=VIEWERS)
def table(desk: Desk, scope: str, name: str) -> HttpResponse:
    """One table of a level as a file."""
    around = levels.access_level(by=desk.user, scope="" if scope == NODE else scope)
    if name not in _names(around):
        raise access.Refused
    found = overview(around=around, now=desk.now)
    return as_csv(PANELS[name](found).grid, f"{name}-{scope}-{found.today.isoformat()}")


def _level(desk: Desk, around: Around) -> HttpResponse:
    view = overview(around=around, now=desk.now)
    found, waits = panels_of(view, page="overview", now=desk.now)
    placed = levels.tiles_of(around.level)
    response = desk.page(
        "console/level.html",
        {
            "title": worded(around.level.title),
            "kind": around.level.kind,
            "above": [(worded(one.title), address(one.scope)) for one in around.above],
            "headlines": headlines(view),
            "panels": found,
            "tiles": tiles(view, dict(placed)),
            "warm": [f"{limit:.0%}" for limit in WARM],
            "as_of": _moment(view.as_of),
            "stands_still": view.as_of is not None and desk.now - view.as_of > STILL_AFTER,
            "waits": waits,
            "report_url": reverse("console_reports") + _asked(around),
        },
        current="console",
    )
    return looking_again(desk, response, waits=waits)


def looking_again(desk: Desk, response: HttpResponse, *, waits: bool) -> HttpResponse:
    """While the worker draws, the page asks for itself again a few times, and then no more."""
    asked = desk.request.GET.copy()
    looks = asked.get("look", "0")
    tried = int(looks) if looks.isascii() and looks.isdigit() and len(looks) < 3 else 0
    if waits and tried < MOST_LOOKS:
        asked["look"] = str(tried + 1)
        again = f"{desk.request.path}?{asked.urlencode()}"
        response["Refresh"] = f"{DRAWN_WITHIN_SECONDS}; url={again}"
    return response


def still_drawn(specs: Mapping[str, Spec], drawings: Mapping[str, Drawing]) -> bool:
    """Whether the worker has still to draw some of the charts."""
    return any(name not in drawings or not drawings[name].current for name in specs)


def panels_of(view: Overview, *, page: str, now: datetime) -> tuple[Mapping[str, Panel], bool]:
    """The panels of a level with their drawings, and whether the worker still draws some."""
    scope = view.around.level.scope
    built = [PANELS[name](view) for name in _names(view.around)]
    specs = specs_of(built)
    place = Place(page, scope, page_language())
    drawings = charts.drawings(place=place, specs=specs, now=now)
    waits = still_drawn(specs, drawings)
    urls = {one.name: reverse("console_table", args=[scope or NODE, one.name]) for one in built}
    return drawn(built, drawings, urls), waits


def page_language() -> str:
    """The language in which charts of this page are labelled."""
    return "zh" if language().startswith("zh") else "en"


def _names(around: Around) -> tuple[str, ...]:
    return OF_AN_OFFICE if around.level.kind == "office" else tuple(PANELS)


def _asked(around: Around) -> str:
    return f"?scope={around.level.scope}" if around.level.scope else ""


def _moment(at: datetime | None) -> str:
    return f"{at.astimezone(SHANGHAI):%m-%d %H:%M}" if at else gettext("还没有统计")

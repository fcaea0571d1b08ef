"""推演与实际: what was foreseen for a published draft, beside the figures since it is in force."""

from collections import Counter
from datetime import timedelta
from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext

from yijian.actions import reach, simulating, workshop_reading
from yijian.actions.simulating import Draft, Simulation
from yijian.domain.clocks import local_day
from yijian.domain.foreseeing import Figures, Foreseen, compared, half_days
from yijian.domain.measures import Measure
from yijian.domain.simulated import Found
from yijian.domain.small_cells import shown
from yijian.records import access, figures, simulations
from yijian.web.applicant.values import shown_day, shown_moment
from yijian.web.console.simulation import READERS, SOURCES, title_of
from yijian.web.console.simulation_tables import Words
from yijian.web.console.tallies import Line, Tally, as_csv, number
from yijian.web.desk.doors import Desk, desk_page

MEASURES = (
    Measure.ELIGIBLE,
    Measure.TURNED_AWAY,
    Measure.TURNED_AWAY_ALONE,
    Measure.SUBMITTED,
    Measure.QUEUED,
    Measure.WAITED,
)
FAR = 0.05
"""A difference of shares that is worth a look."""


@desk_page("GET", roles=READERS)
def actual(desk: Desk, draft: UUID) -> HttpResponse:
    """Every simulation of the draft that has finished, beside what has happened since."""
    row = workshop_reading.draft(by=desk.user, draft=draft)
    scope = reach.scope_of(desk.visitor).widest
    if scope is None:
        raise access.Refused
    begun = row.in_force_from is not None and row.in_force_from <= local_day(desk.now)
    counts = _figures(desk, row, scope) if begun else {}
    runs = simulations.finished(drafts=[draft])
    wanted = desk.request.GET.get("run", "")
    run = next((one for one in runs if str(one.pk) == wanted), next(iter(runs), None))
    page: dict[str, object] = {
        "draft": row,
        "title": title_of(row),
        "begun": begun,
        "from_day": shown_day(row.in_force_from) if row.in_force_from else "",
        "whole_node": scope == "",
        "as_of": _as_of(),
        "runs": [_choice(one, run) for one in runs],
    }
    if run is not None and begun:
        found = simulations.found_of(run)
        table = _table(compared(found, counts), Words(*simulating.packs_of(run)))
        if desk.request.GET.get("csv") == table.name:
            return as_csv(table, f"foreseen-{row.code}")
        page |= {
            "table": table,
            "csv": f"?run={run.pk}&csv=",
            "days": _days(found, counts),
            "came": number(shown(counts.get((Measure.ELIGIBLE, "", "yes"), 0))),
            "refused": number(shown(counts.get((Measure.ELIGIBLE, "", "no"), 0))),
        }
    return desk.page("console/simulation_actual.html", page, current="policy")


def _figures(desk: Desk, row: Draft, scope: str) -> Figures:
    assert row.in_force_from is not None
    found: Counter[tuple[str, str, str]] = Counter()
    for cell in figures.totals(
        scopes=[scope],
        since=row.in_force_from,
        until=local_day(desk.now) + timedelta(days=1),
        measures=MEASURES,
        packs=[row.code],
    ):
        found[cell.measure, cell.item, cell.detail] += cell.count
    return found


def _as_of() -> str:
    at = figures.as_of()
    return shown_moment(at) if at else ""


def _choice(one: Simulation, chosen: Simulation | None) -> dict[str, object]:
    return {
        "url": f"?run={one.pk}",
        "words": f"{SOURCES[one.source][0]} · {shown_moment(one.begun_at)}",
        "current": chosen is not None and one.pk == chosen.pk,
        "result": reverse("policy_simulation_run", args=[one.draft, one.pk]),
    }


def _days(found: Found, counts: Figures) -> dict[str, str]:
    promised, taken = half_days(found, counts)
    return {
        "promised": "—" if promised is None else str(promised),
        "taken": "—" if taken is None else f"{taken:.1f}",
    }


def _table(rows: list[Foreseen], words: Words) -> Tally:
    return Tally(
        "foreseen",
        gettext("推演与实际"),
        [
            gettext("看什么"),
            gettext("推演：草案"),
            gettext("实际"),
            gettext("相差"),
        ],
        [
            Line(
                _named(row, words),
                [_shown(row, row.foreseen), _shown(row, row.actual), _points(row.difference)],
                tone="changed" if row.difference and abs(row.difference) >= FAR else "",
            )
            for row in rows
        ],
        note=gettext(
            "被拦下的占能判断的家庭；每百户办件是每 100 个可以办的家庭有多少件。相差 5 以上的标出来。"
        ),
    )


def _named(row: Foreseen, words: Words) -> str:
    if row.what == "fit":
        return gettext("可以办的家庭")
    if row.what == "load":
        return gettext("每百户办件：%(item)s") % {"item": words.item(row.key)}
    pattern = gettext("被拦下：%(rule)s") if row.what == "refused" else gettext("只因：%(rule)s")
    return pattern % {"rule": words.rule(row.key)}


def _shown(row: Foreseen, share: float | None) -> str:
    """A share in percent; tasks as their number for a hundred families."""
    if share is None:
        return "—"
    return f"{100 * share:.1f}" if row.what == "load" else f"{100 * share:.1f}%"


def _points(difference: float | None) -> str:
    if difference is None:
        return "—"
    return f"{100 * difference:+.1f}".replace("-", "−")

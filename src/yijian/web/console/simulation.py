"""推演页: a draft held against the version in force: begin, watch, cancel, and read what came out.

The page of a run that goes on asks for itself again every few seconds, without any script.
"""

from datetime import date, datetime, time, timedelta
from uuid import UUID

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from yijian.actions import contexts, simulating, workshop_reading
from yijian.actions.simulating import Draft, Simulation
from yijian.domain.clocks import SHANGHAI, local_day
from yijian.domain.context import RefusedError
from yijian.packs import PackError
from yijian.records import simulations
from yijian.records.people import StaffRole
from yijian.records.simulations import MADE_UP, PAST
from yijian.web.applicant.values import shown_day, shown_moment, worded
from yijian.web.console.simulation_tables import Words, summary, tallies
from yijian.web.console.tallies import as_csv
from yijian.web.desk.doors import Desk, desk_page

READERS = (
    StaffRole.POLICY_EDITOR,
    StaffRole.POLICY_APPROVER,
    StaffRole.SUPERVISOR,
    StaffRole.OPERATOR,
    StaffRole.AUDITOR,
)
AGAIN_AFTER_SECONDS = 3
SOURCES = {
    PAST: (_("历史办件"), _("本节点过去的办件，在节点内部拆封计数，只留下按 5 取整的数字")),
    MADE_UP: (
        _("合成家庭"),
        _("按两版规则编造的家庭，覆盖各条规则的两边，不是真人，比例不代表实际"),
    ),
}
STATES = {
    "waiting": (_("排队中"), "warn"),
    "running": (_("推演中"), "info"),
    "finished": (_("已完成"), "good"),
    "cancelled": (_("已取消"), ""),
    "failed": (_("没有做成"), "bad"),
}
PERIODS = {"3": _("最近 3 个月"), "12": _("最近 12 个月"), "": _("全部")}
SIZES = {
    PAST: ("1000", "10000", "100000"),
    MADE_UP: ("500", "2000", "10000"),
}
PROBLEMS = {
    "nothing_in_force": _("这个政策包还没有现行版本，没有可以比较的。"),
    "already_simulated": _("这份草案正在推演，请等它完成或先取消。"),
    "too_many_families": _("家庭数不在可选的范围里。"),
    "unknown_source": _("请选择历史办件或合成家庭。"),
    "wrong_day": _("请填写日期，例如 2027-01-01。"),
}


@desk_page("GET", "POST", roles=READERS)
def overview(desk: Desk, draft: UUID) -> HttpResponse:
    """The simulations of a draft, and the form that begins one."""
    row = workshop_reading.draft(by=desk.user, draft=draft)
    problem = ""
    findings: tuple[str, ...] = ()
    if desk.request.method == "POST":
        try:
            begun = _begin(desk, draft)
            return HttpResponseRedirect(reverse("policy_simulation_run", args=[draft, begun]))
        except RefusedError as refused:
            problem = str(PROBLEMS.get(refused.code, refused.code))
        except PackError as error:
            problem = gettext("草案还有错误，改好以后才能推演。")
            findings = tuple(str(finding) for finding in error.findings)
    runs = [_told(run) for run in simulating.of_draft(by=desk.user, draft=draft)]
    return desk.page(
        "console/simulation.html",
        {
            "draft": row,
            "title": title_of(row),
            "runs": runs,
            "may_begin": simulating.may_ask(desk.user) and row.state != "discarded",
            "forms": [_form(source, row, desk) for source in (PAST, MADE_UP)],
            "problem": problem,
            "findings": findings,
        },
        current="policy",
        status=422 if problem else 200,
    )


def _begin(desk: Desk, draft: UUID) -> UUID:
    posted = desk.request.POST
    source = posted.get("source", "")
    if posted.get("families", "") not in SIZES.get(source, ()):
        raise RefusedError("too_many_families" if source in SIZES else "unknown_source")
    months = posted.get("months", "")
    return simulating.begin(
        by=desk.user,
        draft=draft,
        source=source,
        families=int(posted["families"]),
        on_day=_day(posted.get("on_day", "")),
        since=_since(desk.now, months) if months in PERIODS and months else None,
        seed=posted.get("seed", "")[:20] or "1",
        now=desk.now,
    )


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise RefusedError("wrong_day") from None


def _since(now: datetime, months: str) -> datetime:
    """The first moment of the month so many months ago."""
    today = local_day(now)
    count = today.year * 12 + today.month - 1 - int(months)
    return datetime.combine(date(count // 12, count % 12 + 1, 1), time(), SHANGHAI)


def _form(source: str, row: Draft, desk: Desk) -> dict[str, object]:
    title, about = SOURCES[source]
    tomorrow = local_day(desk.now) + timedelta(days=1)
    return {
        "source": source,
        "title": title,
        "about": about,
        "sizes": SIZES[source],
        "periods": PERIODS.items() if source == PAST else (),
        "on_day": (row.in_force_from or tomorrow).isoformat(),
    }


@desk_page("GET", roles=READERS)
def run(desk: Desk, draft: UUID, simulation: UUID) -> HttpResponse:
    """One run: how far it is, or what came out of it; `csv` names a table to be taken along."""
    found = simulating.one(by=desk.user, draft=draft, simulation=simulation)
    row = workshop_reading.draft(by=desk.user, draft=draft)
    told = _told(found)
    page: dict[str, object] = {
        "draft": row,
        "title": title_of(row),
        "run": told,
        "may_cancel": told["going"] and simulating.may_ask(desk.user),
        "seconds": AGAIN_AFTER_SECONDS,
    }
    if found.state == "finished":
        counts = simulations.found_of(found)
        words = Words(*simulating.packs_of(found))
        first = summary(counts)
        tables = tallies(counts, words, by_month=found.source == PAST)
        wanted = desk.request.GET.get("csv", "")
        named = next((each for each in (first, *tables) if each.name == wanted), None)
        if named is not None:
            return as_csv(named, f"simulation-{found.code}")
        page |= {"summary": first, "tables": tables, "csv": "?csv="}
    response = desk.page("console/simulation_run.html", page, current="policy")
    if told["going"]:
        response["Refresh"] = str(AGAIN_AFTER_SECONDS)
    return response


@desk_page("POST", roles=(StaffRole.POLICY_EDITOR, StaffRole.POLICY_APPROVER))
def cancel(desk: Desk, draft: UUID, simulation: UUID) -> HttpResponse:
    """It stops before its next step."""
    simulating.one(by=desk.user, draft=draft, simulation=simulation)
    simulating.cancel(by=desk.user, simulation=simulation, now=desk.now)
    return HttpResponseRedirect(reverse("policy_simulation_run", args=[draft, simulation]))


def title_of(row: Draft) -> str:
    """What the draft is called; without a title of its own, by its pack."""
    pack = next((one for one in contexts.packs() if one.code == row.code), None)
    return row.title or (worded(pack.title) if pack else row.code)


def _told(row: Simulation) -> dict[str, object]:
    """A run as a line of the list and the head of its page."""
    title, about = SOURCES[row.source]
    state, tone = STATES[row.state]
    total = row.total or 0
    return {
        "id": row.pk,
        "url": reverse("policy_simulation_run", args=[row.draft, row.pk]),
        "source": title,
        "about": about,
        "real": row.source == PAST,
        "state": state,
        "tone": tone,
        "going": row.state in simulations.RUNNING,
        "finished": row.state == "finished",
        "failed": row.state == "failed",
        "problem": row.problem,
        "done": row.done,
        "total": total,
        "percent": 100 * row.done // total if total else 0,
        "on_day": shown_day(row.on_day),
        "since": shown_day(local_day(row.since)) if row.since else "",
        "against": row.against_version,
        "digest": row.digest[:12],
        "begun_at": shown_moment(row.begun_at),
        "ended_at": shown_moment(row.ended_at) if row.ended_at else "",
    }

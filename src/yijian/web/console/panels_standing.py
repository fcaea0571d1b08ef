"""在办图表: what stands where, how late it is, and what lies one level down."""

from collections import Counter
from collections.abc import Callable
from functools import cache

from django.urls import reverse
from django.utils.translation import gettext

from yijian.actions.levels import Level
from yijian.actions.overview import Overview
from yijian.domain import efficacy
from yijian.domain.durations import quantile
from yijian.domain.efficacy import WITH_FAMILY, share
from yijian.domain.efficacy import Cell as Counted
from yijian.domain.measures import Measure
from yijian.domain.states import TaskState
from yijian.web.applicant.values import worded
from yijian.web.console import supervision_words as words
from yijian.web.console.grids import Cell, grid
from yijian.web.console.panels import Line, Panel, num, right
from yijian.web.console.supervision_words import NOTHING, percent
from yijian.web.desk.lines import state_title

OPEN_STATES = ("unrouted", "queued", "accepted", "in_review", "correction_needed", "approved")
OUTCOMES = (
    TaskState.COMPLETED, TaskState.DECLINED, TaskState.REJECTED, TaskState.OFFLINE,
    TaskState.WITHDRAWN,
)  # fmt: skip
WARM = (0.02, 0.05, 0.10)
"""Shares of what is open that are late, from which a tile is warmer."""


def address(scope: str) -> str:
    """The page of a level."""
    return reverse("console_level", args=[scope]) if scope else reverse("console_node")


def lights(view: Overview) -> Panel:
    """Departments, or the items of one office, by how late what they have is."""
    by_item = view.around.level.kind == "office"
    # Every cell is asked, and there are thousands; items are few.
    department = cache(words.department_of)
    of: Callable[[Counted], str] = (
        (lambda cell: cell.item) if by_item else (lambda cell: department(cell.item))
    )
    ahead = efficacy.Days(view.today, view.today.max)
    warned = view.standing.by(Measure.WARNED, of, ahead)
    rows: list[Line] = []
    for one in efficacy.lights(view.standing, view.flows, view.today, of):
        title = words.item_title(one.key) if by_item else words.department_title(one.key)
        half, most = quantile(one.waits, 0.5), quantile(one.waits, 0.9)
        soon = warned[one.key]
        rows.append(
            [
                title,
                num(one.open),
                num(one.with_family),
                num(soon, heat=_warmth(soon, "heat-1")),
                num(one.due_today, heat=_warmth(one.due_today, "heat-1")),
                num(one.late_1, heat=_warmth(one.late_1, "heat-2")),
                num(one.late_3, heat=_warmth(one.late_3, "heat-3")),
                num(one.late_more, heat=_warmth(one.late_more, "heat-4")),
                right(words.span(efficacy.mean(one.waits))),
                right(words.span(half)),
                right(words.span(most)),
                right(percent(one.in_time_share)),
            ]
        )
    heads = [
        gettext("事项") if by_item else gettext("部门"), gettext("在办"), gettext("待家庭"),
        gettext("黄灯"), gettext("今日到期"), gettext("超1天内"), gettext("超1–3天"),
        gettext("超3天以上"), gettext("平均"), "P50", "P90", gettext("达标率"),
    ]  # fmt: skip
    late = sum(efficacy.late_of(view.standing, view.today, lambda cell: "").values())
    return Panel(
        "lights",
        grid(gettext("部门时限红黄灯") if not by_item else gettext("事项时限红黄灯"), heads, rows),
        summary=gettext("现在超期 %(late)s 件。") % {"late": words.number(late)},
        note=gettext(
            "黄灯是已经提醒过时限快到、还没到期的；用时从收到算到办结，平均约数；等家庭补正的不计超期"
        ),
    )


def _warmth(count: int, heat: str) -> str:
    return heat if count else ""


def matrix(view: Overview) -> Panel:
    """Every item by the states it is open in now, and how it ended in the period."""
    standing = view.standing.by(Measure.OPEN, lambda cell: (cell.item, cell.detail))
    ended = view.flows.by(Measure.ENDED, lambda cell: (cell.item, cell.detail))
    items = {item for item, _ in (*standing, *ended)}
    order = sorted(items, key=lambda item: (-sum(standing[item, s] for s in OPEN_STATES), item))
    top = max(standing.values(), default=1)
    rows: list[Line] = [
        [
            words.item_title(item),
            *(num(standing[item, s], heat=_depth(standing[item, s], top)) for s in OPEN_STATES),
            *(num(ended[item, outcome.value]) for outcome in OUTCOMES),
        ]
        for item in order
    ]
    heads = [
        gettext("事项"),
        *(words.standing_title(state) for state in OPEN_STATES),
        *(state_title(outcome) for outcome in OUTCOMES),
    ]
    return Panel(
        "matrix",
        grid(gettext("事项与状态"), heads, rows),
        note=gettext("前几列是现在停在哪个状态，后几列是这段时间怎样结束的；颜色越深件数越多"),
    )


def _depth(count: int, top: int) -> str:
    """How deep the ground of a cell is: by quarters of the greatest."""
    return f"depth-{min(4 * count // max(top, 1) + 1, 4)}" if count else ""


def _late_below(view: Overview) -> Counter[str]:
    found: Counter[str] = Counter()
    for cell in view.below_late.cells(Measure.OPEN):
        if cell.detail != WITH_FAMILY:
            found[cell.scope] += cell.count
    return found


def warmth_of(late: int, standing: int) -> tuple[str, str]:
    """The class of a tile's ground, and what it means."""
    late_share = share(late, standing) or 0.0
    if not late:
        return "tile-0", gettext("没有超期")
    place = sum(late_share >= limit for limit in WARM) + 1
    return f"tile-{place}", gettext("超期占在办 %(share)s") % {"share": percent(late_share)}


def tiles(view: Overview, placed: dict[str, tuple[Level, int, int]]) -> list[dict[str, object]]:
    """A tile for every place below, with what it says."""
    late, standing = _late_below(view), view.below_open.by(Measure.OPEN, lambda cell: cell.scope)
    found: list[dict[str, object]] = []
    for scope, (level, row, column) in sorted(placed.items(), key=lambda one: one[1][1:]):
        tone, said = warmth_of(late[scope], standing[scope])
        found.append(
            {
                "title": _short(worded(level.title)),
                "late": late[scope],
                "open": standing[scope],
                "said": said,
                "classes": f"tile-box {tone} row-{row} column-{column}",
                "url": address(scope),
            }
        )
    return found


def _short(title: str) -> str:
    """A city's name without the word for city, as a tile has room for."""
    return title[:-1] if len(title) > 2 and title.endswith(("市", "区", "县")) else title


def _flows_below(view: Overview) -> dict[Measure, Counter[str]]:
    """What the places and offices below did in the period; a case that was taken back is no end."""
    ended = (c for c in view.below.cells(Measure.CLOSED) if c.detail in efficacy.WITH_A_RESULT)
    found = {
        measure: view.below.by(measure, lambda cell: cell.scope)
        for measure in (Measure.SUBMITTED, Measure.ENDED_IN_TIME, Measure.ENDED_LATE)
    }
    return found | {
        Measure.CLOSED: efficacy.Tally(ended).by(Measure.CLOSED, lambda cell: cell.scope)
    }


def places(view: Overview) -> Panel:
    """One level down: places and offices, those that are latest first, each with its own page."""
    late = _late_below(view)
    standing = view.below_open.by(Measure.OPEN, lambda cell: cell.scope)
    flows = _flows_below(view)
    around = view.around
    rows: list[Line] = []
    for level in sorted(
        (*around.places, *around.offices),
        key=lambda one: (-late[one.scope], -standing[one.scope], one.scope),
    ):
        scope = level.scope
        in_time, ended_late = flows[Measure.ENDED_IN_TIME][scope], flows[Measure.ENDED_LATE][scope]
        if level.kind == "office" and not (standing[scope] or in_time or ended_late):
            continue
        is_office = level.kind == "office"
        rows.append(
            [
                Cell(worded(level.title), url=address(scope)),
                right(NOTHING) if is_office else num(flows[Measure.SUBMITTED][scope]),
                right(NOTHING) if is_office else num(flows[Measure.CLOSED][scope]),
                num(standing[scope]),
                num(late[scope], heat=_warmth(late[scope], "heat-3")),
                right(percent(share(in_time, in_time + ended_late))),
            ]
        )
    heads = [
        gettext("名称"), gettext("申请"), gettext("全部办结"), gettext("在办"), gettext("超期"),
        gettext("达标率"),
    ]  # fmt: skip
    return Panel("places", grid(gettext("下一级"), heads, rows))


def results(view: Overview) -> Panel:
    """What places one level down did in the period, whatever stands there now."""
    flows = _flows_below(view)
    rows: list[Line] = []
    for level in view.around.places or view.around.offices:
        in_time, late = (
            flows[measure][level.scope] for measure in (Measure.ENDED_IN_TIME, Measure.ENDED_LATE)
        )
        submitted, closed = (
            flows[measure][level.scope] for measure in (Measure.SUBMITTED, Measure.CLOSED)
        )
        if not (in_time or late or submitted or closed):
            continue
        rows.append(
            [
                worded(level.title), num(submitted), num(closed), num(in_time + late), num(late),
                right(percent(share(in_time, in_time + late))),
            ]
        )  # fmt: skip
    heads = [
        gettext("名称"), gettext("申请"), gettext("全部办结"), gettext("有时限的办结"),
        gettext("超期"), gettext("达标率"),
    ]  # fmt: skip
    return Panel("results", grid(gettext("各地情况"), heads, rows))

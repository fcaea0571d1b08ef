"""流程图表: what comes in and goes out, how far it comes, how long it takes, why it is sent back."""

from collections import Counter
from datetime import date, timedelta
from functools import partial

from django.utils.translation import gettext

from yijian.actions.overview import WINDOW_DAYS, Overview
from yijian.documents import charts
from yijian.domain import efficacy
from yijian.domain.durations import quantile
from yijian.domain.efficacy import WITH_A_RESULT, Cell
from yijian.domain.measures import Measure
from yijian.web.console import supervision_words as words
from yijian.web.console.grids import grid
from yijian.web.console.panels import MOST_BARS, NARROW, WIDE, Line, Panel, num, right
from yijian.web.console.supervision_words import NOTHING, number, percent

DAY = timedelta(days=1)
MOST_ITEMS = 4
"""Of how many items the drawn funnel speaks, those that most have; its table has all."""


def _is_of(item: str, cell: Cell) -> bool:
    return cell.item == item


def trend(view: Overview) -> Panel:
    """Applications and ends of every day."""
    titles = (gettext("申请"), gettext("全部办结"))
    submitted = view.daily.by(Measure.SUBMITTED, lambda cell: cell.day, view.days)
    closed: Counter[date] = Counter()
    for cell in view.daily.cells(Measure.CLOSED, view.days):
        if cell.detail in WITH_A_RESULT:
            closed[cell.day] += cell.count
    days = view.days.each()
    values = [
        {"day": f"{day:%m-%d}", "series": title, "value": found[day], "open": day >= view.today}
        for title, found in zip(titles, (submitted, closed), strict=True)
        for day in days
        if day <= view.today
    ]
    rows: list[Line] = [[f"{day:%m-%d}", num(submitted[day]), num(closed[day])] for day in days]
    said = {
        "days": len(days),
        "submitted": number(submitted.total()),
        "closed": number(closed.total()),
    }
    title = (
        gettext("近%(days)s天申请与办结")
        if len(days) == WINDOW_DAYS
        else gettext("每天的申请与办结")
    )
    return Panel(
        "trend",
        grid(title % said, [gettext("日期"), *titles], rows),
        summary=gettext("%(days)s天共申请 %(submitted)s 件，全部办结 %(closed)s 件。") % said,
        note=gettext("今天还没有过完，到现在的数是单独的点") if view.today in days else "",
        spec=charts.lines(values, titles, width=WIDE, height=212),
    )


def funnel(view: Overview) -> Panel:
    """How far those have come who began in the period."""
    stages = efficacy.funnel(view.flows, efficacy.Days(view.days.since, view.days.until))
    rows: list[Line] = [
        [
            words.stage_title(one.code),
            num(one.cases),
            right(percent(one.of_first)),
            right(percent(one.of_before)),
        ]
        for one in stages
    ]
    values = [
        {
            "label": words.stage_title(one.code),
            "value": one.cases,
            "note": f"{number(one.cases)}　{percent(one.of_first)}",
        }
        for one in (*stages[:4], *stages[4:-1][:MOST_ITEMS], stages[-1])
    ]
    heads = [gettext("环节"), gettext("办件"), gettext("占打开"), gettext("占上一步")]
    said = {
        "opened": number(stages[0].cases),
        "submitted": number(stages[3].cases),
        "closed": number(stages[-1].cases),
    }
    return Panel(
        "funnel",
        grid(gettext("办理漏斗"), heads, rows),
        summary=gettext("打开 %(opened)s 件，提交 %(submitted)s 件，全部办结 %(closed)s 件。")
        % said,
        note=gettext(
            "这段时间打开的办件到现在走到了哪一步，刚打开的还在路上；各事项和全部办结占提交的"
        ),
        spec=charts.bars(values, width=NARROW),
    )


def reasons(view: Overview) -> Panel:
    """Why tasks were sent back to families, refused or sent to the counter."""
    times: Counter[str] = Counter()
    kinds: dict[str, Counter[str]] = {}
    for measure in (Measure.RETURNED, Measure.REFUSED):
        for cell in view.flows.cells(measure):
            said = words.reason_title(cell.pack, cell.item, cell.detail)
            times[said] += cell.count
            kinds.setdefault(said, Counter())[measure.value] += cell.count
    found = efficacy.pareto(times)
    rows: list[Line] = [
        [
            one.key,
            num(one.times),
            right(percent(one.so_far)),
            num(kinds[one.key][Measure.RETURNED.value]),
            num(kinds[one.key][Measure.REFUSED.value]),
        ]
        for one in found
    ]
    values = [
        {
            "label": one.key,
            "value": one.times,
            "so_far": one.so_far,
            "note": gettext("%(times)s 次，累计 %(share)s")
            % {"times": number(one.times), "share": percent(one.so_far)},
        }
        for one in found[:MOST_BARS]
    ]
    first = found[0] if found else None
    return Panel(
        "reasons",
        grid(
            gettext("退件原因"),
            [gettext("原因"), gettext("次数"), gettext("累计"), gettext("补正"), gettext("未办成")],
            rows,
        ),
        summary=gettext("最多的是“%(reason)s”，%(times)s 次，占 %(share)s。")
        % {"reason": first.key, "times": number(first.times), "share": percent(first.so_far)}
        if first
        else gettext("没有退件。"),
        note=gettext("补正、不予受理、审核不通过和转窗口一起排；点和线是累计占比"),
        spec=charts.pareto(values, width=WIDE),
    )


def steps(view: Overview) -> Panel:
    """Median and nine tenths of every step of every item, beside what is promised."""
    items = sorted({cell.item for cell in view.flows.cells(Measure.WAITED) if cell.item})
    rows: list[Line] = []
    values: list[dict[str, object]] = []
    for item in items:
        limits = words.limits_of(item, view.today)
        for step, title in words.STEPS.items():
            waits = view.flows.waits(step, partial(_is_of, item))
            half, most = quantile(waits, 0.5), quantile(waits, 0.9)
            if half is None or most is None:
                continue
            rows.append(
                [
                    words.item_title(item),
                    str(title),
                    num(waits.total()),
                    right(words.span(half)),
                    right(words.span(most)),
                    words.limit_title(limits) if step == "whole" else NOTHING,
                ]
            )
            if step == "whole":
                values.append(
                    {
                        "label": words.item_title(item),
                        "p50": round(half / DAY, 2),
                        "p90": round(most / DAY, 2),
                        "limit": words.limit_days(limits),
                    }
                )
    heads = [
        gettext("事项"), gettext("环节"), gettext("件数"), gettext("一半在此之内 P50"),
        gettext("九成在此之内 P90"), gettext("承诺"),
    ]  # fmt: skip
    slowest = max(values, key=lambda one: float(str(one["p90"])), default=None)
    return Panel(
        "steps",
        grid(gettext("各环节用时与承诺"), heads, rows),
        summary=gettext("最慢的是%(item)s：一半在 %(half)s 天之内，九成在 %(most)s 天之内。")
        % {"item": slowest["label"], "half": slowest["p50"], "most": slowest["p90"]}
        if slowest
        else gettext("还没有办完的事项。"),
        note=gettext(
            "圆点是 P50，菱形是 P90，红线是承诺，远在图外的写成数字；用时按自然日，承诺按工作日，误差不超过两成"
        ),
        spec=charts.ranges(values, width=WIDE, axis=gettext("收到到办结（天）")),
    )


def forecast(view: Overview) -> Panel:
    """How long what is open takes at the present speed, and what of it will be late."""
    ended: Counter[str] = Counter()
    for cell in view.flows.cells(Measure.ENDED):
        if cell.detail not in ("withdrawn", "not_needed"):
            ended[cell.item] += cell.count
    found = efficacy.forecast(
        efficacy.open_by_due(view.standing), ended, view.workdays, view.today, view.coming
    )
    titles = (gettext("按期"), gettext("预计超期"), gettext("已超期"))
    rows: list[Line] = []
    values: list[dict[str, object]] = []
    notes: list[dict[str, object]] = []
    for one in found:
        title, clear = words.item_title(one.item), _clear(view, one.clear_after)
        rest = one.open - one.late - one.will_be_late
        rows.append(
            [
                title, num(one.open), num(rest), num(one.will_be_late), num(one.late),
                right(f"{one.per_workday:.1f}"), clear,
            ]
        )  # fmt: skip
        values += [
            {"label": title, "series": part, "value": value, "place": place}
            for place, (part, value) in enumerate(
                zip(titles, (rest, one.will_be_late, one.late), strict=True)
            )
        ]
        notes.append({"label": title, "end": one.open, "note": f"{number(one.open)}　{clear}"})
    heads = [
        gettext("事项"), gettext("机构手里"), *titles, gettext("每工作日办结"), gettext("预计清完"),
    ]  # fmt: skip
    said = {
        "open": number(sum(one.open for one in found)),
        "late": number(sum(one.will_be_late for one in found)),
    }
    return Panel(
        "forecast",
        grid(gettext("在办预计完成"), heads, rows),
        summary=gettext("机构手里 %(open)s 件；照近来的速度，还有 %(late)s 件预计超期。") % said,
        note=gettext("照这段时间每个工作日办结的件数，先到期的先办；等家庭补正的不算"),
        spec=charts.stacks(
            values, titles, (charts.PALE_BLUE, charts.AMBER, charts.RED), width=WIDE, notes=notes
        ),
    )


def _clear(view: Overview, workdays: int | None) -> str:
    """When everything is done: the day, or that it is further than can be said."""
    if workdays is None:
        return gettext("说不准")
    day = view.coming[max(workdays, 1) - 1]
    return gettext("%(day)s（%(workdays)s 个工作日）") % {
        "day": f"{day:%m-%d}",
        "workdays": max(workdays, 1),
    }


def is_case(cell: Cell) -> bool:
    """Whether a length of time is that of a whole case."""
    return cell.item == ""

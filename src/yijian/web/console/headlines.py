"""要数: the few numbers at the top of a level, each with how it has changed."""

from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.translation import gettext

from yijian.actions.overview import Overview
from yijian.domain import efficacy
from yijian.domain.durations import quantile
from yijian.domain.efficacy import WITH_A_RESULT, Days, Tally, share
from yijian.domain.measures import Measure
from yijian.domain.ratings import Level
from yijian.domain.small_cells import shown_or_few, shown_share
from yijian.web.console.supervision_words import NOTHING, number, percent, shown_percent, span

WEEK = 7
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Headline:
    """要数: a number, how it has changed, and whether that is good or bad; words say it too."""

    label: str
    value: str
    change: str
    tone: str = ""


def headlines(view: Overview) -> list[Headline]:
    """Today's and the period's numbers of a level."""
    office = view.around.level.kind == "office"
    found = [] if office else [_submitted(view), _closed(view)]
    found += [_ended(view)] if office else []
    found += [_late(view), _in_time(view)]
    return found if office else [*found, _whole(view), _trips(view), _materials(view), _good(view)]


def of_month(view: Overview) -> list[Headline]:
    """A month's numbers of a level beside those of as many days before."""
    office = view.around.level.kind == "office"
    flows = [_in_time(view), _materials(view)]
    if office:
        return flows
    counted = (
        (gettext("申请"), Measure.SUBMITTED, None),
        (gettext("全部办结"), Measure.CLOSED, WITH_A_RESULT),
    )
    return [
        *(_compared(view, title, measure, ways) for title, measure, ways in counted),
        _whole(view),
        _trips(view),
        *flows,
        _good(view),
    ]


def _compared(
    view: Overview, label: str, measure: Measure, details: frozenset[str] | None
) -> Headline:
    now, before = (
        sum(c.count for c in tally.cells(measure) if details is None or c.detail in details)
        for tally in _both(view)
    )
    return Headline(label, number(now), gettext("前期 %(count)s") % {"count": number(before)})


def _submitted(view: Overview) -> Headline:
    counted = view.daily.by(Measure.SUBMITTED, lambda cell: cell.day)
    return _of_today(view, gettext("今日申请"), counted)


def _closed(view: Overview) -> Headline:
    counted = Tally(c for c in view.daily.cells(Measure.CLOSED) if c.detail in WITH_A_RESULT)
    return _of_today(
        view, gettext("今日全部办结"), counted.by(Measure.CLOSED, lambda cell: cell.day)
    )


def _ended(view: Overview) -> Headline:
    counted = Tally(
        c for c in view.daily.cells(Measure.ENDED) if c.detail not in ("withdrawn", "not_needed")
    )
    return _of_today(view, gettext("今日办结"), counted.by(Measure.ENDED, lambda cell: cell.day))


def _of_today(view: Overview, label: str, by_day: Counter[date]) -> Headline:
    yesterday = by_day[view.today - DAY]
    week = sum(by_day[view.today - n * DAY] for n in range(1, WEEK + 1)) / WEEK
    said = {"yesterday": number(yesterday), "mean": f"{week:,.1f}"}
    return Headline(
        label,
        number(by_day[view.today]),
        gettext("昨日全天 %(yesterday)s，近7日日均 %(mean)s") % said,
    )


def _late(view: Overview) -> Headline:
    late = efficacy.late_of(view.standing, view.today, lambda cell: "")[""]
    due = sum(
        cell.count
        for cell in view.standing.cells(Measure.OPEN, Days(view.today, view.today + DAY))
        if cell.detail != efficacy.WITH_FAMILY
    )
    words = gettext("在办 %(open)s 件，今日到期 %(due)s 件") % {
        "open": number(view.standing.sum(Measure.OPEN)),
        "due": number(due),
    }
    return Headline(gettext("现在超期"), number(late), words, "bad" if late else "good")


def _in_time(view: Overview) -> Headline:
    return _share_of(gettext("按时办结率"), *(_kept(tally) for tally in _both(view)))


def _kept(tally: Tally) -> float | None:
    in_time = tally.sum(Measure.ENDED_IN_TIME)
    return share(in_time, in_time + tally.sum(Measure.ENDED_LATE))


def _whole(view: Overview) -> Headline:
    now = view.flows.waits("case", lambda cell: not cell.item)
    before = view.cases_before.waits("case")
    half, then = quantile(now, 0.5), quantile(before, 0.5)
    words = gettext("九成在 %(most)s 内") % {"most": span(quantile(now, 0.9))}
    if half is not None and then is not None and abs(half - then) > then / 20:
        quicker = half < then
        words += gettext("，比前期%(change)s") % {
            "change": gettext("快了 %(time)s") % {"time": span(then - half)}
            if quicker
            else gettext("慢了 %(time)s") % {"time": span(half - then)}
        }
        return Headline(
            gettext("全程用时（中位）"), span(half), words, "good" if quicker else "bad"
        )
    return Headline(gettext("全程用时（中位）"), span(half), words if half else NOTHING)


def _trips(view: Overview) -> Headline:
    now, before = (
        share(tally.sum(Measure.ZERO_TRIP, detail="yes"), tally.sum(Measure.ZERO_TRIP))
        for tally in _both(view)
    )
    return _share_of(gettext("零跑动比例"), now, before)


def _materials(view: Overview) -> Headline:
    saved = view.flows.sum(Measure.MATERIALS_SAVED)
    submitted = view.flows.sum(Measure.SUBMITTED)
    words = (
        gettext("平均每件少交 %(mean)s 份") % {"mean": f"{saved / submitted:.1f}"}
        if submitted
        else NOTHING
    )
    return Headline(gettext("免提交材料"), number(saved), words)


def _good(view: Overview) -> Headline:
    """The good grades among all, from shown counts alone; few bad ones look like none."""
    label = gettext("好评率")
    bad = sum(view.flows.sum(Measure.RATED, detail=str(v.value)) for v in Level if v.is_bad)
    now, told = shown_share(bad, view.flows.sum(Measure.RATED)), shown_or_few(bad)
    if told is not None:
        words = gettext("差评 %(count)s 件") % {"count": number(told)}
        return Headline(label, shown_percent(now), words, "bad")
    return Headline(label, shown_percent(now), NOTHING)


def _both(view: Overview) -> tuple[Tally, Tally]:
    return view.flows, view.flows_before


def _share_of(label: str, now: float | None, before: float | None) -> Headline:
    """A share, and by how many points it has moved; more is better."""
    if now is None or before is None:
        return Headline(label, percent(now), NOTHING if now is None else gettext("前期没有可比"))
    points = (now - before) * 100
    said = {"points": f"{abs(points):.1f}"}
    if abs(points) < 0.05:
        return Headline(label, percent(now), gettext("与前期持平"))
    if points > 0:
        return Headline(label, percent(now), gettext("↑ 升 %(points)s 个百分点") % said, "good")
    return Headline(label, percent(now), gettext("↓ 降 %(points)s 个百分点") % said, "bad")

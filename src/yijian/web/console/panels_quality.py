"""质量图表: shared data, delivery records, certificates, trips and materials saved, ratings."""

from collections import Counter
from collections.abc import Sequence

from django.utils.translation import gettext

from yijian.actions import levels
from yijian.actions.overview import Overview
from yijian.documents import charts
from yijian.domain import efficacy
from yijian.domain.cases import ParcelState
from yijian.domain.efficacy import share
from yijian.domain.measures import Measure
from yijian.domain.ratings import Level
from yijian.domain.small_cells import shown_or_few, shown_share
from yijian.web.applicant.values import worded
from yijian.web.console import supervision_words as words
from yijian.web.console.grids import Cell, grid
from yijian.web.console.panels import MOST_BARS, NARROW, WIDE, Line, Panel, num, right
from yijian.web.console.panels_standing import address
from yijian.web.console.supervision_words import number, percent, percents
from yijian.web.console.tallies import number as hidden
from yijian.web.desk.parcels import TITLES as PARCELS

UNWELL, ILL = 0.02, 0.10
"""From which share of questions without an answer a register is unwell, or ill."""


def registers(view: Overview) -> Panel:
    """What every register answered, and how it is just now; of a time that is over, only that."""
    lately = {one.register: one for one in efficacy.answers(view.lately, words.register_title)}
    found = efficacy.answers(view.flows, words.register_title)
    now = view.today in view.days
    titles = (gettext("查到"), gettext("查无"), gettext("不一致"), gettext("没有应答"))
    rows: list[Line] = []
    values: list[dict[str, object]] = []
    notes: list[dict[str, object]] = []
    for one in found:
        health, tone = _health(lately.get(one.register)) if now else ("", "")
        parts = (one.found, one.empty, one.conflict, one.failed)
        row: Line = [
            one.register, num(one.asked), *map(num, parts), right(percent(one.hit_share)),
            right(percent(one.failed_share)),
        ]  # fmt: skip
        rows.append([*row, Cell(health, tone=tone)] if now else row)
        values += [
            {"label": one.register, "series": part, "value": value, "place": place}
            for place, (part, value) in enumerate(zip(titles, parts, strict=True))
        ]
        said = [gettext("命中 %(share)s") % {"share": percent(one.hit_share)}, health]
        notes.append(
            {
                "label": one.register,
                "end": one.asked,
                "note": gettext("，").join(part for part in said if part),
            }
        )
    heads = [gettext("接口"), gettext("查询"), *titles, gettext("命中率"), gettext("失败率")]
    return Panel(
        "registers",
        grid(gettext("共享数据接口"), [*heads, gettext("近两天")] if now else heads, rows),
        summary=gettext("共查询 %(asked)s 次，命中率 %(share)s。")
        % {"asked": number(sum(one.asked for one in found)), "share": percent(_hits(found))},
        note=gettext("命中率只算有应答的；近两天没有应答的超过 2% 是不稳，超过 10% 是故障")
        if now
        else gettext("命中率只算有应答的"),
        spec=charts.stacks(
            values, titles, (charts.BLUE, charts.PALE_BLUE, charts.AMBER, charts.RED),
            width=WIDE, notes=notes,
        ),
    )  # fmt: skip


def _hits(found: Sequence[efficacy.RegisterAnswers]) -> float | None:
    """Of all questions that were answered, how many found something."""
    hits = sum(one.found + one.conflict for one in found)
    return share(hits, sum(one.asked - one.failed for one in found))


def _health(lately: efficacy.RegisterAnswers | None) -> tuple[str, str]:
    """How a register is, by what it did lately, and the tone of it."""
    failed = lately.failed_share if lately else None
    if failed is None:
        return gettext("近两天没有查询"), ""
    if failed >= ILL:
        return gettext("故障"), "bad"
    return (gettext("不稳"), "warn") if failed >= UNWELL else (gettext("正常"), "good")


def deliveries(view: Overview) -> Panel:
    """Hospitals by the share of deliveries that they recorded within the limit."""
    found = efficacy.kept(view.hospitals, Measure.DELIVERY_IN_TIME, lambda cell: cell.scope)
    rows: list[Line] = [
        [
            Cell(worded(levels.office_title(one.key)), url=address(one.key)),
            num(one.kept + one.missed),
            num(one.missed),
            right(percent(one.kept_share)),
        ]
        for one in found
    ]
    values = [
        {
            "label": worded(levels.office_title(one.key)),
            "value": percents(one.kept_share or 0),
            "note": gettext("%(share)s，迟 %(missed)s 例")
            % {"share": percent(one.kept_share), "missed": number(one.missed)},
        }
        for one in found[:MOST_BARS]
    ]
    missed = sum(one.missed for one in found)
    whole = sum(one.kept for one in found) + missed
    return Panel(
        "deliveries",
        grid(
            gettext("分娩信息按时录入"),
            [gettext("助产机构"), gettext("分娩"), gettext("迟录"), gettext("按时率")],
            rows,
        ),
        summary=gettext("%(hospitals)s 家助产机构录入 %(whole)s 例，按时 %(share)s。")
        % {
            "hospitals": len(found),
            "whole": number(whole),
            "share": percent(share(whole - missed, whole)),
        },
        note=gettext("规定时限内录入的比例，低的在前；图上最多八家"),
        spec=charts.bars(values, width=NARROW, most=100),
    )


def certificates(view: Overview) -> Panel:
    """Certificates by what happened to them, and results on their way to families."""
    certificates: Counter[str] = Counter()
    for cell in view.flows.cells(Measure.CERTIFICATE):
        certificates[cell.detail.partition(":")[0]] += cell.count
    parcels = view.parcels.by(Measure.PARCEL, lambda cell: cell.detail)
    issued = (
        ("kept", gettext("签发并入库")),
        ("linked", gettext("取用已有的")),
        ("replaced", gettext("换发")),
        ("revoked", gettext("注销")),
    )
    rows: list[Line] = [
        [gettext("电子证照"), title, num(certificates[code])]
        for code, title in issued
        if certificates[code]
    ]
    rows += [
        [gettext("纸质送达"), str(PARCELS[state]), num(parcels[state.value])]
        for state in ParcelState
        if parcels[state.value]
    ]
    heads = [gettext("类别"), gettext("状态"), gettext("件数")]
    return Panel(
        "certificates",
        grid(gettext("制发证进度"), heads, rows),
        note=gettext("电子证照是这段时间的，纸质送达是现在的"),
    )


def savings(view: Overview) -> Panel:
    """Materials that families did not have to bring, by item."""
    saved = view.flows.by(Measure.MATERIALS_SAVED, lambda cell: cell.item)
    rows: list[Line] = [[words.item_title(item), num(count)] for item, count in saved.most_common()]
    return Panel(
        "savings",
        grid(gettext("免提交材料"), [gettext("事项"), gettext("份数")], rows),
        summary=gettext("一共少交 %(count)s 份材料。") % {"count": number(saved.total())},
    )


def ratings(view: Overview) -> Panel:
    """The five grades, of items and of the whole; a first one looks like none."""
    by = view.flows.by(Measure.RATED, lambda cell: (cell.item, cell.detail))
    items = sorted({item for item, _ in by})
    rows: list[Line] = []
    for item in items:
        counts = {level: by[item, str(level.value)] for level in Level}
        whole = sum(counts.values())
        bad = sum(count for level, count in counts.items() if level.is_bad)
        title = words.item_title(item) if item else gettext("整件事")
        told = (right(hidden(shown_or_few(count))) for count in (*counts.values(), whole))
        rows.append([title, *told, right(words.shown_percent(shown_share(bad, whole)))])
    heads = [
        gettext("评价对象"), *(level_title(level) for level in Level), gettext("合计"),
        gettext("满意率"),
    ]  # fmt: skip
    return Panel(
        "ratings",
        grid(gettext("好差评"), heads, rows),
        note=gettext(
            "自愿评价，每件事每个事项一次，算最后一次；件数按五取整，没有和不足五件的不分开写"
        ),
    )


def level_title(level: Level) -> str:
    """What a grade is called."""
    return {
        Level.VERY_SATISFIED: gettext("非常满意"),
        Level.SATISFIED: gettext("满意"),
        Level.FAIRLY_SATISFIED: gettext("基本满意"),
        Level.UNSATISFIED: gettext("不满意"),
        Level.VERY_UNSATISFIED: gettext("非常不满意"),
    }[level]

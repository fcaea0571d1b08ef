"""推演结果的表: the counts of a simulation in the words of the two policies."""

from collections.abc import Callable

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from yijian.domain.policy import Pack
from yijian.domain.simulated import (
    Clause,
    Found,
    Pair,
    clauses,
    families,
    half_within,
    kinds,
    materials,
    months,
    workdays,
    works,
)
from yijian.web.applicant.values import worded
from yijian.web.console.tallies import (
    Line,
    Tally,
    lengths,
    number,
    pair_cells,
    pair_heads,
    share,
)

MOVES = {
    "lets_in": (_("变为可以办"), _("现行规则不收，草案收"), "good"),
    "keeps_out": (_("变为不能办"), _("现行规则收，草案不收"), "bad"),
    "stays_in": (_("仍然可以办"), "", ""),
    "stays_out": (_("仍然不能办"), "", ""),
    "opens": (_("变为无法判断"), _("草案问到了以前没有核验过的事实"), "warn"),
    "settles": (_("变为可以判断"), _("草案不再问还没有核验的事实"), "good"),
    "stays_open": (_("仍然无法判断"), _("有的数据还没有核验，例如中途没有再办"), ""),
}
"""What becomes of a family: its title, what that means, and its tone."""


class Words:
    """两版用语: what rules, items, offices and materials are called, the draft's words first."""

    def __init__(self, before: Pack, after: Pack) -> None:
        self.packs = (after, before)

    def rule(self, code: str) -> str:
        """A rule by its title."""
        return next((worded(r.title) for p in self.packs for r in p.rules if r.id == code), code)

    def item(self, code: str) -> str:
        """An item by its title."""
        return next((worded(p.items[code].title) for p in self.packs if code in p.items), code)

    def kind(self, code: str) -> str:
        """A kind of office by its title."""
        known = (p.office_kinds[code] for p in self.packs if code in p.office_kinds)
        return next((worded(title) for title in known), code)

    def material(self, code: str) -> str:
        """A material by its title."""
        known = (
            worded(material.title)
            for pack in self.packs
            for item in pack.items.values()
            for material in item.materials
            if material.id == code
        )
        return next(known, code)


def tallies(found: Found, words: Words, *, by_month: bool) -> list[Tally]:
    """Every table of a result, what changes first; made-up families have no months."""
    made = [
        _clauses(clauses(found), words),
        _pairs("items", gettext("各事项的办件量"), gettext("事项"), _acting(found), words.item),
        _pairs("kinds", gettext("各类机构的办件量"), gettext("机构类型"), kinds(found), words.kind),
        _elsewhere(found, words),
        _workdays(found),
        _pairs(
            "materials",
            gettext("要家庭带的材料"),
            gettext("材料"),
            materials(found),
            words.material,
        ),
    ]
    return [*made, _months(found)] if by_month else made


def summary(found: Found) -> Tally:
    """How many families become in or out."""
    told = families(found)
    whole = found.get(("families",), 0)
    bars = lengths([count] for _, count in told)
    return Tally(
        "families",
        gettext("家庭能不能办"),
        [gettext("结果"), gettext("家庭数"), gettext("占全部")],
        [
            Line(
                str(MOVES[move][0]),
                [number(count), share(count, whole)],
                about=str(MOVES[move][1]),
                tone=MOVES[move][2] if count != 0 else "",
                bars=bar,
            )
            for (move, count), bar in zip(told, bars, strict=True)
        ],
        bars=[gettext("家庭数")],
    )


def _clauses(found: list[Clause], words: Words) -> Tally:
    bars = lengths([clause.refuses.before, clause.refuses.after] for clause in found)
    return Tally(
        "clauses",
        gettext("按条款：谁变了"),
        [
            gettext("条款"),
            *(gettext("拦下的家庭：%(which)s") % {"which": which} for which in pair_heads()),
            gettext("只因这一条：现行"),
            gettext("只因这一条：草案"),
            gettext("因它变为可办"),
            gettext("其中只因它"),
            gettext("因它变为不可办"),
            gettext("其中只因它"),
        ],
        [
            Line(
                words.rule(clause.rule),
                [
                    *pair_cells(clause.refuses),
                    number(clause.alone.before),
                    number(clause.alone.after),
                    number(clause.lets_in),
                    number(clause.lets_in_alone),
                    number(clause.keeps_out),
                    number(clause.keeps_out_alone),
                ],
                tone="changed" if clause.changes else "",
                bars=bar,
            )
            for clause, bar in zip(found, bars, strict=True)
        ],
        note=gettext(
            "有变化的条款排在前面。一个家庭可能同时被几条拦下，所以各行相加会多于家庭数。"
        ),
        bars=_sides(),
    )


def _acting(found: Found) -> list[Pair]:
    return [work.acts for work in works(found)]


def _pairs(
    name: str, title: str, head: str, pairs: list[Pair], words: Callable[[str], str]
) -> Tally:
    ordered = sorted(pairs, key=lambda p: (p.before == p.after, -(p.before or 0)))
    bars = lengths([pair.before, pair.after] for pair in ordered)
    return Tally(
        name,
        title,
        [head, *pair_heads()],
        [
            Line(
                words(pair.key),
                pair_cells(pair),
                tone="changed" if pair.before != pair.after else "",
                bars=bar,
            )
            for pair, bar in zip(ordered, bars, strict=True)
        ],
        bars=_sides(),
    )


def _elsewhere(found: Found, words: Words) -> Tally:
    """What no office acts on: not needed, or done at the counter."""
    lines = [
        Line(
            words.item(work.item),
            [*pair_cells(work.not_needed), *pair_cells(work.at_counter)],
            tone="changed"
            if work.not_needed.before != work.not_needed.after
            or work.at_counter.before != work.at_counter.after
            else "",
        )
        for work in works(found)
        if {work.not_needed.before, work.not_needed.after}
        | {work.at_counter.before, work.at_counter.after}
        != {0}
    ]
    heads = [
        gettext("%(what)s：%(which)s") % {"what": title, "which": which}
        for title in (gettext("不用办"), gettext("到窗口办"))
        for which in pair_heads()
    ]
    title = gettext("不用办和到窗口办的")
    return Tally("elsewhere", title, [gettext("事项"), *heads], lines)


def _workdays(found: Found) -> Tally:
    days = workdays(found)
    half = half_within(found)
    bars = lengths([pair.before, pair.after] for pair in days)
    known = half.before is not None and half.after is not None
    return Tally(
        "workdays",
        gettext("承诺的工作日"),
        [gettext("最长一串事项的工作日"), *pair_heads()],
        [
            Line(
                gettext("%(days)s 个工作日") % {"days": pair.key},
                pair_cells(pair),
                tone="changed" if pair.before != pair.after else "",
                bars=bar,
            )
            for pair, bar in zip(days, bars, strict=True)
        ],
        note=gettext("一半的家庭：现行 %(before)s 个工作日以内，草案 %(after)s 个工作日以内。")
        % {"before": half.before, "after": half.after}
        if known
        else "",
        bars=_sides(),
    )


def _months(found: Found) -> Tally:
    told = months(found)
    bars = lengths([fit.before, fit.after] for _, _, fit, _ in told)
    heads = [
        gettext("%(what)s：%(which)s") % {"what": title, "which": which}
        for title in (gettext("可以办"), gettext("办件量"))
        for which in pair_heads()
    ]
    return Tally(
        "months",
        gettext("逐月"),
        [gettext("申请月份"), gettext("家庭数"), *heads],
        [
            Line(
                month, [number(whole), *pair_cells(fit), *pair_cells(tasks)],
                tone="changed" if fit.before != fit.after else "", bars=bar,
            )
            for (month, whole, fit, tasks), bar in zip(told, bars, strict=True)
        ],
        note=gettext("柱子是可以办的家庭数。"),
        bars=_sides(),
    )  # fmt: skip


def _sides() -> list[str]:
    return [gettext("现行"), gettext("草案")]

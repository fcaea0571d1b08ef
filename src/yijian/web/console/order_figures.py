"""评价与工单统计: grades by item and office, reasons, how orders end, and the national tables.

Whoever supervises sees the own office alone, small counts not at all and the others in steps, so
that no two tables or sums can be subtracted.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import cast

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext

from yijian.actions import rating_tables
from yijian.actions.rating_rules import rules_of
from yijian.domain.ratings import Level, satisfied_share
from yijian.domain.reports import Month, last_months, month_of
from yijian.domain.small_cells import shown_or_few, shown_share
from yijian.domain.work_orders import LAPSED
from yijian.records import access, ratings
from yijian.records import work_orders as records
from yijian.records.people import StaffRole
from yijian.records.ratings import RatingCount
from yijian.web.applicant.rating_words import KINDS, OUTCOMES
from yijian.web.applicant.values import worded
from yijian.web.console.grids import Cell, Grid, as_csv, grid, streamed_csv
from yijian.web.console.orders import HANDLING, item_title, office_title, own_office
from yijian.web.console.supervision_words import shown_percent
from yijian.web.desk.doors import Desk, desk_page

TABLES = ("ratings", "orders")


@desk_page("GET", roles=HANDLING)
def figures(desk: Desk) -> HttpResponse:
    """Grades, reasons and orders of one month."""
    month = month_asked(desk.request.GET.get("month", ""), desk.now)
    own = own_office(desk)
    counts = ratings.counts(
        since=month.starts_at, until=month.ends_at, offices=[own] if own else []
    )
    small = own is not None
    shown = {"items": ("item", item_title), "offices": ("office", office_title)}
    tables = {
        name: _levels(counts, attribute, title, small=small)
        for name, (attribute, title) in shown.items()
    }
    if desk.request.GET.get("csv") in tables:
        name = desk.request.GET["csv"]
        return as_csv(tables[name], f"ratings-{name}-{month}")
    totals: Counter[int] = Counter()
    for count in counts:
        totals[count.level] += count.count
    return desk.page(
        "console/order_figures.html",
        {
            "month": str(month),
            "months": [str(each) for each in last_months(desk.now, 12)],
            "tables": [(name, table) for name, table in tables.items()],
            "share": _share_of(totals, small),
            "total": _total(totals, small),
            "none": not counts,
            "reasons": None if small else _reasons(month),
            "orders": None if small else _orders(month),
            "small": small,
            "exports": []
            if small
            else [
                (title, f"{reverse('console_order_table', args=[name])}?month={month}")
                for name, title in (
                    ("ratings", gettext("评价归集表（表9）")),
                    ("orders", gettext("投诉咨询归集表（表10）")),
                )
            ],
        },
        current="orders",
    )


@desk_page("GET", roles=(StaffRole.COMPLAINTS,))
def national(desk: Desk, table: str) -> HttpResponse:
    """One month in the fields of the national tables; taking it out is logged."""
    if table not in TABLES:
        raise access.Refused
    month = month_asked(desk.request.GET.get("month", ""), desk.now)
    heads, rows = rating_tables.table_of(by=desk.user, table=table, month=month, now=desk.now)
    # The door passes any answer on; only its type speaks of those that are made at once.
    return cast(HttpResponse, streamed_csv(heads, rows, f"{table}-{month}"))


def month_asked(text: str, now: datetime) -> Month:
    """The month asked for as 2026-11; this one for anything else."""
    year, _dash, number = text.partition("-")
    if re.fullmatch(r"20[2-9][0-9]", year) and re.fullmatch(r"0[1-9]|1[0-2]", number):
        return Month(int(year), int(number))
    return month_of(now)


def _levels(
    counts: list[RatingCount], attribute: str, title: Callable[[str], str], *, small: bool
) -> Grid:
    """How often each grade was given, by one attribute; the worst share first.

    Where small counts are hidden the order would tell of them: there it is that of the codes.
    """
    by: dict[str, dict[int, int]] = defaultdict(lambda: defaultdict(int))
    for count in counts:
        by[getattr(count, attribute)][count.level] += count.count
    levels = rules_of().levels
    ordered = sorted(by.items())
    if not small:
        ordered.sort(key=lambda one: satisfied_share(one[1].items()) or 0)
    rows: list[list[Cell | str]] = [
        [
            _named(code, attribute, title),
            *(Cell(_count(found.get(int(level), 0), small)) for level in levels),
            Cell(_total(found, small)),
            Cell(_share_of(found, small)),
        ]
        for code, found in ordered
    ]
    heads = [
        gettext("事项") if attribute == "item" else gettext("机构"),
        *(worded(text) for text in levels.values()),
        gettext("合计"),
        gettext("好评率"),
    ]
    return grid(gettext("各等级的评价"), heads, rows)


def _named(code: str, attribute: str, title: Callable[[str], str]) -> str:
    if attribute == "office" and not code:
        return gettext("整件事")
    return title(code)


def _count(count: int, small: bool) -> str:
    told = shown_or_few(count) if small else count
    return gettext("少于5") if told is None else str(told)


def _total(found: Mapping[int, int], small: bool) -> str:
    return _count(sum(found.values()), small)


def _share_of(found: Mapping[int, int], small: bool) -> str:
    if not small:
        return _share(satisfied_share(found.items()))
    bad = sum(count for level, count in found.items() if Level(level).is_bad)
    return shown_percent(shown_share(bad, sum(found.values())))


def _share(share: float | None) -> str:
    return "–" if share is None else f"{share * 100:.1f}%"


def _reasons(month: Month) -> Grid:
    rules = rules_of()
    found = ratings.reason_counts(since=month.starts_at, until=month.ends_at)
    rows: list[list[Cell | str]] = [
        [worded(rules.reasons[code].text) if code in rules.reasons else code, str(count)]
        for code, count in found.items()
    ]
    return grid(gettext("差评的原因"), [gettext("原因"), gettext("次数")], rows)


def _orders(month: Month) -> Grid:
    by: dict[str, list[int]] = {}
    for kind, _handler, outcome, total, answered, in_time in records.closed_by(
        since=month.starts_at, until=month.ends_at
    ):
        sums = by.setdefault(kind, [0] * 6)
        sums[0] += total
        sums[1] += answered
        sums[2] += in_time
        sums[3] += total if outcome in OUTCOMES else 0
        sums[4] += total if outcome == "satisfied" else 0
        sums[5] += total if outcome == LAPSED else 0
    rows: list[list[Cell | str]] = [
        [str(KINDS[kind]), *(str(number) for number in sums)] for kind, sums in by.items()
    ]
    heads = [
        gettext("类别"),
        gettext("收到"),
        gettext("已答复"),
        gettext("按时答复"),
        gettext("已回访"),
        gettext("回访满意"),
        gettext("资料已删除，不再答复"),
    ]
    return grid(gettext("工单"), heads, rows)

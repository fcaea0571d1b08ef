"""统计: reading the cells of the rollup, flat however many cases there are, and who may read which.

What lives here: reads for pages, and the writing that `actions.figures` counts with. What a cell
means is said in `domain.measures`.
"""

# ruff: noqa: S608 (statements are put together from constants; values travel beside them)

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import connection

from yijian.domain.measures import Measure, prefix_of
from yijian.records.people import StaffRole, Visitor

_KEY = "scope, measure, day, pack, item, detail"
_EVERYWHERE = frozenset(
    {StaffRole.OPERATOR, StaffRole.AUDITOR, StaffRole.POLICY_EDITOR, StaffRole.POLICY_APPROVER}
)
_OWN_PLACE = frozenset({StaffRole.SUPERVISOR, StaffRole.COMPLAINTS, StaffRole.ROUTING})
_OWN_DESK = frozenset({StaffRole.CLERK, StaffRole.WINDOW, StaffRole.DELIVERIES})


@dataclass(frozen=True, slots=True)
class FigureCount:
    """统计数: how many in one cell, or in several that were added up (what they differ in is "")."""

    scope: str
    measure: str
    day: date
    pack: str
    item: str
    detail: str
    count: int


@dataclass(frozen=True, slots=True)
class Scope:
    """统计范围: what a visitor may see: a place with everything below it, and one office.

    `prefix` is "" for the whole node and None for nothing but the office.
    """

    prefix: str | None
    office: str = ""
    division: str = ""

    @property
    def widest(self) -> str | None:
        """The scope to begin with: the place, else the office, else nothing."""
        return self.prefix if self.prefix is not None else self.office or None

    def may_see(self, scope: str) -> bool:
        """Whether a scope (a division's prefix or an office's code) lies within.

        An office is seen by who sees the place it was counted at.
        """
        if self.prefix == "" or (self.office and scope == self.office):
            return True
        if self.prefix is None or not scope:
            return False
        is_place = scope.isdigit() and len(scope) <= 6
        return (scope if is_place else place_of(scope)).startswith(self.prefix)


def scope_of(
    visitor: Visitor,
    roles: Collection[StaffRole] | None = None,
    *,
    desk_kinds: Collection[str],
) -> Scope:
    """What a member of staff may see of the figures; nothing for anybody else.

    Who runs, audits or makes policy sees the node, a supervisor the division of its office with
    all below it, a clerk the own office; so does a supervisor at an office of a kind among
    `desk_kinds`, which stands for nothing but itself. Whoever acts does so only as far as the
    `roles` reach that allow the act: a role that may read more of the node widens nothing else.
    """
    held = visitor.roles if roles is None else visitor.roles & frozenset(roles)
    if visitor.office is None:
        return Scope(None)
    if held & _EVERYWHERE:
        return Scope("", visitor.office)
    if held & _OWN_PLACE:
        with connection.cursor() as cursor:
            cursor.execute("SELECT kind, division FROM office WHERE code = %s", [visitor.office])
            kind, division = cursor.fetchone()
        if kind in desk_kinds:
            return Scope(None, visitor.office)
        return Scope(prefix_of(division), visitor.office, division)
    return Scope(None, visitor.office if held & _OWN_DESK else "")


def read(
    *,
    scopes: Iterable[str],
    since: date,
    until: date,
    measures: Iterable[Measure | str],
    packs: Collection[str] = (),
    items: Collection[str] = (),
    monthly: bool = False,
) -> list[FigureCount]:
    """The cells of these scopes and measures, in days from `since` until before `until`.

    One statement along the key. No packs or items named means all of them; monthly cells stand
    under the first day of their month.
    """
    return _read("figure_month" if monthly else "figure", f"{_KEY}, count", "", **_asked(
        scopes, since, until, measures, packs, items
    ))  # fmt: skip


def totals(
    *,
    scopes: Iterable[str],
    since: date,
    until: date,
    measures: Iterable[Measure | str],
    packs: Collection[str] = (),
    items: Collection[str] = (),
) -> list[FigureCount]:
    """The same cells added up over all days (`day` is `since`): whole months from monthly cells."""
    first, last = _whole_months(since, until)
    asked = (measures, packs, items)
    found: Counter[tuple[str, str, str, str, str]] = Counter()
    spans = ((since, first, False), (first, last, True), (last, until, False))
    known = list(scopes)
    for start, end, monthly in spans:
        if start >= end:
            continue
        columns = "scope, measure, %(since)s::date, pack, item, detail, sum(count)::bigint"
        rows = _read(
            "figure_month" if monthly else "figure",
            columns,
            "GROUP BY scope, measure, pack, item, detail",
            **_asked(known, start, end, *asked),
        )
        for row in rows:
            found[row.scope, row.measure, row.pack, row.item, row.detail] += row.count
    return [
        FigureCount(scope, measure, since, pack, item, detail, count)
        for (scope, measure, pack, item, detail), count in sorted(found.items())
    ]


def _whole_months(since: date, until: date) -> tuple[date, date]:
    """The first day of the first and the day after the last whole month; nothing between: equal."""
    first = since if since.day == 1 else _next_month(since)
    last = until.replace(day=1)
    return (first, last) if first < last else (until, until)


def _next_month(day: date) -> date:
    return date(day.year + day.month // 12, day.month % 12 + 1, 1)


def _asked(
    scopes: Iterable[str],
    since: date,
    until: date,
    measures: Iterable[Measure | str],
    packs: Collection[str],
    items: Collection[str],
) -> dict[str, Any]:
    return {
        "scopes": list(scopes),
        "since": since,
        "until": until,
        "measures": [str(measure) for measure in measures],
        "packs": list(packs) or None,
        "items": list(items) or None,
    }


def _read(table: str, columns: str, group: str, **asked: Any) -> list[FigureCount]:
    # One range of the key for each scope and measure; arrays of both would filter row by row.
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT f.* FROM unnest(%(scopes)s::text[]) s (one),"
            " unnest(%(measures)s::text[]) m (one),"
            f" LATERAL (SELECT {columns} FROM {table} WHERE scope = s.one AND measure = m.one"
            "  AND day >= %(since)s AND day < %(until)s"
            "  AND (%(packs)s::text[] IS NULL OR pack = ANY (%(packs)s))"
            f"  AND (%(items)s::text[] IS NULL OR item = ANY (%(items)s)) {group}) f",
            asked,
        )
        return [FigureCount(*row) for row in cursor.fetchall()]


def as_of() -> datetime | None:
    """The moment up to which the journal is counted; None before it was ever counted."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT as_of FROM figure_cursor")
        row = cursor.fetchone()
        return None if row is None else row[0]


def place_of(office: str) -> str:
    """The prefix of the place at which an office is counted; "" when it never was."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT division FROM figure_place WHERE office = %s", [office])
        row = cursor.fetchone()
        return "" if row is None else prefix_of(row[0])


def offices_below(prefix: str) -> dict[str, str]:
    """Every office that was ever counted at a place or below it, with its division."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT office, division FROM figure_place WHERE division LIKE %s ORDER BY division,"
            " office",
            [f"{prefix}%"],
        )
        return dict(cursor.fetchall())


def places_below(prefix: str) -> list[str]:
    """The scopes one level down from a place: two more digits, where anything is counted."""
    wide = len(prefix) + 2
    found = {prefix_of(division) for division in offices_below(prefix).values()}
    return sorted({place[:wide] for place in found if len(place) >= wide})

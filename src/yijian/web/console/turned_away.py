"""未通过资格登记页: how many families each clause keeps out, where and when, and nothing about any.

The last word on a family counts: whom a clause kept out and later no more stands beside it.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from urllib.parse import urlencode

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext

from yijian.actions import contexts, reach
from yijian.domain.clocks import local_day
from yijian.domain.context import Context
from yijian.domain.measures import Measure
from yijian.domain.policy import Pack
from yijian.domain.small_cells import shown
from yijian.records import access, figures
from yijian.records.figures import FigureCount
from yijian.records.people import StaffRole
from yijian.web.applicant.values import basis_text, shown_moment, worded
from yijian.web.console.tallies import Line, Tally, as_csv, lengths, number, share
from yijian.web.desk.doors import Desk, desk_page

READERS = (
    StaffRole.POLICY_EDITOR,
    StaffRole.POLICY_APPROVER,
    StaffRole.SUPERVISOR,
    StaffRole.OPERATOR,
    StaffRole.AUDITOR,
)
_OF_A_CLAUSE = (Measure.TURNED_AWAY, Measure.TURNED_AWAY_ALONE, Measure.MET_LATER)
PERIODS = (3, 12, 24)
MOST_CLAUSES = 12
"""So many stand in the table by month; the strongest first."""


@desk_page("GET", roles=READERS)
def overview(desk: Desk) -> HttpResponse:
    """The clauses of one pack, by how many families they kept out in one place and period."""
    asked = desk.request.GET
    own = reach.scope_of(desk.visitor)
    if own.widest is None:
        raise access.Refused
    scope = asked.get("scope", own.widest)
    if not own.may_see(scope):
        raise access.Refused
    offered = contexts.packs()
    pack = next(
        (one for one in offered if one.code == asked.get("pack")), next(iter(offered), None)
    )
    if pack is None:
        raise access.Refused
    months = next((one for one in PERIODS if str(one) == asked.get("months")), 12)
    since = _first_day(local_day(desk.now), months)
    until = local_day(desk.now) + timedelta(days=1)
    counted = _counted(pack, scope, since, until)
    tables = [
        _clauses(pack, counted),
        _by_month(pack, scope, since, until, counted),
        _by_place(pack, scope, since, until, months),
    ]
    named = next((one for one in tables if one.name == asked.get("csv")), None)
    if named is not None:
        return as_csv(named, f"turned-away-{pack.code}")
    return desk.page(
        "console/turned_away.html",
        {
            "packs": [
                {"code": one.code, "title": worded(one.title), "chosen": one is pack}
                for one in offered
            ],
            "periods": [{"months": one, "chosen": one == months} for one in PERIODS],
            "scope": scope,
            "place": place_title(scope),
            "up": _up(scope, own.widest, pack, months),
            "families": number(shown(counted[Measure.ELIGIBLE, "no"])),
            "share": share(
                shown(counted[Measure.ELIGIBLE, "no"]),
                shown(counted[Measure.ELIGIBLE, "no"] + counted[Measure.ELIGIBLE, "yes"]),
            ),
            "pack": worded(pack.title),
            "months": months,
            "as_of": _as_of(),
            "tables": tables,
            "csv": f"{_address(pack, scope, months)}&csv=",
        },
        current="turned_away",
    )


def place_title(scope: str) -> str:
    """A place or an office by its name; the node as a whole has its own."""
    if not scope:
        return gettext("全部地方")
    known = contexts.places().get(scope.ljust(6, "0")) if scope.isdigit() else None
    office = None if known else contexts.directory().office(scope)
    return known or (worded(office.title) if office else scope)


def _first_day(today: date, months: int) -> date:
    """The first day of the first of so many months, this one being the last."""
    count = today.year * 12 + today.month - months
    return date(count // 12, count % 12 + 1, 1)


def _counted(pack: Pack, scope: str, since: date, until: date) -> Counter[tuple[str, str]]:
    measures = (
        Measure.TURNED_AWAY, Measure.TURNED_AWAY_ALONE, Measure.MET_LATER, Measure.ELIGIBLE,
    )  # fmt: skip
    found: Counter[tuple[str, str]] = Counter()
    for cell in figures.totals(
        scopes=[scope], since=since, until=until, measures=measures, packs=[pack.code]
    ):
        found[cell.measure, cell.detail] += cell.count
    return found


def _clauses(pack: Pack, counted: Mapping[tuple[str, str], int]) -> Tally:
    rules = [*dict.fromkeys((*_strongest(counted), *_strongest(counted, Measure.MET_LATER)))]
    times = [
        tuple(shown(counted.get((measure, rule), 0)) for measure in _OF_A_CLAUSE) for rule in rules
    ]
    whole = shown(counted.get((Measure.ELIGIBLE, "no"), 0))
    return Tally(
        "clauses",
        gettext("哪一条拦下了多少家庭"),
        [
            gettext("条款"),
            gettext("拦下的家庭"),
            gettext("占不能办的家庭"),
            gettext("只因这一条"),
            gettext("后来不再拦下"),
        ],
        [
            Line(
                _title(pack, rule),
                [number(refused), share(refused, whole), number(alone), number(later)],
                about=_basis(pack, rule),
                bars=bars,
            )
            for rule, (refused, alone, later), bars in zip(
                rules, times, lengths(each[:2] for each in times), strict=True
            )
        ],
        note=gettext(
            "按最后的结论计数。“只因这一条”：只放宽这一条，别的都不变，这些家庭就可以办。一个家庭可能同时被几条拦下。"
            "“后来不再拦下”：先被这一条拦下，后来改正了填报、登记数据更新了，或者改选了别的方案，不算在前面几列里。"
        ),
        bars=[gettext("拦下的"), gettext("只因这一条")],
    )


def _by_month(
    pack: Pack,
    scope: str,
    since: date,
    until: date,
    counted: Mapping[tuple[str, str], int],
) -> Tally:
    cells: Counter[tuple[str, str]] = Counter()
    for cell in figures.read(
        scopes=[scope],
        since=since,
        until=until,
        measures=[Measure.TURNED_AWAY],
        packs=[pack.code],
        monthly=True,
    ):
        cells[cell.detail, f"{cell.day:%Y-%m}"] += cell.count
    months = list(_months(since, until))
    return Tally(
        "months",
        gettext("逐月：拦下的家庭"),
        [gettext("条款"), *months],
        [
            Line(
                _title(pack, rule), [number(shown(cells[rule, month])) for month in months]
            )
            for rule in _strongest(counted)[:MOST_CLAUSES]
        ],
    )  # fmt: skip


def _by_place(pack: Pack, scope: str, since: date, until: date, months: int) -> Tally:
    """The places one level below, with the clause that keeps out most there."""
    below = _below(scope)
    told: dict[str, Counter[tuple[str, str]]] = {place: Counter() for place in below}
    cells: Iterable[FigureCount] = ()
    if below:
        cells = figures.totals(
            scopes=below,
            since=since,
            until=until,
            measures=(Measure.TURNED_AWAY, Measure.ELIGIBLE),
            packs=[pack.code],
        )
    for cell in cells:
        told[cell.scope][cell.measure, cell.detail] += cell.count
    known = sorted(
        (place for place in below if told[place][Measure.ELIGIBLE, "no"]),
        key=lambda place: (-told[place][Measure.ELIGIBLE, "no"], place),
    )
    refused = [shown(told[place][Measure.ELIGIBLE, "no"]) for place in known]
    return Tally(
        "places",
        gettext("按地方"),
        [
            gettext("地方"),
            gettext("不能办的家庭"),
            gettext("占已判断的"),
            gettext("拦下最多的条款"),
        ],
        [
            Line(
                place_title(place),
                [number(count), _rate(told[place]), _first(pack, told[place])],
                url=_address(pack, place, months),
                bars=bars,
            )
            for place, count, bars in zip(
                known, refused, lengths([count] for count in refused), strict=True
            )
        ],
        bars=[gettext("不能办的家庭")],
    )


def _below(scope: str) -> list[str]:
    if scope and not scope.isdigit():
        return []
    return figures.places_below(scope)


def _rate(told: Counter[tuple[str, str]]) -> str:
    no, yes = told[Measure.ELIGIBLE, "no"], told[Measure.ELIGIBLE, "yes"]
    return share(shown(no), shown(no + yes))


def _first(pack: Pack, told: Counter[tuple[str, str]]) -> str:
    rules = [rule for rule in _strongest(told) if shown(told[Measure.TURNED_AWAY, rule])]
    return _title(pack, rules[0]) if rules else "—"


def _strongest(
    counted: Mapping[tuple[str, str], int], by: Measure = Measure.TURNED_AWAY
) -> list[str]:
    rules = [
        (detail, count)
        for (measure, detail), count in counted.items()
        if measure == by and detail and count
    ]
    return [rule for rule, _count in sorted(rules, key=lambda each: (-each[1], each[0]))]


def _months(since: date, until: date) -> Iterable[str]:
    day = since
    while day < until:
        yield f"{day:%Y-%m}"
        day = date(day.year + day.month // 12, day.month % 12 + 1, 1)


def _title(pack: Pack, rule: str) -> str:
    return next((worded(one.title) for one in pack.rules if one.id == rule), rule)


def _basis(pack: Pack, rule: str) -> str:
    """Where the rule stands; empty for one that the version in force no longer has."""
    context = Context(pack, contexts.directory(), contexts.calendar())
    found = next((one for one in pack.rules if one.id == rule), None)
    return basis_text(context, *found.basis) if found else gettext("现行版本里已经没有这一条")


def _address(pack: Pack, scope: str, months: int) -> str:
    query = urlencode({"pack": pack.code, "months": str(months), "scope": scope})
    return f"{reverse('turned_away')}?{query}"


def _up(scope: str, widest: str, pack: Pack, months: int) -> str:
    """The way to the place above; empty at the widest that the visitor may see."""
    if scope == widest or not scope.isdigit():
        return "" if scope == widest else _address(pack, widest, months)
    above = scope[:-2]
    return _address(pack, above if above.startswith(widest) else widest, months)


def _as_of() -> str:
    at = figures.as_of()
    return shown_moment(at) if at else ""

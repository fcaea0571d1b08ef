"""Every table and chart of the console, at every level, is a recount of the journal."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from math import ceil

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client

from tests.web import cast_desk
from tests.web.recounted import Recount, about, day_of, exactly, lives, place_of, read_off
from yijian.actions import contexts, figures, levels, open_figures, populating
from yijian.actions.levels import Around
from yijian.actions.overview import Overview, overview
from yijian.actions.rating_rules import rules_of
from yijian.domain.cases import ParcelState
from yijian.domain.context import Context
from yijian.domain.durations import lower_end
from yijian.domain.efficacy import Days
from yijian.domain.measures import NEVER
from yijian.domain.reports import Month
from yijian.ops.populating import Population, scheme
from yijian.records import journal
from yijian.records.people import StaffRole, appoint
from yijian.web.console import supervision_words as words
from yijian.web.console.headlines import headlines, of_month
from yijian.web.console.monthly import REPORT, REPORT_OF_AN_OFFICE
from yijian.web.console.panels import specs_of
from yijian.web.console.panels_standing import tiles
from yijian.web.console.supervision import OF_AN_OFFICE, PANELS
from yijian.web.desk.parcels import TITLES as PARCELS

pytestmark = pytest.mark.django_db
CASES = 40
DAY = timedelta(days=1)
Rows = list[list[str]]


@pytest.fixture
def people(published: Context, fixed_now: datetime) -> Recount:
    """Some dozens of families with all kinds of fates, counted into the rollup bit by bit."""
    made = scheme(settings.YIJIAN.packs_dir, contexts.current_context(), rules_of())
    assert made is not None
    population = Population([made], cases=CASES, days=45, now=fixed_now, seed="recount")
    populating.write(list(population.played(iter(range(1, 10 * CASES)))), now=fixed_now)
    journal.seal_journal(now=fixed_now, key=Ed25519PrivateKey.generate())
    while figures.follow(now=fixed_now, at_once=333):
        continue
    today = day_of(fixed_now)
    return Recount(lives(), today, today - timedelta(days=29))


@pytest.fixture
def scopes(people: Recount) -> list[str]:
    """The node, a province, a city, a county, and the busiest offices of two kinds."""
    busy = Counter(task.office for task in people.tasks() if task.office and task.came)
    hospital = Counter(life.hospital for life in people.lives if life.hospital)
    offices = [next(iter(c)) for c in (dict(hospital.most_common(1)), dict(busy.most_common(1)))]
    county = place_of(offices[0])
    assert len(county) == 6
    return ["", county[:2], county[:4], county, *dict.fromkeys(offices)]


@pytest.fixture
def operator(published: Context) -> User:
    user = User.objects.create(username="maker")
    appoint(by=user, office="340100WJ", staff_number="T-0", roles=(StaffRole.OPERATOR,), name="甲")
    return user


def rows_of(client: Client, name: str, scope: str, month: str = "") -> Rows:
    """A table of the console, or of a month's report, as its file."""
    where = scope or "node"
    address = f"report/{month}/{name}.csv?scope={where}" if month else f"at/{where}/{name}.csv"
    response = client.get(f"/console/{address}")
    assert response.status_code == 200, address
    rows = list(csv.reader(io.StringIO(response.content.decode("utf-8-sig"))))
    return [[cell.replace(",", "") for cell in row] for row in rows[1:]]


def share(part: int, whole: int) -> str:
    return words.percent(part / whole if whole else None)


def trend(people: Recount, around: Around) -> Rows:
    return [[day, str(came), str(end)] for day, (came, end) in people.per_day().items()]


def funnel(people: Recount, around: Around) -> Rows:
    reached = people.funnel()
    found, before = [], ""
    for code in [code for code in words.STAGES if code != "closed"]:
        shares = share(reached[code], reached["opened"]), share(reached[code], reached[before])
        found.append([words.stage_title(code), str(reached[code]), *shares])
        before = code
    items = sorted(
        (code for code in reached if code not in words.STAGES and reached[code]),
        key=lambda code: (-reached[code], code),
    )
    for code in (*items, "closed"):
        shares = share(reached[code], reached["opened"]), share(reached[code], reached["submitted"])
        found.append([words.stage_title(code), str(reached[code]), *shares])
    return found


def lights(people: Recount, around: Around) -> Rows:
    office = around.level.kind == "office"
    of: Callable[[str], str] = (lambda item: item) if office else words.department_of
    title = words.item_title if office else words.department_title
    lines: dict[str, Counter[str]] = {}
    took: dict[str, list[timedelta]] = {}
    for item, line in people.columns().items():
        lines.setdefault(of(item), Counter()).update(line)
    for (item, kept), count in people.in_time().items():
        lines.setdefault(of(item), Counter())["kept" if kept else "missed"] += count
    for item, times in people.took("whole").items():
        took.setdefault(of(item), []).extend(times)
    return [
        [
            title(key),
            *(str(line[name]) for name in ("open", "family", "told", "today", "1", "3", "more")),
            words.span(about(took.get(key, []))),
            *(words.span(read_off(took.get(key, []), part)) for part in (0.5, 0.9)),
            share(line["kept"], line["kept"] + line["missed"]),
        ]
        for key, line in lines.items()
    ]


def matrix(people: Recount, around: Around) -> Rows:
    standing, ended = people.standing(), people.ended()
    states = ("unrouted", "queued", "accepted", "in_review", "correction_needed", "approved")
    ends = ("completed", "declined", "rejected", "offline", "withdrawn")
    return [
        [
            words.item_title(item),
            *(str(standing[item, state]) for state in states),
            *(str(ended[item, end]) for end in ends),
        ]
        for item in {item for item, _ in (*standing, *ended)}
    ]


def places(people: Recount, around: Around) -> Rows:
    found = []
    for level in (*around.places, *around.offices):
        here = people.at(level.scope)
        office = level.kind == "office"
        kept = Counter[bool]()
        for (_item, in_time), count in here.in_time().items():
            kept[in_time] += count
        standing = here.standing().total()
        if office and not (standing or kept.total()):
            continue
        came = [sum(day[place] for day in here.per_day().values()) for place in (0, 1)]
        cases = ["—", "—"] if office else [str(count) for count in came]
        found.append(
            [level.title.zh, *cases, str(standing), str(here.late()),
             share(kept[True], kept.total())]
        )  # fmt: skip
    return found


def reasons(people: Recount, around: Around) -> Rows:
    given: dict[str, Counter[bool]] = {}
    for (pack, item, code, back), count in people.given().items():
        given.setdefault(words.reason_title(pack, item, code), Counter())[back] += count
    whole, so_far, found = sum(one.total() for one in given.values()), 0, []
    for title, times in sorted(given.items(), key=lambda one: (-one[1].total(), one[0])):
        so_far += times.total()
        found.append(
            [title, str(times.total()), share(so_far, whole), str(times[True]), str(times[False])]
        )
    return found


def steps(people: Recount, around: Around) -> Rows:
    found = []
    for step, title in words.STEPS.items():
        for item, times in people.took(step).items():
            half, most = read_off(times, 0.5), read_off(times, 0.9)
            for shown, part in ((half, 0.5), (most, 0.9)):
                assert shown is not None
                # What is read off lies in the class of the time itself: no further than its width.
                real = max(exactly(times, part), lower_end(0) + timedelta(minutes=1))
                assert 0.7 <= max(shown, timedelta(minutes=1)) / real <= 1.42
            limit = words.limit_title(words.limits_of(item, people.today))
            found.append(
                [words.item_title(item), str(title), str(len(times)), words.span(half),
                 words.span(most), limit if step == "whole" else "—"]
            )  # fmt: skip
    return found


def registers(people: Recount, around: Around) -> Rows:
    asked: dict[str, Counter[str]] = {}
    for life in people.cases():
        for day, register, said in life.asked:
            if people.within(day):
                asked.setdefault(words.register_title(register), Counter())[said] += 1
    return [
        [
            name,
            str(said.total()),
            *(str(said[kind]) for kind in ("found", "empty", "conflict", "failed")),
            share(said["found"] + said["conflict"], said.total() - said["failed"]),
            share(said["failed"], said.total()),
        ]
        for name, said in asked.items()
    ]


def deliveries(people: Recount, around: Around) -> Rows:
    return [
        [levels.office_title(code).zh, str(kept.total()), str(kept[False]),
         share(kept[True], kept.total())]
        for code, kept in people.deliveries().items()
    ]  # fmt: skip


def certificates(people: Recount, around: Around) -> Rows:
    titles = {"kept": "签发并入库", "linked": "取用已有的", "replaced": "换发", "revoked": "注销"}
    parcels = Counter(task.parcel[0] for task in people.tasks() if task.parcel)
    return [
        *(["电子证照", titles[what], str(n)] for what, n in people.certificates().items()),
        *(["纸质送达", str(PARCELS[ParcelState(state)]), str(parcels[state])]
          for state in parcels),
    ]  # fmt: skip


def savings(people: Recount, around: Around) -> Rows:
    return [[words.item_title(item), str(count)] for item, count in people.saved().items()]


def forecast(people: Recount, around: Around) -> Rows:
    calendar, today = contexts.calendar(), people.today
    worked = sum(calendar.is_workday(today - n * DAY) for n in range(30))
    coming = [day for n in range(120) if calendar.is_workday(day := today + n * DAY)][:60]
    queues: dict[str, list[date]] = {}
    for task in people.tasks():
        if task.state in {"queued", "accepted", "in_review", "approved"} or (
            task.state == "correction_needed" and not task.office
        ):
            due = day_of(task.due - timedelta(microseconds=1)) if task.due else NEVER
            queues.setdefault(task.item, []).append(due)
    ended: Counter[str] = Counter()
    for (item, state), count in people.ended().items():
        ended[item] += count if state in {"completed", "declined", "rejected", "offline"} else 0
    found = []
    for item, queue in queues.items():
        speed = ended[item] / worked
        late = sum(due < today for due in queue)
        soon = sum(
            place > int(sum(day <= due for day in coming) * speed)
            for place, due in enumerate(sorted(queue), start=1)
            if today <= due < coming[-1]
        )
        days = ceil(len(queue) / speed) if speed else 61
        clear = f"{coming[days - 1]:%m-%d}（{days} 个工作日）" if days <= 60 else "说不准"
        found.append(
            [words.item_title(item), *map(str, (len(queue), len(queue) - late - soon, soon, late)),
             f"{speed:.1f}", clear]
        )  # fmt: skip
    return found


def ratings(people: Recount, around: Around) -> Rows:
    """Small counts and none look the same, the others stand in steps of five."""
    return [
        [
            words.item_title(item) if item else "整件事",
            *(_few_or_steps(grades[level]) for level in range(1, 6)),
            _few_or_steps(grades.total()),
        ]
        for item, grades in people.rated().items()
    ]


def _few_or_steps(count: int) -> str:
    return "不足 5" if count < 5 else str(5 * ((count + 2) // 5))


def departments(people: Recount, around: Around) -> Rows:
    ended, took = people.ended(), people.took("whole")
    kept, came = people.in_time(), people.came()
    return [
        [
            words.item_title(item),
            words.department_title(words.department_of(item)),
            str(came[item]),
            str(ended[item, "completed"]),
            str(sum(ended[item, state] for state in ("declined", "rejected", "offline"))),
            str(kept[item, False]),
            share(kept[item, True], kept[item, True] + kept[item, False]),
            *(words.span(read_off(took.get(item, []), part)) for part in (0.5, 0.9)),
        ]
        for item in {item for item, _ in kept}
    ]


def results(people: Recount, around: Around) -> Rows:
    found = []
    for level in around.places or around.offices:
        here = people.at(level.scope)
        kept = Counter[bool]()
        for (_item, in_time), count in here.in_time().items():
            kept[in_time] += count
        came = [sum(day[place] for day in here.per_day().values()) for place in (0, 1)]
        if kept.total() or any(came):
            found.append(
                [level.title.zh, *map(str, (*came, kept.total(), kept[False])),
                 share(kept[True], kept.total())]
            )  # fmt: skip
    return found


COUNTED_BY_HAND: dict[str, Callable[[Recount, Around], Rows]] = {
    "trend": trend, "funnel": funnel, "lights": lights, "places": places, "matrix": matrix,
    "reasons": reasons, "steps": steps, "registers": registers, "deliveries": deliveries,
    "certificates": certificates, "savings": savings, "forecast": forecast, "ratings": ratings,
    "departments": departments, "results": results,
}  # fmt: skip
IN_ORDER = ("trend", "funnel", "reasons")


def test_every_table_at_every_level_is_a_recount_of_the_journal(
    people: Recount, scopes: list[str], operator: User
) -> None:
    client = cast_desk.clerk("340100WJ", StaffRole.OPERATOR, name="运营")
    full = set()
    for scope in scopes:
        around = levels.access_level(by=operator, scope=scope)
        for name in OF_AN_OFFICE if around.level.kind == "office" else PANELS:
            by_hand = COUNTED_BY_HAND[name](people.at(scope), around)
            assert _in_order(name, rows_of(client, name, scope), by_hand), (scope, name)
            full |= {name} if by_hand else set()
    assert full == set(PANELS)


def test_every_table_of_a_months_report_is_a_recount_of_the_journal(
    people: Recount, scopes: list[str], operator: User
) -> None:
    client = cast_desk.clerk("340100WJ", StaffRole.OPERATOR, name="运营")
    october = replace(people, since=date(2026, 10, 1), today=date(2026, 10, 31))
    full = set()
    for scope in scopes:
        around = levels.access_level(by=operator, scope=scope)
        for name in REPORT_OF_AN_OFFICE if around.level.kind == "office" else REPORT:
            by_hand = COUNTED_BY_HAND[name](october.at(scope), around)
            shown = rows_of(client, name, scope, "2026-10")
            assert _in_order(name, shown, by_hand), (scope, name)
            full |= {name} if by_hand else set()
    assert full == set(REPORT) and {*REPORT, *PANELS} == set(COUNTED_BY_HAND)


def _in_order(name: str, shown: Rows, by_hand: Rows) -> bool:
    """Whether both say the same; where it matters, in the same order."""
    # How a register is now, and the share of good grades, are left to tests of their own.
    shown = [row[: len(by_hand[0])] for row in shown] if by_hand else shown
    if name not in IN_ORDER:
        shown, by_hand = sorted(shown), sorted(by_hand)
    assert shown == by_hand
    return True


def test_todays_numbers_and_the_tiles_are_a_recount_of_the_journal(
    people: Recount, scopes: list[str], operator: User, fixed_now: datetime
) -> None:
    for scope in scopes[:4]:
        view = overview(around=levels.access_level(by=operator, scope=scope), now=fixed_now)
        here = people.at(scope)
        came, ended = here.per_day()[f"{people.today:%m-%d}"]
        kept = Counter[bool]()
        for (_item, in_time), count in here.in_time().items():
            kept[in_time] += count
        trips = here.trips()
        numbers = [one.value.replace(",", "") for one in headlines(view)]
        assert numbers[:-1] == [
            str(came), str(ended), str(here.late()), share(kept[True], kept.total()),
            words.span(read_off(here.cases_took(), 0.5)), share(trips[False], trips.total()),
            str(here.saved().total()),
        ], scope  # fmt: skip
        placed = dict(levels.tiles_of(view.around.level))
        for tile, (place, *_where) in zip(
            tiles(view, placed), sorted(placed.items(), key=lambda one: one[1][1:]), strict=True
        ):
            there = people.at(place)
            assert (tile["late"], tile["open"]) == (there.late(), there.standing().total())


def everything_shown(view: Overview, month: Overview) -> dict[str, object]:
    """Whatever the pages of a level take from its figures."""
    built = [panel(view) for panel in PANELS.values()]
    monthly = [panel(month) for panel in REPORT.values()]
    return {
        "tables": [panel.grid for panel in built],
        "charts": specs_of(built),
        "numbers": headlines(view),
        "tiles": tiles(view, dict(levels.tiles_of(view.around.level))),
        "month": [panel.grid for panel in monthly],
        "charts of the month": specs_of(monthly),
        "numbers of the month": of_month(month),
        "sentences": [(panel.title, panel.summary) for panel in (*built, *monthly)],
    }


def test_pages_show_the_same_once_everything_was_counted_again(
    people: Recount, scopes: list[str], operator: User, fixed_now: datetime
) -> None:
    october = Days(date(2026, 10, 1), date(2026, 11, 1))

    def shown() -> list[object]:
        found: list[object] = [open_figures.of_month(month=Month(2026, 10), now=fixed_now)]
        for scope in scopes:
            around = levels.access_level(by=operator, scope=scope)
            view = overview(around=around, now=fixed_now)
            month = overview(around=around, days=october, now=fixed_now)
            found.append(everything_shown(view, month))
        return found

    followed = shown()
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM figure; DELETE FROM figure_month")
    assert shown() != followed
    assert figures.recount(repair=True, now=fixed_now)
    assert shown() == followed


def test_every_chart_is_its_table(people: Recount, operator: User, fixed_now: datetime) -> None:
    view = overview(around=levels.access_level(by=operator, scope=None), now=fixed_now)
    panels = [panel(view) for panel in PANELS.values()]
    specs = specs_of(panels)
    assert set(specs) == {
        "trend", "funnel", "reasons", "steps", "registers", "deliveries", "forecast",
    }  # fmt: skip
    for panel in panels:
        if panel.name not in specs:
            continue
        cells = {
            row[0].text: [cell.text.replace(",", "") for cell in row] for row in panel.grid.rows
        }
        values = specs[panel.name]["data"]["values"]
        assert values
        for value in values:
            if panel.name == "steps":
                continue
            row = cells[str(value.get("day", value.get("label")))]
            told = str(value["value"])
            if panel.name == "deliveries":
                told = f"{value['value']:.1f}%"
            assert told in row, (panel.name, value, row)
        assert specs[panel.name]["usermeta"]["title"] == panel.title
        assert specs[panel.name]["usermeta"]["description"]
    took = {words.item_title(item): times for item, times in people.took("whole").items()}
    assert {one["label"]: (one["p50"], one["p90"]) for one in specs["steps"]["data"]["values"]} == {
        item: tuple(round((read_off(times, part) or DAY) / DAY, 2) for part in (0.5, 0.9))
        for item, times in took.items()
    }

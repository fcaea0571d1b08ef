"""The console's figures: every table is a recount of the journal, and every chart its table."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings
from django.contrib.auth.models import User
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

import yijian.web
from tests.web import cast, cast_desk
from tests.web.recounted import Recount, day_of, lives
from tests.web.test_stylesheet import TOO_NEW
from yijian.actions import charts, contexts, figures, levels, populating
from yijian.actions.overview import overview
from yijian.actions.rating_rules import rules_of
from yijian.domain.context import Context
from yijian.domain.measures import Figure, Measure, prefix_of
from yijian.ops.populating import Population, scheme
from yijian.records import figure_counting, journal
from yijian.records.people import StaffRole, appoint
from yijian.web.console import supervision_words as words
from yijian.web.console.panels import specs_of
from yijian.web.console.supervision import PANELS

pytestmark = pytest.mark.django_db
CASES = 40
Table = dict[str, list[str]]


def counted(now: datetime) -> None:
    """What has happened is sealed and counted, as the worker does each minute."""
    journal.seal_journal(now=now, key=Ed25519PrivateKey.generate())
    figures.follow_all(now=now)


@pytest.fixture
def people(published: Context, fixed_now: datetime) -> Recount:
    """Some dozens of families with all kinds of fates, counted into the rollup."""
    made = scheme(settings.YIJIAN.packs_dir, contexts.current_context(), rules_of())
    assert made is not None
    population = Population([made], cases=CASES, days=45, now=fixed_now, seed="recount")
    populating.write(list(population.played(iter(range(1, 10 * CASES)))), now=fixed_now)
    counted(fixed_now)
    today = day_of(fixed_now)
    return Recount(lives(), today, today - timedelta(days=29))


def operator() -> Client:
    return cast_desk.clerk("340100WJ", StaffRole.OPERATOR, name="运营")


def table(client: Client, name: str, scope: str = "node") -> Table:
    """A table of the console as its file, by the words in its first column."""
    response = client.get(f"/console/at/{scope}/{name}.csv")
    assert response.status_code == 200
    rows = list(csv.reader(io.StringIO(response.content.decode("utf-8-sig"))))
    return {row[0]: [cell.replace(",", "") for cell in row[1:]] for row in rows[1:]}


def test_every_table_of_the_console_is_a_recount_of_the_journal_and_every_chart_its_table(
    people: Recount, fixed_now: datetime
) -> None:
    client = operator()
    tables = {name: table(client, name) for name in PANELS}
    assert tables["trend"] == {
        day: [str(came), str(ended)] for day, (came, ended) in people.per_day().items()
    }
    assert sum(int(row[0]) for row in tables["trend"].values()) > 10
    reached = people.funnel()
    assert {name: int(row[0]) for name, row in tables["funnel"].items()} == {
        words.stage_title(code): count
        for code, count in reached.items()
        if count or code in words.STAGES
    }
    _lights_are_right(tables["lights"], people)
    _matrix_is_right(tables["matrix"], people)
    given = Counter(
        words.reason_title(pack, item, code)
        for life in people.lives
        for day, pack, item, code in life.given
        if people.within(day)
    )
    assert {name: int(row[0]) for name, row in tables["reasons"].items()} == dict(given)
    _steps_are_right(client, people)
    asked = Counter(
        (words.register_title(register), said)
        for life in people.lives
        for day, register, said in life.asked
        if people.within(day)
    )
    kinds = ("found", "empty", "conflict", "failed")
    assert {
        name: [int(cell) for cell in row[1:5]] for name, row in tables["registers"].items()
    } == {name: [asked[name, kind] for kind in kinds] for name in {name for name, _ in asked}}
    saved: Counter[str] = Counter()
    for life in people.lives:
        for day, item, count in life.saved:
            saved[words.item_title(item)] += count if people.within(day) else 0
    assert {name: int(row[0]) for name, row in tables["savings"].items()} == dict(+saved)
    _deliveries_are_right(tables["deliveries"], people)
    _ratings_are_right(tables["ratings"], people)
    parcels = Counter(t.parcel[0] for t in people.tasks() if t.parcel)
    shown = [int(row[-1]) for row in csv_rows(client, "certificates") if row[0] == "纸质送达"]
    assert sorted(shown) == sorted(parcels.values())
    late = {
        words.item_title(item): [
            str(line["open"] - line["family"]), str(line["1"] + line["3"] + line["more"])
        ]
        for item, line in people.columns().items()
        if line["open"] > line["family"]
    }  # fmt: skip
    assert {name: [row[0], row[3]] for name, row in tables["forecast"].items()} == late
    _places_are_right(client, people)
    _charts_are_their_tables(fixed_now)


def csv_rows(client: Client, name: str) -> list[list[str]]:
    text = client.get(f"/console/at/node/{name}.csv").content.decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text)))[1:]


def _lights_are_right(shown: Table, people: Recount) -> None:
    expected: dict[str, Counter[str]] = {}
    for item, line in people.columns().items():
        expected.setdefault(words.department_of(item), Counter()).update(line)
    for (item, kept), count in people.in_time().items():
        expected.setdefault(words.department_of(item), Counter())[f"in time {kept}"] += count
    names = ("open", "family", "today", "1", "3", "more")
    assert {
        name: [*(int(row[place]) for place in (0, 1, 3, 4, 5, 6)), row[-1]]
        for name, row in shown.items()
    } == {
        words.department_title(kind): [
            *(line[name] for name in names),
            words.percent(
                words_share(line["in time True"], line["in time True"] + line["in time False"])
            ),
        ]
        for kind, line in expected.items()
    }


def words_share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _matrix_is_right(shown: Table, people: Recount) -> None:
    standing, ended = people.standing(), people.ended()
    states = ("unrouted", "queued", "accepted", "in_review", "correction_needed", "approved")
    ends = ("completed", "declined", "rejected", "offline", "withdrawn")
    items = {item for item, _ in (*standing, *ended)}
    assert {name: [int(cell) for cell in row] for name, row in shown.items()} == {
        words.item_title(item): [
            *(standing[item, state] for state in states),
            *(ended[item, end] for end in ends),
        ]
        for item in items
    }


def _steps_are_right(client: Client, people: Recount) -> None:
    shown = {(row[0], row[1]): int(row[2]) for row in csv_rows(client, "steps")}
    expected = {
        (words.item_title(item), str(words.STEPS[step])): len(times)
        for step in words.STEPS
        for item, times in people.took(step).items()
    }
    assert shown == expected


def _deliveries_are_right(shown: Table, people: Recount) -> None:
    said: dict[str, Counter[bool]] = {}
    for life in people.lives:
        if life.in_time and people.within(life.in_time[0]) and life.hospital:
            said.setdefault(life.hospital, Counter())[life.in_time[1]] += 1
    assert {name: row[:2] for name, row in shown.items()} == {
        levels.office_title(code).zh: [str(kept.total()), str(kept[False])]
        for code, kept in said.items()
    }


def _ratings_are_right(shown: Table, people: Recount) -> None:
    """Small counts and none look the same, the others stand in steps of five."""
    expected = {
        words.item_title(item) if item else "整件事": [
            *(_few_or_steps(levels[level]) for level in range(1, 6)),
            _few_or_steps(levels.total()),
        ]
        for item, levels in people.rated().items()
    }
    assert {name: row[:6] for name, row in shown.items()} == expected
    assert any(count != "不足 5" for row in expected.values() for count in row)


def _few_or_steps(count: int) -> str:
    return "不足 5" if count < 5 else str(5 * ((count + 2) // 5))


def _places_are_right(client: Client, people: Recount) -> None:
    divisions = {office.code: office.division for office in contexts.directory().offices}
    standing: Counter[str] = Counter()
    for task in people.tasks():
        if task.state in {"queued", "accepted", "in_review", "correction_needed", "approved"}:
            standing[prefix_of(divisions[task.office or ""])[:4]] += 1
    shown = table(client, "places", "34")
    names = {name: int(row[2]) for name, row in shown.items() if row[0] != "—" and row[2] != "0"}
    known = {scope: levels.level_of(scope) for scope in standing if len(scope) == 4}
    assert names == {
        level.title.zh: standing[scope] for scope, level in known.items() if level is not None
    }


def _charts_are_their_tables(fixed_now: datetime) -> None:
    user = User.objects.create(username="maker")
    appoint(by=user, office="340100WJ", staff_number="T-0", roles=(StaffRole.OPERATOR,), name="甲")
    view = overview(around=levels.access_level(by=user, scope=None), now=fixed_now)
    panels = [panel(view) for panel in PANELS.values()]
    specs = specs_of(panels)
    assert {"trend", "funnel", "reasons", "steps", "registers", "forecast"} <= set(specs)
    for panel in panels:
        if panel.name not in specs:
            continue
        cells = {
            row[0].text: [cell.text.replace(",", "") for cell in row] for row in panel.grid.rows
        }
        for value in specs[panel.name]["data"]["values"]:
            if panel.name in ("trend", "funnel", "reasons", "registers", "forecast"):
                row = cells[str(value.get("day", value.get("label")))]
                assert str(value["value"]) in row, (panel.name, value, row)
        assert specs[panel.name]["usermeta"]["title"] == panel.title
        assert specs[panel.name]["usermeta"]["description"]


@pytest.mark.parametrize(
    ("office", "role", "seen", "unseen"),
    [
        ("340000ZW", StaffRole.OPERATOR, ("", "at/34/", "at/3401/", "at/340100WJ/", "node/"), ()),
        (
            "340100WJ",
            StaffRole.SUPERVISOR,
            ("", "at/3401/", "at/340104/", "at/H34010401/"),
            ("node/", "at/34/", "at/3402/", "at/H34020201/"),
        ),
        ("H34010401", StaffRole.CLERK, ("", "at/H34010401/"), ("at/3401/", "at/H34010201/")),
        ("340000ZW", StaffRole.SECURITY_ADMIN, (), ("", "node/", "at/34/", "report/")),
    ],
)
def test_everybody_sees_their_own_place_and_what_lies_below(
    published: Context, office: str, role: StaffRole, seen: tuple[str, ...], unseen: tuple[str, ...]
) -> None:
    client = cast_desk.clerk(office, role)
    for address in seen:
        assert client.get(f"/console/{address}").status_code == 200, address
    for address in (*unseen, "at/99/", "at/nowhere/", "at/34001/"):
        assert client.get(f"/console/{address}").status_code == 404, address
        if address.startswith("at/"):
            assert client.get(f"/console/{address}lights.csv").status_code == 404, address
            scope = address[3:-1]
            report = client.get(f"/console/report/2026-10/?scope={scope}")
            assert report.status_code == 404, address


def rated_at(scope: str, levels: dict[str, int], day: date) -> None:
    with transaction.atomic():
        figure_counting.add(
            {
                Figure(scope, Measure.RATED.value, day, "p", "", level): count
                for level, count in levels.items()
            }
        )


def test_one_more_rating_changes_nothing_that_anybody_sees(
    published: Context, fixed_now: datetime
) -> None:
    today = day_of(fixed_now)
    rated_at("3401", {"1": 48, "4": 1}, today)
    client = operator()
    addresses = ("at/3401/ratings.csv", "at/3401/", "report/2026-11/?scope=3401")

    def pages() -> list[str]:
        found = [client.get(f"/console/{address}").content.decode() for address in addresses]
        return [page.split("<main", 1)[-1] for page in found]

    before = pages()
    assert "50" in before[0] and "不足 5" in before[0]
    assert all("≥90.0%" in page for page in before)
    rated_at("3401", {"5": 1}, today)
    assert pages() == before
    rated_at("3401", {"5": 7}, today)
    page = main_of(client.get("/console/at/3401/").content)
    assert "差评 10 件" in page and "81.8%" in page


def test_an_office_shows_no_ratings_of_its_own(published: Context, fixed_now: datetime) -> None:
    rated_at("H34010401", {"1": 40, "5": 8}, day_of(fixed_now))
    client = cast_desk.clerk("H34010401")
    for address in ("", "at/H34010401/", "report/2026-11/?scope=H34010401"):
        page = main_of(client.get(f"/console/{address}").content)
        assert "ratings" not in page and "满意" not in page and "好评率" not in page
    assert client.get("/console/at/H34010401/ratings.csv").status_code == 404
    assert client.get("/console/at/H34010401/savings.csv").status_code == 200


def test_a_page_takes_its_drawings_from_the_worker_and_stops_asking_for_them(
    family: cast.Household, fixed_now: datetime
) -> None:
    family.submit()
    counted(fixed_now)
    client = operator()
    first = client.get("/console/")
    assert first["Refresh"] == "4; url=/console/?look=1"
    assert "图正在画" in first.content.decode() and "<svg" not in main_of(first.content)
    assert "Refresh" not in client.get("/console/?look=3")
    charts.draw_waiting(now=fixed_now)
    drawn = client.get("/console/")
    assert "Refresh" not in drawn and 'aria-labelledby="trend-title' in drawn.content.decode()
    assert family.number not in drawn.content.decode()


def test_a_page_whose_figures_stand_still_says_so(published: Context, fixed_now: datetime) -> None:
    counted(fixed_now - timedelta(minutes=10))
    client = operator()
    assert "需要重新计数" not in client.get("/console/node/").content.decode()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE figure_cursor SET as_of = as_of - interval '1 second'")
    assert "统计停在" in client.get("/console/node/").content.decode()


def main_of(content: bytes) -> str:
    return content.decode().split("<main", 1)[1]


def test_every_panel_has_its_table_its_file_and_a_heading_that_names_it(
    family: cast.Household, fixed_now: datetime
) -> None:
    family.submit()
    counted(fixed_now)
    page = main_of(operator().get("/console/").content)
    headings = set(re.findall(r'<h2 id="([a-z]+)-heading"', page))
    assert headings == {*PANELS, "tiles"}
    files = set(re.findall(r"/console/at/node/([a-z]+)\.csv", page))
    assert {"trend", "funnel", "lights", "matrix", "places", "forecast"} <= files <= set(PANELS)
    assert page.count('class="tile-box') == 16
    assert " style=" not in page


def test_a_month_is_printed_from_what_happened_in_it(
    family: cast.Household, fixed_now: datetime
) -> None:
    family.submit()
    counted(fixed_now)
    client = operator()
    months = client.get("/console/report/").content.decode()
    assert "/console/report/2026-11/?scope=node" in months
    page = client.get("/console/report/2026-11/?scope=node").content.decode()
    assert "2026年11月" in page and "本月未完" in page
    assert re.search(r"<dt>申请</dt><dd><b>1</b>", page)
    october = client.get("/console/report/2026-10/?scope=3401").content.decode()
    assert re.search(r"<dt>申请</dt><dd><b>0</b>", october) and "合肥市" in october
    for address in ("2027-01", "2026-13", "1999-01", "nothing"):
        assert client.get(f"/console/report/{address}/").status_code == 404, address
    assert client.get("/console/report/2026-11/?scope=99").status_code == 404


def test_the_statements_of_a_page_do_not_grow_with_what_it_shows(
    family: cast.Household, fixed_now: datetime
) -> None:
    client = operator()
    client.get("/console/")
    with CaptureQueriesContext(connection) as before:
        client.get("/console/")
    family.submit()
    counted(fixed_now)
    client.get("/console/")
    with CaptureQueriesContext(connection) as after:
        client.get("/console/")
    assert len(after) <= len(before) + 4


CONSOLE_CSS = Path(next(iter(yijian.web.__path__))) / "static" / "yijian" / "console.css"


@pytest.mark.parametrize("token", [*TOO_NEW, "!important", "@font-face"])
def test_the_consoles_own_rules_have_nothing_too_new(token: str) -> None:
    rules = re.sub(r"/\*.*?\*/", "", CONSOLE_CSS.read_text("utf-8"), flags=re.DOTALL)
    assert re.findall(token, rules, re.MULTILINE) == []

"""The console's pages of figures: who sees what, how they are drawn, printed and taken along.

That their numbers are a recount of the journal is proved in `test_console_recount`.
"""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

import yijian.web
from tests.web import cast, cast_desk
from tests.web.recounted import day_of
from tests.web.test_stylesheet import TOO_NEW
from yijian.actions import charts, figures
from yijian.domain.context import Context
from yijian.domain.measures import Figure, Measure
from yijian.records import figure_counting, journal
from yijian.records.people import StaffRole
from yijian.web.console.grids import grid
from yijian.web.console.panels import Panel, shortened
from yijian.web.console.supervision import PANELS

pytestmark = pytest.mark.django_db


def counted(now: datetime) -> None:
    """What has happened is sealed and counted, as the worker does each minute."""
    journal.seal_journal(now=now, key=Ed25519PrivateKey.generate())
    figures.follow_all(now=now)


def operator() -> Client:
    return cast_desk.clerk("340100WJ", StaffRole.OPERATOR, name="运营")


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
            for report in ("report/2026-10/", "report/2026-10/savings.csv"):
                assert client.get(f"/console/{report}?scope={scope}").status_code == 404, address


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
    month = "/console/report/2026-11/ratings.csv?scope=H34010401"
    assert client.get(month).status_code == 404
    assert client.get("/console/at/H34010401/savings.csv").status_code == 200


def test_a_long_table_is_short_on_paper_and_whole_in_its_file() -> None:
    short = Panel("one", grid("短", ["数"], [[str(place)] for place in range(40)]))
    assert shortened(short) == short
    long = Panel(
        "one", grid("长", ["数"], [[str(place)] for place in range(1041)]), note="低的在前"
    )
    on_paper = shortened(long)
    assert [row[0].text for row in on_paper.grid.rows] == [str(place) for place in range(40)]
    assert on_paper.note == "低的在前；还有 1,001 行在 CSV 文件里"


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
    parts = page.split('<section class="report-part"')[1:]
    assert len(parts) > 4
    for part in parts:
        (name,) = re.findall(r'<h2 id="([a-z]+)-heading"', part)
        assert "<table" in part, name
        assert f"/console/report/2026-11/{name}.csv?scope=node" in part
        file = client.get(f"/console/report/2026-11/{name}.csv?scope=node")
        assert file.status_code == 200 and file["Content-Type"].startswith("text/csv")
    october = client.get("/console/report/2026-10/?scope=3401").content.decode()
    assert re.search(r"<dt>申请</dt><dd><b>0</b>", october) and "合肥市" in october
    for address in ("2027-01", "2026-13", "1999-01", "nothing"):
        assert client.get(f"/console/report/{address}/").status_code == 404, address
        assert client.get(f"/console/report/{address}/trend.csv").status_code == 404, address
    assert client.get("/console/report/2026-11/nothing.csv").status_code == 404
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

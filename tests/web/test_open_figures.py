"""What the public may know of a month that is over, as a page, a file and data."""

from __future__ import annotations

import csv
import io
from datetime import date, datetime

import pytest
from django.db import transaction
from django.test import Client

from yijian.domain.context import Context
from yijian.domain.measures import Figure, Measure
from yijian.records import figure_counting

pytestmark = pytest.mark.django_db
OCTOBER = date(2026, 10, 15)


def happened(counts: dict[str, dict[Measure, int]], day: date = OCTOBER, detail: str = "") -> None:
    """So much was counted at these places, and of the whole node all together."""
    cells: dict[Figure, int] = {}
    for scope, measures in counts.items():
        for measure, count in measures.items():
            said = {Measure.CLOSED: "done", Measure.ZERO_TRIP: "yes"}.get(measure, detail)
            cells[Figure(scope, measure.value, day, "p", "", said)] = count
    with transaction.atomic():
        figure_counting.add(cells)


@pytest.fixture
def october(published: Context, fixed_now: datetime) -> Client:
    happened(
        {
            "": {Measure.SUBMITTED: 163, Measure.CLOSED: 150, Measure.ZERO_TRIP: 120},
            "3401": {Measure.SUBMITTED: 120, Measure.CLOSED: 110, Measure.ZERO_TRIP: 100},
            "3402": {Measure.SUBMITTED: 3, Measure.CLOSED: 3, Measure.ZERO_TRIP: 2},
            "3403": {Measure.SUBMITTED: 40, Measure.CLOSED: 37, Measure.ZERO_TRIP: 18},
        }
    )
    happened({"": {Measure.SUBMITTED: 8}}, day=date(2026, 11, 3))
    return Client()


def rows_of(client: Client, month: str) -> dict[str, list[str]]:
    text = client.get(f"/figures/{month}.csv").content.decode("utf-8-sig")
    return {row[1]: row[2:] for row in list(csv.reader(io.StringIO(text)))[1:]}


def test_the_month_that_was_over_last_is_shown_without_login(october: Client) -> None:
    page = october.get("/figures/")
    assert page.status_code == 200
    text = page.content.decode()
    assert "2026年10月" in text and ">163<" in text
    assert "/figures/2026-10.csv" in text and "/figures/2026-10.json" in text


def test_a_month_is_published_when_it_is_over_and_no_sooner(october: Client) -> None:
    for month in ("2026-11", "2026-12", "2020-01", "2026-13", "now"):
        for address in (f"/figures/{month}/", f"/figures/{month}.json", f"/figures/{month}.csv"):
            assert october.get(address).status_code == 404, address


def test_a_small_number_is_told_nowhere_and_cannot_be_taken_from_the_others(
    october: Client,
) -> None:
    data = october.get("/figures/2026-10.json").json()
    told = {line["place"]: line["submitted"] for line in data["places"]}
    assert told == {"340100": 120, "340200": None, "340300": None}
    assert data["whole"]["submitted"] == 163
    shown = rows_of(october, "2026-10")
    assert shown["合肥市"][:2] == ["120", "110"]
    assert shown["芜湖市"][:2] == shown["蚌埠市"][:2] == ["不公开", "不公开"]
    page = october.get("/figures/2026-10/").content.decode()
    assert ">3<" not in page and ">40<" not in page


def test_shares_of_few_are_not_told(october: Client) -> None:
    happened({"3402": {Measure.ENDED_IN_TIME: 3}, "3401": {Measure.ENDED_IN_TIME: 90}})
    happened({"3401": {Measure.ENDED_LATE: 10}})
    told = {one["place"]: one for one in october.get("/figures/2026-10.json").json()["places"]}
    assert (told["340100"]["in_time"], told["340200"]["in_time"]) == (0.9, None)
    assert told["340200"]["zero_trip"] is None


def test_data_may_be_kept_by_everybody_and_pages_of_nobody_are(october: Client) -> None:
    for kind in ("json", "csv"):
        answer = october.get(f"/figures/2026-10.{kind}")
        assert "public" in answer["Cache-Control"] and "max-age=3600" in answer["Cache-Control"]
        assert october.post(f"/figures/2026-10.{kind}").status_code == 405
    assert "no-store" in october.get("/figures/")["Cache-Control"]


def test_a_node_where_nothing_happened_has_a_page_that_says_so(
    published: Context, fixed_now: datetime
) -> None:
    page = Client().get("/figures/")
    assert page.status_code == 200
    assert Client().get("/figures/2026-10.json").json()["places"] == []

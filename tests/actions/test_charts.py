"""Pages ask for drawings and never wait for them; the worker draws each one once."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

import pytest
from django.db import connection

from yijian.actions import charts
from yijian.documents.charts import Spec, bars
from yijian.records.charts import KEPT, Drawing, Place

pytestmark = pytest.mark.django_db
HERE = Place("overview", "3401", "zh")


def of(value: int) -> dict[str, Spec]:
    return {"funnel": bars([{"label": "提交", "value": value, "note": str(value)}], width=300)}


def asked(value: int, now: datetime, place: Place = HERE) -> Mapping[str, Drawing]:
    return charts.drawings(place=place, specs=of(value), now=now)


def jobs() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'draw_charts'")
        (count,) = cursor.fetchone()
        return int(count)


def test_a_page_gets_no_drawing_before_the_worker_has_made_it(now: datetime) -> None:
    assert asked(5, now) == {}
    assert asked(5, now) == {}
    assert jobs() == 1
    assert charts.draw_waiting(now=now) == 1
    drawn = asked(5, now)["funnel"]
    assert drawn.current and drawn.drawn_at == now and ">提交<" in drawn.svg


def test_a_drawing_is_made_once_for_equal_figures_wherever_they_are_shown(
    now: datetime,
) -> None:
    asked(5, now)
    charts.draw_waiting(now=now)
    elsewhere = asked(5, now, Place("overview", "34", "zh"))
    assert elsewhere["funnel"].current
    assert charts.draw_waiting(now=now) == 0


def test_while_figures_are_redrawn_the_last_drawing_stands_there_with_its_time(
    now: datetime,
) -> None:
    asked(5, now)
    charts.draw_waiting(now=now)
    later = now + timedelta(minutes=1)
    before = asked(6, later)["funnel"]
    assert (before.current, before.drawn_at) == (False, now)
    assert asked(6, later, Place("overview", "34", "zh")) == {}
    charts.draw_waiting(now=later)
    assert asked(6, later)["funnel"].current
    assert asked(5, later)["funnel"].current


def test_what_cannot_be_drawn_stops_no_other_chart(now: datetime) -> None:
    charts.drawings(place=HERE, specs={"broken": {"mark": "nothing"}, **of(5)}, now=now)
    assert charts.draw_waiting(now=now) == 1
    assert charts.draw_waiting(now=now) == 0
    found = charts.drawings(place=HERE, specs={"broken": {"mark": "nothing"}, **of(5)}, now=now)
    assert set(found) == {"funnel"}


def test_drawings_are_forgotten_when_nobody_looks_at_them_any_more(now: datetime) -> None:
    asked(5, now)
    asked(6, now)
    charts.draw_waiting(now=now)
    asked(6, now + KEPT)
    assert charts.forget(now=now + KEPT + timedelta(hours=1)) == 1
    assert asked(6, now + KEPT)["funnel"].current

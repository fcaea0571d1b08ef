"""The national tables: every row of a month, read while they are written."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.actions.cast import Household, clerk
from yijian.actions import rating_tables, work_orders
from yijian.domain.reports import Month
from yijian.domain.work_orders import OrderKind
from yijian.records import ratings
from yijian.records import work_orders as orders
from yijian.records.models import RatingRow, WorkOrderRow
from yijian.records.people import StaffRole

pytestmark = pytest.mark.django_db
ROWS = 7


@pytest.fixture
def desk(submitted: Household, monkeypatch: pytest.MonkeyPatch) -> User:
    """More ratings and orders in one month than are read at once, many of the same moment."""
    moments = [submitted.now + timedelta(minutes=place // 3) for place in range(ROWS)]
    RatingRow.objects.bulk_create(
        RatingRow(
            case_id=submitted.id, item="whole", newborn=place, channel="pc", level=1, rated_at=at
        )
        for place, at in enumerate(moments)
    )
    for at in moments:
        work_orders.speak_up(
            kind=OrderKind.QUESTION, text="多久能好", phone="", office="", sender="",
            channel="pc", now=at,
        )  # fmt: skip
    monkeypatch.setattr(ratings, "AT_ONCE", 2)
    monkeypatch.setattr(orders, "AT_ONCE", 2)
    return clerk("340100WJ", StaffRole.COMPLAINTS)


@pytest.mark.parametrize("table", ["ratings", "orders"])
def test_no_row_of_a_month_is_left_out_or_told_twice(
    desk: User, submitted: Household, table: str
) -> None:
    month = Month(submitted.now.year, submitted.now.month)
    _heads, rows = rating_tables.table_of(by=desk, table=table, month=month, now=submitted.now)
    found = list(rows)
    assert len(found) == ROWS
    if table == "orders":
        numbers = WorkOrderRow.objects.order_by("opened_at", "id").values_list("number", flat=True)
        assert [row[0] for row in found] == list(numbers)
    before = Month(submitted.now.year - 1, submitted.now.month)
    _heads, none = rating_tables.table_of(by=desk, table=table, month=before, now=submitted.now)
    assert list(none) == []


def test_what_lapsed_is_no_later_the_later_the_table_is_taken_out(
    desk: User, submitted: Household
) -> None:
    WorkOrderRow.objects.update(
        state="closed", outcome="forgotten", closed_at=submitted.now, case_id=uuid4()
    )
    month = Month(submitted.now.year, submitted.now.month)
    for days in (0, 60):
        _heads, rows = rating_tables.table_of(
            by=desk, table="orders", month=month, now=submitted.now + timedelta(days=days)
        )
        assert {row[12] for row in rows} == {"0"}


def test_the_first_row_leaves_before_the_others_are_read(desk: User, submitted: Household) -> None:
    month = Month(submitted.now.year, submitted.now.month)
    _heads, rows = rating_tables.table_of(by=desk, table="ratings", month=month, now=submitted.now)
    with CaptureQueriesContext(connection) as first:
        assert next(rows)
    with CaptureQueriesContext(connection) as rest:
        assert len(list(rows)) == ROWS - 1
    assert sum("FROM rating" in one["sql"] for one in first.captured_queries) == 1
    assert sum("FROM rating" in one["sql"] for one in rest.captured_queries) == 3


def test_a_rating_of_the_first_moment_of_a_month_is_in_it(submitted: Household) -> None:
    month = Month(submitted.now.year, submitted.now.month)
    RatingRow.objects.create(
        case_id=submitted.id, item="whole", channel="pc", level=1, rated_at=month.starts_at
    )
    assert len(list(ratings.lines(since=month.starts_at, until=month.ends_at))) == 1

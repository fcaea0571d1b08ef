"""The counts of a month, against families whose steps are counted by hand."""

from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.records.families import NOW, decide, finished, later, saved, submitted
from yijian.domain.reports import ItemCount, Month, MonthCounts, month_of
from yijian.domain.states import TaskState
from yijian.records import monthly

pytestmark = pytest.mark.django_db

NOVEMBER = Month(2026, 11)
HOUR = timedelta(hours=1).total_seconds()


def counted(month: Month = NOVEMBER, pack: str = "test") -> MonthCounts:
    return monthly.counts(pack=pack, start=month.starts_at, until=month.ends_at)


def refused(number: str, delivery: str, at: datetime) -> None:
    """A family whose certificate an office refuses; the rest goes to the counter with it."""
    (loaded,) = saved(submitted(number, delivery=delivery))
    decide(
        [loaded.id], ("certificate", 1), TaskState.DECLINED, now=at,
        reason="records_differ", reason_text="不一致",
    )  # fmt: skip


def test_a_month_without_any_family_counts_nothing() -> None:
    assert counted() == MonthCounts(0, 0, 0, (), {})


def test_every_office_is_counted_as_by_hand() -> None:
    finished("N1")
    saved(submitted("N2", delivery="D2"))
    found = counted()
    assert (found.submitted, found.closed, found.withdrawn) == (2, 1, 0)
    assert {(one.item, one.office): one for one in found.tasks} == {
        ("certificate", "H01"): ItemCount(
            "certificate", "H01", received=2, done=1, limited=1, timed=1, seconds=1 * HOUR
        ),
        ("registration", "P01"): ItemCount(
            "registration", "P01", received=1, done=1, limited=1, timed=1, seconds=3 * HOUR
        ),
        ("card", "P01"): ItemCount(
            "card", "P01", received=1, done=1, limited=1, timed=1, seconds=1 * HOUR
        ),
    }
    assert found.reasons == {}


def test_what_ends_after_its_deadline_is_late() -> None:
    (loaded,) = saved(submitted("N1"))
    decide([loaded.id], ("certificate", 1), TaskState.COMPLETED, now=later(days=6))
    (certificate,) = (one for one in counted().tasks if one.item == "certificate")
    assert (certificate.done, certificate.late, certificate.limited) == (1, 1, 1)


def test_refusals_are_counted_by_item_and_reason() -> None:
    refused("N1", "D1", later(hours=1))
    refused("N2", "D2", later(hours=2))
    found = counted()
    assert found.reasons["certificate", "records_differ"] == (2, 2)
    (certificate,) = (one for one in found.tasks if one.item == "certificate")
    assert (certificate.received, certificate.done, certificate.not_done) == (2, 0, 2)
    assert found.closed == 2


def test_twins_refused_together_are_two_refusals_of_one_family() -> None:
    (loaded,) = saved(submitted("N1", babies=2))
    for baby in (1, 2):
        decide(
            [loaded.id], ("certificate", baby), TaskState.DECLINED, now=later(hours=baby),
            reason="records_differ", reason_text="不一致",
        )  # fmt: skip
    assert counted().reasons["certificate", "records_differ"] == (2, 1)


def test_each_thing_counts_in_the_month_in_which_it_happened() -> None:
    (loaded,) = saved(submitted("N1"))
    before = counted()
    decide([loaded.id], ("certificate", 1), TaskState.COMPLETED, now=later(days=20))
    assert month_of(later(days=20)) == Month(2026, 12)
    assert counted() == before
    december = counted(Month(2026, 12))
    assert december.submitted == 0
    assert [(one.item, one.received, one.done) for one in december.tasks] == [
        ("certificate", 0, 1),
        ("registration", 1, 0),
    ]


def test_the_first_moment_of_a_month_belongs_to_it_and_to_no_other() -> None:
    saved(submitted("N1"))
    edges = {"pack": "test"}
    instant = timedelta(microseconds=1)
    assert monthly.counts(start=NOW, until=NOW + instant, **edges).submitted == 1
    assert monthly.counts(start=NOW - instant, until=NOW, **edges).submitted == 0
    assert counted(Month(2026, 10)) == counted(Month(2026, 12)) == MonthCounts(0, 0, 0, (), {})


def test_another_scheme_is_not_counted() -> None:
    finished("N1")
    assert counted(pack="other") == MonthCounts(0, 0, 0, (), {})


def test_a_draft_was_not_received() -> None:
    from tests.records.families import family

    saved(family("N1"))
    assert counted().submitted == 0


def test_the_number_of_statements_is_the_same_for_one_family_and_for_three() -> None:
    finished("N1")
    with CaptureQueriesContext(connection) as one:
        counted()
    refused("N2", "D2", later(hours=1))
    finished("N3", delivery="D3")
    with CaptureQueriesContext(connection) as three:
        counted()
    assert len(one) == len(three) == 3

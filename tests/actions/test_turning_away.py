"""What a rule keeps out stands in the journal once, and the journal still proves the case."""

from collections.abc import Iterator
from datetime import datetime

import pytest

from tests.actions import cast
from yijian.actions import contexts
from yijian.domain.cases import progress
from yijian.domain.events import EventKind
from yijian.domain.journey import Page, next_place
from yijian.records import cases as case_records
from yijian.records import journal

pytestmark = pytest.mark.django_db

TOO_LATE = """
title: 孩子出生两个月后才来申请
applied_at: 2026-11-21T10:00:00+08:00
newborns: [{sex: "2", born_at: 2026-09-18T03:27:00+08:00}]
"""


@pytest.fixture
def refused(now: datetime) -> Iterator[cast.Household]:
    """A family whose child is too old, and all of whose registers have answered."""
    family = cast.household(now, TOO_LATE).open().answer()
    yield family
    contexts.forget()


def notes(family: cast.Household) -> list[dict[str, object]]:
    return [
        entry.event_body
        for entry in journal.entries_of(family.id)
        if entry.kind == EventKind.TURNED_AWAY
    ]


def test_a_refused_family_stands_in_the_journal_once(refused: cast.Household) -> None:
    refused.answer()
    (note,) = notes(refused)
    assert note["rules"] == ["within_30_days"]
    assert note["place"] == "340100"
    assert set(note) == {"rules", "pack", "version", "place"}


def test_the_journal_rebuilds_a_refused_case(refused: cast.Household) -> None:
    assert progress(journal.replay(refused.case)) == progress(refused.case)
    again = case_records.read(numbers=[refused.number])[0].case
    assert again.turned_away == (("340000-anhui", ("within_30_days",)),)


def test_the_page_of_a_refused_family_is_as_before(refused: cast.Household) -> None:
    context = contexts.context_of(refused.case)
    assert next_place(refused.case, "mother", context, refused.now).page is Page.REFUSED


def test_a_family_that_fits_leaves_no_such_entry(submitted: cast.Household) -> None:
    assert notes(submitted) == []

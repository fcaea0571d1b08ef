"""When a family's data must not be kept, nothing opens it and the journal still proves."""

import pytest

from tests.actions.cast import Household
from yijian.actions import cases
from yijian.actions.forgetting import forget
from yijian.domain.context import RefusedError
from yijian.records import cases as case_records
from yijian.records import journal

pytestmark = pytest.mark.django_db


def test_an_ended_case_is_forgotten_once_and_its_journal_still_verifies(
    family: Household,
) -> None:
    family.open().answer()
    cases.withdraw(by=family.mother, number=family.number, now=family.now)
    forget(number=family.number, now=family.now)
    (found,) = case_records.read(numbers=[family.number])
    assert found.key is None
    assert found.case.verified == {}
    assert list(journal.chain_faults(journal.entries_of(found.id))) == []
    with pytest.raises(RefusedError, match="already_forgotten"):
        forget(number=family.number, now=family.now)


def test_a_running_case_and_an_unknown_one_are_not_forgotten(submitted: Household) -> None:
    with pytest.raises(RefusedError, match="case_still_open"):
        forget(number=submitted.number, now=submitted.now)
    with pytest.raises(RefusedError, match="unknown_case"):
        forget(number="34000020261121S9999990", now=submitted.now)

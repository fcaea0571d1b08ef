"""Families are reminded when their time has come; other cases are not looked at."""

import json
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tests.actions.cast import Household, household
from yijian.actions import reminders
from yijian.records import journal
from yijian.records.models import CaseRow, JournalEntry, ReminderCursorRow, ReminderLookRow

OTHER_FAMILY = """
title: 另一家
applied_at: 2026-11-21T10:00:00+08:00
mother: {name: 周静, hukou: {division: "340104"}}
father: {name: 吴刚, hukou: {division: "340104"}}
newborns: [{sex: "1", born_at: 2026-11-18T05:27:00+08:00}]
"""
KEY = Ed25519PrivateKey.from_private_bytes(b"r" * 32)


def reminded(family: Household) -> list[str]:
    entries = JournalEntry.objects.filter(case_id=family.id, kind="family_reminded")
    return [json.loads(body)["reminder"] for body in entries.values_list("body", flat=True)]


def test_a_draft_is_looked_at_when_it_changes_and_when_its_time_has_come(
    family: Household,
) -> None:
    family.open().answer()
    journal.seal_journal(now=family.now, key=KEY)
    assert reminders.remind(now=family.now) == 1
    at = ReminderLookRow.objects.get(case_id=family.id).at
    assert at > family.now
    assert reminders.remind(now=at - timedelta(seconds=1)) == 0
    assert reminders.remind(now=at) == 1
    assert len(reminded(family)) == 1
    assert reminders.remind(now=at) == 0


def test_what_happens_to_a_case_lets_it_be_looked_at_anew(family: Household) -> None:
    family.open().answer()
    journal.seal_journal(now=family.now, key=KEY)
    reminders.remind(now=family.now)
    family.name().signed()
    journal.seal_journal(now=family.now, key=KEY)
    assert reminders.remind(now=family.now) == 1
    reminders.remind(now=family.now + timedelta(days=200))
    assert len(reminded(family)) == len(set(reminded(family))) > 1


def test_the_first_run_looks_at_what_is_open_and_never_at_the_old_journal(
    family: Household,
) -> None:
    family.open().answer()
    journal.seal_journal(now=family.now, key=KEY)
    later = family.now + timedelta(days=10)
    CaseRow.objects.filter(id=family.id).update(stage="withdrawn")
    assert reminders.remind(now=later) == 0
    CaseRow.objects.filter(id=family.id).update(stage="draft")
    assert reminders.remind(now=later) == 0, "what was sealed before is not read any more"
    ReminderCursorRow.objects.all().delete()
    assert reminders.remind(now=later) == 1
    assert reminded(family) != []


def test_the_first_run_passes_over_what_was_closed_too_long_ago(family: Household) -> None:
    family.open().answer()
    CaseRow.objects.filter(id=family.id).update(stage="closed", submitted_at=family.now)
    latest = family.case.started_at + timedelta(days=180)  # The pack's longest reminder.
    assert reminders.remind(now=latest + timedelta(days=1)) == 0
    ReminderCursorRow.objects.all().delete()
    assert reminders.remind(now=latest - timedelta(days=1)) == 1


def test_a_run_ends_after_so_many_cases_and_the_next_one_goes_on(
    family: Household, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reminders, "MOST_IN_A_RUN", 0)
    family.open().answer()
    later = family.now + timedelta(days=10)
    assert reminders.remind(now=later) == 0
    monkeypatch.setattr(reminders, "MOST_IN_A_RUN", 1)
    assert reminders.remind(now=later) == 1
    assert reminded(family) != []


def test_a_full_journal_keeps_no_family_from_being_reminded(
    family: Household, monkeypatch: pytest.MonkeyPatch
) -> None:
    family.open().answer()
    journal.seal_journal(now=family.now, key=KEY)
    reminders.remind(now=family.now)
    at = ReminderLookRow.objects.get(case_id=family.id).at
    read = ReminderCursorRow.objects.get().number
    household(family.now, OTHER_FAMILY).open()
    journal.seal_journal(now=family.now, key=KEY)
    monkeypatch.setattr(reminders, "ENTRIES_AT_ONCE", 1)
    monkeypatch.setattr(reminders, "MOST_IN_A_RUN", 1)
    reminders.remind(now=at)
    assert reminded(family) != []
    assert ReminderCursorRow.objects.get().number == read + 1, "what is left is for the next run"

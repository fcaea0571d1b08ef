"""Families are reminded when their time has come; other cases are not looked at."""

import json
from datetime import timedelta

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tests.actions.cast import Household
from yijian.actions import reminders
from yijian.records import journal
from yijian.records.models import JournalEntry, ReminderLookRow

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

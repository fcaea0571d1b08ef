"""Nothing personal lies open in the database; what is forgotten is gone and the journal stays."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.contrib.auth.models import User
from django.db import connection

from tests.records.families import (
    ADDRESS,
    BABY,
    BORN_AT,
    FATHER,
    FATHER_ID,
    MOTHER,
    MOTHER_ID,
    NEWBORN_ID,
    NOW,
    PHONE,
    RESULTS,
    decide,
    family,
    finished,
    later,
    saved,
    submitted,
)
from yijian.domain.cases import progress
from yijian.domain.states import TaskState
from yijian.records import cases, deliveries, exchange, forgetting, journal, queries
from yijian.records.cases import CaseForgotten, Change
from yijian.records.people import StaffRole

pytestmark = pytest.mark.django_db

CANARIES = {
    "mother": MOTHER,
    "mother's number": MOTHER_ID,
    "father": FATHER,
    "father's number": FATHER_ID,
    "baby": BABY,
    "baby's number": NEWBORN_ID,
    "certificate": str(RESULTS["certificate"]["number"]),
    "phone": PHONE,
    "address": ADDRESS,
    "moment of birth": BORN_AT.isoformat()[:16],
    "moment of birth in UTC": "2026-11-17 19:27",
    "birth date of the mother": "1995-05-01",
    "reason": "名字不清楚",
}


def cells() -> Iterator[tuple[str, str]]:
    """Every value of every column of every table as text; binary ones also as they decode."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name, column_name FROM information_schema.columns"
            " WHERE table_schema = 'public'"
        )
        for table, column in cursor.fetchall():
            cursor.execute(f'SELECT "{column}"::text FROM "{table}" WHERE "{column}" IS NOT NULL')
            for (text,) in cursor.fetchall():
                yield f"{table}.{column}", text
                if text.startswith("\\x"):
                    yield f"{table}.{column}", bytes.fromhex(text[2:]).decode("utf-8", "ignore")


def everything_happens(parent: Callable[[str, str], User], clerk: Callable[..., User]) -> None:
    parent(MOTHER, MOTHER_ID)
    clerk("H01", StaffRole.CLERK)
    finished()
    (loaded,) = saved(submitted("N2", delivery="D2"))
    decide(
        [loaded.id],
        ("certificate", 1),
        TaskState.CORRECTION_NEEDED,
        reason="name_unclear",
        reason_text="名字不清楚",
        correct=("newborn_name",),
    )
    deliveries.put(
        by="staff:1",
        institution="H01",
        delivery_id="D1",
        mother_id_number=MOTHER_ID,
        document={"mother": {"name": MOTHER, "phone": PHONE}, "born_at": BORN_AT.isoformat()},
        source="desk",
        due_at=BORN_AT,
        recorded_at=NOW,
        now=NOW,
    )


def test_no_canary_lies_open_anywhere(
    parent: Callable[[str, str], User], clerk: Callable[..., User]
) -> None:
    everything_happens(parent, clerk)
    found = {
        (what, where)
        for where, text in cells()
        for what, canary in CANARIES.items()
        if canary in text or base64.b64encode(canary.encode()).decode() in text
    }
    assert found == set()


def test_the_sweep_would_find_an_open_value(clerk: Callable[..., User]) -> None:
    clerk("H01", StaffRole.CLERK)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE office SET title_en = %s", [MOTHER])
    assert any(MOTHER in text for _, text in cells())


def test_a_forgotten_family_is_gone_and_its_journal_still_verifies(
    node_key: Ed25519PrivateKey,
) -> None:
    loaded = finished()
    told = progress(loaded.case)
    assert journal.seal_journal(now=NOW) is not None
    assert forgetting.forget_case(case_id=loaded.id, now=later(days=365))
    (read,) = cases.read(ids=[loaded.id])
    assert read.key is None
    assert (read.case.answers, read.case.verified, read.case.results) == ({}, {}, {})
    assert progress(read.case) == told == progress(journal.replay(read.case))
    assert list(journal.chain_faults(journal.entries_of(loaded.id))) == []
    with connection.cursor() as cursor:
        for table in ("lookup", "party", "newborn"):
            cursor.execute(f"SELECT count(*) FROM {table}")
            assert cursor.fetchone() == (0,), table
        for table in ("outbox", "notification", "case"):
            cursor.execute(f'SELECT count(*) FROM "{table}" WHERE sealed IS NOT NULL')
            assert cursor.fetchone() == (0,), table


def test_a_copy_of_a_forgotten_familys_data_stays_closed() -> None:
    """Whoever kept an old ciphertext has nothing: the only key to it is destroyed."""
    from yijian.records.crypto import SealBroken, master_key, new_case_key, place

    loaded = finished()
    with connection.cursor() as cursor:
        cursor.execute('SELECT sealed FROM "case"')
        copy = bytes(cursor.fetchone()[0])
    forgetting.forget_case(case_id=loaded.id, now=NOW)
    for key in (master_key(), new_case_key()):
        with pytest.raises(SealBroken):
            key.open(copy, place("case", "sealed", loaded.id))


def test_only_an_ended_case_is_forgotten_and_only_once() -> None:
    (loaded,) = saved(family())
    assert not forgetting.forget_case(case_id=loaded.id, now=NOW)
    ended = finished("N2", delivery="D2")
    assert forgetting.forget_case(case_id=ended.id, now=NOW)
    assert not forgetting.forget_case(case_id=ended.id, now=NOW)


def test_nothing_is_added_to_a_forgotten_case() -> None:
    from yijian.domain.events import Event, EventKind
    from yijian.domain.history import apply

    ended = finished()
    forgetting.forget_case(case_id=ended.id, now=NOW)
    (read,) = cases.read(ids=[ended.id])
    event = Event(EventKind.CASE_CLOSED, NOW, "system")
    with pytest.raises(CaseForgotten):
        cases.save([Change(read, [event], apply(read.case, event))])


def test_lists_and_messages_of_a_forgotten_case_are_empty_of_names(
    clerk: Callable[..., User],
) -> None:
    ended = finished()
    forgetting.forget_case(case_id=ended.id, now=NOW)
    lines = queries.worklist(by=clerk("H01", StaffRole.CLERK), group="ended").lines
    assert [line.names for line in lines] == [{"mother": "", "father": "", "newborns": []}]
    assert queries.messages_of(case_id=ended.id, role="father") == []
    for message in exchange.claim_messages(destination="hr-340000", limit=9, now=NOW):
        assert message.payload == {}

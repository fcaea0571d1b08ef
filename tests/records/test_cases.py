"""Cases come back as they were saved, many at once, and nobody overwrites anybody."""

from __future__ import annotations

import threading
from dataclasses import fields, replace
from importlib import import_module

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from tests.records.families import (
    BABY,
    FATHER_ID,
    MOTHER_ID,
    NOW,
    decide,
    decided,
    family,
    finished,
    later,
    new_change,
    saved,
    submitted,
)
from yijian.domain import applying, handling
from yijian.domain.cases import Case, CheckState
from yijian.domain.events import Event, EventKind
from yijian.domain.history import apply_all
from yijian.domain.states import Stage, TaskState
from yijian.records import cases, crypto, journal
from yijian.records.cases import Change, RuleBroken, StaleCase
from yijian.records.identifiers import task_id

pytestmark = pytest.mark.django_db


def same(first: Case, second: Case) -> None:
    for each in fields(Case):
        assert getattr(first, each.name) == getattr(second, each.name), each.name


def test_a_case_comes_back_exactly_as_it_was_saved() -> None:
    made = submitted(babies=2)
    disputed = replace(
        made.case, disputes={("station", 0): "地址已搬"}, reasons={("certificate", 1): "照片不清"}
    )
    saved(replace(made, case=disputed))
    (read,) = cases.read(numbers=["N1"])
    same(read.case, disputed)
    assert list(read.case.tasks) == list(made.case.tasks)
    assert read.institution == "H01"


def test_every_field_of_a_case_is_kept() -> None:
    """A field that the core adds must be mapped: the finished case has a value in each."""
    loaded = finished()
    blank = Case("", "", "", "", "", "", later(days=9))
    unset = {
        each.name
        for each in fields(Case)
        if getattr(loaded.case, each.name) == getattr(blank, each.name)
    }
    # A case of this node; what a received one has besides is in test_received_cases.
    assert unset <= {"disputes", "reasons", "origin", "received"}
    (read,) = cases.read(ids=[loaded.id])
    same(read.case, loaded.case)


def test_cases_are_found_by_id_by_number_and_by_task() -> None:
    first, second = saved(submitted("N1"), submitted("N2", delivery="D2"))
    task = first.task_id(("certificate", 1))
    with transaction.atomic():
        assert [c.id for c in cases.load(task_ids=[task])] == [first.id]
        assert [c.id for c in cases.load(numbers=["N2", "N9"])] == [second.id]
        both = cases.load(ids=[second.id], numbers=["N1"], task_ids=[task])
    assert {c.id for c in both} == {first.id, second.id}
    assert first.task_key(task) == ("certificate", 1)
    assert cases.read(ids=[task]) == []


@pytest.mark.django_db(transaction=True)
def test_a_lock_needs_a_transaction() -> None:
    with pytest.raises(RuntimeError, match="atomic"):
        cases.load(numbers=["N1"])


@pytest.mark.parametrize("many", [1, 100])
def test_reading_and_writing_are_one_statement_each_whatever_their_number(many: int) -> None:
    made = [submitted(f"N{n}", delivery=f"D{n}") for n in range(many)]
    with CaptureQueriesContext(
        connection,
    ) as starting:
        loaded = cases.save([new_change(each) for each in made])
    ids = [each.id for each in loaded]
    with CaptureQueriesContext(connection) as loading:
        again = cases.load(ids=ids)
    changes = [decided(each, ("certificate", 1), TaskState.ACCEPTED) for each in again]
    with CaptureQueriesContext(connection) as saving:
        cases.save(changes)
    assert (len(starting), len(loading), len(saving)) == (1, 1, 1)
    assert len(again) == many
    states = {c.case.tasks["certificate", 1].state for c in cases.read(ids=ids)}
    assert states == {TaskState.ACCEPTED}


def test_a_change_without_events_writes_nothing() -> None:
    (loaded,) = saved(family())
    with CaptureQueriesContext(connection) as queries:
        assert cases.save([Change(loaded, [], loaded.case)]) == []
    assert len(queries) == 0


def test_a_case_changed_meanwhile_is_refused_whole() -> None:
    first, second = saved(submitted("N1"), submitted("N2", delivery="D2"))
    stale = decided(first, ("certificate", 1), TaskState.ACCEPTED)
    decide([first.id], ("certificate", 1), TaskState.APPROVED)
    fresh = decided(second, ("certificate", 1), TaskState.ACCEPTED)
    with pytest.raises(StaleCase), transaction.atomic():
        cases.save([fresh, stale])
    (untouched,) = cases.read(ids=[second.id])
    assert untouched.case.version == second.case.version
    assert len(journal.entries_of(second.id)) == second.case.version


def test_events_must_lead_to_what_is_saved() -> None:
    (loaded,) = saved(family())
    event = Event(EventKind.CASE_WITHDRAWN, NOW, "mother")
    with pytest.raises(ValueError, match="version"):
        cases.save([Change(loaded, [event], loaded.case)])


def test_what_concerns_nobody_personally_leaves_the_sealed_document_alone() -> None:
    (loaded,) = saved(submitted())

    def sealed() -> bytes:
        with connection.cursor() as cursor:
            cursor.execute('SELECT sealed FROM "case" WHERE id = %s', [loaded.id])
            return bytes(cursor.fetchone()[0])

    before = sealed()
    decide([loaded.id], ("certificate", 1), TaskState.ACCEPTED)
    assert sealed() == before
    decide([loaded.id], ("certificate", 1), TaskState.COMPLETED)
    assert sealed() != before


def test_a_second_open_case_of_the_same_newborn_is_refused_until_the_first_has_ended() -> None:
    saved(family("N1"))
    with pytest.raises(RuleBroken) as refused, transaction.atomic():
        saved(family("N2"))
    assert refused.value.rule == "one_open_case_per_newborn"
    with transaction.atomic():
        (loaded,) = cases.load(numbers=["N1"])
        events = handling.withdraw(loaded.case, "mother", None, NOW)
        cases.save([Change(loaded, events, apply_all(loaded.case, events))])
    assert loaded.case.stage is Stage.DRAFT
    saved(family("N3"))


def test_twins_and_later_births_are_different_newborns() -> None:
    saved(family("N1", babies=2), family("N2", delivery="D2"))
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(DISTINCT uid) FROM newborn WHERE open")
        assert cursor.fetchone() == (3,)


def test_a_changed_name_is_found_by_the_new_one_only() -> None:
    (loaded,) = saved(family())

    def known(name: str) -> int:
        with connection.cursor() as cursor:
            digest = crypto.blind_index("name", name)
            cursor.execute("SELECT count(*) FROM lookup WHERE digest = %s", [digest])
            return int(cursor.fetchone()[0])

    assert (known(f"{BABY}一"), known("李安")) == (1, 0)
    change = Event(
        EventKind.ANSWERS_SAVED,
        NOW,
        "mother",
        public={"form_version": 2},
        sealed={"values": [("newborn_name", 1, "李安")]},
    )
    with transaction.atomic():
        cases.save([Change(loaded, [change], apply_all(loaded.case, [change]))])
    assert (known(f"{BABY}一"), known("李安")) == (0, 1)


def test_a_task_keeps_its_identifier_before_and_after_it_exists() -> None:
    (loaded,) = saved(submitted())
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM task WHERE item = 'card'")
        assert cursor.fetchone() == (task_id(loaded.case.id, ("card", 1)),)
    assert loaded.task_id(("card", 1)).version == 7
    assert loaded.task_id(("card", 1)) != loaded.task_id(("card", 2))


def test_the_journal_alone_rebuilds_the_public_part() -> None:
    from yijian.domain.cases import progress

    loaded = finished(babies=1)
    (read,) = cases.read(ids=[loaded.id])
    assert read.case.stage is Stage.CLOSED
    assert progress(journal.replay(read.case)) == progress(read.case)


def test_a_message_to_a_person_is_kept_once() -> None:
    made = submitted()
    change = new_change(made)
    doubled = replace(change, messages=[*change.messages, *change.messages])
    cases.save([doubled])
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM notification")
        assert cursor.fetchone() == (len(change.messages),)


@pytest.mark.django_db(transaction=True)
def test_two_clerks_at_one_task_never_both_win() -> None:
    """I15: of two that read the same version, the second is told; with locks, both are applied."""
    (loaded,) = saved(submitted())
    accepted = decided(loaded, ("certificate", 1), TaskState.ACCEPTED)
    approved = decided(loaded, ("certificate", 1), TaskState.APPROVED)
    outcomes: list[str] = []

    def save(change: Change) -> None:
        try:
            with transaction.atomic():
                cases.save([change])
            outcomes.append("saved")
        except (StaleCase, RuleBroken):
            outcomes.append("told")
        finally:
            connection.close()

    threads = [threading.Thread(target=save, args=[change]) for change in (accepted, approved)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["saved", "told"]


@pytest.mark.django_db(transaction=True)
def test_whoever_waited_for_the_lock_sees_tasks_as_new_as_their_case() -> None:
    (loaded,) = saved(submitted())
    locked, seen = threading.Event(), []

    def first() -> None:
        with transaction.atomic():
            (mine,) = cases.load(ids=[loaded.id])
            locked.set()
            waiting = False
            while not waiting:
                with connection.cursor() as cursor:
                    cursor.execute("SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted)")
                    (waiting,) = cursor.fetchone()
            cases.save([decided(mine, ("certificate", 1), TaskState.ACCEPTED)])
        connection.close()

    def second() -> None:
        locked.wait(10)
        with transaction.atomic():
            (mine,) = cases.load(ids=[loaded.id])
            seen.append((mine.case.version, mine.case.tasks["certificate", 1].state))
        connection.close()

    threads = [threading.Thread(target=each) for each in (first, second)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert seen == [(loaded.case.version + 1, TaskState.ACCEPTED)]


def test_parties_are_known_by_keyed_digest_only() -> None:
    saved(family())
    with connection.cursor() as cursor:
        cursor.execute("SELECT role, person_hash FROM party ORDER BY role")
        rows = {role: bytes(digest) for role, digest in cursor.fetchall()}
    assert rows == {
        "father": crypto.blind_index("person", FATHER_ID),
        "mother": crypto.blind_index("person", MOTHER_ID),
    }


def test_a_late_answer_of_a_register_is_one_more_event() -> None:
    (loaded,) = saved(family())
    events = applying.register_answered(
        loaded.case, "marriage", CheckState.FAILED, [], later(minutes=1)
    )
    with transaction.atomic():
        cases.save([Change(loaded, events, apply_all(loaded.case, events))])
    (read,) = cases.read(ids=[loaded.id])
    assert read.case.checks["marriage"].state is CheckState.FAILED


def test_a_case_of_the_first_version_is_filled_in_and_read() -> None:
    (loaded,) = saved(submitted())
    with connection.cursor() as cursor:
        cursor.execute(
            """UPDATE "case" SET progress = (progress - 'applicant' - 'materials')
            || jsonb_build_object(
                'consents', (SELECT jsonb_agg(c - 4) FROM jsonb_array_elements(
                    progress->'consents') c),
                'signatures', (SELECT jsonb_agg(s - 6 - 5) FROM jsonb_array_elements(
                    progress->'signatures') s))"""
        )
        cursor.execute(import_module("yijian.records.migrations.0005_applicants").FILL_IN)
    (read,) = cases.read(ids=[loaded.id])
    assert (read.case.applicant, read.case.materials) == ("mother", {})
    assert [consent.role for consent in read.case.consents] == ["mother", "father"]
    assert not any(signature.witnessed for signature in read.case.signatures.values())

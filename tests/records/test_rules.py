"""Every rule the database keeps is broken here once, and none is left out."""

from __future__ import annotations

import json
from collections.abc import Mapping
from uuid import UUID

import pytest
from django.contrib.auth.models import User
from django.db import IntegrityError, connection, transaction

from tests.records import rules_of_acting as acting
from tests.records import rules_of_archives as archives
from tests.records import rules_of_channels as channels
from tests.records import rules_of_charts as charts
from tests.records import rules_of_convergence as convergence
from tests.records import rules_of_directory as directory
from tests.records import rules_of_documents as documents
from tests.records import rules_of_exchange as exchange
from tests.records import rules_of_figures as figures
from tests.records import rules_of_papers as papers
from tests.records import rules_of_policy as policy
from tests.records import rules_of_ratings as ratings
from tests.records import rules_of_registers as registers
from tests.records import rules_of_results as results
from tests.records import rules_of_simulations as simulations
from tests.records import rules_of_status as status
from tests.records.families import NOW, decide, later, saved, submitted
from yijian.domain.states import TaskState
from yijian.records import people
from yijian.records.identifiers import new_id
from yijian.records.people import StaffRole

pytestmark = pytest.mark.django_db
SIXTEEN, THIRTY_TWO = b"0" * 16, b"0" * 32
ID = UUID(int=7)

ROWS: Mapping[str, Mapping[str, object]] = {
    **acting.ROWS,
    **archives.ROWS,
    **channels.ROWS,
    **charts.ROWS,
    **convergence.ROWS,
    **directory.ROWS,
    **papers.ROWS,
    **policy.ROWS,
    **ratings.ROWS,
    **documents.ROWS,
    **results.ROWS,
    **simulations.ROWS,
    **status.ROWS,
    **exchange.ROWS,
    **figures.ROWS,
    **registers.ROWS,
    "case": {
        "number": "X",
        "pack": "p",
        "pack_version": "1",
        "pack_digest": "d",
        "channel": "online",
        "stage": "draft",
        "newborns": 0,
        "form_version": 0,
        "started_at": NOW,
        "changed_at": NOW,
        "version": 1,
        "progress": "{}",
        "wrapped_key": b"k",
    },
    "task": {
        "item": "card",
        "newborn": 9,
        "state": "waiting",
        "under_way": False,
        "since": NOW,
        "due_provisional": False,
        "round": 0,
        "correct": "[]",
        "asked": "[]",
        "answered": "[]",
        "version": 0,
        "place": 0,
    },
    "newborn": {"number": 9, "uid": SIXTEEN, "open": True},
    "party": {"role": "grandmother", "person_hash": SIXTEEN},
    "lookup": {"digest": SIXTEEN, "purpose": "name"},
    "birth_record": {
        "institution": "H01",
        "delivery_id": "D",
        "mother_hash": SIXTEEN,
        "source": "desk",
        "entered_by": "x",
        "entered_at": NOW,
        "due_at": NOW,
        "version": 1,
    },
    "certificate": {
        "case_id": ID,
        "newborn": 1,
        "type": "birth",
        "number_hash": SIXTEEN,
        "state": "valid",
        "issued_at": NOW,
    },
    "fetched_certificate": {
        "case_id": ID,
        "role": "mother",
        "type": "id_card",
        "receipt": "r",
        "identifier": "",
        "digest": THIRTY_TWO,
        "media_type": "",
        "fetched_at": NOW,
    },
    "certificate_grant": {
        "case_id": ID,
        "certificate_id": ID,
        "code_hash": SIXTEEN,
        "role": "mother",
        "made_at": NOW,
        "expires_at": later(minutes=30),
        "used_by": "",
    },
    "certificate_retrieval": {"at": NOW, "partner": "p", "what": "data", "shown": True},
    "certificate_ending": {
        "case_id": ID,
        "certificate_id": ID,
        "office": "H01",
        "kind": "revoke",
        "reason": "r",
        "asked_by": "staff:1",
        "asked_at": NOW,
        "settled_by": "",
        "state": "asked",
    },
    "custody": {
        "case_id": ID,
        "newborn": 1,
        "part": "stub",
        "step": 1,
        "mark": "whole",
        "holder": "H01",
        "given_by": "a",
        "taken_by": "b",
        "at": NOW,
        "batch": "",
    },
    "notification": {
        "case_id": ID,
        "to_role": "mother",
        "channel": "sms",
        "template": "t",
        "about": "a",
        "state": "waiting",
        "attempts": 0,
        "not_before": NOW,
        "created_at": NOW,
        "problem": "",
    },
    "pack_version": {
        "code": "p",
        "version": "1",
        "digest": "d",
        "canonical": "{}",
        "in_force_from": NOW.date(),
        "stored_at": NOW,
    },
    "outbox": {
        "destination": "hr-340000",
        "kind": "k",
        "case_id": ID,
        "item": "card",
        "newborn": 1,
        "round": 0,
        "intent": "dispatched",
        "state": "waiting",
        "attempts": 0,
        "not_before": NOW,
        "created_at": NOW,
        "problem": "",
    },
    "inbox": {
        "sender": "hr-340000",
        "message_id": "m",
        "digest": THIRTY_TWO,
        "received_at": NOW,
        "outcome": "received",
        "detail": "",
    },
    "partner": {
        "code": "p",
        "public_key": "-----BEGIN PUBLIC KEY-----",
        "endpoint": "",
        "items": "[]",
        "offices": "[]",
        "active": True,
    },
    "held_decision": {
        "case_id": ID,
        "task_id": ID,
        "by": "clerk:1",
        "task_version": 0,
        "held_at": NOW,
        "due_at": NOW,
        "state": "held",
        "problem": "",
    },
    "verification_receipt": {
        "case_id": ID,
        "register": "hukou",
        "receipt": "r",
        "purpose": "p",
        "basis": "",
        "consent": "",
        "source": "",
        "asked_at": NOW,
    },
    "office": {
        "code": "Z01",
        "kind": "station",
        "title_zh": "所",
        "title_en": "",
        "division": "340103",
        "channel": "desk",
        "phone": "",
        "address": "",
        "active": True,
    },
    "staff": {
        "user_id": 999,
        "office_id": "H01",
        "staff_number": "s",
        "roles": "[]",
        "active": True,
    },
    "person": {"user_id": 999, "id_hash": SIXTEEN, "sealed": b"s", "verified_at": NOW},
    "material": {
        "material": "household_page",
        "kind": "picture",
        "page": 1,
        "source": "window",
        "kept_by": "staff:1",
        "kept_at": NOW,
        "digest": THIRTY_TWO,
    },
    "sighting": {
        "role": "mother",
        "present": True,
        "staff": "staff:1",
        "office": "H01",
        "at": NOW,
    },
    "save_key": {"key": "k", "at": NOW},
    "parcel": {
        "item": "card",
        "newborn": 1,
        "state": "ready",
        "mailed": False,
        "since": NOW,
        "order": 0,
    },
    "journal": {"case_id": ID, "seq": 1, "at": NOW, "actor": "x", "kind": "signed", "body": "{}"},
    "checkpoint": {
        "size": 1,
        "root": THIRTY_TWO,
        "edge": "[]",
        "last_number": 1,
        "origin": "o",
        "signer": "s",
        "signature": b"s",
        "at": NOW,
    },
    "access_log": {
        "at": NOW,
        "staff": "s",
        "office": "o",
        "what": "case",
        "purpose": "p",
        "shown": True,
    },
}
WITHOUT_ID = (
    archives.WITHOUT_ID
    | channels.WITHOUT_ID
    | charts.WITHOUT_ID
    | convergence.WITHOUT_ID
    | papers.WITHOUT_ID
    | policy.WITHOUT_ID
    | exchange.WITHOUT_ID
    | figures.WITHOUT_ID
    | registers.WITHOUT_ID
    | {"lookup", "partner", "office", "journal", "checkpoint", "save_key"}
    | {"status_door", "status_try"}
)
OF_A_CASE = (
    archives.OF_A_CASE
    | papers.OF_A_CASE
    | documents.OF_A_CASE
    | exchange.OF_A_CASE
    | {"task", "newborn", "party", "lookup", "material", "sighting", "save_key"}
    | {"parcel"}
)

TWICE = {
    **acting.TWICE,
    **archives.TWICE,
    **channels.TWICE,
    **charts.TWICE,
    **convergence.TWICE,
    **directory.TWICE,
    **papers.TWICE,
    **policy.TWICE,
    **ratings.TWICE,
    **documents.TWICE,
    **results.TWICE,
    **simulations.TWICE,
    **exchange.TWICE,
    **registers.TWICE,
    "one_case_per_number": ("case", {}),
    "one_task_per_item_and_newborn": ("task", {}),
    "one_open_case_per_newborn": ("newborn", {"number": [8, 9]}),
    "one_newborn_per_number_in_a_case": ("newborn", {"uid": [b"1" * 16, b"2" * 16]}),
    "one_person_per_role": ("party", {"person_hash": [b"1" * 16, b"2" * 16]}),
    "one_role_per_person": ("party", {"role": ["aunt", "uncle"]}),
    "one_record_per_delivery": ("birth_record", {}),
    "one_valid_certificate_per_newborn": ("certificate", {"number_hash": [b"1" * 16, b"2" * 16]}),
    "a_certificate_number_is_used_once": ("certificate", {"newborn": [1, 2]}),
    "an_identifier_is_given_once": (
        "certificate",
        {"identifier": ["i", "i"], "newborn": [1, 2], "number_hash": [b"1" * 16, b"2" * 16]},
    ),
    "a_fetched_certificate_stands_once": ("fetched_certificate", {}),
    "an_authorisation_code_is_given_once": ("certificate_grant", {}),
    "one_ending_of_a_certificate_is_asked": ("certificate_ending", {}),
    "a_part_is_in_one_place": ("custody", {}),
    "nobody_is_told_twice": ("notification", {}),
    "a_pack_version_never_changes": ("pack_version", {"digest": ["a", "b"]}),
    "a_pack_is_stored_once": ("pack_version", {"version": ["1", "2"]}),
    "one_message_per_intent": ("outbox", {}),
    "a_message_is_received_once": ("inbox", {}),
    "one_held_decision_per_task": ("held_decision", {}),
    "a_receipt_is_kept_once": ("verification_receipt", {}),
    "one_picture_per_page": ("material", {}),
    "one_parcel_per_result": ("parcel", {}),
    "one_account_per_staff_number": ("staff", {"user_id": [998, 999]}),
    "one_account_per_person": ("person", {"user_id": [998, 999]}),
}
"""Two rows that differ only in what is listed."""

WRONG = {
    **acting.WRONG,
    **archives.WRONG,
    **channels.WRONG,
    **charts.WRONG,
    **convergence.WRONG,
    **directory.WRONG,
    **papers.WRONG,
    **policy.WRONG,
    **ratings.WRONG,
    **documents.WRONG,
    **results.WRONG,
    **simulations.WRONG,
    **status.WRONG,
    **exchange.WRONG,
    **figures.WRONG,
    **registers.WRONG,
    "a_case_is_at_a_known_stage": ("case", {"stage": "lost"}),
    "a_submitted_case_knows_when": ("case", {"stage": "submitted"}),
    "a_case_counts_its_events_from_one": ("case", {"version": 0}),
    "a_forgotten_case_keeps_no_key": ("case", {"forgotten_at": NOW}),
    "a_task_is_in_a_known_state": ("task", {"state": "lost"}),
    "under_way_follows_from_the_state": ("task", {"state": "accepted"}),
    "an_ended_task_knows_when": ("task", {"state": "completed"}),
    "a_correction_names_its_reason": ("task", {"state": "correction_needed", "under_way": True}),
    "a_task_counts_from_zero": ("task", {"round": -1}),
    "a_task_belongs_to_a_case": ("task", {"case_id": ID}),
    "newborns_are_numbered_from_one": ("newborn", {"number": 0}),
    "a_newborn_belongs_to_a_case": ("newborn", {"case_id": ID}),
    "a_party_belongs_to_a_case": ("party", {"case_id": ID}),
    "a_lookup_leads_to_a_case": ("lookup", {"case_id": ID}),
    "a_delivery_record_has_a_known_source": ("birth_record", {"source": "hearsay"}),
    "a_certificate_is_in_a_known_state": ("certificate", {"state": "lost"}),
    "versions_of_a_certificate_count_from_one": ("certificate", {"version": 0}),
    "a_fetched_certificate_has_its_receipt": ("fetched_certificate", {"receipt": ""}),
    "a_fetched_file_is_of_a_known_kind": ("fetched_certificate", {"media_type": "text/html"}),
    "an_authorisation_code_expires": ("certificate_grant", {"expires_at": NOW}),
    "a_retrieval_says_what_was_asked": ("certificate_retrieval", {"what": "everything"}),
    "a_certificate_is_replaced_or_revoked": ("certificate_ending", {"kind": "burn"}),
    "an_ending_is_in_a_known_state": ("certificate_ending", {"state": "lost"}),
    "a_second_person_ends_a_certificate": (
        "certificate_ending",
        {"state": "done", "settled_by": "staff:1"},
    ),
    "a_part_is_whole_or_cut": ("custody", {"mark": "burnt"}),
    "a_notification_is_in_a_known_state": ("notification", {"state": "lost"}),
    "a_message_is_in_a_known_state": ("outbox", {"state": "lost"}),
    "a_claim_ends_by_itself": ("outbox", {"state": "sending"}),
    "a_partner_shows_a_public_key": ("partner", {"public_key": "-----BEGIN PRIVATE KEY-----"}),
    "a_held_decision_is_in_a_known_state": ("held_decision", {"state": "lost"}),
    "a_register_is_asked_for_a_purpose": ("verification_receipt", {"purpose": ""}),
    "an_office_stands_in_a_division": ("office", {"division": "Hefei"}),
    "an_office_is_reached_by_a_known_channel": ("office", {"channel": "pigeon"}),
    "a_system_office_names_its_participant": ("office", {"channel": "system"}),
    "staff_act_for_a_known_office": ("staff", {"office_id": "nowhere"}),
    "a_material_comes_from_a_known_side": ("material", {"source": "hearsay"}),
    "a_material_is_a_picture_or_an_original": ("material", {"kind": "hearsay"}),
    "pages_of_a_material_count_from_one": ("material", {"page": 0}),
    "a_removed_material_keeps_no_picture": ("material", {"removed_at": NOW, "sealed": b"s"}),
    "a_material_belongs_to_a_case": ("material", {"case_id": ID}),
    "somebody_vouches_for_a_sighting": ("sighting", {"staff": ""}),
    "a_sighting_belongs_to_a_case": ("sighting", {"case_id": ID}),
    "a_save_belongs_to_a_case": ("save_key", {"case_id": ID}),
    "a_parcel_is_in_a_known_state": ("parcel", {"state": "lost"}),
    "a_parcel_belongs_to_a_case": ("parcel", {"case_id": ID}),
    "entries_of_a_case_count_from_one": ("journal", {"seq": 0}),
    "an_actor_is_an_opaque_identifier": ("journal", {"actor": "王芳"}),
    "an_event_kind_is_one_word": ("journal", {"kind": "Signed it"}),
    "an_entry_names_its_task_wholly": ("journal", {"item": "card"}),
    "an_entry_is_a_json_object": ("journal", {"body": "[]"}),
    "a_checkpoint_covers_something": ("checkpoint", {"size": 0}),
    "nobody_reads_without_a_purpose": ("access_log", {"purpose": ""}),
}
"""One row that is right but for what is listed."""

# Broken elsewhere, because they need more than a row.
ELSEWHERE = {
    "the_journal_has_no_gaps": "test_journal",
    "what_is_recorded_stays_recorded": "test_journal",
    "a_changed_task_exists": "here",
}
# Made by Django for the one-to-one fields of a user's row.
OF_DJANGO = ("_user_id_key",)


def insert(table: str, values: Mapping[str, object]) -> None:
    row = {**ROWS[table], **values}
    if table not in WITHOUT_ID:
        row.setdefault("id", new_id())
    names = ", ".join(f'"{name}"' for name in row)
    marks = ", ".join(["%s"] * len(row))
    with connection.cursor() as cursor:
        cursor.execute(f'INSERT INTO "{table}" ({names}) VALUES ({marks})', list(row.values()))


def broken(table: str, *rows: Mapping[str, object]) -> str | None:
    """The rule that the last of the rows breaks."""
    given = [dict(row) for row in rows]
    if table in OF_A_CASE:
        (loaded,) = saved(submitted())
        for row in given:
            row.setdefault("case_id", loaded.id)
    if table in archives.OF_A_PACKAGE:
        (loaded,) = saved(submitted())
        package = new_id()
        insert("archive_package", {"id": package, "case_id": loaded.id})
        for number, batch in enumerate((archives.BATCH, archives.BATCH_TOO)):
            insert("archive_batch", {"id": batch, "number": str(number)})
        for row in given:
            row.setdefault("package_id", package)
    *right, last = given
    for row in right:
        insert(table, row)
    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        insert(table, last)
    return refused.value.__cause__.diag.constraint_name


@pytest.mark.usefixtures("offices")
@pytest.mark.parametrize("rule", TWICE)
def test_what_may_be_once_is_refused_the_second_time(rule: str) -> None:
    table, differing = TWICE[rule]
    first = {name: values[0] for name, values in differing.items()}
    second = {name: values[1] for name, values in differing.items()}
    assert broken(table, first, second) == rule


@pytest.mark.usefixtures("offices")
@pytest.mark.parametrize("rule", WRONG)
def test_a_wrong_row_is_refused_by_the_rule_it_breaks(rule: str) -> None:
    table, wrong = WRONG[rule]
    assert broken(table, wrong) == rule


def test_a_change_of_a_task_that_does_not_exist_is_refused() -> None:
    (loaded,) = saved(submitted())
    rows = json.dumps([{"id": str(ID), "case_id": str(loaded.id), "state": "waiting"}])
    with (
        pytest.raises(IntegrityError) as refused,
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        nothing = ", ".join(["NULL"] * 8)
        cursor.execute(f"SELECT save_cases(NULL, NULL, NULL, %s::json, {nothing})", [rows])
    assert refused.value.__cause__.diag.constraint_name == "a_changed_task_exists"


def test_every_named_rule_of_the_database_is_broken_above() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.conname FROM pg_constraint c JOIN pg_class t ON t.oid = c.conrelid"
            " JOIN django_content_type y ON y.app_label = 'records'"
            " WHERE c.contype IN ('c', 'u', 'f') AND t.relname = ANY (%s)"
            " UNION SELECT i.relname FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid"
            " JOIN pg_class t ON t.oid = x.indrelid"
            " WHERE x.indisunique AND NOT x.indisprimary AND t.relname = ANY (%s)",
            [list(ROWS), list(ROWS)],
        )
        rules = {name for (name,) in cursor.fetchall() if not name.endswith(OF_DJANGO)}
    assert rules == {*TWICE, *WRONG}
    assert {f"{rule}" for rule in ELSEWHERE}.isdisjoint(rules)


def test_every_table_of_ours_has_a_row_above() -> None:
    from django.apps import apps

    tables = {model._meta.db_table for model in apps.get_app_config("records").get_models()}
    assert tables - set(ROWS) == {"journal_leaf", "spent_nonce", "refused_request"}


def test_rows_print_as_table_and_key_only(offices: None) -> None:
    user = User.objects.create(username="staff-1")
    people.appoint(by=user, office="H01", staff_number="1", roles=[StaffRole.CLERK], name="陈静")
    from yijian.records.models import Staff

    assert str(Staff.objects.get()).startswith("staff ")
    assert "陈静" not in repr(Staff.objects.get())


def test_a_worklist_index_is_left_alone_while_a_task_moves() -> None:
    """Steps between the first and the last stay heap-only updates, which cost least."""

    def updates() -> tuple[int, int]:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_stat_get_xact_tuples_updated(oid),"
                " pg_stat_get_xact_tuples_hot_updated(oid) FROM pg_class WHERE relname = 'task'"
            )
            all_of_them, hot = cursor.fetchone()
            return all_of_them, hot

    (loaded,) = saved(submitted())
    before = updates()
    decide([loaded.id], ("certificate", 1), TaskState.ACCEPTED, now=later(hours=1))
    decide([loaded.id], ("certificate", 1), TaskState.IN_REVIEW, now=later(hours=2))
    after = updates()
    assert (after[0] - before[0], after[1] - before[1]) == (2, 2)

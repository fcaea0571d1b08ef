"""What offices report takes effect once, in order, for their own tasks only."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.api.conftest import (
    CARD,
    ENROLMENT,
    FAMILIES,
    Door,
    card_of,
    feedback,
    keep_family,
    state_of,
)
from yijian.records import journal
from yijian.records.identifiers import task_id
from yijian.records.mapping import LoadedCase

REASON = {"code": "photo_unclear", "text": "照片看不清，请重新选择"}


def outcome(answer: Any) -> str:
    assert answer.status_code == 200, answer.content
    return str(answer.json()["outcome"])


def test_a_feedback_moves_the_task_and_is_journalled(family: LoadedCase, hr: Door) -> None:
    before = len(journal.entries_of(family.id))
    assert outcome(hr.post("/feedback", feedback(card_of(family)))) == "applied"
    assert state_of(family) == "accepted"
    (entry,) = journal.entries_of(family.id)[before:]
    assert entry.actor == "partner:hr-340000"


def test_a_repeated_feedback_changes_nothing(family: LoadedCase, hr: Door) -> None:
    said = feedback(card_of(family))
    hr.post("/feedback", said)
    entries = len(journal.entries_of(family.id))
    assert outcome(hr.post("/feedback", said)) == "duplicate"
    assert len(journal.entries_of(family.id)) == entries


def test_an_id_used_for_another_report_is_a_conflict(family: LoadedCase, hr: Door) -> None:
    said = feedback(card_of(family))
    hr.post("/feedback", said)
    answer = hr.post("/feedback", said | {"state": "rejected", "reason": REASON})
    assert answer.status_code == 409 and answer.json()["error"] == "contradicts_earlier"
    assert state_of(family) == "accepted"


def test_an_older_state_is_late(family: LoadedCase, hr: Door) -> None:
    for state, expected in (("in_review", "applied"), ("accepted", "late")):
        assert outcome(hr.post("/feedback", feedback(card_of(family), state))) == expected
    assert state_of(family) == "in_review"


def test_a_refusal_without_a_reason_is_refused_with_its_code(family: LoadedCase, hr: Door) -> None:
    answer = hr.post("/feedback", feedback(card_of(family), "declined"))
    assert outcome(answer) == "refused" and answer.json()["message"] == "reason_missing"
    assert state_of(family) == "queued"


def test_a_correction_names_fields_of_the_form(family: LoadedCase, hr: Door) -> None:
    wrong = feedback(card_of(family), "correction_needed", reason=REASON, fields=["no_such_field"])
    answer = hr.post("/feedback", wrong)
    assert outcome(answer) == "refused" and "no_such_field" in answer.json()["message"]
    right = feedback(card_of(family), "correction_needed", reason=REASON, fields=["card_bank"])
    assert outcome(hr.post("/feedback", right)) == "applied"
    assert state_of(family) == "correction_needed"


def test_an_office_cannot_speak_about_the_task_of_another(
    family: LoadedCase, hr: Door, insurance: Door
) -> None:
    answers = [
        hr.post("/feedback", feedback(task_id(family.case.id, ENROLMENT))),
        hr.post("/feedback", feedback(uuid.uuid4())),
        insurance.post("/feedback", feedback(card_of(family))),
    ]
    assert [outcome(answer) for answer in answers] == ["refused"] * 3
    assert {answer.json()["message"] for answer in answers} == {"unknown_task"}
    assert state_of(family) == "queued" and state_of(family, ENROLMENT) == "queued"


def test_a_batch_has_one_outcome_for_each_in_its_order(node: None, hr: Door) -> None:
    families = [keep_family(name) for name in FAMILIES[:3]]
    batch = [feedback(card_of(family)) for family in families]
    batch[1] |= {"state": "rejected"}
    batch.append(batch[0])
    answer = hr.post("/feedback/batch", {"feedback": batch})
    assert answer.status_code == 200
    outcomes = answer.json()["outcomes"]
    assert [o["outcome"] for o in outcomes] == ["applied", "refused", "applied", "duplicate"]
    assert [o["feedback_id"] for o in outcomes] == [said["feedback_id"] for said in batch]
    assert [state_of(family) for family in families] == ["accepted", "queued", "accepted"]


def test_steps_of_one_task_in_one_batch_follow_each_other(family: LoadedCase, hr: Door) -> None:
    states = ["accepted", "in_review", "approved"]
    batch = [feedback(card_of(family), state) for state in states]
    answer = hr.post("/feedback/batch", {"feedback": batch})
    assert [o["outcome"] for o in answer.json()["outcomes"]] == ["applied"] * 3
    assert state_of(family) == "approved"


def test_a_batch_of_500_is_one_transaction_of_few_statements(
    node: None, hr: Door, family: LoadedCase
) -> None:
    batch = [feedback(uuid.uuid4()) for _ in range(499)] + [feedback(card_of(family))]
    with CaptureQueriesContext(connection) as seen:
        answer = hr.post("/feedback/batch", {"feedback": batch})
    assert [o["outcome"] for o in answer.json()["outcomes"]].count("applied") == 1
    assert len(seen) < 30


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("at", "2026-11-21T10:00:00"), ("at", 1_790_000_000), ("at", "yesterday"), ("at", None),
        ("task_id", "1"), ("task_id", 5), ("round", "0"), ("round", -1), ("round", True),
        ("round", 1.0), ("state", "waiting"), ("state", "not_needed"), ("state", ["accepted"]),
        ("feedback_id", ""), ("feedback_id", "a b"), ("feedback_id", "x" * 101),
        ("feedback_id", "编号"), ("reason", "because"), ("reason", {"code": "A"}),
        ("reason", {"code": "a", "text": "长" * 501}), ("reason", {"code": "a", "html": "<b>"}),
        ("fields", "card_bank"), ("fields", ["card_bank"] * 51), ("fields", [1]),
        ("result", []), ("result", {"a": {"b": 1}}), ("result", {"A": 1}),
        ("result", {f"a{n}": 1 for n in range(51)}), ("result", {"a": "x" * 501}),
        ("result", {"a": 1.5}), ("surprise", 1),
    ],
)  # fmt: skip
def test_a_wrong_field_is_named_and_nothing_happens(
    family: LoadedCase, hr: Door, field: str, value: object
) -> None:
    answer = hr.post("/feedback", feedback(card_of(family)) | {field: value})
    assert answer.status_code == 422, answer.content
    body = answer.json()
    assert body["error"] == "wrong_fields"
    assert all(fault["field"].split(".")[0] == field for fault in body["fields"]), body
    assert all(fault["message"] and fault["message_en"] for fault in body["fields"])
    assert state_of(family) == "queued"


def test_a_fault_inside_a_batch_names_its_place(family: LoadedCase, hr: Door) -> None:
    batch = [feedback(card_of(family)), feedback(card_of(family), "closed")]
    answer = hr.post("/feedback/batch", {"feedback": batch})
    assert answer.status_code == 422
    assert [fault["field"] for fault in answer.json()["fields"]] == ["feedback.1.state"]
    assert state_of(family) == "queued"


@pytest.mark.parametrize("count", [0, 501])
def test_a_batch_has_between_one_and_500(family: LoadedCase, hr: Door, count: int) -> None:
    batch = [feedback(card_of(family)) for _ in range(count)]
    answer = hr.post("/feedback/batch", {"feedback": batch})
    assert answer.status_code == 422
    assert answer.json()["fields"][0]["field"] == "feedback"


def test_hostile_words_are_kept_as_words(
    family: LoadedCase, hr: Door, django_assert_num_queries: Callable[..., Any]
) -> None:
    text = "<img src=x>'; DROP TABLE task; -- {{7*7}} ${x} \u202e 王\U00020000"
    said = feedback(card_of(family), "declined", reason={"code": "a", "text": text})
    assert outcome(hr.post("/feedback", said)) == "applied"
    from yijian.records import cases

    (kept,) = cases.read(ids=[family.id])
    assert kept.case.reasons[CARD] == text

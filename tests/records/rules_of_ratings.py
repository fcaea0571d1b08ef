"""Rows of ratings, work orders, questionnaires and issues, and how each rule is broken once."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from uuid import UUID

from tests.records.families import NOW

ID = UUID(int=7)
SIXTEEN = b"0" * 16

ROWS: Mapping[str, Mapping[str, object]] = {
    "rating": {
        "case_id": ID,
        "item": "card",
        "newborn": 1,
        "office": "H01",
        "division": "340104",
        "channel": "mobile",
        "level": 5,
        "reasons": "[]",
        "dimensions": "{}",
        "rated_at": NOW,
        "excluded": False,
    },
    "work_order": {
        "number": "2026112100000001",
        "kind": "complaint",
        "state": "new",
        "channel": "mobile",
        "rating_id": ID,
        "item": "",
        "newborn": 0,
        "about": "",
        "handler": "",
        "division": "",
        "clause": "",
        "reasons": "[]",
        "named": False,
        "opened_at": NOW,
        "assign_due_at": NOW,
        "due_at": NOW,
        "extended": False,
        "rounds": 0,
        "finding": "",
        "outcome": "",
        "version": 1,
        "sealed": b"s",
    },
    "work_order_step": {
        "order_id": ID,
        "seq": 1,
        "at": NOW,
        "by": "staff:1",
        "step": "assign",
        "before": "new",
        "after": "assigned",
        "office": "H01",
    },
    "questionnaire": {
        "title_zh": "问卷",
        "title_en": "",
        "opens_on": date(2026, 11, 1),
        "closes_on": date(2026, 11, 30),
        "questions": "[]",
        "made_by": "staff:1",
        "made_at": NOW,
    },
    "questionnaire_count": {"questionnaire_id": ID, "question": 0, "answer": 0, "count": 1},
    "questionnaire_taken": {"questionnaire_id": ID, "taker_hash": SIXTEEN},
    "issue": {
        "title": "t",
        "problem": "p",
        "owner": "o",
        "due_on": date(2026, 12, 1),
        "state": "open",
        "decision": "",
        "done": "",
        "opened_by": "staff:1",
        "opened_at": NOW,
    },
}
TWICE: Mapping[str, tuple[str, Mapping[str, list[object]]]] = {
    "one_rating_of_each_thing": ("rating", {}),
    "one_order_per_order_number": ("work_order", {"rating_id": [ID, UUID(int=8)]}),
    "a_bad_rating_opens_one_order": ("work_order", {"number": ["1", "2"]}),
    "the_steps_of_an_order_stand_in_a_row": ("work_order_step", {}),
    "one_count_per_answer_of_a_questionnaire": ("questionnaire_count", {}),
    "a_questionnaire_is_answered_once": ("questionnaire_taken", {}),
}
WRONG: Mapping[str, tuple[str, Mapping[str, object]]] = {
    "a_rating_has_one_of_five_grades": ("rating", {"level": 6}),
    "only_a_bad_rating_is_given_again": ("rating", {"level": 2, "again_level": 1}),
    "an_order_is_in_a_known_state": ("work_order", {"state": "lost"}),
    "an_order_is_of_a_known_kind": ("work_order", {"kind": "rumour"}),
    "an_assigned_order_has_a_handler": ("work_order", {"state": "assigned"}),
    "an_order_is_answered_before_it_is_closed": (
        "work_order",
        {"state": "closed", "closed_at": NOW},
    ),
    "a_bad_rating_is_called_back_before_it_is_closed": (
        "work_order",
        {"kind": "bad_rating", "state": "closed", "closed_at": NOW, "answered_at": NOW},
    ),
    "a_questionnaire_closes_after_it_opens": (
        "questionnaire",
        {"closes_on": date(2026, 10, 1)},
    ),
    "an_issue_is_in_a_known_state": ("issue", {"state": "lost", "decision": "d"}),
    "a_settled_issue_has_a_decision": ("issue", {"state": "decided"}),
}

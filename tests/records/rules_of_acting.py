"""Rows of what operators decide and tell, and how each rule about them is broken once."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from uuid import UUID

from tests.records.families import NOW

TASK = UUID(int=7)

ROWS: Mapping[str, Mapping[str, object]] = {
    "urging": {
        "case_id": UUID(int=6),
        "task_id": TASK,
        "item": "hukou_registration",
        "office": "P01",
        "division": "340103",
        "why": "limit_80",
        "due_at": NOW,
        "roles": '["clerk"]',
        "at": NOW,
        "day": date(2026, 11, 20),
        "by": "system",
    },
    "duty": {
        "office": "",
        "division": "3401",
        "sealed": b"sealed",
        "public": False,
        "starts_on": date(2026, 12, 1),
        "made_by": "staff:1",
        "made_at": NOW,
        "ended_by": "",
    },
    "outage": {
        "division": "3401",
        "office": "",
        "item": "",
        "starts_at": NOW,
        "words_zh": "系统维护",
        "words_en": "",
        "texting": False,
        "state": "draft",
        "made_by": "staff:1",
        "made_at": NOW,
        "shown_by": "",
        "ended_by": "",
        "texts": 0,
    },
    "reminder_look": {"case_id": UUID(int=6), "at": NOW},
    "reminder_cursor": {"id": 1, "number": 0},
    "calendar_year": {
        "year": 2027,
        "notice": "国办发明电〔2026〕7号",
        "off": "[]",
        "worked": "[]",
        "proposed_by": "staff:1",
        "decided_by": "staff:2",
        "made_at": NOW,
        "moved": 0,
    },
}

TWICE: Mapping[str, tuple[str, Mapping[str, list[object]]]] = {
    "an_office_is_told_once_of_a_deadline": ("urging", {}),
    "nobody_is_urged_twice_a_day": ("urging", {"why": ["urged", "urged"]}),
}

WRONG: Mapping[str, tuple[str, Mapping[str, object]]] = {
    "one_reader_of_reminders": ("reminder_cursor", {"id": 2}),
    "an_urging_says_why": ("urging", {"why": "bored"}),
    "an_urging_says_by_whom": ("urging", {"by": "王芳"}),
    "a_duty_ends_after_it_begins": ("duty", {"ends_on": date(2026, 11, 30)}),
    "a_duty_is_about_one_scope": ("duty", {"office": "P01"}),
    "a_duty_is_at_a_known_place": ("duty", {"division": "合肥"}),
    "whoever_makes_a_roster_is_opaque": ("duty", {"made_by": "王芳"}),
    "an_outage_is_in_a_known_state": ("outage", {"state": "lost"}),
    "an_outage_ends_after_it_begins": ("outage", {"ends_at": NOW - timedelta(hours=1)}),
    "a_shown_outage_knows_when": ("outage", {"state": "shown"}),
    "two_persons_text_families": ("outage", {"texting": True, "shown_by": "staff:1"}),
    "an_outage_is_about_one_scope": ("outage", {"office": "P01"}),
    "an_outage_is_at_a_known_place": ("outage", {"division": "34010"}),
    "an_outage_has_words": ("outage", {"words_zh": ""}),
    "two_persons_decide_a_calendar_year": ("calendar_year", {"decided_by": "staff:1"}),
    "a_calendar_year_names_its_notice": ("calendar_year", {"notice": ""}),
    "a_calendar_year_is_of_our_time": ("calendar_year", {"year": 1927}),
}

"""Rows of shared registers, and how each rule about them is broken once."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from uuid import UUID

from tests.records.families import NOW

ID = UUID(int=7)
DIGEST = b"0" * 32

ROWS: Mapping[str, Mapping[str, object]] = {
    "register_right": {
        "partner": "node-340000",
        "register": "delivery",
        "purposes": "[]",
        "consent": True,
        "fields": "[]",
        "begins_at": NOW,
        "daily_budget": 1,
        "granted_by": "operator:x",
        "granted_at": NOW,
        "ended_by": "",
    },
    "register_question": {
        "at": NOW,
        "partner": "node-340000",
        "register": "delivery",
        "purpose": "p",
        "consent": "",
        "question_digest": DIGEST,
        "outcome": "asked",
        "reason": "",
    },
    "register_use": {"partner": "p", "register": "delivery", "day": NOW.date(), "asked": 1},
    "register_route": {
        "register": "delivery",
        "place": "34",
        "kind": "yijian",
        "target": "node-340000",
        "secret": "",
        "options": "{}",
        "position": 1,
        "at_once": False,
        "begins_on": NOW.date(),
        "made_by": "operator:x",
        "made_at": NOW,
    },
    "vain_question": {
        "case_id": ID,
        "register": "delivery",
        "provider": "node-340000",
        "receipt": "r",
        "at": NOW,
    },
}

TWICE: Mapping[str, tuple[str, Mapping[str, list[object]]]] = {
    "one_right_of_a_partner_per_register": ("register_right", {}),
    "one_open_route_to_a_provider": ("register_route", {}),
    "a_vain_question_is_kept_once": ("vain_question", {}),
}

WRONG: Mapping[str, tuple[str, Mapping[str, object]]] = {
    "a_right_has_a_daily_budget": ("register_right", {"daily_budget": 0}),
    "a_right_ends_after_it_begins": ("register_right", {"ends_at": NOW}),
    "whoever_ends_a_right_is_named": ("register_right", {"ended_at": NOW}),
    "a_question_ends_in_a_known_way": ("register_question", {"outcome": "eaten"}),
    "what_was_told_is_weighed": ("register_question", {"outcome": "found"}),
    "a_refused_question_says_why": ("register_question", {"outcome": "refused"}),
    "a_provider_is_of_a_known_kind": ("register_route", {"kind": "pigeon"}),
    "a_route_is_for_a_place_or_anywhere": ("register_route", {"place": "3"}),
    "a_route_ends_after_it_begins": (
        "register_route",
        {"ends_on": NOW.date() - timedelta(days=1)},
    ),
}

WITHOUT_ID = {"register_use"}

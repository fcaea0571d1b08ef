"""Rows of what administrators decide, and how each rule about them is broken once."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from tests.records.families import NOW

ROWS: Mapping[str, Mapping[str, object]] = {
    "proposal": {
        "kind": "partner",
        "subject": "partner:x",
        "payload": "{}",
        "digest": b"0" * 32,
        "proposed_by": "staff:1",
        "office": "H01",
        "proposed_at": NOW,
        "state": "open",
        "decided_by": "",
    },
    "administration": {
        "at": NOW,
        "by": "staff:1",
        "office": "",
        "what": "partner_added",
        "subject": "",
        "details": "{}",
    },
    "office_change": {
        "code": "H01",
        "starts_on": date(2026, 12, 1),
        "ends": False,
        "successor": "",
        "values": "{}",
        "decided_by": "staff:2",
        "proposed_by": "staff:1",
        "made_at": NOW,
    },
}

TWICE: Mapping[str, tuple[str, Mapping[str, list[object]]]] = {
    "one_open_proposal_about_the_same": ("proposal", {}),
    "one_change_of_an_office_waits": ("office_change", {}),
}

WRONG: Mapping[str, tuple[str, Mapping[str, object]]] = {
    "a_proposal_is_in_a_known_state": (
        "proposal",
        {"state": "lost", "decided_by": "staff:2", "decided_at": NOW},
    ),
    "two_persons_decide_a_proposal": (
        "proposal",
        {"state": "accepted", "decided_by": "staff:1", "decided_at": NOW},
    ),
    "a_decided_proposal_says_by_whom": ("proposal", {"state": "accepted"}),
    "a_proposer_is_an_opaque_identifier": ("proposal", {"proposed_by": "王芳"}),
    "an_administrator_is_an_opaque_identifier": ("administration", {"by": "王芳"}),
    "an_administrative_act_is_one_word": ("administration", {"what": "Did it"}),
    "two_persons_change_an_office": ("office_change", {"decided_by": "staff:1"}),
    "only_an_ended_office_is_succeeded": ("office_change", {"successor": "H02"}),
    "tasks_follow_a_change_that_was_made": ("office_change", {"followed_at": NOW}),
    "an_office_ends_after_it_begins": (
        "office",
        {"begins_on": date(2026, 12, 1), "ends_on": date(2026, 12, 1)},
    ),
    "an_administrator_is_nothing_else": ("staff", {"roles": '["system_admin", "clerk"]'}),
    "whoever_audits_handles_nothing": ("staff", {"roles": '["auditor", "clerk"]'}),
}

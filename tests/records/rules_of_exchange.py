"""Rows of the exchange between nodes, and how each rule about them is broken once."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from tests.records.families import NOW

ID = UUID(int=7)

ROWS: Mapping[str, Mapping[str, object]] = {
    "dead_letter": {
        "message_id": ID,
        "direction": "out",
        "partner": "hr-340000",
        "kind": "k",
        "owner": "",
        "problem": "refused",
        "parked_at": NOW,
        "due_at": NOW,
        "state": "open",
        "settled_by": "",
    },
    "link": {"partner": "hr-340000", "failures": 0, "reason": ""},
}
WITHOUT_ID = {"link"}
OF_A_CASE: set[str] = set()
TWICE = {"one_open_dead_letter_per_message": ("dead_letter", {})}
WRONG: Mapping[str, tuple[str, Mapping[str, object]]] = {
    "a_dead_letter_goes_out_or_in": ("dead_letter", {"direction": "up"}),
    "a_dead_letter_is_in_a_known_state": ("dead_letter", {"state": "lost"}),
    "a_settled_dead_letter_names_who": ("dead_letter", {"state": "handed_over"}),
    "whoever_gives_up_says_why": (
        "dead_letter",
        {"state": "given_up", "settled_by": "staff:1", "settled_at": NOW},
    ),
    "a_failing_link_says_since_when": ("link", {"failures": 1}),
    "a_received_message_is_in_a_known_state": ("inbox", {"state": "lost"}),
    "a_parked_message_is_kept_whole": ("inbox", {"state": "parked"}),
    "a_partner_is_of_a_known_kind": ("partner", {"kind": "stranger"}),
}

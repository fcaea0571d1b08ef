"""Rows of channel rules and carried packages, and how each rule about them is broken once."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from uuid import UUID

from tests.records.families import NOW

ID = UUID(int=7)
TODAY = date(2026, 11, 21)

ROWS: Mapping[str, Mapping[str, object]] = {
    "channel_rule": {
        "office": "H01",
        "division": "",
        "kind": "",
        "item": "",
        "channel": "desk",
        "starts_on": TODAY,
        "everything": False,
        "everything_back": False,
        "made_by": "operator:x",
        "made_at": NOW,
        "ended_by": "",
    },
    "file_participant": {
        "code": "clinic",
        "sealing_key": "",
        "changed_by": "operator:x",
        "changed_at": NOW,
    },
    "file_package": {
        "participant": "clinic",
        "sequence": 1,
        "day": TODAY,
        "made_at": NOW,
        "made_by": "system",
        "digest": b"0" * 32,
        "size": 1,
        "messages": 1,
        "sealed_to": "",
        "fetched_by": "",
    },
    "file_package_line": {"package_id": ID, "place": 0, "message_id": ID},
    "result_package": {
        "participant": "clinic",
        "name": "1",
        "digest": b"0" * 32,
        "taken_at": NOW,
        "taken_by": "staff:1",
        "signed": False,
        "lines": 1,
        "applied": 1,
        "repeated": 0,
        "refused": 0,
        "errors": "[]",
    },
}

TWICE: Mapping[str, tuple[str, Mapping[str, list[object]]]] = {
    "one_open_rule_for_the_same": ("channel_rule", {}),
    "a_package_number_is_used_once": ("file_package", {}),
    "a_message_is_packed_once": ("file_package_line", {"place": [1, 2]}),
    "a_result_package_is_taken_once": ("result_package", {}),
}

WRONG: Mapping[str, tuple[str, Mapping[str, object]]] = {
    "a_rule_names_a_known_channel": ("channel_rule", {"channel": "pigeon", "participant": "p"}),
    "only_a_desk_needs_no_participant": ("channel_rule", {"channel": "system"}),
    "a_rule_is_about_an_office_or_a_place": ("channel_rule", {"division": "34"}),
    "a_rule_stands_in_a_division": ("channel_rule", {"office": "", "division": "3"}),
    "a_rule_ends_after_it_begins": ("channel_rule", {"ends_on": TODAY - timedelta(days=1)}),
    "a_file_package_holds_something": ("file_package", {"messages": 0}),
    "who_fetched_a_package_is_known": ("file_package", {"fetched_at": NOW}),
}

WITHOUT_ID = {"file_participant", "file_package_line"}

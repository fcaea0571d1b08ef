"""Rows of the archive, and how each rule about them is broken once."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from tests.records.families import NOW

ID, BATCH, BATCH_TOO = UUID(int=7), UUID(int=8), UUID(int=9)

ROWS: Mapping[str, Mapping[str, object]] = {
    "archive_package": {
        "case_number": "34010320261120J000001X",
        "scope": "item",
        "item": "certificate",
        "newborn": 1,
        "outcome": "completed",
        "state": "waiting",
        "upto": 1,
        "ended_at": NOW,
        "fonds": "H01",
        "year": 2026,
        "retention": "Y",
        "topic": "certificate",
        "not_before": NOW,
        "attempts": 0,
        "problem": "",
        "name": "",
        "size": 0,
    },
    "archive_lookup": {"digest": b"0" * 16},
    "archive_batch": {
        "number": "YJ2026112000000001",
        "way": "sent",
        "state": "waiting",
        "created_by": "staff:1",
        "created_at": NOW,
        "count": 1,
        "not_before": NOW,
        "attempts": 0,
        "problem": "",
        "receipt": "",
    },
    "archive_batch_line": {"place": 1, "state": "waiting", "problem": ""},
    "archive_disposal": {
        "reason": "over",
        "proposed_by": "staff:1",
        "proposed_at": NOW,
        "verdict": "",
        "decided_by": "",
    },
    "journal_tile": {"level": 1, "place": 0, "hash": b"0" * 32},
}
WITHOUT_ID = frozenset({"archive_lookup", "archive_batch_line", "journal_tile"})
OF_A_CASE = frozenset({"archive_package"})
OF_A_PACKAGE = frozenset({"archive_lookup", "archive_batch_line", "archive_disposal"})

TWICE: Mapping[str, tuple[str, Mapping[str, list[object]]]] = {
    "one_package_per_item_and_newborn": ("archive_package", {}),
    "an_archive_number_is_used_once": (
        "archive_package",
        {"serial": [1, 1], "newborn": [1, 2]},
    ),
    "one_archive_batch_per_number": ("archive_batch", {}),
    "a_package_is_handed_over_once": ("archive_batch_line", {"batch_id": [BATCH, BATCH_TOO]}),
    "one_open_disposal": ("archive_disposal", {}),
}

WRONG: Mapping[str, tuple[str, Mapping[str, object]]] = {
    "a_package_is_in_a_known_state": ("archive_package", {"state": "lost"}),
    "a_package_is_of_an_item_or_a_case": ("archive_package", {"scope": "case"}),
    "a_kept_package_is_whole": ("archive_package", {"state": "kept"}),
    "a_destroyed_package_is_gone": ("archive_package", {"state": "destroyed", "sealed": b"s"}),
    "a_package_belongs_to_a_case": ("archive_package", {"case_id": ID}),
    "an_archive_batch_goes_a_known_way": ("archive_batch", {"way": "flown"}),
    "an_archive_batch_is_in_a_known_state": ("archive_batch", {"state": "lost"}),
    "an_answered_batch_has_a_receipt": ("archive_batch", {"state": "received"}),
    "an_archive_line_is_in_a_known_state": (
        "archive_batch_line",
        {"batch_id": BATCH, "state": "lost"},
    ),
    "an_archive_line_belongs_to_a_batch": ("archive_batch_line", {"batch_id": ID}),
    "an_archive_line_names_a_package": (
        "archive_batch_line",
        {"batch_id": BATCH, "package_id": ID},
    ),
    "a_lookup_leads_to_a_package": ("archive_lookup", {"package_id": ID}),
    "a_disposal_names_a_package": ("archive_disposal", {"package_id": ID}),
    "a_disposal_takes_two": (
        "archive_disposal",
        {"verdict": "kept", "decided_by": "staff:1", "decided_at": NOW},
    ),
    "a_disposal_has_a_reason": ("archive_disposal", {"reason": ""}),
    "a_verdict_has_its_second_person": ("archive_disposal", {"verdict": "destroyed"}),
}
"""One row that is right but for what is listed."""

"""Rows of the policy workshop, and how each rule about them is broken once."""

from __future__ import annotations

from collections.abc import Mapping

from tests.records.families import NOW

ROWS: Mapping[str, Mapping[str, object]] = {
    "pack_draft": {
        "code": "p",
        "based_on": "1",
        "title": "",
        "files": "{}",
        "digest": "d",
        "state": "draft",
        "lock": 1,
        "authors": '["staff:1"]',
        "note": "",
        "opened_at": NOW,
        "changed_at": NOW,
        "submitted_by": "",
        "approver": "",
        "version_published": "",
    },
    "pack_source": {
        "code": "p",
        "version": "1",
        "digest": "d",
        "files": "{}",
        "origin": "folder",
        "kept_at": NOW,
    },
    "pack_result": {"key": "0" * 64, "kind": "tree", "value": b"{}", "kept_at": NOW},
    "policy_log": {
        "at": NOW,
        "actor": "staff:1",
        "what": "saved",
        "code": "p",
        "version": "",
        "digest": "",
        "note": "",
    },
}
PUBLISHED = {
    "state": "published",
    "approver": "staff:2",
    "decided_at": NOW,
    "in_force_from": NOW.date(),
    "version_published": "2",
}
TWICE: Mapping[str, tuple[str, Mapping[str, list[object]]]] = {
    "a_version_comes_from_one_draft": (
        "pack_draft",
        {name: [value, value] for name, value in PUBLISHED.items()},
    ),
    "a_version_has_one_source": ("pack_source", {"digest": ["d", "e"]}),
}
WRONG: Mapping[str, tuple[str, Mapping[str, object]]] = {
    "a_draft_is_in_a_known_state": ("pack_draft", {"state": "lost"}),
    "a_published_draft_says_by_whom_and_from_when": (
        "pack_draft",
        {**PUBLISHED, "approver": ""},
    ),
    "nobody_approves_an_own_draft": ("pack_draft", {**PUBLISHED, "approver": "staff:1"}),
    "a_draft_counts_its_changes": ("pack_draft", {"lock": 0}),
    "a_source_is_of_the_folder_or_the_workshop": ("pack_source", {"origin": "hearsay"}),
    "somebody_did_what_the_policy_log_says": ("policy_log", {"actor": "周敏"}),
    "a_result_is_kept_under_a_digest": ("pack_result", {"key": "short"}),
    "the_policy_log_says_what_was_done": ("policy_log", {"what": "Did it"}),
}
WITHOUT_ID = {"pack_result"}

"""Rows of what pairs agree on and of witnessed roots, and how each rule about them is broken."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from tests.records.families import NOW

ID = UUID(int=7)
ROOT, SIGNED = b"0" * 32, b"0" * 64

ROWS: Mapping[str, Mapping[str, object]] = {
    "shared_task": {
        "partner": "P",
        "side": "sent",
        "task_id": ID,
        "case_id": ID,
        "round": 0,
        "state": "queued",
        "result": "",
        "answered": 0,
        "changed_at": NOW,
    },
    "parity_run": {
        "partner": "P",
        "side": "sent",
        "at": NOW,
        "ended_at": NOW,
        "buckets": 0,
        "compared": 0,
        "same": 0,
        "healed": 0,
        "waiting": 0,
        "open": 0,
        "problem": "",
    },
    "disagreement": {
        "partner": "P",
        "side": "sent",
        "kind": "conflict",
        "case_number": "",
        "item": "",
        "ours": "",
        "theirs": "",
        "owner": "H01",
        "found_at": NOW,
        "due_at": NOW,
        "settled": "",
        "settled_by": "",
    },
    "witnessed_root": {
        "partner": "P",
        "origin": "P/journal",
        "size": 1,
        "root": ROOT,
        "signature": SIGNED,
        "since": 0,
        "proof": "[]",
        "verdict": "cosigned",
        "seen_at": NOW,
        "cosignature": SIGNED,
    },
    "cosignature": {
        "witness": "P",
        "size": 1,
        "root": ROOT,
        "signature": SIGNED,
        "seen_at": NOW,
    },
    "feed_cursor": {"partner": "P", "cursor": "", "read_at": NOW},
}
WITHOUT_ID = frozenset({"shared_task", "cosignature", "feed_cursor"})

TWICE: Mapping[str, tuple[str, Mapping[str, list[object]]]] = {
    "one_open_disagreement_per_task": ("disagreement", {}),
    "evidence_is_kept_once": (
        "witnessed_root",
        {"verdict": ["inconsistent", "inconsistent"], "cosignature": [None, None]},
    ),
}

WRONG: Mapping[str, tuple[str, Mapping[str, object]]] = {
    "a_task_is_sent_or_received": ("shared_task", {"side": "kept"}),
    "a_shared_result_is_only_a_digest": ("shared_task", {"result": "Y340000001"}),
    "a_settled_disagreement_says_by_whom": ("disagreement", {"settled": "healed"}),
    "a_disagreement_has_an_owner": ("disagreement", {"owner": ""}),
    "only_a_consistent_root_is_cosigned": ("witnessed_root", {"verdict": "inconsistent"}),
}

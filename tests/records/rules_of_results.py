"""Rows of files that another node has issued, and how each rule about them is broken once."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from tests.records.families import NOW

ID = UUID(int=7)

ROWS: Mapping[str, Mapping[str, object]] = {
    "received_file": {
        "case_id": ID,
        "task_id": ID,
        "partner": "province",
        "document": ID,
        "remote": ID,
        "files": "{}",
        "pages": 1,
        "state": "waiting",
        "attempts": 0,
        "not_before": NOW,
        "announced_at": NOW,
        "problem": "",
    },
}
TWICE: Mapping[str, tuple[str, Mapping[str, list[object]]]] = {
    "the_files_of_a_document_are_fetched_once": ("received_file", {}),
}
WRONG: Mapping[str, tuple[str, Mapping[str, object]]] = {
    "a_file_to_fetch_is_in_a_known_state": ("received_file", {"state": "lost"}),
    "a_claim_to_fetch_ends_by_itself": ("received_file", {"state": "fetching"}),
}

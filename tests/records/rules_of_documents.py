"""Rows of documents and of who took them, and how each rule about them is broken once."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from tests.records.families import NOW

ID = UUID(int=7)

ROWS: Mapping[str, Mapping[str, object]] = {
    "document": {
        "kind": "acceptance_notice",
        "title": "受理通知书",
        "number": "N1-A",
        "item": "",
        "newborn": 0,
        "about": "acceptance_notice::0",
        "version": 1,
        "language": "zh",
        "occasion": "case_submitted",
        "form_version": 1,
        "readers": "[]",
        "folder": "",
        "office": "H01",
        "sealed_by": "",
        "state": "waiting",
        "attempts": 0,
        "not_before": NOW,
        "problem": "",
        "due_at": NOW,
        "source": "set",
        "pages": 0,
        "content_digest": b"0" * 32,
        "pdf_bytes": 0,
        "ofd_bytes": 0,
    },
    "document_fetch": {
        "document_id": ID,
        "format": "pdf",
        "by": "mother",
        "office": "",
        "at": NOW,
    },
}
OF_A_CASE = {"document", "document_fetch"}
TWICE = {
    "a_document_has_each_version_once": ("document", {"replaced_at": [NOW, NOW]}),
    "one_version_of_a_document_stands": ("document", {"version": [1, 2]}),
}
WRONG = {
    "a_document_is_in_a_known_state": ("document", {"state": "lost"}),
    "a_ready_document_has_its_digests": ("document", {"state": "ready"}),
    "a_document_is_set_scanned_or_received": ("document", {"source": "hearsay"}),
    "versions_of_a_document_count_from_one": ("document", {"version": 0}),
    "a_document_belongs_to_a_case": ("document", {"case_id": ID}),
    "a_file_is_taken_in_a_known_format": ("document_fetch", {"format": "doc"}),
    "nobody_takes_a_file_unnamed": ("document_fetch", {"by": ""}),
    "a_fetch_belongs_to_a_document": ("document_fetch", {}),
}

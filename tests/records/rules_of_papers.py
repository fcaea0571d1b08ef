"""Rows of the number stock and the paper ledger, and how each rule about them is broken once."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from uuid import UUID

from tests.records.families import NOW

ID, OTHER = UUID(int=7), UUID(int=8)

ROWS: Mapping[str, Mapping[str, object]] = {
    "book": {"code": "stock:H01", "entries": 0},
    "number_range": {
        "holder": "H01",
        "depth": 0,
        "prefix": "T34",
        "first": 1,
        "last": 9,
        "allotted_at": NOW,
    },
    "blank_number": {
        "number": "T340000001",
        "holder": "H01",
        "run": ID,
        "state": "in_stock",
        "changed_at": NOW,
    },
    "void_request": {
        "office": "H01",
        "reason": "misprint",
        "numbers": "[]",
        "proposed_by": "staff:1",
        "proposed_at": NOW,
        "state": "open",
    },
    "sheet": {
        "item": "certificate",
        "newborn": 1,
        "sheet": "stub",
        "number_hash": b"0" * 16,
        "sealed": b"s",
        "issuer": "H01",
        "issued_at": NOW,
        "holder": "H01",
        "state": "held",
        "cut": False,
        "step": 1,
        "rule": "",
        "ruled_on": date(2026, 11, 20),
    },
    "handover_batch": {
        "number": "34010320261120J000001X",
        "from_office": "H01",
        "goes_to": "P01",
        "sheets": 1,
        "state": "drawn_up",
        "way": "",
        "tracking": "",
        "drawn_up_by": "staff:1",
        "drawn_up_at": NOW,
        "receipt": "",
    },
    "handover_line": {"batch_id": ID, "sheet_id": ID, "outcome": "listed"},
}

TWICE: Mapping[str, tuple[str, Mapping[str, list[object]]]] = {
    "a_book_has_one_chain": ("book", {}),
    "a_newborn_has_a_sheet_once": ("sheet", {"number_hash": [b"1" * 16, b"2" * 16]}),
    "a_sheet_of_a_number_exists_once": ("sheet", {"newborn": [1, 2]}),
    "a_batch_number_is_used_once": ("handover_batch", {}),
}

WRONG: Mapping[str, tuple[str, Mapping[str, object]]] = {
    "a_book_says_what_it_is_about": ("book", {"code": "王芳"}),
    "a_run_has_one_letter_and_place": ("number_range", {"prefix": "T3"}),
    "a_run_goes_upwards": ("number_range", {"last": 0}),
    "a_run_was_taken_in_or_allotted": ("number_range", {"depth": 1}),
    "a_run_comes_from_a_run": ("number_range", {"depth": 1, "parent": ID}),
    "a_blank_number_is_a_letter_and_nine_digits": ("blank_number", {"number": "T34000001"}),
    "a_number_is_in_a_known_state": ("blank_number", {"state": "eaten"}),
    "a_number_lies_in_a_run": ("blank_number", {}),
    "a_void_request_is_in_a_known_state": ("void_request", {"state": "eaten"}),
    "nobody_voids_alone": ("void_request", {"state": "confirmed", "settled_by": "staff:1"}),
    "a_void_request_has_a_reason": ("void_request", {"reason": ""}),
    "a_sheet_is_one_of_three": ("sheet", {"sheet": "envelope"}),
    "a_sheet_is_in_a_known_state": ("sheet", {"state": "eaten"}),
    "steps_of_a_sheet_count_from_one": ("sheet", {"step": 0}),
    "a_sheet_belongs_to_a_case": ("sheet", {"case_id": ID}),
    "a_step_leads_to_a_known_state": ("custody", {"state": "eaten"}),
    "a_batch_is_in_a_known_state": ("handover_batch", {"state": "eaten"}),
    "somebody_gives_a_batch": ("handover_batch", {"state": "given"}),
    "somebody_receives_a_batch": ("handover_batch", {"state": "received", "given_by": "staff:1"}),
    "a_batch_goes_a_known_way": ("handover_batch", {"way": "pigeon"}),
    "a_line_belongs_to_a_batch": ("handover_line", {}),
    "a_line_of_a_batch_has_a_known_outcome": ("handover_line", {"outcome": "eaten"}),
}

WITHOUT_ID = {"blank_number", "handover_line"}
OF_A_CASE = {"sheet"}

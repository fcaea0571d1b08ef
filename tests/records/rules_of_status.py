"""Rows of the codes that open a case's status, and how each rule about them is broken once."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from tests.records.families import NOW

ROWS: Mapping[str, Mapping[str, object]] = {
    "status_door": {"case_id": UUID(int=7), "turn": 0},
    "status_try": {"key": b"0" * 16, "wrong": 1, "since": NOW},
}
WRONG: Mapping[str, tuple[str, Mapping[str, object]]] = {
    "a_code_turns_forward": ("status_door", {"turn": -1}),
    "wrong_codes_count_from_zero": ("status_try", {"wrong": -1}),
}

"""Rows of the codes that open a case's status, and how each rule about them is broken once."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

ROWS: Mapping[str, Mapping[str, object]] = {
    "status_door": {"case_id": UUID(int=7), "turn": 0, "wrong": 0},
}
WRONG: Mapping[str, tuple[str, Mapping[str, object]]] = {
    "a_status_door_counts_from_zero": ("status_door", {"turn": -1}),
    "wrong_codes_know_since_when": ("status_door", {"wrong": 1}),
}

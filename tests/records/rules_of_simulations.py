"""A row of a simulation, and how each rule about it is broken once."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from tests.records.families import NOW

ROWS: Mapping[str, Mapping[str, object]] = {
    "simulation": {
        "draft": UUID(int=7),
        "code": "p",
        "against_version": "1",
        "against": "d",
        "digest": "e",
        "canonical": "{}",
        "on_day": NOW.date(),
        "source": "past",
        "wanted": 10,
        "seed": "",
        "state": "running",
        "done": 0,
        "reached": "",
        "counted": "[]",
        "by": "staff:1",
        "begun_at": NOW,
        "changed_at": NOW,
        "problem": "",
    },
}
TWICE: Mapping[str, tuple[str, Mapping[str, list[object]]]] = {
    "a_draft_is_simulated_once_at_a_time": ("simulation", {}),
}
WRONG: Mapping[str, tuple[str, Mapping[str, object]]] = {
    "a_simulation_is_in_a_known_state": ("simulation", {"state": "half", "ended_at": NOW}),
    "a_simulation_has_a_known_source": ("simulation", {"source": "guessed"}),
    "exact_counts_leave_when_a_simulation_ends": (
        "simulation",
        {"state": "cancelled", "ended_at": NOW, "counted": '[["families", 3]]'},
    ),
    "a_finished_simulation_has_a_result": ("simulation", {"state": "finished", "ended_at": NOW}),
    "a_simulation_counts_forward": ("simulation", {"total": 3, "done": 4}),
}

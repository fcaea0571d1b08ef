"""A row of a drawn chart, and how each rule about it is broken once."""

from __future__ import annotations

from collections.abc import Mapping

from tests.records.families import NOW

ROWS: Mapping[str, Mapping[str, object]] = {
    "chart": {
        "digest": "d" * 64,
        "page": "overview",
        "scope": "3401",
        "language": "zh",
        "name": "trend",
        "spec": "{}",
        "svg": "",
        "state": "waiting",
        "problem": "",
        "wanted_at": NOW,
    },
}
TWICE: Mapping[str, tuple[str, Mapping[str, list[object]]]] = {}
WRONG: Mapping[str, tuple[str, Mapping[str, object]]] = {
    "a_chart_is_in_a_known_state": ("chart", {"state": "half"}),
    "a_drawn_chart_has_its_drawing": ("chart", {"state": "drawn"}),
}
WITHOUT_ID = {"chart"}

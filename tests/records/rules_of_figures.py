"""Cells of the rollup and how far it goes, and how each rule about them is broken once."""

from __future__ import annotations

from collections.abc import Mapping

from tests.records.families import NOW

CELL: Mapping[str, object] = {
    "scope": "3401",
    "measure": "closed",
    "day": NOW.date().replace(day=1),
    "pack": "test",
    "item": "",
    "detail": "done",
    "count": 1,
}
ROWS: Mapping[str, Mapping[str, object]] = {
    "figure": CELL,
    "figure_month": CELL,
    "figure_place": {"office": "H01", "division": "340103"},
    "figure_cursor": {"id": 1, "number": 0},
}
WITHOUT_ID = frozenset({"figure", "figure_month", "figure_place", "figure_cursor"})
WRONG: Mapping[str, tuple[str, Mapping[str, object]]] = {
    "nothing_is_counted_below_zero": ("figure", {"count": -1}),
    "nothing_of_a_month_is_counted_below_zero": ("figure_month", {"count": -1}),
    "a_month_is_named_by_its_first_day": ("figure_month", {"day": NOW.date()}),
    "the_journal_is_counted_once": ("figure_cursor", {"id": 2}),
}

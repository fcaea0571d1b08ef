"""Every requirement of the implemented source is met somewhere and proved by a test, or decided."""

from __future__ import annotations

import ast
import csv
import re
from datetime import date

from tests.architecture.tree import ROOT, parsed, tracked

TABLE = ROOT / "docs" / "reference" / "requirements.csv"
COLUMNS = ["requirement", "met_by", "kind", "where", "test", "decision_date"]
KINDS = {"pack", "feature", "page", "decision"}

# The requirements of source 001 (Anhui), as first and last of each run.
SOURCE_001 = (
    (9, 15), (30, 32), (38, 39), (50, 54), (83, 85), (103, 106), (122, 124), (138, 139),
    (150, 178), (235, 235), (242, 245), (266, 267), (278, 288), (312, 313), (320, 323),
    (336, 336), (355, 355), (369, 369), (380, 387), (400, 400), (414, 414), (440, 443),
    (474, 491),
)  # fmt: skip


def expected() -> set[str]:
    return {f"R{n:03d}" for first, last in SOURCE_001 for n in range(first, last + 1)}


def table() -> list[dict[str, str]]:
    with TABLE.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        assert reader.fieldnames == COLUMNS
        return list(reader)


def test_the_list_of_requirements_is_complete() -> None:
    assert len(expected()) == 117


def test_every_requirement_of_the_source_has_a_row() -> None:
    assert sorted(expected() - {row["requirement"] for row in table()}) == []


def test_every_row_has_a_known_kind_and_says_how() -> None:
    wrong = [row["requirement"] for row in table() if row["kind"] not in KINDS or not row["met_by"]]
    assert wrong == []


def test_every_row_is_proved_by_tests_or_decided_on_a_date() -> None:
    wrong = []
    for row in table():
        if row["kind"] == "decision":
            try:
                date.fromisoformat(row["decision_date"])
            except ValueError:
                wrong.append(row["requirement"])
        elif not row["test"]:
            wrong.append(row["requirement"])
    assert wrong == []


def test_every_named_test_exists() -> None:
    known = _tests()
    missing = {}
    for row in table():
        for name in row["test"].replace(";", " ").split():
            if re.sub(r"\[.*", "", name) not in known:
                missing[row["requirement"]] = name
    assert missing == {}


def test_every_named_place_exists() -> None:
    missing = {}
    for row in table():
        for place in row["where"].replace(";", " ").split():
            if "/" in place and not (ROOT / place.split("::")[0].split("#")[0]).exists():
                missing[row["requirement"]] = place
    assert missing == {}


def _tests() -> set[str]:
    """Every test as `tests/….py::name` (or `::Class::name`); a file or a folder counts too."""
    found = set()
    for path in tracked("tests/*.py"):
        for node in parsed(path).body:
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                found.add(f"{path}::{node.name}")
            if isinstance(node, ast.ClassDef):
                for inner in node.body:
                    if isinstance(inner, ast.FunctionDef) and inner.name.startswith("test_"):
                        found.add(f"{path}::{node.name}::{inner.name}")
    return found

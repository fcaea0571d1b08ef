"""Every requirement of the five sources is met somewhere and proved by a test, or decided."""

from __future__ import annotations

import ast
import csv
import re
from collections import Counter
from datetime import date

from tests.architecture.tree import ROOT, parsed, tracked

TABLES = ROOT / "docs" / "reference" / "requirements"
COLUMNS = ["requirement", "met_by", "kind", "where", "test", "decision_date"]
KINDS = {"pack", "feature", "page", "decision"}

LAST = 533
"""The sources ask for R001 to R533."""


def expected() -> set[str]:
    return {f"R{n:03d}" for n in range(1, LAST + 1)}


def table() -> list[dict[str, str]]:
    rows = []
    for path in sorted(TABLES.glob("*.csv")):
        with path.open(encoding="utf-8", newline="") as file:
            reader = csv.DictReader(file)
            assert reader.fieldnames == COLUMNS, path.name
            rows += list(reader)
    return rows


def test_every_requirement_of_the_sources_has_exactly_one_row() -> None:
    rows = Counter(row["requirement"] for row in table())
    assert sorted(expected() - set(rows)) == []
    assert [requirement for requirement, count in rows.items() if count > 1] == []
    assert sorted(set(rows) - expected()) == []


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

"""A file, a function and a line stay small enough to be read at once."""

from __future__ import annotations

import ast
from pathlib import Path

from tests.architecture.tree import ROOT, own_python, parsed

FILE_LINES = 400
TEST_FILE_LINES = 600
FUNCTION_LINES = 60
LINE_CHARACTERS = 100

# Each exception is a path (or path::function) and the reason why it reads better whole.
EXCEPTIONS: dict[str, str] = {}


def test_no_file_is_longer_than_its_ceiling() -> None:
    found = {}
    for path in own_python():
        lines = len((ROOT / path).read_text(encoding="utf-8").splitlines())
        limit = TEST_FILE_LINES if path.parts[0] == "tests" else FILE_LINES
        if lines > limit and str(path) not in EXCEPTIONS:
            found[str(path)] = lines
    assert found == {}


def test_no_function_is_longer_than_its_ceiling() -> None:
    found = {}
    for path in own_python():
        for node in ast.walk(parsed(path)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                lines = (node.end_lineno or node.lineno) - node.lineno + 1
                name = f"{path}::{node.name}"
                if lines > FUNCTION_LINES and name not in EXCEPTIONS:
                    found[name] = lines
    assert found == {}


def test_no_line_is_longer_than_its_ceiling() -> None:
    """Ruff counts a Chinese character as two columns; this counts what a person counts."""
    found = [
        f"{path}:{number}"
        for path in own_python()
        for number, line in enumerate((ROOT / path).read_text(encoding="utf-8").splitlines(), 1)
        if len(line) > LINE_CHARACTERS
    ]
    assert found == []


def test_every_exception_is_still_needed() -> None:
    for name in EXCEPTIONS:
        path = Path(name.split("::")[0])
        assert (ROOT / path).is_file(), name

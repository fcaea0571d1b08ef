"""Names that say nothing are not names; every module says what lives in it."""

from __future__ import annotations

import ast

from tests.architecture.tree import own_python, parsed, tracked

SAY_NOTHING = {"utils", "util", "helpers", "helper", "common", "core", "base", "manager", "service",
               "services", "managers", "misc"}  # fmt: skip


def test_no_module_or_folder_has_a_name_that_says_nothing() -> None:
    found = [str(path) for path in own_python() if {*path.parts[:-1], path.stem} & SAY_NOTHING]
    assert found == []


def test_no_class_is_called_after_nothing() -> None:
    endings = ("Utils", "Helper", "Helpers", "Manager", "Service", "Base")
    # Two words of the trade end like that.
    words_of_the_trade = {"JointService"}
    found = [
        f"{path}:{node.lineno} {node.name}"
        for path in own_python()
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.ClassDef)
        and node.name.endswith(endings)
        and node.name not in words_of_the_trade
    ]
    assert found == []


def test_every_module_says_what_lives_in_it() -> None:
    """An `__init__.py` that holds nothing says nothing."""
    found = [
        str(path)
        for path in own_python()
        if parsed(path).body and not ast.get_docstring(parsed(path))
    ]
    assert found == []


def test_tests_are_sentences() -> None:
    """`test_twins` is a topic; `test_twins_get_one_certificate_each` is a promise."""
    found = [
        f"{path}::{node.name}"
        for path in tracked("tests/*.py")
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.FunctionDef)
        and node.name.startswith("test_")
        and len(node.name.split("_")) < 4
    ]
    assert found == []

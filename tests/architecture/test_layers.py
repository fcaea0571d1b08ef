"""The layer rule, run as part of the tests; import-linter keeps the rule in pyproject.toml."""

from __future__ import annotations

import ast
import subprocess
import sys

from tests.architecture.tree import ROOT, parsed, tracked

SECOND_WAYS = {"celery", "yaml", "sqlite3", "requests", "jinja2", "rest_framework"}
ONE_PLACE = {"yaml": "src/yijian/packs/nodes.py"}
"""Where the parser of a second way is used without its ways."""


def test_imports_point_downwards() -> None:
    command = "from importlinter.cli import lint_imports_command as c; c()"
    done = subprocess.run(
        [sys.executable, "-c", command, "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_core_imports_nothing_but_python_and_itself() -> None:
    allowed = {*sys.stdlib_module_names, "yijian"}
    forbidden_here = {"random", "secrets", "os", "socket", "subprocess", "threading", "time",
                      "pathlib", "io", "sqlite3", "urllib", "http", "tempfile"}  # fmt: skip
    found = []
    for path in tracked("src/yijian/domain/*.py"):
        for node in ast.walk(parsed(path)):
            for module in _imported(node):
                top = module.split(".")[0]
                outside = top == "yijian" and not module.startswith("yijian.domain")
                if top not in allowed or top in forbidden_here or outside:
                    found.append(f"{path}:{getattr(node, 'lineno', 0)} {module}")
    assert found == []


def test_nobody_brings_a_second_way_of_doing_things() -> None:
    found = [
        f"{path}: {module}"
        for path in tracked("src/*.py")
        for node in ast.walk(parsed(path))
        for module in _imported(node)
        if module.split(".")[0] in SECOND_WAYS and ONE_PLACE.get(module) != str(path)
    ]
    assert found == []


def _imported(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
        return [node.module]
    return []

"""One word, one meaning: the glossary and the public classes of the core name the same things."""

from __future__ import annotations

import ast
import re

from tests.architecture.tree import ROOT, parsed, tracked

GLOSSARY = ROOT / "docs" / "reference" / "glossary.md"


def rows() -> dict[str, str]:
    """English identifier → Chinese term. A row is `| 中文 | `Identifier` | meaning |`."""
    found = {}
    for line in GLOSSARY.read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if len(cells) >= 3 and not set(cells[0]) <= {"-", ":", " "}:
            for name in re.findall(r"`([A-Za-z_][A-Za-z_.]*)`", cells[1]):
                found[name] = cells[0]
    return found


def classes() -> dict[str, str]:
    """Public class of the core → the file it stands in."""
    return {
        node.name: str(path)
        for path in tracked("src/yijian/domain/*.py")
        for node in parsed(path).body
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_")
    }


def test_every_public_class_of_the_core_has_a_row() -> None:
    assert sorted(set(classes()) - set(rows())) == []


def test_no_row_names_a_class_that_does_not_exist() -> None:
    named = {name for name in rows() if name[0].isupper() and not name.isupper()}
    assert sorted(named - set(classes())) == []


def test_every_row_has_its_chinese_term() -> None:
    without = [n for n, term in rows().items() if not re.search(r"[\u4e00-\u9fff]", term)]
    assert without == []

"""One value of a pack's file is changed, and every other character stays as it was."""

import random
from pathlib import Path

import pytest

from tests.packs.edited import PACKS
from yijian.packs.editing import with_value, without_value
from yijian.packs.findings import PackError
from yijian.packs.nodes import Plain, plain, read_text, walk

NAME = "x/items.yaml"
LONG = 9_000
TEXT = """\
# The limit was agreed on 6 June.
registration:
  title: {zh: 出生登记, en: Registration of birth}   # as on the form
  limits:
    - {workdays: 2, from: 2024-06-07}   # counts from acceptance

  # Two parents, or one.
  needs: [certificate, 'identity']
  when: |
    applicant == "mother"
    || newborn_count > 1
  notes:
    - one   # the first
    - two
card:
  title: "社保卡"
"""
VALUES: tuple[Plain, ...] = (
    5, True, None, "新的文字，带标点。", "with: colon", "a, b", "3", "2026-12-01", "null",
    'he said "x"', "it's", " space", "# not a comment", "- dash", "line one\nline two\n",
    {"zh": "三", "en": "three, or more"}, [1, "b"], [],
    {"workdays": 2, "from": "2026-12-01", "basis": ["x", "一 二"]},
)  # fmt: skip


def changed_lines(before: str, after: str) -> tuple[list[str], list[str]]:
    old, new = before.splitlines(), after.splitlines()
    return [line for line in old if line not in new], [line for line in new if line not in old]


@pytest.mark.parametrize(
    ("path", "value", "old", "new"),
    [
        (
            ["registration", "limits", 0, "workdays"], 1,
            "    - {workdays: 2, from: 2024-06-07}   # counts from acceptance",
            "    - {workdays: 1, from: 2024-06-07}   # counts from acceptance",
        ),
        (
            ["registration", "title", "en"], "Register, and more",
            "  title: {zh: 出生登记, en: Registration of birth}   # as on the form",
            '  title: {zh: 出生登记, en: "Register, and more"}   # as on the form',
        ),
        (["card", "title"], "卡", '  title: "社保卡"', '  title: "卡"'),
        (
            ["registration", "needs", 1], "it's",
            "  needs: [certificate, 'identity']", "  needs: [certificate, 'it''s']",
        ),
        (
            ["registration", "needs", 2], "third",
            "  needs: [certificate, 'identity']", "  needs: [certificate, 'identity', third]",
        ),
    ],
)  # fmt: skip
def test_one_line_changes_and_its_comment_stays(
    path: list[str | int], value: Plain, old: str, new: str
) -> None:
    after = with_value(TEXT, NAME, path, value)
    assert changed_lines(TEXT, after) == ([old], [new])


def test_a_new_key_stands_below_its_neighbours_with_their_indent() -> None:
    after = with_value(TEXT, NAME, ["registration", "scope"], "newborn")
    assert changed_lines(TEXT, after) == ([], ["  scope: newborn"])
    assert after.index("  scope: newborn") > after.index("    - two")
    assert after.index("  scope: newborn") < after.index("card:")
    longer = with_value(TEXT, NAME, ["registration", "notes", 2], "three")
    assert "    - two\n    - three\ncard:" in longer


def test_a_text_in_lines_of_its_own_stays_one() -> None:
    after = with_value(TEXT, NAME, ["registration", "when"], 'applicant == "father"\n|| true\n')
    assert '  when: |\n    applicant == "father"\n    || true\n  notes:' in after


def test_what_is_removed_takes_its_line_and_no_other() -> None:
    after = without_value(TEXT, NAME, ["registration", "needs"])
    assert changed_lines(TEXT, after) == (["  needs: [certificate, 'identity']"], [])
    assert without_value("a: {x: 1, y: 2}\n", NAME, ["a", "y"]) == "a: {x: 1}\n"
    assert without_value("a:\n  - x: 1 # why\n    y: 2\n", NAME, ["a", 0, "x"]) == (
        "a:\n  - y: 2\n"
    )
    assert without_value("a: 1\n", NAME, ["a"]) == "{}\n"
    assert with_value("", NAME, ["a", "b"], "c") == "a: {b: c}\n"


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("a: 1\n", ["a", "b", "c"]),
        ("a: [1]\n", ["a", 5]),
        ("a: [1]\n", ["a", "key"]),
        ("a: [\n", ["a"]),
        ("a: &x 1\n", ["a"]),
    ],
)
def test_what_has_no_place_is_refused_and_nothing_is_changed(
    text: str, path: list[str | int]
) -> None:
    with pytest.raises(PackError):
        with_value(text, NAME, path, 1)
    with pytest.raises(PackError):
        without_value(text, NAME, [*path, "deeper"])


def files() -> list[Path]:
    """The shipped files but the long ones, which say nothing that the others do not."""
    found = [*PACKS.glob("*/*.yaml"), *PACKS.glob("*/examples/*.yaml")]
    return sorted(path for path in found if path.stat().st_size < LONG)


def test_any_value_of_any_shipped_file_can_be_changed_alone() -> None:
    """Chosen by a fixed seed; what comes out is read again and compared by the editor itself."""
    chance = random.Random(6)
    tried = 0
    for file in chance.sample(files(), 45):
        text, name = file.read_text(encoding="utf-8-sig"), file.name
        tree = read_text(text, name)
        paths = [path for path, _ in walk(tree) if path]
        for path in chance.sample(paths, min(3, len(paths))):
            value = chance.choice(VALUES)
            found = read_text(with_value(text, name, path, value), name).find(path)
            assert found is not None and plain(found) == value, (file, path, value)
            assert read_text(without_value(text, name, path), name).find(path) is None or (
                isinstance(path[-1], int)
            ), (file, path)
            tried += 1
    assert tried > 100


def test_comments_outlast_every_change_of_a_scalar() -> None:
    chance = random.Random(7)
    for file in chance.sample([file for file in files() if file.parent.name != "examples"], 8):
        text, name = file.read_text(encoding="utf-8-sig"), file.name
        comments = [line.strip() for line in text.splitlines() if line.strip().startswith("#")]
        leaves = [
            path for path, node in walk(read_text(text, name))
            if path and not isinstance(node.value, dict | list)
        ]  # fmt: skip
        for path in chance.sample(leaves, min(4, len(leaves))):
            after = with_value(text, name, path, "改过的")
            kept = [line.strip() for line in after.splitlines() if line.strip().startswith("#")]
            assert kept == comments, (file, path)

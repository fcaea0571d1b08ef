"""YAML becomes trees with positions, by the rules of YAML 1.2."""

from pathlib import Path

import pytest

from yijian.packs import nodes
from yijian.packs.findings import PackError
from yijian.packs.nodes import merged, plain, read_text, without_removed


def said(text: str) -> str:
    with pytest.raises(PackError) as caught:
        read_text(text, "a.yaml")
    return str(caught.value)


def test_words_that_other_yaml_readers_change_stay_words() -> None:
    text = "a: no\nb: on\nc: 12:30:00\nd: 2024-06-07\ne: 0x1f\nf: 010\n"
    assert plain(read_text(text, "a")) == {
        "a": "no",
        "b": "on",
        "c": "12:30:00",
        "d": "2024-06-07",
        "e": "0x1f",
        "f": "010",
    }


def test_numbers_truths_and_nothing_are_recognised_unless_quoted() -> None:
    text = "a: 12\nb: -3\nc: 1.5\nd: true\ne: null\nf: ~\ng:\nh: '12'\ni: \"true\"\n"
    assert plain(read_text(text, "a")) == {
        "a": 12,
        "b": -3,
        "c": 1.5,
        "d": True,
        "e": None,
        "f": None,
        "g": None,
        "h": "12",
        "i": "true",
    }


def test_codes_with_leading_zeros_stay_codes_as_keys() -> None:
    assert plain(read_text("01: 汉族\n", "a")) == {"01": "汉族"}


def test_every_value_knows_its_line_and_column() -> None:
    node = read_text("a:\n  b: [1, {c: 2}]\n", "a.yaml")
    assert str(node.at(["a", "b", 1, "c"])) == "a.yaml:2:14"
    assert str(node.at(["a", "b", 0])) == "a.yaml:2:7"
    assert str(node.at(["a", "missing"])) == "a.yaml:1:1"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("a: 1\nb：2\n", "a.yaml:2:1: 键后面要有半角冒号和空格（全角“：”不算）"),
        ("a: 1\na: 2\n", "a.yaml:2:1: “a”在第 1 行已经写过"),
        ("a: &x 1\nb: *x\n", "a.yaml:1:4: 不能使用锚点“&x”，请把内容直接写在这里"),
        ("a: b ? c : d\n", "a.yaml:1:10: 这里不能再写一个“键: 值”"),
        ("a:\n\tb: 1\n", "a.yaml:2:1: 缩进要用空格，不能用制表符"),
        ("a: 'x\n", "a.yaml:1:4: 引号没有成对"),
        ("a: [1, 2\nb: 3\n", "a.yaml:2:2: 括号里各项之间要用半角逗号，最后要有右括号"),
        ("[a]: 1\n", "a.yaml:1:1: 键应为一个词"),
        ("a: \x07\n", "a.yaml:1:1: 含有不能使用的控制字符或套得太深"),
    ],
)
def test_what_cannot_be_read_is_said_in_chinese_with_its_place(text: str, sentence: str) -> None:
    assert said(text).startswith(sentence)


def test_a_sentence_cut_by_its_own_comma_is_not_lost_in_silence() -> None:
    """Inside braces a comma ends a text without quotes; the rest would become a key of nothing."""
    assert said("a: {zh: 记得带上, en: Bring it, and a pen.}\n").startswith(
        "a.yaml:1:29: “and a pen.”"
    )
    assert said("a: [one, {b: }]\n").startswith("a.yaml:1:11: “b”")
    assert plain(read_text("a: {zh: 记得，带上, en: 'Bring it, and a pen.', b: null}\nc:\n", "a"))


def test_deep_nesting_is_refused_before_it_hurts() -> None:
    assert "套得" in said("a: " + "[" * 3000 + "]" * 3000)
    assert "套得超过 20 层" in said("a: " + "[" * 25 + "1" + "]" * 25)


def test_a_pack_is_laid_over_its_base_key_by_key() -> None:
    base = read_text("a: {x: 1, y: 2}\nb: [1, 2]\nc: 3\n", "base")
    own = read_text("a: {y: 5, z: 6}\nb: [9]\nc: null\n", "own")
    over = merged(base, own)
    assert plain(over) == {"a": {"x": 1, "y": 5, "z": 6}, "b": [9]}
    assert str(over.at(["a", "x"])) == "base:1:8"
    assert str(over.at(["a", "y"])) == "own:1:8"


def test_a_text_and_a_dated_limit_are_replaced_whole() -> None:
    base = read_text("t: {zh: 旧, en: Old}\nl: {days: 3, from: 2020-01-01}\n", "base")
    own = read_text("t: {zh: 新}\nl: {workdays: 2, from: 2024-01-01}\n", "own")
    assert plain(merged(base, own)) == {
        "t": {"zh": "新"},
        "l": {"workdays": 2, "from": "2024-01-01"},
    }


def test_removing_what_no_base_has_leaves_nothing_behind() -> None:
    assert plain(without_removed(read_text("a: {b: null, c: 1}\n", "x"))) == {"a": {"c": 1}}


def test_both_readers_of_sound_texts_make_the_same_tree() -> None:
    for path in sorted(Path("packs").rglob("*.yaml")):
        text = path.read_text("utf-8-sig")
        quick = nodes._quickly(text, path.name)
        assert quick is not None, f"{path} takes ten times as long to read"
        assert quick == nodes._explained(text, path.name), path


@pytest.mark.parametrize(
    "text",
    ["a: &x 1\n", "a: &x 1\nb: *x\n", "a: 1\na: 2\n", "{a: 1, b}\n", "[a]: 1\n",
     "a: 1\n---\nb: 2\n", "a:\tb\n", "a: '1\n", "a: \"x\x85y\"\n", "a: \u2028b\n",
     "[" * 40 + "]" * 40],
)  # fmt: skip
def test_what_needs_an_explanation_is_not_read_quickly(text: str) -> None:
    assert nodes._quickly(text, "a.yaml") is None

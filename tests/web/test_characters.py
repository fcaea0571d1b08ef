"""Names: how they read, which characters are rare, whose surname they carry."""

import doctest

import pytest

from yijian.web.applicant import characters
from yijian.web.applicant.characters import common_characters, glyphs_of, spelled, surname_fits


def test_the_doctests_of_characters_hold() -> None:
    assert doctest.testmod(characters).failed == 0


def test_the_common_characters_are_the_whole_national_list() -> None:
    known = common_characters()
    assert len(known) == 8105
    assert {"玥", "堃", "鑫", "张"} <= known
    assert "𠮷" not in known


@pytest.mark.parametrize(
    ("name", "reading"),
    [
        ("王芳", ["wáng", "fāng"]),
        ("单小满", ["shàn", "xiǎo", "mǎn"]),
        ("曾重庆", ["zēng", "chóng", "qìng"]),
        ("欧阳乐", ["ōu", "yáng", "lè"]),
        ("尉迟明", ["yù", "chí", "míng"]),
        ("买买提·艾力", ["mǎi", "mǎi", "tí", "", "ài", "lì"]),
    ],
)
def test_a_name_is_read_as_names_are_read(name: str, reading: list[str]) -> None:
    assert list(spelled(name)) == reading


def test_every_character_has_a_reading_or_an_empty_one() -> None:
    for name in ("𠮷野", "㛃小", "李\U00030000", "·", ""):
        assert len(glyphs_of(name)) == len(name)


@pytest.mark.parametrize(("character", "rare"), [("𠮷", True), ("㐂", True), ("玥", False)])
def test_rare_characters_carry_their_code_point(character: str, rare: bool) -> None:
    glyph = glyphs_of(f"李{character}")[1]
    assert glyph.rare is rare
    assert glyph.code == f"U+{ord(character):04X}"


@pytest.mark.parametrize(
    ("name", "parents", "fits"),
    [
        ("李小满", ("李强", "王芳"), True),
        ("王小满", ("李强", "王芳"), True),
        ("赵小满", ("李强", "王芳"), False),
        ("欧阳满", ("欧阳强", "王芳"), True),
        ("阿依努尔·买买提", ("买买提·艾力", "古丽"), True),
        ("艾力", ("买买提·艾力", "古丽"), True),
        ("李小满", ("", ""), True),
    ],
)
def test_a_surname_fits_when_a_parent_bears_it(
    name: str, parents: tuple[str, str], fits: bool
) -> None:
    assert surname_fits(name, parents) is fits

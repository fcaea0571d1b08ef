"""姓名用字: how a newborn's name reads, and which of its characters a register may not know.

The common characters are the 8,105 of the national standard list (通用规范汉字表), as named by the
property kTGHZ2013 of the Unicode Han database. A character outside it is a warning, never a
refusal: the family may be right and a machine somewhere too old.
"""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from pypinyin import Style, lazy_pinyin

from yijian.domain.names import MIDDLE_DOT, name_characters

DOUBLE_SURNAMES = {
    "尉迟": ["yù", "chí"],
    "万俟": ["mò", "qí"],
    "令狐": ["líng", "hú"],
    "长孙": ["zhǎng", "sūn"],
    "澹台": ["tán", "tái"],
    "宰父": ["zǎi", "fǔ"],
    "单于": ["chán", "yú"],
}
SURNAMES = {
    "单": "shàn", "解": "xiè", "仇": "qiú", "区": "ōu", "朴": "piáo", "查": "zhā", "曾": "zēng",
    "任": "rén", "华": "huà", "盖": "gě", "乐": "yuè", "召": "shào", "缪": "miào", "宁": "níng",
    "翟": "zhái", "覃": "qín", "冼": "xiǎn", "种": "chóng", "员": "yùn", "纪": "jǐ", "燕": "yān",
    "洗": "xiǎn", "卜": "bǔ", "尉": "wèi", "葛": "gě", "褚": "chǔ", "那": "nā", "应": "yīng",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Glyph:
    """One character as the confirmation page shows it."""

    character: str
    pinyin: str
    code: str
    rare: bool


@cache
def common_characters() -> frozenset[str]:
    """The characters that every register is bound to know."""
    text = (Path(__file__).parent / "common_characters.txt").read_text(encoding="utf-8")
    return frozenset("".join(text.split()))


def spelled(name: str) -> tuple[str, ...]:
    """The reading of each character, surnames as surnames are read; "" where nobody knows.

    >>> spelled("单小满")
    ('shàn', 'xiǎo', 'mǎn')
    """
    readings = [_reading(character) for character in name]
    joined = lazy_pinyin(name, style=Style.TONE, errors="ignore")
    if len(joined) == len(name):
        readings = list(joined)
    if name[:2] in DOUBLE_SURNAMES:
        readings[:2] = DOUBLE_SURNAMES[name[:2]]
    elif name[:1] in SURNAMES and len(name) < 4:
        readings[0] = SURNAMES[name[0]]
    return tuple(readings)


def _reading(character: str) -> str:
    return "".join(lazy_pinyin(character, style=Style.TONE, errors="ignore"))


def glyphs_of(name: str) -> tuple[Glyph, ...]:
    """Each character large, with its reading, its code point, and whether it is rare."""
    readings = spelled(name)
    return tuple(
        Glyph(one.character, reading, one.code_point, one.rare)
        for one, reading in zip(name_characters(name, common_characters()), readings, strict=True)
    )


def surname_fits(name: str, parents: tuple[str, ...]) -> bool:
    """Whether the name begins as one of the parents' names does.

    A name with a middle dot has no surname; parents without a name decide nothing.
    """
    known = [parent for parent in parents if parent]
    if not known or MIDDLE_DOT in name:
        return True
    return any(name[:1] == parent[:1] or MIDDLE_DOT in parent for parent in known)

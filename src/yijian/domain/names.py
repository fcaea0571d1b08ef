"""姓名: what a baby may be called here, and which characters to confirm twice."""

import unicodedata
from dataclasses import dataclass
from enum import StrEnum

MIDDLE_DOT = "·"
LONGEST_NAME = 30
COMPOUND_SURNAMES = frozenset(
    "欧阳 司马 上官 诸葛 司徒 东方 独孤 南宫 夏侯 尉迟 皇甫 公孙 慕容 令狐 宇文 长孙 端木 公冶 轩辕 "
    "百里 呼延 东郭 南门 羊舌 微生 梁丘 左丘 太史 澹台 濮阳 淳于 单于 申屠 仲孙 钟离 闻人 赫连 万俟 "
    "拓跋 夹谷 宰父 谷梁 乐正 漆雕 公西 巫马 壤驷 闾丘 子车 颛孙 东门 西门 第五 完颜 纳兰 叶赫 哥舒 "
    "贺兰 耶律 鲜于 宗政 公羊 段干 亓官 司寇 司空".split()
)


class NameFault(StrEnum):
    """Why a name cannot be registered online."""

    EMPTY = "empty"
    TOO_SHORT = "too_short"
    TOO_LONG = "too_long"
    NOT_CHINESE = "not_chinese"
    PRIVATE_CHARACTER = "private_character"
    COMPATIBILITY_CHARACTER = "compatibility_character"
    MISPLACED_DOT = "misplaced_dot"


@dataclass(frozen=True, slots=True)
class NameCharacter:
    """One character of a name as the confirmation page shows it."""

    character: str
    code_point: str
    rare: bool


def normal_name(text: str) -> str:
    """The name in Unicode NFC without spaces, every kind of middle dot as U+00B7.

    >>> normal_name(" 买买提•艾力 ")
    '买买提·艾力'
    """
    compact = "".join(text.split())
    for dot in "•‧・．・・●":
        compact = compact.replace(dot, MIDDLE_DOT)
    if any(_is_compatibility(character) for character in compact):
        return compact
    return unicodedata.normalize("NFC", compact)


def name_fault(name: str) -> NameFault | None:
    """Why `name` (already normal) cannot be registered online; None when it can.

    Chinese characters and the middle dot inside minority names are allowed; Latin letters, digits,
    private-use and compatibility characters are not.
    """
    if not name:
        return NameFault.EMPTY
    if len(name) > LONGEST_NAME:
        return NameFault.TOO_LONG
    if name.startswith(MIDDLE_DOT) or name.endswith(MIDDLE_DOT) or MIDDLE_DOT * 2 in name:
        return NameFault.MISPLACED_DOT
    for character in name.replace(MIDDLE_DOT, ""):
        if unicodedata.category(character) == "Co":
            return NameFault.PRIVATE_CHARACTER
        if _is_compatibility(character):
            return NameFault.COMPATIBILITY_CHARACTER
        if not _is_han(character):
            return NameFault.NOT_CHINESE
    return NameFault.TOO_SHORT if len(name) < 2 else None


def surname(name: str) -> str:
    """The surname of a Chinese name: two characters when they are a compound surname.

    Empty for a name that has none of this kind: written with a middle dot, or not in Chinese.

    >>> surname("欧阳明月"), surname("王芳"), surname("买买提·艾力")
    ('欧阳', '王', '')
    """
    if not name or MIDDLE_DOT in name or not _is_han(name[0]):
        return ""
    return name[:2] if len(name) > 2 and name[:2] in COMPOUND_SURNAMES else name[0]


def name_characters(name: str, common: frozenset[str]) -> tuple[NameCharacter, ...]:
    """Each character with its code point, and whether it is outside the `common` ones."""
    return tuple(
        NameCharacter(c, f"U+{ord(c):04X}", c != MIDDLE_DOT and c not in common) for c in name
    )


def _is_han(character: str) -> bool:
    point = ord(character)
    ranges = ((0x4E00, 0x9FFF), (0x3400, 0x4DBF), (0x20000, 0x2EBEF), (0x30000, 0x323AF))
    return point == 0x3007 or any(low <= point <= high for low, high in ranges)


def _is_compatibility(character: str) -> bool:
    point = ord(character)
    return 0xF900 <= point <= 0xFAFF or 0x2F800 <= point <= 0x2FA1F

"""What a screen may show of a person (脱敏), and which characters differ (比对).

Masking happens here, on the server; a full value never reaches a page that shows a masked one.
`{% load masks %}` then `{{ number|masked:"id_number" }}`, `{% differing declared verified %}`.
"""

import re
from collections.abc import Callable
from difflib import SequenceMatcher
from itertools import groupby
from operator import itemgetter

from django import template
from django.utils.html import conditional_escape, format_html, format_html_join
from django.utils.safestring import SafeString

register = template.Library()

DOUBLE_SURNAMES = frozenset(
    "欧阳 太史 端木 上官 司马 东方 独孤 南宫 万俟 闻人 夏侯 诸葛 尉迟 公羊 赫连 澹台 皇甫 宗政 濮阳 公冶 "
    "太叔 申屠 公孙 慕容 仲孙 钟离 长孙 宇文 司徒 鲜于 司空 闾丘 子车 亓官 司寇 巫马 公西 颛孙 壤驷 公良 "
    "漆雕 乐正 宰父 谷梁 拓跋 夹谷 轩辕 令狐 段干 百里 呼延 东郭 南门 羊舌 微生 梁丘 左丘 东门 西门".split()
)
# A base character with what belongs to it: combining marks and variation selectors.
CHARACTER = re.compile(
    r"[^\u0300-\u036f\ufe00-\ufe0f\U000e0100-\U000e01ef]?"
    r"[\u0300-\u036f\ufe00-\ufe0f\U000e0100-\U000e01ef]*",
    re.DOTALL,
)
SHORT_NUMBER = re.compile(r"(?<![0-9A-Za-z])[0-9A-Za-z]{2,5}(?![0-9A-Za-z])")
COUNTY = re.compile(r"^.*?(?:[县旗]|市(?!区).{1,8}?[区市县旗]|市|区)(?:.{1,8}?(?:街道|镇|乡))?")


def characters(text: str) -> list[str]:
    """Text as people count it: a base character keeps its marks and variation selectors."""
    return [piece for piece in CHARACTER.findall(text) if piece]


def mask_name(name: str) -> str:
    """The surname stays; Latin names keep the first letter of each word."""
    if re.fullmatch(r"[\x20-\x7e\u00c0-\u024f'’-]+", name):
        return " ".join(word[:1] + "*" * min(len(word) - 1, 5) for word in name.split())
    letters = characters(name)
    kept = 2 if len(letters) > 2 and "".join(letters[:2]) in DOUBLE_SURNAMES else 1
    return "".join(letters[:kept]) + "*" * max(len(letters) - kept, 0 if len(letters) < 2 else 1)


def mask_id_number(number: str) -> str:
    """First three and last four; a birth date (positions 7 to 14) never shows."""
    return _middle(number, head=3, tail=4) if len(number) > 11 else _middle(number, head=1, tail=2)


def mask_phone(phone: str) -> str:
    return _middle(phone, head=3, tail=4) if len(phone) > 7 else _middle(phone, head=0, tail=2)


def mask_bank_card(number: str) -> str:
    return _middle(number, head=0, tail=4)


def mask_certificate(number: str) -> str:
    return _middle(number, head=3, tail=2)


def mask_address(address: str) -> str:
    """Down to the county, or the town where it is named; the rest is stars."""
    found = COUNTY.match(address)
    return found.group(0) + "****" if found else _middle(address, head=3, tail=0)


def _middle(text: str, *, head: int, tail: int) -> str:
    hidden = len(text) - head - tail
    if hidden <= 0:
        return "*" * len(text)
    return text[:head] + "*" * hidden + (text[-tail:] if tail else "")


MASKS: dict[str, Callable[[str], str]] = {
    "name": mask_name,
    "id_number": mask_id_number,
    "phone": mask_phone,
    "bank_card": mask_bank_card,
    "certificate": mask_certificate,
    "address": mask_address,
}


@register.filter
def masked(text: object, sort: str) -> str:
    """`{{ phone|masked:"phone" }}`: an unknown sort is an error, never an unmasked value."""
    return MASKS[sort](str(text)) if text not in (None, "") else ""


@register.simple_tag
def differing(text: str, other: str) -> SafeString:
    """`text`, with the characters that `other` does not have at that place in `<mark>`.

    A short number is marked whole (门牌号 88 and 86), a long one only where it differs.
    """
    ours = characters(text or "")
    marked = _differences(ours, characters(other or ""))
    for run in SHORT_NUMBER.finditer("".join(one if len(one) == 1 else "字" for one in ours)):
        if any(marked[run.start() : run.end()]):
            marked[run.start() : run.end()] = [True] * (run.end() - run.start())
    return format_html_join(
        "",
        "{}",
        (
            (format_html("<mark>{}</mark>", piece) if differs else conditional_escape(piece),)
            for differs, group in groupby(zip(ours, marked, strict=True), key=itemgetter(1))
            for piece in ["".join(one for one, _differs in group)]
        ),
    )


def _differences(ours: list[str], theirs: list[str]) -> list[bool]:
    """Place by place where that marks no more than the alignment of the two: easier to follow."""
    marked = [True] * len(ours)
    for start, _start, length in SequenceMatcher(
        None, ours, theirs, autojunk=False
    ).get_matching_blocks():
        marked[start : start + length] = [False] * length
    if len(ours) != len(theirs):
        return marked
    by_place = [one != other for one, other in zip(ours, theirs, strict=True)]
    return by_place if sum(by_place) <= max(sum(marked), 1) else marked

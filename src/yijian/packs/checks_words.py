"""文字的检查: both languages, notices whose variables exist, text messages of one segment."""

import re
from collections.abc import Iterator
from string import Formatter

from yijian.domain.notices import CASE_VARIABLES, SMS_SEGMENT, variables
from yijian.domain.policy import NoticeSpec, Pack
from yijian.domain.states import TaskState
from yijian.packs.checks_occasions import check_occasion, roles_of
from yijian.packs.findings import Finding, Severity, nearest
from yijian.packs.reading import Source

_REFUSAL = re.compile(r"refusal_([a-z][a-z0-9_]*)_[1-9]")
_TYPICAL = {"link": 24, "baby": 3, "item": 6, "office": 12, "reason": 16, "due": 10}
_TYPICAL_OTHER = 6
_DUTY = {"office": "", "count": 1, "percent": 80}


def check_words(source: Source, pack: Pack) -> Iterator[Finding]:
    """Findings about texts and notices."""
    for path in source.untranslated:
        yield Finding(source.place(*path), f"缺少英文：{_shown(source, path)}")
    for notice in pack.notices:
        yield from _notice(source, pack, notice)
    yield from _dead_words(source, pack)
    yield from _duty_words(source, pack)


def _dead_words(source: Source, pack: Pack) -> Iterator[Finding]:
    """Words of the pack itself about an item or state that there is not are never read."""
    for word in pack.words:
        place = source.tree.key_at(("words", word))
        if not place.file.startswith(f"{pack.code}/"):
            continue
        item, number = _REFUSAL.fullmatch(word), word.removeprefix("status.")
        if item is not None and item.group(1) not in pack.items:
            sentence = (
                f"没有叫“{item.group(1)}”的事项，这句话没有人读{nearest(item.group(1), pack.items)}"
            )
            yield Finding(place, sentence)
        states = {state.value for state in TaskState}
        if word.startswith("status.") and number not in states:
            yield Finding(place, f"没有“{number}”这个状态{nearest(number, states)}")


def _duty_words(source: Source, pack: Pack) -> Iterator[Finding]:
    """Texts to duty phones know nothing of a case: only the office, how many and how far."""
    for word, text in pack.words.items():
        if not word.startswith("duty."):
            continue
        for language, words in (("zh", text.zh), ("en", text.en)):
            place = source.place("words", word, language)
            try:
                named = {name for _, name, _, _ in Formatter().parse(words) if name is not None}
                words.format_map(_DUTY | dict.fromkeys(named - _DUTY.keys(), ""))
            except (AttributeError, LookupError, TypeError, ValueError):
                yield Finding(place, "花括号写得不对")
                continue
            for name in sorted(named - _DUTY.keys()):
                yield Finding(place, f"没有叫“{name}”的变量{nearest(name, _DUTY)}")


def _shown(source: Source, path: tuple[str | int, ...]) -> str:
    node = source.tree.find(path)
    value = node.value if node is not None else ""
    zh = value["zh"].value if isinstance(value, dict) and "zh" in value else value
    return f"“{str(zh)[:20]}”"


def _notice(source: Source, pack: Pack, notice: NoticeSpec) -> Iterator[Finding]:
    path = ("notices", notice.id)
    for language in ("zh", "en"):
        words = getattr(notice.text, language)
        try:
            list(Formatter().parse(words))
        except ValueError:
            yield Finding(source.place(*path, "text", language), "花括号没有成对")
            return
    known = CASE_VARIABLES | pack.facts.keys()
    for name in sorted(variables(notice) - known):
        sentence = f"没有叫“{name}”的变量{nearest(name, known)}"
        yield Finding(source.place(*path, "text"), sentence)
    yield from check_occasion(pack, notice.on, source.place("notices", notice.id, "on"))
    roles = roles_of(pack)
    for index, role in enumerate(notice.to):
        if role not in roles and role not in ("office", "operator"):
            sentence = f"没有叫“{role}”的收信人{nearest(role, roles)}"
            yield Finding(source.place(*path, "to", index), sentence)
    if "sms" in notice.channels:
        length = _length(notice.text.zh)
        if length > SMS_SEGMENT:
            sentence = f"短信约 {length} 字，超过一条的 {SMS_SEGMENT} 字"
            yield Finding(source.place(*path, "text", "zh"), sentence, Severity.WARNING)


def _length(words: str) -> int:
    """The text's length with typical values for its variables."""
    return sum(
        len(literal) + (_TYPICAL.get(name, _TYPICAL_OTHER) if name else 0)
        for literal, name, _, _ in Formatter().parse(words)
    )

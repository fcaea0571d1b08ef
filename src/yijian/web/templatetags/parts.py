"""The parts a page is put together from (页面部件).

`{% load parts %}`. Every tag takes plain values: mappings or dataclasses with the keys named in its
docstring; keys not given are left out of the page. All texts are escaped. Nothing here asks a
database, decides anything or knows a person. Usage with pictures: docs/reference/components.md.
"""

import unicodedata
from collections.abc import Iterable, Sequence
from typing import Any

from django import template
from django.utils.translation import gettext_lazy as _

from yijian.web.templatetags.masks import characters

register = template.Library()

Rows = Iterable[Any]

# Characters of GB 2312 are on every phone and every printer; others deserve a second look.
COMMON = "gb2312"

VERDICT_SIGNS = {
    "yes": "yes",
    "no": "no",
    "unknown": "ask",
    "stale": "ask",
    "person": "ask",
    "busy": "busy",
}
VERDICT_WORDS = {
    "yes": _("符合"),
    "no": _("不符合"),
    "unknown": _("暂时查不到"),
    "stale": _("信息已过期"),
    "person": _("需要人工确认"),
    "busy": _("正在核验"),
}
COMPARISONS = {
    "different": (_("不一致"), "warn"),
    "missing": (_("查不到"), "warn"),
    "same": (_("一致"), "good"),
    "declared_only": (_("仅申报"), ""),
    "verified_only": (_("仅共享"), ""),
}


def _read(row: Any, key: str) -> Any:
    """A key of a mapping or an attribute of a dataclass; None when it has neither."""
    return row.get(key) if hasattr(row, "get") else getattr(row, key, None)


@register.inclusion_tag("parts/facts_card.html")
def facts_card(title: str, facts: Rows, wrong_url: str = "", note: str = "") -> dict[str, Any]:
    """What is already known. facts: label, value, source, origin (verified|declared|derived).

    `wrong_url` leads to the page where a family says that something is not right. A source that
    all facts share is said once.
    """
    known = list(facts)
    sources = {(_read(fact, "source"), _read(fact, "origin")) for fact in known}
    return {
        "title": title,
        "facts": known,
        "wrong_url": wrong_url,
        "note": note,
        "shared": known[0] if len(known) > 1 and len(sources) == 1 else None,
    }


@register.inclusion_tag("parts/summary_list.html")
def summary_list(rows: Rows) -> dict[str, Any]:
    """Answers to look over again. rows: label, value, source, origin, change_url."""
    return {"rows": rows}


@register.inclusion_tag("parts/timeline.html")
def timeline(stages: Rows) -> dict[str, Any]:
    """Where everything stands.

    stages: title, state (done|current|waiting|attention|stopped|skipped), tag, office, phone,
    since, due, note, url, link (the words of the link).
    """
    tones = {"done": "good", "current": "info", "attention": "warn", "stopped": "bad"}
    return {"stages": [(stage, tones.get(_read(stage, "state") or "", "")) for stage in stages]}


@register.inclusion_tag("parts/verdicts.html")
def verdicts(conditions: Rows) -> dict[str, Any]:
    """Conditions one by one.

    conditions: answer (yes|no|unknown|stale|person|busy), title, reason, basis, way_on, url, link.
    """
    return {
        "conditions": [
            (condition, VERDICT_SIGNS[answer], VERDICT_WORDS[answer])
            for condition in conditions
            for answer in [_read(condition, "answer") or "unknown"]
        ]
    }


@register.inclusion_tag("parts/letters.html")
def letters(messages: Rows) -> dict[str, Any]:
    """Messages to a family. messages: title, text, at (datetime), new (bool), url, link."""
    return {"messages": messages}


@register.inclusion_tag("parts/glyphs.html")
def glyphs(name: str | Rows, pinyin: Sequence[str] = ()) -> dict[str, Any]:
    """A name, one large character after another; rare ones with their code point.

    name: the text (with `pinyin`, one reading each), or its characters ready to show, each with
    character, pinyin, code ("U+20BB7") and rare.
    """
    if not isinstance(name, str):
        ready = list(name)
        text = "".join(_read(one, "character") for one in ready)
        rare = any(_read(one, "rare") for one in ready)
        return {"glyphs": ready, "name": text, "any_rare": rare}
    shown = []
    for place, character in enumerate(characters(name)):
        shown.append(
            {
                "character": character,
                "pinyin": pinyin[place] if place < len(pinyin) else "",
                "code": " ".join(f"U+{ord(point):04X}" for point in character),
                "rare": is_rare(character),
            }
        )
    return {"glyphs": shown, "name": name, "any_rare": any(one["rare"] for one in shown)}


def is_rare(character: str) -> bool:
    """True for an ideograph outside GB 2312, or one with a variation selector.

    >>> is_rare("王"), is_rare("𠮷")
    (False, True)
    """
    if unicodedata.category(character[0]) != "Lo":
        return False
    try:
        character.encode(COMMON)
    except UnicodeEncodeError:
        return True
    return False


@register.inclusion_tag("parts/compare.html")
def compare(rows: Rows) -> dict[str, Any]:
    """Declared beside verified, differences first, differing characters marked.

    rows: label, declared, verified, source, state (same|different|declared_only|verified_only|
    missing; worked out from the two values when not given).
    """
    judged = []
    for row in rows:
        ours, theirs = _read(row, "declared") or "", _read(row, "verified") or ""
        state = _read(row, "state") or _compared(str(ours), str(theirs))
        judged.append((row, state, *COMPARISONS[state]))
    order = list(COMPARISONS)
    judged.sort(key=lambda one: min(order.index(one[1]), order.index("same")))
    return {"rows": judged}


def _compared(declared: str, verified: str) -> str:
    if declared and verified:
        return "same" if declared == verified else "different"
    return "declared_only" if declared else "verified_only"


@register.inclusion_tag("parts/checks.html")
def checks(results: Rows) -> dict[str, Any]:
    """Short check list of the desk. results: answer (as in verdicts), text, source."""
    return {
        "results": [
            (result, VERDICT_SIGNS[answer], VERDICT_WORDS[answer])
            for result in results
            for answer in [_read(result, "answer") or "unknown"]
        ]
    }


@register.inclusion_tag("parts/worklist.html")
def worklist(columns: Sequence[str], rows: Rows, select: str = "") -> dict[str, Any]:
    """Tasks of a clerk.

    columns: headings between the number and the state. rows: number, url, light (red|yellow|green),
    cells (one text per column), tag, tone (good|info|warn|bad), left (time left, as text), id.
    select: name of the tick boxes for batches; none when empty.
    """
    return {"columns": columns, "rows": rows, "select": select}


@register.inclusion_tag("parts/counts.html")
def counts(groups: Rows) -> dict[str, Any]:
    """Left column of the desk. groups: title, links [{label, url, count, current, bad}]."""
    return {"groups": groups}


@register.inclusion_tag("parts/steps.html")
def steps(number: int, total: int, saved_at: str = "") -> dict[str, Any]:
    """第 2 步，共 3 步; `saved_at` is the time as text, "" before anything was saved."""
    marks = [
        "done" if one < number else "now" if one == number else "" for one in range(1, total + 1)
    ]
    return {"number": number, "total": total, "saved_at": saved_at, "marks": marks}

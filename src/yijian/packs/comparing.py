"""比较: what changes for families between two packs: who is eligible, what is asked, which clocks."""

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any

from yijian.domain.context import Context
from yijian.domain.eligibility import Answer, Eligibility
from yijian.domain.forms import FormField
from yijian.domain.policy import Limit, Pack
from yijian.packs.documents import Document, keyed
from yijian.packs.families import Family
from yijian.packs.rehearsal import begun

Json = dict[str, Any]


def compare(
    before: Context, after: Context, families: Iterable[tuple[str, Family]], day: date
) -> Json:
    """The differences for families on `day`; each part is empty when nothing differs."""
    return {
        "before": _named(before.pack),
        "after": _named(after.pack),
        "families": list(_families(before, after, families)),
        "asked": list(_asked(before.pack, after.pack)),
        "clocks": list(_clocks(before.pack, after.pack, day)),
        "rules": list(_rules(before.pack, after.pack)),
    }


def changed_values(before: Document, after: Document) -> list[Json]:
    """Every value that two documents do not share, by dotted path."""
    old, new = dict(_leaves(keyed(before))), dict(_leaves(keyed(after)))
    return [
        {"path": path, "before": old.get(path), "after": new.get(path)}
        for path in dict.fromkeys((*old, *new))
        if old.get(path) != new.get(path)
    ]


def _leaves(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        for key, child in value.items():
            yield from _leaves(child, f"{path}.{key}" if path else str(key))
    elif isinstance(value, list) and any(isinstance(child, dict) for child in value):
        for index, child in enumerate(value):
            yield from _leaves(child, f"{path}.{index}")
    else:
        yield path, value


def _named(pack: Pack) -> Json:
    return {"code": pack.code, "version": pack.version, "digest": pack.digest}


def _families(
    before: Context, after: Context, families: Iterable[tuple[str, Family]]
) -> Iterator[Json]:
    for name, family in families:
        one, other = _verdict(family, before), _verdict(family, after)
        if one != other:
            yield {"family": name, "before": one, "after": other}


def _verdict(family: Family, context: Context) -> Json:
    start = begun(family, context)
    verdict: Eligibility = context.judge(start.case, start.now)
    failed = {v.rule.id for v in verdict.verdicts if v.answer is Answer.NO}
    return {"eligible": verdict.answer.value, "failed": sorted(failed)}


def _asked(before: Pack, after: Pack) -> Iterator[Json]:
    old = {field.fact: _asking(field) for field in before.fields()}
    new = {field.fact: _asking(field) for field in after.fields()}
    for fact in dict.fromkeys((*old, *new)):
        if old.get(fact) != new.get(fact):
            yield {"fact": fact, "before": old.get(fact), "after": new.get(fact)}


def _asking(field: FormField) -> Json:
    return {
        "label": field.label.zh,
        "required": field.required,
        "typed": field.typed,
        "items": list(field.items),
        "default": field.default.source if field.default else None,
    }


def _clocks(before: Pack, after: Pack, day: date) -> Iterator[Json]:
    old = {code: _limit(item.limit_on(day)) for code, item in before.items.items()}
    new = {code: _limit(item.limit_on(day)) for code, item in after.items.items()}
    old["promise"], new["promise"] = _limit(before.promise), _limit(after.promise)
    for item in dict.fromkeys((*old, *new)):
        if old.get(item) != new.get(item):
            yield {"item": item, "before": old.get(item), "after": new.get(item)}


def _limit(limit: Limit | None) -> Json | None:
    if limit is None:
        return None
    units = {"workdays": limit.workdays, "days": limit.days, "hours": limit.hours}
    return {unit: count for unit, count in units.items() if count is not None}


def _rules(before: Pack, after: Pack) -> Iterator[Json]:
    old = {rule.id: rule.condition.source for rule in before.rules}
    new = {rule.id: rule.condition.source for rule in after.rules}
    for rule in dict.fromkeys((*old, *new)):
        if old.get(rule) != new.get(rule):
            yield {"rule": rule, "before": old.get(rule), "after": new.get(rule)}

"""比较: what changes for families between two packs: who is eligible, what is asked, which clocks."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Any

from yijian.domain.context import Context
from yijian.domain.eligibility import Answer, Eligibility
from yijian.domain.forms import FormField
from yijian.domain.policy import Limit, Pack
from yijian.packs.canonical import Document, keyed
from yijian.packs.families import Family
from yijian.packs.rehearsal import begun

Json = dict[str, Any]


def compare(
    before: Context, after: Context, families: Iterable[tuple[str, Family]], day: date
) -> Json:
    """The differences for families on `day`; each part is empty when nothing differs."""
    one, other = before.pack, after.pack
    return {
        "before": _named(one),
        "after": _named(other),
        "families": list(_families(before, after, families)),
        "rules": list(_rules(one, other)),
        "items": _changed("item", _items(one), _items(other)),
        "asked": list(_asked(one, other)),
        "materials": _changed("material", _materials(one), _materials(other)),
        "signers": _changed("role", _signers(one), _signers(other)),
        "clocks": list(_clocks(one, other, day)),
    }


def compare_population(
    before: Context, after: Context, families: Iterable[tuple[str, Family]]
) -> Json:
    """How many families of a population gain or lose, by the rules that decide it.

    A family gains when it fits after and did not before. `by_rule` counts, for every rule, the
    families that it refuses before and after, and those it alone keeps out.
    """
    counts = {"families": 0, "gained": 0, "lost": 0, "fit_before": 0, "fit_after": 0}
    refused: dict[str, list[int]] = {}
    changed: list[Json] = []
    for name, family in families:
        one, other = _verdict(family, before), _verdict(family, after)
        fits = (one["eligible"] == "yes", other["eligible"] == "yes")
        counts["families"] += 1
        counts["fit_before"] += fits[0]
        counts["fit_after"] += fits[1]
        counts["gained"] += fits == (False, True)
        counts["lost"] += fits == (True, False)
        for side, verdict in enumerate((one, other)):
            for rule in verdict["failed"]:
                row = refused.setdefault(rule, [0, 0, 0, 0])
                row[side] += 1
                row[2 + side] += verdict["failed"] == [rule]
        if fits[0] != fits[1]:
            changed.append({"family": name, "before": one, "after": other})
    by_rule = [
        {
            "rule": rule,
            "refuses_before": row[0],
            "refuses_after": row[1],
            "alone_before": row[2],
            "alone_after": row[3],
        }
        for rule, row in sorted(refused.items())
    ]
    return {**counts, "by_rule": by_rule, "changed": changed}


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


def _changed(name: str, old: Mapping[str, Json], new: Mapping[str, Json]) -> list[Json]:
    return [
        {name: id_, "before": old.get(id_), "after": new.get(id_)}
        for id_ in dict.fromkeys((*old, *new))
        if old.get(id_) != new.get(id_)
    ]


def _items(pack: Pack) -> dict[str, Json]:
    return {
        code: {
            "choice": item.choice.value,
            "needs": list(item.needs),
            "requires": [list(group) for group in item.requires],
            "office_kind": item.office_kind,
            "on_refusal": item.on_refusal.value,
            "exemptions": [exemption.id for exemption in item.exemptions],
            "receives": sorted(item.payload),
        }
        for code, item in pack.items.items()
    }


def _materials(pack: Pack) -> dict[str, Json]:
    found: dict[str, Json] = {}
    for item in pack.items.values():
        for material in item.materials:
            said = found.setdefault(
                material.id,
                {
                    "title": material.title.zh,
                    "waived": material.waived,
                    "kind": material.kind,
                    "when": material.when.source if material.when else None,
                    "items": [],
                },
            )
            said["items"].append(item.code)
    return found


def _signers(pack: Pack) -> dict[str, Json]:
    applies = [("applicants", {"roles": list(pack.applicants)})]
    applies += [("fills", {"roles": list(pack.fills)})]
    arrives = [
        (f"arrives:{step.role}", {"after": list(step.after), "live_check": step.live_check})
        for step in pack.arrivals
    ]
    signs = [
        (
            f"signs:{step.role}",
            {
                "after": list(step.after),
                "live_check": step.live_check,
                "when": step.when.source if step.when else None,
            },
        )
        for step in pack.signing
    ]
    papers = [
        (f"paper:{paper.id}", {"signed_by": list(paper.signed_by)}) for paper in pack.statements
    ]
    return dict([*applies, *arrives, *signs, *papers])


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

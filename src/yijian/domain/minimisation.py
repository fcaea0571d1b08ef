"""最小够用: what a message about a task may carry, by the policy that its case is pinned to.

Looked at once more at the door, just before a message leaves and as soon as one comes in: whatever
wrote it, a value that the item does not list goes to nobody.
"""

from collections.abc import Iterable, Mapping
from typing import cast

from yijian.domain.policy import ServiceItem

EMPTY_WHEN_WITHDRAWN = ("fields", "verified", "materials", "scans", "certificates")
THIN = ("task_id", "case_number", "item", "newborn", "round", "office", "intent")
"""All that a partner is told who fetches the rest by itself."""


def unlisted(item: ServiceItem, data: Mapping[str, object]) -> str:
    """The first thing in a message that its item does not list; empty when there is none.

    The answer names a field or material, never a value.
    """
    facts, materials = set(item.payload), {material.id for material in item.materials}
    for name, allowed in (("fields", facts), ("verified", facts), ("materials", materials)):
        for found in _names(data.get(name)):
            if found not in allowed:
                return f"{name}.{found}"
    for scan in cast(Iterable[object], _listed(data.get("scans"))):
        shown = scan.get("material") if isinstance(scan, Mapping) else None
        if shown not in materials:
            return f"scans.{shown}"
    return ""


def left_over(data: Mapping[str, object]) -> str:
    """What a withdrawn task still shows of the family; empty when nothing is left."""
    return next((name for name in EMPTY_WHEN_WITHDRAWN if data.get(name)), "")


def thinned(data: Mapping[str, object]) -> dict[str, object]:
    """What a partner is told who fetches tasks itself: which one, and why.

    >>> thinned({"task_id": "1", "fields": {"mother_name": "…"}, "intent": "dispatched"})
    {'task_id': '1', 'intent': 'dispatched'}
    """
    return {name: data[name] for name in THIN if name in data}


def _names(value: object) -> list[str]:
    return [str(name) for name in value] if isinstance(value, Mapping | list | tuple) else []


def _listed(value: object) -> list[object]:
    return list(value) if isinstance(value, list | tuple) else []

"""材料清单: which materials a case is asked for, and which pictures are still missing."""

from dataclasses import dataclass, replace
from datetime import datetime

from yijian.domain.cases import Case
from yijian.domain.context import Context
from yijian.domain.plan import chosen_items, subjects
from yijian.domain.policy import Material, ServiceItem

SCAN = "scan"
"""The kind of material that is brought as pictures."""


@dataclass(frozen=True, slots=True)
class AskedMaterial:
    """要交的材料: one material, asked once however many items list it; `items` are their codes."""

    material: Material
    items: tuple[str, ...]


def asked_materials(context: Context, case: Case, now: datetime) -> tuple[AskedMaterial, ...]:
    """Every material that a chosen item asks of this family, in pack order.

    A material with a condition is asked unless the condition is known not to hold; one without
    is asked unless shared data already has it. Items that are not needed here ask for nothing.
    """
    found: dict[str, AskedMaterial] = {}
    for item in chosen_items(context, case):
        values = [context.filled(case, n, now) for n in subjects(item, case.newborns)]
        if _exempt(item, values):
            continue
        for material in item.materials:
            if not _is_asked(material, values):
                continue
            known = found.get(material.id)
            if known is None:
                found[material.id] = AskedMaterial(material, (item.code,))
            else:
                found[material.id] = replace(known, items=(*known.items, item.code))
    return tuple(found.values())


def missing_scans(context: Context, case: Case, now: datetime) -> tuple[AskedMaterial, ...]:
    """The pictures that the family has still to bring before it can sign online."""
    return tuple(
        asked
        for asked in asked_materials(context, case, now)
        if asked.material.kind == SCAN and not case.materials.get(asked.material.id)
    )


def _exempt(item: ServiceItem, values: list[dict[str, object]]) -> bool:
    return bool(item.exemptions) and all(
        any(exemption.condition.holds(known) for exemption in item.exemptions) for known in values
    )


def _is_asked(material: Material, values: list[dict[str, object]]) -> bool:
    if material.when is None:
        return not material.waived
    return any(material.when.holds(known) is not False for known in values)

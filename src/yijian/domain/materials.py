"""材料清单: which materials a case is asked for, and which pictures are still missing."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from yijian.domain.cases import Case
from yijian.domain.context import Context
from yijian.domain.plan import chosen_items, subjects, switched_off
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
    is asked unless shared data already has it. Items that are not needed here, or not online yet,
    ask for nothing.
    """
    found: dict[str, AskedMaterial] = {}
    known_of = {n: context.filled(case, n, now) for n in range(max(case.newborns, 1) + 1)}
    for item in chosen_items(context, case):
        values = [known_of[n] for n in subjects(item, case.newborns)]
        if _exempt(item, values) or all(switched_off(context, item, known) for known in values):
            continue
        for material in item.materials:
            if not any(is_asked(material, known) for known in values):
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


def is_asked(material: Material, values: Mapping[str, object]) -> bool:
    """Whether a material must be brought, as far as is known."""
    if material.when is None:
        return not material.waived
    return material.when.holds(values) is not False

"""谁住在哪里: the families of a region, each known to those provinces that have to do with it.

A delivery is recorded where the child was born, a parent's household where it is registered, a
marriage where it was registered. The hub's own outside world knows the people, because they log in
there, and sends them text messages; what it asks of registers it asks of the provinces.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

import httpx

from yijian.ops.acquaint import PATIENCE_SECONDS, send_families
from yijian.ops.delta_layout import HUB, Layout, Province, within

Json = dict[str, Any]

PARENTS = ("mother", "father")
DIVISION = re.compile(r"\d{6}")


def place_examples(layout: Layout, sandboxes: Mapping[str, str]) -> None:
    """Bring the families that the hub's sandbox knows to the provinces; sandboxes by node."""
    with httpx.Client(base_url=sandboxes[HUB], timeout=PATIENCE_SECONDS) as client:
        found: list[Json] = client.get("/families").raise_for_status().json()
    bring(layout, sandboxes, found)


def bring(layout: Layout, sandboxes: Mapping[str, str], families: Iterable[Json]) -> None:
    """Make families known to the sandboxes of the provinces that have to do with them.

    Errors: NotAcquaintedError.
    """
    everyone = list(families)
    for province in layout.provinces:
        pieces = [piece for one in everyone if (piece := piece_of(one, province)) is not None]
        with httpx.Client(base_url=sandboxes[province.code], timeout=PATIENCE_SECONDS) as client:
            send_families(client, pieces)


def piece_of(family: Json, province: Province) -> Json | None:
    """What one province knows of a family; None when it has nothing to do with it."""
    return _piece(family, (province.prefix,))


def piece_of_hub(family: Json, layout: Layout) -> Json:
    """What the hub's own outside world knows: the people, and the places without a node."""
    known = _piece(family, tuple(map(within, layout.manual)))
    if known is not None:
        return known
    people = {role: _stranger(family[role]) for role in PARENTS if family.get(role)}
    return {**family, **people, "delivery": None, "marriage": None}


def _piece(family: Json, prefixes: tuple[str, ...]) -> Json | None:
    """What is recorded in places with these prefixes; None when nothing is."""

    def here(division: str) -> bool:
        return bool(division) and division.startswith(prefixes)

    born, married = here(birthplace(family)), here(place_of_marriage(family))
    registered = [role for role in PARENTS if here(_hukou(family, role))]
    if not (born or married or registered or here(_residence(family))):
        return None
    piece = dict(family)
    piece["delivery"] = family.get("delivery") if born else None
    # Both partners' places keep the book of a marriage that was registered in one of them.
    piece["marriage"] = family.get("marriage") if married or registered else None
    for role in PARENTS:
        if family.get(role) and role not in registered:
            piece[role] = _stranger(family[role])
    return piece


def _stranger(person: Json) -> Json:
    """Somebody who is not registered here: neither the household's book nor the papers' files."""
    return {**person, "hukou": None, "certificates": []}


def birthplace(family: Json) -> str:
    """The division where the child was born: the hospital's, for a birth at home the mother's."""
    found = DIVISION.search(str((family.get("delivery") or {}).get("institution") or ""))
    return found[0] if found else _hukou(family, "mother")


def place_of_marriage(family: Json) -> str:
    """The division of the registry, as the certificate's number names it."""
    number = (family.get("marriage") or {}).get("certificate_number")
    found = DIVISION.search(str(number or ""))
    return found[0] if found else ""


def _hukou(family: Json, role: str) -> str:
    return str((((family.get(role) or {}).get("hukou")) or {}).get("division") or "")


def _residence(family: Json) -> str:
    for role in PARENTS:
        residence = (family.get(role) or {}).get("residence")
        if residence:
            return str(residence.get("division") or "")
    return ""

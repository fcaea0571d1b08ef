"""入口: where the baby was born leads to a scheme; what stands at the door of each scheme."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

from django.conf import settings
from django.urls import reverse

from yijian.actions import contexts, neighbours, schemes
from yijian.domain.context import Context
from yijian.domain.policy import Pack
from yijian.domain.routing import Office
from yijian.domain.schemes import covers
from yijian.web.applicant.values import places, worded

ONLINE = "online"
WINDOWS = {"hospital_window": "midwifery_institution", "counter": "service_centre"}
"""The kind of office at which a channel's window is."""


@dataclass(frozen=True, slots=True)
class Place:
    """One answer to where the baby was born."""

    title: str
    url: str


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """A scheme for which families apply at another node: its title, that node, and the address."""

    title: str
    node: str
    url: str


@dataclass(frozen=True, slots=True)
class Closed:
    """What is not online yet: everything, or some items; everywhere here, or in some places."""

    text: str
    whole: bool
    items: tuple[str, ...]
    places: tuple[str, ...]


def birth_places() -> list[Place]:
    """Every place that a scheme of this node serves, once, in the order of their codes."""
    widest_first = sorted(contexts.offered(), key=lambda pack: -len(pack.divisions))
    found = {division: pack for pack in widest_first for division in pack.divisions}
    chosen = []
    for division in sorted(found):
        leading = schemes.serving(division)[0]
        address = f"{reverse('entrance', args=[leading.code])}?at={division}"
        chosen.append(Place(place_title(found[division], division), address))
    return chosen


def place_title(pack: Pack, division: str) -> str:
    """What a place is called: by the pack that is of this place alone, else by its division.

    A pack that may not name its place has a word for it.
    """
    if "place_name" in pack.words:
        return worded(pack.words["place_name"])
    return worded(pack.title) if len(pack.divisions) == 1 else places().get(division, division)


def others_at(pack: Pack, division: str) -> list[tuple[str, str]]:
    """The other schemes of the same place: title and address."""
    divisions = [division] if division else pack.divisions
    found = {o.code: o for one in divisions for o in schemes.serving(one) if o.code != pack.code}
    return [
        (
            worded(other.service_title),
            f"{reverse('entrance', args=[other.code])}?at={division}",
        )
        for other in found.values()
    ]


def elsewhere() -> list[Elsewhere]:
    """The schemes of which parts are handled here, and where families apply for them."""
    found = []
    received = contexts.received_codes()
    for pack in contexts.packs() if received else ():
        there = neighbours.applied_at(pack.code) if pack.code in received else None
        address = door_elsewhere(pack.code) if there else None
        if there is not None and address is not None:
            found.append(Elsewhere(worded(pack.service_title), worded(there.title), address))
    return found


def door_elsewhere(code: str, division: str = "") -> str | None:
    """The address at which families apply under a pack that is only received here.

    It names this node as the door they came through. None for every other pack.
    """
    there = neighbours.applied_at(code) if code in contexts.received_codes() else None
    if there is None:
        return None
    query = {"from": settings.YIJIAN.node} | ({"at": division} if division in places() else {})
    return f"{there.page(reverse('entrance', args=[code]))}?{urlencode(query)}"


def closed(pack: Pack, division: str, on: date) -> list[Closed]:
    """What a family reads before it begins about what is not online yet."""
    divisions = [division] if division else list(pack.divisions)
    switches = {s.id: s for one in divisions for s in schemes.switched_off(pack, one, on)}
    return [
        Closed(
            worded(switch.text),
            not switch.items
            and (not switch.divisions or all(covers(switch.divisions, d) for d in divisions)),
            tuple(worded(pack.items[item].title) for item in switch.items),
            tuple(place_title(pack, place) for place in _within(switch.divisions, divisions)),
        )
        for switch in switches.values()
    ]


def _within(parts: Iterable[str], divisions: Iterable[str]) -> list[str]:
    """Those of the parts that do not cover the whole of the divisions."""
    wanted = list(divisions)
    return [part for part in parts if not any(covers([part], one) for one in wanted)]


def is_light(pack: Pack) -> bool:
    """Whether a family types one thing at most, whatever it chooses, and never has to send a
    picture.
    """
    typed = {field.fact for field in pack.fields() if field.typed and field.required}
    scans = [m for item in pack.items.values() for m in item.materials if m.kind == "scan"]
    return len(typed) <= 1 and all(material.waived for material in scans)


def windows(context: Context, division: str = "") -> list[tuple[Office, str]]:
    """The offices at whose window this scheme is done, each with its title, nearest place first."""
    pack = context.pack
    kinds = [WINDOWS[channel] for channel in pack.channels if channel in WINDOWS]
    area = [division] if division else pack.divisions
    found = {
        office.code: office
        for kind in kinds
        for office in context.directory.of_kind(kind)
        if covers(area, office.division)
    }
    return [(office, worded(office.title)) for office in found.values()]

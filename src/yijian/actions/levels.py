"""层级: from the whole node over province, city and county to an office, and what each is called.

A level is a scope of the figures: "" for the node, two, four or six digits of a division, or the
code of an office. A municipality has no cities: its counties stand directly below it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.conf import settings

from yijian.actions import contexts
from yijian.actions.reach import scope_of
from yijian.domain.measures import prefix_of
from yijian.domain.wording import Text
from yijian.packs import divisions, tiles
from yijian.packs.divisions import Divisions
from yijian.records import access, figures, people
from yijian.records.figures import Scope

LONGEST_PREFIX = 6
_NOWHERE = Text("待分派", "not routed yet")


@dataclass(frozen=True, slots=True)
class Level:
    """层级: one scope with its title; `kind` is node, province, city, county or office."""

    scope: str
    kind: str
    title: Text


@dataclass(frozen=True, slots=True)
class Around:
    """所在层级: a level, those above it that the visitor may see, and those below."""

    level: Level
    above: tuple[Level, ...]
    places: tuple[Level, ...]
    offices: tuple[Level, ...]


def access_level(*, by: Any, scope: str | None) -> Around:
    """The level that somebody asks for, or the widest one; access.Refused outside the own scope."""
    may = scope_of(people.visitor(by))
    wanted = may.widest if scope is None else scope
    if wanted is None or not (may.may_see(wanted) or _lies_within(wanted, may)):
        raise access.Refused
    level = level_of(wanted)
    if level is None:
        raise access.Refused
    return Around(level, _above(level, may), *_below(level))


def _lies_within(scope: str, may: Scope) -> bool:
    """Whether a scope is an office at a place that may be seen, for which nothing counts yet."""
    office = contexts.directory().office(scope)
    if office is None or may.prefix is None or figures.place_of(scope):
        return False
    return office.division.startswith(may.prefix)


def level_of(scope: str) -> Level | None:
    """The level of a scope; None when there is neither such a place nor such an office."""
    if not scope:
        return Level("", "node", _node_title())
    if scope.isdigit() and len(scope) <= LONGEST_PREFIX:
        code = scope.ljust(LONGEST_PREFIX, "0")
        row = _divisions().rows.get(code)
        if row is None or prefix_of(code) != scope:
            return None
        return Level(scope, ("province", "city", "county")[len(scope) // 2 - 1], _plain(row[0]))
    office = contexts.directory().office(scope)
    if office is not None:
        return Level(scope, "office", office.title)
    return Level(scope, "office", _plain(scope)) if figures.place_of(scope) else None


def _above(level: Level, may: Scope) -> tuple[Level, ...]:
    """The levels between the visitor's widest and this one."""
    if may.prefix is None or not level.scope:
        return ()
    place = figures.place_of(level.scope) if level.kind == "office" else level.scope
    if level.kind == "office" and not place:
        office = contexts.directory().office(level.scope)
        place = prefix_of(office.division) if office else ""
    ends = range(0, len(place) + (1 if level.kind == "office" else 0), 2)
    found = [level_of(place[:end]) for end in ends if end >= len(may.prefix)]
    return tuple(one for one in found if one is not None)


def _below(level: Level) -> tuple[tuple[Level, ...], tuple[Level, ...]]:
    """Places one step down, and the offices that stand at this very place."""
    if level.kind == "office":
        return (), ()
    counted = figures.places_below(level.scope)
    known = {prefix_of(code) for code in _children(level.scope)}
    places = [level_of(scope) for scope in sorted({*known, *_named(counted)})]
    here = {
        office.code: office.title
        for office in contexts.directory().offices
        if level.scope and prefix_of(office.division) == level.scope
    }
    for code, division in figures.offices_below(level.scope).items():
        if prefix_of(division) == level.scope:
            here.setdefault(code, office_title(code))
    offices = tuple(Level(code, "office", title) for code, title in sorted(here.items()))
    return tuple(one for one in places if one is not None), offices


def office_title(code: str) -> Text:
    """What an office is called; its code when it left the directory long ago."""
    office = contexts.directory().office(code)
    return office.title if office else _plain(code) if code else _NOWHERE


def _named(scopes: Sequence[str]) -> set[str]:
    """Those of the counted scopes that are places of their own."""
    return {scope for scope in scopes if level_of(scope) is not None}


def _children(scope: str) -> tuple[str, ...]:
    if not scope:
        return tuple(f"{province}0000" for province in _provinces())
    return _divisions().below(scope.ljust(LONGEST_PREFIX, "0"))


def _provinces() -> list[str]:
    """Two digits of every province in which this node's schemes are in force."""
    return sorted({code[:2] for pack in contexts.packs() for code in pack.divisions})


def _node_title() -> Text:
    """What the whole node is called: as a scheme of all its provinces is, else their names."""
    provinces = _provinces()
    for pack in contexts.packs():
        if len(provinces) > 1 and sorted({code[:2] for code in pack.divisions}) == provinces:
            return pack.title
    names = [_divisions().name(f"{province}0000") for province in provinces]
    return _plain("、".join(names) or settings.YIJIAN.node)


def tiles_of(level: Level) -> Mapping[str, tuple[Level, int, int]]:
    """By scope the tiles of a level: each place with the row and column where it stands.

    A wide level shows all its cities; a municipality among them is one tile.
    """
    if level.kind in ("office", "county"):
        return {}
    table = _divisions()
    if level.scope:
        codes = list(table.below(level.scope.ljust(LONGEST_PREFIX, "0")))
    else:
        codes = []
        for province in _provinces():
            below = [c for c in table.below(f"{province}0000") if c.endswith("00")]
            codes += below or [f"{province}0000"]
    placed = tiles.places_of(codes, _layouts())
    found = {}
    for code, (row, column) in placed.items():
        one = level_of(prefix_of(code))
        if one is not None:
            found[one.scope] = (one, row, column)
    return found


def _plain(name: str) -> Text:
    """A name that is the same in every language."""
    return Text(name, name)


def _divisions() -> Divisions:
    return _table(str(settings.YIJIAN.packs_dir))


@lru_cache(maxsize=1)
def _table(_packs_dir: str) -> Divisions:
    return divisions.load(settings.YIJIAN.packs_dir)


def _layouts() -> tuple[tiles.Layout, ...]:
    return _layouts_of(str(settings.YIJIAN.packs_dir))


@lru_cache(maxsize=1)
def _layouts_of(_packs_dir: str) -> tuple[tiles.Layout, ...]:
    return tiles.load(settings.YIJIAN.packs_dir)

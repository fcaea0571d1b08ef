"""布局: which nodes a region has, read from its policy pack, and what each one is told of the others.

The region's hub offers the pack; each province of the pack has a node that receives it, and offers
its own packs if it has any. A province without a system of its own has no node: its offices work
at the hub's desk.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from yijian.domain.wording import Text
from yijian.ops.acquaint import Scheme, schemes
from yijian.packs import divisions
from yijian.packs.building import load_folder
from yijian.packs.loading import running_codes

Json = dict[str, Any]

HUB = "delta"
NO_PACKS = "none"


@dataclass(frozen=True)
class Province:
    """A province with a node of its own: its division, its own packs, how its name reads."""

    division: str
    title: Mapping[str, str]
    packs: tuple[str, ...]

    @property
    def code(self) -> str:
        """The code of its node."""
        return f"province-{self.division}"

    @property
    def prefix(self) -> str:
        """What the codes of all its divisions begin with.

        >>> Province("310000", {}, ()).prefix
        '31'
        """
        return within(self.division)


@dataclass(frozen=True)
class Layout:
    """A region: the pack of its hub, the provinces with a node, and those without."""

    pack: str
    title: Mapping[str, str]
    packs_dir: Path
    provinces: tuple[Province, ...]
    manual: tuple[str, ...] = ()

    @property
    def codes(self) -> tuple[str, ...]:
        """Every node, the hub first."""
        return (HUB, *(province.code for province in self.provinces))

    def province_of(self, division: str) -> Province | None:
        """The province in whose node an office of this division works; None for the hub."""
        return next((p for p in self.provinces if division.startswith(p.prefix)), None)

    def world_of(self, province: Province) -> tuple[Scheme, ...]:
        """The offices of a province's sandbox; its families are brought there one by one."""
        return tuple(
            Scheme(one.code, own, ())
            for one in schemes(self.packs_dir, ",".join((self.pack, *province.packs)))
            if (own := tuple(o for o in one.offices if o.division.startswith(province.prefix)))
        )


def within(division: str) -> str:
    """The digits that all divisions inside this one begin with.

    >>> within("320500"), within("340104"), within("100000")
    ('3205', '340104', '10')
    """
    while division.endswith("00"):
        division = division[:-2]
    return division


def read_layout(packs_dir: Path, pack: str = "", manual: Sequence[str] = ()) -> Layout:
    """The region of a pack; without one, of the pack that several provinces share.

    Errors: PackError; ValueError for a province that is none of it, or for no such pack.
    """
    known = {code: load_folder(packs_dir, code)[1] for code in running_codes(packs_dir)}
    shared = [code for code, each in known.items() if len(each.divisions) > 1]
    pack = pack or (shared[0] if len(shared) == 1 else "")
    if pack not in known:
        raise ValueError(f"没有这个政策包 no such pack: {pack}; {', '.join(shared or known)}")
    region = known[pack]
    strangers = sorted(set(manual) - set(region.divisions))
    if strangers:
        raise ValueError(
            f"不是 {pack} 的省份 not a province of {pack}: {', '.join(strangers)};"
            f" {', '.join(region.divisions)}"
        )
    places = divisions.load(packs_dir)
    others = [each for code, each in known.items() if code != pack]
    provinces = [
        Province(
            division,
            {"zh": places.full_name(division), "en": places.full_name(division)},
            tuple(other.code for other in others if other.divisions == (division,)),
        )
        for division in region.divisions
        if division not in manual
    ]
    return Layout(pack, _texts(region.title), packs_dir, tuple(provinces), tuple(manual))


def _texts(text: Text) -> Json:
    return {"zh": text.zh, "en": text.en}


def neighbours_of(layout: Layout, code: str, addresses: Mapping[str, str]) -> Json:
    """What a node is told: who its partners are, which offices are its own, what goes to whom."""
    if code == HUB:
        return {
            "pack": layout.pack,
            "partners": [
                _partner(province.code, province.title, addresses) for province in layout.provinces
            ],
            "channels": [
                {"division": p.prefix, "channel": "node", "participant": p.code}
                for p in layout.provinces
            ]
            + [{"division": within(one), "channel": "desk"} for one in layout.manual],
            "registers": {p.prefix: p.code for p in layout.provinces},
        }
    province = next(one for one in layout.provinces if one.code == code)
    return {
        "pack": layout.pack,
        "offices": province.prefix,
        "partners": [_partner(HUB, layout.title, addresses)],
        "channels": [],
        "rights": [HUB],
    }


def _partner(code: str, title: Mapping[str, str], addresses: Mapping[str, str]) -> Json:
    return {
        "code": code,
        "endpoint": f"{addresses[code]}/api/v1/events",
        "name_zh": title["zh"],
        "name_en": title["en"],
    }

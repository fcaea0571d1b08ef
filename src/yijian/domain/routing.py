"""分发路由: which office acts. An item names a kind of office, a fact names the place."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from yijian.domain.policy import ServiceItem
from yijian.domain.wording import Text


@dataclass(frozen=True, slots=True)
class Office:
    """办理机构: a hospital, a police station, a bureau; `channel` is how tasks reach it.

    `hands_over_to` is the office that helps where this one does not issue certificates itself.
    """

    code: str
    kind: str
    title: Text
    division: str
    channel: str = "desk"
    participant: str | None = None
    phone: str = ""
    address: str = ""
    issues_certificates: bool = True
    hands_over_to: str | None = None


@dataclass(frozen=True)
class Directory:
    """机构目录: every office that acts, by code and by place."""

    offices: tuple[Office, ...]

    @cached_property
    def _by_code(self) -> Mapping[str, Office]:
        return {office.code: office for office in self.offices}

    @cached_property
    def _by_place(self) -> Mapping[tuple[str, str], Office]:
        return {(office.kind, _place(office.division)): office for office in self.offices}

    def office(self, code: str) -> Office | None:
        """The office with this code; None when unknown."""
        return self._by_code.get(code)

    def of_kind(self, kind: str) -> Iterable[Office]:
        """Every office of one kind, in directory order."""
        return (office for office in self.offices if office.kind == kind)

    def route(self, item: ServiceItem, values: Mapping[str, object]) -> Office | None:
        """The office for an item, given what is known; None means a person must decide."""
        place = values.get(item.office_fact)
        if not isinstance(place, str) or not place:
            return None
        named = self._by_code.get(place)
        if named is not None and named.kind == item.office_kind:
            return named
        return self.nearest(item.office_kind, place)

    def nearest(self, kind: str, division: str) -> Office | None:
        """The office of `kind` whose division is `division` or the closest one above it."""
        if not division.isdigit() or len(division) != 6:
            return None
        for prefix in (division, division[:4], division[:2], ""):
            office = self._by_place.get((kind, _place(prefix)))
            if office is not None:
                return office
        return None


def _place(division: str) -> str:
    """A division code without the zero pairs that mean "the whole of"."""
    while division.endswith("00"):
        division = division[:-2]
    return division

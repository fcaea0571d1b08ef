"""Which offices there are (办理机构): those a node has made known, else those of the home places.

An office is a document: code, kind, title {zh, en}, division, channel, participant. The invented
offices of the home places stand in for a directory when nobody has brought one.
"""

import threading
from typing import Any

from sandbox.places import Place, hospitals_of, police_station_of
from sandbox.store import Document, Store

SYSTEMS = ("system", "node")
_BUREAUS = (
    ("hr_bureau", "HR", "人力资源和社会保障"),
    ("insurance_bureau", "YB", "医疗保障"),
    ("tax_bureau", "SW", "税务"),
    ("health_bureau", "WJ", "卫生健康"),
    ("service_centre", "ZW", "政务服务中心"),
)


class OfficeRefused(ValueError):
    """An office that was made known cannot be understood."""


class Offices:
    """All offices by code; those made known replace the invented ones altogether."""

    def __init__(self, store: Store, home: tuple[Place, ...]) -> None:
        self._store = store
        self._lock = threading.Lock()
        self._invented = {office["code"]: office for office in _invented(home)}

    def all(self) -> list[Document]:
        """Return every office, those first that were first known."""
        return self._store.documents("offices") or list(self._invented.values())

    def get(self, code: str) -> Document | None:
        """Return the office with this code."""
        known = self._store.get("offices", code)
        return known or (None if self._made_known else self._invented.get(code))

    def add(self, offices: Any) -> int:
        """Keep offices; the same ones again change nothing. Return how many were new or changed."""
        if not isinstance(offices, list):
            raise OfficeRefused("a list of offices is needed")
        checked = [_checked(office) for office in offices]
        changed = 0
        with self._lock:
            for office in checked:
                if self._store.get("offices", office["code"]) != office:
                    self._store.put("offices", office["code"], office)
                    changed += 1
        return changed

    def participants(self) -> tuple[str, ...] | None:
        """Return the departments with systems of their own; None while no office is known."""
        if not self._made_known:
            return None
        named = {o["participant"] for o in self.all() if o["channel"] in SYSTEMS}
        return tuple(sorted(name for name in named if name))

    @property
    def _made_known(self) -> bool:
        return bool(self._store.keys("offices"))


def _checked(office: Any) -> Document:
    if not isinstance(office, dict):
        raise OfficeRefused("an office is a JSON object")
    for name in ("code", "kind", "division"):
        if not isinstance(office.get(name), str) or not office[name]:
            raise OfficeRefused(f"office.{name} is needed")
    title = office.get("title")
    if not isinstance(title, dict) or not title.get("zh"):
        raise OfficeRefused("office.title.zh is needed")
    return {
        "code": office["code"],
        "kind": office["kind"],
        "title": {"zh": title["zh"], "en": title.get("en") or title["zh"]},
        "division": office["division"],
        "channel": office.get("channel") or "desk",
        "participant": office.get("participant"),
        "issues_certificates": office.get("issues_certificates", True) is True,
    }


def _office(code: str, kind: str, name: str, division: str) -> Document:
    return _checked(
        {"code": code, "kind": kind, "title": {"zh": name, "en": name}, "division": division}
    )


def _invented(home: tuple[Place, ...]) -> list[Document]:
    found = []
    for place in home:
        first, second = hospitals_of(place)
        station = police_station_of(place)
        found += [
            _office(first.code, "midwifery_institution", first.name, place.division),
            _office(second.code, "midwifery_institution", second.name, place.division),
            _office(station.code, "police_station", station.name, place.division),
        ]
        province, city = f"{place.division[:2]}0000", f"{place.division[:4]}00"
        regions = {province: place.province} | ({city: place.city} if place.city else {})
        found += [
            _office(f"{division}{ending}", kind, f"{region}{title}", division)
            for division, region in regions.items()
            for kind, ending, title in _BUREAUS
        ]
    return found

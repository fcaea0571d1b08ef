"""Who can log in (测试人员): every parent of every family, and the staff of every office."""

import random
from dataclasses import asdict, dataclass
from typing import Any

from sandbox.families import subject_of
from sandbox.names import staff_name
from sandbox.places import Place, hospitals_of, places_of_pack, police_station_of
from sandbox.world import World


@dataclass(frozen=True)
class Staff:
    """A worker of an office, a window or the platform itself."""

    sub: str
    name: str
    staff_number: str
    role: str
    role_zh: str
    office: str
    office_name: str
    division: str


_BUREAUS = (
    ("hr", "social_security_clerk", "人社经办员", "HR", "人力资源和社会保障"),
    ("insurance", "insurance_clerk", "医保经办员", "YB", "医疗保障"),
    ("tax", "tax_clerk", "税务经办员", "SW", "税务"),
    ("health", "health_clerk", "卫生健康经办员", "WJ", "卫生健康"),
    ("window", "window_clerk", "政务服务中心综窗人员", "ZW", "政务服务中心"),
)
_OVERSIGHT = (
    ("supervisor", "supervisor", "督办人员"),
    ("operator", "operator", "平台运营人员"),
    ("auditor", "auditor", "审计人员"),
)


def staff_of(pack: str) -> list[Staff]:
    """Return all staff of a pack's offices, the same for the same pack; the first place first."""
    places = places_of_pack(pack)
    found: dict[str, Staff] = {}
    for place in places:
        city = f"{place.division[:4]}00" if place.city else f"{place.division[:2]}0000"
        province = f"{place.division[:2]}0000"
        rows = [
            *_county_staff(place),
            *_bureau_staff(city, place.city or place.province),
            *_bureau_staff(province, place.province),
            *_oversight_staff(province, place),
        ]
        for staff in rows:
            found.setdefault(staff.sub, staff)
    return list(found.values())


def _county_staff(place: Place) -> list[Staff]:
    first, second = hospitals_of(place)
    return [
        _staff(f"{kind}-{place.division}", role, role_zh, office.code, office.name, place.division)
        for kind, role, role_zh, office in (
            ("hospital", "certificate_officer", "出生医学证明管理员", first),
            ("window", "hospital_window_clerk", "医院出生一件事窗口人员", first),
            ("hospital2", "certificate_officer", "出生医学证明管理员", second),
            ("police", "police_officer", "户籍民警", police_station_of(place)),
        )
    ]


def _bureau_staff(division: str, region: str) -> list[Staff]:
    return [
        _staff(
            f"{kind}-{division}", role, role_zh, f"{division}{ending}", f"{region}{title}", division
        )
        for kind, role, role_zh, ending, title in _BUREAUS
    ]


def _oversight_staff(province: str, place: Place) -> list[Staff]:
    name = f"{place.province}政务服务中心"
    return [
        _staff(f"{kind}-{province}", role, role_zh, f"{province}ZW", name, province)
        for kind, role, role_zh in _OVERSIGHT
    ]


def _staff(
    key: str, role: str, role_zh: str, office: str, office_name: str, division: str
) -> Staff:
    name = staff_name(random.Random(f"staff/{key}"))
    number = f"{division}{random.Random(f'number/{key}').randrange(10_000):04d}"
    return Staff(f"staff-{key}", name, number, role, role_zh, office, office_name, division)


def claims_of(here: World, subject: str) -> dict[str, Any] | None:
    """Return the identity claims of a person or a member of staff; None for a stranger."""
    if subject.startswith("staff-"):
        for staff in staff_of(here.settings.pack):
            if staff.sub == subject:
                return asdict(staff) | {"acr": "staff"}
        return None
    known = here.families.by_subject(subject)
    if known is None:
        return None
    _, person = known
    return {
        "sub": subject_of(person["id_number"]),
        "name": person["name"],
        "id_number": person["id_number"],
        "id_type": person.get("id_type", "111"),
        "phone": person.get("phone", ""),
        "id_valid_until": person.get("id_valid_until"),
        "acr": "real_name",
    }


@dataclass(frozen=True)
class TestPerson:
    """One line of the login page."""

    sub: str
    name: str
    role: str
    title: dict[str, str]


def list_people(here: World, query: str = "", *, limit: int = 60) -> list[TestPerson]:
    """Return the parents and staff whose name, family title or number contains `query`."""
    wanted = query.strip().lower()
    found = []
    for staff in staff_of(here.settings.pack):
        title = {"zh": f"{staff.role_zh} · {staff.office_name}", "en": staff.role}
        if _matches(wanted, staff.name, staff.sub, *title.values()):
            found.append(TestPerson(staff.sub, staff.name, "staff", title))
    people: list[TestPerson] = []
    for family in here.families.everyone():
        for role in ("mother", "father"):
            person = family.get(role)
            if not person or len(people) >= limit:
                continue
            titles = family["title"].values()
            if _matches(wanted, person["name"], person["id_number"], family["id"], *titles):
                sub = subject_of(person["id_number"])
                people.append(TestPerson(sub, person["name"], role, family["title"]))
    return people + found[:limit]


def _matches(wanted: str, *texts: str) -> bool:
    return not wanted or any(wanted in str(text).lower() for text in texts)

"""Who can log in (测试人员): every parent of every family, and the staff of every office."""

import random
from dataclasses import asdict, dataclass
from typing import Any

from sandbox.families import subject_of
from sandbox.names import staff_name
from sandbox.places import hospital_of, places_of_pack, police_station_of
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


_CENTRAL = (
    ("hr", "social_security_clerk", "人社经办员", "省人社厅社会保障卡管理中心（模拟）"),
    ("insurance", "insurance_clerk", "医保经办员", "省医疗保障经办中心（模拟）"),
    ("tax", "tax_clerk", "税务经办员", "省税务局社保费征收处（模拟）"),
    ("window", "window_clerk", "政务服务中心综窗人员", "省政务服务中心综合窗口（模拟）"),
    ("cdc", "vaccination_clerk", "疾控经办员", "省疾病预防控制中心（模拟）"),
    ("supervisor", "supervisor", "督办人员", "省数据资源管理局（模拟）"),
    ("operator", "operator", "平台运营人员", "省数据资源管理局（模拟）"),
    ("auditor", "auditor", "审计人员", "省数据资源管理局审计处（模拟）"),
)


def staff_of(pack: str, province: str) -> list[Staff]:
    """Return all staff of a pack's offices, the same for the same pack."""
    found = []
    for place in places_of_pack(pack):
        hospital, station = hospital_of(place), police_station_of(place)
        for kind, role, role_zh, office in (
            ("hospital", "certificate_officer", "出生医学证明管理员", hospital),
            ("window", "hospital_window_clerk", "医院出生一件事窗口人员", hospital),
            ("police", "police_officer", "户籍民警", station),
        ):
            found.append(
                _staff(f"{kind}-{place.division}", role, role_zh, office.code, office.name, place)
            )
    capital = places_of_pack(pack)[0]
    for kind, role, role_zh, office_name in _CENTRAL:
        code = f"{kind}-{province}"
        found.append(_staff(code, role, role_zh, code, office_name, capital))
    return found


def _staff(key: str, role: str, role_zh: str, office: str, office_name: str, place: Any) -> Staff:
    name = staff_name(random.Random(f"staff/{key}"))
    number = f"{place.division}{random.Random(f'number/{key}').randrange(10_000):04d}"
    return Staff(f"staff-{key}", name, number, role, role_zh, office, office_name, place.division)


def claims_of(here: World, subject: str) -> dict[str, Any] | None:
    """Return the identity claims of a person or a member of staff; None for a stranger."""
    if subject.startswith("staff-"):
        for staff in staff_of(here.settings.pack, here.settings.province):
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
    for staff in staff_of(here.settings.pack, here.settings.province):
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

"""Who can log in (测试人员): everybody in every family, and the staff of every office."""

import random
from dataclasses import asdict, dataclass
from typing import Any

from sandbox.families import people_of, subject_of
from sandbox.names import staff_name
from sandbox.store import Document
from sandbox.world import World


@dataclass(frozen=True)
class Staff:
    """A worker of an office, a window or the platform; `roles` are those of the node."""

    sub: str
    name: str
    staff_number: str
    role: str
    role_zh: str
    roles: str
    office: str
    office_name: str
    division: str


_WORK = {
    "midwifery_institution": (
        ("certificate_officer", "出生医学证明管理员", "clerk deliveries stock"),
        ("hospital_window_clerk", "医院出生一件事窗口人员", "window deliveries clerk"),
        ("certificate_keeper", "出生医学证明库管员", "stock"),
        ("office_supervisor", "医院督办人员", "supervisor"),
    ),
    "police_station": (
        ("police_officer", "户籍民警", "clerk stock"),
        ("office_supervisor", "派出所督办人员", "supervisor"),
    ),
    "hr_bureau": (
        ("social_security_clerk", "人社经办员", "clerk"),
        ("bureau_supervisor", "人社督办人员", "supervisor"),
    ),
    "insurance_bureau": (
        ("insurance_clerk", "医保经办员", "clerk"),
        ("bureau_supervisor", "医保督办人员", "supervisor"),
    ),
    "tax_bureau": (("tax_clerk", "税务经办员", "clerk"),),
    "health_bureau": (
        ("health_clerk", "卫生健康经办员", "clerk routing stock"),
        ("archivist", "档案管理员", "archivist"),
        ("second_archivist", "档案鉴定人员", "archivist"),
        ("bureau_supervisor", "卫生健康督办人员", "supervisor"),
    ),
    "service_centre": (
        ("window_clerk", "政务服务中心综窗人员", "window"),
        ("archivist", "档案管理员", "archivist"),
        ("second_archivist", "档案鉴定人员", "archivist"),
    ),
}
"""By kind of office: what somebody there is called, and the roles of the node they work in."""
_ANY_WORK = (("clerk", "经办人员", "clerk"),)
_CENTRE = "service_centre"
_OVERSIGHT = (
    ("supervisor", "督办人员", "supervisor"),
    ("operator", "平台运营人员", "supervisor routing operator"),
    ("auditor", "审计人员", "auditor"),
    ("policy_editor", "政策编辑人员", "policy_editor"),
    ("policy_approver", "政策审批人员", "policy_approver"),
    ("complaints_officer", "投诉建议处理人员", "complaints"),
    ("system_admin", "系统管理员", "system_admin"),
    ("security_admin", "安全管理员", "security_admin"),
    ("audit_admin", "审计管理员", "audit_admin"),
)
"""They belong to the platform and sit in the first service centre."""


def staff_of(here: World) -> list[Staff]:
    """Return all staff of all offices, the same for the same offices."""
    found = []
    seated = False
    for office in here.offices.all():
        work = _WORK.get(office["kind"], _ANY_WORK)
        if office["kind"] == _CENTRE and not seated:
            work, seated = (*work, *_OVERSIGHT), True
        found += [
            _staff(office, f"-{role}" if number else "", role, role_zh, roles)
            for number, (role, role_zh, roles) in enumerate(work)
        ]
    return found


def _staff(office: Document, ending: str, role: str, role_zh: str, roles: str) -> Staff:
    key = f"{office['code']}{ending}"
    number = f"{office['code']}{random.Random(f'number/{key}').randrange(10_000):04d}"
    return Staff(
        sub=f"staff-{key}",
        name=staff_name(random.Random(f"staff/{key}")),
        staff_number=number,
        role=role,
        role_zh=role_zh,
        roles=roles,
        office=office["code"],
        office_name=office["title"]["zh"],
        division=office["division"],
    )


def claims_of(here: World, subject: str) -> dict[str, Any] | None:
    """Return the identity claims of a person or a member of staff; None for a stranger."""
    if subject.startswith("staff-"):
        for staff in staff_of(here):
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
    """Return the people and staff whose name, family title or number contains `query`."""
    wanted = query.strip().lower()
    found = []
    for staff in staff_of(here):
        title = {"zh": f"{staff.role_zh} · {staff.office_name}", "en": staff.role}
        if _matches(wanted, staff.name, staff.sub, *title.values()):
            found.append(TestPerson(staff.sub, staff.name, "staff", title))
    people: list[TestPerson] = []
    for family in here.families.everyone():
        for role, person in people_of(family).items():
            if len(people) >= limit:
                break
            titles = family["title"].values()
            if _matches(wanted, person["name"], person["id_number"], family["id"], *titles):
                sub = subject_of(person["id_number"])
                people.append(TestPerson(sub, person["name"], role, family["title"]))
    return people + found[:limit]


def _matches(wanted: str, *texts: str) -> bool:
    return not wanted or any(wanted in str(text).lower() for text in texts)

"""人与机构: who a user is (a person, a member of staff, or both), and the directory of offices."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any, cast

from django.db import connection

from yijian.domain.routing import Directory, Office
from yijian.domain.wording import Text
from yijian.records import channels, crypto
from yijian.records.identifiers import new_id
from yijian.records.models import OfficeRow, Person, Staff


class StaffRole(StrEnum):
    """What a member of staff may do for the office."""

    CLERK = "clerk"
    """Works on the office's tasks."""
    WINDOW = "window"
    """Opens cases for families at the window or the bedside."""
    DELIVERIES = "deliveries"
    """Enters the institution's delivery records."""
    STOCK = "stock"
    """Keeps numbers and sheets of birth certificates: allots, voids, gives and receives."""
    ROUTING = "routing"
    """Says which office acts where nothing was found."""
    SUPERVISOR = "supervisor"
    """Sees counts, never a person."""
    ARCHIVIST = "archivist"
    """Keeps the archive: finds packages for a purpose, hands them over, proposes disposals."""
    AUDITOR = "auditor"
    """Sees journals and who read what, never personal data."""
    OPERATOR = "operator"
    """Runs the service: urges, tells families of outages, keeps calendar, duty roster and ways."""
    POLICY_EDITOR = "policy_editor"
    """Writes drafts of policy packs and lets them be checked and simulated."""
    POLICY_APPROVER = "policy_approver"
    """Approves drafts that somebody else has written, and says from when they are in force."""
    COMPLAINTS = "complaints"
    """Handles work orders: bad ratings, complaints, suggestions and questions."""
    SYSTEM_ADMIN = "system_admin"
    """Keeps offices and partners; sees no case and grants nobody anything."""
    SECURITY_ADMIN = "security_admin"
    """Appoints staff and gives them roles; sees no case."""
    AUDIT_ADMIN = "audit_admin"
    """Looks at what the other administrators and the staff have done; changes nothing."""


@dataclass(frozen=True, slots=True)
class Identity:
    """实名身份: a user's identity as the identity provider verified it."""

    name: str
    id_type: str
    id_number: str
    phone: str
    id_valid_until: date | None = None


@dataclass(frozen=True, slots=True)
class Visitor:
    """来访者: who stands at the door. `user` is opaque; `person` is a blind index."""

    user: str
    person: bytes | None = None
    staff: str | None = None
    office: str | None = None
    office_kind: str | None = None
    roles: frozenset[StaffRole] = frozenset()

    def works_as(self, role: StaffRole) -> bool:
        """Whether the visitor is active staff with this role."""
        return role in self.roles


def visitor(by: Any) -> Visitor:
    """Who a Django user is. An anonymous or disabled user is nobody."""
    if by is None or not by.is_authenticated or not by.is_active:
        return Visitor(user="nobody")
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT p.id_hash, s.id, o.code, o.kind, s.roles FROM (SELECT %s::integer AS id) u"
            " LEFT JOIN person p ON p.user_id = u.id"
            " LEFT JOIN staff s ON s.user_id = u.id AND s.active"
            " LEFT JOIN office o ON o.code = s.office_id AND o.active",
            [by.pk],
        )
        person, staff, office, kind, roles = cursor.fetchone()
    active = staff is not None and office is not None
    return Visitor(
        user=f"user:{by.pk}",
        person=None if person is None else bytes(person),
        staff=f"staff:{staff}" if active else None,
        office=office if active else None,
        office_kind=kind if active else None,
        roles=_roles(roles) if active else frozenset(),
    )


def _roles(value: object) -> frozenset[StaffRole]:
    names = json.loads(value) if isinstance(value, str) else cast(list[str], value)
    return frozenset(StaffRole(name) for name in names if name in set(StaffRole))


def person_hash(id_number: str) -> bytes:
    """The blind index under which a person is a party of cases."""
    return crypto.blind_index("person", id_number)


def remember_person(*, by: Any, identity: Identity, now: datetime) -> bytes:
    """Keep the identity that the provider verified for a user; the person's blind index.

    A user keeps the person of the first login: another person needs another account.
    Errors: ValueError when the account belongs to somebody else.
    """
    digest = person_hash(identity.id_number)
    known = Person.objects.filter(user_id=by.pk).first()
    if known is not None and bytes(known.id_hash) != digest:
        raise ValueError("this account belongs to another person")
    row = known or Person(id=new_id(), user_id=by.pk, id_hash=digest)
    until = identity.id_valid_until
    document = {
        "name": identity.name,
        "id_type": identity.id_type,
        "id_number": identity.id_number,
        "phone": identity.phone,
        "id_valid_until": until.isoformat() if until else None,
    }
    key = crypto.installation_key("person")
    row.sealed = crypto.seal_document(key, document, crypto.place("person", "sealed", row.id))
    row.verified_at = now
    row.save()
    return digest


def identity_of(by: Any, *, locking: bool = False) -> Identity | None:
    """The user's own verified identity; None for a user without one.

    With `locking` nobody else does this for the same person until the transaction ends.
    """
    found = Person.objects.select_for_update() if locking else Person.objects
    row = found.filter(user_id=by.pk).first()
    if row is None:
        return None
    key = crypto.installation_key("person")
    where = crypto.place("person", "sealed", row.id)
    document = cast(dict[str, Any], crypto.open_document(key, bytes(row.sealed), where))
    until = document.pop("id_valid_until")
    return Identity(**document, id_valid_until=date.fromisoformat(until) if until else None)


def appoint(
    *, by: Any, office: str, staff_number: str, roles: Iterable[StaffRole], name: str
) -> None:
    """Make a user a member of staff of an office, or change the appointment."""
    row = Staff.objects.filter(user_id=by.pk).first() or Staff(id=new_id(), user_id=by.pk)
    row.office_id = office
    row.staff_number = staff_number
    row.roles = sorted(role.value for role in roles)
    row.active = True
    key = crypto.installation_key("staff")
    row.sealed = crypto.seal_document(key, {"name": name}, crypto.place("staff", "sealed", row.id))
    row.save()


def staff_name(by: Any) -> str:
    """The name of a member of staff, for the documents they sign; empty when unknown."""
    row = Staff.objects.filter(user_id=by.pk).first()
    if row is None or row.sealed is None:
        return ""
    key = crypto.installation_key("staff")
    where = crypto.place("staff", "sealed", row.id)
    document = cast(dict[str, Any], crypto.open_document(key, bytes(row.sealed), where))
    return str(document["name"])


def staff_number(by: Any) -> str:
    """The number under which the office knows a member of staff; empty when unknown."""
    return Staff.objects.filter(user_id=by.pk).values_list("staff_number", flat=True).first() or ""


def put_offices(offices: Iterable[Office]) -> None:
    """Make the directory in the database contain these offices as they are.

    What was decided about an office in this node itself stays: no folder overwrites it.
    """
    kept = set(OfficeRow.objects.filter(kept_here=True).values_list("code", flat=True))
    write_offices([office for office in offices if office.code not in kept])


def write_offices(offices: Iterable[Office]) -> None:
    """Write these offices as they are, whatever stood there."""
    OfficeRow.objects.bulk_create(
        [
            OfficeRow(
                code=office.code,
                kind=office.kind,
                title_zh=office.title.zh,
                title_en=office.title.en,
                division=office.division,
                also_for=list(office.also_for),
                channel=office.channel,
                participant=office.participant,
                phone=office.phone,
                address=office.address,
                issues_certificates=office.issues_certificates,
                hands_over_to=office.hands_over_to,
            )
            for office in offices
        ],
        update_conflicts=True,
        unique_fields=["code"],
        update_fields=[
            "kind", "title_zh", "title_en", "division", "also_for", "channel", "participant",
            "phone", "address", "issues_certificates", "hands_over_to",
        ],
    )  # fmt: skip


def office_of(row: OfficeRow) -> Office:
    """The office that a row is about."""
    return Office(
        code=row.code,
        kind=row.kind,
        title=Text(row.title_zh, row.title_en),
        division=row.division,
        channel=row.channel,
        participant=row.participant,
        phone=row.phone,
        address=row.address,
        issues_certificates=row.issues_certificates,
        hands_over_to=row.hands_over_to,
        also_for=tuple(row.also_for),
    )


def directory() -> Directory:
    """Every active office, and every rule of how they are reached."""
    return Directory(
        tuple(office_of(row) for row in OfficeRow.objects.filter(active=True).order_by("code")),
        channels.rules(),
    )

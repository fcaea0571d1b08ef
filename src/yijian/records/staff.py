"""人员名录: who is appointed where, in which roles, since when; by staff number, never by name.

A name is sealed and only opened to be shown to who appoints people. Somebody can be appointed
before the first login; the login with that staff number then takes the appointment over.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from django.db.models import Q

from yijian.records import crypto
from yijian.records.identifiers import new_id
from yijian.records.models import Staff
from yijian.records.people import StaffRole


@dataclass(frozen=True, slots=True)
class Appointed:
    """任职: a member of staff as the directory knows them."""

    id: UUID
    number: str
    name: str = field(repr=False)
    office: str
    roles: frozenset[StaffRole]
    active: bool
    kept_here: bool
    has_account: bool
    last_seen_at: datetime | None

    @property
    def staff(self) -> str:
        """As it stands in journals and in the access log."""
        return f"staff:{self.id}"


def one(
    staff_id: UUID | None = None, *, number: str = "", locking: bool = False
) -> Appointed | None:
    """A member of staff by the id or the staff number; None when there is none."""
    rows = Staff.objects.select_for_update() if locking else Staff.objects.all()
    row = (rows.filter(id=staff_id) if staff_id else rows.filter(staff_number=number)).first()
    return _read(row) if row else None


def listed(
    *,
    offices: Collection[str] | None = None,
    role: str = "",
    number: str = "",
    active: bool | None = None,
    limit: int,
) -> list[Appointed]:
    """The directory by office and staff number."""
    rows = Staff.objects.order_by("-active", "office_id", "staff_number")
    if offices is not None:
        rows = rows.filter(office_id__in=list(offices))
    if role:
        rows = rows.filter(roles__contains=[role])
    if number:
        rows = rows.filter(staff_number__startswith=number)
    if active is not None:
        rows = rows.filter(active=active)
    return [_read(row) for row in rows[:limit]]


def known(staff: Iterable[str]) -> dict[str, Appointed]:
    """Those among these opaque names (`staff:…`) who are in the directory."""
    ids = []
    for each in staff:
        kind, _, rest = each.partition(":")
        if kind == "staff":
            try:
                ids.append(UUID(rest))
            except ValueError:
                continue
    found = [_read(row) for row in Staff.objects.filter(id__in=ids)]
    return {each.staff: each for each in found}


def number_of(staff: str) -> str:
    """The staff number behind an opaque name; empty when it is nobody's."""
    found = known([staff]).get(staff)
    return found.number if found else ""


def user_of(number: str) -> Any:
    """The user who holds a staff number now; None when nobody has logged in with it."""
    row = Staff.objects.select_related("user").filter(staff_number=number, active=True).first()
    return None if row is None else row.user


def decide(*, number: str, office: str, roles: Iterable[StaffRole]) -> str:
    """Appoint the holder of a staff number; from now on no claim from outside changes it.

    Returns the opaque name.
    """
    row = Staff.objects.select_for_update().filter(staff_number=number).first()
    if row is None:
        row = Staff(id=new_id(), staff_number=number)
    row.office_id = office
    row.roles = sorted(role.value for role in roles)
    row.active = True
    row.kept_here = True
    row.save()
    return f"staff:{row.id}"


def end(*, staff_id: UUID) -> bool:
    """The holder works here no longer, whatever claims say; whether they did."""
    return bool(Staff.objects.filter(id=staff_id, active=True).update(active=False, kept_here=True))


def arrived(*, by: Any, number: str, name: str, now: datetime) -> bool:
    """A user with this staff number has logged in: whether there is a decision about them here.

    Errors: ValueError when the staff number belongs to another account.
    """
    rows = Staff.objects.select_for_update()
    row = rows.filter(Q(user_id=by.pk) | Q(staff_number=number)).order_by("user_id").first()
    if row is None:
        return False
    if row.user_id not in (None, by.pk):
        raise ValueError("this staff number belongs to another account")
    row.user_id = by.pk
    row.last_seen_at = now
    key = crypto.installation_key("staff")
    row.sealed = crypto.seal_document(key, {"name": name}, crypto.place("staff", "sealed", row.id))
    row.save(update_fields=["user_id", "last_seen_at", "sealed"])
    return row.kept_here


def _read(row: Staff) -> Appointed:
    name = ""
    if row.sealed is not None:
        key = crypto.installation_key("staff")
        where = crypto.place("staff", "sealed", row.id)
        document = cast(dict[str, Any], crypto.open_document(key, bytes(row.sealed), where))
        name = str(document["name"])
    return Appointed(
        row.id,
        row.staff_number,
        name,
        row.office_id,
        frozenset(StaffRole(role) for role in row.roles if role in set(StaffRole)),
        row.active,
        row.kept_here,
        row.user_id is not None,
        row.last_seen_at,
    )

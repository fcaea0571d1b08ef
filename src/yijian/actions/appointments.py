"""任职: the security administrator gives roles, a second person agrees; taking away needs no second.

What the node decides holds at the next request of whom it is about, and no claim of the identity
provider changes it from then on.
"""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from yijian.actions.proposing import Deciding, Payload, ProposalKind, ProposalRefusedError
from yijian.actions.reach import reached
from yijian.records import administration, people, separation, staff
from yijian.records.people import StaffRole, Visitor
from yijian.records.proposals import Within
from yijian.records.staff import Appointed

NUMBER = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}")
MAY_END = frozenset({StaffRole.SECURITY_ADMIN})
AT_ONE_OFFICE = frozenset(
    {
        StaffRole.CLERK,
        StaffRole.WINDOW,
        StaffRole.DELIVERIES,
        StaffRole.STOCK,
        StaffRole.ROUTING,
        StaffRole.ARCHIVIST,
        StaffRole.SUPERVISOR,
    }
)
"""Roles that a supervisor may be the second person for: the others act on the whole node."""


def _roles(payload: Payload) -> frozenset[StaffRole]:
    given = payload.get("roles")
    names = given if isinstance(given, list) else []
    if not names or any(name not in set(StaffRole) for name in names):
        raise ProposalRefusedError("unknown_role", "roles")
    return frozenset(StaffRole(str(name)) for name in names)


def _check(payload: Payload, now: datetime) -> str:
    """Who is to be appointed, as the subject. Errors: ProposalRefusedError."""
    number = str(payload.get("number", ""))
    if not NUMBER.fullmatch(number):
        raise ProposalRefusedError("wrong_number", "number")
    if people.directory().office(str(payload.get("office", ""))) is None:
        raise ProposalRefusedError("unknown_office", "office")
    roles = _roles(payload)
    if found := separation.clashes(roles):
        raise ProposalRefusedError(f"clash_{found[0]}", "roles")
    standing = staff.one(number=number)
    if (
        standing
        and standing.active
        and standing.kept_here
        and ((standing.office, standing.roles) == (payload["office"], roles))
    ):
        raise ProposalRefusedError("nothing_changes", "roles")
    return f"number:{number}"


def _apply(payload: Payload, deciding: Deciding) -> None:
    number, office = str(payload["number"]), str(payload["office"])
    roles = _roles(payload)
    for each in (deciding.proposed_by, deciding.decided_by):
        if staff.number_of(each) == number:
            raise ProposalRefusedError("own_roles", "number")
    subject = staff.decide(number=number, office=office, roles=roles)
    administration.note(
        by=deciding.decided_by,
        what="staff_appointed",
        subject=subject,
        details={
            "office": office,
            "roles": sorted(roles),
            "proposed_by": deciding.proposed_by,
        },
        now=deciding.now,
    )


def _within(who: Visitor) -> Within:
    """A security administrator anywhere, a supervisor for work at offices of the own place."""
    own = {"number": staff.number_of(who.staff or "")}
    if who.works_as(StaffRole.SECURITY_ADMIN):
        return Within(never=own)
    standing = {office.code for office in people.directory().offices}
    below = reached(who, [StaffRole.SUPERVISOR], standing)
    return Within({"office": below, "roles": AT_ONE_OFFICE}, never=own)


APPOINTMENT = ProposalKind(
    code="appointment",
    proposers=frozenset({StaffRole.SECURITY_ADMIN}),
    deciders=frozenset({StaffRole.SECURITY_ADMIN, StaffRole.SUPERVISOR}),
    check=_check,
    apply=_apply,
    within=_within,
)


def end(*, by: Any, staff_id: UUID, now: datetime) -> None:
    """Take all roles away at once, by one person: nobody waits for a second to stop a misuse.

    Errors: ProposalRefusedError `not_yours`, `nobody`, `own_roles`.
    """
    with transaction.atomic():
        found = _other(by, staff_id)
        staff.end(staff_id=found.id)
        _note(by, "staff_ended", found, {"roles": sorted(found.roles)}, now)


def reduce(
    *, by: Any, staff_id: UUID, office: str, roles: frozenset[StaffRole], now: datetime
) -> None:
    """Leave only some of the roles at the office, at once and by one person.

    Errors: ProposalRefusedError `not_yours`, `nobody`, `own_roles`, `not_fewer`.
    """
    with transaction.atomic():
        found = _other(by, staff_id)
        if found.office != office or not roles or not roles < found.roles:
            raise ProposalRefusedError("not_fewer", "roles")
        staff.decide(number=found.number, office=found.office, roles=roles)
        _note(by, "staff_reduced", found, {"roles": sorted(roles)}, now)


def _other(by: Any, staff_id: UUID) -> Appointed:
    """Whom to take something away from, locked until the transaction ends."""
    who = people.visitor(by)
    if not who.roles & MAY_END:
        raise ProposalRefusedError("not_yours")
    found = staff.one(staff_id, locking=True)
    if found is None or not found.active:
        raise ProposalRefusedError("nobody")
    if found.staff == who.staff:
        raise ProposalRefusedError("own_roles")
    return found


def _note(
    by: Any, what: str, about: Appointed, details: Mapping[str, object], now: datetime
) -> None:
    who = people.visitor(by)
    administration.note(
        by=who.staff or "nobody",
        office=who.office or "",
        what=what,
        subject=about.staff,
        details=details,
        now=now,
    )

"""登录: who a user is after the identity provider has said so."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import transaction

from yijian.gateways import identity as claims
from yijian.gateways.identity import StaffIdentity
from yijian.records import people, separation, staff
from yijian.records.people import Identity, StaffRole


def signed_in(*, by: Any, userinfo: dict[str, object], now: datetime) -> None:
    """Keep what the provider verified about a user who has just logged in.

    What staff may do is appointed here and not believed from outside; only the demonstration
    appoints its invented staff from what its own provider says, and only those about whom nothing
    was decided here. Errors: WrongShapeError for
    claims that cannot be read, ValueError when the account belongs to another person.
    """
    given = claims.read(userinfo)
    with transaction.atomic():
        # Two first logins at once must not both find nothing and both write.
        get_user_model().objects.select_for_update().get(pk=by.pk)
        if isinstance(given, StaffIdentity):
            decided = staff.arrived(by=by, number=given.staff_number, name=given.name, now=now)
            if settings.YIJIAN.demo and not decided:
                _appoint_for_demonstration(by, given)
                staff.arrived(by=by, number=given.staff_number, name=given.name, now=now)
            return
        identity = Identity(
            given.name, given.id_type, given.id_number, given.phone, given.valid_until
        )
        people.remember_person(by=by, identity=identity, now=now)


def _appoint_for_demonstration(by: Any, given: StaffIdentity) -> None:
    roles = [role for role in StaffRole if role.value in given.roles]
    together = not separation.clashes(roles)
    if roles and together and people.directory().office(given.office) is not None:
        people.appoint(
            by=by,
            office=given.office,
            staff_number=given.staff_number,
            roles=roles,
            name=given.name,
        )

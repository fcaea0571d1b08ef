"""值班: who answers for which office or place, and whose number families may see."""

from collections.abc import Mapping
from datetime import date, datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.db import transaction

from yijian.actions import contexts
from yijian.actions.reach import reaches
from yijian.domain.clocks import local_day
from yijian.domain.context import RefusedError
from yijian.records import administration, people
from yijian.records import duty as records
from yijian.records.access import Refused
from yijian.records.people import StaffRole, Visitor

ROLES = frozenset({StaffRole.OPERATOR, StaffRole.SUPERVISOR})
PHONE_CHARACTERS = frozenset("0123456789 +()-,;")


def put(
    *, by: Any, name: str, phone: str, starts_on: date, ends_on: date | None = None,
    office: str = "", division: str = "", public: bool = False, now: datetime,
) -> UUID:  # fmt: skip
    """Keep who answers from a day until another. Errors: Refused; RefusedError with its field."""
    who = _visitor(by)
    if office and contexts.directory().office(office) is None:
        raise RefusedError("unknown_office", "office")
    if office and division:
        raise RefusedError("office_or_place", "division")
    if division and not (division.isascii() and division.isdigit() and len(division) in (2, 4, 6)):
        raise RefusedError("unknown_place", "division")
    if not reaches(who, ROLES, office=office, division=division):
        raise RefusedError("not_yours", "division")
    if not phone or not set(phone) <= PHONE_CHARACTERS:
        raise RefusedError("wrong_phone", "phone")
    if ends_on is not None and (ends_on < starts_on or ends_on < local_day(now)):
        raise RefusedError("in_the_past", "ends_on")
    with transaction.atomic():
        made = records.add(
            office=office, division=division, name=name, phone=phone, starts_on=starts_on,
            ends_on=ends_on, public=public, by=who.staff or "", now=now,
        )  # fmt: skip
        _note(who, "duty_added", made, now)
    forget()
    return made


def end(*, by: Any, duty: UUID, now: datetime) -> None:
    """Let a duty end today. Errors: Refused; RefusedError `absent`."""
    who = _visitor(by)
    found = records.one(duty)
    if found is None or not reaches(who, ROLES, office=found.office, division=found.division):
        raise RefusedError("absent")
    with transaction.atomic():
        if not records.end(duty=duty, on=local_day(now), by=who.staff or ""):
            raise RefusedError("absent")
        _note(who, "duty_ended", duty, now)
    forget()


def public_contacts(*, now: datetime) -> Mapping[str, str]:
    """The contact that families see of each office with somebody on duty for them, by its code."""
    return _contacts(contexts.slice_of_time(), local_day(now))


def forget() -> None:
    """Read the roster anew."""
    _contacts.cache_clear()


@lru_cache(maxsize=2)
def _contacts(_slice: int, today: date) -> Mapping[str, str]:
    offices = {office.code: office.division for office in contexts.directory().offices}
    found = records.answering(offices=offices, on=today, public=True)
    return {code: f"{duty.name} {duty.phone}".strip() for code, duty in found.items()}


def _visitor(by: Any) -> Visitor:
    who = people.visitor(by)
    if who.staff is None or not who.roles & ROLES:
        raise Refused
    return who


def _note(who: Visitor, what: str, duty: UUID, now: datetime) -> None:
    administration.note(
        by=who.staff or "", office=who.office or "", what=what, subject=f"duty:{duty}", now=now
    )

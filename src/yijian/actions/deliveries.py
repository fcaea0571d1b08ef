"""分娩信息: a hospital records a delivery, at the desk or by its system; waiting families go on."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction

from yijian.actions import contexts, providing, waking
from yijian.domain.context import RefusedError
from yijian.gateways.registers import read_delivery
from yijian.gateways.registers.reading import WrongShapeError
from yijian.records import access, deliveries, people
from yijian.records.people import StaffRole


def hours_at(institution: str) -> int | None:
    """How many hours an institution has for a record: what the strictest scheme of its place says.

    None when none says anything: then no record is late.
    """
    office = contexts.directory().office(institution)
    serving = contexts.packs_at(office.division if office else "", received=True)
    return min((p.delivery_record_hours for p in serving if p.delivery_record_hours), default=None)


def record(*, by: Any, delivery: Mapping[str, Any], now: datetime) -> UUID:
    """A clerk of the birth institution enters a delivery record at the desk.

    Errors: access.Refused for whoever does not enter deliveries of that institution;
    RefusedError `delivery_wrong` with the field at fault.
    """
    who = people.visitor(by)
    if who.staff is None or not who.works_as(StaffRole.DELIVERIES):
        raise access.Refused
    given = {**delivery, "institution_code": who.office}
    return _keep(given, source="desk", by=who.staff, now=now)


def report(*, sender: str, delivery: Mapping[str, Any], now: datetime) -> UUID:
    """A hospital's own system reports a delivery record. Repeats replace it by the same number."""
    return _keep(delivery, source="system", by=f"partner:{sender}", now=now)


def _keep(delivery: Mapping[str, Any], *, source: str, by: str, now: datetime) -> UUID:
    given = {"recorded_at": now.isoformat(), **delivery}
    try:
        values, _ = read_delivery(given, now)
    except WrongShapeError as fault:
        raise RefusedError("delivery_wrong", fault.field) from None
    known = {fact: value for fact, _, value in values}
    institution = known.get("institution_code")
    if not institution:
        raise RefusedError("delivery_wrong", "institution_code")
    born = [value for fact, _, value in values if fact == "newborn_born_at"]
    hours = hours_at(str(institution))
    last = max(moment for moment in born if isinstance(moment, datetime))
    mother = given["mother"]["id_number"]
    with transaction.atomic():
        identifier = deliveries.put(
            by=by,
            institution=str(institution),
            delivery_id=str(known["delivery_id"]),
            mother_id_number=str(mother),
            document=given,
            source=source,
            due_at=last + timedelta(hours=hours) if hours else now,
            recorded_at=now,
            now=now,
        )
        for case_id in deliveries.drafts_waiting_for(str(mother)):
            waking.wake_asker(case_id, again=True)
        providing.tell_of_delivery(
            mother_id_number=str(mother), mother_name=str(given["mother"]["name"]), now=now
        )
    return identifier

"""The registers (登记库): deliveries, hukou, marriages, certificates, maternity insurance."""

import uuid
from datetime import datetime, timedelta
from typing import Any

import flask

from sandbox.answers import (
    CERTIFICATE_TITLES,
    certificate_answer,
    delivery_answer,
    hukou_answer,
    marriage_answer,
    maternity_answer,
)
from sandbox.doors import Answer, Refused, json_object, machine_door, text_of
from sandbox.population import Family
from sandbox.world import World, local_text, now, world

blueprint = flask.Blueprint("registers", __name__, url_prefix="/registers")

_SOURCES = {
    "delivery": "省妇幼健康信息平台（模拟）",
    "hukou": "公安人口信息库（模拟）",
    "marriage": "婚姻登记信息库（模拟）",
    "certificates": "电子证照库（模拟）",
    "maternity": "医疗保障信息平台（模拟）",
}


def receipt(service: str) -> dict[str, str]:
    """Return the receipt of one answer."""
    return {
        "id": str(uuid.uuid4()),
        "service": service,
        "at": local_text(now()),
        "source": _SOURCES.get(service, service),
    }


def _answer(service: str, name: str, value: Any) -> Answer:
    here = world()
    forget = here.switches.of(service).forget
    if forget and here.switches.draw(service).random() < forget:
        value = [] if isinstance(value, list) else None
    return {"receipt": receipt(service), "found": bool(value), name: value}, 200


def recorded_at(here: World, family: Family) -> str | None:
    """Return when the hospital recorded the delivery, or None while it has not.

    A record that is to appear later starts its wait when it is first asked for.
    """
    delivery = family["delivery"]
    if delivery.get("recorded_at"):
        return str(delivery["recorded_at"])
    here.store.put_new("late_records", family["id"], {"asked_at": now().isoformat()})
    late = here.store.get("late_records", family["id"]) or {}
    if "recorded_at" in late:
        return str(late["recorded_at"])
    minutes = delivery.get("appears_after_minutes")
    if minutes is None:
        return None
    wait = timedelta(seconds=float(minutes) * here.settings.minute_seconds)
    due = datetime.fromisoformat(late["asked_at"]) + wait
    return record_now(here, family, due) if now() >= due else None


def record_now(here: World, family: Family, at: datetime) -> str:
    """Record a late delivery; the first time counts."""
    moment = local_text(at)
    late = here.store.get("late_records", family["id"]) or {"asked_at": at.isoformat()}
    if "recorded_at" not in late:
        here.store.put("late_records", family["id"], late | {"recorded_at": moment})
    return str(late.get("recorded_at", moment))


def deliveries_of(here: World, mother_id_number: str) -> list[Family]:
    """Return the recorded deliveries of a mother."""
    found = []
    for family in here.families.of_mother(mother_id_number):
        moment = recorded_at(here, family) if family.get("delivery") else None
        if moment:
            found.append(delivery_answer(family, recorded_at=moment))
    found += [
        added
        for added in here.store.documents("deliveries")
        if added["mother"]["id_number"] == mother_id_number
    ]
    return found


@blueprint.post("/delivery")
@machine_door("delivery")
def ask_delivery() -> Answer:
    """Answer with the deliveries of a mother."""
    (number,) = text_of(json_object(), "mother_id_number")
    here = world()
    found = deliveries_of(here, number)
    switch = here.switches.of("delivery")
    if found and here.switches.draw("delivery").random() < switch.duplicate_rate:
        found = found + found[-1:]
    return _answer("delivery", "deliveries", found[::-1] if switch.disorder else found)


@blueprint.post("/hukou")
@machine_door("hukou")
def ask_hukou() -> Answer:
    """Answer with a registration when name and number belong together."""
    name, number = text_of(json_object(), "name", "id_number")
    known = world().families.person(number)
    matches = known is not None and known[1]["name"] == name
    return _answer("hukou", "person", hukou_answer(known[1]) if known and matches else None)


def _named(number: str) -> tuple[Family, Family] | None:
    """Return the person with this number, whose name must fit where the question gives one."""
    known, name = world().families.person(number), json_object().get("name")
    return known if known and name in (None, known[1]["name"]) else None


@blueprint.post("/marriage")
@machine_door("marriage")
def ask_marriage() -> Answer:
    """Answer with the marriage of a person."""
    (number,) = text_of(json_object(), "id_number")
    known = _named(number)
    return _answer("marriage", "marriage", marriage_answer(*known) if known else None)


@blueprint.post("/certificates")
@machine_door("certificates")
def ask_certificate() -> Answer:
    """Answer with one electronic certificate and its file."""
    number, type = text_of(json_object(), "holder_id_number", "type")
    if type not in CERTIFICATE_TITLES:
        raise Refused(422, "unknown_type", "没有该证照类型", f"no certificate type {type}")
    known = world().families.person(number)
    return _answer(
        "certificates", "certificate", certificate_answer(*known, type) if known else None
    )


@blueprint.post("/maternity")
@machine_door("maternity")
def ask_maternity() -> Answer:
    """Answer with a mother's maternity insurance."""
    (number,) = text_of(json_object(), "mother_id_number")
    families = world().families.of_mother(number) if _named(number) else []
    return _answer("maternity", "maternity", maternity_answer(families[-1]) if families else None)

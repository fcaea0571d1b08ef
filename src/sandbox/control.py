"""The pretend world's own levers (控制接口): families, offices, staff, switches, addresses."""

from dataclasses import asdict
from typing import Any

import flask

from sandbox.answers import delivery_answer
from sandbox.doors import Refused, json_object
from sandbox.families import FamilyRefused, people_of, subject_of
from sandbox.hospital import report_to_node
from sandbox.offices import OfficeRefused
from sandbox.people import staff_of
from sandbox.population import Family
from sandbox.registers import record_now, recorded_at
from sandbox.switches import SwitchRefused
from sandbox.world import now, world

blueprint = flask.Blueprint("control", __name__)


def family_summary(family: Family) -> dict[str, Any]:
    """Return a family with the identity subjects of its people."""
    people = {role: subject_of(one["id_number"]) for role, one in people_of(family).items()}
    return {**family, "subjects": people}


@blueprint.get("/health")
def health() -> flask.Response:
    """Answer that the process is up."""
    here = world()
    return flask.jsonify({"ok": True, "since": here.started_at.isoformat()})


@blueprint.get("/addresses")
def addresses() -> flask.Response:
    """Answer with the address of every service, as the platform's settings want them."""
    base = flask.request.host_url.rstrip("/")
    here = world()
    return flask.jsonify(
        {
            "REGISTERS_URL": f"{base}/registers",
            "IDENTITY_ISSUER": f"{base}/identity",
            "FACE_URL": f"{base}/face",
            "SMS_URL": f"{base}/sms",
            "ARCHIVE_URL": f"{base}/archive",
            "COURIER_URL": f"{base}/courier",
            "PAYMENT_URL": f"{base}/payment",
            "LIBRARY_URL": f"{base}/library",
            "SANDBOX_URL": base,
            "departments": {code: f"{base}/departments/{code}/events" for code in here.departments},
        }
    )


@blueprint.get("/families")
def list_families() -> flask.Response:
    """Answer with all complete families, titles first known first."""
    return flask.jsonify([family_summary(f) for f in world().families.everyone()])


@blueprint.get("/families/<family_id>")
def show_family(family_id: str) -> flask.Response:
    """Answer with one family."""
    family = world().families.get(family_id)
    if family is None:
        raise Refused(404, "no_such_family", "没有该家庭", f"no family {family_id}")
    return flask.jsonify(family_summary(family))


@blueprint.post("/families")
def add_families() -> flask.typing.ResponseReturnValue:
    """Keep complete families; the same family again changes nothing."""
    body = flask.request.get_json(silent=True)
    families = body if isinstance(body, list) else [body]
    added: list[str] = []
    known: list[str] = []
    refused: list[dict[str, Any]] = []
    for position, family in enumerate(families):
        try:
            family_id, new = world().families.add(family)
        except FamilyRefused as refusal:
            refused.append({"position": position, "reason": str(refusal)})
        else:
            (added if new else known).append(family_id)
    answer = {"added": added, "known": known, "refused": refused}
    return flask.jsonify(answer), 422 if refused and not (added or known) else 200


@blueprint.post("/families/<family_id>/record")
def record_delivery(family_id: str) -> flask.typing.ResponseReturnValue:
    """Record a late delivery now: the hospital's button."""
    here = world()
    family = here.families.get(family_id)
    if family is None or not family.get("delivery"):
        raise Refused(404, "no_such_family", "没有该家庭", f"no family {family_id}")
    moment = recorded_at(here, family) or record_now(here, family, now())
    report_to_node(here, delivery_answer(family, recorded_at=moment))
    return flask.jsonify({"family": family_id, "recorded_at": moment})


@blueprint.get("/staff")
def list_staff() -> flask.Response:
    """Answer with everybody who works in an office of this world."""
    return flask.jsonify([asdict(person) for person in staff_of(world())])


@blueprint.get("/offices")
def list_offices() -> flask.Response:
    """Answer with every office of this world."""
    return flask.jsonify(world().offices.all())


@blueprint.post("/offices")
def add_offices() -> flask.Response:
    """Take a node's directory: its offices have staff here, its participants their systems."""
    try:
        changed = world().offices.add(flask.request.get_json(silent=True))
    except OfficeRefused as refusal:
        raise Refused(422, "office_refused", "机构名录无效", str(refusal)) from refusal
    return flask.jsonify({"changed": changed, "departments": world().departments})


@blueprint.get("/switches")
def show_switches() -> flask.Response:
    """Answer with the switch of every service."""
    here = world()
    return flask.jsonify({name: asdict(here.switches.of(name)) for name in here.services})


@blueprint.post("/switches")
def set_switch() -> flask.Response:
    """Order trouble for one service, or calm everything with {"calm": true}."""
    here, body = world(), json_object()
    if body.get("calm") is True:
        here.switches.calm_all()
        return show_switches()
    values = {name: value for name, value in body.items() if name != "service"}
    try:
        switch = here.set_switch(str(body.get("service")), values)
    except SwitchRefused as refusal:
        raise Refused(422, "switch_refused", "开关设置无效", str(refusal)) from refusal
    return flask.jsonify({"service": body["service"], **asdict(switch)})

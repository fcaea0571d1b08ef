"""The hospital's page (医院录入): record a late delivery, or add one for a known mother.

When the hospital has a key, it also reports each new record to the node, as a
hospital's own system does.
"""

import uuid
from datetime import datetime
from typing import Any

import flask
from werkzeug.wrappers import Response

from sandbox.answers import delivery_answer
from sandbox.doors import Refused
from sandbox.population import SHANGHAI, Family
from sandbox.registers import record_now
from sandbox.world import World, local_text, now, world

blueprint = flask.Blueprint("hospital", __name__, url_prefix="/hospital")

_NUMBERS = {"weeks": (20, 45), "weight_g": (300, 7000), "length_cm": (20, 65)}


def report_to_node(here: World, delivery: Family) -> None:
    """Queue a delivery for the node's door, once, when the hospital may sign."""
    office = here.offices.get(str(delivery["institution_code"])) or {}
    usual = f"hospital-{here.settings.province[:2]}0100"
    participant = str(office.get("participant") or usual)
    if here.keys.private(participant) is None:
        return
    report_id = str(uuid.uuid5(uuid.NAMESPACE_URL, f"delivery/{delivery['delivery_id']}"))
    here.store.put_new(
        "delivery_reports",
        report_id,
        {
            "report_id": report_id,
            "participant": participant,
            "body": delivery,
            "attempts": 0,
            "next_at": now().timestamp(),
            "outcome": None,
            "error": None,
        },
    )


@blueprint.get("")
def show_hospital() -> str:
    """Show what is still to record, and the form for another delivery."""
    here = world()
    late = [
        family
        for family in here.families.everyone()
        if family.get("delivery")
        and not family["delivery"].get("recorded_at")
        and "recorded_at" not in (here.store.get("late_records", family["id"]) or {})
    ]
    return flask.render_template(
        "hospital.html",
        late=late,
        hospitals=[o for o in here.offices.all() if o["kind"] == "midwifery_institution"],
        added=here.store.documents("deliveries")[::-1],
        now_text=now().astimezone(SHANGHAI).strftime("%Y-%m-%dT%H:%M"),
    )


@blueprint.post("/record")
def record_late() -> Response:
    """Record a late delivery now."""
    here = world()
    family = here.families.get(flask.request.form.get("family", ""))
    if family is None or not family.get("delivery"):
        raise Refused(404, "no_such_family", "没有该家庭", "no such family")
    moment = family["delivery"].get("recorded_at") or record_now(here, family, now())
    report_to_node(here, delivery_answer(family, recorded_at=moment))
    return flask.redirect("/hospital", code=303)


@blueprint.post("/deliveries")
def add_delivery() -> Response:
    """Add a delivery of a known mother."""
    here, form = world(), flask.request.form
    known = here.families.person(form.get("mother_id_number", "").strip())
    if known is None or known[1] is not known[0]["mother"]:
        raise Refused(
            422, "no_such_mother", "没有这位母亲，请填写已有母亲的证件号码", "no such mother"
        )
    newborn = _newborn(form.to_dict())
    parents = {name: known[0].get(name) for name in ("mother", "father")}
    delivery_id = uuid.uuid4().hex
    family = parents | {
        "id": delivery_id,
        "delivery": {
            "institution": form.get("institution", ""),
            "born_place": "institution",
            "in_patient_number": delivery_id[:8].upper(),
            "midwife": form.get("midwife", ""),
        },
        "newborns": [newborn],
    }
    answer = delivery_answer(family, recorded_at=local_text(now()))
    here.store.put_new("deliveries", answer["delivery_id"], answer)
    report_to_node(here, answer)
    return flask.redirect("/hospital#added", code=303)


def _newborn(form: dict[str, Any]) -> Family:
    try:
        born_at = datetime.fromisoformat(form["born_at"]).replace(tzinfo=SHANGHAI)
        numbers = {name: int(form[name]) for name in _NUMBERS}
    except (KeyError, ValueError) as error:
        raise Refused(422, "field_wrong", "出生时间或数值有误", str(error)) from error
    for name, (low, high) in _NUMBERS.items():
        if not low <= numbers[name] <= high:
            raise Refused(422, "field_wrong", f"{name} 超出范围", f"{name}: {low} to {high}")
    if born_at > now() or form.get("sex") not in ("1", "2"):
        raise Refused(422, "field_wrong", "出生时间或性别有误", "born_at or sex is wrong")
    return {"order": 1, "sex": form["sex"], "born_at": born_at.isoformat(), "days": 0} | numbers

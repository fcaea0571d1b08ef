"""The departments' way in (部门系统入口): CloudEvents, one or many, from the node."""

from typing import Any

import flask

from sandbox.doors import Answer, Refused, machine_door
from sandbox.queues import EventRefused, receive_event
from sandbox.world import world

blueprint = flask.Blueprint("departments", __name__, url_prefix="/departments")

EVENT_LIMIT = 500
_SINGLE, _BATCH = "application/cloudevents+json", "application/cloudevents-batch+json"


def _events() -> list[Any]:
    kind = flask.request.mimetype
    body = flask.request.get_json(force=True, silent=True)
    if kind == _SINGLE and isinstance(body, dict):
        return [body]
    if kind == _BATCH and isinstance(body, list) and len(body) <= EVENT_LIMIT:
        return body
    raise Refused(
        400,
        "not_events",
        "报文应为 CloudEvents 1.0",
        f"send {_SINGLE} with an object or {_BATCH} with at most {EVENT_LIMIT} in a list",
    )


@blueprint.post("/<service>/events")
@machine_door()
def take_events(service: str) -> Answer:
    """Take events into the department's queue; a refused one stops no other."""
    here = world()
    if service not in here.departments:
        raise Refused(404, "no_such_service", "没有该系统", f"no department {service}")
    accepted: list[str] = []
    refused: list[dict[str, str]] = []
    for event in _events():
        try:
            accepted.append(receive_event(here, service, event))
        except EventRefused as refusal:
            event_id = event.get("id") if isinstance(event, dict) else None
            refused.append({"id": str(event_id or ""), "reason": str(refusal)})
    return {"accepted": accepted, "refused": refused}, 202


@blueprint.get("/<service>/queue")
def show_queue(service: str) -> flask.Response:
    """Answer with a department's tasks and what became of its reports."""
    here = world()
    if service not in here.departments:
        raise Refused(404, "no_such_service", "没有该系统", f"no department {service}")
    tasks = [t for t in here.store.documents("tasks") if t["department"] == service]
    reports = [f for f in here.store.documents("feedback") if f["department"] == service]
    return flask.jsonify({"tasks": tasks, "feedback": reports})

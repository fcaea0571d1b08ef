"""The departments' doors (部门系统入口): events in, the feed of reports, health, the queue."""

from typing import Any

import flask

from sandbox.doors import Answer, Refused, machine_door
from sandbox.queues import EventRefused, receive_event
from sandbox.store import Document
from sandbox.world import World, now, world

blueprint = flask.Blueprint("departments", __name__, url_prefix="/departments")

EVENT_LIMIT = 500
REPORTS_LIMIT = 500
LARGEST_BODY = 2 * 1024 * 1024
REPORTED = "yijian.task.reported.v1"
VERSION = "1"
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


@blueprint.before_request
def refuse_large() -> None:
    """Refuse what is larger than agreed, before it is read."""
    if (flask.request.content_length or 0) > LARGEST_BODY:
        raise Refused(413, "too_large", "报文过大", f"at most {LARGEST_BODY} bytes")


@blueprint.post("/<service>/events")
@machine_door()
def take_events(service: str) -> Answer:
    """Take events into the department's queue; a refused one stops no other."""
    here = _with(service)
    accepted: list[str] = []
    refused: list[dict[str, str]] = []
    for event in _events():
        try:
            accepted.append(receive_event(here, service, event))
        except EventRefused as refusal:
            event_id = event.get("id") if isinstance(event, dict) else None
            refused.append({"id": str(event_id or ""), "reason": str(refusal)})
    return {"accepted": accepted, "refused": refused}, 202


@blueprint.get("/<service>/reports")
@machine_door()
def give_reports(service: str) -> Answer:
    """Answer with what a department has reported to the node, in order, heard or not.

    `next` is where to go on, also when there is nothing new: an empty page is the end for now.
    """
    here = _with(service)
    after, limit = _number("after", 0), _number("limit", REPORTS_LIMIT)
    if not 1 <= limit <= REPORTS_LIMIT:
        raise Refused(422, "limit_refused", "limit 超出范围", f"limit: 1 to {REPORTS_LIMIT}")
    own = _reports(here, service)
    page = [row for row in own if row["cursor"] > after][:limit]
    last = page[-1]["cursor"] if page else after
    return {"reports": [_shown(row) for row in page], "next": str(last)}, 200


@blueprint.get("/<service>/health")
def show_health(service: str) -> flask.Response:
    """Answer that a department's system is up and what time it has."""
    here = _with(service)
    if here.switches.of(service).outage:
        raise Refused(503, "out_of_order", "系统暂时不可用，请稍后再试", "out of order")
    return flask.jsonify({"node": service, "version": VERSION, "time": now().isoformat()})


@blueprint.get("/<service>/queue")
def show_queue(service: str) -> flask.Response:
    """Answer with a department's tasks, what became of its reports, and what it fetched."""
    here = _with(service)
    kinds = {"tasks": "tasks", "feedback": "feedback", "scans": "scans", "notified": "notified"}
    return flask.jsonify(
        {
            name: [row for row in here.store.documents(kind) if row["department"] == service]
            for name, kind in kinds.items()
        }
    )


def _with(service: str) -> World:
    here = world()
    if service not in here.departments:
        raise Refused(404, "no_such_service", "没有该系统", f"no department {service}")
    return here


def _reports(here: World, service: str) -> list[Document]:
    """The reports to the node that asks; whoever else asks has been told nothing."""
    if flask.g.signer != here.settings.node:
        return []
    return [row for row in here.store.documents("feedback") if row["department"] == service]


def _number(name: str, otherwise: int) -> int:
    text = flask.request.args.get(name, "")
    if text and not (text.isascii() and text.isdigit() and len(text) < 19):
        raise Refused(422, f"{name}_refused", f"{name} 无效", f"{name}: as given by this system")
    return int(text or otherwise)


def _shown(row: Document) -> Document:
    return {
        "cursor": str(row["cursor"]),
        "type": REPORTED,
        "id": row["feedback_id"],
        "data": row["body"],
    }

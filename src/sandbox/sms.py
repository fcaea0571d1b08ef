"""The SMS gateway (短信): messages go into an inbox that anybody can read."""

from typing import Any

import flask

from sandbox.doors import Answer, json_object, machine_door, text_of
from sandbox.world import local_text, now, world

blueprint = flask.Blueprint("sms", __name__)


@blueprint.post("/sms")
@machine_door("sms")
def send_sms() -> Answer:
    """Put a message into the inbox; a repeated message_id changes nothing."""
    body = json_object()
    message_id, to, text = text_of(body, "message_id", "to", "text")
    here = world()
    forget = here.switches.of("sms").forget
    if not (forget and here.switches.draw("sms").random() < forget):
        message = {"message_id": message_id, "to": to, "text": text, "at": local_text(now())}
        here.store.put_new("sms", message_id, message)
    return {"message_id": message_id}, 202


def inbox(to: str = "", *, limit: int = 200) -> list[dict[str, Any]]:
    """Return the newest messages first, all or those to one number."""
    messages = [m for m in world().store.documents("sms") if not to or m["to"] == to]
    if world().switches.of("sms").disorder:
        messages.sort(key=lambda message: str(message["message_id"]))
    return messages[::-1][:limit]


@blueprint.get("/sms.json")
def inbox_json() -> flask.Response:
    """Answer with the inbox."""
    return flask.jsonify({"messages": inbox(flask.request.args.get("to", ""))})


@blueprint.get("/sms")
def inbox_page() -> str:
    """Show the inbox."""
    to = flask.request.args.get("to", "").strip()
    return flask.render_template("sms.html", messages=inbox(to), to=to)

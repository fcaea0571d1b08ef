"""The live-person check (人脸识别): a page with a decision, and its result for the asker, once."""

import secrets
from urllib.parse import urlencode

import flask
from werkzeug.wrappers import Response

from sandbox.doors import Answer, Refused, json_object, machine_door, meet_trouble, text_of
from sandbox.identity import is_own_address
from sandbox.people import claims_of
from sandbox.registers import receipt
from sandbox.world import local_text, now, world

blueprint = flask.Blueprint("face", __name__, url_prefix="/face")

OUTCOMES = ("pass", "fail", "other")


def _asked() -> dict[str, str]:
    values = flask.request.values
    asked = {name: values.get(name, "") for name in ("state", "subject", "return_to")}
    if not all(asked.values()):
        raise Refused(400, "field_missing", "缺少参数", "state, subject, return_to are needed")
    if not is_own_address(world(), asked["return_to"]):
        raise Refused(400, "invalid_redirect", "返回地址无效", "return_to is not acceptable")
    return asked


@blueprint.get("")
def show_face() -> str:
    """Show the decision page."""
    here = world()
    meet_trouble(here, "face")
    asked = _asked()
    claims = claims_of(here, asked["subject"])
    return flask.render_template("face.html", asked=asked, name=claims["name"] if claims else "")


@blueprint.post("")
def decide_face() -> Response:
    """Keep the decision under a new code and send the browser back."""
    here, asked = world(), _asked()
    outcome = flask.request.form.get("outcome", "")
    if outcome not in OUTCOMES:
        raise Refused(400, "field_missing", "缺少结果", "outcome is pass, fail or other")
    if here.switches.of("face").fail:
        outcome = "fail"
    code = secrets.token_urlsafe(24)
    document = asked | {"outcome": outcome, "at": local_text(now())}
    here.store.put("faces", code, document)
    glue = "&" if "?" in asked["return_to"] else "?"
    query = urlencode({"state": asked["state"], "code": code})
    return flask.redirect(asked["return_to"] + glue + query, code=303)


@blueprint.post("/result")
@machine_door("face")
def tell_result() -> Answer:
    """Tell the result of a check once, to whoever knows its code and state."""
    code, state = text_of(json_object(), "code", "state")
    here = world()
    held = here.store.get("faces", code)
    if held is None or held["state"] != state:
        raise Refused(404, "no_such_check", "没有该次核验，或已使用", "no such check, or used")
    if here.store.take("faces", code) is None:
        raise Refused(404, "no_such_check", "没有该次核验，或已使用", "no such check, or used")
    return {
        "passed": held["outcome"] == "pass",
        "id_number_matches": held["outcome"] != "other",
        "at": held["at"],
        "receipt": receipt("face"),
    }, 200

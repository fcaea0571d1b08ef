"""The courier (邮政快递): orders for certificates and cards sent by post."""

import hashlib
from itertools import pairwise

import flask

from sandbox.doors import Answer, Refused, json_object, machine_door, require_signature, text_of
from sandbox.world import local_text, now, world

blueprint = flask.Blueprint("courier", __name__, url_prefix="/courier")

STEPS = ("ordered", "collected", "delivered")


def tracking_number(order_id: str) -> str:
    """Return thirteen characters: two letters, nine digits, two letters."""
    digits = int(hashlib.sha256(order_id.encode()).hexdigest(), 16) % 10**9
    return f"YJ{digits:09d}CN"


@blueprint.post("/orders")
@machine_door("courier")
def order() -> Answer:
    """Take an order; a repeated order_id changes nothing."""
    body = json_object()
    order_id, what, recipient, phone, address = text_of(
        body, "order_id", "what", "recipient", "phone", "address"
    )
    document = {
        "order_id": order_id,
        "what": what,
        "recipient": recipient,
        "phone": phone,
        "address": address,
        "sender": str(body.get("sender", "")),
        "paid_by": str(body.get("paid_by", "recipient")),
        "tracking_number": tracking_number(order_id),
        "state": STEPS[0],
        "at": local_text(now()),
    }
    world().store.put_new("orders", order_id, document)
    return {"tracking_number": document["tracking_number"]}, 202


@blueprint.get("/orders/<order_id>")
def show_order(order_id: str) -> flask.Response:
    """Answer with an order, to a known participant."""
    here = world()
    require_signature(here)
    document = here.store.get("orders", order_id)
    if document is None:
        raise Refused(404, "no_such_order", "没有该订单", f"no order {order_id}")
    return flask.jsonify(document)


@blueprint.post("/orders/<order_id>/return")
def return_order(order_id: str) -> flask.typing.ResponseReturnValue:
    """Nobody was at home: the parcel goes back. One that has arrived does not."""
    changed = world().store.change(
        "orders",
        order_id,
        lambda kept: kept if kept["state"] == STEPS[-1] else kept | {"state": "returned"},
    )
    if changed is None:
        raise Refused(404, "no_such_order", "没有该订单", f"no order {order_id}")
    return flask.redirect("/#courier", code=303)


@blueprint.post("/orders/<order_id>/move")
def move_order(order_id: str) -> flask.typing.ResponseReturnValue:
    """Move an order one step on: the button on the overview."""
    following = dict(pairwise(STEPS))
    changed = world().store.change(
        "orders",
        order_id,
        lambda kept: kept | {"state": following.get(kept["state"], kept["state"])},
    )
    if changed is None:
        raise Refused(404, "no_such_order", "没有该订单", f"no order {order_id}")
    return flask.redirect("/#courier", code=303)

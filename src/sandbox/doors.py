"""Doors for machines (机器接口): signature, trouble and the one error model around each answer."""

import time
from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import quote

import flask

from sandbox.signatures import Message, SignatureRefused, verify_request
from sandbox.world import World, now, world

_PATH_CHARACTERS = "/:@!$&'()*+,;=-._~"
Answer = tuple[dict[str, Any], int]


class Refused(Exception):
    """A request that gets an answer in the error model."""

    def __init__(self, status: int, error: str, message: str, message_en: str) -> None:
        super().__init__(message_en)
        self.status = status
        self.body: dict[str, Any] = {
            "error": error,
            "message": message,
            "message_en": message_en,
            "fields": [],
        }


def out_of_order(service: str) -> Refused:
    """Return the answer of a service that is switched to fail."""
    return Refused(503, "out_of_order", "系统暂时不可用，请稍后再试", f"{service} is out of order")


def signed_message() -> Message:
    """Return the running request as its signer saw it."""
    request = flask.request
    path = quote(request.path, safe=_PATH_CHARACTERS)
    url = f"{request.scheme}://{request.host}{path}"
    if request.query_string:
        url += "?" + request.query_string.decode("latin-1")
    return Message(request.method, url, dict(request.headers), request.get_data())


def require_signature(here: World) -> str:
    """Return the participant who signed the running request."""
    try:
        return verify_request(signed_message(), keys=here.keys, store=here.store, now=now())
    except SignatureRefused as refusal:
        raise Refused(401, "signature_refused", "报文签名无效", str(refusal)) from refusal


def json_object() -> dict[str, Any]:
    """Return the body of the running request, which must be a JSON object."""
    body = flask.request.get_json(silent=True)
    if not isinstance(body, dict):
        raise Refused(400, "not_an_object", "报文应为 JSON 对象", "the body must be a JSON object")
    return body


def text_of(body: dict[str, Any], *names: str) -> list[str]:
    """Return required, non-empty texts of a body."""
    for name in names:
        if not isinstance(body.get(name), str) or not body[name]:
            refusal = Refused(422, "field_missing", f"缺少 {name}", f"{name} is missing")
            refusal.body |= {
                "fields": [{"field": name, "message": "必填", "message_en": "required"}]
            }
            raise refusal
    return [body[name] for name in names]


def meet_trouble(here: World, service: str) -> bool:
    """Wait, fail or go on as the service's switch says; return whether the answer gets lost."""
    switch = here.switches.of(service)
    here.count(service)
    if switch.calm:
        return False
    if switch.latency_ms:
        time.sleep(switch.latency_ms / 1000)
    if switch.outage:
        raise out_of_order(service)
    chance = here.switches.draw(service)
    if chance.random() >= switch.error_rate:
        return False
    if chance.random() < 0.5:
        raise out_of_order(service)
    return True


def machine_door(service: str | None = None) -> Callable[[Callable[..., Answer]], Any]:
    """Wrap a view: verify the signature, meet the service's trouble, answer in JSON.

    Half of the ordered errors happen after the work was done, as a lost answer does.
    Without `service` the view's argument `service` names it.
    """

    def wrap(view: Callable[..., Answer]) -> Any:
        @wraps(view)
        def door(**arguments: Any) -> flask.Response:
            here = world()
            name = service or str(arguments["service"])
            flask.g.signer = require_signature(here)
            if name not in here.services:
                raise Refused(404, "no_such_service", "没有该系统", f"no service {name}")
            lost = meet_trouble(here, name)
            body, status = view(**arguments)
            if lost:
                raise out_of_order(name)
            response = flask.jsonify(body)
            response.status_code = status
            return response

        return door

    return wrap

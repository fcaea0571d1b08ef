"""The comprehensive archive (综合档案馆): takes batches of packages and answers with a receipt.

It believes nobody: every digest is computed here, and the receipt is signed with its own key.
"""

import base64
import hashlib
import json
from typing import Any

import flask
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from sandbox.doors import Answer, Refused, json_object, machine_door, text_of
from sandbox.world import local_text, now, world

blueprint = flask.Blueprint("archive", __name__, url_prefix="/archive")

PARTICIPANT = "archive"
FORMAT = "yijian archive receipt 1"


@blueprint.post("/batches")
@machine_door("archive")
def announce() -> Answer:
    """Take the list of a batch; the same list again changes nothing."""
    body = json_object()
    (number,) = text_of(body, "batch")
    packages = body.get("packages")
    if not isinstance(packages, list) or not all(_is_listed(each) for each in packages):
        raise Refused(400, "wrong_packages", "清单有误", "packages cannot be understood")
    fresh: dict[str, Any] = {"batch": number, "packages": packages, "held": {}, "receipt": None}
    world().store.put_new("archive", number, fresh)
    kept = _batch(number)
    if kept["packages"] != packages:
        raise Refused(409, "another_list", "批次号已用于另一份清单", "this batch has another list")
    wanted = [each["name"] for each in packages if each["name"] not in kept["held"]]
    return {"wanted": wanted}, 201


@blueprint.post("/batches/<number>/packages")
@machine_door("archive")
def take(number: str) -> Answer:
    """Take one package and look at what came; what lies here is never replaced."""
    body = json_object()
    name, text = text_of(body, "name", "data")
    try:
        data = base64.b64decode(text, validate=True)
    except ValueError:
        raise Refused(400, "not_base64", "内容不是 Base64", "data is not base64") from None
    _batch(number)
    found = {"sha256": hashlib.sha256(data).hexdigest(), "sm3": _sm3(data), "size": len(data)}
    world().store.change(
        "archive",
        number,
        lambda kept: kept | {"held": {name: found, **kept["held"]}},
    )
    return {"name": name, **found}, 200


@blueprint.post("/batches/<number>/close")
@machine_door("archive")
def close(number: str) -> Answer:
    """Compare what came with the list, and sign what was found; the receipt stays the same."""
    kept = _batch(number)
    if kept["receipt"] is None:
        receipt = _signed(
            {
                "format": FORMAT,
                "batch": number,
                "archive": PARTICIPANT,
                "at": local_text(now()),
                "packages": [_judged(each, kept["held"]) for each in kept["packages"]],
            }
        )
        world().store.change("archive", number, lambda k: k | {"receipt": k["receipt"] or receipt})
    found: dict[str, Any] = _batch(number)["receipt"]
    return found, 200


def _batch(number: str) -> dict[str, Any]:
    kept = world().store.get("archive", number)
    if kept is None:
        raise Refused(404, "no_such_batch", "没有该批次", f"no batch {number}")
    return kept


def _is_listed(each: Any) -> bool:
    texts = ("name", "number", "sha256", "sm3")
    return (
        isinstance(each, dict)
        and all(isinstance(each.get(name), str) for name in texts)
        and isinstance(each.get("size"), int)
    )


def _judged(listed: dict[str, Any], held: dict[str, Any]) -> dict[str, str]:
    came = held.get(listed["name"])
    reason = "" if came else "missing"
    for what in ("size", "sha256", "sm3"):
        if came and not reason and came[what] != listed[what]:
            reason = f"another_{what}"
    return {"name": listed["name"], "sha256": listed["sha256"], "reason": reason}


def _sm3(data: bytes) -> str:
    digest = hashes.Hash(hashes.SM3())
    digest.update(data)
    return digest.finalize().hex()


def _signed(said: dict[str, Any]) -> dict[str, Any]:
    pem = world().keys.private(PARTICIPANT)
    key = None if pem is None else load_pem_private_key(pem, None)
    if not isinstance(key, Ed25519PrivateKey):
        raise Refused(503, "no_key", "档案馆没有签名密钥", f"no key of {PARTICIPANT}")
    text = json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
    return {**said, "signature": base64.b64encode(key.sign(text)).decode()}

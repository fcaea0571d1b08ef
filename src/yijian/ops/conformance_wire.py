"""报文: requests of the conformance suite, signed as agreed or with one deliberate fault.

The signature is written out from the standard's text: the library that signs for the node would
refuse to make most of these faults.
"""

from __future__ import annotations

import base64
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import httpx
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from yijian.gateways.signatures import content_digest
from yijian.gateways.strictjson import NotStrictJsonError, loads

SINGLE, BATCH = "application/cloudevents+json", "application/cloudevents-batch+json"
COVERED = ("@method", "@target-uri", "content-digest", "content-type")
LONGEST_SHOWN = 120


@dataclass(frozen=True, slots=True)
class Identity:
    """Who signs: a participant's code and its key."""

    participant: str
    key: Ed25519PrivateKey = field(repr=False)

    @classmethod
    def read(cls, participant: str, pem: bytes) -> Identity:
        """The participant with its PEM key; ValueError when it is no Ed25519 key."""
        key = load_pem_private_key(pem, password=None)
        if not isinstance(key, Ed25519PrivateKey):
            raise ValueError("not an Ed25519 private key")
        return cls(participant, key)

    def with_another_key(self) -> Identity:
        """Somebody who says to be this participant."""
        return replace(self, key=Ed25519PrivateKey.generate())


@dataclass(frozen=True, slots=True)
class Faults:
    """What is wrong with a request on purpose; nothing, unless said."""

    leave_out: str = ""
    signed_method: str = ""
    signed_url: str = ""
    signed_body: bytes | None = None
    sent_digest: str = ""
    created_off: int = 0
    nonce: str | None = None
    without: str = ""
    unsigned: bool = False


@dataclass(frozen=True, slots=True)
class Sent:
    """A request as it goes out."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: status, JSON object when it is one, and the first words of the body."""

    status: int
    body: Mapping[str, Any]
    shown: str
    headers: Mapping[str, str]

    @property
    def accepted(self) -> list[Any]:
        """The ids of `accepted`; empty when there is no such list."""
        found = self.body.get("accepted")
        return found if isinstance(found, list) else []

    @property
    def refused(self) -> dict[str, str]:
        """The reasons of `refused` by id."""
        found = self.body.get("refused")
        entries = found if isinstance(found, list) else []
        return {str(e.get("id")): str(e.get("reason")) for e in entries if isinstance(e, dict)}


def signed(
    identity: Identity,
    method: str,
    url: str,
    body: bytes = b"",
    *,
    content_type: str = "application/json",
    faults: Faults | None = None,
) -> Sent:
    """A request with the signature of `identity`, whole or with the given faults."""
    faults = faults or Faults()
    headers = {"Content-Type": content_type} if body else {}
    if faults.unsigned:
        return Sent(method, url, headers, body)
    digest = content_digest(body if faults.signed_body is None else faults.signed_body)
    values = {
        "@method": faults.signed_method or method,
        "@target-uri": faults.signed_url or url,
        "content-digest": digest,
        "content-type": content_type,
    }
    covered = [n for n in COVERED[: 4 if body else 2] if n != faults.leave_out]
    parameters = {
        "created": str(int(time.time()) + faults.created_off),
        "nonce": f'"{faults.nonce or uuid.uuid4()}"',
        "alg": '"ed25519"',
        "keyid": f'"{identity.participant}"',
    }
    parameters.pop(faults.without, None)
    names = " ".join(f'"{name}"' for name in covered)
    input_ = f"({names})" + "".join(f";{name}={value}" for name, value in parameters.items())
    lines = [f'"{name}": {values[name]}' for name in covered]
    base = "\n".join([*lines, f'"@signature-params": {input_}'])
    signature = base64.b64encode(identity.key.sign(base.encode())).decode()
    if body:
        headers["Content-Digest"] = faults.sent_digest or digest
    headers |= {"Signature-Input": f"sig1={input_}", "Signature": f"sig1=:{signature}:"}
    return Sent(method, url, headers, body)


def send(client: httpx.Client, request: Sent) -> Answer:
    """Send a request and read what comes. Status 0 stands for no answer at all."""
    try:
        response = client.request(
            request.method, request.url, headers=dict(request.headers), content=request.body or None
        )
    except httpx.HTTPError as error:
        return Answer(0, {}, f"{type(error).__name__}: {error}"[:LONGEST_SHOWN], {})
    try:
        found = loads(response.content)
    except NotStrictJsonError:
        found = None
    body = found if isinstance(found, dict) else {}
    shown = f"{response.status_code} {response.text[:LONGEST_SHOWN]}".strip()
    return Answer(response.status_code, body, shown, dict(response.headers))

"""报文签名: RFC 9421 HTTP message signatures with Ed25519, for requests in both directions.

The library verifies what a sender chose to sign; what a sender *must* sign is decided here: method,
target, digest and type of a body. The digest is compared by hand, the window is five minutes, and
a nonce counts once; the store of spent nonces is handed in.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import http_sf
from http_message_signatures import (
    HTTPMessageSignaturesException,
    HTTPMessageSigner,
    HTTPMessageVerifier,
    MappingKeyResolver,
)
from http_message_signatures.algorithms import ED25519

WINDOW = timedelta(minutes=5)
LABEL = "sig1"
ALGORITHM = "ed25519"
LONGEST_NONCE = 128
_SIGNATURE = re.compile(rf"{LABEL}=:([A-Za-z0-9+/]{{86}}==):")
_DIGEST = re.compile(r"sha-256=:([A-Za-z0-9+/]{43}=):")
_PARTICIPANT = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,63}")

PublicKeys = Callable[[str], Sequence[bytes]]
"""The PEM public keys of a participant: none for a stranger, two while a key is being changed."""

SpendNonce = Callable[[str, str, datetime], bool]
"""Keeps (sender, nonce, created) and says whether it was new. Called only for valid signatures."""


class SignatureRefusedError(Exception):
    """A request is not signed as agreed.

    `code` is one of `unsigned`, `malformed`, `unknown_sender`, `stale`, `forged`, `digest_differs`,
    `replayed`. `claimed` is who the request says sent it: a claim, not a fact.
    """

    def __init__(self, code: str, claimed: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.claimed = claimed


@dataclass(slots=True)
class Message:
    """The parts of an HTTP request that a signature covers; `url` is absolute and encoded."""

    method: str
    url: str
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class _Claim:
    sender: str
    nonce: str
    created: datetime


def content_digest(body: bytes) -> str:
    """The Content-Digest header of a body (RFC 9530, SHA-256).

    >>> content_digest(b"{}")
    'sha-256=:RBNvo1WzZ4oRRq0W9+hknpT7T8If536DEMBg9hyq/4o=:'
    """
    return f"sha-256=:{base64.b64encode(hashlib.sha256(body).digest()).decode()}:"


def sign(
    message: Message,
    *,
    participant: str,
    private_pem: bytes,
    nonce: str,
    now: datetime,
    covering: Sequence[str] = (),
) -> dict[str, str]:
    """The headers of `message` with digest and signature; the message itself carries them too.

    `covering` names headers of its own that are covered beside what always is.
    """
    covered = ["@method", "@target-uri"]
    if message.body:
        message.headers["Content-Digest"] = content_digest(message.body)
        covered += ["content-digest", "content-type"]
    covered += [name.lower() for name in covering]
    signer = HTTPMessageSigner(
        signature_algorithm=ED25519,
        key_resolver=MappingKeyResolver(public_keys={}, private_keys={participant: private_pem}),
    )
    signer.sign(
        message,
        key_id=participant,
        created=now,
        nonce=nonce,
        label=LABEL,
        covered_component_ids=tuple(covered),
        use_existing_digest=bool(message.body),
    )
    return message.headers


def verify(
    message: Message, *, public_keys: PublicKeys, spend_nonce: SpendNonce, now: datetime
) -> str:
    """The participant who signed `message`; SignatureRefusedError for anything short of it."""
    claim = _claim(message.headers)
    keys = public_keys(claim.sender)
    if not keys:
        raise SignatureRefusedError("unknown_sender", claim.sender)
    if abs(now - claim.created) > WINDOW:
        raise SignatureRefusedError("stale", claim.sender)
    if not any(_signed_with(key, message, claim.sender) for key in keys):
        raise SignatureRefusedError("forged", claim.sender)
    _check_digest(message, claim.sender)
    # Only now: whoever cannot sign must not be able to use up another's nonces.
    if not spend_nonce(claim.sender, claim.nonce, claim.created):
        raise SignatureRefusedError("replayed", claim.sender)
    return claim.sender


class _Verifier(HTTPMessageVerifier):
    """The library's verifier without its own clock: the window was checked against our `now`."""

    def validate_created_and_expires(self, sig_input: Any, max_age: Any = None) -> None:
        del sig_input, max_age


def _signed_with(key: bytes, message: Message, sender: str) -> bool:
    required = ["@method", "@target-uri"]
    if message.body:
        required += ["content-digest", "content-type"]
    verifier = _Verifier(
        signature_algorithm=ED25519,
        key_resolver=MappingKeyResolver(public_keys={sender: key}, private_keys={}),
    )
    try:
        results = verifier.verify(message, max_age=None, require_components=tuple(required))
    except (HTTPMessageSignaturesException, ValueError, TypeError, UnicodeError):
        return False
    return len(results) == 1


def _claim(headers: Mapping[str, str]) -> _Claim:
    given = {name.lower(): value for name, value in headers.items()}
    if not given.get("signature-input") or not given.get("signature"):
        raise SignatureRefusedError("unsigned")
    _check_spelling(given["signature"])
    parameters = _parameters(given["signature-input"])
    sender = parameters.get("keyid")
    if not isinstance(sender, str) or not _PARTICIPANT.fullmatch(sender):
        raise SignatureRefusedError("malformed")
    nonce, created = parameters.get("nonce"), parameters.get("created")
    if not isinstance(nonce, str) or not 0 < len(nonce) <= LONGEST_NONCE:
        raise SignatureRefusedError("malformed", sender)
    if parameters.get("alg") != ALGORITHM or type(created) is not int:
        raise SignatureRefusedError("malformed", sender)
    expires = parameters.get("expires")
    if expires is not None and (type(expires) is not int or expires < created):
        raise SignatureRefusedError("malformed", sender)
    try:
        return _Claim(sender, nonce, datetime.fromtimestamp(created, UTC))
    except (ValueError, OverflowError, OSError):
        raise SignatureRefusedError("malformed", sender) from None


def _check_spelling(signature: str) -> None:
    """One signature has one spelling: in base64 its last letter carries bits that say nothing."""
    found = _SIGNATURE.fullmatch(signature.strip())
    spelt = found[1] if found else ""
    if not spelt or base64.b64encode(base64.b64decode(spelt)).decode() != spelt:
        raise SignatureRefusedError("malformed")


def _parameters(signature_input: str) -> Mapping[str, object]:
    """The parameters of the one signature labelled `sig1`."""
    try:
        parsed: Any = http_sf.parse(signature_input.encode("ascii"), tltype="dictionary")
        if list(parsed) != [LABEL]:
            raise SignatureRefusedError("malformed")
        parameters = dict(parsed[LABEL][1])
    except (ValueError, KeyError, IndexError, TypeError, AttributeError, RecursionError):
        raise SignatureRefusedError("malformed") from None
    return parameters


def _check_digest(message: Message, sender: str) -> None:
    given = {name.lower(): value for name, value in message.headers.items()}
    stated = given.get("content-digest")
    if not message.body and stated is None:
        return
    found = _DIGEST.fullmatch((stated or "").strip())
    try:
        digest = base64.b64decode(found[1], validate=True) if found else b""
    except binascii.Error:
        digest = b""
    if not hmac.compare_digest(digest, hashlib.sha256(message.body).digest()):
        raise SignatureRefusedError("digest_differs", sender)

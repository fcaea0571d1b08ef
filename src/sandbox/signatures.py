"""Signed requests between machines (报文签名): RFC 9421 with Ed25519, both directions."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import http_sf
from http_message_signatures import (
    HTTPMessageSignaturesException,
    HTTPMessageSigner,
    HTTPMessageVerifier,
    MappingKeyResolver,
)
from http_message_signatures.algorithms import ED25519

from sandbox.keys import KeyFolder
from sandbox.store import Store

WINDOW = timedelta(minutes=5)
LABEL = "sig1"


class SignatureRefused(Exception):
    """A request was not signed as agreed; the text says what is wrong."""


@dataclass
class Message:
    """The parts of an HTTP request that a signature covers."""

    method: str
    url: str
    headers: dict[str, str]
    body: bytes


def sign_request(
    message: Message, *, keys: KeyFolder, participant: str, now: datetime
) -> dict[str, str]:
    """Return the headers of `message` with digest and signature of `participant`."""
    private = keys.private(participant)
    if private is None:
        raise SignatureRefused(f"no private key for {participant} in {keys.folder}")
    covered = ["@method", "@target-uri"]
    if message.body:
        covered += ["content-digest", "content-type"]
    signer = HTTPMessageSigner(
        signature_algorithm=ED25519,
        key_resolver=MappingKeyResolver(public_keys={}, private_keys={participant: private}),
    )
    signer.sign(
        message,
        key_id=participant,
        created=now,
        nonce=secrets.token_urlsafe(16),
        label=LABEL,
        covered_component_ids=tuple(covered),
        body=message.body or None,
    )
    return message.headers


def verify_request(message: Message, *, keys: KeyFolder, store: Store, now: datetime) -> str:
    """Return the participant who signed `message`; refuse anything short of the agreement."""
    participant = _claimed_participant(message.headers)
    public = keys.public(participant)
    if public is None:
        raise SignatureRefused(f"unknown participant {participant!r}")
    required = ["@method", "@target-uri"]
    if message.body:
        required += ["content-digest", "content-type"]
    verifier = HTTPMessageVerifier(
        signature_algorithm=ED25519,
        key_resolver=MappingKeyResolver(public_keys={participant: public}, private_keys={}),
    )
    try:
        results = verifier.verify(
            message, max_age=WINDOW, require_components=tuple(required), body=message.body
        )
    except (HTTPMessageSignaturesException, ValueError) as refusal:
        raise SignatureRefused(str(refusal) or "signature does not verify") from refusal
    parameters = results[0].parameters
    nonce = parameters.get("nonce")
    if not isinstance(nonce, str) or not nonce:
        raise SignatureRefused("the nonce is missing")
    created = parameters.get("created")
    if parameters.get("alg") != "ed25519" or not isinstance(created, int):
        raise SignatureRefused("alg must be ed25519 and created must be given")
    # The library forgives some seconds of clock difference; the agreement does not.
    if abs(now.timestamp() - created) > WINDOW.total_seconds():
        raise SignatureRefused("created is outside the window of five minutes")
    _spend_nonce(store, f"{participant} {nonce}", now)
    return participant


def _claimed_participant(headers: Mapping[str, str]) -> str:
    given = {name.lower(): value for name, value in headers.items()}
    if "signature-input" not in given or "signature" not in given:
        raise SignatureRefused("the request is not signed")
    try:
        parsed: Any = http_sf.parse(given["signature-input"].encode(), tltype="dictionary")
        if list(parsed) != [LABEL]:
            raise SignatureRefused(f"exactly one signature labelled {LABEL} is expected")
        keyid = parsed[LABEL][1].get("keyid")
    except (ValueError, KeyError, IndexError, TypeError, AttributeError) as error:
        raise SignatureRefused("Signature-Input cannot be read") from error
    if not isinstance(keyid, str):
        raise SignatureRefused("keyid is missing")
    return keyid


def _spend_nonce(store: Store, key: str, now: datetime) -> None:
    if not store.put_new("nonces", key, {"at": now.timestamp()}):
        raise SignatureRefused("this nonce was used before")
    if len(store.keys("nonces")) % 1000 == 0:
        oldest = (now - 2 * WINDOW).timestamp()
        for known in store.keys("nonces"):
            document = store.get("nonces", known)
            if document and document["at"] < oldest:
                store.take("nonces", known)

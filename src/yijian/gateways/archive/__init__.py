"""综合档案馆: electronic archives handed over in batches, and the archive's signed receipt.

The archive knows a batch by its number and a package by its name: the same again changes nothing.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from urllib.parse import quote

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from yijian.gateways.calls import Caller, CallFailedError
from yijian.gateways.strictjson import NotStrictJsonError, loads

LARGEST_PACKAGE = 11 * 1024 * 1024
"""What fits into one message of the archive when it is written in base64."""
FORMAT = "yijian archive receipt 1"


@dataclass(frozen=True, slots=True)
class HandedOver:
    """移交清单一行: a package by its name, archive number and digests."""

    name: str
    number: str
    sha256: str
    sm3: str
    size: int


@dataclass(frozen=True, slots=True)
class Receipt:
    """移交回执: what the archive says of each package by name; an empty reason: taken."""

    batch: str
    archive: str
    at: str
    refused: Mapping[str, str]
    accepted: frozenset[str]
    text: str = field(repr=False)


class WrongReceiptError(Exception):
    """What should be a receipt is none, or was not signed by the archive; `reason` is a code."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def announce(
    batch: str, lines: Iterable[HandedOver], *, caller: Caller, url: str
) -> frozenset[str]:
    """Tell the archive what a batch holds; the names of the packages it still has to be sent.

    Errors: CallFailedError.
    """
    listed = [
        {
            "name": one.name,
            "number": one.number,
            "sha256": one.sha256,
            "sm3": one.sm3,
            "size": one.size,
        }
        for one in lines
    ]
    body = {"batch": batch, "packages": listed}
    answer = caller.post(f"{url}/batches", body, expected=frozenset({200, 201}))
    wanted = answer.get("wanted")
    if not isinstance(wanted, list) or not all(isinstance(name, str) for name in wanted):
        raise CallFailedError("wrong_wanted")
    return frozenset(wanted) & {line["name"] for line in listed}


def send(batch: str, name: str, data: bytes, *, caller: Caller, url: str) -> None:
    """Send one package. Errors: CallFailedError, not passing for one that is too large."""
    if len(data) > LARGEST_PACKAGE:
        raise CallFailedError("package_too_large", passing=False)
    body = {"name": name, "data": base64.b64encode(data).decode()}
    caller.post(f"{url}/batches/{quote(batch, safe='')}/packages", body)


def close(batch: str, *, caller: Caller, url: str, public_pem: bytes) -> Receipt:
    """End a batch and take its receipt. Errors: CallFailedError."""
    answer = caller.post(f"{url}/batches/{quote(batch, safe='')}/close", {})
    try:
        return read_receipt(json.dumps(answer, ensure_ascii=False).encode(), batch, public_pem)
    except WrongReceiptError as wrong:
        raise CallFailedError(f"receipt_{wrong.reason}", passing=False) from None


def read_receipt(data: bytes, batch: str, public_pem: bytes) -> Receipt:
    """A receipt, however it came. Errors: WrongReceiptError."""
    try:
        said = loads(data)
    except NotStrictJsonError:
        raise WrongReceiptError("not_json") from None
    if not isinstance(said, dict) or said.get("format") != FORMAT:
        raise WrongReceiptError("not_a_receipt")
    signature = said.pop("signature", None)
    _check_signature(signed_text(said), signature, public_pem)
    if said.get("batch") != batch:
        raise WrongReceiptError("another_batch")
    lines = said.get("packages")
    if not isinstance(lines, list) or not all(_is_line(line) for line in lines):
        raise WrongReceiptError("not_a_receipt")
    refused = {line["name"]: line["reason"] for line in lines if line["reason"]}
    accepted = frozenset(line["name"] for line in lines if not line["reason"])
    if len(refused) + len(accepted) != len(lines):
        raise WrongReceiptError("not_a_receipt")
    text = json.dumps({**said, "signature": signature}, ensure_ascii=False, sort_keys=True)
    return Receipt(batch, str(said.get("archive")), str(said.get("at")), refused, accepted, text)


def signed_text(said: Mapping[str, object]) -> bytes:
    """What the archive signs: the receipt without its signature, in the one way to write it."""
    return json.dumps(
        said, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False
    ).encode()


def _is_line(line: object) -> bool:
    return isinstance(line, dict) and all(
        isinstance(line.get(name), str) for name in ("name", "sha256", "reason")
    )


def _check_signature(text: bytes, signature: object, public_pem: bytes) -> None:
    key = load_pem_public_key(public_pem)
    if not isinstance(key, Ed25519PublicKey) or not isinstance(signature, str):
        raise WrongReceiptError("unsigned")
    try:
        key.verify(base64.b64decode(signature, validate=True), text)
    except (InvalidSignature, ValueError):
        raise WrongReceiptError("signature") from None

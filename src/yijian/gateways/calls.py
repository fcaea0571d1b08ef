"""One signed request to an outside system, and its answer within limits.

Every call is signed, has a time limit on each step and on the whole, follows no redirect, refuses
compressed or oversized answers, and reads JSON strictly. The HTTP client is handed in.
"""

from __future__ import annotations

import json
import re
import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import httpx

from yijian.gateways.addresses import CarefulTransport, Policy
from yijian.gateways.signatures import Message, sign
from yijian.gateways.strictjson import NotStrictJsonError, loads

CONNECT_SECONDS = 2.0
READ_SECONDS = 8.0
WHOLE_SECONDS = 20.0
LARGEST_ANSWER = 4 * 1024 * 1024
LARGEST_FILE = 20 * 1024 * 1024
PASSING = frozenset({401, 403, 408, 425, 429})
"""Refusals that may be gone next time: a clock, a key being changed, too many at once."""
_HEADER = re.compile(r"[\x21-\x7e]{1,128}")


class CallFailedError(Exception):
    """A call brought no usable answer.

    `reason` is a short code without personal data. `passing` says whether the same call may succeed
    later; when it is false, repeating it is pointless and a person must look.
    """

    def __init__(self, reason: str, *, passing: bool = True) -> None:
        super().__init__(reason)
        self.reason = reason
        self.passing = passing


def make_client(policy: Policy) -> httpx.Client:
    """A client as every caller here needs it: short patience, no redirects, no proxies.

    It connects only where the policy lets it.
    """
    limits = httpx.Limits(max_connections=32, max_keepalive_connections=8)
    return httpx.Client(
        timeout=httpx.Timeout(READ_SECONDS, connect=CONNECT_SECONDS),
        follow_redirects=False,
        trust_env=False,
        transport=CarefulTransport(httpx.HTTPTransport(trust_env=False, limits=limits), policy),
    )


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls, with which key and client; `clock` gives the time that a signature states."""

    client: httpx.Client
    participant: str
    private_pem: bytes
    clock: Callable[[], datetime]

    def post(
        self,
        url: str,
        payload: object,
        *,
        headers: Mapping[str, str] | None = None,
        content_type: str = "application/json",
        expected: frozenset[int] = frozenset({200}),
        covering: Sequence[str] = (),
    ) -> dict[str, object]:
        """Send `payload` as JSON and return the JSON object that came back.

        `covering` names headers that the signature covers beside what it always does.
        """
        body = json.dumps(payload, ensure_ascii=False, separators=(",", ":")).encode()
        named = {**(headers or {}), "Content-Type": content_type}
        return self._call("POST", url, body, named, expected, covering)

    def get(self, url: str) -> dict[str, object]:
        """Return the JSON object at `url`."""
        return self._call("GET", url, b"", {}, frozenset({200}))

    def get_bytes(self, url: str, *, largest: int = LARGEST_FILE) -> bytes:
        """Return the file at `url`, at most so many bytes."""
        headers = {"Accept": "*/*", "Accept-Encoding": "identity"}
        message = self._signed("GET", url, b"", headers, ())
        return exchange_bytes(self.client, message, frozenset({200}), largest)

    def _call(
        self,
        method: str,
        url: str,
        body: bytes,
        headers: dict[str, str],
        expected: frozenset[int],
        covering: Sequence[str] = (),
    ) -> dict[str, object]:
        for value in headers.values():
            if not _HEADER.fullmatch(value):
                raise CallFailedError("header_not_ascii", passing=False)
        headers |= {"Accept": "application/json", "Accept-Encoding": "identity"}
        message = self._signed(method, url, body, headers, covering)
        return exchange_json(self.client, message, expected)

    def _signed(
        self, method: str, url: str, body: bytes, headers: dict[str, str], covering: Sequence[str]
    ) -> Message:
        message = Message(method, url, headers, body)
        sign(
            message,
            participant=self.participant,
            private_pem=self.private_pem,
            nonce=secrets.token_urlsafe(16),
            now=self.clock(),
            covering=covering,
        )
        return message


def exchange_json(
    client: httpx.Client, message: Message, expected: frozenset[int]
) -> dict[str, object]:
    """Send a message as it is and read the JSON object that comes back, within all limits."""
    try:
        answer = loads(exchange_bytes(client, message, expected, LARGEST_ANSWER))
    except NotStrictJsonError:
        raise CallFailedError("not_json") from None
    if not isinstance(answer, dict):
        raise CallFailedError("not_an_object")
    return answer


def exchange_bytes(
    client: httpx.Client, message: Message, expected: frozenset[int], largest: int
) -> bytes:
    """Send a message as it is and read at most so many bytes that come back."""
    try:
        status, raw = _exchange(client, message, largest)
    except httpx.TimeoutException:
        raise CallFailedError("timeout") from None
    except (httpx.HTTPError, httpx.InvalidURL):
        raise CallFailedError("unreachable") from None
    if status not in expected:
        lasting = 400 <= status < 500 and status not in PASSING
        raise CallFailedError(f"status_{status}", passing=not lasting)
    return raw


def _exchange(client: httpx.Client, message: Message, largest: int) -> tuple[int, bytes]:
    """Send, and read the answer within the limits of size and time."""
    until = time.monotonic() + WHOLE_SECONDS
    with client.stream(
        message.method,
        message.url,
        headers=message.headers,
        content=message.body or None,
        follow_redirects=False,
    ) as response:
        if response.headers.get("Content-Encoding", "identity") != "identity":
            raise CallFailedError("compressed")
        found = bytearray()
        for chunk in response.iter_raw():
            found += chunk
            if len(found) > largest:
                raise CallFailedError("too_large")
            if time.monotonic() > until:
                raise CallFailedError("timeout")
        return response.status_code, bytes(found)

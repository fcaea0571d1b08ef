"""x-tif 网关: requests signed with a token that both sides know, by time and a nonce."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

import httpx

from yijian.gateways.calls import exchange_json
from yijian.gateways.sharing import unwrapped
from yijian.gateways.sharing.national import OK, message


def signature(*, token: str, timestamp: str, nonce: str) -> str:
    """SHA-256 in hexadecimal over time, token, nonce and time again.

    >>> signature(token="t", timestamp="1", nonce="n")[:16]
    'c159e7e91acc9536'
    """
    return hashlib.sha256(f"{timestamp}{token}{nonce}{timestamp}".encode()).hexdigest()


@dataclass(frozen=True)
class TifCaller:
    """One application at such a gateway."""

    client: httpx.Client
    application: str
    token: str = field(repr=False)
    clock: Callable[[], datetime]

    def post(
        self, url: str, payload: object, *, headers: Mapping[str, str] | None = None
    ) -> dict[str, object]:
        """Ask one service."""
        timestamp = str(int(self.clock().timestamp()))
        nonce = secrets.token_hex(12)
        signed = {
            "x-tif-paasid": self.application,
            "x-tif-timestamp": timestamp,
            "x-tif-nonce": nonce,
            "x-tif-signature": signature(token=self.token, timestamp=timestamp, nonce=nonce),
        }
        sent = message(url, payload, headers or {}, signed)
        return unwrapped(exchange_json(self.client, sent, OK))

"""国家数据共享交换平台: requests signed with a secret that the gateway lends for a while.

The application key opens the door once: with it the secret is fetched, encrypted, and valid until
its end. Every further request is signed with the secret, which is fetched anew in time.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import httpx
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.padding import PKCS7

from yijian.gateways.calls import CallFailedError, exchange_json
from yijian.gateways.sharing import unwrapped
from yijian.gateways.signatures import Message

RENEWED_BEFORE = timedelta(minutes=3)
"""So long before its end a secret is not used any more: clocks differ, and requests take time."""
OK = frozenset({200})
WITHDRAWN = frozenset({"gateway_401", "status_401"})


@dataclass(frozen=True, slots=True)
class Secret:
    """密钥: what requests are signed with until `ends_at`."""

    key: str = field(repr=False)
    ends_at: datetime


def signature(*, key: str, sid: str, rid: str, rtime: str) -> str:
    """Base64 of the HMAC-SHA256 over service, requester and time.

    >>> signature(key="k", sid="s", rid="r", rtime="1")
    'fnln4UFKAMlyZbkZiaj3/wL4QlUTp1P4YGadlXSxoLk='
    """
    text = f"{sid}{rid}{rtime}".encode()
    return base64.b64encode(hmac.digest(key.encode(), text, "sha256")).decode()


def opened_secret(app_key: str, sealed: str) -> str:
    """The secret as the gateway encrypted it under the application key.

    AES-128-ECB with PKCS7 padding; its key is what Java's SHA1PRNG makes of the application key.
    Errors: CallFailedError `wrong_secret`.
    """
    seed = hashlib.sha1(app_key.encode(), usedforsecurity=False).digest()
    key = hashlib.sha1(seed, usedforsecurity=False).digest()[:16]
    try:
        data = base64.b64decode(sealed, validate=True)
        decryptor = Cipher(algorithms.AES(key), modes.ECB()).decryptor()  # noqa: S305 (their way)
        padded = decryptor.update(data) + decryptor.finalize()
        unpadder = PKCS7(128).unpadder()
        plain = (unpadder.update(padded) + unpadder.finalize()).decode()
    except (ValueError, binascii.Error):
        raise CallFailedError("wrong_secret", passing=False) from None
    if not plain or not plain.isascii() or not plain.isprintable():
        raise CallFailedError("wrong_secret", passing=False)
    return plain


@dataclass
class NationalCaller:
    """One requester at the national gateway: posts to a service, renews its secret by itself."""

    client: httpx.Client
    requester: str
    service: str
    app_key: str = field(repr=False)
    secret_url: str
    clock: Callable[[], datetime]
    _secret: Secret | None = field(default=None, repr=False)
    _last_time: int = 0
    _times: threading.Lock = field(default_factory=threading.Lock, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def post(
        self, url: str, payload: object, *, headers: Mapping[str, str] | None = None
    ) -> dict[str, object]:
        """Ask one service; a secret that the gateway has withdrawn is fetched once more."""
        try:
            return self._sent(url, payload, headers or {}, self._current().key)
        except CallFailedError as failure:
            if failure.reason not in WITHDRAWN:
                raise
        self._secret = None
        return self._sent(url, payload, headers or {}, self._current().key)

    def _current(self) -> Secret:
        with self._lock:
            known = self._secret
            if known is None or self.clock() >= known.ends_at - RENEWED_BEFORE:
                self._secret = known = self._fetched()
            return known

    def _fetched(self) -> Secret:
        given = self._sent(self.secret_url, {}, {}, self.app_key)
        sealed, ends = given.get("secret"), given.get("secretEndTime")
        if isinstance(ends, str) and ends.isdigit():
            ends = int(ends)
        if not isinstance(sealed, str) or isinstance(ends, bool) or not isinstance(ends, int):
            raise CallFailedError("wrong_secret")
        try:
            ends_at = datetime.fromtimestamp(ends / 1000, UTC)
        except (ValueError, OverflowError, OSError):
            raise CallFailedError("wrong_secret") from None
        if ends_at <= self.clock():
            raise CallFailedError("secret_over")
        return Secret(opened_secret(self.app_key, sealed), ends_at)

    def _next_time(self) -> int:
        """Milliseconds that were not used before: the signature has no other nonce."""
        with self._times:
            self._last_time = max(int(self.clock().timestamp() * 1000), self._last_time + 1)
            return self._last_time

    def _sent(
        self, url: str, payload: object, headers: Mapping[str, str], key: str
    ) -> dict[str, object]:
        rtime = str(self._next_time())
        signed = {
            "gjgxjhpt_rid": self.requester,
            "gjgxjhpt_sid": self.service,
            "gjgxjhpt_rtime": rtime,
            "gjgxjhpt_sign": signature(key=key, sid=self.service, rid=self.requester, rtime=rtime),
        }
        return unwrapped(exchange_json(self.client, message(url, payload, headers, signed), OK))


def message(
    url: str, payload: object, headers: Mapping[str, str], signed: Mapping[str, str]
) -> Message:
    """A request in JSON with the headers of a gateway. Errors: CallFailedError for a bad header."""
    named = {**headers, **signed}
    if not all(value.isascii() and value.isprintable() for value in named.values()):
        raise CallFailedError("header_not_ascii", passing=False)
    body = json.dumps(payload, ensure_ascii=False, separators=(",", ":")).encode()
    named |= {
        "Content-Type": "application/json",
        "Accept": "application/json",
        "Accept-Encoding": "identity",
    }
    return Message("POST", url, named, body)

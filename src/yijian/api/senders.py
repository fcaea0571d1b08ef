"""Who is at the machine door: an active partner whose signature covers the whole request.

Whoever is not is refused and recorded, whatever the reason.
"""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast
from urllib.parse import quote

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone
from ninja.security.base import AuthBase

from yijian.api.errors import RefusedRequestError
from yijian.gateways.signatures import Message, SignatureRefusedError, verify
from yijian.gateways.signatures.keys import split_keys
from yijian.records import exchange

_CODES = {
    "unsigned": "unsigned",
    "malformed": "signature_malformed",
    "stale": "signature_stale",
    "replayed": "request_repeated",
}
_PATH_CHARACTERS = "/:@!$&'()*+,;=-._~"
MOST_KEPT_A_MINUTE = 300
_kept: dict[str, int] = {}
_kept_lock = threading.Lock()
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Sender:
    """A verified partner, the items and offices that are its own, and its row for queries."""

    code: str
    items: frozenset[str]
    offices: frozenset[str]
    row: Any


class SignedByPartner(AuthBase):
    """HTTP message signature of an active partner."""

    openapi_type = "apiKey"
    openapi_in = "header"
    openapi_name = "Signature"
    openapi_description = (
        "RFC 9421, Ed25519, label sig1, keyid = your participant code; covers @method, "
        "@target-uri and, with a body, content-digest and content-type."
    )

    def __call__(self, request: HttpRequest) -> Sender:
        """The partner who sent the request. Errors: RefusedRequestError with status 401."""
        now = timezone.now()
        known: dict[str, Sender] = {}

        def public_keys(code: str) -> tuple[bytes, ...]:
            partner = exchange.partner(code)
            if partner is None:
                return ()
            known[code] = Sender(
                code, frozenset(partner.items), frozenset(partner.offices), partner
            )
            return split_keys(partner.public_key.encode())

        try:
            sender = verify(
                signed_message(request),
                public_keys=public_keys,
                spend_nonce=exchange.spend_nonce,
                now=now,
            )
        except SignatureRefusedError as refused:
            _record(refused, request.path, now)
            raise RefusedRequestError(_CODES.get(refused.code, "signature_refused")) from None
        return known[sender]


def sender_of(request: HttpRequest) -> Sender:
    """The partner whose signature the door has verified."""
    return cast(Sender, request.auth)  # type: ignore[attr-defined]


def signed_message(request: HttpRequest) -> Message:
    """The request as its sender must have signed it: addressed to this node's public address."""
    url = settings.YIJIAN.public_url + quote(request.path, safe=_PATH_CHARACTERS)
    query: str = request.META.get("QUERY_STRING", "")
    if query:
        url += f"?{query}"
    return Message(request.method or "", url, dict(request.headers), request.body)


def _record(refused: SignatureRefusedError, path: str, now: datetime) -> None:
    """Keep the refusal. Of a flood only the first of each minute are kept: it must not fill the
    disk of a node that it cannot enter."""
    _log.warning("refused a request: %s, said to be from %s", refused.code, refused.claimed)
    minute = int(now.timestamp() // 60)
    with _kept_lock:
        if _kept.get("minute") != minute:
            _kept.update(minute=minute, count=0)
        _kept["count"] += 1
        if _kept["count"] > MOST_KEPT_A_MINUTE:
            return
    # Quoted, because an address may hold what no database keeps.
    plain = quote(path, safe="/")
    exchange.record_refusal(claimed=refused.claimed, reason=refused.code, path=plain, now=now)

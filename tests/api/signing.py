"""Signs what schemathesis sends. Loaded by its process through SCHEMATHESIS_HOOKS."""

from __future__ import annotations

import os
import uuid
from datetime import UTC, datetime
from pathlib import Path

import requests
import schemathesis
from requests.auth import AuthBase

from yijian.gateways.signatures import Message, sign


class SignedRequest(AuthBase):
    """Signs the request as it is, whatever schemathesis has made of it."""

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        body = request.body or b""
        raw = body.encode() if isinstance(body, str) else bytes(body)
        headers = {"Content-Type": request.headers.get("Content-Type", "")} if raw else {}
        message = Message(str(request.method), str(request.url), headers, raw)
        signed = sign(
            message,
            participant=os.environ["SIGN_AS"],
            private_pem=Path(os.environ["SIGN_WITH"]).read_bytes(),
            nonce=uuid.uuid4().hex,
            now=datetime.now(UTC),  # noqa: TID251 (the door has a clock)
        )
        request.headers.update(signed)
        return request


schemathesis.auth.set_from_requests(SignedRequest())

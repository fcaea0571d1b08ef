"""A pretend world for each test, and a node that signs its requests by hand.

The signature is built here from the standard's text, not with the library the sandbox
uses, so that both ends cannot share one mistake.
"""

import base64
import hashlib
import json
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import flask
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from sandbox.app import create_app, world_of
from sandbox.settings import Settings
from sandbox.world import World

NODE = "yijian"
TODAY = date(2026, 11, 20)


def signed_headers(
    method: str,
    url: str,
    body: bytes,
    key: Ed25519PrivateKey,
    *,
    keyid: str = NODE,
    content_type: str = "application/json",
    created: int | None = None,
    nonce: str | None = None,
) -> dict[str, str]:
    """Return the headers of one signed request."""
    values = {"@method": method, "@target-uri": url}
    headers = {}
    if body:
        digest = base64.b64encode(hashlib.sha256(body).digest()).decode()
        headers = {"Content-Digest": f"sha-256=:{digest}:", "Content-Type": content_type}
        values |= {name.lower(): value for name, value in headers.items()}
    covered = " ".join(f'"{name}"' for name in values)
    parameters = (
        f"({covered});created={created or int(time.time())}"
        f';nonce="{nonce or uuid.uuid4()}";alg="ed25519";keyid="{keyid}"'
    )
    lines = [f'"{name}": {value}' for name, value in values.items()]
    base = "\n".join([*lines, f'"@signature-params": {parameters}'])
    signature = base64.b64encode(key.sign(base.encode())).decode()
    return headers | {"Signature-Input": f"sig1={parameters}", "Signature": f"sig1=:{signature}:"}


@dataclass
class Node:
    """The platform, as far as the sandbox can tell."""

    app: flask.Flask
    key: Ed25519PrivateKey
    sent: list[dict[str, str]] = field(default_factory=list)

    def post(self, path: str, body: Any, **options: Any) -> Any:
        """Send one signed request."""
        data = json.dumps(body, ensure_ascii=False).encode()
        headers = signed_headers("POST", f"http://localhost{path}", data, self.key, **options)
        return self.app.test_client().post(path, data=data, headers=headers)

    def get(self, path: str) -> Any:
        """Send one signed request without a body."""
        headers = signed_headers("GET", f"http://localhost{path}", b"", self.key)
        return self.app.test_client().get(path, headers=headers)


def load_key(folder: Path, participant: str) -> Ed25519PrivateKey:
    """Return a participant's private key."""
    key = load_pem_private_key((folder / f"{participant}.pem").read_bytes(), password=None)
    assert isinstance(key, Ed25519PrivateKey)
    return key


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings of a small, fast, repeatable world."""
    return Settings(
        keys=tmp_path / "keys",
        node_url="http://127.0.0.1:8000",
        today=TODAY,
        minute_seconds=0.01,
        delay_seconds=(0.0, 0.0),
        make_keys=True,
    )


@pytest.fixture
def app(settings: Settings) -> Iterator[flask.Flask]:
    """An application with nothing in the background."""
    made = create_app(settings)
    yield made
    world_of(made).store.close()


@pytest.fixture
def here(app: flask.Flask) -> World:
    """The world of the application."""
    return world_of(app)


@pytest.fixture
def node(app: flask.Flask, settings: Settings) -> Node:
    """The platform's side of the wire."""
    return Node(app, load_key(settings.keys, NODE))

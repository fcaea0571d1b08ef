"""A conformance run in one process: the vendor's system and the node's doors call each other
directly, and time passes by working."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import httpx
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from yijian.ops.conformance_door import Door
from yijian.ops.conformance_rig import Rig
from yijian.ops.conformance_wire import Identity

CONNECTOR = Path(__file__).resolve().parents[2] / "docs/how-to/connector/connector.py"
NODE, VENDOR = "yijian", "hr-340000"
DOOR, BASE = "http://node", "http://vendor"
Application = Callable[[dict[str, Any], Any], Iterable[bytes]]


@cache
def key_of(participant: str) -> tuple[bytes, bytes]:
    """A participant's private and public key as PEM; the same for the whole test run."""
    key = Ed25519PrivateKey.generate()
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    return private, key.public_key().public_bytes(serialization.Encoding.PEM, form)


@cache
def connector_module() -> ModuleType:
    """The example connector, as a vendor copies it."""
    spec = importlib.util.spec_from_file_location("example_connector", CONNECTOR)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def client_of(app: Application) -> httpx.Client:
    """A client whose requests are answered by a WSGI application."""
    return httpx.Client(transport=httpx.WSGITransport(app=app, raise_app_exceptions=False))


class Clock:
    """Time that passes only when somebody waits."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


def make_rig(
    make_vendor: Callable[[httpx.Client], tuple[Application, Callable[[], object]]],
    *,
    base: str = BASE,
    **options: Any,
) -> Rig:
    """A rig around a vendor: `make_vendor` gets the client of the node's doors and returns the
    vendor's application and one round of its work."""
    clock = Clock()
    door = Door(DOOR, VENDOR, key_of(VENDOR)[1], clock)
    app, work = make_vendor(client_of(door))

    def pause(seconds: float) -> None:
        clock.seconds += seconds
        work()

    options = {"wait_seconds": 3.0, "settle_seconds": 0.3} | options
    return Rig(
        base=base,
        identity=Identity.read(NODE, key_of(NODE)[0]),
        client=client_of(app),
        door=door,
        pause=pause,
        clock=clock,
        **options,
    )


def example(make: Callable[..., Any] | None = None, **options: Any) -> Rig:
    """A rig around the example connector, or a variant of its class."""

    def vendor(client: httpx.Client) -> tuple[Application, Callable[[], object]]:
        connector = (make or connector_module().Connector)(
            code=VENDOR,
            key=key_of(VENDOR)[0],
            node=NODE,
            node_key=key_of(NODE)[1],
            node_url=DOOR,
            client=client,
        )
        return connector.app, connector.work

    return make_rig(vendor, **options)

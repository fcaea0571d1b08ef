"""A node and everything outside it, as one fake that does what a test tells it to."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import httpx
import pytest
from django.conf import settings

from tests.api.conftest import node
from tests.gateways.conftest import Outside, make_pair
from tests.ops.walking import running_platform
from yijian.gateways.calls import Caller
from yijian.ops import asking, sending
from yijian.ops import outside as outside_world
from yijian.ops.running import Platform

__all__ = ["node", "world"]


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch, now: datetime) -> Iterator[Outside]:
    """Everything outside, as one fake; each department takes what it is sent."""
    outside = Outside()
    rests = outside_world.Rests()
    with httpx.Client(transport=httpx.MockTransport(outside.handle)) as client:
        caller = Caller(client, settings.YIJIAN.node, make_pair()[0], lambda: now)
        monkeypatch.setattr(asking, "AGAIN_AFTER_SECONDS", (0.0, 0.0))
        for module in (sending, asking):
            monkeypatch.setattr(module, "caller", lambda: caller)
            monkeypatch.setattr(module, "rests", rests)
        yield outside


@pytest.fixture(scope="package")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    """A running platform with the whole pretend world around it, for everybody who walks."""
    with running_platform(tmp_path_factory.mktemp("town")) as platform:
        yield platform

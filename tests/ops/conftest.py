"""A node and everything outside it, as one fake that does what a test tells it to."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import httpx
import pytest
from django.conf import settings

from tests.api.conftest import node
from tests.gateways.conftest import Outside, make_pair
from yijian.gateways.calls import Caller
from yijian.ops import asking, sending
from yijian.ops import outside as outside_world

__all__ = ["node", "world"]


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch, now: datetime) -> Iterator[Outside]:
    """Everything outside, as one fake; each department takes what it is sent."""
    outside = Outside()
    rests = outside_world.Rests()
    with httpx.Client(transport=httpx.MockTransport(outside.handle)) as client:
        caller = Caller(client, settings.YIJIAN.node, make_pair()[0], lambda: now)
        for module in (sending, asking):
            monkeypatch.setattr(module, "caller", lambda: caller)
        monkeypatch.setattr(sending, "rests", rests)
        yield outside

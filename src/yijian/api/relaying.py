"""转询: asking the register behind this node on a partner's behalf, signed by this node.

A page must never wait because a register is slow: few questions are relayed at the same time, and
one that has been silent is left alone for a while.
"""

from __future__ import annotations

import secrets
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache

from django.conf import settings
from django.utils import timezone

from yijian.actions.partners import address_policy
from yijian.gateways.calls import Caller, CallFailedError, make_client

AT_ONCE = 2
"""Of this process; the others of its hands belong to pages."""
WAIT_SECONDS = 1.0
REST_SECONDS = 15.0
SILENCE = ("timeout", "unreachable", "status_5")


@cache
def caller() -> Caller:
    """The one caller of this process, with the node's key."""
    key = settings.YIJIAN.signing_key_path.read_bytes()
    return Caller(make_client(address_policy()), settings.YIJIAN.node, key, timezone.now)


@dataclass
class Relays:
    """Who may relay now, and which registers are resting."""

    clock: Callable[[], float] = time.monotonic
    _hands: threading.BoundedSemaphore = field(
        default_factory=lambda: threading.BoundedSemaphore(AT_ONCE)
    )
    _until: dict[str, float] = field(default_factory=dict)
    _took: deque[float] = field(default_factory=lambda: deque(maxlen=32))

    def usual_seconds(self) -> float:
        """How long a question takes here, as one of the last ones did."""
        took = tuple(self._took)
        return secrets.choice(took) if took else 0.0

    def ask(
        self, register: str, question: Mapping[str, str], headers: Mapping[str, str]
    ) -> Mapping[str, object]:
        """What the register behind this node says. Errors: CallFailedError."""
        url = settings.YIJIAN.registers_url
        if not url:
            raise CallFailedError("no_provider")
        if self.clock() < self._until.get(register, 0.0):
            raise CallFailedError("resting")
        if not self._hands.acquire(timeout=WAIT_SECONDS):
            raise CallFailedError("busy")
        began = self.clock()
        try:
            answer = caller().post(f"{url}/{register}", dict(question), headers=headers)
            self._took.append(self.clock() - began)
            return answer
        except CallFailedError as failure:
            if failure.reason.startswith(SILENCE):
                self._until[register] = self.clock() + REST_SECONDS
            raise
        finally:
            self._hands.release()


relays = Relays()

"""How this node calls out: its key, its addresses, and patience with systems that do not answer.

A system that has just failed rests for a while, longer each time: its messages wait, and the worker
keeps its hands free for the others.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache

from django.conf import settings
from django.utils import timezone

from yijian.actions.partners import address_policy
from yijian.gateways.calls import Caller, make_client

FIRST_PAUSE_SECONDS = 2.0
LONGEST_PAUSE_SECONDS = 600.0
LONGEST_REST_SECONDS = 30.0


@cache
def caller() -> Caller:
    """The one caller of this process, with the node's key."""
    key = settings.YIJIAN.signing_key_path.read_bytes()
    return Caller(make_client(address_policy()), settings.YIJIAN.node, key, timezone.now)


def pause_seconds(attempts: int) -> float:
    """How long to wait after so many failed attempts: doubled each time, with jitter.

    The jitter keeps messages that failed together from coming back together.
    """
    doubled = FIRST_PAUSE_SECONDS * float(1 << min(max(attempts - 1, 0), 16))
    return min(doubled, LONGEST_PAUSE_SECONDS) * random.uniform(0.5, 1.5)  # noqa: S311


def next_attempt(attempts: int, now: datetime) -> datetime:
    """When to try a message again."""
    return now + timedelta(seconds=pause_seconds(attempts))


@dataclass
class Rests:
    """Which systems are left alone for the moment; one instance for each process."""

    _failures: dict[str, int] = field(default_factory=dict)
    _until: dict[str, float] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def resting(self, system: str) -> bool:
        """Whether the system failed so recently that it is not to be called."""
        return time.monotonic() < self._until.get(system, 0.0)

    def failed(self, system: str, *, tolerated: int = 0) -> float:
        """The system did not answer; so many failures in a row are `tolerated` without a rest.

        For how many seconds it rests now.
        """
        pause = 0.0
        with self._lock:
            failures = self._failures.get(system, 0) + 1
            self._failures[system] = failures
            if failures > tolerated:
                pause = min(pause_seconds(failures - tolerated), LONGEST_REST_SECONDS)
                self._until[system] = time.monotonic() + pause
        return pause

    def answered(self, system: str) -> None:
        """The system is back."""
        with self._lock:
            self._failures.pop(system, None)
            self._until.pop(system, None)


SLOW_SECONDS = 2.0
SLOW_AT_ONCE = 2
"""Hands that destinations known to be slow may keep busy together; the others stay free."""


@dataclass
class Hands:
    """隔舱: how many hands of this process wait for destinations that are known to be slow.

    Whoever answers slowly or not at all shares a few hands with its like; everybody else always
    finds one. A destination that has become quick again is no longer one of them.
    """

    _slow: set[str] = field(default_factory=set)
    _busy: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @contextmanager
    def lent(self, destination: str) -> Iterator[bool]:
        """Whether a hand may turn to this destination now; it is given back at the end."""
        with self._lock:
            slow = destination in self._slow
            free = not slow or self._busy < SLOW_AT_ONCE
            self._busy += slow and free
        try:
            yield free
        finally:
            with self._lock:
                self._busy -= slow and free

    def took(self, destination: str, seconds: float) -> None:
        """A call has ended after so long, with or without an answer."""
        with self._lock:
            if seconds > SLOW_SECONDS:
                self._slow.add(destination)
            else:
                self._slow.discard(destination)


rests = Rests()
hands = Hands()

"""作息: when made-up families are awake and made-up offices at work."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from datetime import datetime, time, timedelta
from random import Random

from yijian.domain.clocks import SHANGHAI
from yijian.domain.routing import Office

OPENS, CLOSES = time(8, 30), time(17, 30)
FAR_BEHIND = 40
"""Of so many made-up offices, one takes far longer than the others."""
BEHIND = "33"
"""The division whose made-up offices take longer."""


def awake(at: datetime) -> datetime:
    """The same moment, or the next morning when families sleep."""
    local = at.astimezone(SHANGHAI)
    if local.time() < time(7):
        return local.replace(hour=7, minute=local.minute)
    return local


def at_work(at: datetime, draw: Random, works: Callable[[datetime], bool]) -> datetime:
    """The same moment, or some minutes after an office next opens."""
    local = at.astimezone(SHANGHAI)
    if works(local) and OPENS <= local.time() < CLOSES:
        return local
    if local.time() >= CLOSES or not works(local):
        local += timedelta(days=1)
        while not works(local):
            local += timedelta(days=1)
    start = datetime.combine(local.date(), OPENS, tzinfo=SHANGHAI)
    return start + timedelta(minutes=min(240, draw.expovariate(1 / 70)))


def slowness(office: Office | None) -> float:
    """How much longer than others an office takes: most alike, one in forty clearly behind.

    Of the provinces one is behind as a whole: a console on which all are alike shows nothing.
    """
    if office is None:
        return 1.0
    drawn = zlib.crc32(office.code.encode())
    slow = 0.5 + 1.3 * (drawn % 100 / 100) ** 4
    if drawn // 100 % FAR_BEHIND == 0:
        slow += 1.8
    return slow * 1.45 if office.division[:2] == BEHIND else slow

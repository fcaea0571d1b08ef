"""作息: when made-up families are awake and made-up offices at work."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, time, timedelta
from random import Random

from yijian.domain.clocks import SHANGHAI

OPENS, CLOSES = time(8, 30), time(17, 30)


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

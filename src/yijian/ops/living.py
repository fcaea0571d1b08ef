"""演练中的一生: what a made-up life has at hand: its case, its time, what is due next, its chances.

What lives here: how things come to happen. What happens is said in `lifetimes` and beside it.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from random import Random

from yijian.domain.cases import Case, ParcelState
from yijian.domain.clocks import local_day
from yijian.domain.context import Context
from yijian.domain.events import Event, TaskKey
from yijian.domain.history import apply_all
from yijian.domain.plan import ONLINE
from yijian.domain.ratings import RatingRules
from yijian.domain.states import TaskState
from yijian.ops.certified import Certificates
from yijian.packs.families.answering import FamilyFacts

WITNESS = "S-0001"


@dataclass(frozen=True)
class Chances:
    """概率: how often what happens to a family or a task, of one."""

    hesitates: float = 0.05
    gives_up: float = 0.03
    partner_never_signs: float = 0.03
    record_comes_late: float = 0.05
    register_fails: float = 0.03
    corrected: float = 0.06
    declined: float = 0.004
    rejected: float = 0.005
    to_the_counter: float = 0.006
    silent: float = 0.06
    withdraws: float = 0.012
    lies_forgotten: float = 0.004
    rates: float = 0.16


@dataclass
class Lifetime:
    """一生: the case as it stands and everything that has happened to it, in the order of time.

    `watchers` see what everything that happens gives offices, family and others to do.
    """

    context: Context
    facts: FamilyFacts
    case: Case
    draw: Random
    chances: Chances
    rules: RatingRules | None = None
    events: list[Event] = field(default_factory=list)
    due: list[tuple[datetime, int, Callable[[datetime], None]]] = field(default_factory=list)
    seen: dict[TaskKey, tuple[TaskState, int, int, str]] = field(default_factory=dict)
    numbers: count[int] = field(default_factory=count)
    parcels: dict[TaskKey, ParcelState] = field(default_factory=dict)
    limits: dict[TaskKey, datetime] = field(default_factory=dict)
    watchers: tuple[Callable[[Lifetime, datetime], None], ...] = ()
    certificates: Certificates = field(init=False)

    def __post_init__(self) -> None:
        self.certificates = Certificates(self.draw)

    @property
    def witness(self) -> str | None:
        """The clerk who sees everything at a window; None online."""
        return None if self.case.channel == ONLINE else WITNESS

    def happens(self, chance: float) -> bool:
        """Whether something happens that happens so often."""
        return self.draw.random() < chance

    def take(self, events: Sequence[Event], now: datetime) -> None:
        """Let events happen, and see what they give offices and family to do."""
        if not events:
            return
        happened = [*events, *self.certificates.following(self.case, events, self.context)]
        self.case = apply_all(self.case, happened)
        self.events.extend(happened)
        for watch in self.watchers:
            watch(self, now)

    def later(self, at: datetime, do: Callable[[datetime], None]) -> None:
        """Do something at a time."""
        heapq.heappush(self.due, (at, next(self.numbers), do))

    def hours(self, middle: float, spread: float = 0.7) -> timedelta:
        """A time around so many hours: half are shorter, a few much longer."""
        return timedelta(hours=middle * self.draw.lognormvariate(0, spread))

    def works(self, at: datetime) -> bool:
        """Whether offices work on this day."""
        return self.context.calendar.is_workday(local_day(at))

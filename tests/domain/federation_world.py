"""A hub, its provinces and their departments as values, on links and machines that fail.

`World(seed)` is one weather, of which some may be `forced`: what is lost, doubled, delayed and
killed, who is down for how long and who comes back from yesterday's backup. A transaction is one
call of `Node.commit`; whatever kills a node kills it before or after, never within. Everything
that decides is the product's own: handling, receiving, dispatching, returning and comparing. A
planted bug switches one guard off.
"""

from __future__ import annotations

import heapq
import random
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from tests.domain import cast as people
from tests.domain.federation_cast import HUB, MINUTE, Killed, Letter
from tests.domain.federation_nodes import Department, Node
from yijian.domain.states import TaskState


@dataclass
class World:
    """One weather over one federation. `bugs` are guards that are switched off."""

    seed: int
    bugs: frozenset[str] = frozenset()
    forced: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.random = random.Random(self.seed)
        self.now = people.NOW
        self.agenda: list[tuple[datetime, int, Callable[[], None]]] = []
        self.counter = 0
        self.sometimes: Counter[str] = Counter()
        self.told: Counter[tuple[str, str]] = Counter()
        self.ids: dict[tuple[str, str, str, str, int], set[str]] = {}
        self.forged: list[Letter] = []
        self.disagreements: dict[tuple[str, str], str] = {}
        self.provinces = tuple(f"P{n}" for n in range(1, self.random.randint(2, 4) + 1))
        some = self.random
        self.weather: dict[str, float] = {
            "loss": some.choice((0.0, 0.1, 0.3)),
            "doubled": some.choice((0.0, 0.2, 0.5)),
            "delayed": some.choice((0.0, 0.1, 0.3)),
            "killed": some.choice((0.0, 0.0, 0.05, 0.15)),
            "outages": some.choice((0, 1, 2, 4)),
            "restored": some.choice((0, 0, 1)),
            "forged": some.choice((0, 2)),
            "deaf": some.choice((0, 0, 1)),
            "minds": some.choice((0, 0.004)),
        } | dict(self.forced)
        self.healed = False
        self.violations: list[str] = []
        self.down: dict[str, datetime] = {}
        self.restored: set[str] = set()
        self.caught_up: dict[str, datetime] = {}
        self.nodes = {name: Node(self, name) for name in (HUB, *self.provinces)}
        self.departments = {
            f"dept{p[-1]}": Department(self, f"dept{p[-1]}", p) for p in self.provinces
        }
        self.everybody = {**self.nodes, **self.departments}

    def chance(self, name: str) -> bool:
        """Whether this fault happens now; counted, so that a harmless weather is noticed."""
        if self.healed or self.random.random() >= float(self.weather[name]):
            return False
        self.sometimes[name] += 1
        return True

    def bug(self, name: str) -> bool:
        """Whether a guard is switched off; counted where it would have mattered."""
        self.sometimes[f"guard {name}"] += 1
        return name in self.bugs

    def at(self, after: timedelta, what: Callable[[], None]) -> None:
        """Let something happen later."""
        self.counter += 1
        heapq.heappush(self.agenda, (self.now + after, self.counter, what))

    def next(self) -> int:
        """A number that is never used again."""
        self.counter += 1
        return self.counter

    def stumble(self, name: str) -> None:
        """A process was killed; it is back after a while."""
        self.down[name] = self.now + MINUTE * self.random.randint(1, 30)

    def given(self, by: str, upstream: Node, task: str) -> None:
        """An office gives a result: whoever it compared with since must not have had one."""
        case_id, key = upstream.rows.tasks.get(task, ("", ("", 0)))
        case, asked_at = upstream.rows.cases.get(case_id), self.caught_up.get(by, self.now)
        if case is None or case.tasks[key].state is not TaskState.COMPLETED:
            return
        if case.tasks[key].since <= asked_at:
            self.violations.append(f"I1 {key} was completed twice")

    def is_down(self, name: str) -> bool:
        """Whether nobody answers there."""
        return not self.healed and self.down.get(name, self.now) > self.now

    def new_case_id(self) -> str:
        """An id of this world, of version 7 with the world's clock in it."""
        milliseconds = int(self.now.timestamp() * 1000)
        value = bytearray(milliseconds.to_bytes(6, "big") + self.random.randbytes(10))
        value[6], value[8] = 0x70 | (value[6] & 15), 0x80 | (value[8] & 63)
        return str(UUID(bytes=bytes(value)))

    def send(self, letter: Letter) -> bool:
        """One attempt over the link; whether an answer came back."""
        key = (letter.sender, letter.to, letter.task, letter.intent, letter.round)
        self.ids.setdefault(key, set()).add(letter.id)
        if self.is_down(letter.to) or self.chance("loss"):
            return False
        receiver = self.everybody[letter.to]
        if self.chance("delayed"):
            later = MINUTE * self.random.randint(1, 24 * 60)
            self.at(later, lambda: self._arrive(letter))
            return False
        for _ in range(2 if self.chance("doubled") else 1):
            try:
                receiver.take(letter)
            except Killed:
                self.stumble(letter.to)
                return False
        return not self.chance("loss")

    def _arrive(self, letter: Letter) -> None:
        if not self.is_down(letter.to):
            try:
                self.everybody[letter.to].take(letter)
            except Killed:
                self.stumble(letter.to)

    def reachable(self, name: str) -> bool:
        """Whether a question is answered now."""
        return not self.is_down(name) and not self.chance("loss")

    def run(self, until: datetime) -> None:
        """Let everything happen that is due before a moment."""
        while self.agenda and self.agenda[0][0] <= until:
            self.now, _, what = heapq.heappop(self.agenda)
            what()
        self.now = until

    def differ(self, partner: str, task: str, why: str) -> None:
        """A person's task, with the reason."""
        if not self.bug("nobody_is_told_of_conflicts"):
            self.disagreements[partner, task] = why

"""议决种类: what a kind of proposal is: who may propose it, who may decide, what acceptance does."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from yijian.records.people import StaffRole, Visitor
from yijian.records.proposals import Within

Payload = Mapping[str, object]


class ProposalRefusedError(Exception):
    """This cannot be proposed or decided; `code` says why, `field` names what is at fault."""

    def __init__(self, code: str, field: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.field = field


@dataclass(frozen=True, slots=True)
class Deciding:
    """Who proposed and who accepted, as both stand in records, and when."""

    proposed_by: str
    decided_by: str
    now: datetime


def _anywhere(_who: Visitor) -> Within:
    return Within()


@dataclass(frozen=True, slots=True)
class ProposalKind:
    """议决种类. `check` looks at a payload as proposed and again before it takes effect.

    `check(payload, now)` returns the opaque subject of the proposal, and raises
    ProposalRefusedError; `apply(payload, deciding)` makes it so. `within(who)` narrows what a
    decider decides, and sees, by what is proposed: for instance to the places they answer for.
    """

    code: str
    proposers: frozenset[StaffRole]
    deciders: frozenset[StaffRole]
    check: Callable[[Payload, datetime], str]
    apply: Callable[[Payload, Deciding], None]
    within: Callable[[Visitor], Within] = _anywhere

"""The small federation that the simulator lives in: its scheme, offices, families and letters."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import cache
from typing import Any, cast

from tests.domain import cast as people
from yijian.domain.applying import give_consent, live_checked, open_signing, save_answers, sign
from yijian.domain.cases import Case, CheckState
from yijian.domain.context import Context
from yijian.domain.events import Event
from yijian.domain.history import apply_all
from yijian.domain.parity import STOPPED, SharedTask
from yijian.domain.roles import Role
from yijian.domain.routing import NODE, Directory, Office
from yijian.domain.states import TaskState

HUB = "hub"
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


class Killed(Exception):
    """The process ends here; what was not committed has not happened."""


@dataclass(frozen=True)
class Letter:
    """One message: its id is the same at every attempt for ever."""

    id: str
    sender: str
    to: str
    kind: str
    intent: str
    round: int
    task: str
    data: Mapping[str, Any]


@dataclass
class Waiting:
    """A row of an outbox."""

    letter: Letter
    seq: int
    state: str = "waiting"


@dataclass
class Work:
    """子办件 in a department's own system."""

    round: int
    state: TaskState = TaskState.QUEUED
    answered: tuple[str, ...] = ()
    result: Mapping[str, object] = field(default_factory=dict)
    needs_confirmation: bool = False


def _offices(province: str, at_hub: bool) -> tuple[Office, ...]:
    n = province[-1]
    if at_hub:
        return tuple(
            Office(f"{k}{n}", kind, people.words(k), f"34010{n}", NODE, province)
            for k, kind in (("H", "hospital"), ("S", "station"))
        )
    return (
        Office(f"H{n}", "hospital", people.words("院"), f"34010{n}"),
        Office(f"S{n}", "station", people.words("所"), f"34010{n}", "system", f"dept{n}"),
    )


@cache
def context_for(provinces: tuple[str, ...], node: str) -> Context:
    """The scheme with the directory as one node knows it."""
    known = provinces if node == HUB else (node,)
    offices = tuple(o for p in known for o in _offices(p, node == HUB))
    # The station checks the number it gives against these, therefore it is sent them.
    checked = ("newborn_name", "newborn_sex", "newborn_born_at")
    items = people.pack().items
    items = {**items, "registration": replace(items["registration"], payload=checked)}
    named = {"mother": people.words("妈妈"), "father": people.words("爸爸")}
    roles = {role: Role(role, words, words) for role, words in named.items()}
    return Context(people.pack(items=items, roles=roles), Directory(offices), people.CALENDAR)


@cache
def application(provinces: tuple[str, ...], province: str) -> tuple[Case, tuple[Event, ...]]:
    """A family of one province: everything but the last signature, and what that one causes."""
    context, now, n = context_for(provinces, HUB), people.NOW, province[-1]
    case = people.verified(people.draft())
    place = {("hospital", 0): f"H{n}", ("station", 0): f"S{n}"}
    facts = {k: replace(f, value=place.get(k, f.value)) for k, f in case.verified.items()}
    case = replace(case, verified=facts)
    case = apply_all(case, give_consent(case, "mother", "notice", "n" * 64, now))
    names = {("newborn_name", 1): "李小一"}
    case = apply_all(case, save_answers(case, "mother", names, context, now))
    case = apply_all(case, open_signing(case, "mother", context, now))
    case = apply_all(case, sign(case, "mother", "s" * 64, "drawn", context, now))
    case = apply_all(case, give_consent(case, "father", "notice", "n" * 64, now))
    case = apply_all(case, live_checked(case, "father", CheckState.FOUND, now, receipt="r"))
    return case, tuple(sign(case, "father", "s" * 64, "typed", context, now))


def plain(payload: Mapping[str, object]) -> dict[str, Any]:
    """A payload as it looks after its way through JSON."""
    return cast(dict[str, Any], json.loads(json.dumps(payload, default=lambda v: v.isoformat())))


def is_same(one: SharedTask, other: SharedTask) -> bool:
    """Whether two sides of a task tell the same; stopped is stopped."""
    if one.state in STOPPED and other.state in STOPPED:
        return True
    return (one.round, one.state, one.result) == (other.round, other.state, other.result)

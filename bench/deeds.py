"""What happens to one ordinary family after it has signed, read off a rehearsal in the pure core.

A deed (一步) is one thing from outside: an office reports a state, or the family does what it was
asked. Everything that follows from it (a task that opens, a case that closes) belongs to it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from bench.node import PACK, PACKS
from yijian.domain.context import Context
from yijian.domain.events import Event, EventKind, TaskKey
from yijian.domain.numbers import check_character
from yijian.domain.states import TaskState
from yijian.ops.lively import lively
from yijian.packs.examples import load_example
from yijian.packs.loading import load_context
from yijian.packs.rehearsal import Rehearsal, play

EXAMPLE = PACKS / PACK / "examples" / "01-ordinary-family.yaml"
STATES = {state: number for number, state in enumerate(TaskState)}


@dataclass
class Deed:
    """One thing from outside, and the moves that the ceiling makes for it."""

    task: TaskKey
    state: TaskState | None = None
    ask: str = ""
    result: dict[str, object] = field(default_factory=dict)
    ceiling_tasks: list[int] = field(default_factory=list)
    ceiling_states: list[int] = field(default_factory=list)


@dataclass
class Life:
    """A family up to its submission, and the deeds after it."""

    before: list[Event]
    deeds: list[Deed]
    rehearsal: Rehearsal


def lives(first: int, count: int) -> list[Life]:
    """That many different families, all with the same course of things."""
    context = load_context(PACKS, PACK)
    return [_life(number, context) for number in range(first, first + count)]


def _life(number: int, context: Context) -> Life:
    # A day has 500 numbers for boys of one place, and every family needs its own.
    day, place_in_day = divmod(number, 400)
    then = datetime.now(UTC) - timedelta(days=day)
    family = lively(load_example(PACKS, EXAMPLE), then, mark=str(number))
    rehearsal = play(family, context)
    assert rehearsal.refused is None, rehearsal.refused
    events = rehearsal.events
    submitted = next(i for i, e in enumerate(events) if e.kind is EventKind.CASE_SUBMITTED)
    rest = submitted + 1
    while rest < len(events) and events[rest].by == "system":
        rest += 1
    tasks: dict[TaskKey, int] = {}
    deeds: list[Deed] = []
    for event in events[rest:]:
        deed = _deed(event)
        if deed is not None:
            deeds.append(deed)
            _own_numbers(deed.result, number, place_in_day)
        nth = tasks.setdefault(event.task, len(tasks) + 1) if event.task else 16
        became = TaskState(str(event.public["to"])) if "to" in event.public else None
        deeds[-1].ceiling_tasks.append(nth)
        deeds[-1].ceiling_states.append(_ceiling_state(became))
    return Life(events[:rest], deeds, rehearsal)


def _own_numbers(result: dict[str, object], number: int, place_in_day: int) -> None:
    """Replace numbers that two rehearsed families may share by ones that they do not."""
    if "citizen_id_number" in result:
        given = str(result["citizen_id_number"])
        first_17 = f"{given[:14]}{place_in_day * 2 + int(given[16]) % 2:03d}"
        result["citizen_id_number"] = first_17 + check_character(first_17)
    if "certificate_number" in result:
        result["certificate_number"] = f"{str(result['certificate_number'])[:3]}{number:07d}"


def _ceiling_state(became: TaskState | None) -> int:
    """A small number for the state; 1 is the one that opens a task and tells its office."""
    if became is None:
        return 2
    return 1 if became is TaskState.QUEUED else 3 + STATES[became]


def _deed(event: Event) -> Deed | None:
    if event.by == "system" or event.task is None:
        return None
    if event.kind is EventKind.ASK_ANSWERED:
        return Deed(event.task, ask=str(event.public["ask"]))
    if event.kind is not EventKind.TASK_MOVED:
        return None
    result = event.sealed.get("result", {})
    assert isinstance(result, dict)
    return Deed(event.task, state=TaskState(str(event.public["to"])), result=dict(result))

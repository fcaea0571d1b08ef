"""核对: hub, province and department tell the same of every task, and nobody did anything twice.

Each node's rows are read for themselves, and each department is asked; nothing here trusts what one
of them says of another.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import psycopg

from yijian.domain.states import TaskState
from yijian.ops.acquaint import PATIENCE_SECONDS
from yijian.ops.database import EmbeddedDatabase, socket_folder
from yijian.ops.delta_layout import HUB
from yijian.ops.delta_walk import Region, Seat, queues_of, reports_of
from yijian.ops.walk_families import Guest

Json = dict[str, Any]

NOT_SENT = frozenset({TaskState.WAITING.value, TaskState.NOT_NEEDED.value})
_TASKS = """
    SELECT t.id::text, c.number, t.item, t.newborn, t.round, t.state, coalesce(t.office, '')
    FROM task t JOIN "case" c ON c.id = t.case_id WHERE c.number = ANY(%s)
"""


@dataclass(frozen=True, slots=True)
class TaskLine:
    """One task as one node has it."""

    id: str
    number: str
    item: str
    newborn: int
    round: int
    state: str
    office: str

    @property
    def name(self) -> str:
        """The task for a person who reads what is wrong."""
        return f"{self.number} {self.item} {self.newborn}"


def tasks_at(var_dir: Path, numbers: Iterable[str]) -> dict[str, TaskLine]:
    """The tasks of these cases as the node with this folder has them, by id."""
    database = EmbeddedDatabase(
        folder=var_dir / "postgres", sockets=socket_folder(var_dir), log=Path()
    )
    with psycopg.connect(database.conninfo()) as connection:
        rows = connection.execute(_TASKS, [list(numbers)]).fetchall()
    return {row[0]: TaskLine(*row) for row in rows}


def differences(
    region: Region, folders: Mapping[str, Path], walked: Sequence[tuple[Guest, str]]
) -> list[str]:
    """Every way in which nodes and departments do not agree about the walked families."""
    numbers = [number for _, number in walked]
    places = {
        office.code: office for guest, _ in walked for office in guest.context.directory.offices
    }
    known = {code: tasks_at(folder, numbers) for code, folder in folders.items()}
    hub, found = known[HUB], []
    expected: dict[str, str] = {}
    for line in hub.values():
        office = places.get(line.office)
        province = region.layout.province_of(office.division) if office else None
        if province is not None and line.state not in NOT_SENT:
            expected[line.id] = province.code
    for code, lines in known.items():
        if code == HUB:
            continue
        wanted = {task for task, place in expected.items() if place == code}
        found += [f"{code} lacks {hub[task].name}" for task in sorted(wanted - set(lines))]
        found += [f"{code} has {lines[task].name}, which is not its own"
                  for task in sorted(set(lines) - wanted)]  # fmt: skip
        for task in sorted(wanted & set(lines)):
            here, there = hub[task], lines[task]
            if (here.state, here.round) != (there.state, there.round):
                found.append(
                    f"{here.name}: hub {here.state}/{here.round},"
                    f" {code} {there.state}/{there.round}"
                )
    found += _departments(region, hub, numbers)
    for guest, _ in walked:
        found += told_twice(region, guest)
    return found


def _departments(region: Region, hub: Mapping[str, TaskLine], numbers: Sequence[str]) -> list[str]:
    """What departments' own systems say otherwise, or did more than once."""
    found, holders = [], defaultdict[str, list[str]](list)
    for seat in region.seats.values():
        for department, queue in queues_of(seat).items():
            for task in queue["tasks"]:
                if task["case_number"] not in numbers:
                    continue
                name = f"{seat.code}/{department}"
                holders[task["task_id"]].append(name)
                line = hub.get(task["task_id"])
                if line is None:
                    found.append(f"{name} has a task that the hub does not know")
                elif not task["withdrawn"] and line.state != task["state"]:
                    found.append(f"{line.name}: hub {line.state}, {name} {task['state']}")
        found += _twice(seat, numbers)
    return found + [
        f"{hub[task].name} is done by {' and '.join(names)}"
        for task, names in holders.items()
        if len(names) > 1 and task in hub
    ]


def _twice(seat: Seat, numbers: Sequence[str]) -> list[str]:
    applied = Counter(
        (department, row["body"]["task_id"], row["body"]["round"], row["body"]["state"])
        for department, row in reports_of(seat, numbers)
        if row["outcome"] == "applied"
    )
    return [
        f"{seat.code}/{department} was heard {times} times with {state} of one task"
        for (department, _task, _round, state), times in applied.items()
        if times > 1
    ]


def told_twice(region: Region, guest: Guest) -> list[str]:
    """Text messages that somebody of the family got more than once, or not from the hub."""
    found = []
    for role, person in guest.family.items():
        if not isinstance(person, dict) or not person.get("phone"):
            continue
        for seat in region.seats.values():
            answer = httpx.get(
                f"{seat.sandbox}/sms.json", params={"to": person["phone"]}, timeout=PATIENCE_SECONDS
            ).json()
            texts = Counter(message["text"] for message in answer["messages"])
            found += [
                f"{guest.name}: {role} was told {times} times by {seat.code}: {text[:30]}"
                for text, times in texts.items()
                if times > 1 or seat.code != HUB
            ]
    return found

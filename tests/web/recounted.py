"""The numbers of the console, counted once more from the raw journal, in the plainest way.

Nothing here asks the rollup or the functions that fill it: whole journals are read from their
table, one case after the other, and what the tables of the console must say is added up by hand.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection

from yijian.domain.clocks import SHANGHAI

OPEN = {"queued", "accepted", "in_review", "correction_needed", "approved"}
OVER = {"completed", "declined", "rejected", "offline", "withdrawn", "not_needed"}
JUDGED = {"completed", "declined", "rejected", "offline"}


@dataclass
class Task:
    """What became of one task."""

    item: str
    office: str | None = None
    state: str = "waiting"
    since: datetime | None = None
    due: datetime | None = None
    came: datetime | None = None
    accepted: datetime | None = None
    decided: datetime | None = None
    parcel: tuple[str, date] | None = None


@dataclass
class Life:
    """What became of one case."""

    pack: str = ""
    started: date | None = None
    submitted: datetime | None = None
    closed: datetime | None = None
    signed: bool = False
    eligible: bool = False
    hospital: str = ""
    in_time: tuple[date, bool] | None = None
    tasks: dict[tuple[str, int], Task] = field(default_factory=dict)
    asked: list[tuple[date, str, str]] = field(default_factory=list)
    given: list[tuple[date, str, str, str]] = field(default_factory=list)
    saved: list[tuple[date, str, int]] = field(default_factory=list)
    rated: dict[tuple[str, int], tuple[date, int]] = field(default_factory=dict)
    excluded: set[tuple[str, int]] = field(default_factory=set)


def day_of(moment: datetime) -> date:
    return moment.astimezone(SHANGHAI).date()


def lives() -> list[Life]:
    """Every case, read from the journal alone."""
    found: dict[str, Life] = {}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT case_id, kind, item, newborn, at, body::text FROM journal"
            ' WHERE case_id IN (SELECT id FROM "case") ORDER BY case_id, seq'
        )
        for case, kind, item, newborn, at, text in cursor.fetchall():
            _tell(found.setdefault(str(case), Life()), kind, item, newborn, at, json.loads(text))
    return list(found.values())


def _tell(
    life: Life, kind: str, item: str | None, newborn: int | None, at: datetime,
    body: Mapping[str, Any],
) -> None:  # fmt: skip
    task = None
    if item is not None:
        task = life.tasks.setdefault((item, newborn or 0), Task(item))
    if kind == "case_started":
        life.started, life.pack = day_of(at), body["pack"]
    elif kind == "scheme_chosen":
        life.pack = body["pack"]
    elif kind == "signing_opened":
        life.eligible = True
    elif kind == "signed":
        life.signed = True
    elif kind == "case_closed":
        life.closed = at
    elif kind == "rated":
        life.rated[body["item"], body.get("newborn", 0)] = (day_of(at), body["level"])
    elif kind == "rating_excluded":
        life.excluded.add((body["item"], body["newborn"]))
    elif kind == "register_answered":
        life.asked.append((day_of(at), body["register"], body["state"]))
        life.hospital = body.get("institution", life.hospital)
        if "recorded_in_time" in body:
            life.in_time = (day_of(at), body["recorded_in_time"])
    elif kind == "case_submitted":
        life.submitted = at
        for row in body["tasks"]:
            made = Task(row["item"], row["office"], row["state"], at)
            life.tasks[row["item"], row["newborn"]] = made
            life.saved.append((day_of(at), row["item"], row.get("saved", 0)))
    if task is None:
        return
    if "office" in body:
        task.office = body["office"]
    if "due_at" in body:
        task.due = datetime.fromisoformat(body["due_at"]) if body["due_at"] else None
    if kind == "parcel_moved":
        task.parcel = (body["to"], day_of(at))
    elif kind == "task_moved":
        _move(life, task, at, body)


def _move(life: Life, task: Task, at: datetime, body: Mapping[str, Any]) -> None:
    task.state, task.since = body["to"], at
    reason = (life.pack, task.item, body.get("reason") or "")
    if task.state == "queued":
        task.came, task.accepted, task.decided = at, None, None
    elif task.state == "accepted" and task.accepted is None:
        task.accepted = at
    elif task.state in {"approved", "rejected"} and task.decided is None:
        task.decided = at
    elif task.state == "correction_needed":
        life.given.append((day_of(at), *reason))
    if task.state in {"declined", "rejected", "offline"}:
        life.given.append((day_of(at), *reason))


@dataclass(frozen=True)
class Recount:
    """Everything that happened, and the days that are asked about."""

    lives: list[Life]
    today: date
    since: date

    def within(self, day: date | datetime | None) -> bool:
        if isinstance(day, datetime):
            day = day_of(day)
        return day is not None and self.since <= day <= self.today

    def tasks(self) -> Iterable[Task]:
        return (task for life in self.lives for task in life.tasks.values())

    def per_day(self) -> dict[str, tuple[int, int]]:
        """Applications and ends with a result, by day."""
        came = Counter(day_of(life.submitted) for life in self.lives if life.submitted)
        ended = Counter(
            day_of(life.closed)
            for life in self.lives
            if life.closed
            and {t.state for t in life.tasks.values()} - {"not_needed"} - {"withdrawn"}
        )
        days = [self.since + timedelta(days=n) for n in range((self.today - self.since).days + 1)]
        return {f"{day:%m-%d}": (came[day], ended[day]) for day in days}

    def funnel(self) -> Counter[str]:
        """How far cases begun in the period have come."""
        found: Counter[str] = Counter()
        for life in (one for one in self.lives if self.within(one.started)):
            signed = life.signed or life.submitted is not None
            found["opened"] += 1
            found["eligible"] += signed or life.eligible
            found["signed"] += signed
            found["submitted"] += life.submitted is not None
            found["closed"] += life.submitted is not None and life.closed is not None
            items: dict[str, list[bool]] = {}
            for task in life.tasks.values():
                items.setdefault(task.item, []).append(task.state == "completed")
            for item, done in items.items():
                found[item] += life.submitted is not None and all(done)
        return found

    def standing(self) -> Counter[tuple[str, str]]:
        """Open tasks by item and state, those without an office apart."""
        return Counter(
            (task.item, task.state if task.office else "unrouted")
            for task in self.tasks()
            if task.state in OPEN
        )

    def columns(self) -> dict[str, Counter[str]]:
        """Open tasks of each item by how late they are."""
        found: dict[str, Counter[str]] = {}
        for task in self.tasks():
            if task.state in OPEN:
                line = found.setdefault(task.item, Counter())
                line["open"] += 1
                line[self._column(task)] += 1
        return found

    def _column(self, task: Task) -> str:
        if task.state == "correction_needed" and task.office:
            return "family"
        if task.due is None:
            return "later"
        past = (self.today - day_of(task.due - timedelta(microseconds=1))).days
        for column, most in (("later", -1), ("today", 0), ("1", 1), ("3", 3)):
            if past <= most:
                return column
        return "more"

    def ended(self) -> Counter[tuple[str, str]]:
        """How tasks ended in the period, by item and state."""
        return Counter(
            (task.item, task.state)
            for task in self.tasks()
            if task.state in OVER and self.within(task.since)
        )

    def in_time(self) -> Counter[tuple[str, bool]]:
        """Of the tasks with a deadline that ended in the period, whether they kept it."""
        return Counter(
            (task.item, task.since <= task.due)
            for task in self.tasks()
            if task.state in JUDGED and task.since and task.due and self.within(task.since)
        )

    def took(self, step: str) -> dict[str, list[timedelta]]:
        """How long a step took, by item."""
        found: dict[str, list[timedelta]] = {}
        for task in self.tasks():
            ends = {
                "accept": (task.came, task.accepted),
                "handle": (task.accepted, task.decided),
                "whole": (task.came, task.since if task.state in JUDGED else None),
            }
            first, last = ends[step]
            if first and last and self.within(last) and (step != "handle" or task.accepted):
                found.setdefault(task.item, []).append(last - first)
        return found

    def rated(self) -> dict[str, Counter[int]]:
        """The last grade of each thing, by item; the whole is the item ""."""
        found: dict[str, Counter[int]] = {}
        for life in self.lives:
            for (item, newborn), (day, level) in life.rated.items():
                if self.within(day) and (item, newborn) not in life.excluded:
                    found.setdefault(item, Counter())[level] += 1
        return found

"""The numbers of the console, counted once more from the raw journal, in the plainest way.

Nothing here asks the rollup or the functions that fill it: whole journals are read from their
table, one case after the other, and what the tables of the console must say is added up by hand.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from math import floor, log2
from typing import Any

from django.db import connection

from yijian.actions import contexts
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
    told_of: datetime | None = None
    came: datetime | None = None
    accepted: datetime | None = None
    decided: datetime | None = None
    parcel: tuple[str, date] | None = None
    given: list[tuple[date, str, str, bool]] = field(default_factory=list)
    certificates: list[tuple[date, str]] = field(default_factory=list)
    saved: tuple[date, int] | None = None
    rated: tuple[date, int] | None = None


@dataclass
class Life:
    """What became of one case."""

    number: str = ""
    window: str = ""
    pack: str = ""
    started: date | None = None
    submitted: datetime | None = None
    closed: datetime | None = None
    signed: bool = False
    eligible: bool = False
    came: bool = False
    hospital: str = ""
    in_time: tuple[date, bool] | None = None
    first_office: str = ""
    tasks: dict[tuple[str, int], Task] = field(default_factory=dict)
    asked: list[tuple[date, str, str]] = field(default_factory=list)
    rated: tuple[date, int] | None = None
    excluded: set[tuple[str, int]] = field(default_factory=set)

    @property
    def with_a_result(self) -> bool:
        """Whether it has ended and was not taken back as a whole."""
        ends = {task.state for task in self.tasks.values()} - {"not_needed", "withdrawn"}
        return self.closed is not None and bool(ends)


def day_of(moment: datetime) -> date:
    return moment.astimezone(SHANGHAI).date()


def lives() -> list[Life]:
    """Every case, read from the journal alone; only the place where it lies stands in its row."""
    found: dict[str, Life] = {}
    with connection.cursor() as cursor:
        cursor.execute('SELECT id::text, number, coalesce("window", \'\') FROM "case"')
        for case, number, window in cursor.fetchall():
            found[case] = Life(number, window)
        cursor.execute(
            "SELECT case_id::text, kind, item, newborn, at, body::text FROM journal"
            ' WHERE case_id IN (SELECT id FROM "case") ORDER BY case_id, seq'
        )
        for case, kind, item, newborn, at, text in cursor.fetchall():
            _tell(found[case], kind, item, newborn, at, json.loads(text))
    return list(found.values())


def _tell(
    life: Life, kind: str, item: str | None, newborn: int | None, at: datetime,
    body: Mapping[str, Any],
) -> None:  # fmt: skip
    task = None
    if item is not None:
        task = life.tasks.setdefault((item, newborn or 0), Task(item))
    life.came = life.came or bool(body.get("witnessed"))
    if kind == "case_started":
        life.started, life.pack = day_of(at), body["pack"]
    elif kind == "scheme_chosen":
        life.pack = body["pack"]
    elif kind in ("signing_opened", "turned_away"):
        life.eligible = kind == "signing_opened"
    elif kind == "signed":
        life.signed = True
    elif kind == "case_handed_over":
        life.came = True
    elif kind == "case_closed":
        life.closed = at
    elif kind == "rated":
        rated = life.tasks.get((body["item"], body.get("newborn", 0)), life)
        rated.rated = (day_of(at), body["level"])
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
            made.saved = (day_of(at), row.get("saved", 0))
            life.tasks[row["item"], row["newborn"]] = made
            life.first_office = life.first_office or row["office"] or ""
    if task is not None:
        _tell_task(life, task, kind, at, body)


def _tell_task(life: Life, task: Task, kind: str, at: datetime, body: Mapping[str, Any]) -> None:
    if kind == "task_urged":
        if body["why"] != "urged":
            task.told_of = datetime.fromisoformat(body["due_at"])
        return
    if "office" in body:
        task.office = body["office"]
    if "due_at" in body:
        task.due = datetime.fromisoformat(body["due_at"]) if body["due_at"] else None
    if kind == "parcel_moved":
        task.parcel = (body["to"], day_of(at))
        life.came = life.came or body["to"] == "ready"
    elif kind in ("certificate_kept", "certificate_linked"):
        task.certificates.append((day_of(at), kind.removeprefix("certificate_")))
    elif kind == "certificate_ended":
        task.certificates.append((day_of(at), body["state"]))
    elif kind == "task_moved":
        _move(life, task, at, body)


def _move(life: Life, task: Task, at: datetime, body: Mapping[str, Any]) -> None:
    task.state, task.since = body["to"], at
    if task.state == "queued":
        task.came, task.accepted, task.decided = at, None, None
    elif task.state == "accepted" and task.accepted is None:
        task.accepted = at
    elif task.state in {"approved", "completed", "rejected"} and task.decided is None:
        task.decided = at
    if task.state in {"correction_needed", "declined", "rejected", "offline"}:
        back = task.state == "correction_needed"
        task.given.append((day_of(at), life.pack, body.get("reason") or "", back))


def place_of(office: str) -> str:
    """The digits of an office's place that mean something."""
    division = next(o.division for o in contexts.directory().offices if o.code == office)
    return _meant(division)


def _meant(division: str) -> str:
    digits = division[:6]
    while digits.endswith("00"):
        digits = digits[:-2]
    return digits


@dataclass(frozen=True)
class Recount:
    """Everything that happened, the days that are asked about, and the place."""

    lives: list[Life]
    today: date
    since: date
    scope: str = ""

    def at(self, scope: str) -> Recount:
        """The same of a place, or of an office alone."""
        return replace(self, scope=scope)

    def within(self, day: date | datetime | None) -> bool:
        if isinstance(day, datetime):
            day = day_of(day)
        return day is not None and self.since <= day <= self.today

    def _lies_here(self, life: Life, office: str | None = None) -> bool:
        """Whether a case, or a task of it at an office, is counted at this place."""
        named = office or life.window
        if named:
            return named == self.scope or place_of(named).startswith(self.scope)
        about = life.hospital or life.first_office
        return (place_of(about) if about else _meant(life.number)).startswith(self.scope)

    def cases(self) -> Iterable[Life]:
        return (life for life in self.lives if self._lies_here(life))

    def tasks(self) -> Iterable[Task]:
        return (
            task
            for life in self.lives
            for task in life.tasks.values()
            if self._lies_here(life, task.office)
        )

    def per_day(self) -> dict[str, tuple[int, int]]:
        """Applications and ends with a result, by day."""
        came = Counter(day_of(life.submitted) for life in self.cases() if life.submitted)
        ended = Counter(
            day_of(life.closed) for life in self.cases() if life.closed and life.with_a_result
        )
        days = [self.since + timedelta(days=n) for n in range((self.today - self.since).days + 1)]
        return {f"{day:%m-%d}": (came[day], ended[day]) for day in days}

    def funnel(self) -> Counter[str]:
        """How far cases begun in the period have come."""
        found: Counter[str] = Counter()
        for life in (one for one in self.cases() if self.within(one.started)):
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
                column = self._column(task)
                line["open"] += 1
                line[column] += 1
                told = task.due is not None and task.told_of == task.due
                line["told"] += told and column in ("later", "today")
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

    def late(self) -> int:
        """Open tasks whose due day is over, and that do not wait for their family."""
        return sum(line["1"] + line["3"] + line["more"] for line in self.columns().values())

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

    def came(self) -> Counter[str]:
        """Tasks that came to an office, by item."""
        return Counter(task.item for task in self.tasks() if self.within(task.came))

    def given(self) -> Counter[tuple[str, str, str, bool]]:
        """Reasons with which tasks were sent back (or else refused or sent to the counter)."""
        return Counter(
            (pack, task.item, reason, back)
            for task in self.tasks()
            for day, pack, reason, back in task.given
            if self.within(day)
        )

    def saved(self) -> Counter[str]:
        """Materials that nobody had to bring, by item."""
        found: Counter[str] = Counter()
        for task in self.tasks():
            if task.saved and self.within(task.saved[0]):
                found[task.item] += task.saved[1]
        return +found

    def certificates(self) -> Counter[str]:
        """What happened to certificates in the period."""
        return Counter(
            what for task in self.tasks() for day, what in task.certificates if self.within(day)
        )

    def trips(self) -> Counter[bool]:
        """Closed cases with something done, by whether anybody had to come."""
        return Counter(
            life.came or any(task.state == "offline" for task in life.tasks.values())
            for life in self.cases()
            if life.submitted and self.within(life.closed)
            and any(task.state == "completed" for task in life.tasks.values())
        )  # fmt: skip

    def deliveries(self) -> dict[str, Counter[bool]]:
        """Whether deliveries were recorded in time, by hospital."""
        found: dict[str, Counter[bool]] = {}
        for life in self.lives:
            if life.in_time and self.within(life.in_time[0]) and life.hospital:
                if place_of(life.hospital).startswith(self.scope) or life.hospital == self.scope:
                    found.setdefault(life.hospital, Counter())[life.in_time[1]] += 1
        return found

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

    def cases_took(self) -> list[timedelta]:
        """How long whole cases took."""
        return [
            life.closed - life.submitted
            for life in self.cases()
            if life.closed and life.submitted and self.within(life.closed)
        ]

    def rated(self) -> dict[str, Counter[int]]:
        """The last grade of each thing, by item; the whole is the item ""."""
        found: dict[str, Counter[int]] = {}
        said = [
            (task.item, task.rated)
            for life in self.lives
            for key, task in life.tasks.items()
            if key not in life.excluded and self._lies_here(life, task.office)
        ]
        said += [("", life.rated) for life in self.cases() if ("", 0) not in life.excluded]
        for item, rated in said:
            if rated and self.within(rated[0]):
                found.setdefault(item, Counter())[rated[1]] += 1
        return found


def read_off(times: list[timedelta], share: float) -> timedelta | None:
    """The time that a share of them kept, read off classes of half an octave of minutes."""
    if not times:
        return None
    classes = Counter(_class(taken) for taken in times)
    wanted, passed = len(times) * share, 0
    for one in sorted(classes):
        if passed + classes[one] >= wanted:
            start, end = _from(one), _from(one + 1)
            return start + (end - start) * ((wanted - passed) / classes[one])
        passed += classes[one]
    raise AssertionError("a share of all is among all")


def exactly(times: list[timedelta], share: float) -> timedelta:
    """The time itself of the first by which so many were done."""
    return next(t for n, t in enumerate(sorted(times), start=1) if n >= len(times) * share)


def about(times: list[timedelta]) -> timedelta | None:
    """The mean of the middles of their classes."""
    middles = [(_from(_class(taken)) + _from(_class(taken) + 1)) / 2 for taken in times]
    return sum(middles, timedelta()) / len(middles) if middles else None


def _class(taken: timedelta) -> int:
    minutes = taken.total_seconds() / 60
    return 0 if minutes <= 1 else min(floor(2 * log2(minutes)), 45)


def _from(one: int) -> timedelta:
    return timedelta(minutes=2 ** (one / 2)) if one else timedelta()

"""统计数: what one case contributes to every number of the console, read off its journal alone.

`contributions` is the only definition of every number. A rollup adds the contributions of a longer
journal and takes away those of the shorter one; a recount adds those of the whole journals. So both
must agree, and what a case is counted as may change with what happens to it later: a task counts
for the office that has it now, a case for the place where it turns out to be handled.

Only public bodies are read; nothing here can say whom a number is about.
"""

from collections import Counter
from collections.abc import Iterable
from datetime import date, datetime, timedelta

from yijian.domain.clocks import local_day
from yijian.domain.durations import bucket_of
from yijian.domain.events import Event
from yijian.domain.figure_lives import Clause, Life, Mark, TaskLine, life_of
from yijian.domain.measures import NEVER, UNROUTED, CaseFacts, Figure, Measure, scopes_of
from yijian.domain.states import TERMINAL, UNDER_WAY, TaskState

_INSTANT = timedelta(microseconds=1)


def contributions(events: Iterable[Event], about: CaseFacts) -> Counter[Figure]:
    """What the case counts for when its journal goes so far; nothing is negative or zero."""
    life = life_of(events, about.pack)
    found: Counter[Figure] = Counter()
    home = _home(life, about)
    for day, measure, detail in _of_case(life):
        for scope in home:
            found[Figure(scope, measure, day, life.pack, "", detail)] += 1
    for day, measure, item, detail in life.marks:
        for scope in home:
            found[Figure(scope, measure, day, life.pack, item, detail)] += 1
    for day, measure, (pack, rule) in _refusals(life):
        for scope in home:
            found[Figure(scope, measure, day, pack, "", rule)] += 1
    if life.recorded is not None:
        day, said = life.recorded
        hospital = _places(life.hospital, about) if life.hospital else home
        for scope in hospital:
            found[Figure(scope, Measure.DELIVERY_IN_TIME, day, life.pack, "", said)] += 1
    for line in life.lines.values():
        place = _places(line.office, about) if line.office else home
        for day, measure, detail in _of_task(line):
            for scope in place:
                found[Figure(scope, measure, day, life.pack, line.item, detail)] += 1
    return found


def _places(office: str, about: CaseFacts) -> tuple[str, ...]:
    return (*scopes_of(about.places.get(office, "")), office)


def _home(life: Life, about: CaseFacts) -> tuple[str, ...]:
    """Where a case counts: its window, else its hospital, else its plan's first office."""
    window = life.window or about.window
    if window:
        return _places(window, about)
    for office in (life.hospital, life.first_office):
        if office in about.places:
            return scopes_of(about.places[office])
    return scopes_of(about.division)


def _of_case(life: Life) -> Iterable[Mark]:
    if life.started_on is not None:
        yield life.started_on, Measure.STARTED, life.channel
        for step in _steps(life):
            yield life.started_on, Measure.FUNNEL, step
    if life.eligible is not None:
        yield life.eligible[0], Measure.ELIGIBLE, life.eligible[1]
    if life.signed_on is not None:
        yield life.signed_on, Measure.SIGNED, "first"
    if life.submitted_at is not None:
        day = local_day(life.submitted_at)
        yield day, Measure.SIGNED, "all"
        yield day, Measure.SUBMITTED, life.channel
    if life.given_up_on is not None:
        yield life.given_up_on, Measure.CLOSED, "given_up"
    if life.closed_at is not None:
        yield from _of_closed(life, life.closed_at)
    yield from life.ratings


def _refusals(life: Life) -> Iterable[tuple[date, Measure, Clause]]:
    """What each rule that has kept the case out says of it now; the last word counts."""
    for clause, day in life.refused.items():
        if clause not in life.refusing:
            yield day, Measure.MET_LATER, clause
            continue
        yield day, Measure.TURNED_AWAY, clause
        if len(life.refusing) == 1:
            yield day, Measure.TURNED_AWAY_ALONE, clause


def _of_closed(life: Life, at: datetime) -> Iterable[Mark]:
    day = local_day(at)
    way = _way(life)
    yield day, Measure.CLOSED, way
    if life.submitted_at is None:
        return
    yield day, Measure.WAITED, f"case:{bucket_of(at - life.submitted_at):02d}"
    if way in ("done", "partly"):
        offline = any(line.state is TaskState.OFFLINE for line in life.lines.values())
        yield day, Measure.ZERO_TRIP, "no" if life.came or offline else "yes"


def _way(life: Life) -> str:
    states = {line.state for line in life.lines.values()} - {TaskState.NOT_NEEDED}
    if states <= {TaskState.WITHDRAWN}:
        return "withdrawn"
    if states == {TaskState.COMPLETED}:
        return "done"
    return "partly" if TaskState.COMPLETED in states else "undone"


def _steps(life: Life) -> Iterable[str]:
    """How far a case that was opened here has come."""
    submitted = life.submitted_at is not None
    signed = submitted or life.signed_on is not None
    yield "opened"
    if signed or (life.eligible is not None and life.eligible[1] == "yes"):
        yield "eligible"
    if signed:
        yield "signed"
    if submitted:
        yield "submitted"
        states: dict[str, set[TaskState]] = {}
        for line in life.lines.values():
            states.setdefault(line.item, set()).add(line.state)
        yield from (item for item, are in states.items() if are == {TaskState.COMPLETED})
        if life.closed_at is not None:
            yield "closed"


def _of_task(line: TaskLine) -> Iterable[Mark]:
    yield from line.marks
    yield from line.ratings
    if line.parcel is not None:
        yield line.parcel
    if line.started_at is not None:
        yield local_day(line.started_at), Measure.QUEUED, ""
        if line.accepted_at is not None:
            day = local_day(line.accepted_at)
            taken = bucket_of(line.accepted_at - line.started_at)
            yield day, Measure.ACCEPTED, ""
            yield day, Measure.WAITED, f"accept:{taken:02d}"
            if line.decided_at is not None:
                taken = bucket_of(line.decided_at - line.accepted_at)
                yield local_day(line.decided_at), Measure.WAITED, f"handle:{taken:02d}"
    if line.since is not None:
        if line.state in TERMINAL:
            yield from _of_ended(line, line.since)
        elif line.state in UNDER_WAY:
            yield from _of_open(line, line.since)


def _of_ended(line: TaskLine, at: datetime) -> Iterable[Mark]:
    day = local_day(at)
    yield day, Measure.ENDED, line.state.value
    if line.state in (TaskState.NOT_NEEDED, TaskState.WITHDRAWN):
        return
    if line.started_at is not None:
        yield day, Measure.WAITED, f"whole:{bucket_of(at - line.started_at):02d}"
    if line.due_at is not None:
        in_time = at <= line.due_at
        yield day, Measure.ENDED_IN_TIME if in_time else Measure.ENDED_LATE, line.state.value


def _of_open(line: TaskLine, since: datetime) -> Iterable[Mark]:
    state = line.state.value if line.office else UNROUTED
    yield due_day(line.due_at), Measure.OPEN, state
    yield local_day(since), Measure.STANDING, state
    if line.due_at is not None and line.told_of == line.due_at and not line.paused:
        yield due_day(line.due_at), Measure.WARNED, state


def due_day(due_at: datetime | None) -> date:
    """The last day on which a deadline is kept; `NEVER` without one."""
    return NEVER if due_at is None else local_day(due_at - _INSTANT)

"""办件轨迹: what must be remembered of a journal to count it, and how each event changes that.

What lives here: reading events into plain values. What they count for is in `figures`.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import cast

from yijian.domain.clocks import local_day
from yijian.domain.events import Event, EventKind, TaskKey, key_of, moment_in, text_or_none
from yijian.domain.measures import Measure
from yijian.domain.states import REFUSED, TaskState
from yijian.domain.urging import URGED

Mark = tuple[date, Measure, str]
"""A day, what is counted on it, and the detail."""
Clause = tuple[str, str]
"""A scheme and one of its rules."""

_DECIDED = frozenset({TaskState.APPROVED, TaskState.COMPLETED, TaskState.REJECTED})
_TO_COLLECT = "ready"
"""A parcel in this state lies at an office until somebody comes for it."""


@dataclass(slots=True)
class TaskLine:
    """子办件轨迹: what is remembered of one task.

    `told_of` is the deadline of which its office was last told, because its time runs out.
    """

    item: str
    office: str = ""
    state: TaskState = TaskState.WAITING
    since: datetime | None = None
    due_at: datetime | None = None
    told_of: datetime | None = None
    started_at: datetime | None = None
    accepted_at: datetime | None = None
    decided_at: datetime | None = None
    paused: bool = False
    marks: list[Mark] = field(default_factory=list)
    parcel: Mark | None = None
    ratings: tuple[Mark, ...] = ()
    rating_excluded: bool = False


@dataclass(slots=True)
class Life:
    """办件轨迹: what is remembered of a case; `pack` is the scheme until an event names another.

    `window` is the one it was last handed to. `refused` is when each rule last began to keep it
    out, `refusing` those that still do.
    """

    pack: str
    window: str = ""
    channel: str = ""
    origin: str = ""
    hospital: str = ""
    first_office: str = ""
    started_on: date | None = None
    submitted_at: datetime | None = None
    closed_at: datetime | None = None
    given_up_on: date | None = None
    eligible: tuple[date, str] | None = None
    signed_on: date | None = None
    recorded: tuple[date, str] | None = None
    came: bool = False
    lines: dict[TaskKey, TaskLine] = field(default_factory=dict)
    refused: dict[Clause, date] = field(default_factory=dict)
    refusing: frozenset[Clause] = frozenset()
    ratings: tuple[Mark, ...] = ()
    rating_excluded: bool = False
    marks: list[tuple[date, Measure, str, str]] = field(default_factory=list)

    def line(self, event: Event) -> TaskLine:
        """The task an event is about."""
        key = key_of(event)
        return self.lines.setdefault(key, TaskLine(key[0]))


def life_of(events: Iterable[Event], pack: str) -> Life:
    """Everything that counts of a journal; events of other kinds are passed over."""
    life = Life(pack)
    for event in events:
        told = _TOLD.get(event.kind)
        if told is not None:
            told(life, event)
            life.came = life.came or bool(event.public.get("witnessed"))
    return life


def offices_named(events: Iterable[Event]) -> set[str]:
    """Every office that the events name."""
    found: set[object] = set()
    for event in events:
        public = event.public
        found |= {public.get("office"), public.get("institution")}
        if event.kind is EventKind.CASE_HANDED_OVER:
            found.add(public["to"])
        if event.kind is EventKind.CASE_SUBMITTED:
            rows = cast(Iterable[Mapping[str, object]], public["tasks"])
            found |= {row["office"] for row in rows}
    return {str(office) for office in found - {None, ""}}


def _started(life: Life, event: Event) -> None:
    life.pack = str(event.public.get("pack", life.pack))
    life.channel = str(event.public.get("channel", ""))
    life.started_on = local_day(event.at)


def _case_received(life: Life, event: Event) -> None:
    life.origin = str(event.public["origin"])
    life.marks.append((local_day(event.at), Measure.RECEIVED, "", life.origin))


def _scheme_chosen(life: Life, event: Event) -> None:
    """What another scheme has refused is not refused any more: this one has not spoken yet."""
    pack = str(event.public["pack"])
    if pack != life.pack:
        _refusal_lifted(life, event)
    life.pack = pack


def _register_answered(life: Life, event: Event) -> None:
    public, day = event.public, local_day(event.at)
    life.marks.append((day, Measure.ASKED, str(public["register"]), str(public["state"])))
    if "institution" in public:
        life.hospital = str(public["institution"])
    if "recorded_in_time" in public:
        life.recorded = (day, "yes" if public["recorded_in_time"] else "no")


def _signing_opened(life: Life, event: Event) -> None:
    _refusal_lifted(life, event)
    if life.eligible is None:
        life.eligible = (local_day(event.at), "yes")


def _turned_away(life: Life, event: Event) -> None:
    """What it says keeps the case out now, and nothing else does."""
    day, pack = local_day(event.at), str(event.public["pack"])
    now = {(pack, str(rule)) for rule in cast(Iterable[object], event.public["rules"])}
    if life.eligible is None or life.eligible[1] != "no":
        life.eligible = (day, "no")
    life.refused.update(dict.fromkeys(now - life.refusing, day))
    life.refusing = frozenset(now)


def _refusal_lifted(life: Life, event: Event) -> None:
    """Nothing keeps the case out any more; whether it fits is not known by that."""
    life.refusing = frozenset()
    if life.eligible is not None and life.eligible[1] == "no":
        life.eligible = None


def _signed(life: Life, event: Event) -> None:
    if life.signed_on is None:
        life.signed_on = local_day(event.at)


def _submitted(life: Life, event: Event) -> None:
    """Whoever has applied was found to fit."""
    if life.refusing:
        _signing_opened(life, event)
    life.submitted_at = event.at
    for row in cast(Iterable[Mapping[str, object]], event.public["tasks"]):
        line = TaskLine(str(row["item"]), text_or_none(row["office"]) or "")
        line.state, line.since = TaskState(str(row["state"])), event.at
        saved = (local_day(event.at), Measure.MATERIALS_SAVED, "")
        line.marks += [saved] * int(str(row.get("saved", 0)))
        life.lines[line.item, int(str(row["newborn"]))] = line
        life.first_office = life.first_office or line.office


def _task_received(life: Life, event: Event) -> None:
    public = event.public
    life.closed_at = None
    line = life.line(event)
    if not public.get("goes_on"):
        line.state = TaskState.QUEUED
        line.since = line.started_at = event.at
        line.accepted_at = line.decided_at = None
    line.office = text_or_none(public["office"]) or ""
    life.first_office = life.first_office or line.office
    line.due_at, line.paused = moment_in(public, "due_at", None), False


def _moved(life: Life, event: Event) -> None:
    line, public = life.line(event), event.public
    line.state, line.since = TaskState(str(public["to"])), event.at
    line.paused = line.state is TaskState.CORRECTION_NEEDED
    _replaced(line, event)
    if line.state is TaskState.QUEUED:
        line.started_at = event.at
        line.accepted_at = line.decided_at = None
    elif line.state is TaskState.ACCEPTED and line.accepted_at is None:
        line.accepted_at = event.at
    elif line.state in _DECIDED and line.decided_at is None:
        line.decided_at = event.at
    reason, day = str(public.get("reason") or ""), local_day(event.at)
    if line.state is TaskState.CORRECTION_NEEDED:
        line.marks.append((day, Measure.RETURNED, reason))
    elif line.state in REFUSED and line.state is not TaskState.WITHDRAWN:
        line.marks.append((day, Measure.REFUSED, reason))


def _replaced(line: TaskLine, event: Event) -> None:
    """Another office or another deadline, where the event names one."""
    if "office" in event.public:
        line.office = text_or_none(event.public["office"]) or ""
    line.due_at = moment_in(event.public, "due_at", line.due_at)


def _routed(life: Life, event: Event) -> None:
    _replaced(life.line(event), event)


def _asked(life: Life, event: Event) -> None:
    if event.public.get("pauses"):
        life.line(event).paused = True


def _ask_answered(life: Life, event: Event) -> None:
    line = life.line(event)
    line.paused = False
    _replaced(line, event)


def _certificate(life: Life, event: Event) -> None:
    type_ = str(event.public.get("type", ""))
    said = str(event.public.get("state", ""))
    verb = {EventKind.CERTIFICATE_KEPT: "kept", EventKind.CERTIFICATE_LINKED: "linked"}
    detail = f"{verb.get(event.kind, said)}:{type_}"
    if event.task is not None:
        life.line(event).marks.append((local_day(event.at), Measure.CERTIFICATE, detail))


def _paper_moved(life: Life, event: Event) -> None:
    detail = f"{event.public['sheet']}:{event.public['state']}"
    life.line(event).marks.append((local_day(event.at), Measure.PAPER, detail))


def _parcel_moved(life: Life, event: Event) -> None:
    to = str(event.public["to"])
    life.line(event).parcel = (local_day(event.at), Measure.PARCEL, to)
    life.came = life.came or to == _TO_COLLECT


def _urged(life: Life, event: Event) -> None:
    why, line = str(event.public["why"]), life.line(event)
    line.marks.append((local_day(event.at), Measure.URGED, why))
    if why != URGED:
        line.told_of = moment_in(event.public, "due_at", None)


def _rated(life: Life, event: Event) -> None:
    """The last word on each thing counts, unless it was excluded."""
    public, day = event.public, local_day(event.at)
    reasons = cast(Iterable[object], public.get("reasons", ()))
    said = (
        (day, Measure.RATED, str(public["level"])),
        (day, Measure.RATED_VIA, str(public["channel"])),
        *((day, Measure.RATED_FOR, str(reason)) for reason in reasons),
    )
    thing = _rated_thing(life, public)
    if not thing.rating_excluded:
        thing.ratings = said


def _rating_excluded(life: Life, event: Event) -> None:
    """What was said of it counts no more, nor what the family says of it again."""
    thing = _rated_thing(life, event.public)
    thing.ratings, thing.rating_excluded = (), True


def _rated_thing(life: Life, public: Mapping[str, object]) -> Life | TaskLine:
    """A rated thing is a task or the whole."""
    return life.lines.get((str(public["item"]), int(str(public.get("newborn", 0)))), life)


def _handed_over(life: Life, event: Event) -> None:
    life.came = True
    life.window = str(event.public["to"])


def _withdrawn(life: Life, event: Event) -> None:
    life.given_up_on = local_day(event.at)


def _closed(life: Life, event: Event) -> None:
    life.closed_at = event.at


_TOLD: Mapping[EventKind, Callable[[Life, Event], None]] = {
    EventKind.CASE_STARTED: _started,
    EventKind.CASE_RECEIVED: _case_received,
    EventKind.TASK_RECEIVED: _task_received,
    EventKind.SCHEME_CHOSEN: _scheme_chosen,
    EventKind.REGISTER_ANSWERED: _register_answered,
    EventKind.SIGNING_OPENED: _signing_opened,
    EventKind.TURNED_AWAY: _turned_away,
    EventKind.REFUSAL_LIFTED: _refusal_lifted,
    EventKind.SIGNED: _signed,
    EventKind.CASE_SUBMITTED: _submitted,
    EventKind.TASK_MOVED: _moved,
    EventKind.TASK_ROUTED: _routed,
    EventKind.TASK_ASKED: _asked,
    EventKind.ASK_ANSWERED: _ask_answered,
    EventKind.CERTIFICATE_KEPT: _certificate,
    EventKind.CERTIFICATE_LINKED: _certificate,
    EventKind.CERTIFICATE_ENDED: _certificate,
    EventKind.PAPER_MOVED: _paper_moved,
    EventKind.PARCEL_MOVED: _parcel_moved,
    EventKind.TASK_URGED: _urged,
    EventKind.DUE_MOVED: _routed,
    EventKind.RATED: _rated,
    EventKind.RATING_EXCLUDED: _rating_excluded,
    EventKind.CASE_HANDED_OVER: _handed_over,
    EventKind.CASE_WITHDRAWN: _withdrawn,
    EventKind.CASE_CLOSED: _closed,
}
COUNTED = frozenset(_TOLD)
"""The kinds of events that count for something."""

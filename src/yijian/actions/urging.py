"""督办: telling offices, and who watches them, of tasks whose time is nearly or wholly used up.

Who is told when stands in the policy a case keeps. The worker looks over open tasks; supervisors
and operators may urge by hand. Each telling is an event of the case, once.
"""

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.db import transaction

from yijian.actions import changes, contexts, waking
from yijian.actions.changes import Decided
from yijian.actions.reach import reached, scope_of
from yijian.domain import urging
from yijian.domain.cases import Task
from yijian.domain.clocks import local_day
from yijian.domain.context import RefusedError
from yijian.domain.events import Event
from yijian.domain.policy import Escalation, Limit, Pack
from yijian.domain.urging import URGED
from yijian.records import administration, duty, offices, people
from yijian.records import cases as case_records
from yijian.records import urging as records
from yijian.records.access import Refused
from yijian.records.mapping import LoadedCase
from yijian.records.models import PackVersion
from yijian.records.people import StaffRole, Visitor
from yijian.records.urging import DUTY, SideText, ToldTo, Urging

_log = logging.getLogger(__name__)

ROLES = frozenset({StaffRole.OPERATOR, StaffRole.SUPERVISOR})
"""Who urges, each as far as this role reaches."""
AT_ONCE = 200
LARGEST_BATCH = 100
URGE_AGAIN = timedelta(hours=20)
"""Who has urged in the morning does not urge the same again before the next one."""
USUAL_HOURS = (8, 20)
"""When texts leave about what is urged by hand, where policies have no hour in common."""
DUTY_WORDS = {URGED: "duty.urged", "limit": "duty.limit"}
"""The words of a pack for a text to a duty phone, by why it is sent."""


@dataclass(frozen=True, slots=True)
class Told:
    """One task of which somebody is told now, and what of it."""

    loaded: LoadedCase
    task: Task
    step: Escalation
    why: str
    by: str


@dataclass(slots=True)
class _ForPhone:
    """What one office's duty phone is to hear at the end of a run: of how many tasks, and why."""

    first: Told
    count: int = 0


_ForPhones = dict[tuple[str, str], _ForPhone]


@dataclass(frozen=True, slots=True)
class Urged:
    """What became of a batch of urging: how many offices were told, and why the others were not."""

    told: int
    refused: Mapping[str, int]


def told_to(who: Visitor) -> ToldTo:
    """What a member of staff is told of: its office's, or that of its place or the node by role."""
    return ToldTo(who.office or "", scope_of(who, ROLES).prefix, tuple(sorted(who.roles)))


def watch_limits(*, now: datetime) -> int:
    """Tell everybody of every task whose time has come to a step of its policy; how many tasks.

    Repeatable: nobody is told twice of the same deadline, and what has been heard is closed. A
    duty phone hears once of everything that a run has told its office for the same reason.
    """
    records.settle(now=now)
    phones: _ForPhones = {}
    try:
        return _watch(phones, now)
    finally:
        _text(phones, now)


def _watch(phones: _ForPhones, now: datetime) -> int:
    until, below, top = _horizons(now)
    told, after = 0, None
    while True:
        found = records.near(until=until, below=below, top=top, after=after, limit=AT_ONCE, now=now)
        if not found:
            return told
        after = (found[-1].due_at, found[-1].task_id)
        due = [
            c.task_id
            for c in found
            if _step(contexts.pack_of(c.pack_digest), c.item, c.due_at, c.started_at, now)
        ]
        if due:
            kept = _tell(due, now)
            told += len(kept)
            _gather(kept, phones)


def urge(*, by: Any, task_ids: Iterable[UUID], now: datetime) -> Urged:
    """Urge the offices of these tasks: of whose turn it is, within the visitor's right, once a day.

    Errors: Refused for who neither supervises nor operates; RefusedError `too_many`.
    """
    who = people.visitor(by)
    if who.staff is None or not who.roles & ROLES:
        raise Refused
    wanted = list(dict.fromkeys(task_ids))
    if len(wanted) > LARGEST_BATCH:
        raise RefusedError("too_many")
    own = StaffRole.OPERATOR if who.works_as(StaffRole.OPERATOR) else StaffRole.SUPERVISOR
    step = Escalation("by_hand", 1, ("clerk", own.value), *_text_hours())
    refused: dict[str, int] = {}
    with transaction.atomic():
        last = records.last_urged(task_ids=wanted)
        told = []
        tasks = _tasks(wanted)
        own_offices = reached(who, ROLES, {task.office or "" for _, task in tasks.values()})
        for task, (loaded, found) in tasks.items():
            why_not = ""
            if found.office not in own_offices:
                why_not = "not_yours"
            elif not urging.clock_runs(found):
                why_not = "not_their_turn"
            elif task in last and now - last[task] < URGE_AGAIN:
                why_not = "urged_already"
            if why_not:
                refused[why_not] = refused.get(why_not, 0) + 1
            else:
                told.append(Told(loaded, found, step, URGED, who.staff))
        missing = len(wanted) - len(tasks)
        if missing:
            refused["not_yours"] = refused.get("not_yours", 0) + missing
        kept = _keep(told, now)
        phones: _ForPhones = {}
        _gather(kept, phones)
        _text(phones, now)
        if kept:
            administration.note(
                by=who.staff, office=who.office or "", what="tasks_urged",
                details={"tasks": len(kept)}, now=now,
            )  # fmt: skip
    return Urged(len(kept), refused)


def _tell(task_ids: Sequence[UUID], now: datetime) -> list[Told]:
    """Tell of what is still so once the cases are locked."""
    with transaction.atomic():
        told = []
        for loaded, task in _tasks(task_ids).values():
            if loaded.key is None or task.due_at is None or not urging.clock_runs(task):
                continue
            pack = contexts.pack_of(loaded.case.pack_digest)
            step = _step(pack, task.item, task.due_at, task.started_at or task.since, now)
            if step is not None:
                told.append(Told(loaded, task, step, urging.reason_of(step.percent), "system"))
        return _keep(told, now)


def _tasks(task_ids: Sequence[UUID]) -> dict[UUID, tuple[LoadedCase, Task]]:
    wanted = set(task_ids)
    return {
        identifier: (loaded, task)
        for loaded in case_records.load(task_ids=task_ids)
        for key, task in loaded.case.tasks.items()
        if (identifier := loaded.task_id(key)) in wanted and loaded.key is not None
    }


def _keep(told: Sequence[Told], now: datetime) -> list[Told]:
    """Write who is told of what, with the events of the cases; what was not told before."""
    # Of an office that has ended the place still stands: who watches that place is told.
    places = offices.divisions({each.task.office for each in told if each.task.office})
    rows = [
        Urging(
            case_id=each.loaded.id,
            task_id=each.loaded.task_id(each.task.key),
            item=each.task.item,
            office=each.task.office or "",
            division=places.get(each.task.office or "", ""),
            why=each.why,
            due_at=each.task.due_at,
            roles=each.step.tell,
            by=each.by,
        )
        for each in told
    ]
    new = records.put(rows, now=now)
    kept = [each for each, row in zip(told, rows, strict=True) if row.task_id in new]
    events: dict[UUID, list[Event]] = {}
    for each in kept:
        event = urging.urged(each.task, each.why, each.step.tell, each.by, now)
        events.setdefault(each.loaded.id, []).append(event)
    cases = {each.loaded.id: each.loaded for each in kept}
    changes.commit([Decided(cases[id_], found) for id_, found in events.items()], now=now)
    return kept


def _gather(told: Iterable[Told], phones: _ForPhones) -> None:
    for each in told:
        if each.task.office:
            phones.setdefault((each.task.office, each.why), _ForPhone(each)).count += 1


def _text(phones: _ForPhones, now: datetime) -> None:
    """One text to the duty phone of each office, for all of its tasks together."""
    directory = contexts.directory()
    known = {code: o for code, _ in phones if (o := directory.office(code)) is not None}
    answering = duty.answering(
        offices={code: office.division for code, office in known.items()}, on=local_day(now)
    )
    texts = []
    for (code, why), told in phones.items():
        first = told.first
        if code not in answering or first.loaded.key is None:
            continue
        phone, words = answering[code].phone, _words(told, why, known[code].title.zh)
        if not phone or not words:
            continue
        texts.append(
            SideText(
                case_id=first.loaded.id,
                key=first.loaded.key,
                role=DUTY,
                template=DUTY,
                phone=phone,
                words=words,
                about=f"duty:{code}:{why}:{now:%Y%m%d%H%M%S}",
                not_before=urging.next_hour(
                    now, first.step.text_from_hour, first.step.text_until_hour
                ),
            )
        )
    records.text_beside(texts, now=now)
    if texts:
        waking.wake_messenger()


def _words(told: _ForPhone, why: str, office: str) -> str:
    """What the text says; empty without such words, or when they name what there is not."""
    pack = contexts.pack_of(told.first.loaded.case.pack_digest)
    word = DUTY_WORDS.get(why, DUTY_WORDS["limit"])
    values = {"office": office, "count": told.count, "percent": told.first.step.percent}
    if word not in pack.words:
        return ""
    try:
        return pack.words[word].zh.format_map(values)
    except (AttributeError, LookupError, TypeError, ValueError) as fault:
        # Told they are at their desks all the same.
        _log.error(
            "%s of pack %s %s cannot be worded: %s",
            word, pack.code, pack.version, type(fault).__name__,
        )  # fmt: skip
        return ""


def light(
    pack_digest: str, item: str, due_at: datetime | None, started_at: datetime, now: datetime
) -> str:
    """红黄灯 of a task, by the policy that its case keeps."""
    pack = contexts.pack_of(pack_digest)
    limit = _limit(pack, item, started_at)
    return urging.light(pack.escalation, due_at, limit, started_at, contexts.calendar(), now)


def _step(
    pack: Pack, item: str, due_at: datetime, started_at: datetime, now: datetime
) -> Escalation | None:
    limit = _limit(pack, item, started_at)
    return urging.step_reached(pack.escalation, due_at, limit, started_at, contexts.calendar(), now)


def _limit(pack: Pack, item: str, started_at: datetime) -> Limit | None:
    found = pack.items.get(item)
    return None if found is None else found.limit_on(local_day(started_at))


def _horizons(now: datetime) -> tuple[dict[str, datetime], int, int]:
    """Up to which deadline the tasks of each item must be looked at, over every kept policy."""
    digests = tuple(PackVersion.objects.order_by("digest").values_list("digest", flat=True))
    shares, below, top = _shares(digests)
    calendar = contexts.calendar()
    until: dict[str, datetime] = {}
    for item, limit, percent in shares:
        latest = urging.latest_due(limit, percent, calendar, now)
        until[item] = max(until.get(item, latest), latest)
    return until, below, top


@lru_cache(maxsize=2)
def _shares(digests: tuple[str, ...]) -> tuple[tuple[tuple[str, Limit, int], ...], int, int]:
    """Every limit of every policy with the smallest share at which anybody is told of it."""
    found: dict[tuple[str, Limit, int], None] = {}
    percents: set[int] = set()
    for pack in map(contexts.pack_of, digests):
        steps = [step.percent for step in pack.escalation]
        percents |= set(steps)
        for item in pack.items.values() if steps else ():
            for limit in item.limits:
                found[item.code, limit, min(steps)] = None
    return tuple(found), max((p for p in percents if p < 100), default=0), max(percents, default=0)


def _text_hours() -> tuple[int, int]:
    """Between which hours texts about what is urged by hand leave: when every policy has it so."""
    steps = [step for pack in contexts.packs() for step in pack.escalation]
    start = max((step.text_from_hour for step in steps), default=USUAL_HOURS[0])
    end = min((step.text_until_hour for step in steps), default=USUAL_HOURS[1])
    return (start, end) if start < end else USUAL_HOURS

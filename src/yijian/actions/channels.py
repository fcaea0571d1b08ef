"""渠道切换: rules of how offices are reached are made and ended, and running tasks follow them.

A task that no office has accepted follows at once: what waits for its old way is taken back,
whoever has heard of it there hears that it is gone, and the new way hears of it. What an office
has accepted stays with it until it ends, unless the rule says everything.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import transaction

from yijian.actions import changes, contexts
from yijian.actions.changes import Decided
from yijian.domain.clocks import local_day
from yijian.domain.context import RefusedError
from yijian.domain.events import Event, EventKind
from yijian.domain.routing import DESK, FILE, WAYS, Channel, Directory, Reach, read_reach
from yijian.domain.states import UNDER_WAY, TaskState
from yijian.records import cases as case_records
from yijian.records import channels, exchange, people
from yijian.records.channels import Group, Leaving, Standing
from yijian.records.mapping import LoadedCase

MOVED_AT_ONCE = 100
SEEN_EVERYWHERE = timedelta(seconds=2 * contexts.DIRECTORY_LIFE_SECONDS)
"""Until then a process may still send a task by the old rules; it is moved a little later."""


@dataclass(frozen=True, slots=True)
class Followed:
    """How many running tasks went another way, and how many stay where they were accepted."""

    moved: int
    stay: int


def set_rule(rule: Channel, *, by: str, now: datetime) -> UUID:
    """A rule is made; the one about the same offices and item ends on the day it begins.

    Errors: RefusedError `unknown_channel`, `unknown_office`, `unknown_place`, `unknown_item`,
    `unknown_participant`, `participant_needed`, `no_participant_at_a_desk`, `in_the_past`,
    `rule_overlaps`.
    """
    with transaction.atomic():
        channels.lock()
        check_rule(rule, now=now)
        for known in channels.standing():
            if not _about_the_same(known.rule, rule) or not _meet(known.rule, rule):
                continue
            if known.rule.starts_on > rule.starts_on:
                raise RefusedError("rule_overlaps")
            channels.end(known.id, on=rule.starts_on, everything_back=False, by=by, now=now)
        made = channels.add(rule, by=by, now=now)
    contexts.forget()
    return made


def end_rule(
    rule_id: UUID, *, on: date, everything_back: bool = False, by: str, now: datetime
) -> None:
    """A rule holds no longer from a day on. Errors: RefusedError `unknown_rule`, `in_the_past`."""
    with transaction.atomic():
        channels.lock()
        known = next((each for each in channels.standing() if each.id == rule_id), None)
        if known is None or (known.rule.ends_on is not None and known.rule.ends_on <= on):
            raise RefusedError("unknown_rule")
        if on < local_day(now):
            raise RefusedError("in_the_past", "until")
        day = max(on, known.rule.starts_on)
        channels.end(rule_id, on=day, everything_back=everything_back, by=by, now=now)
    contexts.forget()


def follow(*, by: str = "system", now: datetime) -> Followed:
    """Move the running tasks that a rule which has begun or ended sends another way.

    Repeatable: what has moved does not move again. A rule is looked at until every process of
    the node must have seen it.
    """
    today = local_day(now)
    due = channels.to_follow(on=today)
    if not due:
        return Followed(0, 0)
    directory = people.directory()
    offices = [
        office.code
        for office in directory.offices
        if any(one.rule.covers(office, one.rule.item) for one in due)
    ]
    moved = stay = 0
    for group in channels.groups(offices):
        to = _way(group, due, directory, today)
        if to is None or str(to) == group.channel:
            continue
        if group.accepted and not _everything(group, due, directory, today):
            stay += len(channels.tasks_in(group, after=None, limit=None))
        else:
            moved += _move_group(group, to, by, now)
    seen = now - SEEN_EVERYWHERE
    old = [one.id for one in due if max(one.made_at, one.ended_at or one.made_at) <= seen]
    channels.followed(old, on=local_day(seen), now=now)
    return Followed(moved, stay)


def follow_own_way(codes: Iterable[str], *, by: str, now: datetime) -> Followed:
    """Move the running tasks of offices whose own entry in the directory has changed.

    What an office has accepted stays where it was accepted. Repeatable.
    """
    today, directory = local_day(now), people.directory()
    moved = stay = 0
    for group in channels.groups(codes):
        office = directory.office(group.office)
        to = directory.reach(office, group.item, today) if office else None
        if to is None or str(to) == group.channel:
            continue
        if group.accepted:
            stay += len(channels.tasks_in(group, after=None, limit=None))
        else:
            moved += _move_group(group, to, by, now)
    return Followed(moved, stay)


def bring_to_desk(task_ids: Iterable[UUID], *, by: str, now: datetime) -> int:
    """These tasks are done at the desk of their office from now on; how many were not before."""
    with transaction.atomic():
        return _moved(list(task_ids), Reach(DESK), by, now)


def _way(group: Group, due: Iterable[Standing], directory: Directory, today: date) -> Reach | None:
    """How these tasks should reach their office; None when no rule of these is about them."""
    office = directory.office(group.office)
    if office is None or not any(one.rule.covers(office, group.item) for one in due):
        return None
    return directory.reach(office, group.item, today)


def _everything(group: Group, due: Iterable[Standing], directory: Directory, today: date) -> bool:
    """Whether what the office has accepted goes the new way, too."""
    office = directory.office(group.office)
    if office is None:
        return False
    holding = directory.rule(office, group.item, today)
    return (holding is not None and holding.everything) or any(
        one.rule.everything_back
        and one.rule.ends_on is not None
        and one.rule.ends_on <= today
        and one.rule.covers(office, group.item)
        for one in due
    )


def _move_group(group: Group, to: Reach, by: str, now: datetime) -> int:
    """Move every task of a group, a hundred in one transaction; how many have moved."""
    moved, last = 0, None
    while True:
        ids = channels.tasks_in(group, after=last, limit=MOVED_AT_ONCE)
        if not ids:
            return moved
        with transaction.atomic():
            moved += _moved(ids, to, by, now, group)
        last = ids[-1]


def _moved(ids: list[UUID], to: Reach, by: str, now: datetime, group: Group | None = None) -> int:
    """Move tasks whose cases are now locked, if they still stand as they were seen."""
    loaded = case_records.load(task_ids=ids)
    wanted = set(ids)
    leaving: list[Leaving] = []
    chosen: list[tuple[LoadedCase, list[tuple[UUID, tuple[str, int], str]]]] = []
    for one in loaded:
        found = []
        for key in one.case.tasks:
            task, kept = one.task_id(key), one.channels.get(key)
            if task not in wanted or kept is None or not _still(one, key, kept, to, group):
                continue
            found.append((task, key, kept))
            destination = read_reach(kept).destination
            if destination is not None:
                leaving.append(Leaving(one.id, task, destination))
        if found:
            chosen.append((one, found))
    heard = channels.recall(leaving, now=now)
    decided = [
        Decided(
            one, [_switched(key, kept, to, task in heard, by, now) for task, key, kept in found]
        )
        for one, found in chosen
    ]
    changes.commit(decided, now=now)
    return sum(len(found) for _, found in chosen)


def _still(
    loaded: LoadedCase, key: tuple[str, int], kept: str, to: Reach, group: Group | None
) -> bool:
    task = loaded.case.tasks[key]
    if loaded.key is None or task.state not in UNDER_WAY or kept == str(to):
        return False
    if group is None:
        return True
    accepted = task.state is not TaskState.QUEUED
    return (task.office, kept, accepted) == (group.office, group.channel, group.accepted)


def _switched(
    key: tuple[str, int], kept: str, to: Reach, heard: bool, by: str, now: datetime
) -> Event:
    public: dict[str, object] = {"from": kept, "to": str(to), "heard": heard}
    return Event(EventKind.TASK_SWITCHED, now, by, task=key, public=public)


def check_rule(rule: Channel, *, now: datetime) -> None:
    """Whether such a rule could be made today. Errors: RefusedError, as `set_rule`."""
    directory, today = people.directory(), local_day(now)
    if rule.channel not in WAYS:
        raise RefusedError("unknown_channel", "channel")
    if rule.office and directory.office(rule.office) is None:
        raise RefusedError("unknown_office", "office")
    if not rule.office and not _is_place(rule.division):
        raise RefusedError("unknown_place", "division")
    if rule.kind and not any(directory.of_kind(rule.kind)):
        raise RefusedError("unknown_kind", "kind")
    if rule.item and not any(rule.item in pack.items for pack in contexts.packs()):
        raise RefusedError("unknown_item", "item")
    if rule.channel == DESK and rule.participant is not None:
        raise RefusedError("no_participant_at_a_desk", "participant")
    if rule.channel != DESK and rule.participant is None:
        raise RefusedError("participant_needed", "participant")
    if rule.channel not in (DESK, FILE) and exchange.partner(rule.participant or "") is None:
        raise RefusedError("unknown_participant", "participant")
    if rule.starts_on < today or (rule.ends_on is not None and rule.ends_on <= rule.starts_on):
        raise RefusedError("in_the_past", "from")


def _is_place(division: str) -> bool:
    return division.isdigit() and division.isascii() and len(division) in (2, 4, 6)


def _about_the_same(one: Channel, other: Channel) -> bool:
    return (one.office, one.division, one.kind, one.item) == (
        other.office, other.division, other.kind, other.item,
    )  # fmt: skip


def _meet(one: Channel, other: Channel) -> bool:
    """Whether there is a day on which both hold."""
    begins = max(one.starts_on, other.starts_on)
    return all(rule.ends_on is None or begins < rule.ends_on for rule in (one, other))

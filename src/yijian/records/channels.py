"""渠道规则 in the database: how offices are reached, from when until when, and who said so."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import connection
from django.db.models import Q

from yijian.domain.routing import Channel
from yijian.domain.states import TaskState
from yijian.records.identifiers import new_id
from yijian.records.models import ChannelRule, FilePackageLine, OutboxMessage

AT_THE_DESK = (
    "(t.channel IS NULL OR split_part(t.channel, ':', 1) = 'desk' OR EXISTS"
    " (SELECT FROM office o WHERE o.code = t.office AND o.channel <> 'desk'))"
)
"""Whether a clerk finds a task. Where the office itself is no desk, its clerks look after all."""


@dataclass(frozen=True, slots=True)
class Standing:
    """现行规则: a rule as it is kept: which one, who made it, and who ended it."""

    id: UUID
    rule: Channel
    made_by: str
    made_at: datetime
    ended_by: str
    ended_at: datetime | None


def rules() -> tuple[Channel, ...]:
    """Every rule there ever was."""
    return tuple(each.rule for each in standing())


def standing() -> list[Standing]:
    """Every rule there ever was, with who made it, the oldest first."""
    return [
        Standing(row.id, _rule(row), row.made_by, row.made_at, row.ended_by, row.ended_at)
        for row in ChannelRule.objects.order_by("id")
    ]


def add(rule: Channel, *, by: str, now: datetime) -> UUID:
    """Keep a new rule."""
    row = ChannelRule(
        id=new_id(),
        office=rule.office,
        division=rule.division,
        kind=rule.kind,
        item=rule.item,
        channel=rule.channel,
        participant=rule.participant,
        starts_on=rule.starts_on,
        ends_on=rule.ends_on,
        everything=rule.everything,
        made_by=by,
        made_at=now,
    )
    row.save()
    return row.id


def end(rule_id: UUID, *, on: date, everything_back: bool, by: str, now: datetime) -> None:
    """A rule holds no longer from this day on; it stays on record."""
    ChannelRule.objects.filter(id=rule_id).update(
        ends_on=on, everything_back=everything_back, ended_by=by, ended_at=now
    )


def lock() -> None:
    """Nobody else changes rules or moves tasks by them until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('yijian channels'))")


@dataclass(frozen=True, slots=True)
class Group:
    """Tasks under way that are alike for a switch: office, item, how they are reached, begun."""

    office: str
    item: str
    channel: str
    accepted: bool


def groups(offices: Iterable[str]) -> list[Group]:
    """The groups in which tasks under way stand at these offices."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT t.office, t.item, t.channel, t.state <> %s FROM task t"
            " WHERE t.under_way AND t.office = ANY (%s) AND t.channel IS NOT NULL ORDER BY 1, 2, 3",
            [TaskState.QUEUED.value, list(offices)],
        )
        return [Group(*row) for row in cursor.fetchall()]


def tasks_in(group: Group, *, after: UUID | None, limit: int) -> list[UUID]:
    """Tasks of one group in the order of their ids."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT t.id FROM task t WHERE t.under_way AND t.office = %s AND t.item = %s"
            " AND t.channel = %s AND (t.state <> %s) = %s"
            " AND (%s::uuid IS NULL OR t.id > %s::uuid) ORDER BY t.id LIMIT %s",
            [
                group.office, group.item, group.channel, TaskState.QUEUED.value, group.accepted,
                after, after, limit,
            ],
        )  # fmt: skip
        return [task for (task,) in cursor.fetchall()]


def recall(tasks: Iterable[tuple[UUID, str]], *, now: datetime) -> set[UUID]:
    """Take back what waits for the old destination of each task and lies in no package yet.

    The tasks of which something may have arrived there, so that somebody must be told.
    """
    pairs = list(tasks)
    heard: set[UUID] = set()
    for task, destination in pairs:
        waiting = Q(task_id=task, destination=destination)
        packed = FilePackageLine.objects.values("message_id")
        OutboxMessage.objects.filter(waiting, state="waiting").exclude(id__in=packed).update(
            state="cancelled", settled_at=now, problem="switched"
        )
        if OutboxMessage.objects.filter(waiting).exclude(state="cancelled", attempts=0).exists():
            heard.add(task)
    return heard


def _rule(row: ChannelRule) -> Channel:
    return Channel(
        channel=row.channel,
        participant=row.participant,
        starts_on=row.starts_on,
        ends_on=row.ends_on,
        office=row.office,
        division=row.division,
        kind=row.kind,
        item=row.item,
        everything=row.everything,
        everything_back=row.everything_back,
    )

"""渠道规则 in the database: how offices are reached, from when until when, and who said so."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import connection
from django.db.models import Q

from yijian.domain.envelopes import TASK_WITHDRAWN
from yijian.domain.routing import Channel
from yijian.domain.states import TaskState
from yijian.records.identifiers import new_id
from yijian.records.models import ChannelRule

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
    return [_standing(row) for row in ChannelRule.objects.order_by("id")]


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
        ends_on=on, everything_back=everything_back, ended_by=by, ended_at=now, left_at=None
    )


def to_follow(*, on: date) -> list[Standing]:
    """The rules that have begun or ended without the running tasks having followed yet."""
    begun = Q(starts_on__lte=on, followed_at=None)
    ended = Q(ends_on__lte=on, left_at=None)
    return [_standing(row) for row in ChannelRule.objects.filter(begun | ended).order_by("id")]


def followed(rule_ids: Iterable[UUID], *, on: date, now: datetime) -> None:
    """The running tasks have followed these rules as they stand on this day."""
    rows = ChannelRule.objects.filter(id__in=list(rule_ids))
    rows.filter(starts_on__lte=on, followed_at=None).update(followed_at=now)
    rows.filter(ends_on__lte=on, left_at=None).update(left_at=now)


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


def tasks_in(group: Group, *, after: UUID | None, limit: int | None) -> list[UUID]:
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


def tasks_at(office: str, *, after: UUID | None, limit: int) -> list[UUID]:
    """Every task under way at one office, in the order of their ids."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT t.id FROM task t WHERE t.under_way AND t.office = %s"
            " AND (%s::uuid IS NULL OR t.id > %s::uuid) ORDER BY t.id LIMIT %s",
            [office, after, after, limit],
        )
        return [task for (task,) in cursor.fetchall()]


_RECALL = """
    UPDATE outbox o SET state = 'cancelled', settled_at = %(now)s, problem = 'switched'
    FROM json_to_recordset(%(tasks)s::json) AS g(case_id uuid, task uuid, destination text)
    WHERE o.case_id = g.case_id AND o.task_id = g.task AND o.destination = g.destination
        AND o.state IN ('waiting', 'parked')
        AND NOT EXISTS (SELECT FROM file_package_line l WHERE l.message_id = o.id)
"""
_HEARD = """
    SELECT last.task_id FROM (
        SELECT DISTINCT ON (o.task_id) o.task_id, o.kind FROM outbox o
        JOIN json_to_recordset(%(tasks)s::json) AS g(case_id uuid, task uuid, destination text)
            ON o.case_id = g.case_id AND o.task_id = g.task AND o.destination = g.destination
        WHERE CASE o.kind WHEN %(withdrawn)s THEN o.state IN ('waiting', 'sending', 'delivered')
            ELSE o.attempts > 0 OR o.state <> 'cancelled' END
        ORDER BY o.task_id, o.id DESC
    ) last WHERE last.kind <> %(withdrawn)s
"""
# What was tried and then cancelled or given up may have arrived: of a task that is believed, of a
# withdrawal it is not.


@dataclass(frozen=True, slots=True)
class Leaving:
    """A task that leaves the way it was reached by."""

    case_id: UUID
    task_id: UUID
    destination: str


def recall(tasks: Iterable[Leaving], *, now: datetime) -> set[UUID]:
    """Take back what waits, or stands still, on its way to the old destination of each task.

    What lies in a package stays there, because a package never changes.

    The tasks that may be known there by now, so that somebody must be told.
    """
    rows = [
        {"case_id": str(t.case_id), "task": str(t.task_id), "destination": t.destination}
        for t in tasks
    ]
    tasks_text = json.dumps(rows)
    with connection.cursor() as cursor:
        cursor.execute(_RECALL, {"now": now, "tasks": tasks_text})
        cursor.execute(_HEARD, {"tasks": tasks_text, "withdrawn": TASK_WITHDRAWN})
        return {task for (task,) in cursor.fetchall()}


def _standing(row: ChannelRule) -> Standing:
    return Standing(row.id, _rule(row), row.made_by, row.made_at, row.ended_by, row.ended_at)


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

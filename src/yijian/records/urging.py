"""督办: which open tasks have used up their time, who was told of which, and texts to duty phones.

Set-based: one statement finds the next tasks, whatever stands in the table besides.
"""

# ruff: noqa: S608 (statements are put together from constants; values travel beside them)

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from yijian.domain.clocks import local_day
from yijian.domain.urging import URGED
from yijian.records import crypto
from yijian.records.identifiers import new_id
from yijian.records.models import UrgingRow

DUTY = "duty"
"""The role under which a text to a duty phone stands among the messages of a case."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """An open task whose clock runs and whose deadline is near or over."""

    task_id: UUID
    case_id: UUID
    item: str
    office: str
    due_at: datetime
    started_at: datetime
    pack_digest: str


@dataclass(frozen=True, slots=True)
class Urging:
    """催办: who is told of which task, and why."""

    case_id: UUID
    task_id: UUID
    item: str
    office: str
    division: str
    why: str
    due_at: datetime | None
    roles: Sequence[str]
    by: str


@dataclass(frozen=True, slots=True)
class UrgingLine:
    """催办 that is still open, with where its task stands; nobody is named."""

    id: UUID
    task_id: UUID
    number: str
    pack_digest: str
    item: str
    office: str
    state: str
    due_at: datetime | None
    why: str
    at: datetime
    by: str


_NEAR = """
    SELECT t.id, t.case_id, t.item, coalesce(t.office, ''), t.due_at,
        coalesce(t.started_at, t.since), c.pack_digest
    FROM task t
    JOIN json_to_recordset(%(near)s::json) AS n(item text, until timestamptz) ON n.item = t.item
    JOIN "case" c ON c.id = t.case_id AND c.forgotten_at IS NULL
    WHERE t.under_way AND t.due_at <= n.until AND t.due_at <= %(latest)s
        AND t.paused_at IS NULL AND t.state <> 'correction_needed'
        AND (t.due_at, t.id) > (%(due)s::timestamptz, %(task)s::uuid)
        AND coalesce((
            SELECT max(substr(u.why, 7)::integer) FROM urging u
            WHERE u.task_id = t.id AND u.office = coalesce(t.office, '') AND u.due_at = t.due_at
                AND u.why <> 'urged'
        ), 0) < CASE WHEN t.due_at <= %(now)s THEN %(top)s ELSE %(below)s END
    ORDER BY t.due_at, t.id LIMIT %(limit)s
"""


def near(
    *,
    until: Mapping[str, datetime],
    below: int,
    top: int,
    after: tuple[datetime, UUID] | None,
    limit: int,
    now: datetime,
) -> list[Candidate]:
    """Open tasks that may have something to be told of, by deadline, after a place in the list.

    `until` is the latest deadline to look at for each item; `below` and `top` the last shares of
    the time at which anybody is told, before the deadline and at it.
    """
    if not until:
        return []
    due, task = after or (datetime.fromisoformat("2000-01-01T00:00:00+00:00"), UUID(int=0))
    values: dict[str, Any] = {
        "near": json.dumps([{"item": i, "until": at.isoformat()} for i, at in until.items()]),
        "latest": max(until.values()), "due": due, "task": task, "now": now,
        "top": top, "below": below, "limit": limit,
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(_NEAR, values)
        return [Candidate(*row) for row in cursor.fetchall()]


_PUT = """
    INSERT INTO urging
        (id, case_id, task_id, item, office, division, why, due_at, roles, at, day, by)
    SELECT g.id, g.case_id, g.task_id, g.item, g.office, g.division, g.why, g.due_at, g.roles,
        %(now)s, %(day)s, g.by
    FROM json_to_recordset(%(rows)s::json) AS g(
        id uuid, case_id uuid, task_id uuid, item text, office text, division text, why text,
        due_at timestamptz, roles jsonb, by text)
    ON CONFLICT DO NOTHING RETURNING task_id
"""


def put(urgings: Iterable[Urging], *, now: datetime) -> set[UUID]:
    """Keep that these are told; the tasks of which nobody had been told the same before."""
    rows = [
        {
            "id": str(new_id()), "case_id": str(u.case_id), "task_id": str(u.task_id),
            "item": u.item, "office": u.office, "division": u.division, "why": u.why,
            "due_at": u.due_at.isoformat() if u.due_at else None, "roles": list(u.roles),
            "by": u.by,
        }
        for u in urgings
    ]  # fmt: skip
    if not rows:
        return set()
    with connection.cursor() as cursor:
        cursor.execute(_PUT, {"rows": json.dumps(rows), "now": now, "day": local_day(now)})
        return {task for (task,) in cursor.fetchall()}


def settle(*, now: datetime) -> int:
    """Close what has been heard: the task has ended, moved on, waits for the family, or left."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE urging u SET settled_at = %s FROM task t"
            " WHERE u.settled_at IS NULL AND t.id = u.task_id AND (NOT t.under_way"
            " OR t.since > u.at OR t.paused_at IS NOT NULL OR coalesce(t.office, '') <> u.office"
            " OR t.due_at IS DISTINCT FROM u.due_at)",
            [now],
        )
        return int(cursor.rowcount)


_LINES = """
    SELECT u.id, u.task_id, c.number, c.pack_digest, u.item, u.office, t.state, t.due_at, u.why,
        u.at, u.by
    FROM urging u JOIN task t ON t.id = u.task_id JOIN "case" c ON c.id = u.case_id
    WHERE u.settled_at IS NULL AND t.under_way AND t.since <= u.at
"""


@dataclass(frozen=True, slots=True)
class ToldTo:
    """For whom it is looked up: an office, a place with everything below it, and roles."""

    office: str
    prefix: str | None
    roles: tuple[str, ...]


def told(to: ToldTo, *, before: UUID | None, limit: int) -> list[UrgingLine]:
    """What these roles are told of at an office and below a place; newest first."""
    where, values = _for(to)
    if before is not None:
        where += " AND u.id < %s"
        values.append(before)
    with connection.cursor() as cursor:
        cursor.execute(f"{_LINES}{where} ORDER BY u.id DESC LIMIT %s", [*values, limit])
        return [UrgingLine(*row) for row in cursor.fetchall()]


def count(to: ToldTo, *, limit: int = 100) -> int:
    """How many of them are open, counted up to a limit; every page of the desk asks."""
    where, values = _for(to)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM (SELECT FROM urging u JOIN task t ON t.id = u.task_id"
            " WHERE u.settled_at IS NULL AND t.under_way AND t.since <= u.at"
            f"{where} LIMIT %s) open",
            [*values, limit],
        )
        return int(cursor.fetchone()[0])


def _for(to: ToldTo) -> tuple[str, list[Any]]:
    """One line a right: clerks and who routes see their office's, who watches its place's."""
    own = [role for role in to.roles if role in _AT_THE_OFFICE]
    wide = [role for role in to.roles if role not in _AT_THE_OFFICE]
    if to.prefix is None or not wide:
        return " AND u.office = %s AND u.roles ?| %s", [to.office, [*own, *wide]]
    if to.prefix:
        return (
            " AND ((u.office = %s AND u.roles ?| %s) OR (u.division LIKE %s AND u.roles ?| %s))",
            [to.office, own, f"{to.prefix}%", wide],
        )
    return (
        " AND ((u.office = %s AND u.roles ?| %s) OR u.roles ?| %s)",
        [to.office, own, wide],
    )


_AT_THE_OFFICE = frozenset({"clerk", "routing"})


def last_urged(*, task_ids: Iterable[UUID]) -> dict[UUID, datetime]:
    """When each task was last urged by hand."""
    rows = UrgingRow.objects.filter(task_id__in=list(task_ids), why=URGED).order_by("at")
    return dict(rows.values_list("task_id", "at"))


@dataclass(frozen=True, slots=True)
class SideText:
    """A text message that follows from no event of the case: to a duty phone, or of an outage."""

    case_id: UUID
    key: crypto.Key
    role: str
    template: str
    about: str
    not_before: datetime
    phone: str = field(repr=False)
    words: str = field(repr=False)


def text_beside(texts: Iterable[SideText], *, now: datetime) -> int:
    """Let text messages go the way messages to families go, each once; how many are new."""
    rows = []
    for text in texts:
        identifier = new_id()
        where = crypto.place("notification", "sealed", identifier)
        sealed = crypto.seal_document(text.key, {"text": text.words, "phone": text.phone}, where)
        rows.append(
            {
                "id": str(identifier), "case_id": str(text.case_id), "to_role": text.role,
                "template": text.template, "about": text.about, "sealed": "\\x" + sealed.hex(),
                "not_before": text.not_before.isoformat(),
            }
        )  # fmt: skip
    if not rows:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO notification (id, case_id, to_role, channel, template, about, sealed,"
            " state, attempts, not_before, created_at, problem)"
            " SELECT g.id, g.case_id, g.to_role, 'sms', g.template, g.about, g.sealed, 'waiting',"
            " 0, g.not_before, %s, '' FROM json_to_recordset(%s::json) AS g(id uuid, case_id uuid,"
            " to_role text, template text, about text, sealed bytea, not_before timestamptz)"
            " ON CONFLICT ON CONSTRAINT nobody_is_told_twice DO NOTHING",
            [now, json.dumps(rows)],
        )
        return int(cursor.rowcount)

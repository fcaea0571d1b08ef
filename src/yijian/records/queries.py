"""查询: lists and counts for pages and doors. The number of statements never grows with the rows.

Lists show masked names only; whoever wants more goes through `access`. Pages are keyset pages:
`after` is the token of the page before.
"""

# ruff: noqa: S608 (statements are put together from constants; values travel beside them)

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from django.db import connection

from yijian.domain.states import UNDER_WAY
from yijian.records import crypto
from yijian.records.access import Refused
from yijian.records.channels import AT_THE_DESK
from yijian.records.lines import (
    CaseLine,
    DeliveryLine,
    MessageLine,
    Page,
    TaskCount,
    TaskLine,
    names_of,
)
from yijian.records.models import HeldDecision, Partner
from yijian.records.people import StaffRole, Visitor, visitor

PAGE_LIMIT = 200
GROUPS: Mapping[str, tuple[str, ...]] = {
    "open": tuple(sorted(state.value for state in UNDER_WAY)),
    "to_accept": ("queued",),
    "in_work": ("accepted", "in_review", "approved"),
    "with_family": ("correction_needed",),
    "ended": ("completed", "declined", "rejected", "offline"),
}
"""The groups of a worklist and the task states in each."""

_CASE_NUMBER = re.compile(r"\d{6}20\d{6}[A-Z]\d{6}[0-9A-Z]?", re.ASCII)


_TASK_LINE = """
    SELECT t.id, c.id, c.number, t.item, t.newborn, t.state, t.office, t.since, t.due_at,
        t.due_provisional, t.started_at, t.paused_at, t.round, t.reason, t.correct, t.asked,
        t.answered, t.version, c.pack_digest, c.wrapped_key, c.display
    FROM task t JOIN "case" c ON c.id = t.case_id
"""
_DEADLINE = "coalesce(t.due_at, 'infinity'::timestamptz)"


def worklist(
    *,
    by: Any,
    group: str = "open",
    item: str | None = None,
    text: str = "",
    after: str | None = None,
    limit: int = 50,
) -> Page:
    """The tasks of the clerk's office: the open ones by deadline, the ended ones newest first.

    `text` is a case number or its beginning, or a whole ID number, name, phone or certificate
    number. Errors: Refused for whoever is no clerk, KeyError for an unknown group.
    """
    who = _staff(by, StaffRole.CLERK)
    ended = group == "ended"
    where = ["t.office = %s", "t.state = ANY (%s)", AT_THE_DESK]
    where.append("t.ended_at IS NOT NULL" if ended else "t.under_way")
    return _page(
        where, [who.office, list(GROUPS[group])], item, text, after, limit, newest_first=ended
    )


def unrouted(*, by: Any, after: str | None = None, limit: int = 50) -> Page:
    """Tasks under way that no office has; somebody must say which one acts. Errors: Refused."""
    _staff(by, StaffRole.ROUTING)
    where = ["t.office IS NULL", "t.under_way"]
    return _page(where, [], None, "", after, limit, newest_first=False)


def _page(
    where: list[str],
    values: list[Any],
    item: str | None,
    text: str,
    after: str | None,
    limit: int,
    *,
    newest_first: bool,
) -> Page:
    size = max(1, min(limit, PAGE_LIMIT))
    if item is not None:
        where.append("t.item = %s")
        values.append(item)
    if text.strip():
        condition, found = _search(text.strip())
        where.append(condition)
        values += found
    key, order = (_DEADLINE, "ASC")
    if newest_first:
        key, order = "t.ended_at", "DESC"
    if after is not None:
        moment, task = _from_token(after)
        comparison = "<" if newest_first else ">"
        where.append(
            f"({key}, t.id) {comparison} (coalesce(%s::timestamptz, 'infinity'), %s::uuid)"
        )
        values += [moment, task]
    with connection.cursor() as cursor:
        cursor.execute(
            f"{_TASK_LINE} WHERE {' AND '.join(where)}"
            f" ORDER BY {key} {order}, t.id {order} LIMIT %s",
            [*values, size + 1],
        )
        lines = tuple(_task_line(row) for row in cursor.fetchall())
    if len(lines) <= size:
        return Page(lines, None)
    last = lines[size - 1]
    return Page(lines[:size], _token(last.since if newest_first else last.due_at, last.task_id))


def _search(text: str) -> tuple[str, list[Any]]:
    digests = [
        crypto.blind_index(purpose, text)
        for purpose in ("id_number", "name", "phone", "certificate")
    ]
    by_digest = "t.case_id IN (SELECT l.case_id FROM lookup l WHERE l.digest = ANY (%s::bytea[]))"
    number = text.upper()
    if not number.isascii() or not number.isalnum() or len(number) < 6:
        return by_digest, [digests]
    return (
        f'({by_digest} OR t.case_id IN (SELECT n.id FROM "case" n'
        ' WHERE n.number COLLATE "C" >= %s AND n.number COLLATE "C" < %s))',
        [digests, number, number + "~"],
    )


def _token(moment: datetime | None, identifier: UUID) -> str:
    return f"{moment.isoformat() if moment else ''}~{identifier}"


def _from_token(token: str) -> tuple[datetime | None, UUID]:
    """Errors: ValueError for what is no token."""
    moment, _, identifier = token.partition("~")
    found = datetime.fromisoformat(moment) if moment else None
    if found is not None and found.tzinfo is None:
        raise ValueError("not a page token")
    return found, UUID(identifier)


def _task_line(row: Sequence[Any]) -> TaskLine:
    *columns, correct, asked, answered, version, digest, wrapped, display = row
    done = set(json.loads(answered))
    open_asks = tuple(ask for ask in json.loads(asked) if ask not in done)
    names = names_of(row[1], wrapped, display)
    return TaskLine(*[*columns, tuple(json.loads(correct)), open_asks, version, digest, names])


def worklist_counts(*, by: Any, now: datetime) -> Mapping[str, int]:
    """How many tasks of the clerk's office stand in each open group, and how many are `late`."""
    who = _staff(by, StaffRole.CLERK)
    counts = dict.fromkeys([*GROUPS, "late"], 0)
    counts.pop("ended")
    for count in _counts(f"AND t.office = %s AND {AT_THE_DESK}", [now, who.office]):
        counts["late"] += count.late
        for group, states in GROUPS.items():
            if count.state in states:
                counts[group] += count.tasks
    return counts


def task_counts(*, by: Any, now: datetime) -> list[TaskCount]:
    """Open tasks of every office by item and state, without any person. Errors: Refused."""
    _staff(by, StaffRole.SUPERVISOR)
    return _counts("", [now])


def _counts(condition: str, values: list[Any]) -> list[TaskCount]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT t.office, t.item, t.state, count(*),"
            " count(*) FILTER (WHERE t.due_at <= %s AND t.paused_at IS NULL)"
            f" FROM task t WHERE t.under_way {condition} GROUP BY 1, 2, 3 ORDER BY 1, 2, 3",
            values,
        )
        return [TaskCount(*row) for row in cursor.fetchall()]


_CASE_LINE = """
    SELECT c.id, c.number, c.stage, c.started_at, c.submitted_at, c.newborns,
        (SELECT count(*) FROM task t WHERE t.case_id = c.id AND t.state <> 'not_needed'),
        (SELECT count(*) FROM task t WHERE t.case_id = c.id AND t.state IN
            ('completed', 'declined', 'rejected', 'offline', 'withdrawn')),
"""


def my_cases(*, by: Any) -> list[CaseLine]:
    """The cases in which this user is a parent, newest first."""
    who = visitor(by)
    if who.person is None:
        return []
    return _case_lines(
        f"{_CASE_LINE} p.role, c.wrapped_key, c.display"
        ' FROM party p JOIN "case" c ON c.id = p.case_id'
        " WHERE p.person_hash = %s ORDER BY c.id DESC LIMIT 100",
        [who.person],
    )


def window_cases(*, by: Any, after: UUID | None = None, limit: int = 50) -> list[CaseLine]:
    """Open cases that lie at this window, newest first."""
    who = _staff(by, StaffRole.WINDOW)
    below = "AND c.id < %s" if after else ""
    return _case_lines(
        f"{_CASE_LINE} 'staff', c.wrapped_key, c.display FROM \"case\" c"
        ' WHERE c."window" = %s'
        f" AND NOT c.stage IN ('closed', 'withdrawn') {below} ORDER BY c.id DESC LIMIT %s",
        [who.office, *([after] if after else []), max(1, min(limit, PAGE_LIMIT))],
    )


def _case_lines(statement: str, values: list[Any]) -> list[CaseLine]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return [
            CaseLine(*[*columns, names_of(columns[0], wrapped, display)])
            for *columns, wrapped, display in cursor.fetchall()
        ]


def institution_deliveries(
    *, by: Any, still_to_record: bool = False, after: UUID | None = None, limit: int = 50
) -> list[DeliveryLine]:
    """The delivery records of the visitor's institution, newest first. Errors: Refused."""
    who = _staff(by, StaffRole.DELIVERIES)
    where: list[str] = ["institution = %s"]
    values: list[Any] = [who.office]
    if still_to_record:
        where.append("recorded_at IS NULL")
    if after is not None:
        where.append("id < %s")
        values.append(after)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, delivery_id, source, entered_at, due_at, recorded_at FROM birth_record"
            f" WHERE {' AND '.join(where)} ORDER BY id DESC LIMIT %s",
            [*values, max(1, min(limit, PAGE_LIMIT))],
        )
        return [DeliveryLine(*row) for row in cursor.fetchall()]


def tasks_of_partner(
    partner: Partner,
    *,
    offices: Sequence[str],
    states: Sequence[str] = (),
    after: UUID | None = None,
    limit: int = 100,
) -> list[TaskLine]:
    """The tasks that reached one partner, at these offices, in the order of their ids, nameless.

    The caller has verified the partner's signature.
    """
    where = ["t.office = ANY (%s)", "split_part(t.channel, ':', 2) = %s", "t.state <> 'waiting'"]
    values: list[Any] = [list(offices), partner.code]
    if states:
        where.append("t.state = ANY (%s)")
        values.append(list(states))
    if after is not None:
        where.append("t.id > %s")
        values.append(after)
    with connection.cursor() as cursor:
        cursor.execute(
            f"{_TASK_LINE} WHERE {' AND '.join(where)} ORDER BY t.id LIMIT %s",
            [*values, max(1, min(limit, 501))],
        )
        return [_task_line((*row[:-1], None)) for row in cursor.fetchall()]


def late_tasks(*, now: datetime, after: str | None = None, limit: int = 200) -> Page:
    """Open tasks of all offices whose deadline has passed, for reminders; names stay masked."""
    where = ["t.under_way", "t.due_at <= %s", "t.paused_at IS NULL"]
    return _page(where, [now], None, "", after, limit, newest_first=False)


def next_case_sequence() -> int:
    """The next number for a case number; unique among a million in a row."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('case_number_sequence')")
        return int(cursor.fetchone()[0])


def held_decisions(*, task_ids: Iterable[UUID]) -> dict[UUID, tuple[UUID, str, datetime]]:
    """The decisions still held for these tasks: their id, by whom, and until when."""
    found = HeldDecision.objects.filter(task_id__in=list(task_ids), state="held")
    return {row.task_id: (row.id, row.by, row.due_at) for row in found}


def messages_of(*, case_id: UUID | str, role: str) -> list[MessageLine]:
    """The messages to one role of a case, newest first. The caller has opened the case."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT n.id, n.template, n.channel, n.created_at, n.state, n.sealed, c.id,"
            ' c.wrapped_key FROM notification n JOIN "case" c ON c.id = n.case_id'
            " WHERE n.case_id = %s AND n.to_role = %s AND n.sealed IS NOT NULL"
            " ORDER BY n.id DESC LIMIT 200",
            [case_id, role],
        )
        rows = cursor.fetchall()
    lines = []
    for identifier, template, channel, at, state, sealed, case, wrapped in rows:
        where = crypto.place("notification", "sealed", identifier)
        words = crypto.open_document(crypto.unwrap(bytes(wrapped), case), bytes(sealed), where)
        text = str(cast(Mapping[str, Any], words)["text"])
        lines.append(MessageLine(identifier, template, channel, text, at, state))
    return lines


def _staff(by: Any, role: StaffRole) -> Visitor:
    who = visitor(by)
    if not who.works_as(role):
        raise Refused
    return who

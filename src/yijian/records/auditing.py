"""审计: what staff looked at, and what administrators did. Reading it is logged like any reading.

An auditor sees which case was looked at; an administrator of audits sees who looked how often and
what for, but no case: no administrator knows of one.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from yijian.records import access, administration, people, workshop
from yijian.records.access import Refused
from yijian.records.administration import Act
from yijian.records.people import StaffRole, Visitor

MOST = 200


@dataclass(frozen=True, slots=True)
class Read:
    """查阅: who looked at what, what for, and whether it was shown; `number` only for auditors."""

    id: UUID
    at: datetime
    staff: str
    office: str
    what: str
    purpose: str
    shown: bool
    number: str


def audits(who: Visitor) -> bool:
    """Whether the visitor sees what others did."""
    return who.works_as(StaffRole.AUDITOR) or who.works_as(StaffRole.AUDIT_ADMIN)


def reads(
    *,
    by: Any,
    staff: str = "",
    office: str = "",
    since: datetime | None = None,
    until: datetime | None = None,
    before: UUID | None = None,
    purpose: str,
    now: datetime,
) -> list[Read]:
    """Who looked at what, newest first, of one member of staff, one office or one day.

    Errors: Refused.
    """
    who = _allowed(by)
    access.note_read(by=by, what="access_log", case_id=None, purpose=purpose, now=now)
    numbered = who.works_as(StaffRole.AUDITOR)
    wanted = {
        "a.staff = %s": staff or None,
        "a.office = %s": office or None,
        "a.at >= %s": since,
        "a.at < %s": until,
        "a.id < %s": before,
    }
    conditions = [condition for condition, value in wanted.items() if value is not None]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT a.id, a.at, a.staff, a.office, a.what, a.purpose, a.shown,"  # noqa: S608
            + (" coalesce(c.number, '')" if numbered else " ''")
            + " FROM access_log a"
            + (' LEFT JOIN "case" c ON c.id = a.case_id' if numbered else "")
            + (f" WHERE {' AND '.join(conditions)}" if conditions else "")
            + " ORDER BY a.id DESC LIMIT %s",
            [*(value for value in wanted.values() if value is not None), MOST],
        )
        return [Read(*row) for row in cursor.fetchall()]


def acts(
    *,
    by: Any,
    staff: str = "",
    since: datetime | None = None,
    until: datetime | None = None,
    purpose: str,
    now: datetime,
) -> list[Act]:
    """What administrators, operators and editors did, newest first. Errors: Refused."""
    _allowed(by)
    access.note_read(by=by, what="administration", case_id=None, purpose=purpose, now=now)
    done = administration.acts(by=staff, since=since, until=until, limit=MOST)
    done += [
        Act(row.id, row.at, row.actor, row.what, f"pack:{row.code}", "", _of_pack(row))
        for row in workshop.entries(limit=MOST)
        if (not staff or row.actor == staff)
        and (since is None or row.at >= since)
        and (until is None or row.at < until)
    ]
    return sorted(done, key=lambda act: (act.at, act.id), reverse=True)[:MOST]


def _of_pack(row: Any) -> dict[str, object]:
    said = {"version": row.version, "digest": row.digest[:16]}
    return {name: value for name, value in said.items() if value}


def _allowed(by: Any) -> Visitor:
    who = people.visitor(by)
    if not audits(who):
        raise Refused
    return who

"""问题台账: problems that are found are written down, decided about, and put right."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from yijian.domain.clocks import local_day
from yijian.domain.context import RefusedError
from yijian.records import access, administration, issues, people
from yijian.records.people import StaffRole, Visitor

KEEPING = (StaffRole.COMPLAINTS, StaffRole.OPERATOR)
LONGEST = 1000


def write_down(
    *,
    by: Any,
    title: str,
    problem: str,
    owner: str,
    due_on: date,
    now: datetime,
    order_id: UUID | None = None,
) -> UUID:
    """A problem of the service itself, with who owns it and until when.

    Errors: Refused; RefusedError `words_missing`, `words_too_long`, `day_is_past`.
    """
    who = _keeper(by)
    for name, text in (("title", title), ("problem", problem), ("owner", owner)):
        _check(name, text)
    if due_on < local_day(now):
        raise RefusedError("day_is_past", "due_on")
    with transaction.atomic():
        made = issues.create(
            title=title.strip(), problem=problem.strip(), owner=owner.strip(), due_on=due_on,
            order_id=order_id, by=who.staff or "", now=now,
        )  # fmt: skip
        _note(who, "issue_opened", made, now)
    return made


def decide(*, by: Any, issue_id: UUID, decision: str, now: datetime) -> None:
    """What is to be done about it. Errors: Refused; RefusedError `words_missing`, `issue_moved`."""
    who = _keeper(by)
    _check("decision", decision)
    with transaction.atomic():
        row = issues.one(issue_id=issue_id, locking=True)
        if row is None:
            raise access.Refused
        if row.state != "open":
            raise RefusedError("issue_moved")
        issues.decide(issue_id=row.id, decision=decision.strip(), now=now)
        _note(who, "issue_decided", row.id, now)


def finish(*, by: Any, issue_id: UUID, done: str, now: datetime) -> None:
    """What was done about it. Errors: Refused; RefusedError `words_missing`, `issue_moved`."""
    who = _keeper(by)
    _check("done", done)
    with transaction.atomic():
        row = issues.one(issue_id=issue_id, locking=True)
        if row is None:
            raise access.Refused
        if row.state != "decided":
            raise RefusedError("issue_moved")
        issues.finish(issue_id=row.id, done=done.strip(), now=now)
        _note(who, "issue_finished", row.id, now)


def _keeper(by: Any) -> Visitor:
    who = people.visitor(by)
    if not who.roles & set(KEEPING) or who.staff is None:
        raise access.Refused
    return who


def _note(who: Visitor, what: str, issue: UUID, now: datetime) -> None:
    administration.note(
        by=who.staff or "nobody",
        office=who.office or "",
        what=what,
        subject=f"issue:{issue}",
        now=now,
    )


def _check(name: str, text: str) -> None:
    if len(text.strip()) < 2:
        raise RefusedError("words_missing", name)
    if len(text) > LONGEST:
        raise RefusedError("words_too_long", name)

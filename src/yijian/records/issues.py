"""问题台账: problems of the service itself, who owns them, what was decided, when they are done."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from yijian.records.models import IssueRow

MOST = 300


@dataclass(frozen=True, slots=True)
class Issue:
    """问题: one line of the log."""

    id: UUID
    title: str
    problem: str
    owner: str
    due_on: date
    state: str
    decision: str
    done: str
    opened_at: datetime
    decided_at: datetime | None
    done_at: datetime | None
    order_id: UUID | None


def listed(*, done: bool) -> tuple[list[Issue], bool]:
    """Open and decided issues by deadline; the ones that are done, newest first.

    And whether there are more than are listed.
    """
    if done:
        rows = IssueRow.objects.filter(state="done").order_by("-done_at")
    else:
        rows = IssueRow.objects.exclude(state="done").order_by("due_on", "id")
    found = [_issue(row) for row in rows[: MOST + 1]]
    return found[:MOST], len(found) > MOST


def one(*, issue_id: UUID, locking: bool = False) -> Issue | None:
    """One issue, locked until the transaction ends when asked for; None when there is none."""
    rows = IssueRow.objects.select_for_update() if locking else IssueRow.objects
    row = rows.filter(pk=issue_id).first()
    return None if row is None else _issue(row)


def create(
    *, title: str, problem: str, owner: str, due_on: date, order_id: UUID | None, by: str,
    now: datetime,
) -> UUID:  # fmt: skip
    """A new issue; its id."""
    row = IssueRow(
        title=title, problem=problem, owner=owner, due_on=due_on, order_id=order_id,
        opened_by=by, opened_at=now,
    )  # fmt: skip
    row.save(force_insert=True)
    return row.id


def decide(*, issue_id: UUID, decision: str, now: datetime) -> None:
    """What was decided about an issue."""
    IssueRow.objects.filter(pk=issue_id).update(state="decided", decision=decision, decided_at=now)


def finish(*, issue_id: UUID, done: str, now: datetime) -> None:
    """What was done about an issue."""
    IssueRow.objects.filter(pk=issue_id).update(state="done", done=done, done_at=now)


def _issue(row: IssueRow) -> Issue:
    return Issue(
        row.id, row.title, row.problem, row.owner, row.due_on, row.state, row.decision, row.done,
        row.opened_at, row.decided_at, row.done_at, row.order_id,
    )  # fmt: skip

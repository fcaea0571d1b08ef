"""对账: what this node tells each partner of shared tasks, digested; runs, differences, cursors.

Lines and digests hold nothing personal. Digests of buckets are computed by the database over lines
as `domain.parity.SharedTask.text` writes them.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Q

from yijian.domain.parity import Bucket, SharedTask, Standing, ToldTask
from yijian.domain.states import TaskState
from yijian.records import crypto
from yijian.records.models import (
    DisagreementRow,
    FeedCursor,
    OutboxMessage,
    ParityRun,
    SharedTaskRow,
)
from yijian.records.models import Partner as Partner

SENT, RECEIVED = "sent", "received"
OPPOSITE: Mapping[str, str] = {SENT: RECEIVED, RECEIVED: SENT}
LINES_AT_ONCE = 500
REPORTED = ("yijian.task.reported.v1", "yijian.task.routed.v1", "yijian.parcel.moved.v1")
TOLD = ("yijian.task.dispatched.v1", "yijian.task.withdrawn.v1")


@dataclass(frozen=True, slots=True)
class ToShare:
    """What one partner is told of one task from now on."""

    partner: str
    side: str
    task_id: UUID
    case_id: UUID
    round: int
    state: TaskState
    result: str
    answered: int
    changed_at: datetime


def share(lines: Iterable[ToShare]) -> None:
    """Keep what partners are told; one statement."""
    rows = [
        {
            "partner": line.partner,
            "side": line.side,
            "task_id": str(line.task_id),
            "case_id": str(line.case_id),
            "round": line.round,
            "state": line.state.value,
            "result": line.result,
            "answered": line.answered,
            "changed_at": line.changed_at.isoformat(),
        }
        for line in lines
    ]
    if not rows:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO shared_task"
            " (partner, side, task_id, case_id, round, state, result, answered, changed_at)"
            " SELECT * FROM json_to_recordset(%s::json) AS g(partner text, side text,"
            " task_id uuid, case_id uuid, round smallint, state text, result text,"
            " answered smallint, changed_at timestamptz)"
            " ON CONFLICT (partner, side, task_id) DO UPDATE SET round = excluded.round,"
            " state = excluded.state, result = excluded.result,"
            " answered = excluded.answered, changed_at = excluded.changed_at",
            [json.dumps(rows)],
        )


def buckets(*, partner: str, side: str, width: int, within: str = "") -> dict[str, Bucket]:
    """The buckets of one side of a pair, by the first `width` characters of the tasks' ids."""
    low, high = _range(within)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT left(task_id::text, %s), count(*),"
            " encode(sha256(convert_to(string_agg("
            "shared_task_line(task_id, round, state, answered, result), E'\\n' ORDER BY task_id),"
            " 'UTF8')),"
            " 'hex') FROM shared_task"
            " WHERE partner = %s AND side = %s AND task_id BETWEEN %s AND %s GROUP BY 1",
            [width, partner, side, low, high],
        )
        return {prefix: Bucket(count, digest) for prefix, count, digest in cursor.fetchall()}


def _range(prefix: str) -> tuple[UUID, UUID]:
    """The least and the greatest id that begin so. Errors: ValueError for what begins no id."""
    digits = prefix.replace("-", "")
    if len(digits) > 32 or any(c not in "0123456789abcdef" for c in digits):
        raise ValueError("not the beginning of an id")
    return UUID(digits.ljust(32, "0")), UUID(digits.ljust(32, "f"))


def lines(
    *, partner: str, side: str, within: str = "", after: UUID | None = None
) -> list[ToldTask]:
    """The lines of one side whose ids begin with `within`, in order, a page at a time."""
    low, high = _range(within)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT s.task_id, s.round, s.state, s.result, s.answered, s.changed_at, c.number,"
            " coalesce(t.item, '')"
            ' FROM shared_task s JOIN "case" c ON c.id = s.case_id'
            " LEFT JOIN task t ON t.id = s.task_id"
            " WHERE s.partner = %s AND s.side = %s AND s.task_id BETWEEN %s AND %s"
            " AND s.task_id > %s ORDER BY s.task_id LIMIT %s",
            [partner, side, low, high, after or UUID(int=0), LINES_AT_ONCE],
        )
        return [
            ToldTask(
                SharedTask(str(task), round, TaskState(state), result, answered), at, number, item
            )
            for task, round, state, result, answered, at, number, item in cursor.fetchall()
        ]


def send_again(*, partner: str, task_ids: Sequence[UUID], upwards: bool, now: datetime) -> int:
    """Let messages about these tasks go again to a partner, with their own ids; how many go."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE outbox SET state = 'waiting', not_before = %s, attempts = 0,"
            " settled_at = NULL, problem = '' WHERE destination = %s AND task_id = ANY (%s)"
            " AND state IN ('delivered', 'parked') AND kind = ANY (%s)",
            [now, partner, list(task_ids), list(REPORTED if upwards else TOLD)],
        )
        return int(cursor.rowcount)


def sides(*, partner: str) -> list[str]:
    """On which sides this node shares tasks with a partner."""
    found = SharedTaskRow.objects.filter(partner=partner).values_list("side", flat=True)
    return sorted(set(found.distinct()))


def pairs() -> list[Partner]:
    """Every active partner that can be asked."""
    return list(Partner.objects.filter(active=True).exclude(endpoint="").order_by("code"))


def keep_run(**columns: Any) -> ParityRun:
    """Keep what one comparison found."""
    return ParityRun.objects.create(**columns)


def last_runs() -> list[ParityRun]:
    """The newest comparison of every pair and side, for the report."""
    newest = ParityRun.objects.order_by("partner", "side", "-id").distinct("partner", "side")
    return list(newest)


def raise_disagreement(**columns: Any) -> bool:
    """Let a person settle a difference, unless the same one is open already; whether it is new."""
    names = ("partner", "side", "kind", "task_id")
    known = {name: columns[name] for name in names if columns.get(name) is not None}
    missing = Q(task_id__isnull=True) if columns.get("task_id") is None else Q()
    if DisagreementRow.objects.filter(missing, settled="", **known).exists():
        return False
    DisagreementRow.objects.create(**columns)
    return True


def close_healed(*, partner: str, side: str, still: Iterable[UUID], now: datetime) -> int:
    """Close what went away by itself: every difference about a task but those `still` there."""
    rows = DisagreementRow.objects.filter(
        partner=partner, side=side, settled="", kind__in=[each.value for each in Standing]
    ).exclude(task_id__in=list(still))
    return rows.update(settled="healed", settled_at=now, settled_by="system")


def open_disagreements(*, owner: str | None = None) -> list[DisagreementRow]:
    """What waits for a person, the most urgent first; of one owner or of all."""
    rows = DisagreementRow.objects.filter(settled="")
    return list((rows if owner is None else rows.filter(owner=owner)).order_by("due_at", "id"))


def settle_disagreement(
    *, by: str, disagreement: UUID, verdict: str, reason: str, now: datetime
) -> bool:
    """Write what a person decided, with the words sealed; whether it was still open."""
    place = crypto.place("disagreement", "sealed", disagreement)
    sealed = crypto.seal_document(crypto.installation_key("disagreement"), {"words": reason}, place)
    return bool(
        DisagreementRow.objects.filter(id=disagreement, settled="").update(
            settled=verdict, settled_at=now, settled_by=by, sealed=sealed
        )
    )


def cursor_of(*, partner: str) -> str:
    """Up to where a partner's reports have been read; "" at the beginning."""
    row = FeedCursor.objects.filter(partner=partner).first()
    return row.cursor if row else ""


def set_cursor(*, partner: str, cursor: str, now: datetime) -> None:
    """Remember up to where a partner's reports have been read."""
    FeedCursor.objects.update_or_create(
        partner=partner, defaults={"cursor": cursor, "read_at": now}
    )


def line_of(*, partner: str, side: str, task_id: UUID) -> SharedTask | None:
    """What this node tells a partner of one task."""
    row = SharedTaskRow.objects.filter(partner=partner, side=side, task_id=task_id).first()
    if row is None:
        return None
    state = TaskState(row.state)
    return SharedTask(str(row.task_id), row.round, state, row.result, row.answered)


def on_its_way(*, partner: str, task_id: UUID) -> bool:
    """Whether a message about the task still waits to be sent to the partner."""
    return OutboxMessage.objects.filter(
        destination=partner, task_id=task_id, state__in=("waiting", "sending")
    ).exists()

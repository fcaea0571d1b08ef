"""交换: claiming and settling what waits to go out, remembering what came in, and who may speak.

Every claim is one conditional UPDATE that skips what others hold; a claim ends by itself, so that a
worker that died loses nothing. Messages about one task leave in the order they were written.
"""

# ruff: noqa: S608 (statements are put together from constants; values travel beside them)

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection

from yijian.records import order_news
from yijian.records.decisions import Held as Held
from yijian.records.decisions import claim_due_decisions as claim_due_decisions
from yijian.records.decisions import hold as hold
from yijian.records.decisions import settle_decision as settle_decision
from yijian.records.decisions import take_back as take_back
from yijian.records.identifiers import new_id
from yijian.records.models import Partner, RefusedRequest, SpentNonce
from yijian.records.sealed import opened

CLAIM_LASTS = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class ClaimedMessage:
    """分发 ready to be sent. `id` is the same at every attempt."""

    id: UUID
    kind: str
    case_id: UUID
    task_id: UUID | None
    item: str
    newborn: int
    round: int
    intent: str
    attempts: int
    created_at: datetime
    payload: Mapping[str, Any] = field(repr=False)


@dataclass(frozen=True, slots=True)
class ClaimedNotice:
    """消息 ready to be sent: its words and, for text messages, the phone of its recipient."""

    id: UUID
    case_id: UUID | None
    role: str
    template: str
    attempts: int
    text: str = field(repr=False)
    phone: str | None = field(repr=False)


def destinations(*, now: datetime) -> list[str]:
    """Every destination that a message waits for."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT destination FROM outbox"
            " WHERE state IN ('waiting', 'sending') AND not_before <= %s"
            " AND NOT starts_with(destination, 'file:') ORDER BY 1",
            [now],
        )
        return [code for (code,) in cursor.fetchall()]


_CLAIM_MESSAGES = """
    UPDATE outbox o SET state = 'sending', attempts = o.attempts + 1, claimed_until = %(until)s
    FROM (
        SELECT w.id FROM outbox w
        WHERE w.destination = %(destination)s AND w.state IN ('waiting', 'sending')
            AND w.not_before <= %(now)s
            AND (w.state = 'waiting' OR w.claimed_until <= %(now)s)
            AND NOT EXISTS (
                SELECT FROM outbox e WHERE e.task_id = w.task_id AND e.id < w.id
                    AND e.destination = w.destination AND e.state IN ('waiting', 'sending'))
        ORDER BY w.not_before, w.id LIMIT %(limit)s FOR UPDATE SKIP LOCKED
    ) free JOIN outbox p ON p.id = free.id LEFT JOIN "case" c ON c.id = p.case_id
    WHERE o.id = free.id
    RETURNING o.id, o.kind, o.case_id, o.task_id, o.item, o.newborn, o.round, o.intent,
        o.attempts, o.created_at, o.sealed, c.wrapped_key
"""


def claim_messages(*, destination: str, limit: int, now: datetime) -> list[ClaimedMessage]:
    """Claim the next messages to one destination, oldest first; others cannot claim them."""
    with connection.cursor() as cursor:
        cursor.execute(
            _CLAIM_MESSAGES,
            {"until": now + CLAIM_LASTS, "destination": destination, "now": now, "limit": limit},
        )
        rows = cursor.fetchall()
    claimed = [
        ClaimedMessage(*[*columns, opened("outbox", columns[0], columns[2], sealed, wrapped)])
        for *columns, sealed, wrapped in rows
    ]
    return sorted(claimed, key=lambda message: message.id)


def release_claims(*, destination: str) -> int:
    """Let go what somebody claimed for a destination and did not settle; how many messages.

    For whoever is the only one to send there: who held these claims before has died over them.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE outbox SET state = 'waiting', claimed_until = NULL"
            " WHERE destination = %s AND state = 'sending'",
            [destination],
        )
        return int(cursor.rowcount)


_CLAIM_NOTICES = """
    UPDATE notification n SET state = 'sending', attempts = n.attempts + 1,
        claimed_until = %(until)s
    FROM (
        SELECT w.id FROM notification w
        WHERE w.channel = %(channel)s AND w.state IN ('waiting', 'sending')
            AND w.not_before <= %(now)s
            AND (w.state = 'waiting' OR w.claimed_until <= %(now)s)
        ORDER BY w.not_before, w.id LIMIT %(limit)s FOR UPDATE SKIP LOCKED
    ) free JOIN notification p ON p.id = free.id LEFT JOIN "case" c ON c.id = p.case_id
    WHERE n.id = free.id
    RETURNING n.id, n.case_id, n.to_role, n.template, n.attempts, n.sealed, c.wrapped_key
"""


def claim_notices(*, channel: str, limit: int, now: datetime) -> list[ClaimedNotice]:
    """Claim the next messages to people over one channel."""
    with connection.cursor() as cursor:
        cursor.execute(
            _CLAIM_NOTICES,
            {"until": now + CLAIM_LASTS, "channel": channel, "now": now, "limit": limit},
        )
        rows = cursor.fetchall()
    claimed = []
    for *columns, sealed, wrapped in rows:
        if columns[1] is None:
            words = order_news.opened(columns[0], bytes(sealed))
        else:
            words = opened("notification", columns[0], columns[1], sealed, wrapped)
        claimed.append(ClaimedNotice(*[*columns, words.get("text", ""), words.get("phone")]))
    return sorted(claimed, key=lambda notice: notice.id)


def pinned_packs(*, cases: Iterable[UUID]) -> dict[UUID, str]:
    """The digest of the policy that each of these cases keeps."""
    with connection.cursor() as cursor:
        cursor.execute('SELECT id, pack_digest FROM "case" WHERE id = ANY (%s)', [list(cases)])
        return dict(cursor.fetchall())


def settle_messages(
    *,
    delivered: Iterable[UUID] = (),
    retry: Mapping[UUID, datetime] | None = None,
    parked: Mapping[UUID, str] | None = None,
    now: datetime,
) -> None:
    """Say how claimed messages fared. `retry` names when; `parked` says why a person must look."""
    _settle("outbox", delivered, retry or {}, parked or {}, now)


def settle_notices(
    *,
    delivered: Iterable[UUID] = (),
    retry: Mapping[UUID, datetime] | None = None,
    parked: Mapping[UUID, str] | None = None,
    now: datetime,
) -> None:
    """Say how claimed messages to people fared."""
    sent, refused = list(delivered), parked or {}
    _settle("notification", sent, retry or {}, refused, now)
    order_news.forget([*sent, *refused])


def _settle(
    table: str,
    delivered: Iterable[UUID],
    retry: Mapping[UUID, datetime],
    parked: Mapping[UUID, str],
    now: datetime,
) -> None:
    rows: list[dict[str, object]] = [{"id": str(i), "state": "delivered"} for i in delivered]
    rows += [
        {"id": str(i), "state": "waiting", "not_before": at.isoformat()} for i, at in retry.items()
    ]
    rows += [{"id": str(i), "state": "parked", "problem": why[:200]} for i, why in parked.items()]
    if not rows:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {table} o SET state = g.state, claimed_until = NULL,"
            " not_before = coalesce(g.not_before, o.not_before),"
            " problem = coalesce(g.problem, ''),"
            " settled_at = CASE g.state WHEN 'waiting' THEN NULL ELSE %s END"
            " FROM json_to_recordset(%s::json)"
            " AS g(id uuid, state text, not_before timestamptz, problem text)"
            " WHERE o.id = g.id AND o.state = 'sending'",
            [now, json.dumps(rows)],
        )


def parked_messages(*, limit: int = 100) -> list[tuple[UUID, str, str, UUID | None, str]]:
    """What was given up and waits for a person: id, destination, kind, task and why."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, destination, kind, task_id, problem FROM outbox"
            " WHERE state = 'parked' ORDER BY id LIMIT %s",
            [limit],
        )
        return [tuple(row) for row in cursor.fetchall()]


def release_message(*, message: UUID, now: datetime) -> bool:
    """Let a parked message try again; whether it was parked."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE outbox SET state = 'waiting', not_before = %s, problem = '', settled_at = NULL"
            " WHERE id = %s AND state = 'parked'",
            [now, message],
        )
        return bool(cursor.rowcount)


def give_up_message(*, message: UUID, problem: str, now: datetime) -> bool:
    """A parked message goes nowhere any more; whether it was parked."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE outbox SET state = 'given_up', problem = %s, settled_at = %s"
            " WHERE id = %s AND state = 'parked'",
            [problem[:200], now, message],
        )
        return bool(cursor.rowcount)


def send_again(
    *,
    destination: str,
    since: datetime | None = None,
    until: datetime | None = None,
    kind: str = "",
    now: datetime,
) -> int:
    """Let messages that were delivered or parked go once more, under their ids; how many."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE outbox SET state = 'waiting', attempts = 0, not_before = %s, problem = '',"
            " settled_at = NULL WHERE destination = %s AND state IN ('delivered', 'parked')"
            " AND (%s::timestamptz IS NULL OR created_at >= %s::timestamptz)"
            " AND (%s::timestamptz IS NULL OR created_at < %s::timestamptz)"
            " AND (%s = '' OR kind = %s)",
            [now, destination, since, since, until, until, kind, kind],
        )
        return int(cursor.rowcount)


@dataclass(frozen=True, slots=True)
class Received:
    """收件: one message as it came in."""

    message_id: str
    digest: bytes
    task_id: UUID | None = None
    kind: str = ""


def receive(*, sender: str, messages: Sequence[Received], now: datetime) -> set[str]:
    """Remember messages for ever; the ids of those that had not been received before.

    In the same transaction as their effect: a message whose effect is rolled back is new again.
    """
    rows = [
        {
            "id": str(new_id()),
            "message_id": message.message_id,
            "digest": "\\x" + message.digest.hex(),
            "task_id": str(message.task_id) if message.task_id else None,
            "kind": message.kind,
        }
        for message in messages
    ]
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO inbox (id, sender, message_id, digest, task_id, kind, received_at,"
            " outcome, detail)"
            " SELECT g.id, %s, g.message_id, g.digest, g.task_id, g.kind, %s, 'received', ''"
            " FROM json_to_recordset(%s::json)"
            " AS g(id uuid, message_id text, digest bytea, task_id uuid, kind text)"
            " ON CONFLICT ON CONSTRAINT a_message_is_received_once DO NOTHING"
            " RETURNING message_id",
            [sender, now, json.dumps(rows)],
        )
        return {message_id for (message_id,) in cursor.fetchall()}


def received(*, sender: str, message_ids: Iterable[str]) -> dict[str, tuple[bytes, str, str]]:
    """What became of messages received before: digest, outcome and detail by message id."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT message_id, digest, outcome, detail FROM inbox"
            " WHERE sender = %s AND message_id = ANY (%s)",
            [sender, list(message_ids)],
        )
        return {row[0]: (bytes(row[1]), row[2], row[3]) for row in cursor.fetchall()}


def set_outcomes(*, sender: str, outcomes: Mapping[str, tuple[str, str]]) -> None:
    """Write what became of received messages: outcome and detail (codes, nothing personal)."""
    rows = [
        {"message_id": name, "outcome": outcome, "detail": detail[:200]}
        for name, (outcome, detail) in outcomes.items()
    ]
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE inbox i SET outcome = g.outcome, detail = g.detail"
            " FROM json_to_recordset(%s::json) AS g(message_id text, outcome text, detail text)"
            " WHERE i.sender = %s AND i.message_id = g.message_id",
            [json.dumps(rows), sender],
        )


def partner(code: str) -> Partner | None:
    """The active partner with this code; None for strangers."""
    return Partner.objects.filter(code=code, active=True).first()


def reachable(*, kind: str) -> list[Partner]:
    """The active partners of one kind that have an address."""
    found = Partner.objects.filter(kind=kind, active=True).exclude(endpoint="")
    return list(found.order_by("code"))


def put_partner(
    *,
    code: str,
    public_key: str,
    endpoint: str = "",
    items: Iterable[str] = (),
    offices: Iterable[str] = (),
    kind: str = "department",
    name_zh: str = "",
    name_en: str = "",
) -> None:
    """Make a partner known, or change what is known of it; it is active afterwards."""
    Partner.objects.update_or_create(
        code=code,
        defaults={
            "public_key": public_key,
            "endpoint": endpoint,
            "items": sorted(items),
            "offices": sorted(offices),
            "kind": kind,
            "name_zh": name_zh,
            "name_en": name_en,
            "active": True,
        },
    )


def spend_nonce(sender: str, nonce: str, created: datetime) -> bool:
    """Keep the nonce of a valid signature; whether it was new."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO spent_nonce (sender, nonce, created) VALUES (%s, %s, %s)"
            " ON CONFLICT DO NOTHING",
            [sender, nonce, created],
        )
        return bool(cursor.rowcount)


def forget_nonces(*, before: datetime) -> int:
    """Forget the nonces of signatures too old to be accepted again; how many."""
    return SpentNonce.objects.filter(created__lt=before).delete()[0]


def record_refusal(*, claimed: str, reason: str, path: str, now: datetime) -> None:
    """Keep that a request was refused at the machine door. What it claims is cut, not trusted."""
    printable = "".join(c for c in claimed[:100] if c.isascii() and c.isprintable())
    RefusedRequest.objects.create(at=now, claimed=printable, reason=reason, path=path[:200])

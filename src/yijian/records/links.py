"""通联状态: how it goes with each destination, seen by every process, and what waits for it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection

RECENT = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class LinkState:
    """通联状态: one destination as the status page shows it."""

    destination: str
    waiting: int
    oldest: datetime | None
    parked: int
    delivered: int
    """In the last 24 hours."""
    failures: int
    reason: str
    failing_since: datetime | None
    resting_until: datetime | None
    answered_at: datetime | None


def failed(*, destination: str, reason: str, resting_until: datetime, now: datetime) -> None:
    """A destination did not answer; it is left alone until a moment."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO link AS l (partner, failures, reason, failed_at, resting_until)"
            " VALUES (%s, 1, %s, %s, %s) ON CONFLICT (partner) DO UPDATE SET"
            " failures = l.failures + 1, reason = excluded.reason,"
            " failed_at = CASE l.failures WHEN 0 THEN excluded.failed_at ELSE l.failed_at END,"
            " resting_until = excluded.resting_until",
            [destination, reason[:200], now, resting_until],
        )


def answered(*, destination: str, now: datetime) -> None:
    """A destination answered; written only when it had failed, or once a minute."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO link AS l (partner, failures, reason, answered_at)"
            " VALUES (%s, 0, '', %s) ON CONFLICT (partner) DO UPDATE SET"
            " failures = 0, reason = '', failed_at = NULL, resting_until = NULL,"
            " answered_at = excluded.answered_at"
            " WHERE l.failures > 0 OR l.answered_at IS NULL"
            " OR l.answered_at < excluded.answered_at - interval '1 minute'",
            [destination, now],
        )


_STATES = """
    WITH told AS (
        SELECT destination, count(*) FILTER (WHERE state IN ('waiting', 'sending')) AS waiting,
            min(created_at) FILTER (WHERE state IN ('waiting', 'sending')) AS oldest,
            count(*) FILTER (WHERE state = 'parked') AS parked,
            count(*) FILTER (WHERE state = 'delivered') AS delivered
        FROM outbox
        WHERE state IN ('waiting', 'sending', 'parked')
            OR state = 'delivered' AND settled_at > %s
        GROUP BY destination)
    SELECT n.name, coalesce(t.waiting, 0), t.oldest, coalesce(t.parked, 0),
        coalesce(t.delivered, 0), coalesce(l.failures, 0), coalesce(l.reason, ''), l.failed_at,
        l.resting_until, l.answered_at
    FROM (SELECT destination AS name FROM told UNION SELECT partner FROM link
        UNION SELECT code FROM partner WHERE active AND endpoint <> '') n
    LEFT JOIN told t ON t.destination = n.name LEFT JOIN link l ON l.partner = n.name
    ORDER BY 1
"""


def states(*, now: datetime) -> Sequence[LinkState]:
    """Every destination that has been told something, or could be."""
    with connection.cursor() as cursor:
        cursor.execute(_STATES, [now - RECENT])
        return [LinkState(*row) for row in cursor.fetchall()]

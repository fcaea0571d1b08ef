"""月度统计: what happened to the cases of one scheme between two moments, counted, nobody named.

Three statements, whatever the number of cases. A case is closed at the moment when the last of its
tasks ends, and counts as withdrawn when the family took all of them back. A task counts when it
began and when it ended, so that a month that is over stays as it is.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import connection

from yijian.domain.reports import ItemCount, MonthCounts

_CASES = """
    WITH mine AS (SELECT id, stage, submitted_at FROM "case"
        WHERE pack = %(pack)s AND submitted_at < %(until)s),
    ended AS (SELECT max(t.ended_at) AS at,
            bool_and(t.state IN ('withdrawn', 'not_needed')) AS withdrawn
        FROM mine m JOIN task t ON t.case_id = m.id WHERE m.stage = 'closed' GROUP BY m.id)
    SELECT (SELECT count(*) FROM mine WHERE submitted_at >= %(start)s),
        count(*) FILTER (WHERE NOT withdrawn), count(*) FILTER (WHERE withdrawn)
    FROM ended WHERE at >= %(start)s AND at < %(until)s
"""
_TASKS = """
    WITH mine AS (
        SELECT t.item, coalesce(t.office, '') AS office, t.state, t.started_at, t.ended_at,
            t.due_at,
            t.started_at >= %(start)s AND t.started_at < %(until)s AS begun,
            t.ended_at >= %(start)s AND t.ended_at < %(until)s
                AND t.state IN ('completed', 'declined', 'rejected', 'offline') AS ended
        FROM task t JOIN "case" c ON c.id = t.case_id
        WHERE c.pack = %(pack)s AND c.submitted_at < %(until)s)
    SELECT item, office, count(*) FILTER (WHERE begun),
        count(*) FILTER (WHERE ended AND state = 'completed'),
        count(*) FILTER (WHERE ended AND state <> 'completed'),
        count(*) FILTER (WHERE ended AND ended_at > due_at),
        count(*) FILTER (WHERE ended AND due_at IS NOT NULL),
        count(*) FILTER (WHERE ended AND started_at IS NOT NULL),
        coalesce(sum(extract(epoch FROM ended_at - started_at)) FILTER (WHERE ended), 0)
    FROM mine WHERE begun OR ended GROUP BY item, office ORDER BY item, office
"""
_REASONS = """
    SELECT t.item, coalesce(t.reason, ''), count(*), count(DISTINCT t.case_id)
    FROM task t JOIN "case" c ON c.id = t.case_id
    WHERE c.pack = %(pack)s AND t.ended_at >= %(start)s AND t.ended_at < %(until)s
        AND t.state IN ('declined', 'rejected', 'offline')
    GROUP BY 1, 2
"""


def counts(*, pack: str, start: datetime, until: datetime) -> MonthCounts:
    """The counts of a scheme, whatever version of it; `until` is the first moment left out."""
    given: dict[str, str | datetime] = {"pack": pack, "start": start, "until": until}
    with connection.cursor() as cursor:
        cursor.execute(_CASES, given)
        submitted, closed, withdrawn = cursor.fetchone()
        cursor.execute(_TASKS, given)
        tasks = tuple(_item_count(row) for row in cursor.fetchall())
        cursor.execute(_REASONS, given)
        reasons = {
            (item, code): (times, families) for item, code, times, families in cursor.fetchall()
        }
    return MonthCounts(submitted, closed, withdrawn, tasks, reasons)


def _item_count(row: Sequence[Any]) -> ItemCount:
    item, office, received, done, not_done, late, limited, timed, seconds = row
    return ItemCount(item, office, received, done, not_done, late, limited, timed, float(seconds))

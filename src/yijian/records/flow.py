"""流转: what lies between this node and each partner, and what waits there. Nobody's name is here.

Set-based: the number of queries is the same for one message and for a million, and what is counted
is what is open, or what moved within a day.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection

from yijian.records.access import Refused
from yijian.records.people import StaffRole, visitor

WATCHERS = frozenset({StaffRole.SUPERVISOR, StaffRole.ROUTING})
LATELY = timedelta(hours=1)
LONGEST_WAY = timedelta(days=1)
"""A message that was written earlier and has left within the hour is not counted any more."""
MILLISECOND_BITS = 80


@dataclass(frozen=True, slots=True)
class Post:
    """去向: what waits for one destination, and what it got lately."""

    waiting: int = 0
    oldest_at: datetime | None = None
    tried: int = 0
    next_at: datetime | None = None
    parked: int = 0
    delivered: int = 0


@dataclass(frozen=True, slots=True)
class Work:
    """在办: what is under way at one office that is reached by one way."""

    channel: str
    office: str
    tasks: int
    late: int
    oldest_at: datetime | None


@dataclass(frozen=True, slots=True)
class Compared:
    """对账情况: the latest comparison with a partner, and what people must still settle with it."""

    at: datetime | None = None
    problem: str = ""
    apart: int = 0
    open: int = 0


@dataclass(frozen=True, slots=True)
class Neighbour:
    """伙伴: a partner as the page of the flow names it."""

    code: str
    kind: str
    name_zh: str
    name_en: str


@dataclass(frozen=True)
class Flow:
    """流转图: everything that the page draws, by the code of the partner or destination."""

    partners: tuple[Neighbour, ...]
    posts: Mapping[str, Post]
    works: tuple[Work, ...]
    heard_at: Mapping[str, datetime]
    parity: Mapping[str, Compared] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Waiting:
    """等待的消息: a message that has not arrived, without a word about the family."""

    id: UUID
    kind: str
    number: str
    item: str
    newborn: int
    state: str
    attempts: int
    created_at: datetime
    not_before: datetime
    problem: str


@dataclass(frozen=True, slots=True)
class UnderWay:
    """在办的事项: a task that a partner has."""

    id: UUID
    number: str
    item: str
    newborn: int
    office: str
    state: str
    since: datetime
    due_at: datetime | None


def _watcher(by: Any) -> None:
    if not visitor(by).roles & WATCHERS:
        raise Refused


def flow(*, by: Any, now: datetime) -> Flow:
    """What lies between this node and everybody. Errors: Refused."""
    _watcher(by)
    posts = _posts(now)
    return Flow(_partners(), posts, _works(now), _heard(), _compared())


def _partners() -> tuple[Neighbour, ...]:
    rows = _rows("SELECT code, kind, name_zh, name_en FROM partner WHERE active ORDER BY code", [])
    return tuple(Neighbour(*row) for row in rows)


def _posts(now: datetime) -> dict[str, Post]:
    open_ = _rows(
        "SELECT destination, count(*) FILTER (WHERE state <> 'parked'),"
        " min(created_at) FILTER (WHERE state <> 'parked'),"
        " count(*) FILTER (WHERE state = 'waiting' AND attempts > 0),"
        " min(not_before) FILTER (WHERE state = 'waiting' AND attempts > 0),"
        " count(*) FILTER (WHERE state = 'parked')"
        " FROM outbox WHERE state IN ('waiting', 'sending', 'parked') GROUP BY 1",
        [],
    )
    left = dict(
        _rows(
            "SELECT destination, count(*) FROM outbox"
            " WHERE id >= %s AND state = 'delivered' AND settled_at >= %s GROUP BY 1",
            [_first_id(now - LONGEST_WAY), now - LATELY],
        )
    )
    found = {
        code: Post(waiting, oldest_at, tried, next_at, parked, left.get(code, 0))
        for code, waiting, oldest_at, tried, next_at, parked in open_
    }
    return {code: Post(delivered=number) for code, number in left.items()} | found


def _first_id(at: datetime) -> UUID:
    """Identifiers begin with their time: the smallest of this moment."""
    return UUID(int=int(at.timestamp() * 1000) << MILLISECOND_BITS)


def _works(now: datetime) -> tuple[Work, ...]:
    rows = _rows(
        "SELECT coalesce(t.channel, ''), coalesce(t.office, ''), count(*),"
        " count(*) FILTER (WHERE t.due_at <= %s AND t.paused_at IS NULL), min(t.since)"
        " FROM task t WHERE t.under_way AND t.state <> 'waiting' GROUP BY 1, 2 ORDER BY 1, 2",
        [now],
    )
    return tuple(Work(*row) for row in rows)


def _heard() -> dict[str, datetime]:
    """When somebody last signed a request to us, as far as nonces are kept, or was asked well."""
    rows = _rows(
        "SELECT code, max(at) FROM ("
        " SELECT sender AS code, max(created) AS at FROM spent_nonce GROUP BY 1"
        " UNION ALL SELECT r.partner, r.ended_at FROM partner p CROSS JOIN LATERAL ("
        "  SELECT partner, ended_at FROM parity_run WHERE partner = p.code AND problem = ''"
        "  ORDER BY id DESC LIMIT 1) r"
        ") heard GROUP BY 1",
        [],
    )
    return dict(rows)


def _compared() -> dict[str, Compared]:
    rows = _rows(
        "SELECT p.code, r.ended_at, coalesce(r.problem, ''),"
        " coalesce(r.compared - r.same - r.healed, 0), coalesce(d.open, 0)"
        " FROM partner p LEFT JOIN LATERAL ("
        "  SELECT ended_at, problem, compared, same, healed FROM parity_run"
        "  WHERE partner = p.code ORDER BY id DESC LIMIT 1) r ON true"
        " LEFT JOIN (SELECT partner, count(*) AS open FROM disagreement WHERE settled = ''"
        "  GROUP BY 1) d ON d.partner = p.code"
        " WHERE p.active AND (r.ended_at IS NOT NULL OR d.open IS NOT NULL)",
        [],
    )
    return {row[0]: Compared(*row[1:]) for row in rows}


def waiting_for(*, by: Any, destination: str, limit: int) -> list[Waiting]:
    """What has not arrived at a destination, the oldest first. Errors: Refused."""
    _watcher(by)
    rows = _rows(
        "SELECT o.id, o.kind, coalesce(c.number, ''), o.item, o.newborn, o.state, o.attempts,"
        " o.created_at, o.not_before, o.problem"
        ' FROM outbox o LEFT JOIN "case" c ON c.id = o.case_id'
        " WHERE o.destination = %s AND o.state IN ('waiting', 'sending', 'parked')"
        " ORDER BY o.id LIMIT %s",
        [destination, limit],
    )
    return [Waiting(*row) for row in rows]


def under_way_at(*, by: Any, channels: Iterable[str], limit: int) -> list[UnderWay]:
    """What is under way at whoever is reached by these ways, what stands longest first.

    Errors: Refused.
    """
    _watcher(by)
    rows = _rows(
        "SELECT t.id, c.number, t.item, t.newborn, coalesce(t.office, ''), t.state, t.since,"
        ' t.due_at FROM task t JOIN "case" c ON c.id = t.case_id'
        " WHERE t.under_way AND t.state <> 'waiting' AND t.channel = ANY (%s)"
        " ORDER BY t.since, t.id LIMIT %s",
        [list(channels), limit],
    )
    return [UnderWay(*row) for row in rows]


def _rows(statement: str, values: list[Any]) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return list(cursor.fetchall())

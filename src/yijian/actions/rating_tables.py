"""归集: one month of ratings or orders in the fields of the national tables, for the desk alone.

Rows are read while they are written, so that a month of any size begins at once and none is cut.
Words about the own office are left out: somebody of another office takes the whole table out.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from yijian.actions import contexts
from yijian.actions.work_orders import side_of
from yijian.domain.clocks import SHANGHAI, local_day
from yijian.domain.rating_tables import CHANNEL_NAMES, ORDER_FIELDS, RATING_FIELDS
from yijian.domain.reports import Month
from yijian.domain.work_orders import OrderActor, days_late
from yijian.records import access, people, ratings
from yijian.records import work_orders as orders
from yijian.records.people import StaffRole, Visitor
from yijian.records.work_orders import Opened

PURPOSE = "national_collection"
KINDS = {"bad_rating": "差评", "complaint": "投诉", "suggestion": "建议", "question": "咨询"}
OUTCOMES = {"satisfied": "满意", "unsatisfied": "不满意", "not_reached": "联系不上"}


def table_of(
    *, by: Any, table: str, month: Month, now: datetime
) -> tuple[Sequence[str], Iterator[list[str]]]:
    """The heads and the rows of one table; that they were taken out is logged. Errors: Refused."""
    who = people.visitor(by)
    if not who.works_as(StaffRole.COMPLAINTS):
        raise access.Refused
    access.note_read(by=by, what=f"table_{table}", case_id=None, purpose=PURPOSE, now=now)
    if table == "ratings":
        return RATING_FIELDS, _rating_rows(month, who)
    found = orders.opened_between(since=month.starts_at, until=month.ends_at)
    return ORDER_FIELDS, (_order_row(one, who, now) for one in found)


def _rating_rows(month: Month, who: Visitor) -> Iterator[list[str]]:
    roles = {r.id: r.title.zh for pack in contexts.packs() for r in pack.roles.values()}
    for line in ratings.lines(since=month.starts_at, until=month.ends_at):
        yield [
            line.number,
            CHANNEL_NAMES.get(line.channel, line.channel),
            roles.get(line.rater, "申请人"),
            _moment(line.rated_at),
            str(line.times),
            str(line.level),
            line.words if line.office != who.office else "",
            line.division,
        ]


def _order_row(found: Opened, who: Visitor, now: datetime) -> list[str]:
    row = found.row
    on_desk = side_of(who, row.about, row.handler) is OrderActor.DESK
    words = found.words if on_desk else {}
    office = contexts.directory().office(row.handler) if row.handler else None
    text = words.get("text", "")
    ended_at = row.answered_at or row.closed_at
    late = days_late(row.due_at, ended_at, now, contexts.calendar())
    return [
        row.number,
        KINDS[row.kind],
        text.splitlines()[0][:30] if text else KINDS[row.kind],
        text,
        CHANNEL_NAMES.get(row.channel, row.channel),
        _moment(row.opened_at),
        office.title.zh if office else row.handler,
        words.get("reply", ""),
        _moment(row.answered_at),
        f"{local_day(row.due_at - timedelta(microseconds=1)):%Y-%m-%d}",
        "是" if row.extended else "否",
        words.get("extension", ""),
        str(late),
        OUTCOMES.get(row.outcome, ""),
        row.division,
    ]


def _moment(moment: datetime | None) -> str:
    return f"{moment.astimezone(SHANGHAI):%Y-%m-%d %H:%M:%S}" if moment else ""

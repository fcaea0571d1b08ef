"""停办通告: what does not work where and until when, and the families whom it concerns."""

# ruff: noqa: S608 (statements are put together from constants; values travel beside them)

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection
from django.db.models import F, Q

from yijian.records.identifiers import new_id
from yijian.records.models import OutageRow

DRAFT, SHOWN, ENDED, DROPPED = "draft", "shown", "ended", "dropped"
MOST = 100


@dataclass(frozen=True, slots=True)
class Outage:
    """停办通告: about one office, a place (`division`, a prefix) or the node, and one item or all."""

    id: UUID
    division: str
    office: str
    item: str
    starts_at: datetime
    ends_at: datetime | None
    words_zh: str
    words_en: str
    texting: bool
    state: str
    made_by: str
    made_at: datetime
    shown_by: str
    shown_at: datetime | None
    texted_to: UUID | None
    texts: int
    texted_at: datetime | None


def add(
    *, division: str, office: str, item: str, starts_at: datetime, ends_at: datetime | None,
    words_zh: str, words_en: str, texting: bool, by: str, now: datetime,
) -> UUID:  # fmt: skip
    """Keep a draft; nobody sees it yet."""
    row = OutageRow.objects.create(
        id=new_id(), division=division, office=office, item=item, starts_at=starts_at,
        ends_at=ends_at, words_zh=words_zh, words_en=words_en, texting=texting, made_by=by,
        made_at=now,
    )  # fmt: skip
    return row.id


def one(outage: UUID, *, locking: bool = False) -> Outage | None:
    """One outage; None when there is none."""
    rows = OutageRow.objects.select_for_update() if locking else OutageRow.objects.all()
    row = rows.filter(id=outage).first()
    return None if row is None else _outage(row)


def settle(*, outage: UUID, state: str, by: str, now: datetime) -> None:
    """Show a draft, end what is shown, or drop a draft."""
    said: dict[str, object] = {"state": state}
    if state == SHOWN:
        said |= {"shown_by": by, "shown_at": now}
    else:
        said |= {"ended_by": by, "ended_at": now}
    OutageRow.objects.filter(id=outage).update(**said)


def listed(
    *, over: bool = False, prefix: str | None = "", offices: Iterable[str] | None = None
) -> list[Outage]:
    """Drafts and what is shown at these offices and below a place, newest first.

    No offices named means everything of the node, no prefix what is of the offices alone. With
    `over` also what has ended, the last hundred of all.
    """
    rows = OutageRow.objects.order_by("-id")
    if offices is not None:
        there = Q(office="", division__startswith=prefix) if prefix else Q()
        rows = rows.filter(Q(office__in=list(offices)) | there)
    if not over:
        rows = rows.filter(state__in=[DRAFT, SHOWN])
    return [_outage(row) for row in rows[:MOST]]


def shown() -> list[Outage]:
    """What is shown, the latest first; of what was not ended, no more than fits, the longest."""
    longest = F("ends_at").desc(nulls_first=True)
    rows = OutageRow.objects.filter(state=SHOWN).order_by(longest, "-id")[:MOST]
    return sorted(map(_outage, rows), key=lambda one: one.id, reverse=True)


def _outage(row: OutageRow) -> Outage:
    return Outage(
        row.id, row.division, row.office, row.item, row.starts_at, row.ends_at, row.words_zh,
        row.words_en, row.texting, row.state, row.made_by, row.made_at, row.shown_by,
        row.shown_at, row.texted_to, row.texts, row.texted_at,
    )  # fmt: skip


def to_text() -> Outage | None:
    """The first shown outage of which families are still to be texted."""
    rows = OutageRow.objects.filter(state=SHOWN, texting=True, texted_at__isnull=True)
    row = rows.order_by("id").first()
    return None if row is None else _outage(row)


def went_on(*, outage: UUID, to: UUID | None, texts: int, now: datetime) -> None:
    """Keep up to which case families were texted, and how many; None: all of them."""
    row = OutageRow.objects.select_for_update().get(id=outage)
    row.texts += texts
    if to is None:
        row.texted_at = now
    else:
        row.texted_to = to
    row.save(update_fields=["texts", "texted_to", "texted_at"])


_CONCERNED = """
    t.under_way AND c.origin = '' AND c.forgotten_at IS NULL
        AND (%(item)s = '' OR t.item = %(item)s)
        AND (%(offices)s::text[] IS NULL OR t.office = ANY (%(offices)s))
"""


def families(*, offices: Sequence[str] | None, item: str) -> int:
    """How many families have something under way there."""
    with connection.cursor() as cursor:
        cursor.execute(
            'SELECT count(DISTINCT t.case_id) FROM task t JOIN "case" c ON c.id = t.case_id'
            f" WHERE {_CONCERNED}",
            {"item": item, "offices": None if offices is None else list(offices)},
        )
        return int(cursor.fetchone()[0])


def cases_concerned(
    *, offices: Sequence[str] | None, item: str, after: UUID | None, limit: int
) -> list[UUID]:
    """Their cases in the order of their ids, after one of them."""
    with connection.cursor() as cursor:
        cursor.execute(
            'SELECT DISTINCT t.case_id FROM task t JOIN "case" c ON c.id = t.case_id'
            f" WHERE {_CONCERNED} AND t.case_id > %(after)s ORDER BY 1 LIMIT %(limit)s",
            {
                "item": item, "offices": None if offices is None else list(offices),
                "after": after or UUID(int=0), "limit": limit,
            },
        )  # fmt: skip
        return [case for (case,) in cursor.fetchall()]

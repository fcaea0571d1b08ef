"""分娩信息: delivery records that hospitals enter at the desk or report by API."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, cast
from uuid import UUID

from django.db import connection

from yijian.records import crypto
from yijian.records.identifiers import new_id
from yijian.records.models import BirthRecord


@dataclass(frozen=True, slots=True)
class Delivery:
    """分娩信息 as opened: `document` has the shape of the delivery register's answer."""

    id: UUID
    institution: str
    delivery_id: str
    source: str
    entered_by: str
    entered_at: datetime
    due_at: datetime
    recorded_at: datetime | None
    version: int
    document: Mapping[str, Any] = field(repr=False)


def put(
    *,
    by: str,
    institution: str,
    delivery_id: str,
    mother_id_number: str,
    document: Mapping[str, Any],
    source: str,
    due_at: datetime,
    recorded_at: datetime | None,
    now: datetime,
) -> UUID:
    """Keep a delivery record, or a newer version of it; its identifier."""
    row = (
        BirthRecord.objects.select_for_update()
        .filter(institution=institution, delivery_id=delivery_id)
        .first()
    )
    if row is None:
        row = BirthRecord(id=new_id(), institution=institution, delivery_id=delivery_id)
        row.entered_at, row.version = now, 1
    else:
        row.version += 1
    row.mother_hash = crypto.blind_index("person", mother_id_number)
    row.source, row.entered_by = source, by
    row.due_at, row.recorded_at = _next_hour(due_at), recorded_at
    key = crypto.installation_key("birth_record")
    where = crypto.place("birth_record", "sealed", row.id)
    row.sealed = crypto.seal_document(key, dict(document), where)
    row.save()
    return row.id


def _next_hour(moment: datetime) -> datetime:
    """The full hour after: a deadline that tells the moment of birth would be personal data."""
    hour = moment.replace(minute=0, second=0, microsecond=0)
    return hour if hour == moment else hour + timedelta(hours=1)


def opened(row: BirthRecord) -> Delivery:
    """The record with its sealed document opened."""
    key = crypto.installation_key("birth_record")
    where = crypto.place("birth_record", "sealed", row.id)
    document = crypto.open_document(key, bytes(row.sealed), where) if row.sealed else {}
    return Delivery(
        row.id,
        row.institution,
        row.delivery_id,
        row.source,
        row.entered_by,
        row.entered_at,
        row.due_at,
        row.recorded_at,
        row.version,
        cast(Mapping[str, Any], document),
    )


def of_mother(mother_id_number: str) -> list[Delivery]:
    """The delivery records of one mother, newest first."""
    digest = crypto.blind_index("person", mother_id_number)
    rows = BirthRecord.objects.filter(mother_hash=digest, sealed__isnull=False)
    return [opened(row) for row in rows.order_by("-id")[:20]]


def drafts_waiting_for(mother_id_number: str) -> list[UUID]:
    """The cases of a mother that still wait for her delivery record."""
    digest = crypto.blind_index("person", mother_id_number)
    with connection.cursor() as cursor:
        cursor.execute(
            'SELECT c.id FROM party p JOIN "case" c ON c.id = p.case_id'
            " WHERE p.person_hash = %s AND p.role = 'mother'"
            " AND c.stage = 'draft' AND c.newborns = 0 ORDER BY c.id",
            [digest],
        )
        return [identifier for (identifier,) in cursor.fetchall()]


def newborns_known_elsewhere(*, uids: Iterable[bytes], other_than: UUID) -> bool:
    """Whether another case has one of these newborns in hand, or has given it a result."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT FROM newborn n WHERE n.uid = ANY (%s::bytea[])"
            " AND n.case_id <> %s AND (n.open OR EXISTS (SELECT FROM task t"
            " WHERE t.case_id = n.case_id AND t.state = 'completed')))",
            [list(uids), other_than],
        )
        return bool(cursor.fetchone()[0])

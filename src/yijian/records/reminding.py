"""提醒: which cases must be looked at, because something happened to them or their time has come."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from uuid import UUID

from django.db import connection

from yijian.records.models import ReminderLookRow


def changed_cases(*, numbers: int) -> tuple[list[UUID], int] | None:
    """The cases of the next sealed entries of the journal, and up to which number they go.

    Locked until the transaction ends; None when everything sealed has been looked at.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO reminder_cursor (id, number) VALUES (1, 0) ON CONFLICT DO NOTHING"
        )
        cursor.execute("SELECT number FROM reminder_cursor FOR UPDATE")
        (number,) = cursor.fetchone()
        cursor.execute("SELECT coalesce(max(last_number), 0) FROM checkpoint")
        (sealed,) = cursor.fetchone()
        if number >= sealed:
            return None
        upto = min(sealed, number + numbers)
        cursor.execute(
            "SELECT DISTINCT case_id FROM journal WHERE number > %s AND number <= %s ORDER BY 1",
            [number, upto],
        )
        return [case for (case,) in cursor.fetchall()], upto


def advance(*, number: int) -> None:
    """Everything up to this number of the journal has been looked at."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE reminder_cursor SET number = %s", [number])


def due_cases(*, now: datetime, limit: int) -> list[UUID]:
    """The cases whose moment to look again has come, locked until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT case_id FROM reminder_look WHERE at <= %s ORDER BY at, case_id LIMIT %s"
            " FOR UPDATE SKIP LOCKED",
            [now, limit],
        )
        return [case for (case,) in cursor.fetchall()]


def look_again(*, looked_at: Iterable[UUID], moments: Mapping[UUID, datetime]) -> None:
    """Of the cases just looked at, keep when to look again; of the others nothing is kept."""
    over = [case for case in looked_at if case not in moments]
    ReminderLookRow.objects.filter(case_id__in=over).delete()
    ReminderLookRow.objects.bulk_create(
        [ReminderLookRow(case_id=case, at=at) for case, at in moments.items()],
        update_conflicts=True,
        unique_fields=["case_id"],
        update_fields=["at"],
    )

"""提醒: which cases must be looked at, because something happened to them or their time has come."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from uuid import UUID

from django.db import connection

from yijian.domain.states import Stage
from yijian.records.models import ReminderCursorRow, ReminderLookRow


def has_begun() -> bool:
    """Whether anybody has ever looked."""
    return ReminderCursorRow.objects.exists()


def begin(*, now: datetime, stages: Iterable[str], closed_since: datetime) -> None:
    """The first time, let the cases be looked at that have reason.

    Those are the ones in `stages`, and of the closed ones those that changed since a moment. What
    was sealed before is not read; what is sealed from now on is.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO reminder_cursor (id, number)"
            " SELECT 1, coalesce(max(last_number), 0) FROM checkpoint ON CONFLICT DO NOTHING"
        )
        if not cursor.rowcount:
            return  # Somebody else was faster.
        cursor.execute(
            "INSERT INTO reminder_look (case_id, at)"
            " SELECT id, %s FROM \"case\" WHERE forgotten_at IS NULL AND origin = ''"
            " AND (stage = ANY (%s) OR stage = %s AND changed_at >= %s) ON CONFLICT DO NOTHING",
            [now, list(stages), Stage.CLOSED.value, closed_since],
        )


def changed_cases(*, numbers: int) -> tuple[list[UUID], int] | None:
    """The cases of the next sealed entries of the journal, and up to which number they go.

    Locked until the transaction ends; None when everything sealed has been looked at.
    """
    with connection.cursor() as cursor:
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

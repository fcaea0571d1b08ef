"""遗忘: when a family's data must not be kept any longer, the key that opens them is destroyed."""

from datetime import datetime
from uuid import UUID

from django.db import connection


def forget_case(*, case_id: UUID, now: datetime) -> bool:
    """Destroy the key of an ended case and everything it opened; whether there was anything.

    What was sealed with it stays closed wherever a copy lies. The journal, which holds nothing
    personal, stays and still verifies.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT forget_case(%s, %s)", [case_id, now])
        return bool(cursor.fetchone()[0])

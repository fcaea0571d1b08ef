"""进度查询码: the family gives the code of its case to whom it likes, and takes it back."""

from datetime import datetime
from typing import Any

from django.db import transaction

from yijian.domain.context import RefusedError
from yijian.records import access, status_doors


def change_code(*, by: Any, number: str, now: datetime) -> None:
    """Another code for a case; only a parent of it may ask. Errors: Refused, RefusedError."""
    with transaction.atomic():
        opened = access.access_case(by=by, number=number, purpose="own_case", now=now, locking=True)
        if opened.role == "staff":
            raise access.Refused
        if opened.case.submitted_at is None:
            raise RefusedError("not_submitted")
        status_doors.change_code(opened.loaded.id)

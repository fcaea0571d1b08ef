"""遗忘: the end of keeping a family's data, ordered by an operator and never by a page."""

from datetime import datetime

from django.db import transaction

from yijian.domain.context import RefusedError
from yijian.domain.states import Stage
from yijian.records import archive, forgetting
from yijian.records import cases as case_records

ENDED = frozenset({Stage.CLOSED, Stage.WITHDRAWN})


def forget(*, number: str, now: datetime) -> None:
    """Destroy the key of an ended case; its journal stays and still verifies.

    Errors: RefusedError `unknown_case`, `case_still_open`, `already_forgotten`, `not_archived`.
    """
    with transaction.atomic():
        found = case_records.load(numbers=[number])
        if not found:
            raise RefusedError("unknown_case")
        if found[0].case.stage not in ENDED:
            raise RefusedError("case_still_open")
        if archive.waiting_of_case(found[0].id):
            raise RefusedError("not_archived")
        if not forgetting.forget_case(case_id=found[0].id, now=now):
            raise RefusedError("already_forgotten")

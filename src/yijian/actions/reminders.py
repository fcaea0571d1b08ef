"""提醒: the worker looks through open cases and reminds families whose time has come."""

import json
from datetime import datetime
from uuid import UUID

from django.db import transaction

from yijian.actions import changes, contexts
from yijian.actions.changes import Decided
from yijian.domain.events import EventKind
from yijian.domain.reminders import due_reminders
from yijian.domain.states import Stage
from yijian.records import cases as case_records
from yijian.records.models import CaseRow, JournalEntry

AT_ONCE = 100
STAGES = [Stage.DRAFT.value, Stage.SIGNING.value, Stage.SUBMITTED.value, Stage.CLOSED.value]


def remind(*, now: datetime, after: UUID | None = None) -> UUID | None:
    """Remind the next hundred cases after `after`; the last one looked at, None at the end."""
    with transaction.atomic():
        rows = CaseRow.objects.filter(stage__in=STAGES, forgotten_at__isnull=True, origin="")
        if after is not None:
            rows = rows.filter(id__gt=after)
        ids = list(rows.order_by("id").values_list("id", flat=True)[:AT_ONCE])
        if not ids:
            return None
        given: dict[UUID, set[str]] = {}
        entries = JournalEntry.objects.filter(
            case_id__in=ids, kind=EventKind.FAMILY_REMINDED.value
        ).values_list("case_id", "body")
        for case_id, body in entries:
            given.setdefault(case_id, set()).add(_reminder_of(body))
        decided = [
            Decided(
                loaded,
                due_reminders(
                    loaded.case,
                    contexts.context_of(loaded.case),
                    given.get(loaded.id, set()),
                    now,
                ),
            )
            for loaded in case_records.load(ids=ids)
        ]
        changes.commit(decided, now=now)
        return ids[-1]


def _reminder_of(body: str) -> str:
    return str(json.loads(body)["reminder"])

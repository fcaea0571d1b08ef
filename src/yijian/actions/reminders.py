"""提醒: the worker reminds families whose time has come.

It looks at a case only when something has happened to it, or at the moment that was worked out
when it last looked; `domain.reminders.next_look` says why that misses nothing.
"""

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from yijian.actions import changes, contexts
from yijian.actions.changes import Decided
from yijian.domain.events import EventKind
from yijian.domain.reminders import due_reminders, next_look, parse_reminder
from yijian.domain.states import Stage
from yijian.records import cases as case_records
from yijian.records import reminding
from yijian.records.models import CaseRow, JournalEntry, PackVersion

AT_ONCE = 100
ENTRIES_AT_ONCE = 500
MOST_IN_A_RUN = 10_000
"""Changed cases and due ones, about; the next run takes up what is left of either."""
OPEN = [Stage.DRAFT.value, Stage.SIGNING.value, Stage.SUBMITTED.value]
STAGES = [*OPEN, Stage.CLOSED.value]


def remind(*, now: datetime) -> int:
    """Remind every family whose time has come; how many cases were looked at for it."""
    _begin(now)
    changed = due = 0
    while changed < MOST_IN_A_RUN and (found := _look_at_changed(now)) is not None:
        changed += found
    while due < MOST_IN_A_RUN and (found := _look_at_due(now)):
        due += found
    return changed + due


def _begin(now: datetime) -> None:
    """The first time, start from what is open, and from what was closed not too long ago.

    What a reminder counts from lies before a case is closed: one that has not come by the longest
    time after that comes never.
    """
    if reminding.has_begun():
        return
    with transaction.atomic():
        reminding.begin(now=now, stages=OPEN, closed_since=now - _longest())


def _longest() -> timedelta:
    digests = PackVersion.objects.values_list("digest", flat=True)
    packs = [contexts.pack_of(digest) for digest in digests]
    rules = [parse_reminder(n.on, pack.anchors) for pack in packs for n in pack.notices]
    return max((rule.after for rule in rules if rule is not None), default=timedelta())


def _look_at_changed(now: datetime) -> int | None:
    """Look at the cases of the next part of the journal; None when there is no more of it."""
    with transaction.atomic():
        changed = reminding.changed_cases(numbers=ENTRIES_AT_ONCE)
        if changed is None:
            return None
        cases, upto = changed
        for start in range(0, len(cases), AT_ONCE):
            _look(cases[start : start + AT_ONCE], now)
        reminding.advance(number=upto)
        return len(cases)


def _look_at_due(now: datetime) -> int:
    with transaction.atomic():
        cases = reminding.due_cases(now=now, limit=AT_ONCE)
        if cases:
            _look(cases, now)
        return len(cases)


def _look(cases: Sequence[UUID], now: datetime) -> None:
    """Remind these cases of what is due, and work out when to look at them again."""
    rows = CaseRow.objects.filter(
        id__in=cases, stage__in=STAGES, forgotten_at__isnull=True, origin=""
    )
    own = list(rows.values_list("id", flat=True))
    # Locked before anybody asks what they were reminded of: nobody reminds them meanwhile.
    found = case_records.load(ids=own)
    given: dict[UUID, set[str]] = {case: set() for case in own}
    entries = JournalEntry.objects.filter(
        case_id__in=own, kind=EventKind.FAMILY_REMINDED.value
    ).values_list("case_id", "body")
    for case_id, body in entries:
        given[case_id].add(str(json.loads(body)["reminder"]))
    decided, moments = [], {}
    for loaded in found:
        context, done = contexts.context_of(loaded.case), given[loaded.id]
        events = due_reminders(loaded.case, context, done, now)
        decided.append(Decided(loaded, events))
        done |= {str(event.public["reminder"]) for event in events}
        moment = next_look(loaded.case, context, done, now)
        if moment is not None:
            moments[loaded.id] = moment
    changes.commit(decided, now=now)
    reminding.look_again(looked_at=cases, moments=moments)

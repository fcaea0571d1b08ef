"""推演的记录: simulations as rows that begin, go on, and end; and the past cases they look at.

What lives here: rows. What they count is in `domain.simulating`, who may ask in
`actions.simulating`.
"""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction

from yijian.domain.simulated import Found
from yijian.domain.simulating import Counted
from yijian.records.identifiers import new_id
from yijian.records.models import CaseRow, SimulationRow

RUNNING = ("waiting", "running")
PAST, MADE_UP = "past", "made_up"
_HEAVY = ("canonical", "counted")


class AlreadySimulatedError(Exception):
    """The draft is being simulated on the same families right now."""


def begin(*, now: datetime, **values: object) -> UUID:
    """A new simulation that waits for a worker. Errors: AlreadySimulatedError."""
    row = SimulationRow(id=new_id(), begun_at=now, changed_at=now, **values)
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError as refused:
        raise AlreadySimulatedError from refused
    return row.id


def find(*, simulation: UUID) -> SimulationRow | None:
    """One simulation; the draft's document and the exact counts are read when they are asked."""
    return SimulationRow.objects.defer(*_HEAVY).filter(pk=simulation).first()


def of_draft(*, draft: UUID) -> list[SimulationRow]:
    """The simulations of a draft, the last first."""
    return list(SimulationRow.objects.defer(*_HEAVY).filter(draft=draft).order_by("-id"))


def finished(*, drafts: Collection[UUID]) -> list[SimulationRow]:
    """What was predicted for these drafts, the last first."""
    rows = SimulationRow.objects.defer(*_HEAVY).filter(draft__in=list(drafts), state="finished")
    return list(rows.order_by("-id"))


def go_on(row: SimulationRow, *, now: datetime, **values: object) -> bool:
    """Write how far it has come; False when it was cancelled or has gone on meanwhile."""
    return bool(
        SimulationRow.objects.filter(
            pk=row.pk, state__in=RUNNING, reached=row.reached, done=row.done
        ).update(changed_at=now, **values)
    )


def end(*, simulation: UUID, state: str, now: datetime, problem: str = "") -> bool:
    """It ends without a result, and its exact counts with it; False when it has ended already."""
    return bool(
        SimulationRow.objects.filter(pk=simulation, state__in=RUNNING).update(
            state=state, counted=[], ended_at=now, changed_at=now, problem=problem
        )
    )


def standing(*, before: datetime) -> list[UUID]:
    """Those that should go on and of which nothing was written since."""
    rows = SimulationRow.objects.filter(state__in=RUNNING, changed_at__lt=before)
    return list(rows.order_by("id").values_list("id", flat=True))


def past_cases(*, code: str, since: datetime | None, before: UUID | None, limit: int) -> list[UUID]:
    """Cases of this node under a pack, the newest first, that can still be opened."""
    rows = CaseRow.objects.filter(pack=code, origin="", wrapped_key__isnull=False)
    if since is not None:
        rows = rows.filter(started_at__gte=since)
    if before is not None:
        rows = rows.filter(pk__lt=before)
    return list(rows.order_by("-id").values_list("id", flat=True)[:limit])


def count_past_cases(*, code: str, since: datetime | None, limit: int) -> int:
    """How many of them there are, at most `limit`."""
    rows = CaseRow.objects.filter(pack=code, origin="", wrapped_key__isnull=False)
    if since is not None:
        rows = rows.filter(started_at__gte=since)
    return rows.order_by()[:limit].count()


def counts_of(row: SimulationRow) -> Counted:
    """The exact counts of one that runs."""
    return Counted({tuple(key): count for *key, count in row.counted})


def found_of(row: SimulationRow) -> Found:
    """What may be shown of one that has finished; empty before."""
    return {tuple(key): count for *key, count in row.result or ()}


def as_json(found: Found) -> list[list[str | int | None]]:
    """Counts as a row keeps them."""
    return [[*key, count] for key, count in sorted(found.items())]

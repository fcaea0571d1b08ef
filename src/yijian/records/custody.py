"""纸质台账 as rows: sheets, their steps, and the lists on which they change hands.

Numbers lie sealed with a key of the ledger, because paper outlives a case's key; they are found by
their blind index. What moves a sheet is an event of its case: `actions.custody`.
"""

# ruff: noqa: S608 (statements are put together from constants; values travel beside them)

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, cast
from uuid import UUID

from django.db import connection
from django.db.models import Count, Q

from yijian.domain.custody import PaperSheet, SheetPlan, SheetState
from yijian.domain.custody_rules import Sheet
from yijian.domain.events import Event
from yijian.domain.numbers import case_number
from yijian.records import crypto
from yijian.records.identifiers import new_id
from yijian.records.journal import ENTRY_COLUMNS, entry_of
from yijian.records.models import (
    CaseRow,
    CustodyEntry,
    HandoverBatch,
    HandoverLine,
    SheetRow,
)

PaperRow = SheetRow
"""A sheet's row, for whoever may not reach the tables."""
StepRow = CustodyEntry
"""A line of the ledger, likewise."""
BatchRow = HandoverBatch
"""A list of sheets, likewise."""
PURPOSE = "paper_ledger"
PLANNED = ("rule", "ruled_on", "goes_to", "due_on")
MOVED = ("holder", "state", "cut", "step", "batch")


def book_of(office: str) -> str:
    """The name of an office's book of hand-overs."""
    return f"papers:{office}"


@dataclass(frozen=True, slots=True)
class SheetLine:
    """一联 as people read it, with its number opened."""

    id: UUID
    case_id: UUID
    item: str
    number: str
    issuer: str
    issued_at: datetime
    paper: PaperSheet
    plan: SheetPlan
    ruled_on: date


def paper_of(row: SheetRow) -> PaperSheet:
    """The sheet of a row, as the core has it."""
    batch = None if row.batch is None else str(row.batch)
    state = SheetState(row.state)
    return PaperSheet(Sheet(row.sheet), row.newborn, row.step, row.holder, state, row.cut, batch)


def new_row(
    *, case_id: UUID, item: str, paper: PaperSheet, number: str, issued_at: datetime, on: date
) -> SheetRow:
    """A sheet that was just laid with its issuer; not yet saved."""
    row = SheetRow(
        id=new_id(),
        case_id=case_id,
        item=item,
        newborn=paper.newborn,
        sheet=paper.sheet.value,
        number_hash=crypto.blind_index("certificate", number),
        issuer=paper.holder,
        issued_at=issued_at,
        ruled_on=on,
        goes_to=paper.holder,
    )
    where = crypto.place("sheet", "sealed", row.id)
    row.sealed = crypto.seal_document(_key(), {"number": number}, where)
    set_paper(row, paper)
    return row


def set_paper(row: SheetRow, paper: PaperSheet) -> None:
    """The row says where the sheet is."""
    row.holder, row.state, row.cut, row.step = (
        paper.holder, paper.state.value, paper.cut, paper.step,
    )  # fmt: skip
    row.batch = None if paper.batch is None else UUID(paper.batch)


def set_plan(row: SheetRow, plan: SheetPlan, on: date) -> bool:
    """The row says what policy wants; whether that has changed."""
    new = (plan.rule, plan.to, plan.due_on)
    if new == (row.rule, row.goes_to, row.due_on):
        return False
    row.rule, row.goes_to, row.due_on = new
    row.ruled_on = on
    return True


def save(
    *, new: Sequence[SheetRow], changed: Sequence[SheetRow], steps: Sequence[CustodyEntry]
) -> None:
    """Write sheets and their steps; a few statements, whatever their number."""
    if new:
        SheetRow.objects.bulk_create(new)
    if changed:
        SheetRow.objects.bulk_update(changed, [*PLANNED, *MOVED])
    if steps:
        CustodyEntry.objects.bulk_create(steps)


def step_row(
    *, case_id: UUID, paper: PaperSheet, given_by: str, taken_by: str, at: datetime
) -> CustodyEntry:
    """One line of the ledger; not yet saved."""
    return CustodyEntry(
        case_id=case_id,
        newborn=paper.newborn,
        part=paper.sheet.value,
        step=paper.step,
        mark="cut" if paper.cut else "whole",
        holder=paper.holder,
        given_by=given_by,
        taken_by=taken_by,
        at=at,
        batch=paper.batch or "",
        state=paper.state.value,
    )


def rows_of(case_ids: Iterable[UUID]) -> list[SheetRow]:
    """The sheets of these cases as rows; one statement."""
    return list(SheetRow.objects.filter(case_id__in=list(case_ids)).order_by("id"))


def rows_by_id(sheet_ids: Iterable[UUID]) -> list[SheetRow]:
    """These sheets as rows, in the order in which they were laid."""
    return list(SheetRow.objects.filter(id__in=list(sheet_ids)).order_by("id"))


def sheets_of(case_id: UUID) -> list[SheetLine]:
    """Every sheet of one case."""
    return [line_of(row) for row in rows_of([case_id])]


def _key() -> crypto.Key:
    return crypto.installation_key("paper ledger")


def line_of(row: SheetRow) -> SheetLine:
    """A row with its number opened. Errors: SealBroken."""
    where = crypto.place("sheet", "sealed", row.id)
    document = cast(dict[str, Any], crypto.open_document(_key(), bytes(row.sealed), where))
    return SheetLine(
        row.id,
        row.case_id,
        row.item,
        str(document["number"]),
        row.issuer,
        row.issued_at,
        paper_of(row),
        SheetPlan(row.rule, row.goes_to, row.due_on),
        row.ruled_on,
    )


def case_numbers(lines: Iterable[SheetLine]) -> dict[UUID, str]:
    """The numbers of the cases that the sheets belong to; one statement."""
    ids = {line.case_id for line in lines}
    return dict(CaseRow.objects.filter(id__in=ids).values_list("id", "number"))


HERE = (SheetState.HELD.value, SheetState.MISSING.value, SheetState.LOST.value)
VIEWS: Mapping[str, Any] = {
    "here": lambda office, on: Q(holder=office, state=SheetState.HELD.value),
    "family": lambda office, on: Q(holder=office, state=SheetState.HELD.value, goes_to="family"),
    "due": lambda office, on: Q(
        holder=office, issuer=office, state=SheetState.HELD.value, due_on__lte=on
    ),
    "on_the_way": lambda office, on: (
        Q(state=SheetState.ON_THE_WAY.value) & (Q(issuer=office) | Q(holder=office))
    ),
    "gone": lambda office, on: (
        Q(holder=office, state__in=HERE[1:]) | Q(issuer=office, state__in=HERE[1:])
    ),
    "all": lambda office, on: Q(issuer=office) | Q(holder=office),
}
"""The lists of an office's ledger, by name."""


def sheets_in(
    *, office: str, view: str, on: date, after: UUID | None, limit: int
) -> list[SheetLine]:
    """One page of a list of an office's ledger, newest last laid first."""
    found = SheetRow.objects.filter(VIEWS[view](office, on))
    if after is not None:
        found = found.filter(id__lt=after)
    return [line_of(row) for row in found.order_by("-id")[:limit]]


def counts(*, office: str, on: date) -> dict[str, int]:
    """How many sheets each list has; one statement."""
    wanted = {name: Count("id", filter=make(office, on)) for name, make in VIEWS.items()}
    anywhere = Q(issuer=office) | Q(holder=office)
    return SheetRow.objects.filter(anywhere).aggregate(**wanted)


def sheets_with(*, number: str) -> list[SheetRow]:
    """The sheets that bear a number."""
    digest = crypto.blind_index("certificate", number)
    return list(SheetRow.objects.filter(number_hash=digest).order_by("id"))


def steps_of(line: SheetLine) -> list[CustodyEntry]:
    """The steps that a sheet has taken, in order."""
    found = CustodyEntry.objects.filter(
        case_id=line.case_id, newborn=line.paper.newborn, part=line.paper.sheet.value
    )
    return list(found.order_by("step"))


def issued_by(*, office: str, until: datetime) -> list[SheetLine]:
    """Every sheet that an office has issued until then, for its reconciliation."""
    rows = SheetRow.objects.filter(issuer=office, issued_at__lt=until).order_by("id")
    return [line_of(row) for row in rows.iterator(chunk_size=1000)]


@dataclass(frozen=True, slots=True)
class DueGroup:
    """到期去处: sheets of an office that go to one place, and the first day they are due."""

    goes_to: str
    sheets: int
    first_due: date


def due_groups(*, office: str, on: date) -> list[DueGroup]:
    """Where sheets that an office issued and holds must go by `on`, and are on no list yet."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT s.goes_to, count(*), min(s.due_on) FROM sheet s WHERE s.holder = %s"
            " AND s.state = 'held' AND s.due_on <= %s AND s.goes_to NOT IN ('family', s.holder)"
            " AND NOT EXISTS (SELECT FROM handover_line l JOIN handover_batch b"
            "  ON b.id = l.batch_id WHERE l.sheet_id = s.id AND b.state = 'drawn_up')"
            " GROUP BY s.goes_to ORDER BY min(s.due_on), s.goes_to",
            [office, on],
        )
        return [DueGroup(*row) for row in cursor.fetchall()]


def due_sheets(*, office: str, goes_to: str, on: date) -> list[SheetRow]:
    """The sheets of one group, locked until the transaction ends."""
    listed = HandoverLine.objects.filter(
        batch_id__in=HandoverBatch.objects.filter(from_office=office, state="drawn_up").values("id")
    )
    found = SheetRow.objects.select_for_update().filter(
        holder=office, state=SheetState.HELD.value, goes_to=goes_to, due_on__lte=on
    )
    return list(found.exclude(id__in=listed.values("sheet_id")).order_by("id"))


def on_a_list(sheet_ids: Iterable[UUID]) -> bool:
    """Whether any of the sheets stands on a list that was drawn up and not given."""
    lines = HandoverLine.objects.filter(sheet_id__in=list(sheet_ids))
    return HandoverBatch.objects.filter(id__in=lines.values("batch_id"), state="drawn_up").exists()


def draw_up(
    *, office: str, division: str, goes_to: str, sheets: Sequence[UUID], by: str, now: datetime,
    day: date,
) -> HandoverBatch:  # fmt: skip
    """Keep a list of sheets for one place."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('handover_number_sequence')")
        (sequence,) = cursor.fetchone()
    batch = HandoverBatch.objects.create(
        number=case_number(division, day, "J", sequence),
        from_office=office,
        goes_to=goes_to,
        sheets=len(sheets),
        drawn_up_by=by,
        drawn_up_at=now,
    )
    HandoverLine.objects.bulk_create(
        HandoverLine(batch_id=batch.id, sheet_id=sheet) for sheet in sheets
    )
    return batch


def lock_batch(batch_id: UUID) -> HandoverBatch | None:
    """A batch that nobody else changes until the transaction ends."""
    return HandoverBatch.objects.select_for_update().filter(pk=batch_id).first()


def batch(batch_id: UUID) -> HandoverBatch | None:
    """A batch; None when there is none."""
    return HandoverBatch.objects.filter(pk=batch_id).first()


def outcomes_of(batch_id: UUID) -> dict[UUID, str]:
    """Which sheets stand on a list, and what was found of each."""
    lines = HandoverLine.objects.filter(batch_id=batch_id).order_by("sheet_id")
    return {line.sheet_id: line.outcome for line in lines}


def set_outcomes(*, batch_id: UUID, outcomes: Mapping[UUID, str]) -> None:
    """What was found of each sheet; sheets that were on no list are added."""
    rows = [
        HandoverLine(batch_id=batch_id, sheet_id=sheet, outcome=outcome)
        for sheet, outcome in outcomes.items()
    ]
    HandoverLine.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["batch_id", "sheet_id"],
        update_fields=["outcome"],
    )


def batches_at(*, office: str, limit: int) -> list[HandoverBatch]:
    """The newest lists that an office gives or is to receive."""
    found = HandoverBatch.objects.filter(
        Q(from_office=office) | Q(goes_to=office, state__in=["given", "received"])
    )
    return list(found.order_by("-id")[:limit])


def all_batches() -> list[HandoverBatch]:
    """Every list, for whoever checks all of them."""
    return list(HandoverBatch.objects.order_by("id"))


def cases_with_paper() -> list[UUID]:
    """Every case that the ledger or the journal knows sheets of."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT case_id FROM sheet UNION SELECT case_id FROM custody"
            " UNION SELECT case_id FROM journal WHERE kind = 'paper_moved' ORDER BY 1"
        )
        return [identifier for (identifier,) in cursor.fetchall()]


def moves_told(case_ids: Sequence[UUID]) -> dict[UUID, list[Event]]:
    """What the journal tells of the sheets of these cases, in order."""
    found: dict[UUID, list[Event]] = {}
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {ENTRY_COLUMNS} FROM journal WHERE case_id = ANY (%s)"
            " AND kind = 'paper_moved' ORDER BY case_id, seq",
            [list(case_ids)],
        )
        for row in cursor.fetchall():
            entry = entry_of(row)
            found.setdefault(entry.case_id, []).append(entry.event)
    return found


def steps_in(case_ids: Sequence[UUID]) -> list[CustodyEntry]:
    """The ledger's lines about these cases."""
    return list(CustodyEntry.objects.filter(case_id__in=list(case_ids)).order_by("step"))

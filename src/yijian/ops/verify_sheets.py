"""核查纸质台账: whether sheets, their steps, their lists and the journal of their cases agree.

Every step of a sheet is an entry of its case; the ledger's lines and the sheet itself must tell the
same, and policy must send the sheet where the ledger says. Lists are compared with their books.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from uuid import UUID

from yijian.actions import contexts
from yijian.actions.paper_ledger import hands
from yijian.domain.cases import Case
from yijian.domain.custody import PaperSheet, history_faults, plan_of, sheet_told
from yijian.domain.events import Event
from yijian.ops.verify_papers import Fault
from yijian.records import books, cases
from yijian.records import custody as rows
from yijian.records.crypto import SealBroken
from yijian.records.custody import PaperRow, StepRow

CASES_AT_ONCE = 200
BATCH_STATES = {
    "batch_drawn_up": "drawn_up",
    "batch_cancelled": "cancelled",
    "batch_given": "given",
    "batch_received": "received",
}
Key = tuple[str, int, str]


def sheet_faults() -> Iterator[Fault]:
    """What is wrong with any sheet of paper, named by its case."""
    everything = rows.cases_with_paper()
    for first in range(0, len(everything), CASES_AT_ONCE):
        ids = everything[first : first + CASES_AT_ONCE]
        told = rows.moves_told(ids)
        sheets: dict[UUID, list[PaperRow]] = {}
        for row in rows.rows_of(ids):
            sheets.setdefault(row.case_id, []).append(row)
        steps: dict[UUID, list[StepRow]] = {}
        for entry in rows.steps_in(ids):
            steps.setdefault(entry.case_id, []).append(entry)
        known = _cases(ids)
        for case_id in ids:
            case = known.get(case_id)
            where = f"case {case.number if case else case_id}"
            for fault in _faults(
                told.get(case_id, []), sheets.get(case_id, []), steps.get(case_id, []), case
            ):
                yield where, fault


def _cases(ids: list[UUID]) -> dict[UUID, Case]:
    try:
        return {loaded.id: loaded.case for loaded in cases.read(ids=ids) if loaded.key is not None}
    except SealBroken:
        return {}  # The case itself is named by the check of cases.


def _faults(
    events: Sequence[Event],
    sheets: Sequence[PaperRow],
    steps: Sequence[StepRow],
    case: Case | None,
) -> Iterator[str]:
    told: dict[Key, list[tuple[PaperSheet, Event]]] = {}
    for event in events:
        try:
            paper = sheet_told(event)
        except (KeyError, ValueError) as unreadable:
            yield f"an entry that moves paper cannot be read: {unreadable!r}"
            return
        item, newborn = event.task or ("", 0)
        told.setdefault((item, newborn, paper.sheet.value), []).append((paper, event))
    kept = {(row.item, row.newborn, row.sheet): row for row in sheets}
    for key in sorted({*told, *kept}):
        name = f"sheet {key[2]}/{key[1]}"
        entries, row = told.get(key, []), kept.get(key)
        if row is None:
            yield f"{name} is told by the journal and the ledger does not have it"
            continue
        if not entries:
            yield f"{name} is in the ledger and the journal does not tell of it"
            continue
        for fault in history_faults([paper for paper, _ in entries]):
            yield f"{name}: {fault}"
        if rows.paper_of(row) != entries[-1][0]:
            last = entries[-1][0]
            yield (
                f"{name} is {row.state} at {row.holder} (step {row.step}), the journal tells"
                f" {last.state.value} at {last.holder} (step {last.step})"
            )
        mine = [s for s in steps if (s.newborn, s.part) == key[1:]]
        yield from (f"{name}: {fault}" for fault in _step_faults(entries, mine))
        if case is not None:
            yield from (f"{name}: {fault}" for fault in _plan_faults(row, case))


def _step_faults(
    entries: Sequence[tuple[PaperSheet, Event]], steps: Sequence[StepRow]
) -> Iterator[str]:
    """Where the ledger's own lines differ from the journal."""
    there = {step.step: step for step in steps}
    for paper, event in entries:
        line = there.pop(paper.step, None)
        given, taken = hands(paper, event)
        if line is None:
            yield f"line {paper.step} is missing in the ledger"
        elif (
            line.holder, line.state, line.mark, line.batch, line.at, line.given_by, line.taken_by,
        ) != (
            paper.holder, paper.state.value, "cut" if paper.cut else "whole", paper.batch or "",
            event.at, given, taken,
        ):  # fmt: skip
            yield f"line {paper.step} of the ledger was changed after it was written"
    for step in there:
        yield f"line {step} is in the ledger and the journal does not tell of it"


def _plan_faults(row: PaperRow, case: Case) -> Iterator[str]:
    try:
        context = contexts.context_of(case)
    except contexts.NoPackError:
        return  # Said by the check of cases.
    now: datetime = case.submitted_at or case.started_at
    values = context.filled(case, row.newborn, now)
    paper = rows.paper_of(row)
    plan = plan_of(paper.sheet, case, row.newborn, row.issuer, row.ruled_on, context, values)
    if (plan.rule, plan.to, plan.due_on) != (row.rule, row.goes_to, row.due_on):
        yield (
            f"goes to {row.goes_to} by {row.due_on} in the ledger, policy sends it to"
            f" {plan.to} by {plan.due_on}"
        )


def batch_faults() -> Iterator[Fault]:
    """Where a list differs from the book of the offices that gave and received it."""
    told: dict[str, tuple[int, str, object]] = {}
    for book in books.books():
        for entry in book.entries:
            state = BATCH_STATES.get(entry.kind)
            if state is None:
                continue
            body = entry.event_body
            order = list(BATCH_STATES.values()).index(state)
            known = told.get(str(body["batch"]), (-1, "", None))
            told[str(body["batch"])] = max(known, (order, state, body["goes_to"]), key=_order)
    for batch in rows.all_batches():
        _, state, goes_to = told.pop(str(batch.id), (-1, "unknown", None))
        if (batch.state, batch.goes_to) != (state, goes_to):
            yield (
                f"list {batch.number}",
                f"is {batch.state} to {batch.goes_to}, the books tell {state} to {goes_to}",
            )
    for identifier in told:
        yield f"list {identifier}", "is told by a book and is not kept"


def _order(told: tuple[int, str, object]) -> int:
    return told[0]

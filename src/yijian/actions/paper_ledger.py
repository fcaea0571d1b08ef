"""台账随办件而动: the rows of the paper ledger follow the events of every change, in its commit.

Nothing is decided here: sheets are laid down and moved by events of their case, and policy is asked
again where they go when an item has ended.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from yijian.actions.happened import Happened
from yijian.domain.clocks import local_day
from yijian.domain.custody import (
    PaperSheet,
    SheetState,
    has_sheets,
    number_given,
    plan_of,
    sheet_told,
)
from yijian.domain.events import Event, EventKind
from yijian.records import custody as rows
from yijian.records.models import CustodyEntry, SheetRow


def follow(happened: Sequence[Happened], now: datetime) -> None:
    """Sheets are laid down, moved, and sent elsewhere when an item has ended; in one commit."""
    papers = [each for each in happened if has_sheets(each.context.pack) and _concerns(each)]
    if not papers:
        return
    known: dict[str, list[SheetRow]] = {}
    for row in rows.rows_of(each.loaded.id for each in papers):
        known.setdefault(str(row.case_id), []).append(row)
    new: list[SheetRow] = []
    changed: list[SheetRow] = []
    steps: list[CustodyEntry] = []
    for each in papers:
        old = known.get(each.after.id, [])
        fresh, touched = _moved(each, old, steps)
        touched |= {row.id for row in (*old, *fresh) if _planned(each, row, now)}
        new += fresh
        changed += [row for row in old if row.id in touched]
    rows.save(new=new, changed=changed, steps=steps)


def _concerns(happened: Happened) -> bool:
    """Whether a sheet moved, or an item ended, which may send sheets elsewhere."""
    for event in happened.events:
        if event.kind is EventKind.PAPER_MOVED:
            return True
        if event.kind is EventKind.TASK_MOVED and event.task is not None:
            if happened.after.tasks[event.task].ended:
                return True
    return False


def _moved(
    happened: Happened, old: Iterable[SheetRow], steps: list[CustodyEntry]
) -> tuple[list[SheetRow], set[UUID]]:
    """The rows after the events of one case: the new ones, and which of the old have moved."""
    numbers = {
        event.task: given[1]
        for event in happened.events
        if (given := number_given(event, happened.context.pack))
    }
    at = {(row.item, row.newborn, row.sheet): row for row in old}
    fresh: list[SheetRow] = []
    touched: set[UUID] = set()
    for event in happened.events:
        if event.kind is not EventKind.PAPER_MOVED or event.task is None:
            continue
        paper = sheet_told(event)
        row = at.get((*event.task, paper.sheet.value))
        if row is None:
            row = rows.new_row(
                case_id=happened.loaded.id,
                item=event.task[0],
                paper=paper,
                number=numbers[event.task],
                issued_at=event.at,
                on=local_day(event.at),
            )
            fresh.append(row)
            at[row.item, row.newborn, row.sheet] = row
        else:
            rows.set_paper(row, paper)
            touched.add(row.id)
        steps.append(_step(happened.loaded.id, paper, event))
    return fresh, touched


def _step(case_id: UUID, paper: PaperSheet, event: Event) -> CustodyEntry:
    given_by, taken_by = hands(paper, event)
    return rows.step_row(
        case_id=case_id, paper=paper, given_by=given_by, taken_by=taken_by, at=event.at
    )


def hands(paper: PaperSheet, event: Event) -> tuple[str, str]:
    """Who gave a sheet and who took it in one step, as its event tells."""
    if paper.state is SheetState.HELD:
        return str(event.public.get("given_by", "")), event.by
    return str(event.public.get("given_by", event.by)), str(event.public.get("taken_by", ""))


def _planned(happened: Happened, row: SheetRow, now: datetime) -> bool:
    """Ask policy again where a sheet goes; whether the row has changed."""
    values = happened.context.filled(happened.after, row.newborn, now)
    paper, today = rows.paper_of(row), local_day(now)
    plan = plan_of(
        paper.sheet, happened.after, row.newborn, row.issuer, row.ruled_on,
        happened.context, values,
    )  # fmt: skip
    if plan.rule != row.rule and row.rule + plan.rule:
        plan = plan_of(
            paper.sheet, happened.after, row.newborn, row.issuer, today, happened.context, values
        )
        return rows.set_plan(row, plan, today)
    return rows.set_plan(row, plan, row.ruled_on)

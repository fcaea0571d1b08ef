"""纸质台账: what an office does with sheets of paper: cut, give away, lose, find.

Every step is an event of the sheet's case; the rows follow in `actions.paper_ledger`. Lists on
which many sheets change hands are in `actions.handovers`.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from yijian.actions import changes, contexts
from yijian.actions.number_stock import keeper
from yijian.domain.cases import Case, ParcelState
from yijian.domain.context import RefusedError
from yijian.domain.custody import (
    FAMILY,
    PaperSheet,
    SheetState,
    moved,
    scan_missing,
    stepped,
)
from yijian.domain.custody_rules import CustodyRule
from yijian.domain.events import Event, TaskKey
from yijian.domain.routing import Office
from yijian.domain.states import TaskState
from yijian.records import access
from yijian.records import cases as case_records
from yijian.records import custody as rows
from yijian.records.mapping import LoadedCase
from yijian.records.models import SheetRow

MOST_AT_ONCE = 500
PURPOSE = rows.PURPOSE
Step = Callable[[SheetRow, LoadedCase], PaperSheet]


def cut(*, by: Any, sheet_ids: Iterable[UUID], now: datetime) -> None:
    """Sheets are cut off. Errors: access.Refused, RefusedError `scan_first`."""

    def step(row: SheetRow, loaded: LoadedCase) -> PaperSheet:
        paper = rows.paper_of(row)
        if paper.cut:
            raise RefusedError("paper_step_not_allowed")
        check_scanned(row, loaded)
        return stepped(paper, SheetState.HELD, cut=True, batch=paper.batch)

    _move_own(by, sheet_ids, step, now)


def give_to_family(*, by: Any, sheet_ids: Iterable[UUID], now: datetime) -> None:
    """The family takes sheets away, or the courier does for it.

    Errors: access.Refused, RefusedError `not_for_the_family`, `on_a_list`, `scan_first`.
    """

    who, office = keeper(by)
    with transaction.atomic():
        found = _own(office, sheet_ids)
        if any(row.goes_to != FAMILY for row in found):
            raise RefusedError("not_for_the_family")
        if rows.on_a_list(row.id for row in found):
            raise RefusedError("on_a_list")
        move(found, _to_family(found), who.staff or who.user, now)


def leave_with_parcel(*, case_id: UUID, key: TaskKey, by: str, strict: bool, now: datetime) -> None:
    """What goes to the family leaves its issuer together with the parcel of the same certificate.

    With `strict` (somebody hands it over here) what may not leave yet is refused; otherwise it has
    left already, and a sheet that must not have stays in the ledger for the reconciliation to name.
    Errors: RefusedError `scan_first`, `on_a_list`.
    """
    found = [
        row
        for row in rows.rows_of([case_id])
        if (row.item, row.newborn, row.goes_to) == (*key, FAMILY)
        and (row.holder, row.state) == (row.issuer, SheetState.HELD.value)
    ]
    try:
        if rows.on_a_list(row.id for row in found):
            raise RefusedError("on_a_list")
        move(found, _to_family(found), by, now)
    except RefusedError:
        if strict:
            raise


def leave_when_said(case: Case, key: TaskKey, by: str, now: datetime) -> None:
    """The family has said that it holds a parcel: so it holds the sheets too."""
    parcel = case.parcels.get(key)
    if parcel is not None and parcel.state is ParcelState.DELIVERED:
        leave_with_parcel(case_id=UUID(case.id), key=key, by=by, strict=False, now=now)


def come_back_with_parcel(*, case_id: UUID, key: TaskKey, by: str, now: datetime) -> None:
    """A parcel was returned: what left with it lies with its issuer again."""
    found = [
        row
        for row in rows.rows_of([case_id])
        if (row.item, row.newborn, row.holder) == (*key, FAMILY)
        and row.state == SheetState.DELIVERED.value
    ]

    def step(row: SheetRow, _loaded: LoadedCase) -> PaperSheet:
        return stepped(rows.paper_of(row), SheetState.HELD, holder=row.issuer)

    move(found, step, by, now)


def _to_family(found: Sequence[SheetRow]) -> Step:
    """Sheets that leave for the family: cut off from what stays, unless policy says otherwise."""

    def step(row: SheetRow, loaded: LoadedCase) -> PaperSheet:
        check_scanned(row, loaded)
        together = [
            one for one in found if (one.case_id, one.newborn) == (row.case_id, row.newborn)
        ]
        rules = [rule_of(one, loaded) for one in together]
        whole = any(rule is not None and rule.cut is False for rule in rules)
        cut = None if whole else True
        return stepped(rows.paper_of(row), SheetState.DELIVERED, holder=FAMILY, cut=cut)

    return step


def report_lost(*, by: Any, sheet_ids: Iterable[UUID], now: datetime) -> None:
    """Sheets cannot be found. Errors: access.Refused, RefusedError."""
    _move_own(by, sheet_ids, _to(SheetState.LOST), now)


def report_found(*, by: Any, sheet_ids: Iterable[UUID], now: datetime) -> None:
    """Sheets that were lost, missing on receipt or returned are here. Errors: access.Refused."""
    who, office = keeper(by)
    with transaction.atomic():
        found = _own(office, sheet_ids, and_returned=True)

        def step(row: SheetRow, _loaded: LoadedCase) -> PaperSheet:
            paper = rows.paper_of(row)
            if paper.state in (SheetState.HELD, SheetState.ON_THE_WAY):
                raise RefusedError("paper_step_not_allowed")
            return stepped(paper, SheetState.HELD, holder=office.code, batch=paper.batch)

        move(found, step, who.staff or who.user, now)


def _to(state: SheetState) -> Step:
    def step(row: SheetRow, _loaded: LoadedCase) -> PaperSheet:
        return stepped(rows.paper_of(row), state)

    return step


def _move_own(by: Any, sheet_ids: Iterable[UUID], step: Step, now: datetime) -> None:
    who, office = keeper(by)
    with transaction.atomic():
        found = _own(office, sheet_ids)
        if rows.on_a_list(row.id for row in found):
            raise RefusedError("on_a_list")
        move(found, step, who.staff or who.user, now)


def _own(
    office: Office, sheet_ids: Iterable[UUID], *, and_returned: bool = False
) -> list[SheetRow]:
    """Sheets that lie with the office. Errors: access.Refused, RefusedError `too_many_sheets`."""
    wanted = set(sheet_ids)
    if len(wanted) > MOST_AT_ONCE:
        raise RefusedError("too_many_sheets")
    found = rows.rows_by_id(wanted)
    for row in found:
        back = and_returned and row.issuer == office.code and row.holder == FAMILY
        if row.holder != office.code and not back:
            raise access.Refused
    if not found or len(found) != len(wanted):
        raise access.Refused
    return found


def move(
    found: Sequence[SheetRow],
    step: Step,
    by: str,
    now: datetime,
    public: dict[str, object] | None = None,
) -> None:
    """Every sheet takes its step, all of them or none; the cases are locked first.

    Errors: RefusedError, also when a sheet moved before its case was locked.
    """
    if not found:
        return
    cases = {case.id: case for case in case_records.load(ids={row.case_id for row in found})}
    fresh = {row.id: row for row in rows.rows_by_id(row.id for row in found)}
    events: dict[UUID, list[Event]] = {}
    for row in found:
        if fresh[row.id].step != row.step:
            raise RefusedError("paper_step_not_allowed")
        paper = step(row, cases[row.case_id])
        event = moved(paper, (row.item, row.newborn), by, now)
        event = Event(
            event.kind, event.at, event.by, event.task, {**event.public, **(public or {})}
        )
        events.setdefault(row.case_id, []).append(event)
    changes.commit(
        [changes.Decided(cases[case_id], told) for case_id, told in events.items()], now=now
    )


def rule_of(row: SheetRow, loaded: LoadedCase) -> CustodyRule | None:
    """The rule that holds for a sheet, in its case's own policy."""
    pack = contexts.context_of(loaded.case).pack
    return next((rule for rule in pack.custody if rule.part == row.rule), None)


def check_scanned(row: SheetRow, loaded: LoadedCase) -> None:
    """The page is scanned whole before anything of it is cut off or given away."""
    rule = rule_of(row, loaded)
    wanted = rule.cut_after if rule else None
    task = next((key for key in loaded.case.tasks if _asks_for(loaded, key[0], wanted)), None)
    if task is None or loaded.case.tasks[task].state in NO_LONGER_SCANNED:
        return
    if scan_missing(loaded.case, wanted):
        raise RefusedError("scan_first")


def _asks_for(loaded: LoadedCase, item: str, material: str | None) -> bool:
    items = contexts.context_of(loaded.case).pack.items
    return item in items and any(one.id == material for one in items[item].materials)


NO_LONGER_SCANNED = frozenset(
    {TaskState.DECLINED, TaskState.REJECTED, TaskState.OFFLINE, TaskState.WITHDRAWN}
)
"""Where the item that needs the scan has ended without it, nothing waits for the scan."""

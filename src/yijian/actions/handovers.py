"""移交: lists on which many sheets go to one place, given by one office and received by another.

A list is drawn up of everything that is due, printed, given (in person or by post), and received
sheet by sheet; what is not there and what nobody expected is recorded, by name.
"""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from yijian.actions import contexts
from yijian.actions.custody import check_scanned, move, rule_of
from yijian.actions.number_stock import keeper
from yijian.domain.clocks import local_day
from yijian.domain.context import RefusedError
from yijian.domain.custody import OUTSIDE, PaperSheet, SheetState, stepped
from yijian.domain.custody_rules import Sheet
from yijian.domain.numbers import normal_id_number
from yijian.records import access, books
from yijian.records import custody as rows
from yijian.records.mapping import LoadedCase
from yijian.records.models import HandoverBatch, SheetRow

WAYS = ("in_person", "post")
LONGEST_TRACKING = 40
LONGEST_RECEIPT = 60


def draw_up(*, by: Any, goes_to: str, on: date, now: datetime) -> HandoverBatch:
    """A list of every sheet that must go to one place by `on`.

    Errors: access.Refused, RefusedError `nothing_due`.
    """
    who, office = keeper(by)
    with transaction.atomic():
        due = rows.due_sheets(office=office.code, goes_to=goes_to, on=on)
        if not due or goes_to in (office.code, "family"):
            raise RefusedError("nothing_due")
        batch = rows.draw_up(
            office=office.code, division=office.division, goes_to=goes_to,
            sheets=[row.id for row in due], by=who.staff or who.user, now=now, day=local_day(now),
        )  # fmt: skip
        _write(batch, office.code, "batch_drawn_up", {"sheets": len(due)}, who.staff, now)
        return batch


def cancel(*, by: Any, batch_id: UUID, now: datetime) -> None:
    """A list that was not given yet is not used. Errors: access.Refused, RefusedError."""
    who, office = keeper(by)
    with transaction.atomic():
        batch = _batch(batch_id, office.code, "drawn_up")
        batch.state = "cancelled"
        batch.save()
        _write(batch, office.code, "batch_cancelled", {}, who.staff, now)


def give(*, by: Any, batch_id: UUID, way: str, tracking: str, now: datetime) -> None:
    """All sheets of a list leave the house; what policy wants cut off is cut by now.

    Errors: access.Refused, RefusedError `batch_not_open`, `tracking_missing`.
    """
    who, office = keeper(by)
    with transaction.atomic():
        batch = _batch(batch_id, office.code, "drawn_up")
        number = "".join(tracking.split())[:LONGEST_TRACKING]
        if way not in WAYS or (way == "post" and not number):
            raise RefusedError("tracking_missing", "tracking")

        def step(row: SheetRow, loaded: LoadedCase) -> PaperSheet:
            check_scanned(row, loaded)
            rule = rule_of(row, loaded)
            return stepped(
                rows.paper_of(row),
                SheetState.ON_THE_WAY,
                holder=batch.goes_to,
                cut=None if rule is not None and rule.cut is False else True,
                batch=str(batch.id),
            )

        found = rows.rows_by_id(rows.outcomes_of(batch.id))
        move(found, step, who.staff or who.user, now)
        batch.state, batch.way, batch.tracking = "given", way, number if way == "post" else ""
        batch.given_by, batch.given_at = who.staff or who.user, now
        batch.save()
        body = {"way": way, "sheets": len(found)}
        _write(batch, office.code, "batch_given", body, who.staff, now)


def receives(batch: HandoverBatch, office: str) -> bool:
    """Whether the office confirms a list: where it goes to; the giver where nobody here can."""
    if batch.goes_to not in OUTSIDE:
        there = contexts.directory().office(batch.goes_to)
        if there is not None and there.channel == "desk":
            return office == batch.goes_to
    return office == batch.from_office


def receive(
    *,
    by: Any,
    batch_id: UUID,
    received: Iterable[UUID],
    also: Iterable[tuple[str, Sheet]] = (),
    receipt: str = "",
    now: datetime,
) -> Mapping[UUID, str]:
    """A list is confirmed sheet by sheet; the outcome of each sheet by its id.

    What is listed and not in `received` is missing. `also` are sheets that were in the parcel and
    on no list: they must be the giver's. For a place outside, the giver enters its `receipt`.

    Errors: access.Refused, RefusedError `batch_not_open`, `receipt_missing`, `sheet_unknown`.
    """
    who, office = keeper(by)
    with transaction.atomic():
        batch = _batch(batch_id, None, "given")
        if not receives(batch, office.code):
            raise access.Refused
        proof = " ".join(receipt.split())[:LONGEST_RECEIPT]
        if office.code == batch.from_office and not proof:
            raise RefusedError("receipt_missing", "receipt")
        listed = rows.outcomes_of(batch.id)
        there = set(received) & set(listed)
        extra = [_unlisted(number, sheet, batch) for number, sheet in also]
        arrived = SheetState.DELIVERED if batch.goes_to in OUTSIDE else SheetState.HELD

        def step(row: SheetRow, _loaded: LoadedCase) -> PaperSheet:
            state = arrived if row.id in there else SheetState.MISSING
            return stepped(rows.paper_of(row), state, batch=str(batch.id))

        taker = who.staff or who.user
        hands: dict[str, object] = {"given_by": batch.given_by, "taken_by": taker}
        move(rows.rows_by_id(listed), step, taker, now, hands)
        _move_extra(extra, batch, arrived, taker, now, hands)
        outcomes = {id: "received" if id in there else "missing" for id in listed}
        outcomes |= {row.id: "unexpected" for row in extra}
        rows.set_outcomes(batch_id=batch.id, outcomes=outcomes)
        batch.state, batch.receipt = "received", proof
        batch.received_by, batch.received_at = who.staff or who.user, now
        batch.save()
        counts = {word: list(outcomes.values()).count(word) for word in set(outcomes.values())}
        _write(batch, office.code, "batch_received", dict(counts), who.staff, now)
        return outcomes


def _unlisted(number: str, sheet: Sheet, batch: HandoverBatch) -> SheetRow:
    """A sheet that came without standing on the list; it must have lain with the giver."""
    for row in rows.sheets_with(number=normal_id_number(number)):
        if row.sheet == sheet.value and row.holder == batch.from_office:
            return row
    raise RefusedError("sheet_unknown", "also")


def _move_extra(
    extra: list[SheetRow],
    batch: HandoverBatch,
    arrived: SheetState,
    by: str,
    now: datetime,
    hands: dict[str, object],
) -> None:
    """It was on its way although no list said so, and is here."""
    if not extra:
        return

    def leaves(row: SheetRow, _loaded: LoadedCase) -> PaperSheet:
        return stepped(
            rows.paper_of(row), SheetState.ON_THE_WAY, holder=batch.goes_to, batch=str(batch.id)
        )

    def arrives(row: SheetRow, _loaded: LoadedCase) -> PaperSheet:
        return stepped(rows.paper_of(row), arrived, batch=str(batch.id))

    move(extra, leaves, by, now)
    move(rows.rows_by_id(row.id for row in extra), arrives, by, now, hands)


def _batch(batch_id: UUID, office: str | None, state: str) -> HandoverBatch:
    batch = rows.lock_batch(batch_id)
    if batch is None or (office is not None and batch.from_office != office):
        raise access.Refused
    if batch.state != state:
        raise RefusedError("batch_not_open")
    return batch


def _write(
    batch: HandoverBatch,
    office: str,
    kind: str,
    body: Mapping[str, object],
    by: str | None,
    now: datetime,
) -> None:
    line = {"batch": str(batch.id), "goes_to": batch.goes_to, **body}
    books.append(book=rows.book_of(office), lines=[(kind, line)], by=by or "system", now=now)

"""证号库存: numbers are taken in, allotted, accepted, issued, voided and lost, and every step is
written in the book of the office that takes it.

Issuing happens in the transaction that completes the task: `reserve` while a clerk's decision is
held, `take` when it becomes effective. An office that never accepted numbers is not checked.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction

from yijian.actions import contexts
from yijian.domain.cases import Case
from yijian.domain.context import Context, RefusedError
from yijian.domain.custody import CERTIFICATE_CHECK, number_given
from yijian.domain.events import Event
from yijian.domain.number_stock import (
    REFUSALS,
    Holder,
    NumberRange,
    NumberState,
    StockEventKind,
    StockRefusedError,
    check_allotment,
    check_second_person,
    check_step,
    check_taken_in,
    number_range,
)
from yijian.domain.numbers import birth_certificate_fault, normal_id_number
from yijian.domain.routing import Office
from yijian.records import access, books, people
from yijian.records import number_stock as rows
from yijian.records.identifiers import task_id
from yijian.records.people import StaffRole, Visitor

REASONS = ("misprint", "damaged", "wrong_stock", "found_again", "other")
"""Why numbers are voided, as the book says it."""
MOST_VOIDED_AT_ONCE = 200
RESERVED_LONGER = timedelta(minutes=1)
"""A held decision is applied by a worker, which may be a moment late."""


def issuing_kinds() -> frozenset[str]:
    """The kinds of office that issue birth certificates, as the packs of this node say."""
    return frozenset(
        item.office_kind
        for pack in contexts.packs()
        for item in pack.items.values()
        if any(field.check == CERTIFICATE_CHECK for field in item.results)
    )


def keeping_kinds() -> frozenset[str]:
    """The kinds of office through which numbers come down, as the packs of this node say."""
    return frozenset(kind for pack in contexts.packs() for kind in pack.number_keepers)


def holder_of(office: Office) -> Holder:
    """The office as somebody who holds numbers."""
    return Holder(office.code, office.division, office.kind in issuing_kinds())


def below(office: Office) -> list[Office]:
    """The offices to which an office may allot numbers: of its own kind, and institutions."""
    giver, kinds = holder_of(office), issuing_kinds() | keeping_kinds()
    return [
        one
        for one in contexts.directory().offices
        if one.kind in kinds and one.code != office.code and giver.is_above(holder_of(one))
    ]


def _above(office: Office) -> list[Office]:
    """The offices of the same kind above this one; for an institution, whoever holds numbers."""
    taker = holder_of(office)
    others = [one for one in contexts.directory().offices if holder_of(one).is_above(taker)]
    if taker.institution:
        held = {run.holder for run in rows.all_runs()}
        return [one for one in others if one.code in held]
    return [one for one in others if one.kind == office.kind]


def may_take_in(office: Office) -> bool:
    """Whether numbers come to this office from outside: nobody here stands above it."""
    return not _above(office)


def keeper(by: Any) -> tuple[Visitor, Office]:
    """Who keeps numbers and sheets, and for which office. Errors: access.Refused."""
    who = people.visitor(by)
    office = contexts.directory().office(who.office or "")
    if office is None or who.staff is None or not who.works_as(StaffRole.STOCK):
        raise access.Refused
    return who, office


def take_in(*, by: Any, first: str, last: str, now: datetime) -> str:
    """A run comes from outside the node to an office that nobody here stands above.

    Errors: access.Refused, StockRefusedError (also `range_from_above`).
    """
    with transaction.atomic():
        who, office = keeper(by)
        if _above(office):
            raise StockRefusedError("range_from_above")
        run = number_range(first, last)
        holder = holder_of(office)
        check_taken_in(run, holder, rows.runs_taken_in())
        return taken_in(run, office, who.staff or who.user, now)


def taken_in(run: NumberRange, office: Office, by: str, now: datetime) -> str:
    identifier = _added(office.code, run, None, True, now)
    body = {"range": identifier, "first": run.first_number, "last": run.last_number}
    _write(office.code, StockEventKind.RANGE_TAKEN_IN, body, by, now)
    if holder_of(office).institution:
        _lay(identifier, [], now)
    return identifier


def allot(*, by: Any, parent: str, to: str, first: str, last: str, now: datetime) -> str:
    """Part of a run goes to an office below; it counts there once that office has accepted it.

    Errors: access.Refused, StockRefusedError.
    """
    with transaction.atomic():
        who, office = keeper(by)
        target = contexts.directory().office(to)
        if target is None or target not in below(office):
            raise StockRefusedError("not_below")
        run = number_range(first, last)
        return allotted(run, parent, office, target, who.staff or who.user, now)


def allotted(
    run: NumberRange, parent: str, office: Office, target: Office, by: str, now: datetime
) -> str:
    above = rows.lock_run(parent)
    if above is None or above.holder != office.code:
        raise access.Refused
    children = rows.runs_from(parents=[parent])
    check_allotment(run, above, holder_of(office), holder_of(target), children)
    identifier = _added(target.code, run, parent, False, now)
    body = {
        "range": identifier,
        "parent": parent,
        "to": target.code,
        "first": run.first_number,
        "last": run.last_number,
    }
    _write(office.code, StockEventKind.RANGE_ALLOTTED, body, by, now)
    return identifier


def accept(*, by: Any, run: str, missing: Sequence[str] = (), now: datetime) -> None:
    """The office has counted the sheets of a run; what is not there is lost from the beginning.

    Errors: access.Refused, StockRefusedError `already_accepted`, `number_format`, `range_outside`.
    """
    with transaction.atomic():
        who, office = keeper(by)
        accepted(run, office, missing, who.staff or who.user, now)


def accepted(run: str, office: Office, missing: Sequence[str], by: str, now: datetime) -> None:
    allotment = rows.lock_run(run)
    if allotment is None or allotment.holder != office.code:
        raise access.Refused
    if allotment.accepted:
        raise StockRefusedError("already_accepted")
    lost = _numbers(missing)
    for number in lost:
        if not allotment.run.holds(number):
            raise StockRefusedError("range_outside", number)
    if lost and not holder_of(office).institution:
        raise StockRefusedError("only_an_institution_counts")
    rows.set_accepted(run=run, now=now)
    _write(office.code, StockEventKind.RANGE_ACCEPTED, {"range": run, "lost": lost}, by, now)
    if holder_of(office).institution:
        _lay(run, lost, now)


def _added(holder: str, run: NumberRange, parent: str | None, accepted: bool, now: datetime) -> str:
    try:
        with transaction.atomic():
            return rows.add_run(holder=holder, run=run, parent=parent, accepted=accepted, now=now)
    except IntegrityError:
        raise StockRefusedError("range_overlaps", str(run)) from None


def _lay(run: str, lost: Sequence[str], now: datetime) -> None:
    allotment = rows.lock_run(run)
    assert allotment is not None
    rows.lay_blanks(allotment=allotment, lost=lost, now=now)


def propose_void(*, by: Any, numbers: Sequence[str], reason: str, now: datetime) -> UUID:
    """One person wants numbers voided; until a second one has decided nobody can issue them.

    Errors: access.Refused, StockRefusedError.
    """
    with transaction.atomic():
        who, office = keeper(by)
        listed = _numbers(numbers)
        if not listed or reason not in REASONS:
            raise StockRefusedError("nothing_to_void")
        if len(listed) > MOST_VOIDED_AT_ONCE:
            raise StockRefusedError("too_many_numbers")
        for number, blank in _own(office.code, listed).items():
            check_step(number, blank.state, NumberState.VOID)
            if blank.void_request is not None:
                raise StockRefusedError("number_to_be_void", number)
            if blank.until is not None and blank.until >= now:
                raise StockRefusedError("number_reserved", number)
        staff = who.staff or who.user
        request = rows.ask_void(
            office=office.code, reason=reason, numbers=listed, by=staff, now=now
        )
        body = {"void": str(request), "reason": reason, "numbers": listed}
        _write(office.code, StockEventKind.VOID_PROPOSED, body, staff, now)
        return request


def settle_void(*, by: Any, request: UUID, confirmed: bool, now: datetime) -> None:
    """A second person confirms; or somebody, the first one too, withdraws the request.

    Errors: access.Refused, StockRefusedError `second_person_needed`.
    """
    with transaction.atomic():
        who, office = keeper(by)
        asked = rows.lock_void(request)
        if asked is None or asked.office != office.code:
            raise access.Refused
        staff = who.staff or who.user
        body: dict[str, object] = {"void": str(request)}
        if not confirmed:
            rows.settle_void(request=request, state="withdrawn", by=staff, now=now)
            _write(office.code, StockEventKind.VOID_WITHDRAWN, body, staff, now)
            return
        check_second_person(asked.proposed_by, staff)
        for number, blank in _own(office.code, list(asked.numbers)).items():
            check_step(number, blank.state, NumberState.VOID)
        rows.settle_void(request=request, state="confirmed", by=staff, now=now)
        rows.set_state(numbers=asked.numbers, to=NumberState.VOID, now=now)
        body |= {"numbers": list(asked.numbers), "proposed_by": asked.proposed_by}
        _write(office.code, StockEventKind.NUMBERS_VOIDED, body, staff, now)


def report_lost(*, by: Any, numbers: Sequence[str], now: datetime) -> None:
    """Sheets cannot be found. Found again, their numbers can only be voided.

    Errors: access.Refused, StockRefusedError.
    """
    with transaction.atomic():
        who, office = keeper(by)
        listed = _numbers(numbers)
        if not listed:
            raise StockRefusedError("nothing_to_void")
        if len(listed) > MOST_VOIDED_AT_ONCE:
            raise StockRefusedError("too_many_numbers")
        for number, blank in _own(office.code, listed).items():
            check_step(number, blank.state, NumberState.LOST)
            if blank.void_request is not None:
                raise StockRefusedError("number_to_be_void", number)
        rows.set_state(numbers=listed, to=NumberState.LOST, now=now)
        body = {"numbers": listed, "lost": listed}
        _write(office.code, StockEventKind.NUMBERS_LOST, body, who.staff or who.user, now)


def _own(office: str, numbers: Sequence[str]) -> dict[str, rows.Blank]:
    """The office's own numbers, locked. Errors: StockRefusedError `number_not_in_stock`."""
    known = rows.lock_blanks(numbers)
    for number in numbers:
        if number not in known or known[number].holder != office:
            raise StockRefusedError("number_not_in_stock", number)
    return known


def _numbers(typed: Iterable[str]) -> list[str]:
    """The numbers as they are kept, each once. Errors: StockRefusedError `number_format`."""
    found = list(dict.fromkeys(normal_id_number(one) for one in typed if one.strip()))
    for number in found:
        if birth_certificate_fault(number) is not None:
            raise StockRefusedError("number_format", number[:20])
    return found


def _write(
    office: str, kind: StockEventKind, body: Mapping[str, object], by: str, now: datetime
) -> None:
    books.append(book=rows.book_of(office), lines=[(kind.value, body)], by=by, now=now)


def reserve(
    events: Iterable[Event], case: Case, context: Context, *, until: datetime, now: datetime
) -> None:
    """Check the numbers that held events give, and keep them from everybody else meanwhile.

    Errors: RefusedError `number_not_in_stock`, `number_of_another`, `number_used`, `number_void`,
    `number_lost`, `number_to_be_void`, `number_reserved`, with the result field.
    """
    for number, task in _checked(events, case, context, now):
        rows.reserve(number=number, task=task, until=until + RESERVED_LONGER)


def take(events: Iterable[Event], case: Case, context: Context, *, now: datetime) -> None:
    """Issue exactly the numbers that the events give. Errors: as `reserve`."""
    for number, _task in _checked(events, case, context, now):
        rows.set_state(numbers=[number], to=NumberState.ISSUED, now=now)


def _checked(
    events: Iterable[Event], case: Case, context: Context, now: datetime
) -> Iterable[tuple[str, UUID]]:
    for event in events:
        given = number_given(event, context.pack)
        if given is None or event.task is None:
            continue
        field, number = given
        task = task_id(case.id, event.task)
        if _check_blank(number, field, task, case.tasks[event.task].office or "", now):
            yield number, task


def _check_blank(number: str, field: str, task: UUID, office: str, now: datetime) -> bool:
    """Whether the number is taken from a shelf of this node; False where no stock is kept."""
    blank = rows.lock_blanks([number]).get(number)
    if blank is None:
        if rows.keeps_stock(office):
            raise RefusedError("number_not_in_stock", field)
        if rows.in_a_run(number):
            raise RefusedError("number_of_another", field)
        return False
    if blank.holder != office:
        raise RefusedError("number_of_another", field)
    if blank.state is not NumberState.IN_STOCK:
        raise RefusedError(REFUSALS[blank.state], field)
    if blank.void_request is not None:
        raise RefusedError("number_to_be_void", field)
    if blank.task not in (None, task) and blank.until is not None and blank.until >= now:
        raise RefusedError("number_reserved", field)
    return True

"""证号库存 as rows: runs of numbers and single numbers, read and written as the core's values."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection
from django.db.models import Count, Q

from yijian.domain.number_stock import Allotment, NumberRange, NumberState
from yijian.records import crypto
from yijian.records.identifiers import new_id
from yijian.records.models import BlankNumber, NumberRangeRow, SheetRow, VoidRequest

MOST_NUMBERS_AT_ONCE = 1000


def book_of(office: str) -> str:
    """The name of an office's stock book."""
    return f"stock:{office}"


def _allotment(row: NumberRangeRow) -> Allotment:
    run = NumberRange(row.prefix, row.first, row.last)
    parent = None if row.parent is None else str(row.parent)
    return Allotment(str(row.id), row.holder, run, parent, row.accepted_at is not None)


def runs_of(*, office: str) -> list[Allotment]:
    """The runs that lie with an office, accepted or not, in the order of their numbers."""
    rows = NumberRangeRow.objects.filter(holder=office).order_by("prefix", "first")
    return [_allotment(row) for row in rows]


def runs_from(*, parents: Iterable[str], locking: bool = False) -> list[Allotment]:
    """What was allotted from these runs, in the order of the numbers."""
    found = NumberRangeRow.objects.filter(parent__in=list(parents)).order_by("prefix", "first")
    return [_allotment(row) for row in (found.select_for_update() if locking else found)]


def all_runs() -> list[Allotment]:
    """Every run of the node, with its parent."""
    return [_allotment(row) for row in NumberRangeRow.objects.order_by("depth", "prefix", "first")]


def runs_taken_in() -> list[Allotment]:
    """The runs that came from outside the node."""
    rows = NumberRangeRow.objects.filter(parent__isnull=True)
    return [_allotment(row) for row in rows]


def lock_run(run: str) -> Allotment | None:
    """A run that nobody else allots from or accepts until the transaction ends."""
    row = NumberRangeRow.objects.select_for_update().filter(pk=run).first()
    return _allotment(row) if row else None


def add_run(
    *, holder: str, run: NumberRange, parent: str | None, accepted: bool, now: datetime
) -> str:
    """Keep a run; its identifier. Errors: IntegrityError when it overlaps another of its depth."""
    above = NumberRangeRow.objects.filter(pk=parent).first() if parent else None
    row = NumberRangeRow.objects.create(
        id=new_id(),
        holder=holder,
        parent=above.id if above else None,
        depth=above.depth + 1 if above else 0,
        prefix=run.prefix,
        first=run.first,
        last=run.last,
        allotted_at=now,
        accepted_at=now if accepted else None,
    )
    return str(row.id)


def set_accepted(*, run: str, now: datetime) -> None:
    """The run counts as its holder's from now on."""
    NumberRangeRow.objects.filter(pk=run).update(accepted_at=now)


def lay_blanks(*, allotment: Allotment, lost: Sequence[str], now: datetime) -> None:
    """Every number of an accepted run lies on the institution's shelf; the lost ones do not."""
    run = allotment.run
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO blank_number (number, holder, run, state, changed_at)"
            " SELECT n.number, %s, %s, CASE WHEN n.number = ANY (%s) THEN %s ELSE %s END, %s FROM"
            " (SELECT %s || lpad(serial::text, 7, '0') AS number"
            " FROM generate_series(%s::int, %s::int) AS serial) AS n",
            [
                allotment.holder, UUID(allotment.id), list(lost), NumberState.LOST.value,
                NumberState.IN_STOCK.value, now, run.prefix, run.first, run.last,
            ],
        )  # fmt: skip


def keeps_stock(office: str) -> bool:
    """Whether numbers were ever accepted by this office."""
    return NumberRangeRow.objects.filter(holder=office, accepted_at__isnull=False).exists()


def in_a_run(number: str) -> bool:
    """Whether the number lies in any run of this node."""
    return NumberRangeRow.objects.filter(
        prefix=number[:3], first__lte=int(number[3:]), last__gte=int(number[3:])
    ).exists()


@dataclass(frozen=True, slots=True)
class Blank:
    """One number as it stands; `task` is whom it is reserved for, and until when."""

    number: str
    holder: str
    state: NumberState
    task: UUID | None
    until: datetime | None
    void_request: UUID | None


def lock_blanks(numbers: Sequence[str]) -> dict[str, Blank]:
    """The numbers that are known, locked until the transaction ends, always in one order."""
    found = BlankNumber.objects.select_for_update().filter(number__in=numbers).order_by("number")
    return {
        row.number: Blank(
            row.number,
            row.holder,
            NumberState(row.state),
            row.reserved_for,
            row.reserved_until,
            row.void_request,
        )
        for row in found
    }


def set_state(*, numbers: Iterable[str], to: NumberState, now: datetime) -> None:
    """The numbers have become something; nothing is reserved or asked for them any more."""
    BlankNumber.objects.filter(number__in=list(numbers)).update(
        state=to.value, changed_at=now, reserved_for=None, reserved_until=None, void_request=None
    )


def reserve(*, number: str, task: UUID, until: datetime) -> None:
    """Nobody else is given the number until then."""
    BlankNumber.objects.filter(pk=number).update(reserved_for=task, reserved_until=until)


def next_number(*, office: str, task: UUID | None, now: datetime) -> str | None:
    """The lowest number in stock that is not reserved for another task; None without any."""
    free = Q(reserved_for=task) | Q(reserved_until__isnull=True) | Q(reserved_until__lt=now)
    found = BlankNumber.objects.filter(
        free, holder=office, state=NumberState.IN_STOCK.value, void_request__isnull=True
    )
    return found.order_by("number").values_list("number", flat=True).first()


def states_of(*, office: str) -> dict[str, NumberState]:
    """Every number on an institution's shelf, and what has become of it."""
    rows = BlankNumber.objects.filter(holder=office).values_list("number", "state")
    return {number: NumberState(state) for number, state in rows}


def in_stock_counts(*, offices: Iterable[str]) -> dict[str, int]:
    """How many numbers are still in stock, by institution; one statement."""
    rows = (
        BlankNumber.objects.filter(holder__in=list(offices), state=NumberState.IN_STOCK.value)
        .values_list("holder")
        .annotate(Count("number"))
    )
    return dict(rows)


@dataclass(frozen=True, slots=True)
class VoidLine:
    """作废申请: what one person wants voided, and why."""

    id: UUID
    office: str
    reason: str
    numbers: tuple[str, ...]
    proposed_by: str
    proposed_at: datetime


def ask_void(*, office: str, reason: str, numbers: Sequence[str], by: str, now: datetime) -> UUID:
    """Keep a request to void; its numbers cannot be issued meanwhile."""
    row = VoidRequest.objects.create(
        id=new_id(),
        office=office,
        reason=reason,
        numbers=list(numbers),
        proposed_by=by,
        proposed_at=now,
    )
    BlankNumber.objects.filter(number__in=list(numbers)).update(void_request=row.id)
    return row.id


def open_voids(*, office: str) -> list[VoidLine]:
    """The requests that wait for a second person."""
    rows = VoidRequest.objects.filter(office=office, state="open").order_by("id")
    return [_void(row) for row in rows]


def lock_void(request: UUID) -> VoidLine | None:
    """A request that is still open, locked until the transaction ends."""
    row = VoidRequest.objects.select_for_update().filter(pk=request, state="open").first()
    return _void(row) if row else None


def settle_void(*, request: UUID, state: str, by: str, now: datetime) -> None:
    """The request was confirmed or withdrawn."""
    VoidRequest.objects.filter(pk=request).update(state=state, settled_by=by, settled_at=now)
    if state == "withdrawn":
        BlankNumber.objects.filter(void_request=request).update(void_request=None)


def _void(row: VoidRequest) -> VoidLine:
    numbers = tuple(str(number) for number in row.numbers)
    return VoidLine(row.id, row.office, row.reason, numbers, row.proposed_by, row.proposed_at)


def numbers_without_sheets(numbers: Iterable[str]) -> list[str]:
    """Those of the numbers for which the ledger has no sheet at all."""
    digests = {crypto.blind_index("certificate", number): number for number in numbers}
    known = SheetRow.objects.filter(number_hash__in=list(digests)).values_list(
        "number_hash", flat=True
    )
    there = {bytes(digest) for digest in known}
    return sorted(number for digest, number in digests.items() if digest not in there)


def blanks_by_holder() -> Mapping[str, dict[str, NumberState]]:
    """Every single number of the node by its holder, for whoever checks all of it."""
    found: dict[str, dict[str, NumberState]] = {}
    rows = BlankNumber.objects.order_by("number").values_list("holder", "number", "state")
    for holder, number, state in rows.iterator(chunk_size=MOST_NUMBERS_AT_ONCE):
        found.setdefault(holder, {})[number] = NumberState(state)
    return found

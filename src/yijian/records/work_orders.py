"""工单: orders and their steps. Words, names and phones are sealed with the order.

An order of a case is sealed with the case's key and goes with it; one of somebody without a case is
sealed with a key of the installation.
"""

# ruff: noqa: S608 (statements are put together from constants; values travel beside them)

import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any, cast
from uuid import UUID, uuid4

from django.db import connection
from django.db.models import Q

from yijian.domain.clocks import local_day
from yijian.domain.work_orders import OrderKind, OrderState, WorkOrder
from yijian.records import crypto
from yijian.records.identifiers import new_id
from yijian.records.models import CaseRow, Staff, WorkOrderRow, WorkOrderStep
from yijian.records.senders import sender_hash

PURPOSE = "work_order"
CODE_LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
CODE_LENGTH = 10
OPEN = tuple(state.value for state in OrderState if state is not OrderState.CLOSED)
PAGE_LIMIT, AT_ONCE = 100, 1_000


@dataclass(frozen=True, slots=True)
class OrderStepLine:
    """工单记录的一行: one step that was taken, with its note."""

    at: datetime
    by: str
    step: str
    after: str
    office: str
    note: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class OrderLine:
    """工单的一行: an order as a worklist shows it, nothing personal."""

    id: UUID
    number: str
    kind: str
    state: str
    item: str
    about: str
    handler: str
    opened_at: datetime
    assign_due_at: datetime
    due_at: datetime
    extended: bool
    answered_at: datetime | None
    closed_at: datetime | None


COLUMNS = ", ".join(each.name for each in fields(OrderLine))


@dataclass(frozen=True, slots=True)
class Opened:
    """工单全文: an order as its row, what decisions stand on, and its words."""

    row: WorkOrderRow
    order: WorkOrder
    words: Mapping[str, str] = field(repr=False)
    key: crypto.Key | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class NewOrder:
    """新工单: what an order begins with; `words` is what gets sealed."""

    order: WorkOrder
    channel: str
    words: Mapping[str, str] = field(repr=False)
    division: str = ""
    case_id: UUID | None = None
    rating_id: UUID | None = None
    item: str = ""
    newborn: int = 0
    clause: str = ""
    reasons: Sequence[str] = ()
    named: bool = False
    phone: str = field(default="", repr=False)
    sender: str = field(default="", repr=False)
    with_code: bool = False


def create(*, new: NewOrder, key: crypto.Key | None, by: str) -> tuple[WorkOrderRow, str]:
    """The new order, and the code with which its author opens it ("" for one with an account)."""
    identifier = uuid4()  # Random: the rated office reads it and must not read the moment off it.
    code = (
        "".join(secrets.choice(CODE_LETTERS) for _ in range(CODE_LENGTH)) if new.with_code else ""
    )
    day = local_day(new.order.opened_at)
    row = WorkOrderRow(
        id=identifier,
        number=f"{day:%Y%m%d}{secrets.randbelow(10**8):08d}",
        kind=new.order.kind.value,
        state=new.order.state.value,
        channel=new.channel,
        case_id=new.case_id,
        rating_id=new.rating_id,
        item=new.item,
        newborn=new.newborn,
        about=new.order.about,
        division=new.division,
        clause=new.clause,
        reasons=list(new.reasons),
        named=new.named,
        opened_at=new.order.opened_at,
        assign_due_at=new.order.assign_due_at,
        due_at=new.order.due_at,
        code_hash=_code_hash(identifier, code) if code else None,
        phone_hash=crypto.blind_index("phone", new.phone) if new.phone else None,
        sender_hash=sender_hash(new.sender, new.order.opened_at) if new.sender else None,
        sealed=_sealed(key, identifier, new.words),
    )
    row.save(force_insert=True)
    _note(row, key, by, "open", "", new.order.opened_at, "", 1)
    return row, code


def one(*, order_id: UUID, locking: bool = False) -> Opened | None:
    """One order with its words; None when there is none."""
    found = WorkOrderRow.objects.select_for_update() if locking else WorkOrderRow.objects
    row = found.filter(pk=order_id).first()
    return None if row is None else _opened(row, key_of(row.case_id))


def by_code(*, number: str, code: str) -> Opened | None:
    """The order of somebody without an account; None for a wrong number or code alike."""
    row = WorkOrderRow.objects.filter(number=number, code_hash__isnull=False).first()
    given = _code_hash(row.id if row else UUID(int=0), code)
    if row is None or not secrets.compare_digest(bytes(row.code_hash or b""), given):
        return None
    return _opened(row, key_of(row.case_id))


def of_rating(*, rating_id: UUID, locking: bool = False) -> Opened | None:
    """The order that a bad rating has opened; None for a rating that was not bad."""
    rows = WorkOrderRow.objects.select_for_update() if locking else WorkOrderRow.objects
    row = rows.filter(rating_id=rating_id).first()
    return None if row is None else _opened(row, key_of(row.case_id))


def of_case(*, case_id: UUID) -> list[Opened]:
    """The orders of a case, newest first."""
    return _opened_all(
        list(WorkOrderRow.objects.filter(case_id=case_id).order_by("-opened_at", "-id")[:50])
    )


def save_step(
    *, found: Opened, changed: Mapping[str, Any], words: Mapping[str, str], by: str, step: str,
    note: str, now: datetime,
) -> None:  # fmt: skip
    """Write what a step has made of a locked order, and the step beside it.

    Of a forgotten case only a step without words can be written; the order's own stay unreadable.
    """
    row, before = found.row, found.row.state
    for name, value in changed.items():
        setattr(row, name, value)
    row.version += 1
    if found.key is not None or any(words.values()):
        row.sealed = _sealed(found.key, row.id, {**found.words, **words})
    row.save()
    taken = WorkOrderStep.objects.filter(order_id=row.id).count()
    _note(row, found.key, by, step, before, now, note, taken + 1)


def steps_of(found: Opened) -> list[OrderStepLine]:
    """Every step of an order, in order, with its notes."""
    lines = []
    for row in WorkOrderStep.objects.filter(order_id=found.row.id).order_by("seq"):
        note = ""
        if row.sealed is not None and found.key is not None:
            where = crypto.place("work_order_step", "sealed", row.id)
            note = str(crypto.open_document(found.key, bytes(row.sealed), where))
        lines.append(OrderStepLine(row.at, row.by, row.step, row.after, row.office, note))
    return lines


def worklist(
    *,
    states: Sequence[str],
    handler: str | None = None,
    kind: str = "",
    after: tuple[datetime, UUID] | None = None,
    limit: int = 50,
) -> tuple[list[OrderLine], tuple[datetime, UUID] | None]:
    """Orders by deadline, and where the next page begins; those of one handler when named."""
    size = max(1, min(limit, PAGE_LIMIT))
    where: list[str] = ["state = ANY (%s)"]
    values: list[list[str] | str | int | datetime | UUID] = [list(states)]
    if list(states) != ["closed"]:
        where.append("state <> 'closed'")
    for condition, value in (("handler = %s", handler), ("kind = %s", kind or None)):
        if value is not None:
            where.append(condition)
            values.append(value)
    if after is not None:
        where.append("(due_at, id) > (%s, %s)")
        values += after
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {COLUMNS} FROM work_order WHERE {' AND '.join(where)}"
            " ORDER BY due_at, id LIMIT %s",
            [*values, size + 1],
        )
        found = [OrderLine(*row) for row in cursor.fetchall()]
    more = len(found) > size
    return found[:size], (found[size - 1].due_at, found[size - 1].id) if more else None


def open_counts(*, handler: str | None, now: datetime) -> dict[str, int]:
    """How many open orders stand in each state, and how many are `late`."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT state, count(*), count(*) FILTER (WHERE answered_at IS NULL AND"
            " (due_at <= %s OR (state = 'new' AND assign_due_at <= %s))) FROM work_order"
            " WHERE state <> 'closed' AND (%s::text IS NULL OR handler = %s) GROUP BY 1",
            [now, now, handler, handler],
        )
        rows = cursor.fetchall()
    return {state: count for state, count, _ in rows} | {"late": sum(late for *_, late in rows)}


def one_at_a_time(*, phone: str, sender: str, now: datetime) -> None:
    """Until the transaction ends nobody else speaks up from this phone or from this sender.

    Those who give neither wait for each other. Otherwise many at once would all be counted as few.
    """
    digests = [
        crypto.blind_index("phone", phone) if phone else b"",
        sender_hash(sender, now) if sender else b"",
    ]
    numbers = [int.from_bytes(each[:4], "big", signed=True) for each in digests if each] or [0]
    with connection.cursor() as cursor:
        for number in sorted(numbers):
            cursor.execute("SELECT pg_advisory_xact_lock(hashtext('yijian orders'), %s)", [number])


def unknown_since(*, since: datetime) -> int:
    """How many orders have come since then from people without account, phone or sender."""
    return WorkOrderRow.objects.filter(
        opened_at__gt=since,
        case_id__isnull=True,
        phone_hash__isnull=True,
        sender_hash__isnull=True,
    ).count()


def forget_senders(*, before: datetime) -> int:
    """Forget from which network addresses orders older than that have come; how many."""
    known = WorkOrderRow.objects.filter(sender_hash__isnull=False, opened_at__lt=before)
    return known.update(sender_hash=None)


def recent(*, phone: str, sender: str, since: datetime, now: datetime) -> tuple[int, int]:
    """How many orders have come from this phone and from this sender since then."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT (SELECT count(*) FROM work_order WHERE phone_hash = %s AND opened_at >= %s),"
            " (SELECT count(*) FROM work_order WHERE sender_hash = %s AND opened_at >= %s)",
            [
                crypto.blind_index("phone", phone) if phone else b"",
                since,
                sender_hash(sender, now) if sender else b"",
                since,
            ],
        )
        from_phone, from_sender = cursor.fetchone()
    return int(from_phone), int(from_sender)


def supervised() -> frozenset[str]:
    """The offices at which somebody is appointed who can answer an order."""
    found = Staff.objects.filter(active=True, roles__contains=["supervisor"])
    return frozenset(found.values_list("office_id", flat=True))


def closed_by(*, since: datetime, until: datetime) -> list[tuple[str, str, str, int, int, int]]:
    """Orders opened in a period: kind, handler, outcome, how many, answered, answered in time."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT kind, handler, outcome, count(*), count(answered_at),"
            " count(*) FILTER (WHERE answered_at < due_at) FROM work_order"
            " WHERE opened_at >= %s AND opened_at < %s GROUP BY 1, 2, 3 ORDER BY 1, 2, 3",
            [since, until],
        )
        return [tuple(row) for row in cursor.fetchall()]


def opened_between(*, since: datetime, until: datetime) -> Iterator[Opened]:
    """All orders of a period with their words, for the national table, oldest first."""
    within = WorkOrderRow.objects.filter(opened_at__gte=since, opened_at__lt=until)
    last: WorkOrderRow | None = None
    while True:
        rest = within
        if last is not None:
            later = Q(opened_at__gt=last.opened_at)
            rest = rest.filter(later | Q(opened_at=last.opened_at, id__gt=last.id))
        rows = list(rest.order_by("opened_at", "id")[:AT_ONCE])
        yield from _opened_all(rows)
        if len(rows) < AT_ONCE:
            return
        last = rows[-1]


def _note(
    row: WorkOrderRow, key: crypto.Key | None, by: str, step: str, before: str, now: datetime,
    note: str, seq: int,
) -> None:  # fmt: skip
    identifier = new_id()
    where = crypto.place("work_order_step", "sealed", identifier)
    WorkOrderStep.objects.create(
        id=identifier,
        order_id=row.id,
        seq=seq,
        at=now,
        by=by,
        step=step,
        before=before,
        after=row.state,
        office=row.handler,
        sealed=crypto.seal_document(key, note, where) if note and key else None,
    )


def _opened_all(rows: Sequence[WorkOrderRow]) -> list[Opened]:
    """Many orders with their words; the keys of all their cases in one statement."""
    wrapped = dict(
        CaseRow.objects.filter(pk__in={row.case_id for row in rows if row.case_id}).values_list(
            "id", "wrapped_key"
        )
    )
    own = crypto.installation_key(PURPOSE)
    return [
        _opened(row, own if row.case_id is None else _unwrapped(wrapped.get(row.case_id), row))
        for row in rows
    ]


def _unwrapped(wrapped: Any, row: WorkOrderRow) -> crypto.Key | None:
    return None if wrapped is None else crypto.unwrap(bytes(wrapped), str(row.case_id))


def _opened(row: WorkOrderRow, key: crypto.Key | None) -> Opened:
    words: Mapping[str, str] = {}
    if key is not None:
        where = crypto.place("work_order", "sealed", row.id)
        words = cast(Mapping[str, str], crypto.open_document(key, bytes(row.sealed), where))
    order = WorkOrder(
        OrderKind(row.kind),
        OrderState(row.state),
        row.opened_at,
        row.assign_due_at,
        row.due_at,
        handler=row.handler,
        about=row.about,
        extended=row.extended,
        rounds=row.rounds,
        outcome=row.outcome,
        forgotten=key is None,
    )
    return Opened(row, order, words, key)


def key_of(case_id: UUID | None) -> crypto.Key | None:
    """The key of an order: its case's, or the installation's; None when the case is forgotten."""
    if case_id is None:
        return crypto.installation_key(PURPOSE)
    wrapped = CaseRow.objects.filter(pk=case_id).values_list("wrapped_key", flat=True).first()
    return None if wrapped is None else crypto.unwrap(bytes(wrapped), case_id)


def _sealed(key: crypto.Key | None, identifier: UUID, words: Mapping[str, str]) -> bytes:
    if key is None:
        raise ValueError("an order of a forgotten case says nothing more")
    return crypto.seal_document(key, words, crypto.place("work_order", "sealed", identifier))


def _code_hash(identifier: UUID, code: str) -> bytes:
    plain = code.strip().upper().replace("-", "").replace(" ", "")
    return crypto.keyed_digest("work order code", f"{identifier}\n{plain}")

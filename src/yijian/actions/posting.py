"""寄送: what follows when a parcel moves, in the same commit: its row, the courier's order."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from uuid import UUID

from yijian.actions.happened import Happened
from yijian.domain.cases import Case, ParcelState
from yijian.domain.context import Context
from yijian.domain.events import Event, EventKind, TaskKey
from yijian.domain.parcels import address_of, option_by_code
from yijian.domain.parcels_elsewhere import ELSEWHERE
from yijian.records import parcels as records
from yijian.records.cases import Outgoing

DESTINATION = "courier"
PARCEL_ORDERED = "yijian.parcel.ordered.v1"


def keep(happened: Sequence[Happened], now: datetime) -> None:
    """Let the rows of the parcels follow: one statement for the batch, one for each number."""
    records.keep(moved for each in happened for moved in _moved(each))
    for each in happened:
        for event in each.events:
            tracking, case_key = event.sealed.get("tracking"), each.loaded.key
            if event.kind is EventKind.PARCEL_MOVED and event.task and tracking and case_key:
                records.note(
                    case_id=each.loaded.id,
                    key=event.task,
                    case_key=case_key,
                    words={"tracking": tracking},
                )


def _moved(happened: Happened) -> Iterator[records.Moved]:
    moved = {
        event.task: None
        for event in happened.events
        if event.kind is EventKind.PARCEL_MOVED and event.task is not None
    }
    for key in moved:
        parcel = happened.after.parcels[key]
        option = option_by_code(happened.context.pack, key[0], parcel.option)
        yield records.Moved(
            case_id=UUID(happened.after.id),
            parcel=parcel,
            office=happened.after.tasks[key].office,
            mailed=option is not None and option.needs_address,
        )


def orders(
    case: Case, events: Sequence[Event], context: Context, now: datetime
) -> Iterator[Outgoing]:
    """What the courier is asked to fetch; it leaves through the outbox like everything else."""
    for event in events:
        if event.kind is not EventKind.PARCEL_MOVED or event.task is None:
            continue
        if event.public["mover"] == ELSEWHERE:
            continue  # The node where it lies has its own courier.
        if event.public["to"] == ParcelState.POSTING.value:
            yield _order(case, event.task, context, now)


def _order(case: Case, key: TaskKey, context: Context, now: datetime) -> Outgoing:
    address = address_of(case, context, now)
    assert address is not None, "a parcel without an address is not posted"
    recipient, phone, where = address
    task, parcel = case.tasks[key], case.parcels[key]
    office = context.directory.office(task.office) if task.office else None
    option = option_by_code(context.pack, key[0], parcel.option)
    payload = {
        "order_id": records.order_id(case.id, key, parcel.order),
        "what": context.pack.items[key[0]].title.zh,
        "recipient": recipient,
        "phone": phone,
        "address": where,
        "sender": office.title.zh if office else "",
        "sender_phone": office.phone if office else "",
        "sender_address": office.address if office else "",
        "paid_by": option.paid_by if option else "recipient",
    }
    return Outgoing(DESTINATION, PARCEL_ORDERED, f"posted-{parcel.order}", payload, key)

"""送达件: a result on paper on its way to the family: collected against proof, or by courier.

A parcel begins when the office opens the asking to collect it. It moves by events alone; whoever
has it in hand says so: the office, the courier, or the family itself.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from yijian.domain.cases import Case, Parcel, ParcelState
from yijian.domain.context import Context, RefusedError
from yijian.domain.events import Event, EventKind, TaskKey
from yijian.domain.facts import FAMILY
from yijian.domain.forms import DeliveryOption
from yijian.domain.policy import AskSpec, Pack
from yijian.domain.states import TaskState

COLLECT = "collect"
"""The kind of asking that is answered by having the thing in hand."""

RECIPIENT = ("recipient_name", "recipient_phone", "recipient_address")
"""The facts that name who receives mail, and where."""


class Mover(StrEnum):
    """谁经手: who may take a parcel a step further."""

    SYSTEM = "system"
    OFFICE = "office"
    COURIER = "courier"
    FAMILY = "family"


_AWAITED, _READY, _POSTING = ParcelState.AWAITED, ParcelState.READY, ParcelState.POSTING
_ORDERED, _UNDER_WAY = ParcelState.ORDERED, ParcelState.UNDER_WAY
_DELIVERED, _RETURNED = ParcelState.DELIVERED, ParcelState.RETURNED

ALLOWED: Mapping[tuple[ParcelState, ParcelState], frozenset[Mover]] = {
    (_AWAITED, _READY): frozenset({Mover.OFFICE}),
    (_AWAITED, _POSTING): frozenset({Mover.OFFICE}),
    (_READY, _DELIVERED): frozenset({Mover.OFFICE, Mover.FAMILY}),
    (_READY, _POSTING): frozenset({Mover.OFFICE}),
    (_POSTING, _READY): frozenset({Mover.OFFICE, Mover.COURIER}),
    (_POSTING, _ORDERED): frozenset({Mover.COURIER}),
    (_ORDERED, _UNDER_WAY): frozenset({Mover.COURIER}),
    (_ORDERED, _DELIVERED): frozenset({Mover.COURIER, Mover.FAMILY}),
    (_ORDERED, _RETURNED): frozenset({Mover.COURIER, Mover.OFFICE}),
    (_UNDER_WAY, _DELIVERED): frozenset({Mover.COURIER, Mover.FAMILY}),
    (_UNDER_WAY, _RETURNED): frozenset({Mover.COURIER, Mover.OFFICE}),
    (_RETURNED, _READY): frozenset({Mover.OFFICE}),
    (_RETURNED, _POSTING): frozenset({Mover.OFFICE}),
}
"""Every step a parcel may take, and who may say so. Nothing leads out of delivered."""


@dataclass(frozen=True, slots=True)
class Collector:
    """领取人: who may collect a parcel, by role, with the name and number that must be shown."""

    role: str
    name: str
    id_number: str


def option_of(case: Case, key: TaskKey, context: Context, now: datetime) -> DeliveryOption | None:
    """The way this item's result reaches this family: as chosen, else the pack's first."""
    item, newborn = key
    for delivery in context.pack.delivery:
        if delivery.item == item:
            if delivery.fact is None:
                return delivery.options[0]
            chosen = context.filled(case, newborn or FAMILY, now).get(delivery.fact)
            named = (option for option in delivery.options if option.code == chosen)
            return next(named, delivery.options[0])
    return None


def option_by_code(pack: Pack, item: str, code: str) -> DeliveryOption | None:
    """The option that a parcel was begun with; None when the pack no longer has it."""
    options = (o for d in pack.delivery if d.item == item for o in d.options)
    return next((option for option in options if option.code == code), None)


def first_parcel(case: Case, context: Context, now: datetime) -> list[Event]:
    """The parcel that is there now and was not before; at most one, so that each sees the last."""
    for task in case.tasks.values():
        if task.key in case.parcels or task.state is not TaskState.COMPLETED:
            continue
        asks = collecting(context, task.item)
        # What another node asks its family has been asked there; here it begins with the result.
        if not asks or not (case.origin or any(ask.id in task.asked for ask in asks)):
            continue
        if context.is_elsewhere(task.office, task.item, now):
            continue
        option = option_of(case, task.key, context, now)
        if option is None or any(ask.id in task.answered for ask in asks):
            continue
        to = _READY
        if option.family_posts_first:
            to = _AWAITED
        elif option.needs_address and address_of(case, context, now):
            to = _POSTING
        return [_moved(task.key, None, to, Mover.SYSTEM, "system", now, option=option.code)]
    return []


def move(
    case: Case,
    key: TaskKey,
    to: ParcelState,
    mover: Mover,
    by: str,
    context: Context,
    now: datetime,
    *,
    proof: str = "",
    tracking: str = "",
) -> list[Event]:
    """A parcel goes a step further; arrived, what the family was asked to do is done.

    `proof` says how the one who collected showed who they are, `tracking` is the courier's number.
    A repeated step changes nothing.
    Errors: RefusedError `no_parcel`, `step_not_allowed`, `no_address`, `proof_missing`.
    """
    parcel = case.parcels.get(key)
    if parcel is None:
        raise RefusedError("no_parcel")
    if parcel.state is to:
        return []
    if mover not in ALLOWED.get((parcel.state, to), frozenset()):
        raise RefusedError("step_not_allowed")
    if to is _POSTING and not may_be_posted(case, key, context, now):
        raise RefusedError("no_address")
    if to is _DELIVERED and mover is Mover.OFFICE and not proof:
        raise RefusedError("proof_missing")
    events = [_moved(key, parcel.state, to, mover, by, now, proof=proof, tracking=tracking)]
    if to is _DELIVERED:
        task = case.tasks[key]
        events += [
            Event(EventKind.ASK_ANSWERED, now, by, task=key, public={"ask": ask.id, "digest": ""})
            for ask in collecting(context, key[0])
            if ask.id in task.open_asks
        ]
    return events


def said_collected(
    case: Case, key: TaskKey, ask: str, role: str, context: Context, now: datetime
) -> list[Event]:
    """What follows for the parcel when the family says that it has it."""
    parcel = case.parcels.get(key)
    if parcel is None or ask not in {one.id for one in collecting(context, key[0])}:
        return []
    if Mover.FAMILY not in ALLOWED.get((parcel.state, _DELIVERED), frozenset()):
        return []
    return [_moved(key, parcel.state, _DELIVERED, Mover.FAMILY, role, now, proof="said")]


def collectors(case: Case, key: TaskKey, context: Context, now: datetime) -> tuple[Collector, ...]:
    """Who may collect this parcel: the roles its option names, else everybody of the case."""
    parcel, values = case.parcels.get(key), context.filled(case, FAMILY, now)
    option = option_by_code(context.pack, key[0], parcel.option) if parcel else None
    roles = (option.collectors if option else ()) or tuple(context.pack.roles)
    found = []
    for role in roles:
        name, number = values.get(f"{role}_name"), values.get(f"{role}_id_number")
        if isinstance(name, str) and isinstance(number, str) and name and number:
            found.append(Collector(role, name, number))
    return tuple(found)


def collecting(context: Context, item: str) -> tuple[AskSpec, ...]:
    """The askings of an item that end when the family has its result in hand."""
    return tuple(ask for ask in context.pack.items[item].asks if ask.kind == COLLECT)


def may_be_posted(case: Case, key: TaskKey, context: Context, now: datetime) -> bool:
    """Whether the family chose mail for it and its address is known: nobody else decides that."""
    parcel = case.parcels.get(key)
    option = option_by_code(context.pack, key[0], parcel.option) if parcel else None
    posted = option is not None and option.needs_address
    return posted and address_of(case, context, now) is not None


def address_of(case: Case, context: Context, now: datetime) -> tuple[str, str, str] | None:
    """Recipient, phone and address; None when one of them is not known."""
    values = context.filled(case, FAMILY, now)
    known = tuple(str(values.get(fact) or "").strip() for fact in RECIPIENT)
    return (known[0], known[1], known[2]) if all(known) else None


def parcels_waiting(case: Case) -> tuple[Parcel, ...]:
    """The parcels of a case that have not arrived."""
    return tuple(p for p in case.parcels.values() if p.state is not _DELIVERED)


def _moved(
    key: TaskKey,
    before: ParcelState | None,
    to: ParcelState,
    mover: Mover,
    by: str,
    now: datetime,
    *,
    option: str = "",
    proof: str = "",
    tracking: str = "",
) -> Event:
    public: dict[str, object] = {"from": before.value if before else None, "to": to.value}
    public["mover"] = mover.value
    if option:
        public["option"] = option
    if proof:
        public["proof"] = proof
    sealed = {"tracking": tracking} if tracking else {}
    return Event(EventKind.PARCEL_MOVED, now, by, task=key, public=public, sealed=sealed)

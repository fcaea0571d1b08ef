"""送达: the office hands over or posts a result, the courier says where it is.

Whoever collects shows an ID card; its name and number are compared with the people of the case
here, so that a clerk cannot hand a child's papers to a stranger by mistake.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from yijian.actions import changes, contexts, custody
from yijian.domain import parcels
from yijian.domain.cases import Case, Parcel, ParcelState
from yijian.domain.context import Context, RefusedError
from yijian.domain.events import TaskKey
from yijian.domain.parcels import Collector, Mover
from yijian.records import access, people
from yijian.records import parcels as records
from yijian.records.mapping import LoadedCase

PURPOSE = "deliver_result"
PROOFS = ("signed_here", "signed_paper")
"""How the one who collected confirmed it: on the tablet, or on the paper that is then filed."""


@dataclass(frozen=True, slots=True)
class OpenedParcel:
    """送达件 as its office opens it: the case, the parcel, and what is sealed about it."""

    loaded: LoadedCase
    key: TaskKey
    context: Context
    words: Mapping[str, Any] = field(repr=False)

    @property
    def case(self) -> Case:
        """The case it belongs to."""
        return self.loaded.case

    @property
    def parcel(self) -> Parcel:
        """Where it is."""
        return self.loaded.case.parcels[self.key]


def open_parcel(*, by: Any, parcel_id: UUID, now: datetime, locking: bool = False) -> OpenedParcel:
    """A parcel, for a clerk of the office where it lies. Errors: access.Refused."""
    opened = access.access_parcel(
        by=by, parcel_id=parcel_id, purpose=PURPOSE, now=now, locking=locking
    )
    words = records.noted(case_id=opened.loaded.id, case_key=opened.loaded.key)
    context = contexts.context_of(opened.case)
    return OpenedParcel(opened.loaded, opened.key, context, words.get(opened.key, {}))


def hand_over(
    *,
    by: Any,
    parcel_id: UUID,
    name: str,
    id_number: str,
    proof: str,
    now: datetime,
    strokes: str = "",
) -> None:
    """Somebody collects: an ID card was shown and receipt confirmed.

    Errors: access.Refused; RefusedError `not_a_collector` for a card of nobody who may collect,
    `proof_missing`, `step_not_allowed`.
    """
    if proof not in PROOFS or (proof == "signed_here") != bool(strokes.strip()):
        raise RefusedError("proof_missing")
    with transaction.atomic():
        opened = open_parcel(by=by, parcel_id=parcel_id, now=now, locking=True)
        collector = _collector(opened, name, id_number, now)
        _move(opened, ParcelState.DELIVERED, Mover.OFFICE, _actor(by), now, proof=proof)
        _note(
            opened,
            {
                "collector_role": collector.role,
                "collector_name": collector.name,
                "collector_id_number": collector.id_number,
                "strokes": strokes,
                "handed_over_at": now.isoformat(),
            },
        )


def step(*, by: Any, parcel_id: UUID, to: ParcelState, now: datetime) -> None:
    """The office posts it, keeps it for collection, or has got it back.

    Errors: access.Refused; RefusedError `step_not_allowed`, `no_address`, `proof_missing`.
    """
    with transaction.atomic():
        opened = open_parcel(by=by, parcel_id=parcel_id, now=now, locking=True)
        _move(opened, to, Mover.OFFICE, _actor(by), now)


def reported_by_office(
    *,
    loaded: LoadedCase,
    key: TaskKey,
    to: ParcelState,
    by: str,
    now: datetime,
    name: str = "",
    id_number: str = "",
    proof: str = "",
) -> bool:
    """An office with its own system says what it did, under the rules of the desk.

    The case is locked. Whether something changed. Errors: RefusedError `no_parcel`,
    `not_a_collector`, `proof_missing`, `step_not_allowed`, `no_address`.
    """
    opened = OpenedParcel(loaded, key, contexts.context_of(loaded.case), {})
    if key not in loaded.case.parcels:
        raise RefusedError("no_parcel")
    if opened.parcel.state is to:
        return False
    words: dict[str, object] = {}
    if to is ParcelState.DELIVERED:
        if proof != "signed_paper":
            raise RefusedError("proof_missing", "proof")
        collector = _collector(opened, name, id_number, now)
        words = {
            "collector_role": collector.role,
            "collector_name": collector.name,
            "collector_id_number": collector.id_number,
            "handed_over_at": now.isoformat(),
        }
    _move(opened, to, Mover.OFFICE, by, now, proof=proof)
    if words:
        _note(opened, words)
    return True


def ordered(*, case_id: UUID, key: TaskKey, tracking: str, now: datetime) -> None:
    """The courier has taken the order; repeated, nothing changes."""
    _from_courier(case_id, key, ParcelState.ORDERED, now, tracking=tracking)


def not_taken(*, case_id: UUID, key: TaskKey, now: datetime) -> None:
    """The courier does not take the order at all: the office decides how it goes on."""
    _from_courier(case_id, key, ParcelState.READY, now, proof="courier_refused")


def reported(*, case_id: UUID, key: TaskKey, to: ParcelState, now: datetime) -> None:
    """Where the courier says the parcel is; steps in between may have been missed."""
    _from_courier(case_id, key, to, now, proof="courier" if to is ParcelState.DELIVERED else "")


def _from_courier(
    case_id: UUID,
    key: TaskKey,
    to: ParcelState,
    now: datetime,
    *,
    proof: str = "",
    tracking: str = "",
) -> None:
    with transaction.atomic():
        loaded = changes.load_one(case_id)
        context = contexts.context_of(loaded.case)
        opened = OpenedParcel(loaded, key, context, {})
        try:
            _move(opened, to, Mover.COURIER, "courier", now, proof=proof, tracking=tracking)
        except RefusedError:
            # The family or the office has said more meanwhile; the courier's word comes too late.
            return


def _move(
    opened: OpenedParcel,
    to: ParcelState,
    mover: Mover,
    by: str,
    now: datetime,
    *,
    proof: str = "",
    tracking: str = "",
) -> None:
    changes.change(
        lambda case, context: parcels.move(
            case, opened.key, to, mover, by, context, now, proof=proof, tracking=tracking
        ),
        opened.loaded,
        now=now,
    )
    case_id, key = opened.loaded.id, opened.key
    if to in (ParcelState.UNDER_WAY, ParcelState.DELIVERED):
        here = mover is Mover.OFFICE
        custody.leave_with_parcel(case_id=case_id, key=key, by=by, strict=here, now=now)
    elif to is ParcelState.RETURNED:
        custody.come_back_with_parcel(case_id=case_id, key=key, by=by, now=now)


def _note(opened: OpenedParcel, words: Mapping[str, object]) -> None:
    if opened.loaded.key is None:
        raise access.Refused
    records.note(case_id=opened.loaded.id, key=opened.key, case_key=opened.loaded.key, words=words)


def _collector(opened: OpenedParcel, name: str, id_number: str, now: datetime) -> Collector:
    """The person of the case whose card this is; compared as written, without spaces."""
    shown = ("".join(name.split()), "".join(id_number.split()).upper())
    for collector in parcels.collectors(opened.case, opened.key, opened.context, now):
        if shown == ("".join(collector.name.split()), collector.id_number.upper()):
            return collector
    raise RefusedError("not_a_collector", "id_number")


def _actor(by: Any) -> str:
    who = people.visitor(by)
    return who.staff or who.user

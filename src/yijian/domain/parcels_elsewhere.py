"""别处的送达件: a parcel moves at another node; the node the case belongs to follows it.

The office there hands over or posts, the courier there fetches it. Here the family only sees where
it is. A word that comes twice or too late changes nothing.
"""

from collections.abc import Mapping
from datetime import datetime

from yijian.domain.cases import Case, Parcel, ParcelState
from yijian.domain.context import Context, RefusedError
from yijian.domain.events import Event, EventKind, TaskKey
from yijian.domain.parcels import collecting, option_by_code

ELSEWHERE = "elsewhere"
"""Who moved it, when that happened at another node: nothing follows from it here."""
LONGEST_TRACKING = 64

_RANK: Mapping[ParcelState, int] = {
    ParcelState.AWAITED: 0,
    ParcelState.READY: 1,
    ParcelState.POSTING: 1,
    ParcelState.ORDERED: 2,
    ParcelState.UNDER_WAY: 3,
    ParcelState.RETURNED: 4,
    ParcelState.DELIVERED: 5,
}
_AGAIN = frozenset({ParcelState.READY, ParcelState.POSTING})
"""What may follow on a parcel that came back."""


def is_late(parcel: Parcel | None, to: ParcelState) -> bool:
    """Whether a parcel has been further than this already."""
    if parcel is None or parcel.state is to:
        return False
    if parcel.state is ParcelState.RETURNED and to in _AGAIN:
        return False
    return _RANK[to] < _RANK[parcel.state]


def followed(
    case: Case,
    key: TaskKey,
    data: Mapping[str, object],
    by: str,
    context: Context,
    now: datetime,
) -> list[Event]:
    """What a message about a parcel at another node does; nothing when it comes twice or late.

    Errors: RefusedError `wrong_data` with the key at fault.
    """
    to = _state(data)
    parcel = case.parcels.get(key)
    if (parcel is not None and parcel.state is to) or is_late(parcel, to):
        return []
    public: dict[str, object] = {
        "from": parcel.state.value if parcel else None,
        "to": to.value,
        "mover": ELSEWHERE,
    }
    if parcel is None:
        option = data.get("option")
        if not isinstance(option, str) or option_by_code(context.pack, key[0], option) is None:
            raise RefusedError("wrong_data", "option")
        public["option"] = option
    if isinstance(proof := data.get("proof"), str) and proof in _PROOFS:
        public["proof"] = proof
    sealed = {"tracking": tracking} if (tracking := _tracking(data)) else {}
    events = [Event(EventKind.PARCEL_MOVED, now, by, task=key, public=public, sealed=sealed)]
    if to is ParcelState.DELIVERED:
        events += [
            Event(EventKind.ASK_ANSWERED, now, by, task=key, public={"ask": ask.id, "digest": ""})
            for ask in collecting(context, key[0])
            if ask.id in case.tasks[key].open_asks
        ]
    return events


_PROOFS = frozenset({"signed_here", "signed_paper", "courier", "said", "courier_refused"})


def _state(data: Mapping[str, object]) -> ParcelState:
    said = data.get("state")
    if said not in {state.value for state in ParcelState}:
        raise RefusedError("wrong_data", "state")
    return ParcelState(str(said))


def _tracking(data: Mapping[str, object]) -> str:
    said = data.get("tracking", "")
    if not isinstance(said, str) or len(said) > LONGEST_TRACKING or not said.isascii():
        raise RefusedError("wrong_data", "tracking")
    return said

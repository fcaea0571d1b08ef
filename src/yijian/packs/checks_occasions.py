"""时机的检查: whether an event or reminder that a pack names can ever come."""

from collections.abc import Iterator

from yijian.domain.cases import ParcelState
from yijian.domain.events import EventKind
from yijian.domain.policy import Pack
from yijian.domain.reminders import PREFIX, parse_reminder
from yijian.domain.states import Stage, TaskState
from yijian.packs.findings import Finding, Place, nearest

ARRIVED = "register_arrived"
ROLE_ARRIVED = "arrived"


def check_occasion(pack: Pack, on: str, place: Place) -> Iterator[Finding]:
    """Findings about one occasion: an event of the core, or a reminder."""
    if on.startswith(PREFIX):
        yield from _reminder(pack, on, place)
        return
    kind, *rest = on.split(":")
    kinds = [*(event.value for event in EventKind), ARRIVED, ROLE_ARRIVED]
    if kind == ROLE_ARRIVED and rest and rest[0] not in roles_of(pack):
        yield Finding(place, f"没有叫“{rest[0]}”的角色{nearest(rest[0], roles_of(pack))}")
    if kind not in kinds:
        yield Finding(place, f"没有叫“{kind}”的事件{nearest(kind, kinds)}")
        return
    if not kind.startswith(("task_", "ask_", "parcel_")) or not rest:
        return
    item, *last = rest
    if item != "*" and item not in pack.items:
        yield Finding(place, f"没有叫“{item}”的事项{nearest(item, pack.items)}")
        return
    asks = {ask.id for i in pack.items.values() for ask in i.asks if item in ("*", i.code)}
    of_kind = {"task_moved": TaskState, "parcel_moved": ParcelState}
    words = {state.value for state in of_kind[kind]} if kind in of_kind else asks
    for word in last:
        if word not in words:
            yield Finding(place, f"事件“{kind}”没有“{word}”{nearest(word, words)}")


def roles_of(pack: Pack) -> list[str]:
    """The roles a pack speaks of; one of before `roles` names its signers and applicants."""
    return list(pack.roles) or [*pack.applicants, *(step.role for step in pack.signing)]


def _reminder(pack: Pack, on: str, place: Place) -> Iterator[Finding]:
    try:
        reminder = parse_reminder(on, pack.anchors)
    except ValueError:
        yield Finding(place, f"“{on}”不是提醒的写法，应为 after:从何时:多久:何种情况")
        return
    known = [*(stage.value for stage in Stage), *pack.items]
    if reminder is not None and reminder.item_or_stage not in known:
        what = reminder.item_or_stage
        yield Finding(place, f"没有叫“{what}”的阶段或事项{nearest(what, known)}")

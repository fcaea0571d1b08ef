"""最小够用: the last look at messages before they leave, against the policy of their cases."""

from collections.abc import Sequence
from uuid import UUID

from yijian.actions import contexts
from yijian.domain import minimisation
from yijian.domain.envelopes import (
    DEPARTMENT,
    DOWNWARDS,
    TASK_DISPATCHED,
    TASK_WITHDRAWN,
    UPWARDS,
)
from yijian.records import exchange
from yijian.records.exchange import ClaimedMessage
from yijian.records.models import Partner


def held_back(partner: Partner, messages: Sequence[ClaimedMessage]) -> dict[UUID, str]:
    """The messages that must not leave, each with its reason: a code, never a value."""
    told = [m for m in messages if m.kind in (TASK_DISPATCHED, TASK_WITHDRAWN)]
    pinned = exchange.pinned_packs(cases={m.case_id for m in told})
    found = {m.id: _fault(partner, m, pinned.get(m.case_id, "")) for m in told}
    of_cases = DOWNWARDS | UPWARDS
    gone = {m.id: "case_forgotten" for m in messages if m.kind in of_cases and not m.payload}
    return {id: why for id, why in found.items() if why} | gone


def _fault(partner: Partner, message: ClaimedMessage, digest: str) -> str:
    if message.kind == TASK_WITHDRAWN:
        left = minimisation.left_over(message.payload)
        return f"not_for_this_office: {left}" if left else ""
    try:
        item = contexts.pack_of(digest).items[message.item]
    except (contexts.NoPackError, KeyError):
        return "unknown_item"
    if partner.kind == DEPARTMENT and message.item not in partner.items:
        return "item_not_agreed"
    more = minimisation.unlisted(item, message.payload)
    return f"not_for_this_office: {more}" if more else ""

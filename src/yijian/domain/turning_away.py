"""劝退登记: that a rule kept an applying family out, noted in its journal by clause alone.

What lives here: when it is noted, and what the note says. What does not: how notes are counted
(`figures`) and what the family reads (its pages, as before).
"""

from collections.abc import Sequence
from datetime import datetime

from yijian.domain.cases import Case
from yijian.domain.context import Context
from yijian.domain.eligibility import Answer
from yijian.domain.events import Event, EventKind
from yijian.domain.facts import FAMILY
from yijian.domain.history import apply_all
from yijian.domain.journey import unheard
from yijian.domain.states import Stage

_APPLYING = frozenset({Stage.DRAFT, Stage.SIGNING})
_TURNING = frozenset(
    {EventKind.REGISTER_ANSWERED, EventKind.ANSWERS_SAVED, EventKind.SCHEME_CHOSEN}
)
"""What a verdict can change by."""


def turned_away(case: Case, context: Context, now: datetime) -> list[Event]:
    """The note that rules keep this family out as it stands; none when they do not, or did before.

    Once for every set of rules under a pack. Not while a register is still to be heard: a family
    is told every reason at once, and it is counted when it is told. A case that came from another
    node is that node's to count. The note names rules, the pack's version and the city, nobody.
    """
    if case.origin or case.stage not in _APPLYING:
        return []
    eligibility = context.judge(case, now)
    if eligibility.answer is not Answer.NO or unheard(case, context, eligibility):
        return []
    rules = tuple(sorted({verdict.rule.id for verdict in eligibility.failed}))
    if (context.pack.code, rules) in case.turned_away:
        return []
    public = {
        "rules": list(rules),
        "pack": context.pack.code,
        "version": context.pack.version,
        "place": _city(case, context, now),
    }
    return [Event(EventKind.TURNED_AWAY, now, "system", public=public)]


def noting_refusals(
    case: Case, events: Sequence[Event], context: Context, now: datetime
) -> list[Event]:
    """The events, and the note of a refusal that follows from them."""
    if not any(event.kind in _TURNING for event in events):
        return list(events)
    return [*events, *turned_away(apply_all(case, events), context, now)]


def _city(case: Case, context: Context, now: datetime) -> str:
    """The city of the place that decides which scheme serves; "" while it is not known.

    A district would be too small a place to stand beside a refusal.
    """
    place = context.values(case, FAMILY, now).get(context.pack.place_fact or "")
    return f"{place[:4]}00" if isinstance(place, str) and len(place) == 6 else ""

"""未通过资格登记: that a rule kept an applying family out, noted in its journal by clause alone.

What lives here: when it is noted, and what the note says. What does not: how notes are counted
(`figures`) and what the family reads (its pages, as before).
"""

from collections.abc import Sequence
from datetime import datetime

from yijian.domain.cases import Case
from yijian.domain.context import Context
from yijian.domain.eligibility import Answer, Eligibility
from yijian.domain.events import Event, EventKind
from yijian.domain.facts import FAMILY
from yijian.domain.history import apply_all
from yijian.domain.journey import unheard
from yijian.domain.states import Stage

_APPLYING = frozenset({Stage.DRAFT, Stage.SIGNING})
_TURNING = frozenset(
    {
        EventKind.REGISTER_ANSWERED,
        EventKind.ANSWERS_SAVED,
        EventKind.SCHEME_CHOSEN,
        EventKind.SIGNING_OPENED,
    }
)
"""What a verdict can change by, or proves to have changed."""


def turned_away(case: Case, context: Context, now: datetime) -> list[Event]:
    """The note that rules keep this family out as it stands, or that none does any more.

    Only what is another than the last note says is noted. Not while a register is still to be
    heard: a family is told every reason at once, and it is counted when it is told. A case that
    came from another node is that node's to count. A refusal names rules, the pack's version and
    the city, nobody.
    """
    if case.origin or case.stage not in _APPLYING:
        return []
    eligibility = context.judge(case, now)
    noted = _last_noted(case, context)
    if unheard(case, context, eligibility):
        return []
    rules = _refusing(eligibility, noted)
    if rules == noted:
        return []
    public: dict[str, object] = {"pack": context.pack.code, "version": context.pack.version}
    if not rules:
        return [Event(EventKind.REFUSAL_LIFTED, now, "system", public=public)]
    public |= {"rules": list(rules), "place": _city(case, context, now)}
    return [Event(EventKind.TURNED_AWAY, now, "system", public=public)]


def noting_refusals(
    case: Case, events: Sequence[Event], context: Context, now: datetime
) -> list[Event]:
    """The events, and the note of a refusal that follows from them or ends with them."""
    if not any(event.kind in _TURNING for event in events):
        return list(events)
    return [*events, *turned_away(apply_all(case, events), context, now)]


def _last_noted(case: Case, context: Context) -> tuple[str, ...]:
    """The rules of the scheme that keep the family out as far as its journal says."""
    pack, rules = case.turned_away[-1] if case.turned_away else ("", ())
    return rules if pack == context.pack.code else ()


def _refusing(eligibility: Eligibility, noted: Sequence[str]) -> tuple[str, ...]:
    """The rules that say no, and those that did and cannot be judged just now."""
    kept = {
        verdict.rule.id
        for verdict in eligibility.verdicts
        if verdict.answer in (Answer.UNKNOWN, Answer.NEEDS_PERSON) and verdict.rule.id in noted
    }
    return tuple(sorted(kept | {verdict.rule.id for verdict in eligibility.failed}))


def _city(case: Case, context: Context, now: datetime) -> str:
    """The city of the place that decides which scheme serves; "" while it is not known.

    A district would be too small a place to stand beside a refusal.
    """
    place = context.values(case, FAMILY, now).get(context.pack.place_fact or "")
    return f"{place[:4]}00" if isinstance(place, str) and len(place) == 6 else ""

"""选方案: which of the node's schemes serve a place, which leads, and which else fits a family."""

from dataclasses import dataclass
from datetime import date, datetime

from yijian.actions import contexts
from yijian.domain import applying, matching
from yijian.domain.cases import Case
from yijian.domain.context import Context, RefusedError
from yijian.domain.policy import Pack
from yijian.domain.schemes import Switch, stem
from yijian.domain.wording import Text


@dataclass(frozen=True, slots=True)
class Offer:
    """Another scheme that fits the family of a case.

    `leads`: it comes before the one the case is under. `must`: the case may not stay where it is.
    `may_choose`: this person can take the draft there now. `reason` is what the packs say of the
    two.
    """

    context: Context
    leads: bool
    must: bool
    may_choose: bool
    reason: Text | None


def serving(division: str) -> tuple[Pack, ...]:
    """The schemes of a place, the one that leads first."""
    return matching.in_order(contexts.packs_at(division))


def reason(one: Pack, other: Pack) -> Text | None:
    """What a family reads about two schemes that stand beside each other."""
    said = one.alongside.get(other.code) or other.alongside.get(one.code)
    return said.reason if said else None


def switched_off(pack: Pack, division: str, on: date) -> tuple[Switch, ...]:
    """What is not online yet, on a day, at a place or at some places that lie in it."""
    return tuple(
        switch
        for switch in pack.switches
        if switch.is_on(on)
        and (
            switch.reaches(division)
            or any(part.startswith(stem(division)) for part in switch.divisions)
        )
    )


def offers(case: Case, role: str, now: datetime) -> tuple[Offer, ...]:
    """The other schemes that this family may go on with, the leading one first.

    Where the family fits its own scheme, those are offered that lead before it or may be chosen
    beside it; where it does not, every scheme that fits.
    """
    own = contexts.context_of(case)
    others = {c.pack.code: c for c in contexts.current_contexts() if c.pack.code != case.pack}
    if not others:
        return ()
    found = matching.match(case, (own, *others.values()), now)
    refused = case.pack not in found.fits
    chosen = [code for code in found.fits if code != case.pack]
    if not refused and found.leading == case.pack:
        chosen = [other.pack for other in found.beside if other.choice]
    elif not refused:
        chosen = [code for code in chosen if code == found.leading]
    may_stay = {other.pack for other in found.beside if other.choice}
    return tuple(
        Offer(
            context=others[code],
            leads=matching.leads(others[code].pack, own.pack),
            must=refused or (code == found.leading and case.pack not in may_stay),
            may_choose=_may_choose(case, role, others[code], now),
            reason=reason(own.pack, others[code].pack),
        )
        for code in chosen
    )


def _may_choose(case: Case, role: str, chosen: Context, now: datetime) -> bool:
    if applying.ONLINE not in chosen.pack.channels:
        return False
    try:
        applying.choose_scheme(case, role, chosen, now)
    except RefusedError:
        return False
    return True

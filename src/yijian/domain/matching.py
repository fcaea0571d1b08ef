"""方案匹配: which schemes serve a place, which of them a family fits, and which one leads.

Where two fit, the packs say which leads and whether the family may choose; where they say nothing,
the higher precedence leads. What is known of the family is used as it is, whichever scheme asked.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cmp_to_key

from yijian.domain.cases import Case
from yijian.domain.clocks import local_day
from yijian.domain.context import Context, applied_at
from yijian.domain.eligibility import Answer, Eligibility, Verdict
from yijian.domain.facts import FAMILY
from yijian.domain.policy import Alongside, Pack, Switch
from yijian.domain.schemes import covers
from yijian.domain.wording import Text


@dataclass(frozen=True, slots=True)
class Match:
    """一个方案的匹配结果: whether it serves the place on that day, and how its rules answer.

    `answer` is what is known so far: what only the family can still say blocks nothing.
    """

    pack: str
    title: Text
    served: bool
    eligibility: Eligibility
    switch: Switch | None = None

    @property
    def answer(self) -> Answer:
        """The answer as far as the family need not say more."""
        return self.eligibility.so_far

    @property
    def fits(self) -> bool:
        """Whether the family can go on with it here and now."""
        return self.served and self.answer is Answer.YES

    @property
    def failed(self) -> tuple[Verdict, ...]:
        """The conditions that the family does not meet."""
        return self.eligibility.failed


@dataclass(frozen=True, slots=True)
class Beside:
    """另一个也适合的方案: whether the family may take it instead, and the reason it reads."""

    pack: str
    choice: bool
    reason: Text | None
    decision: str | None = None


@dataclass(frozen=True, slots=True)
class Matching:
    """方案匹配: every scheme's answer, the ones that fit with the leading one first."""

    matches: tuple[Match, ...]
    fits: tuple[str, ...]
    beside: tuple[Beside, ...]

    @property
    def leading(self) -> str | None:
        """The scheme that leads; None when none fits."""
        return self.fits[0] if self.fits else None

    @property
    def choice(self) -> bool:
        """Whether the family may choose between the leading scheme and another."""
        return any(other.choice for other in self.beside)

    @property
    def why(self) -> dict[str, tuple[Verdict, ...]]:
        """For each scheme that does not fit, the conditions that fail."""
        return {match.pack: match.failed for match in self.matches if not match.fits}


def match(case: Case, contexts: Iterable[Context], now: datetime) -> Matching:
    """Which of the schemes fit the family of `case`, whichever scheme it has begun with."""
    by_code = {context.pack.code: context for context in contexts}
    matches = tuple(_match(case, context, now) for context in by_code.values())
    packs = [by_code[each.pack].pack for each in matches if each.fits]
    order = in_order(packs)
    beside = tuple(_beside(order[0], other) for other in order[1:])
    return Matching(matches, tuple(pack.code for pack in order), beside)


def candidates(packs: Iterable[Pack], division: str, day: date) -> tuple[Pack, ...]:
    """The schemes that serve a place on a day, the leading one first."""
    return in_order([pack for pack in packs if serves(pack, division, day)])


def serves(pack: Pack, division: str, day: date) -> bool:
    """Whether the pack is in force on that day and online at that place."""
    return _covers(pack, division, day) and service_switch(pack, division, day) is None


def service_switch(pack: Pack, division: str | None, day: date) -> Switch | None:
    """The switch that keeps the whole service from being online at that place on that day."""
    return next(
        (s for s in pack.switches if not s.items and s.is_on(day) and s.reaches(division)), None
    )


def in_order(packs: Sequence[Pack]) -> tuple[Pack, ...]:
    """The schemes with the leading one first."""
    return tuple(sorted(packs, key=cmp_to_key(_before)))


def _before(one: Pack, other: Pack) -> int:
    return -1 if leads(one, other) else 1


def leads(one: Pack, other: Pack) -> bool:
    """Whether `one` comes before `other` where both fit."""
    said, is_own = _said(one, other)
    if said is not None:
        return said.leads if is_own else not said.leads
    return (-one.precedence, one.code) < (-other.precedence, other.code)


def _said(one: Pack, other: Pack) -> tuple[Alongside | None, bool]:
    """What `one` says about `other`, or else `other` about `one`, and whose word it is."""
    own = one.alongside.get(other.code)
    return (own, True) if own is not None else (other.alongside.get(one.code), False)


def _beside(leading: Pack, other: Pack) -> Beside:
    said, _ = _said(leading, other)
    if said is None:
        return Beside(other.code, False, None)
    return Beside(other.code, said.choice, said.reason, said.decision)


def _match(case: Case, context: Context, now: datetime) -> Match:
    pack = context.pack
    taken = replace(
        case,
        pack=pack.code,
        applicant=case.applicant if case.applicant in pack.applicants else "",
        channel=case.channel if case.channel in pack.channels else (pack.channels or ("",))[0],
        items=(),
    )
    day = local_day(applied_at(case) or now)
    place = context.values(taken, FAMILY, now).get(pack.place_fact or "")
    division = place if isinstance(place, str) and place.isdigit() else None
    switch = service_switch(pack, division, day)
    served = (division is None or _covers(pack, division, day)) and switch is None
    return Match(pack.code, pack.title, served, context.judge(taken, now), switch)


def _covers(pack: Pack, division: str, day: date) -> bool:
    begun = pack.in_force_from <= day
    ended = pack.in_force_until is not None and pack.in_force_until <= day
    return begun and not ended and (not pack.divisions or covers(pack.divisions, division))

"""选方案: which of the node's schemes serve a place, and which of them leads."""

from datetime import date

from yijian.actions import contexts
from yijian.domain.policy import Pack
from yijian.domain.schemes import Switch, stem
from yijian.domain.wording import Text


def serving(division: str) -> tuple[Pack, ...]:
    """The schemes of a place, the one that leads first: by what packs say of each other, else by
    their precedence.
    """
    found = contexts.packs_at(division)
    return tuple(sorted(found, key=lambda pack: (_led_by(pack, found), -pack.precedence)))


def _led_by(pack: Pack, others: tuple[Pack, ...]) -> int:
    """How many of the others lead before this one."""
    return sum(leads(other, pack) for other in others if other.code != pack.code)


def leads(one: Pack, other: Pack) -> bool:
    """Whether one scheme leads where both fit, as either of them says."""
    said = one.alongside.get(other.code)
    if said is not None:
        return said.leads
    said = other.alongside.get(one.code)
    return said is not None and not said.leads


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

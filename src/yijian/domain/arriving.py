"""到场: who opens a case, who must have come before the form opens, and who fills it in.

Somebody has come who has logged in, agreed, and where the pack asks for it passed the live-person
check, or stood before a clerk at a window instead.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from yijian.domain.cases import Case
from yijian.domain.context import Context
from yijian.domain.eligibility import Answer
from yijian.domain.events import Event
from yijian.domain.history import apply_all
from yijian.domain.policy import Pack
from yijian.domain.roles import Arrival


def opens_first(pack: Pack) -> str:
    """The role that is asked to log in first."""
    return pack.applicants[0]


def arrival_of(role: str, pack: Pack) -> Arrival | None:
    """How this role must arrive; None when the pack does not wait for it."""
    return next((step for step in pack.arrivals if step.role == role), None)


def has_arrived(case: Case, role: str, context: Context) -> bool:
    """Whether the role has logged in, agreed and been seen as far as the pack wants it."""
    step = arrival_of(role, context.pack)
    if step is not None and step.live_check:
        seen = case.live_checked(role) or case.seen_at_window(role)
        return seen and case.consented(role)
    return case.consented(role)


def awaited(case: Case, context: Context) -> tuple[Arrival, ...]:
    """Who has still to arrive before the form opens, whoever can come at once first."""
    missing = [s for s in context.pack.arrivals if not has_arrived(case, s.role, context)]
    roles = {step.role for step in missing}
    return tuple(sorted(missing, key=lambda step: len(roles & set(step.after))))


def may_arrive(case: Case, role: str, context: Context) -> bool:
    """Whether it is this role's turn: everybody who must come before it is there."""
    step = arrival_of(role, context.pack)
    return step is None or all(has_arrived(case, before, context) for before in step.after)


def fillers(pack: Pack) -> tuple[str, ...]:
    """The roles that may fill in the form: the applicants where the pack names nobody."""
    return pack.fills or pack.applicants


def may_fill(case: Case, role: str, context: Context) -> bool:
    """Whether this role may fill in the form now that everybody needed has arrived."""
    return role in fillers(context.pack) and not awaited(case, context)


def filler(case: Case, context: Context) -> str:
    """The role that is expected to fill in the form: who opened the case if it may."""
    roles = fillers(context.pack)
    return case.applicant if case.applicant in roles else roles[0]


def noting_arrivals(
    case: Case, events: Sequence[Event], context: Context, now: datetime
) -> list[Event]:
    """The events, the last one saying who has arrived by them, so that the next can be told.

    A role counts from the moment on at which its family is known to be fit: nobody is called to
    an application that would only be refused.
    """
    if not events or not context.pack.arrivals:
        return list(events)
    before = _arrived_and_fit(case, context, now)
    new = [r for r in _arrived_and_fit(apply_all(case, events), context, now) if r not in before]
    if not new:
        return list(events)
    last = events[-1]
    return [*events[:-1], replace(last, public={**last.public, "arrived_role": new[-1]})]


def _arrived_and_fit(case: Case, context: Context, now: datetime) -> tuple[str, ...]:
    roles = tuple(s.role for s in context.pack.arrivals if has_arrived(case, s.role, context))
    return roles if roles and context.judge(case, now).so_far is Answer.YES else ()

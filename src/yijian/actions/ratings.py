"""好差评: a family rates what has ended; a bad grade opens a work order in the same commit.

Nobody is asked twice and nobody is pressed: each thing has one rating, whichever parent gives it,
words may be added once, and after a bad grade was put right it may be graded once more.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction

from yijian.actions import changes, contexts, work_orders
from yijian.actions.rating_rules import rules_of
from yijian.domain import ratings as domain
from yijian.domain.context import Context, RefusedError
from yijian.domain.events import Event
from yijian.domain.ratings import Level, Opinion, RatedThing, RatingChannel, RatingRules
from yijian.domain.work_orders import OrderActor, OrderKind, allowed
from yijian.records import access
from yijian.records import ratings as records
from yijian.records import work_orders as order_records
from yijian.records.access import OpenedCase
from yijian.records.ratings import Rating, ThingKey

PURPOSE = "own_case"
AT_WINDOW = "window_rating"


@dataclass(frozen=True, slots=True)
class Rated:
    """One ended thing as the family's page lists it, with what was said of it."""

    thing: RatedThing
    rating: Rating | None = field(repr=False)
    may_append: bool
    open: bool


def things_of(opened: OpenedCase, context: Context, now: datetime) -> list[Rated]:
    """What of an opened case can be rated or was; one statement for all of it."""
    said = records.of_case(loaded=opened.loaded)
    rules = rules_of(opened.case.pack)
    return [_rated(thing, said, rules, now) for thing in domain.ratable(opened.case, context)]


@dataclass(frozen=True, slots=True)
class FollowUp:
    """跟进: what the family is told of the order that its bad rating has opened."""

    words: Mapping[str, str] = field(repr=False)
    may_rate_again: bool


def order_of(rating: Rating | None) -> FollowUp | None:
    """What became of a bad rating; None for any other. The caller has opened the case."""
    if rating is None or not rating.level.is_bad:
        return None
    found = order_records.of_rating(rating_id=rating.id)
    if found is None:
        return None
    may = any(step.name == "rate_again" for step in allowed(found.order, OrderActor.PARTY))
    return FollowUp(found.words, may)


def rate(*, by: Any, number: str, item: str, newborn: int, opinion: Opinion, now: datetime) -> None:
    """A parent rates one ended thing, once.

    Errors: Refused; RefusedError `not_ratable`, `rated_already`, and those of `domain.rate`.
    """
    with transaction.atomic():
        opened = access.access_case(by=by, number=number, purpose=PURPOSE, now=now, locking=True)
        if opened.role == "staff":
            raise access.Refused
        _rate(opened, opened.role, item, newborn, opinion, "", now)


def rate_at_window(
    *, by: Any, number: str, item: str, newborn: int, opinion: Opinion, now: datetime
) -> None:
    """The family rates at the window's tablet; who handed it over is sealed with the words.

    Errors: as `rate`; Refused for whoever does not have the case at their window.
    """
    if opinion.channel is not RatingChannel.TABLET:
        raise ValueError("a window rates on its tablet")
    with transaction.atomic():
        opened = access.access_window_case(
            by=by, number=number, purpose=AT_WINDOW, now=now, locking=True
        )
        role = opened.case.applicant
        witness = opened.visitor.staff or ""
        _rate(opened, role, item, newborn, opinion, witness, now)


def append(*, by: Any, number: str, item: str, newborn: int, words: str, now: datetime) -> None:
    """A parent adds words to what was said, once.

    Errors: Refused; RefusedError `not_rated`, `appended_already`, `words_missing`,
    `words_too_long`.
    """
    if not words.strip():
        raise RefusedError("words_missing")
    if len(words) > domain.LONGEST_WORDS:
        raise RefusedError("words_too_long")
    with transaction.atomic():
        opened = access.access_case(by=by, number=number, purpose=PURPOSE, now=now, locking=True)
        if opened.role == "staff":
            raise access.Refused
        said = records.of_case(loaded=opened.loaded).get((item, newborn))
        if said is None:
            raise RefusedError("not_rated")
        rules = rules_of(opened.case.pack)
        if not domain.may_append(said.rated_at, said.appended_at is not None, rules, now):
            raise RefusedError("appended_already")
        records.append(loaded=opened.loaded, thing=(item, newborn), words=words.strip(), now=now)
        work_orders.added(rating_id=said.id, words=words.strip(), now=now)


def rate_again(
    *, by: Any, number: str, item: str, newborn: int, opinion: Opinion, now: datetime
) -> None:
    """A parent grades once more what was bad and has been answered.

    Errors: Refused; RefusedError `not_rated`, `rated_already`, `step_not_allowed`, and those of
    `domain.rate_again`.
    """
    with transaction.atomic():
        opened = access.access_case(by=by, number=number, purpose=PURPOSE, now=now, locking=True)
        if opened.role == "staff":
            raise access.Refused
        said = records.of_case(loaded=opened.loaded).get((item, newborn))
        if said is None:
            raise RefusedError("not_rated")
        if said.again_level is not None:
            raise RefusedError("rated_already")
        rules = rules_of(opened.case.pack)
        thing = RatedThing(item, newborn, said.office, said.rated_at)
        events = domain.rate_again(thing, opinion, said.level, rules, now)
        work_orders.rated_again(rating_id=said.id, opinion=opinion, now=now)
        records.keep_again(rating_id=said.id, level=opinion.level, now=now)
        changes.change(lambda _case, _context: events, opened.loaded, now=now)


def opinion_of(
    *,
    level: int,
    channel: RatingChannel,
    reasons: tuple[str, ...] = (),
    dimensions: Mapping[str, int] | None = None,
    words: str = "",
) -> Opinion:
    """What was said, as the core takes it. Errors: RefusedError `not_a_level`."""
    if level not in set(Level):
        raise RefusedError("not_a_level")
    return Opinion(Level(level), channel, reasons, dict(dimensions or {}), words.strip())


def _rate(
    opened: OpenedCase,
    role: str,
    item: str,
    newborn: int,
    opinion: Opinion,
    witness: str,
    now: datetime,
) -> None:
    """Row, order and journal of one rating, under the lock of its case."""
    context = contexts.context_of(opened.case)
    thing = domain.thing_of(opened.case, context, item, newborn)
    if (item, newborn) in records.of_case(loaded=opened.loaded):
        raise RefusedError("rated_already")
    rules = rules_of(opened.case.pack)
    events: list[Event] = domain.rate(thing, opinion, rules, now)
    office = context.directory.office(thing.office) if thing.office else None
    division = office.division if office else next(iter(context.pack.divisions), "")
    rating = records.keep(
        loaded=opened.loaded,
        thing=thing,
        division=division,
        opinion=opinion,
        role=role,
        witness=witness,
        now=now,
    )
    if opinion.level.is_bad:
        work_orders.open_for_case(
            opened=opened,
            kind=OrderKind.BAD_RATING,
            words={"text": opinion.words, "level": str(int(opinion.level)), "role": role},
            channel=opinion.channel.value,
            item=item,
            newborn=newborn,
            reasons=opinion.reasons,
            rating_id=rating,
            now=now,
        )
    changes.change(lambda _case, _context: events, opened.loaded, now=now)


def _rated(
    thing: RatedThing, said: Mapping[ThingKey, Rating], rules: RatingRules, now: datetime
) -> Rated:
    rating = said.get((thing.item, thing.newborn))
    may = rating is not None and domain.may_append(
        rating.rated_at, rating.appended_at is not None, rules, now
    )
    return Rated(thing, rating, may, rating is None and domain.still_open(thing, rules, now))

"""演练数据: cases that were played through elsewhere are written with everything that follows in rows.

What lives here: one transaction for many whole cases, through the functions that write every other
case. Nothing leaves the node: no messages, no dispatches, no papers to set. What does not: making
the families up (`ops`).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from django.conf import settings
from django.db import connection, transaction

from yijian.actions import changes, contexts, paper_ledger, posting
from yijian.actions.dispatching import reached_by
from yijian.actions.happened import Happened
from yijian.domain.cases import Case
from yijian.domain.events import Event, EventKind
from yijian.domain.history import apply_all
from yijian.domain.ratings import Level, Opinion, RatingChannel, thing_of
from yijian.records import cases as case_records
from yijian.records import ratings
from yijian.records.cases import Change


class NotADemonstrationError(Exception):
    """Made-up families have no place on a node that serves real ones."""


@dataclass(frozen=True, slots=True)
class Played:
    """演练办件: a blank case, everything that has happened to it, and its window if it had one."""

    blank: Case
    events: Sequence[Event]
    window: str | None = None


def write(played: Sequence[Played], *, now: datetime) -> int:
    """Write whole cases in one transaction; how many. Errors: NotADemonstrationError."""
    if not settings.YIJIAN.demo:
        raise NotADemonstrationError
    made: list[Change] = []
    for one in played:
        after = apply_all(one.blank, one.events)
        context = contexts.context_of(after)
        made.append(
            Change(
                before=None,
                events=one.events,
                after=after,
                parties=changes.parties(None, after),
                channels=reached_by(after, one.events, context, {}),
                window=one.window,
            )
        )
    with transaction.atomic():
        saved = case_records.save(made)
        happened = [
            Happened(loaded, change.events, change.after, contexts.context_of(change.after))
            for loaded, change in zip(saved, made, strict=True)
        ]
        paper_ledger.follow(happened, now)
        posting.keep(happened, now)
        for each in happened:
            _keep_ratings(each)
    return len(saved)


def _keep_ratings(happened: Happened) -> None:
    """The rows of what was rated. A bad one opens no work order: nobody waits for an answer."""
    for event in happened.events:
        if event.kind is not EventKind.RATED:
            continue
        public = event.public
        thing = thing_of(
            happened.after, happened.context, str(public["item"]), int(str(public["newborn"]))
        )
        office = happened.context.directory.office(thing.office)
        reasons = cast(Iterable[object], public["reasons"])
        ratings.keep(
            loaded=happened.loaded,
            thing=thing,
            division=office.division if office else "",
            opinion=Opinion(
                Level(int(str(public["level"]))),
                RatingChannel(str(public["channel"])),
                tuple(str(reason) for reason in reasons),
            ),
            role=event.by,
            witness="",
            now=event.at,
        )


def numbers(count: int) -> list[int]:
    """The next numbers for case numbers."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval('case_number_sequence') FROM generate_series(1, %s)", [count]
        )
        return [number for (number,) in cursor.fetchall()]

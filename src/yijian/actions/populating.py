"""演练数据: cases that were played through elsewhere are written with everything that follows in rows.

What lives here: one transaction for many whole cases, through the functions that write every other
case. Nothing leaves the node: no messages, no dispatches, no papers to set; certificates are kept
and their faces are not set as files. What does not: making the families up (`ops`).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from django.conf import settings
from django.db import connection, transaction

from yijian.actions import certificates, changes, contexts, paper_ledger, posting
from yijian.actions.dispatching import reached_by
from yijian.actions.happened import Happened
from yijian.domain.cases import Case
from yijian.domain.events import Event, EventKind, moment_in
from yijian.domain.history import apply_all
from yijian.domain.ratings import Level, Opinion, RatingChannel, thing_of
from yijian.domain.states import UNDER_WAY
from yijian.records import cases as case_records
from yijian.records import certificates as certificate_records
from yijian.records import ratings, urging
from yijian.records.cases import Change
from yijian.records.urging import Urging


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
    with transaction.atomic():
        made = _changes(_unheard_of(played))
        saved = case_records.save(made)
        happened = [
            Happened(loaded, change.events, change.after, contexts.context_of(change.after))
            for loaded, change in zip(saved, made, strict=True)
        ]
        certificates.keep_rows(happened)
        paper_ledger.follow(happened, now)
        posting.keep(happened, now)
        for each in happened:
            _keep_ratings(each)
            _keep_urgings(each)
    return len(saved)


def _unheard_of(played: Sequence[Played]) -> list[Played]:
    """Those of them in which no office gives a number that somebody has already."""
    numbers = [
        certificates.numbers_given(one.events, contexts.context_of(one.blank)) for one in played
    ]
    taken = set(certificate_records.taken({number for each in numbers for _, number in each}))
    found: list[Played] = []
    for one, given in zip(played, numbers, strict=True):
        if not given & taken:
            found.append(one)
            taken |= given
    return found


def _changes(played: Sequence[Played]) -> list[Change]:
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
    return made


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
            role=happened.after.applicant,
            witness="",
            now=event.at,
        )


def _keep_urgings(happened: Happened) -> None:
    """The rows of who was told of what is still open: nobody is told of the same again."""
    last = {
        (event.task, event.public["why"]): event
        for event in happened.events
        if event.kind is EventKind.TASK_URGED
    }
    for event in last.values():
        assert event.task is not None
        task = happened.after.tasks[event.task]
        if task.state not in UNDER_WAY:
            continue
        office = happened.context.directory.office(str(event.public["office"]))
        told = Urging(
            case_id=happened.loaded.id,
            task_id=happened.loaded.task_id(task.key),
            item=task.item,
            office=str(event.public["office"]),
            division=office.division if office else "",
            why=str(event.public["why"]),
            due_at=moment_in(event.public, "due_at", None),
            roles=[str(role) for role in cast(Iterable[object], event.public["tell"])],
            by=event.by,
        )
        urging.put([told], now=event.at)


def numbers(count: int) -> list[int]:
    """The next numbers for case numbers."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval('case_number_sequence') FROM generate_series(1, %s)", [count]
        )
        return [number for (number,) in cursor.fetchall()]

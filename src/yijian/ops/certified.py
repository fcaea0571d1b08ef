"""演练证照: what results become in made-up lives, as issuing tells it, and the same for a likeness.

The pure core decides which certificates there are and what stands on them; a likeness of a life has
certificates of its own, with identifiers, numbers and digests that nobody else has. No face of any
of them is set as a file.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from os import urandom
from random import Random
from typing import Any, cast
from uuid import UUID

from yijian.actions.certificates import CHANGED, library_row, place_name
from yijian.domain import issuing
from yijian.domain.cases import Case
from yijian.domain.certificates import (
    Certificate,
    CertificateState,
    Identifier,
    certificate_of,
)
from yijian.domain.context import Context
from yijian.domain.events import Event, EventKind, TaskKey
from yijian.domain.history import apply_all

DAY_IN_WORDS = re.compile(r"(\d{4})年(\d{1,2})月(\d{1,2})日")


@dataclass
class Certificates:
    """一生的证照: those of one life, each with the task that gave it."""

    draw: Random
    made: list[tuple[TaskKey, Certificate]] = field(default_factory=list)

    def following(self, case: Case, events: Sequence[Event], context: Context) -> list[Event]:
        """The certificate events that follow from what happens to a case in one commit."""
        done = [
            (key, event, type_)
            for key, event in issuing.completed(events)
            for type_ in issuing.types_of(context.pack, key[0])
        ]
        links = list(self._linked(events, context))
        if not done:
            return links
        found: list[Event] = []
        after = apply_all(case, events)
        for key, event, type_ in done:
            identifier = UUID(int=self.draw.getrandbits(128))
            made = issuing.certificate(
                after,
                key,
                type_,
                context,
                id_=str(identifier),
                serial=identifier.hex.upper(),
                salt=identifier.hex,
                places=place_name,
                now=event.at,
            )
            if made is not None:
                self.made.append((key, made))
                found.append(issuing.kept(made, key, event.by, events[-1].at))
        return [*found, *links]

    def _linked(self, events: Sequence[Event], context: Context) -> Iterator[Event]:
        for newborn, number, event in issuing.given_numbers(events, context.pack):
            for place, (key, made) in enumerate(self.made):
                if key[1] == newborn and not made.holder.number:
                    known = replace(made, holder=replace(made.holder, number=number))
                    self.made[place] = key, known
                    yield linked(known, key, event.by, events[-1].at)


def linked(made: Certificate, key: TaskKey, by: str, at: datetime) -> Event:
    """That a certificate belongs to the citizen whose number its holder now has."""
    public = {"certificate": made.id, "type": made.type}
    sealed = {
        "holder_number": made.holder.number,
        "library": library_row(made, CertificateState.VALID, CHANGED),
    }
    return Event(EventKind.CERTIFICATE_LINKED, at, by, key, public, sealed)


@dataclass
class Copied:
    """相似人生的证照: those of one likeness, by the id that each has in the life it is taken from.

    `told` says how a value of the life is told of the likeness, `by` how much later it is.
    """

    told: Callable[[Any], Any]
    by: timedelta
    made: dict[str, Certificate] = field(default_factory=dict)

    def event(self, event: Event, at: datetime) -> Event:
        """The same certificate event, about the likeness's own certificate."""
        old = str(event.public["certificate"])
        assert event.task is not None
        number = self.told(str(event.sealed["holder_number"]))
        if event.kind is EventKind.CERTIFICATE_KEPT:
            made = self.made[old] = self._own(event.sealed["content"], number, at)
            return issuing.kept(made, event.task, event.by, at)
        before = self.made[old]
        known = replace(before, holder=replace(before.holder, number=number))
        return linked(known, event.task, event.by, at)

    def _own(self, content: object, number: str, at: datetime) -> Certificate:
        told = cast(Mapping[str, Any], self.told(content))
        identifier = id_at(at)
        made = certificate_of(str(identifier), told, number)
        before = made.identifier
        return replace(
            made,
            identifier=Identifier(before.type_code, before.issuer, identifier.hex.upper()),
            salt=urandom(16).hex(),
            shown={name: self._in_words(value) for name, value in made.shown.items()},
        )

    def _in_words(self, text: str) -> str:
        """The text with its day as much later as everything else."""
        found = DAY_IN_WORDS.match(text)
        if found is None:
            return text
        year, month, day = map(int, found.groups())
        moved = date(year, month, day) + self.by
        return f"{moved.year}年{moved.month}月{moved.day}日{text[found.end() :]}"


def id_at(at: datetime) -> UUID:
    """A UUIDv7 of this moment, so that rows lie in the order in which they were made."""
    value = int(at.timestamp() * 1000) << 80 | int.from_bytes(urandom(10))
    value &= ~(0xF << 76) & ~(0x3 << 62)
    return UUID(int=value | 0x7 << 76 | 0x2 << 62)

"""分发路由: which office acts, and how a task reaches it.

An item names a kind of office, a fact names the place. How an office is reached is its own channel,
or what dated rules say for the office, its place, its kind or one item.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from yijian.domain.policy import ServiceItem
from yijian.domain.wording import Text


@dataclass(frozen=True, slots=True)
class Office:
    """办理机构: a hospital, a police station, a bureau; `channel` is how tasks reach it.

    `hands_over_to` is the office that helps where this one does not issue certificates itself.
    It stands in `division` and may act for further ones, `also_for`.
    """

    code: str
    kind: str
    title: Text
    division: str
    channel: str = "desk"
    participant: str | None = None
    phone: str = ""
    address: str = ""
    issues_certificates: bool = True
    hands_over_to: str | None = None
    also_for: tuple[str, ...] = ()

    @property
    def serves(self) -> tuple[str, ...]:
        """Every division it acts for, its own first."""
        return (self.division, *self.also_for)


DESK, SYSTEM, NODE, FILE = "desk", "system", "node", "file"
WAYS = (DESK, SYSTEM, NODE, FILE)
"""渠道: our desk, the office's own system, another node, packages for those without a network."""


@dataclass(frozen=True, slots=True)
class Reach:
    """到达方式: the channel by which an office gets a task, and the participant at its other end."""

    channel: str
    participant: str | None = None

    @property
    def destination(self) -> str | None:
        """Where messages about the task wait; None for what is found on a desk.

        >>> Reach("file", "clinic").destination, Reach("desk").destination
        ('file:clinic', None)
        """
        if self.channel == DESK or self.participant is None:
            return None
        return f"{FILE}:{self.participant}" if self.channel == FILE else self.participant

    def __str__(self) -> str:
        """As it is kept with a task.

        >>> str(Reach("system", "ps-1")), str(Reach("desk"))
        ('system:ps-1', 'desk')
        """
        return f"{self.channel}:{self.participant}" if self.participant else self.channel


def read_reach(kept: str) -> Reach:
    """The reach that was kept as text.

    >>> read_reach("system:ps-1") == Reach("system", "ps-1"), read_reach("desk") == Reach("desk")
    (True, True)
    """
    channel, _, participant = kept.partition(":")
    return Reach(channel, participant or None)


def is_packed(destination: str) -> bool:
    """Whether messages to this destination are packed into files instead of being sent.

    >>> is_packed("file:clinic"), is_packed("clinic")
    (True, False)
    """
    return destination.startswith(f"{FILE}:")


@dataclass(frozen=True, slots=True)
class Channel:
    """渠道规则: from a day on, until another, tasks reach offices this way.

    It is about one office (`office`) or every office of a place (`division`, a prefix of division
    codes; empty for everywhere), there of one `kind` or any, for one `item` or every one.
    `everything` moves what an office has already accepted too when the rule begins;
    `everything_back` does when it ends.
    """

    channel: str
    participant: str | None
    starts_on: date
    ends_on: date | None = None
    office: str = ""
    division: str = ""
    kind: str = ""
    item: str = ""
    everything: bool = False
    everything_back: bool = False

    def covers(self, office: Office, item: str) -> bool:
        """Whether the rule is about this office and item, on whatever day."""
        if self.item and self.item != item:
            return False
        if self.office:
            return self.office == office.code
        at_place = office.division.startswith(self.division)
        return at_place and (not self.kind or self.kind == office.kind)

    def in_force(self, on: date) -> bool:
        """Whether the rule holds on a day; it ends before `ends_on`."""
        return self.starts_on <= on and (self.ends_on is None or on < self.ends_on)

    @property
    def precision(self) -> tuple[bool, int, bool, bool, date]:
        """The greater, the more exactly the rule says whom it means; of equals the later holds."""
        place = len(self.division)
        return (bool(self.office), place, bool(self.item), bool(self.kind), self.starts_on)


@dataclass(frozen=True)
class Directory:
    """机构目录: every office that acts, by code and by place, and the rules of how it is reached."""

    offices: tuple[Office, ...]
    channels: tuple[Channel, ...] = ()

    @cached_property
    def _by_code(self) -> Mapping[str, Office]:
        return {office.code: office for office in self.offices}

    @cached_property
    def _by_place(self) -> Mapping[tuple[str, str], Office]:
        return {
            (office.kind, _place(division)): office
            for office in self.offices
            for division in office.serves
        }

    @cached_property
    def _reached(self) -> dict[tuple[str, str, date], Reach]:
        return {}

    def reach(self, office: Office, item: str, on: date) -> Reach:
        """How one item reaches an office on a day: the most exact rule, else the office's own way.

        A directory is asked the same again and again; what it said once is remembered.
        """
        asked = (office.code, item, on)
        if asked not in self._reached:
            said = self.rule(office, item, on) or office
            # Packages need a name for whom they are made; an office can stand for itself.
            alone = office.code if said.channel == FILE else None
            self._reached[asked] = Reach(said.channel, said.participant or alone)
        return self._reached[asked]

    def rule(self, office: Office, item: str, on: date) -> Channel | None:
        """The rule that says so; None when it is the office's own way.

        A rule about one office wins over rules about places, a longer division over a shorter
        one, one item over all of them, one kind over any.
        """
        holding = (r for r in self.channels if r.in_force(on) and r.covers(office, item))
        return max(holding, key=lambda rule: rule.precision, default=None)

    def offices_of(self, participant: str) -> tuple[str, ...]:
        """The codes of the offices that a participant may stand behind, on whatever day."""
        return self._by_participant.get(participant, ())

    @cached_property
    def _by_participant(self) -> Mapping[str, tuple[str, ...]]:
        found: dict[str, list[str]] = {}
        for office in self.offices:
            rules = (r.participant for r in self.channels if r.covers(office, r.item))
            alone = office.code if office.channel == FILE else None
            for participant in {office.participant or alone, *rules} - {None}:
                found.setdefault(str(participant), []).append(office.code)
        return {participant: tuple(codes) for participant, codes in found.items()}

    def office(self, code: str) -> Office | None:
        """The office with this code; None when unknown."""
        return self._by_code.get(code)

    def of_kind(self, kind: str) -> Iterable[Office]:
        """Every office of one kind, in directory order."""
        return (office for office in self.offices if office.kind == kind)

    def route(self, item: ServiceItem, values: Mapping[str, object]) -> Office | None:
        """The office for an item, given what is known; None means a person must decide."""
        place = values.get(item.office_fact)
        if not isinstance(place, str) or not place:
            return None
        named = self._by_code.get(place)
        if named is not None and named.kind == item.office_kind:
            return named
        return self.nearest(item.office_kind, place)

    def nearest(self, kind: str, division: str) -> Office | None:
        """The office of `kind` whose division is `division` or the closest one above it."""
        if not division.isdigit() or len(division) != 6:
            return None
        for prefix in (division, division[:4], division[:2], ""):
            office = self._by_place.get((kind, _place(prefix)))
            if office is not None:
                return office
        return None


def _place(division: str) -> str:
    """A division code without the zero pairs that mean "the whole of"."""
    while division.endswith("00"):
        division = division[:-2]
    return division

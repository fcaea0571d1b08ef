"""证号库存: birth certificate numbers as blank paper, from the province down to the institution.

A run of numbers is taken in once, allotted downwards without hole or overlap, accepted by who
receives it, and from then on every single number is in stock, issued, void or lost. No number is
ever used twice, and a lost one that is found again can only be voided. What is written in an
office's stock book rebuilds all of it: `replayed`.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from yijian.domain.numbers import certificate_number, certificate_parts, normal_id_number

LARGEST_RUN = 2_000_000
"""How many numbers one run may hold: a province prints about as many in a year."""
LARGEST_STOCK = 5_000
"""How many numbers an institution may accept at once."""


class StockRefusedError(Exception):
    """A change of the stock that its rules do not allow; `code` is stable, `number` at fault."""

    def __init__(self, code: str, number: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.number = number


@dataclass(frozen=True, slots=True, order=True)
class NumberRange:
    """号段: consecutive numbers with one letter and one province, both ends included."""

    prefix: str
    first: int
    last: int

    def __str__(self) -> str:
        return f"{self.first_number}–{self.last_number}"

    @property
    def first_number(self) -> str:
        """The lowest number."""
        return certificate_number(self.prefix, self.first)

    @property
    def last_number(self) -> str:
        """The highest number."""
        return certificate_number(self.prefix, self.last)

    @property
    def size(self) -> int:
        """How many numbers it holds."""
        return self.last - self.first + 1

    def holds(self, number: str) -> bool:
        """Whether a number lies in it."""
        return (
            number[:3] == self.prefix
            and number[3:].isdigit()
            and self.first <= int(number[3:]) <= self.last
        )

    def within(self, other: "NumberRange") -> bool:
        """Whether all of it lies in `other`."""
        return self.prefix == other.prefix and other.first <= self.first <= self.last <= other.last

    def overlaps(self, other: "NumberRange") -> bool:
        """Whether any number lies in both."""
        return self.prefix == other.prefix and self.first <= other.last and other.first <= self.last

    def numbers(self) -> Iterator[str]:
        """Every number, from the lowest on."""
        return (certificate_number(self.prefix, n) for n in range(self.first, self.last + 1))


def number_range(first: str, last: str) -> NumberRange:
    """The run from one number to another, as two typed numbers.

    Errors: StockRefusedError `number_format`, `range_backwards`, `range_mixed`, `range_too_large`.

    >>> str(number_range("t340000001", "T340000100"))
    'T340000001–T340000100'
    """
    ends = []
    for typed in (first, last):
        number = normal_id_number(typed)
        try:
            ends.append(certificate_parts(number))
        except ValueError:
            raise StockRefusedError("number_format", number[:20]) from None
    (prefix, low), (other, high) = ends
    if prefix != other:
        raise StockRefusedError("range_mixed")
    if high < low:
        raise StockRefusedError("range_backwards")
    if high - low >= LARGEST_RUN:
        raise StockRefusedError("range_too_large")
    return NumberRange(prefix, low, high)


def runs(numbers: Iterable[str]) -> tuple[NumberRange, ...]:
    """The numbers as runs, in order: how a list of them is said shortly.

    >>> [str(run) for run in runs(["T340000003", "T340000001", "T340000002", "T340000009"])]
    ['T340000001–T340000003', 'T340000009–T340000009']
    """
    found: list[NumberRange] = []
    for prefix, serial in sorted({certificate_parts(number) for number in numbers}):
        before = found[-1] if found else None
        if before is not None and (before.prefix, before.last) == (prefix, serial - 1):
            found[-1] = replace(before, last=serial)
        else:
            found.append(NumberRange(prefix, serial, serial))
    return tuple(found)


class Level(StrEnum):
    """层级: on whose shelf a run lies, from the province down to the institution."""

    PROVINCE = "province"
    CITY = "city"
    COUNTY = "county"
    INSTITUTION = "institution"


_DEPTH = {level: depth for depth, level in enumerate(Level)}


@dataclass(frozen=True, slots=True)
class Holder:
    """号段持有单位: an office that holds numbers; an institution is where they are issued."""

    office: str
    division: str
    institution: bool

    @property
    def level(self) -> Level:
        """Where it stands between the province and the institution."""
        if self.institution:
            return Level.INSTITUTION
        if self.division.endswith("0000"):
            return Level.PROVINCE
        return Level.CITY if self.division.endswith("00") else Level.COUNTY

    def is_above(self, other: "Holder") -> bool:
        """Whether it may allot numbers to `other`: lower, and at a place of its own."""
        place = self.division.rstrip("0")
        place += "0" * (len(place) % 2)
        return _DEPTH[self.level] < _DEPTH[other.level] and other.division.startswith(place)


@dataclass(frozen=True, slots=True)
class Allotment:
    """首发号段: a run that lies with a holder; `parent` is the run it was taken from.

    It counts as the holder's only once it was accepted.
    """

    id: str
    holder: str
    run: NumberRange
    parent: str | None = None
    accepted: bool = False


def check_taken_in(run: NumberRange, holder: Holder, known: Iterable[Allotment]) -> None:
    """A run that comes from outside the node.

    Errors: StockRefusedError `range_of_another_province`, `range_overlaps`.
    """
    if run.prefix[1:] != holder.division[:2]:
        raise StockRefusedError("range_of_another_province", run.first_number)
    for other in known:
        if run.overlaps(other.run):
            raise StockRefusedError("range_overlaps", str(other.run))


def next_free(parent: Allotment, children: Iterable[Allotment]) -> int | None:
    """The first serial of a run that was not allotted further; None when all of it was."""
    after = max((child.run.last + 1 for child in children), default=parent.run.first)
    return after if after <= parent.run.last else None


def check_allotment(
    run: NumberRange,
    parent: Allotment,
    giver: Holder,
    taker: Holder,
    children: Sequence[Allotment],
) -> None:
    """A part of an accepted run goes one step down; it follows what was allotted before it.

    Errors: StockRefusedError `range_not_accepted`, `not_below`, `range_outside`, `range_overlaps`,
    `range_leaves_a_hole`, `range_too_large`.
    """
    if parent.holder != giver.office or not parent.accepted:
        raise StockRefusedError("range_not_accepted")
    if not giver.is_above(taker):
        raise StockRefusedError("not_below")
    if not run.within(parent.run):
        raise StockRefusedError("range_outside", str(parent.run))
    for child in children:
        if run.overlaps(child.run):
            raise StockRefusedError("range_overlaps", str(child.run))
    expected = next_free(parent, children)
    if expected is not None and run.first != expected:
        number = certificate_number(run.prefix, expected)
        raise StockRefusedError("range_leaves_a_hole", number)
    if taker.institution and run.size > LARGEST_STOCK:
        raise StockRefusedError("range_too_large")


class NumberState(StrEnum):
    """证号状态: what has become of one number."""

    IN_STOCK = "in_stock"
    ISSUED = "issued"
    VOID = "void"
    LOST = "lost"


NEXT: Mapping[NumberState, frozenset[NumberState]] = {
    NumberState.IN_STOCK: frozenset({NumberState.ISSUED, NumberState.VOID, NumberState.LOST}),
    NumberState.LOST: frozenset({NumberState.VOID}),
    NumberState.ISSUED: frozenset(),
    NumberState.VOID: frozenset(),
}
"""What a number may become. Nothing leads back into stock."""

REFUSALS = {
    NumberState.ISSUED: "number_used",
    NumberState.VOID: "number_void",
    NumberState.LOST: "number_lost",
}


def check_step(number: str, now: NumberState, to: NumberState) -> None:
    """Errors: StockRefusedError `number_used`, `number_void`, `number_lost`, with the number."""
    if to not in NEXT[now]:
        raise StockRefusedError(REFUSALS.get(now, "number_not_in_stock"), number)


def check_second_person(proposed_by: str, confirmed_by: str) -> None:
    """Voiding takes two. Errors: StockRefusedError `second_person_needed`."""
    if proposed_by == confirmed_by:
        raise StockRefusedError("second_person_needed")


@dataclass(frozen=True, slots=True)
class StockCount:
    """A run on an institution's shelf, counted; `gaps` were passed over and still lie there."""

    run: NumberRange
    states: Mapping[NumberState, int]
    gaps: tuple[NumberRange, ...]
    void: tuple[NumberRange, ...]
    lost: tuple[NumberRange, ...]

    def of(self, state: NumberState) -> int:
        """How many numbers are in a state."""
        return self.states.get(state, 0)


def counted(run: NumberRange, states: Mapping[str, NumberState]) -> StockCount:
    """断号报告: how a run stands, and every number that is out of its order.

    A gap is a number still in stock although a higher one of its run has been issued.
    """
    inside = {number: state for number, state in states.items() if run.holds(number)}
    by_state: dict[NumberState, list[str]] = {state: [] for state in NumberState}
    for number, state in inside.items():
        by_state[state].append(number)
    highest = max(by_state[NumberState.ISSUED], default="")
    passed = [number for number in by_state[NumberState.IN_STOCK] if number < highest]
    return StockCount(
        run,
        {state: len(numbers) for state, numbers in by_state.items()},
        runs(passed),
        runs(by_state[NumberState.VOID]),
        runs(by_state[NumberState.LOST]),
    )


class StockEventKind(StrEnum):
    """库存事件: what a stock book can say."""

    RANGE_TAKEN_IN = "range_taken_in"
    RANGE_ALLOTTED = "range_allotted"
    RANGE_ACCEPTED = "range_accepted"
    VOID_PROPOSED = "void_proposed"
    VOID_WITHDRAWN = "void_withdrawn"
    NUMBERS_VOIDED = "numbers_voided"
    NUMBERS_LOST = "numbers_lost"


@dataclass(frozen=True, slots=True)
class Stock:
    """库存: every run and every number that is no longer simply in stock, as the books tell."""

    runs: Mapping[str, Allotment] = field(default_factory=dict)
    spoilt: Mapping[str, NumberState] = field(default_factory=dict)

    def expected(self, institutions: Iterable[str]) -> dict[str, tuple[str, NumberState]]:
        """Every number that must lie at an institution: its holder, and whether it was spoilt."""
        own = set(institutions)
        found = {}
        for allotment in self.runs.values():
            if allotment.accepted and allotment.holder in own:
                for number in allotment.run.numbers():
                    state = self.spoilt.get(number, NumberState.IN_STOCK)
                    found[number] = (allotment.holder, state)
        return found


def replayed(entries: Iterable[tuple[str, str, Mapping[str, object]]]) -> Stock:
    """The stock that the books tell: (office, kind, body) of every entry of every book.

    Bodies of one book come in their order; the order of the books does not matter.
    Errors: KeyError, ValueError for entries that cannot be read.
    """
    allotments: dict[str, Allotment] = {}
    accepted: set[str] = set()
    spoilt: dict[str, NumberState] = {}
    for office, kind, body in entries:
        if kind in (StockEventKind.RANGE_TAKEN_IN, StockEventKind.RANGE_ALLOTTED):
            run = number_range(str(body["first"]), str(body["last"]))
            parent = body.get("parent")
            holder = str(body.get("to", office))
            known = None if parent is None else str(parent)
            allotments[str(body["range"])] = Allotment(str(body["range"]), holder, run, known)
            if kind == StockEventKind.RANGE_TAKEN_IN:
                accepted.add(str(body["range"]))
        elif kind == StockEventKind.RANGE_ACCEPTED:
            accepted.add(str(body["range"]))
        if kind in (StockEventKind.NUMBERS_LOST, StockEventKind.RANGE_ACCEPTED):
            for number in listed(body.get("lost")):
                spoilt.setdefault(number, NumberState.LOST)
        elif kind == StockEventKind.NUMBERS_VOIDED:
            for number in listed(body.get("numbers")):
                spoilt[number] = NumberState.VOID
    known_runs = {id: replace(one, accepted=id in accepted) for id, one in allotments.items()}
    return Stock(known_runs, spoilt)


def listed(value: object) -> tuple[str, ...]:
    """The numbers that a book's entry lists; none when it lists nothing."""
    return tuple(str(one) for one in value) if isinstance(value, list) else ()

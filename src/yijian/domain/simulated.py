"""推演结果: the tables of a simulation, read from its counts. None is a hidden count."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from yijian.domain.simulating import (
    ACTS,
    AFTER,
    AT_COUNTER,
    BEFORE,
    BEHIND,
    NOT_NEEDED,
    Counted,
)
from yijian.domain.small_cells import shown

Cell = int | None
Found = Mapping[tuple[str, ...], Cell]
"""The counts of a simulation as they may be shown, by what they count."""

MOVES: Mapping[str, tuple[tuple[str, str], ...]] = {
    "lets_in": (("no", "yes"),),
    "keeps_out": (("yes", "no"),),
    "stays_in": (("yes", "yes"),),
    "stays_out": (("no", "no"),),
    "opens": (("yes", "open"), ("no", "open")),
    "settles": (("open", "yes"), ("open", "no")),
    "stays_open": (("open", "open"),),
}
"""What becomes of a family, by its verdicts before and after."""


@dataclass(frozen=True, slots=True)
class Pair:
    """前后: one count under the version in force and under the draft."""

    key: str
    before: Cell
    after: Cell

    @property
    def difference(self) -> Cell:
        """By how much it changes; None when one of them is hidden."""
        if self.before is None or self.after is None:
            return None
        return self.after - self.before


@dataclass(frozen=True, slots=True)
class Clause:
    """条款影响: whom one rule refuses, before and after, and whom its change lets in or keeps out.

    `alone`: those that no other rule refuses.
    """

    rule: str
    refuses: Pair
    alone: Pair
    lets_in: Cell
    lets_in_alone: Cell
    keeps_out: Cell
    keeps_out_alone: Cell

    @property
    def changes(self) -> bool:
        """Whether anything about it is different after."""
        moves = (self.lets_in, self.keeps_out)
        return any(each != 0 for each in moves) or _differs(self.refuses) or _differs(self.alone)


@dataclass(frozen=True, slots=True)
class Work:
    """工作量: the tasks of one item: those offices act on, not needed, done at the counter."""

    item: str
    acts: Pair
    not_needed: Pair
    at_counter: Pair


def by_move(counted: Counted) -> Counted:
    """The counts with the verdicts put together as what becomes of a family."""
    found = Counted({key: n for key, n in counted.items() if key[0] != "verdict"})
    for move, verdicts in MOVES.items():
        found["move", move] = sum(counted["verdict", before, after] for before, after in verdicts)
    return found


def exact(counted: Counted) -> dict[tuple[str, ...], int]:
    """The counts of made-up families: nobody is to be protected."""
    return {key: count for key, count in by_move(counted).items() if key[0] != BEHIND}


def protected(counted: Counted) -> Found:
    """Counts of real families as they may be shown: tasks of too few families are hidden too."""
    few = {key[1:] for key, count in counted.items() if key[0] == BEHIND and shown(count) is None}
    return {key: None if key in few else shown(count) for key, count in exact(counted).items()}


def families(found: Found) -> list[tuple[str, Cell]]:
    """How many families become in or out, or stay as they are."""
    return [(move, found.get(("move", move), 0)) for move in MOVES]


def clauses(found: Found) -> list[Clause]:
    """Every rule that refuses somebody: those whose effect changes first, the strongest first."""
    rules = [_clause(found, rule) for rule in _named(found, "rule")]
    return sorted(rules, key=lambda c: (not c.changes, -_weight(c), c.rule))


def works(found: Found) -> list[Work]:
    """The tasks of every item."""
    return [
        Work(
            item, *(_pair(found, item, "item", item, way) for way in (ACTS, NOT_NEEDED, AT_COUNTER))
        )
        for item in _named(found, "item")
    ]


def kinds(found: Found) -> list[Pair]:
    """The tasks of every kind of office."""
    return [_pair(found, kind, "kind", kind) for kind in _named(found, "kind")]


def materials(found: Found) -> list[Pair]:
    """How many families are asked for each material."""
    return [_pair(found, each, "material", each) for each in _named(found, "material")]


def workdays(found: Found) -> list[Pair]:
    """How many families are promised how many working days, the fewest first."""
    days = sorted(_named(found, "workdays"), key=int)
    return [_pair(found, day, "workdays", day) for day in days]


def half_within(found: Found) -> Pair:
    """The working days within which half of the families are promised to be done."""
    days = workdays(found)
    return Pair(
        "half", _half((d.key, d.before) for d in days), _half((d.key, d.after) for d in days)
    )


def months(found: Found) -> list[tuple[str, Cell, Pair, Pair]]:
    """Month by month: families, how many fit, and the tasks that offices act on."""
    return [
        (
            month,
            found.get(("month", month, "families"), 0),
            _pair(found, month, "month", month, "fit"),
            _pair(found, month, "month", month, "tasks"),
        )
        for month in sorted(_named(found, "month"))
    ]


def _clause(found: Found, rule: str) -> Clause:
    told = [
        found.get(("rule", rule, what), 0)
        for what in ("lets_in", "lets_in_alone", "keeps_out", "keeps_out_alone")
    ]
    return Clause(
        rule,
        _pair(found, rule, "rule", rule, "refuses"),
        _pair(found, rule, "rule", rule, "alone"),
        *told,
    )


def _pair(found: Found, key: str, *words: str) -> Pair:
    return Pair(key, found.get((*words, BEFORE), 0), found.get((*words, AFTER), 0))


def _named(found: Found, what: str) -> Iterator[str]:
    """Every code that something is counted of, each once."""
    yield from dict.fromkeys(key[1] for key in found if key[0] == what)


def _differs(pair: Pair) -> bool:
    return pair.before != pair.after


def _weight(clause: Clause) -> int:
    return max(clause.refuses.before or 0, clause.refuses.after or 0)


def _half(counts: Iterable[tuple[str, Cell]]) -> int | None:
    known = [(int(day), count or 0) for day, count in counts]
    whole, so_far = sum(count for _, count in known), 0
    for day, count in known:
        so_far += count
        if whole and 2 * so_far >= whole:
            return day
    return None

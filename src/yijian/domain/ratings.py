"""好差评: five grades for every finished item and for the whole, given freely and once.

What lives here: what may be rated, by whom, until when, and what a rating is. What does not: the
words of the family, which are sealed (`records.ratings`), and what follows from a bad grade
(`work_orders`). Reasons, dimensions and limits are policy values.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import IntEnum, StrEnum

from yijian.domain.cases import Case, Task
from yijian.domain.clocks import local_day
from yijian.domain.context import Context, RefusedError
from yijian.domain.events import Event, EventKind
from yijian.domain.policy import ServiceItem
from yijian.domain.states import Stage, TaskState
from yijian.domain.wording import Text

WHOLE = ""
"""The item under which the whole joint service is rated."""
LONGEST_WORDS = 500
RATER = "family"
"""Who a rating's event says it is by: the offices that read the journal learn no more."""
SMALLEST_SHOWN = 5
"""Smaller counts are not shown where they could point at a family."""
_RATABLE = frozenset(
    {TaskState.COMPLETED, TaskState.REJECTED, TaskState.DECLINED, TaskState.OFFLINE}
)


class Level(IntEnum):
    """满意度: the five grades with their national codes; the smaller, the better."""

    VERY_SATISFIED = 1
    SATISFIED = 2
    FAIRLY_SATISFIED = 3
    UNSATISFIED = 4
    VERY_UNSATISFIED = 5

    @property
    def is_bad(self) -> bool:
        """差评: whether somebody must look into it.

        >>> [level.is_bad for level in Level]
        [False, False, False, True, True]
        """
        return self >= Level.UNSATISFIED

    @property
    def stars(self) -> int:
        """五星制: the same grade in stars."""
        return 6 - self


class RatingChannel(StrEnum):
    """评价渠道: over which way a rating came, as the national table names them."""

    PC = "pc"
    MOBILE = "mobile"
    QR = "qr"
    TABLET = "tablet"
    OTHER = "other"
    PHONE = "phone"
    SMS = "sms"


@dataclass(frozen=True, slots=True)
class RatingReason:
    """差评原因: a reason offered with a bad grade; `asks_words` when it says nothing alone."""

    id: str
    text: Text
    asks_words: bool = False


@dataclass(frozen=True, slots=True)
class Dimension:
    """评价维度: one side of the service that may be graded of its own, online or at a window."""

    id: str
    title: Text
    online: bool
    at_window: bool


@dataclass(frozen=True, slots=True)
class OrderLimits:
    """工单时限: working days until an order is assigned, answered, and answered at the latest."""

    assign_workdays: int
    finish_workdays: int
    extended_workdays: int


@dataclass(frozen=True, slots=True)
class RatingRules:
    """评价规则: the policy values of ratings and of the work orders that follow from them.

    `answered` is what a `family`, or the `public` by a phone that was left, reads when its order is
    answered.
    """

    levels: Mapping[Level, Text]
    reasons: Mapping[str, RatingReason]
    dimensions: tuple[Dimension, ...]
    open_days: int
    append_days: int
    limits: Mapping[str, OrderLimits] = field(default_factory=dict)
    answered: Mapping[str, Text] = field(default_factory=dict)

    def dimensions_of(self, channel: RatingChannel) -> tuple[Dimension, ...]:
        """The dimensions that are asked on this channel."""
        here = channel is RatingChannel.TABLET
        return tuple(each for each in self.dimensions if (each.at_window if here else each.online))


@dataclass(frozen=True, slots=True)
class RatedThing:
    """评价对象: an item of one newborn with the office that did it, or the whole (`WHOLE`)."""

    item: str
    newborn: int
    office: str
    ended_at: datetime


@dataclass(frozen=True, slots=True)
class Opinion:
    """评价内容: what somebody says about one thing."""

    level: Level
    channel: RatingChannel
    reasons: tuple[str, ...] = ()
    dimensions: Mapping[str, int] = field(default_factory=dict)
    words: str = field(default="", repr=False)


def ratable(case: Case, context: Context) -> list[RatedThing]:
    """What of this case has ended and may be rated, the whole at last.

    What was never an office's work (not needed, withdrawn) is nobody's to be rated for.
    """
    found = [
        RatedThing(task.item, task.newborn, task.office or "", task.since)
        for task in case.tasks.values()
        if _worked_on(task, context.pack.items.get(task.item))
    ]
    if found and case.stage is Stage.CLOSED:
        found.append(RatedThing(WHOLE, 0, "", max(thing.ended_at for thing in found)))
    return found


def thing_of(case: Case, context: Context, item: str, newborn: int) -> RatedThing:
    """The ended thing that is to be rated. Errors: RefusedError `not_ratable`."""
    for thing in ratable(case, context):
        if (thing.item, thing.newborn) == (item, newborn):
            return thing
    raise RefusedError("not_ratable")


def still_open(thing: RatedThing, rules: RatingRules, now: datetime) -> bool:
    """Whether the thing may be rated for the first time today."""
    return local_day(now) <= local_day(thing.ended_at) + timedelta(days=rules.open_days)


def rate(thing: RatedThing, opinion: Opinion, rules: RatingRules, now: datetime) -> list[Event]:
    """The family rates one thing, for the first time.

    Errors: RefusedError `rating_too_late`, `unknown_reason`, `words_too_long`.
    """
    if not still_open(thing, rules, now):
        raise RefusedError("rating_too_late")
    _check(opinion, rules)
    return [_rated(thing, opinion, now)]


def rate_again(
    thing: RatedThing, opinion: Opinion, before: Level, rules: RatingRules, now: datetime
) -> list[Event]:
    """The family rates what has been put right; the first grade stays on record beside it.

    Errors: RefusedError `unknown_reason`, `words_too_long`.
    """
    _check(opinion, rules)
    return [_rated(thing, opinion, now, replaces=before)]


def excluded(by: str, thing: RatedThing, level: Level, now: datetime) -> Event:
    """An appeal against a rating was upheld: neither it nor a second grade is counted any more.

    The event names no task and nobody of the family, as a rating does not.
    """
    public = {"level": int(level), "item": thing.item, "newborn": thing.newborn}
    return Event(EventKind.RATING_EXCLUDED, now, by, public=public)


def may_append(rated_at: datetime, appended: bool, rules: RatingRules, now: datetime) -> bool:
    """Whether the family may add words to what it has said: once, and not for ever."""
    last = local_day(rated_at) + timedelta(days=rules.append_days)
    return not appended and local_day(now) <= last


def shown_count(count: int) -> int | None:
    """A count as outsiders see it; None when it is so small that it could point at a family.

    >>> shown_count(0), shown_count(4), shown_count(5)
    (0, None, 5)
    """
    return None if 0 < count < SMALLEST_SHOWN else count


def satisfied_share(levels: Iterable[tuple[int, int]]) -> float | None:
    """好评率: the share of grades 1 to 3 among all; None without any.

    >>> satisfied_share([(1, 6), (3, 2), (5, 2)])
    0.8
    """
    counted = list(levels)
    total = sum(count for _, count in counted)
    good = sum(count for level, count in counted if not Level(level).is_bad)
    return good / total if total else None


def _worked_on(task: Task, item: ServiceItem | None) -> bool:
    return item is not None and task.state in _RATABLE and task.office is not None


def _check(opinion: Opinion, rules: RatingRules) -> None:
    known = {each.id for each in rules.dimensions_of(opinion.channel)}
    if not set(opinion.reasons) <= set(rules.reasons):
        raise RefusedError("unknown_reason")
    if opinion.reasons and not opinion.level.is_bad:
        raise RefusedError("unknown_reason")
    if not set(opinion.dimensions) <= known:
        raise RefusedError("unknown_reason")
    if any(grade not in set(Level) for grade in opinion.dimensions.values()):
        raise RefusedError("unknown_reason")
    if len(opinion.words) > LONGEST_WORDS:
        raise RefusedError("words_too_long")


def _rated(
    thing: RatedThing, opinion: Opinion, now: datetime, replaces: Level | None = None
) -> Event:
    """The event names no task: what stands with a task is told to its office.

    It names no parent either: who of the family rated is sealed with the words.
    """
    public: dict[str, object] = {
        "level": int(opinion.level),
        "item": thing.item,
        "newborn": thing.newborn,
        "office": thing.office,
        "channel": opinion.channel.value,
        "reasons": list(opinion.reasons),
    }
    if replaces is not None:
        public["replaces"] = int(replaces)
    return Event(EventKind.RATED, now, RATER, public=public)

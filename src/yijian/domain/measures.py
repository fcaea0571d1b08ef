"""统计项: the names of everything the console counts, and the cells in which it is counted.

What lives here: words and values. How a case comes to count for them is in `figures`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import NamedTuple

NEVER = date(9999, 1, 1)
"""The due day of what has no deadline."""
UNROUTED = "unrouted"
"""In the place of a state: a person must say which office acts."""


class Measure(StrEnum):
    """统计项: what is counted. In brackets: `item`, `detail` where they say more than the name.

    `day` is the day of the event in Shanghai where nothing else is said. Of a task, `item` is its
    item; it counts for its present office and the office's place, a case for its place.
    """

    STARTED = "started"
    """Cases opened here [, channel]."""
    RECEIVED = "received"
    """Cases that came from another node [, the node]."""
    ELIGIBLE = "eligible"
    """What the conditions came to for a case [, yes|no]; the last word counts, none is none."""
    TURNED_AWAY = "turned_away"
    """Cases that a rule keeps out; the last word counts, `day` is since when [, rule]."""
    TURNED_AWAY_ALONE = "turned_away_alone"
    """Those of them in which this rule is the only one [, rule]."""
    MET_LATER = "met_later"
    """Cases that the rule kept out since `day` and later no more: something was put right, or
    another scheme was chosen [, rule]."""
    SIGNED = "signed"
    """Cases with their first signature, and with all [, first|all]."""
    SUBMITTED = "submitted"
    """Cases submitted here [, channel]."""
    CLOSED = "closed"
    """Cases that have ended [, done|partly|undone|withdrawn, before submission given_up]."""
    FUNNEL = "funnel"
    """How far the cases begun on `day` have come [, opened|eligible|signed|submitted|an item's
    code when it is completed for every newborn|closed]."""
    QUEUED = "queued"
    """Tasks that came to an office [item]."""
    ACCEPTED = "accepted"
    """Tasks that an office has accepted [item]."""
    ENDED = "ended"
    """Tasks that have ended [item, state]."""
    ENDED_IN_TIME = "ended_in_time"
    """Tasks with a deadline that were done or refused by then [item, state]."""
    ENDED_LATE = "ended_late"
    """The same, after it [item, state]."""
    RETURNED = "returned"
    """Corrections asked for [item, reason]."""
    REFUSED = "refused"
    """Tasks declined, rejected or sent to the counter [item, reason]."""
    OPEN = "open"
    """Tasks under way now; `day` is the day they are due, `NEVER` without one [item, state]."""
    WARNED = "warned"
    """The same where the clock runs and the office was told that it runs out [item, state]."""
    STANDING = "standing"
    """The same tasks; `day` is since when they are in that state [item, state]."""
    WAITED = "waited"
    """How long things took [item, step:bucket]: step accept, handle, whole; case for a case."""
    ASKED = "asked"
    """Questions to registers [register, found|empty|failed|conflict]."""
    CERTIFICATE = "certificate"
    """Certificates kept, linked or ended [item, kept:type|linked|<state>:type]."""
    PAPER = "paper"
    """Moves of paper sheets [item, sheet:state]."""
    PARCEL = "parcel"
    """Results on their way or arrived; `day` is since when they are there [item, state]."""
    ZERO_TRIP = "zero_trip"
    """Closed cases with a result for which nobody had to come anywhere [, yes|no]."""
    MATERIALS_SAVED = "materials_saved"
    """Materials that nobody had to bring because the state has them [item]."""
    RATED = "rated"
    """Ratings, the last word on each; none that an appeal has excluded [item or "", level]."""
    RATED_VIA = "rated_via"
    """The same [item or "", channel]."""
    RATED_FOR = "rated_for"
    """Reasons given with ratings [item or "", reason]."""
    URGED = "urged"
    """Reminders and escalations of tasks [item, why]."""
    DELIVERY_IN_TIME = "delivery_in_time"
    """Deliveries recorded by the hospital within the limit [, yes|no]; the hospital's own too."""


class Figure(NamedTuple):
    """统计格: one cell of the rollup.

    `scope` is "" for the node, two, four or six digits of a division, or the code of an office.
    """

    scope: str
    measure: str
    day: date
    pack: str
    item: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True)
class CaseFacts:
    """办件常量: what the journal does not tell and never changes of a case.

    `division` stands in its number, `window` is the office at whose window it was opened, `pack`
    the scheme, both until an event names another. `places` are the divisions of offices, by code.
    """

    division: str
    pack: str
    places: Mapping[str, str]
    window: str = ""


def scopes_of(division: str) -> tuple[str, ...]:
    """The scopes in which something at a place counts, from the widest.

    >>> scopes_of("340103"), scopes_of("340000"), scopes_of("000000")
    (('', '34', '3401', '340103'), ('', '34'), ('',))
    """
    prefix = prefix_of(division)
    return ("", *(prefix[:end] for end in range(2, len(prefix) + 1, 2)))


def prefix_of(division: str) -> str:
    """A division without its trailing pairs of zeros: what everything below it begins with.

    >>> prefix_of("340100"), prefix_of("340000")
    ('3401', '34')
    """
    prefix = division[:6]
    while prefix.endswith("00"):
        prefix = prefix[:-2]
    return prefix

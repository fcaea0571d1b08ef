"""跨省走一遍: families apply at the hub; the offices of every province do their parts at their node.

Who works on our desk is played here, at the node of the office's province. Departments with systems
of their own work by themselves in the sandboxes; what they did is asked of them afterwards, so that
the transcript of a family says which node did what and when.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

import httpx

from yijian.domain.clocks import SHANGHAI
from yijian.ops.acquaint import PATIENCE_SECONDS
from yijian.ops.delta_families import birthplace
from yijian.ops.delta_layout import HUB, Layout
from yijian.ops.lively import lives_outside
from yijian.ops.walk import Walk
from yijian.ops.walk_desk import Clerk, clerk_of
from yijian.ops.walk_families import Guest, invite, moment_after
from yijian.ops.walk_pages import WalkError
from yijian.packs.examples import example_files, load_example
from yijian.packs.families import as_json
from yijian.packs.loading import load_context

Json = dict[str, Any]
Pair = tuple[str, str]


@dataclass(frozen=True)
class Seat:
    """A node where clerks work: its code and address, its sandbox, and who works there."""

    code: str
    node: str
    sandbox: str
    staff: list[Json] = field(default_factory=list, repr=False)


@dataclass(frozen=True)
class Region:
    """A running region as walks see it: its layout and the seat of every node."""

    layout: Layout
    seats: Mapping[str, Seat]

    @property
    def hub(self) -> Seat:
        """Where families apply."""
        return self.seats[HUB]

    def seat_of(self, office: str, guest: Guest) -> Seat:
        """The node where an office works."""
        known = guest.context.directory.office(office)
        province = self.layout.province_of(known.division if known else "")
        return self.seats[province.code] if province else self.hub

    def works_at_hub(self, office: str, guest: Guest) -> bool:
        """Whether an office belongs to a province without a node."""
        return self.seat_of(office, guest) is self.hub


def region_of(layout: Layout, addresses: Mapping[str, tuple[str, str]]) -> Region:
    """The region whose nodes and sandboxes have these addresses; asks who works there."""
    seats = {}
    for code, (node, sandbox) in addresses.items():
        staff = httpx.get(f"{sandbox}/staff", timeout=PATIENCE_SECONDS).raise_for_status().json()
        seats[code] = Seat(code, node, sandbox, staff)
    return Region(layout, seats)


@dataclass(frozen=True)
class Step:
    """One line of a transcript."""

    at: datetime
    node: str
    who: str
    what: str

    def __str__(self) -> str:
        moment = self.at.astimezone(SHANGHAI).strftime("%H:%M:%S")
        return f"{moment}  {self.node:<16} {self.who:<22} {self.what}"


@dataclass
class DeltaWalk(Walk):
    """One family's way through a region."""

    region: Region = field(kw_only=True)
    hears: Callable[[str], None] = field(kw_only=True)
    steps: list[Step] = field(default_factory=list, init=False)
    number: str = field(default="", init=False)

    def told(self, node: str, who: str, what: str) -> None:
        """Keep a step, and let whoever listens hear of it."""
        self.steps.append(Step(datetime.now(UTC), node, who, what))
        self.hears(what)

    def _clerk(self, office: str) -> Clerk:
        seat = self.region.seat_of(office, self.guest)

        def tell(who: str, what: str) -> None:
            self.told(seat.code, who, what)

        person = clerk_of(seat.staff, office)
        clerk = Clerk(person, self.guest, seat.node, tell, patient=self.patience > 0)
        self._people.append(clerk.browser)
        return clerk

    def _turn(self, lead: Any, page: Any, clerks: list[Clerk]) -> int:
        self.number = lead.number
        return super()._turn(lead, page, clerks)


def walk_of(
    guest: Guest,
    region: Region,
    stop: threading.Event,
    *,
    patience: int = 0,
    hears: Callable[[str], None] = lambda _what: None,
) -> DeltaWalk:
    """A family at the hub's door; what it and the hub do is told under the hub's name.

    `hears` is called with the words of every step.
    """
    by_hand = [
        office
        for office in guest.offices
        if office not in guest.desks and region.works_at_hub(office, guest)
    ]
    walk = DeltaWalk(
        replace(guest, desks=(*guest.desks, *by_hand)),
        region.hub.node,
        region.hub.sandbox,
        region.hub.staff,
        lambda who, what: walk.told(HUB, who, what),
        stop,
        patience,
        region=region,
        hears=hears,
    )
    return walk


def reported(walk: DeltaWalk) -> list[Step]:
    """What departments with systems of their own reported about this family, as they tell it."""
    found = []
    for seat in walk.region.seats.values():
        for department, row in reports_of(seat, {walk.number}):
            body = row["body"]
            words = f"{row['item']}：{body['state']}"
            if row["outcome"] not in ("applied", None):
                words += f"（{row['outcome']}）"
            found.append(Step(datetime.fromisoformat(body["at"]), seat.code, department, words))
    return found


def reports_of(seat: Seat, numbers: Iterable[str]) -> list[tuple[str, Json]]:
    """The reports of a node's departments about these cases, each with its item and case."""
    wanted, found = set(numbers), []
    for department, queue in queues_of(seat).items():
        about = {task["task_id"]: task for task in queue["tasks"]}
        for row in queue["feedback"]:
            task = about.get(row["body"]["task_id"])
            if task is not None and task["case_number"] in wanted:
                known = {"item": task["item"], "case_number": task["case_number"]}
                found.append((department, row | known))
    return found


def queues_of(seat: Seat) -> dict[str, Json]:
    """The queue of every department system in a node's sandbox."""
    with httpx.Client(base_url=seat.sandbox, timeout=PATIENCE_SECONDS) as client:
        offices = client.get("/offices").raise_for_status().json()
        departments = sorted(
            {o["participant"] for o in offices if o["channel"] != "desk" and o["participant"]}
        )
        return {
            department: client.get(f"/departments/{department}/queue").raise_for_status().json()
            for department in departments
        }


def invited(
    layout: Layout, wanted: Sequence[Pair], mark: str, now: datetime
) -> list[tuple[Pair, Guest]]:
    """An example for every pair of birth and hukou; all pairs when none is named.

    Of several the first counts that no rule stops. Without a choice a family comes too whose page
    of the household book is printed in a third province.
    """
    context = load_context(layout.packs_dir, layout.pack)
    found: dict[Pair, Guest] = {}
    third: list[tuple[Pair, Guest]] = []
    pairs = wanted or [(a, b) for a in context.pack.divisions for b in context.pack.divisions]
    for number, path in enumerate(example_files(layout.packs_dir, layout.pack)):
        if all(pair in found for pair in pairs) and (third or wanted):
            break
        family = load_example(layout.packs_dir, path)
        pair = pair_of(as_json(family), context.pack.divisions)
        if pair not in pairs or not lives_outside(family):
            continue
        if pair in found and (third or wanted):
            continue
        guest = invite(family, context, moment_after(now, number), mark=mark)
        if guest.expected.kind != "done" or guest.expected.finished != guest.expected.items:
            continue
        places = {_province(_division(guest, office), context.pack.divisions)
                  for office in guest.desks}  # fmt: skip
        if places <= set(pair):
            found.setdefault(pair, guest)
        elif not third:
            third.append((pair, guest))
    missing = [f"{birth}:{hukou}" for birth, hukou in pairs if (birth, hukou) not in found]
    if missing:
        raise WalkError(f"没有这样的样例家庭 no example family for {', '.join(missing)}")
    return [(pair, found[pair]) for pair in pairs] + ([] if wanted else third)


def _division(guest: Guest, office: str) -> str:
    known = guest.context.directory.office(office)
    return known.division if known else ""


def pair_of(family: Json, divisions: Sequence[str]) -> Pair:
    """Where a family's child is born and where it is registered, as provinces."""
    followed = family["answers"].get("hukou_follows") or "mother"
    parent = family.get(followed) or family.get("mother") or {}
    registered = str((parent.get("hukou") or {}).get("division") or "")
    return _province(birthplace(family), divisions), _province(registered, divisions)


def _province(division: str, divisions: Sequence[str]) -> str:
    return next((one for one in divisions if division[:2] == one[:2]), "")

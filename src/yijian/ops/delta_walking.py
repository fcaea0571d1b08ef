"""`yijian walk --delta`: families of every pair of provinces, a transcript each, and the check."""

from __future__ import annotations

import json
import secrets
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import httpx
from rich.console import Console

from yijian.ops import delta_checking, delta_families
from yijian.ops.acquaint import PATIENCE_SECONDS, send_families
from yijian.ops.delta import ADDRESSES, Delta
from yijian.ops.delta_layout import HUB, Layout, read_layout
from yijian.ops.delta_walk import (
    DeltaWalk,
    Pair,
    Region,
    Step,
    invited,
    region_of,
    reported,
    walk_of,
)
from yijian.ops.walk import Interrupted, difference
from yijian.ops.walk_families import Guest
from yijian.ops.walk_pages import WalkError

HASTE = ("--delay", "0.2-0.6")
SETTLE_SECONDS = 30.0
"""The last report may still be on its way when the family's page is complete."""
out = Console(highlight=False, soft_wrap=True)


@dataclass
class Walked:
    """One family of a pair, as it came out."""

    pair: Pair
    guest: Guest
    number: str = ""
    problem: str = ""
    seconds: float = 0.0
    steps: list[Step] = field(default_factory=list)

    @property
    def title(self) -> str:
        """The pair and the family."""
        return f"{self.pair[0]} → {self.pair[1]}  {self.guest.title}"


@dataclass(frozen=True)
class Ground:
    """A running region: how walks see it, and the folders of its nodes."""

    region: Region
    folders: Mapping[str, Path]


def pairs_of(text: str) -> list[Pair]:
    """The pairs in a comma list; WalkError for what is none.

    >>> pairs_of("310000:340000,340000:340000")
    [('310000', '340000'), ('340000', '340000')]
    """
    found = []
    for part in filter(None, text.split(",")):
        birth, colon, hukou = part.strip().partition(":")
        if not (birth and colon and hukou):
            raise WalkError(f"不是一对省份 not a pair of provinces: {part}; 310000:340000")
        found.append((birth, hukou))
    return found


@contextmanager
def running_region(
    folder: Path | None, packs_dir: Path, pack: str, manual: Sequence[str], stop: threading.Event
) -> Iterator[Ground]:
    """The region that runs in a folder, or one of our own that leaves nothing."""
    if folder is not None:
        yield _found(folder, packs_dir, pack)
        return
    try:
        layout = read_layout(packs_dir, pack, manual)
    except ValueError as refused:
        raise WalkError(str(refused)) from None
    with tempfile.TemporaryDirectory(prefix="yijian-delta-") as ours:
        delta = Delta(
            Path(ours),
            layout,
            durable=False,
            settings={"UNDO_SECONDS": "1"},
            sandbox_options=HASTE,
            families=False,
            tell=lambda node, what: out.print(f"[dim]{node:<20} {what}[/]"),
        )
        delta.start(unless=stop)
        try:
            yield ground_of(delta)
        finally:
            delta.stop()


def ground_of(delta: Delta) -> Ground:
    """A region of this process as walks see it."""
    addresses = {code: (n.address, n.sandbox_address) for code, n in delta.nodes.items()}
    folders = {code: node.var_dir for code, node in delta.nodes.items()}
    return Ground(region_of(delta.layout, addresses), folders)


def _found(folder: Path, packs_dir: Path, pack: str) -> Ground:
    try:
        nodes = json.loads((folder / ADDRESSES).read_text(encoding="utf-8"))["nodes"]
    except FileNotFoundError:
        raise WalkError(f"{folder} 没有在运行的区域 (no region runs in this folder)") from None
    whole = read_layout(packs_dir, pack)
    missing = [p.division for p in whole.provinces if p.code not in nodes]
    layout = read_layout(packs_dir, pack, missing) if missing else whole
    addresses = {code: (known["address"], known["sandbox"]) for code, known in nodes.items()}
    folders = {code: Path(known["var_dir"]) for code, known in nodes.items()}
    return Ground(region_of(layout, addresses), folders)


def bring(ground: Ground, guests: Sequence[Guest]) -> None:
    """Make the families known: to each province what concerns it, at the hub who they are."""
    layout, families = ground.region.layout, [guest.family for guest in guests]
    people = [delta_families.piece_of_hub(family, layout) for family in families]
    with httpx.Client(base_url=ground.region.hub.sandbox, timeout=PATIENCE_SECONDS) as client:
        send_families(client, people)
    sandboxes = {code: seat.sandbox for code, seat in ground.region.seats.items()}
    delta_families.bring(layout, sandboxes, families)


def walk_pairs(ground: Ground, wanted: Sequence[Pair], at_once: int, stop: threading.Event) -> int:
    """Walk a family for each pair, some at the same time, and check; how many problems."""
    layout: Layout = ground.region.layout
    guests = invited(layout, wanted, secrets.token_hex(4), datetime.now(UTC))
    if not guests:
        raise WalkError("没有这样的家庭 no example family for these provinces")
    bring(ground, [guest for _, guest in guests])
    walked = []
    with ThreadPoolExecutor(at_once) as pool:
        walks = [pool.submit(walk_pair, ground, pair, guest, stop) for pair, guest in guests]
        for done in as_completed(walks):
            one = done.result()
            walked.append(one)
            if not stop.is_set():
                _print(one)
    if stop.is_set():
        return 0
    problems = [f"{one.title}: {one.problem}" for one in walked if one.problem]
    came = [(one.guest, one.number) for one in walked if one.number]
    problems += agreed(ground, came)
    for problem in problems:
        out.print(f"[red]✗[/] {problem}")
    if not problems:
        out.print(
            f"[green]✓[/] {len(walked)} families: hub, province and department tell the same of"
            " every task; no task was done twice; nobody was told twice"
        )
    return len(problems)


def agreed(ground: Ground, walked: Sequence[tuple[Guest, str]]) -> list[str]:
    """The differences that are left once everything on its way has arrived."""
    until = time.monotonic() + SETTLE_SECONDS
    while True:
        found = delta_checking.differences(ground.region, ground.folders, walked)
        if not found or time.monotonic() > until:
            return found
        time.sleep(1.0)


def walk_pair(
    ground: Ground,
    pair: Pair,
    guest: Guest,
    stop: threading.Event,
    *,
    patience: int = 0,
    hears: Callable[[str], None] = lambda _what: None,
) -> Walked:
    """Walk one family; its transcript is complete afterwards."""
    walked, began = Walked(pair, guest), time.monotonic()
    walk: DeltaWalk = walk_of(guest, ground.region, stop, patience=patience, hears=hears)
    try:
        walked.problem = difference(guest.expected, walk.run())
    except Interrupted:
        walked.problem = "interrupted"
    except (WalkError, httpx.HTTPError) as failure:
        walked.problem = f"{type(failure).__name__}: {failure}"
    walked.number, walked.seconds = walk.number, time.monotonic() - began
    walked.steps = sorted([*walk.steps, *reported(walk)], key=lambda step: step.at)
    return walked


def _print(one: Walked) -> None:
    sign = "[red]✗[/]" if one.problem else "[green]✓[/]"
    out.print(f"\n{sign} [bold]{one.title}[/]  {one.number}  {one.seconds:.0f} s")
    for step in one.steps:
        out.print(str(step), style="" if step.node == HUB else "cyan", markup=False)
    if one.problem:
        out.print(f"[red]{one.problem}[/]", markup=True)

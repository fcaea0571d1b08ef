"""What the tests of walks stand on: a running platform with its sandbox, and families for it."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx

from yijian.ops.acquaint import send_families
from yijian.ops.running import Platform
from yijian.ops.walk import Walk
from yijian.ops.walk_families import Guest, Outcome, invite
from yijian.packs.examples import load_example
from yijian.packs.loading import load_context

PACKS = Path("packs")
PACK = "340000-anhui"
HASTE = ("--delay", "0.2-0.6")


@dataclass
class Walked:
    """One family's walk as it came out: what was told, and what it came to."""

    guest: Guest
    outcome: Outcome | None = None
    failure: str = ""
    told: list[tuple[str, str]] = field(default_factory=list)

    def said(self, words: str) -> bool:
        """Whether a step was told with these words."""
        return any(words in what for _, what in self.told)


@contextmanager
def running_platform(folder: Path) -> Iterator[Platform]:
    """Everything, on free ports, in a folder that is thrown away.

    Durable as in earnest: a database that acknowledges before it writes forgets when it is killed.
    """
    platform = Platform(
        folder,
        port=0,
        sandbox_port=0,
        packs=PACK,
        sandbox_options=HASTE,
        settings={"UNDO_SECONDS": "1"},
    )
    with platform:
        yield platform


def invited(names: Sequence[str]) -> list[Guest]:
    """Examples as families of this moment, each with people of its own."""
    context = load_context(PACKS, PACK)
    now, mark = datetime.now(UTC), secrets.token_hex(4)
    return [
        invite(load_example(PACKS, PACKS / PACK / "examples" / f"{name}.yaml"), context, now,
               mark=mark)
        for name in names
    ]  # fmt: skip


def staff_and_families(platform: Platform, guests: Sequence[Guest]) -> list[dict[str, Any]]:
    """Make the families known to the sandbox; everybody who works in an office."""
    with httpx.Client(base_url=platform.sandbox_address, timeout=30) as client:
        send_families(client, [guest.family for guest in guests])
        staff: list[dict[str, Any]] = client.get("/staff").raise_for_status().json()
    return staff


def walk_together(
    platform: Platform,
    guests: Sequence[Guest],
    *,
    patience: int = 0,
    hears: Any = None,
) -> dict[str, Walked]:
    """Walk all of them at the same time; `hears` is called with every step (guest, words)."""
    staff = staff_and_families(platform, guests)
    stop = threading.Event()

    def walk(guest: Guest) -> Walked:
        walked = Walked(guest)

        def tell(who: str, what: str) -> None:
            walked.told.append((who, what))
            if hears is not None:
                hears(guest, what)

        way = Walk(guest, platform.address, platform.sandbox_address, staff, tell, stop, patience)
        try:
            walked.outcome = way.run()
        except Exception as failure:
            walked.failure = f"{type(failure).__name__}: {failure}"
        return walked

    with ThreadPoolExecutor(len(guests)) as pool:
        return {walked.guest.name: walked for walked in pool.map(walk, guests)}

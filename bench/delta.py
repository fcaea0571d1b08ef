"""The long drill of a region: `python -m bench.delta`.

Every node behind a line that loses, repeats and delays, one process killed every few seconds, and
families walking through all of it. When the time is over everything heals, and every node and
department is asked. The seed makes the same faults happen in the same order; when they happen, the
machine decides.
"""

from __future__ import annotations

import argparse
import random
import secrets
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path

from tests.ops.faulty_line import Fault, FaultyLine
from yijian.ops.delta import Delta
from yijian.ops.delta_layout import Layout, read_layout
from yijian.ops.delta_walk import invited
from yijian.ops.delta_walking import HASTE, Ground, Walked, agreed, bring, ground_of, walk_pair
from yijian.ops.ports import free_port

RATES = {
    Fault.REFUSE: 0.05,
    Fault.LOST_REQUEST: 0.05,
    Fault.LOST_ANSWER: 0.1,
    Fault.REPEATED: 0.1,
    Fault.DELAYED: 0.2,
}
KILL_EVERY_SECONDS = (4.0, 12.0)
VICTIMS = ("web", "worker", "sandbox", "database")
PATIENCE = 200
HEAL_SECONDS = 240.0
"""Longer than the longest pause before another try, and than a claim of somebody who died."""


def main() -> int:
    """Run the drill; 0 when everybody agrees afterwards."""
    parser = argparse.ArgumentParser(prog="python -m bench.delta", description=__doc__)
    parser.add_argument("--minutes", type=float, default=3.0, help="how long families set out")
    parser.add_argument("--seed", type=int, default=20261122)
    parser.add_argument("--at-once", type=int, default=3, help="families at the same time")
    parser.add_argument("--manual", action="append", default=[], help="a province without a node")
    given = parser.parse_args()
    layout = read_layout(Path("packs"), "", given.manual)
    with tempfile.TemporaryDirectory(prefix="yijian-drill-") as folder, ExitStack() as stack:
        ports = {code: free_port("127.0.0.1") for code in layout.codes}
        lines = [
            FaultyLine(free_port("127.0.0.1"), port, dict(RATES), seed=given.seed + number)
            for number, port in enumerate(ports.values())
        ]
        for line in lines:
            stack.enter_context(line)
        delta = Delta(
            Path(folder),
            layout,
            ports=dict(ports),
            fronts={code: line.address for code, line in zip(ports, lines, strict=True)},
            settings={"UNDO_SECONDS": "1"},
            sandbox_options=HASTE,
            families=False,
            tell=lambda node, what: print(f"{node:<20} {what}", flush=True),
        )
        stack.enter_context(delta)
        return _drill(delta, layout, lines, given)


def _drill(delta: Delta, layout: Layout, lines: list[FaultyLine], given: argparse.Namespace) -> int:
    ground, killed = ground_of(delta), Counter[str]()
    with _killer(delta, given.seed, killed):
        walked = _walk_for(ground, layout, given.minutes * 60, given.at_once, given.seed)
    for line in lines:
        line.heal()
    delta.await_healthy()
    came = [(one.guest, one.number) for one in walked if one.number]
    until, problems = time.monotonic() + HEAL_SECONDS, ["not looked yet"]
    while problems and time.monotonic() < until:
        problems = agreed(ground, came)
    met = sum((line.met for line in lines), start=Counter[Fault]())
    stopped = [one for one in walked if one.problem]
    print(f"\nseed {given.seed}: {len(walked)} families, {len(walked) - len(stopped)} to the end")
    print("faults met:", ", ".join(f"{fault} {met[fault]}" for fault in Fault))
    print("killed:", ", ".join(f"{name} {times}" for name, times in sorted(killed.items())))
    for one in stopped:
        print(f"  {one.title}: {one.problem[:160]}")
    for problem in problems:
        print(f"  ✗ {problem}")
    if not problems:
        print("hub, province and department agree about every task; none was done twice")
    return 1 if problems else 0


def _walk_for(
    ground: Ground, layout: Layout, seconds: float, at_once: int, seed: int
) -> list[Walked]:
    """Families of all pairs set out, some at the same time, until the time is over."""
    chance, stop, until = random.Random(seed), threading.Event(), time.monotonic() + seconds
    walked: list[Walked] = []
    with ThreadPoolExecutor(at_once) as pool:
        while time.monotonic() < until:
            guests = invited(layout, [], secrets.token_hex(4), datetime.now(UTC))
            some = chance.sample(guests, at_once)
            bring(ground, [guest for _, guest in some])
            walks = [
                pool.submit(walk_pair, ground, pair, guest, stop, patience=PATIENCE)
                for pair, guest in some
            ]
            for walk in walks:
                one = walk.result()
                walked.append(one)
                print(f"{'✗' if one.problem else '✓'} {one.title} {one.seconds:.0f} s", flush=True)
    return walked


@contextmanager
def _killer(delta: Delta, seed: int, killed: Counter[str]) -> Iterator[None]:
    chance, over = random.Random(seed), threading.Event()

    def kill() -> None:
        while not over.wait(chance.uniform(*KILL_EVERY_SECONDS)):
            code, name = chance.choice(list(delta.nodes)), chance.choice(VICTIMS)
            delta.nodes[code].kill(name)
            killed[name] += 1

    thread = threading.Thread(target=kill)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


if __name__ == "__main__":
    sys.exit(main())

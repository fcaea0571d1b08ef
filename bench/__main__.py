"""The measured claims (测量), again: `make bench`.

Ours and the ceiling do the same deeds for the same number of families, turn and turn about, on one
connection of one durable PostgreSQL; the median of three rounds counts. Only the ratio means
anything on another machine.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable
from typing import Any

from bench.node import node

ROUNDS = 3
FAMILIES = int(sys.argv[1]) if len(sys.argv) > 1 else 100
BATCH = 100
WAYS: dict[str, Callable[[Any], None]] = {
    "one by one": lambda subject: subject.one_by_one(),
    f"batches of {BATCH}": lambda subject: subject.in_batches(BATCH),
}


Times = dict[tuple[str, str], list[float]]


def main() -> None:
    """Measure and print; every figure is checked for its content before it counts."""
    with node() as database:
        from bench.ceiling import Ceiling
        from bench.deeds import lives
        from bench.ours import Ours, let_one_department_answer_for_all

        let_one_department_answer_for_all()
        seconds: Times = {}
        python: Times = {}
        first = 1
        for round_number in range(1, ROUNDS + 1):
            for way in WAYS:
                families = lives(first, FAMILIES)
                subjects: dict[str, Ceiling | Ours] = {
                    "ceiling": Ceiling(database.conninfo(), FAMILIES, families[0].deeds),
                    "ours": Ours(families, first),
                }
                first += FAMILIES
                for name, subject in subjects.items():
                    begun, cpu = time.perf_counter(), time.process_time()
                    WAYS[way](subject)
                    seconds.setdefault((way, name), []).append(time.perf_counter() - begun)
                    python.setdefault((way, name), []).append(time.process_time() - cpu)
                    subject.check()
            print(f"round {round_number} of {ROUNDS}", file=sys.stderr)
        _report(seconds, python, len(families[0].deeds))


def _report(seconds: Times, python: Times, deeds: int) -> None:
    print(f"{FAMILIES} families, {deeds} deeds each after signing; median of {ROUNDS} rounds")
    print("| | cases/s | deeds/s | ms a deed | Python CPU ms a deed | x ceiling |")
    print("|---|---|---|---|---|---|")
    for way in WAYS:
        ceiling = statistics.median(seconds[way, "ceiling"])
        for name in ("ceiling", "ours"):
            taken = statistics.median(seconds[way, name])
            cpu = statistics.median(python[way, name]) * 1000 / FAMILIES / deeds
            print(
                f"| {name}, {way} | {FAMILIES / taken:.0f} | {FAMILIES * deeds / taken:.0f} "
                f"| {taken * 1000 / FAMILIES / deeds:.2f} | {cpu:.2f} | {ceiling / taken:.2f} |"
            )


if __name__ == "__main__":
    main()

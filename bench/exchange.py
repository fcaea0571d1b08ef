"""Messages through the machine door (报文): `python -m bench.exchange [FAMILIES]`.

The deeds of `bench` again, turn and turn about: the ceiling, the action alone, and the same reports
as signed CloudEvents through the whole door (signature, nonce, digest, strict JSON, inbox), single
and in batches. The door runs in this process, so that the difference is what the door costs and not
what a network does.
"""

from __future__ import annotations

import statistics
import sys
import time

from bench.node import node

ROUNDS = 3
FAMILIES = int(sys.argv[1]) if len(sys.argv) > 1 else 60
SIZES = (1, 20, 100)


def main() -> None:
    """Measure and print; every case is checked for its content before its time counts."""
    with node() as database:
        from bench.ceiling import Ceiling
        from bench.deeds import lives
        from bench.door import Door
        from bench.ours import Ours, let_one_department_answer_for_all

        let_one_department_answer_for_all()
        seconds: dict[tuple[int, str], list[float]] = {}
        first = 1
        for round_number in range(1, ROUNDS + 1):
            for size in SIZES:
                for name in ("ceiling", "action", "door"):
                    families = lives(first, FAMILIES)
                    deeds = families[0].deeds
                    subject: Ceiling | Ours
                    if name == "ceiling":
                        subject = Ceiling(database.conninfo(), FAMILIES, deeds)
                    else:
                        subject = (Ours if name == "action" else Door)(families, first)
                        first += FAMILIES
                    begun = time.perf_counter()
                    subject.in_batches(size)
                    seconds.setdefault((size, name), []).append(time.perf_counter() - begun)
                    subject.check()
            print(f"round {round_number} of {ROUNDS}", file=sys.stderr)
        _report(seconds, FAMILIES * len(deeds))


def _report(seconds: dict[tuple[int, str], list[float]], messages: int) -> None:
    print(f"{messages} messages of {FAMILIES} families; one connection; median of {ROUNDS} rounds")
    print("| messages a request | who | messages/s | ms a message | x ceiling |")
    print("|---|---|---|---|---|")
    for size in SIZES:
        ceiling = statistics.median(seconds[size, "ceiling"])
        for name in ("ceiling", "action", "door"):
            taken = statistics.median(seconds[size, name])
            print(
                f"| {min(size, FAMILIES)} | {name} | {messages / taken:.0f} "
                f"| {taken * 1000 / messages:.2f} | {ceiling / taken:.3f} |"
            )


if __name__ == "__main__":
    main()

"""联调检查: whether a department's own system keeps the exchange contract, judged from outside.

What lives here: what a check is, and how many of them run side by side. A check does something,
waits, and says what came; one that says nothing is a fault of ours and counts as one. What is
checked stands in `conformance_*`.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

STEP_SECONDS = 0.1
Verdict = Literal["pass", "fail", "not_asked"]


@dataclass(frozen=True, slots=True)
class Words:
    """A sentence in both languages; codes and numbers read the same in both."""

    zh: str
    en: str

    @classmethod
    def same(cls, text: str) -> Words:
        """What needs no translation."""
        return cls(text, text)


class Fault(Exception):
    """What came instead of what the contract says."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(en)
        self.came = Words(zh, en)


@dataclass(frozen=True, slots=True)
class Until:
    """Wait until something holds, at most so long; the check is told whether it came to hold."""

    holds: Callable[[], bool]
    seconds: float


Steps = Generator[Until, bool, Words]
StepsOn = Callable[[Any], Steps]
"""The steps of a check on what it has at hand."""


class Pace(Protocol):
    """How time passes while checks wait."""

    def clock(self) -> float:
        """Seconds from some beginning."""

    def pause(self, seconds: float, /) -> None:
        """Let so many seconds pass."""


@dataclass(frozen=True, slots=True)
class Check:
    """检查项: what is done, what must come, and what to mend when it does not."""

    code: str
    group: str
    stage: int
    did: Words
    expected: Words
    mend: Words
    steps: StepsOn


def check(
    into: list[Check],
    code: str,
    *,
    group: str,
    did: tuple[str, str],
    expected: tuple[str, str],
    mend: tuple[str, str],
    stage: int = 1,
) -> Callable[[StepsOn], StepsOn]:
    """Add a function to a list of checks, with its words in both languages."""

    def keep(steps: StepsOn) -> StepsOn:
        words = (Words(*did), Words(*expected), Words(*mend))
        into.append(Check(code, group, stage, *words, steps))
        return steps

    return keep


@dataclass(frozen=True, slots=True)
class Finding:
    """What came of one check."""

    check: Check
    verdict: Verdict
    came: Words


def expect(holds: bool, zh: str, en: str) -> None:
    """Go on when it holds; else the check has failed with what came."""
    if not holds:
        raise Fault(zh, en)


@dataclass(slots=True)
class _Running:
    check: Check
    steps: Steps
    waits: Until | None = None
    until: float = 0.0
    found: Finding | None = field(default=None)

    def go_on(self, met: bool | None, clock: Callable[[], float]) -> None:
        """Take the next step of the check, up to its next wait or its end."""
        try:
            self.waits = next(self.steps) if met is None else self.steps.send(met)
            self.until = clock() + self.waits.seconds
        except StopIteration as end:
            self.found = _ended(self.check, end.value)
        except Fault as fault:
            self.found = Finding(self.check, "fail", fault.came)
        except Exception as error:
            # A check that breaks has shown nothing: it must never look like one that passed.
            broken = f"{type(error).__name__}: {error}"[:300]
            self.found = Finding(self.check, "fail", Words.same(broken))


def _ended(check: Check, came: object) -> Finding:
    if not isinstance(came, Words):
        return Finding(check, "fail", Words("检查没有结论", "the check came to no conclusion"))
    return Finding(check, "pass", came)


def run(
    rig: Pace, checks: Iterable[Check], *, without: frozenset[str] = frozenset()
) -> list[Finding]:
    """Run the checks, those of a stage side by side, and return one finding for each.

    `without` names groups that the system does not offer: they are shown as not asked.
    """
    ordered = sorted(checks, key=lambda check: check.stage)
    findings: dict[str, Finding] = {}
    for stage in sorted({check.stage for check in ordered}):
        asked = [c for c in ordered if c.stage == stage and c.group not in without]
        for running in _side_by_side(rig, asked):
            assert running.found is not None
            findings[running.check.code] = running.found
    left_out = Words("申报为不具备", "declared as not offered")
    return [findings.get(c.code, Finding(c, "not_asked", left_out)) for c in ordered]


def _side_by_side(rig: Pace, checks: Sequence[Check]) -> list[_Running]:
    all_of_them = [_Running(check, check.steps(rig)) for check in checks]
    for one in all_of_them:
        one.go_on(None, rig.clock)
    while waiting := [one for one in all_of_them if one.found is None]:
        rig.pause(STEP_SECONDS)
        for one in waiting:
            assert one.waits is not None
            met = one.waits.holds()
            if met or rig.clock() >= one.until:
                one.go_on(met, rig.clock)
    return all_of_them


def good(findings: Sequence[Finding]) -> bool:
    """Whether something was asked and nothing of it failed."""
    asked = [finding for finding in findings if finding.verdict != "not_asked"]
    return bool(asked) and all(finding.verdict == "pass" for finding in asked)

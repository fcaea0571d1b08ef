"""检查意见: what is wrong with a pack, where it stands, and the nearest right word."""

import difflib
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A position in a pack's file; line and column count from 1."""

    file: str
    line: int = 1
    column: int = 1

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


class Severity(StrEnum):
    """Whether a finding stops a pack from being used."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Finding:
    """检查意见: one sentence about one place of a pack."""

    place: Place
    sentence: str
    severity: Severity = Severity.ERROR

    def __str__(self) -> str:
        mark = "" if self.severity is Severity.ERROR else "（提醒）"
        return f"{self.place}: {mark}{self.sentence}"


class PackError(Exception):
    """A pack cannot be used; `findings` says why, place by place."""

    def __init__(self, findings: Iterable[Finding]) -> None:
        self.findings = in_order(findings)
        super().__init__("\n".join(str(finding) for finding in self.findings))

    def __reduce__(self) -> tuple[type["PackError"], tuple[tuple[Finding, ...]]]:
        """A pack may be read in another process; its error comes back as it is."""
        return PackError, (self.findings,)


def in_order(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Each finding once, in reading order."""
    unique = dict.fromkeys(findings)
    return tuple(sorted(unique, key=lambda finding: (finding.place, finding.sentence)))


def nearest(word: str, candidates: Iterable[str]) -> str:
    """`，是不是“…”？` for the candidate closest to `word`; empty when none is close.

    >>> nearest("midwifry", ["police_station", "midwifery"])
    '，是不是“midwifery”？'
    """
    close = difflib.get_close_matches(word, sorted(set(candidates)), n=1, cutoff=0.6)
    return f"，是不是“{close[0]}”？" if close else ""

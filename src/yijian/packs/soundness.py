"""能不能发布: everything that must be right about a pack before anybody may rely on it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from yijian.packs.checks import check
from yijian.packs.examples import differences, example_files, load_example
from yijian.packs.findings import Finding, PackError, Place, Severity
from yijian.packs.loading import load_context
from yijian.packs.reading import is_base


@dataclass(frozen=True)
class Checked:
    """检查结果: what is wrong with a pack, and what does not come out of which example.

    `examples` has every example that was played, with no findings where all is as expected; it is
    empty when the pack cannot be read well enough to play anything.
    """

    findings: tuple[Finding, ...]
    examples: Mapping[str, tuple[Finding, ...]] = field(default_factory=dict)

    @property
    def errors(self) -> tuple[Finding, ...]:
        """What stands in the way of using the pack, examples that fail among it."""
        wrong = [one for one in self.findings if one.severity is Severity.ERROR]
        return (*wrong, *(one for found in self.examples.values() for one in found))

    @property
    def sound(self) -> bool:
        """Whether nothing stands in the way."""
        return not self.errors


def checked(packs_dir: Path, code: str, *, examples: bool = True) -> Checked:
    """Check the pack `code`, and play its examples when it can be read.

    Without `examples` nothing is played, so that it is quick enough while somebody writes.
    """
    findings = check(packs_dir, code, coverage=examples)
    wrong = any(finding.severity is Severity.ERROR for finding in findings)
    return Checked(findings, {} if wrong or not examples else play_examples(packs_dir, code))


def as_json(found: Checked) -> dict[str, Any]:
    """A result as it is kept; `of_json` gives it back."""
    played = {name: [_told(one) for one in of] for name, of in found.examples.items()}
    return {"findings": [_told(one) for one in found.findings], "examples": played}


def of_json(kept: Mapping[str, Any]) -> Checked:
    """The result that was kept."""
    played = {name: tuple(map(_finding, of)) for name, of in kept["examples"].items()}
    return Checked(tuple(map(_finding, kept["findings"])), played)


def _told(one: Finding) -> list[str | int]:
    place = one.place
    return [place.file, place.line, place.column, one.sentence, one.severity.value]


def _finding(told: Sequence[Any]) -> Finding:
    file, line, column, sentence, severity = told
    return Finding(Place(file, line, column), sentence, Severity(severity))


def play_examples(packs_dir: Path, code: str) -> dict[str, tuple[Finding, ...]]:
    """Where each example of a pack does not come out as it expects, by file name.

    Errors: PackError for a pack that cannot be read.
    """
    if is_base(packs_dir, code):
        return {}
    context = load_context(packs_dir, code)
    outcome: dict[str, tuple[Finding, ...]] = {}
    for path in example_files(packs_dir, code):
        try:
            outcome[path.name] = tuple(differences(load_example(packs_dir, path), context))
        except PackError as error:
            outcome[path.name] = error.findings
    return outcome

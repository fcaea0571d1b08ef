"""变异测试: change one value of a pack at a time and see whether something fails.

`python -m bench.policy_mutations [CODE …] [--every N] [--json FILE]` takes every value of every
running pack, changes it a little (a limit by one, a comparison turned, a role swapped, a list one
shorter, a word of a text) and looks for the first thing that notices, in this order: the pack no
longer builds, a printed paper that a test keeps current reads differently, an example comes out
differently. With `--examples-first` the examples are asked before the papers, which is slow and
shows how much of the policy the families alone hold fast. What nobody notices is a survivor and is
listed.
"""

from __future__ import annotations

import argparse
import copy
import json
import multiprocessing
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from yijian.domain.context import Context
from yijian.ops.packs_guide import KEPT
from yijian.packs import build, guides, load_folder
from yijian.packs.examples import differences, example_files, load_example
from yijian.packs.families import Family
from yijian.packs.loading import load_context, running_codes

PACKS = Path("packs")
DAY = date(2026, 11, 21)
Path_ = tuple[str | int, ...]

CONDITIONS = frozenset({"condition", "when", "derive", "default", "offered", "shown"})
TEXTS = frozenset({"zh", "en", "title", "number", "clause"})
IDENTITIES = frozenset({"id", "code", "version", "format", "sha256", "base", "runs"})
"""Names by which values are found: another name is another value, not a changed one."""
CHOICES: dict[str, tuple[str, ...]] = {
    "choice": ("always", "default", "optional"),
    "on_refusal": ("continue", "stop_remaining"),
    "scope": ("family", "newborn"),
    "late": ("payment_day", "next_day", "next_month_first"),
    "statuses": ("fine", "coarse"),
}
TURNS = (
    ("==", "!="), ("!=", "=="), ("<=", "<"), (">=", ">"), (" < ", " <= "), (" > ", " >= "),
    ("&&", "||"), ("||", "&&"), ("true", "false"), ("false", "true"), (" ? ", " == true ? "),
    ("startsWith", "endsWith"), (" in ", " == "),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one change came to: who noticed it first, or nobody."""

    path: str
    before: str
    after: str
    noticed: str


def mutated(key: str, value: object, siblings: dict[str, tuple[str, ...]]) -> object | None:
    """The value changed a little; None when there is nothing to change."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + 1
    if not isinstance(value, str):
        return None
    if key in CONDITIONS:
        return turned(value)
    if key in CHOICES:
        return next((other for other in CHOICES[key] if other != value), None)
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}", value):
        return f"{int(value[:4]) - 1}{value[4:]}"
    if key in TEXTS:
        return reworded(value)
    return next((other for other in siblings.get(key, ()) if other != value), f"{value}_x")


def turned(source: str) -> str | None:
    """A condition with its first turnable part turned, or a number or word in it changed."""
    for old, new in TURNS:
        if old in source:
            return source.replace(old, new, 1)
    number = re.search(r"\b\d+\b", source)
    if number:
        return f"{source[: number.start()]}{int(number[0]) + 1}{source[number.end() :]}"
    word = re.search(r"[\"'](\w+)[\"']", source)
    if word:
        return source.replace(word[1], f"{word[1]}x", 1)
    return f"!({source})" if source else None


def reworded(text: str) -> str:
    """A text with its first word or character another one."""
    return f"某{text[1:]}" if text and text[0] != "某" else f"这{text[1:]}"


def values_of(node: object, path: Path_ = ()) -> Iterator[tuple[Path_, str, object]]:
    """Every value with its place and the key it stands under; members of lists by themselves."""
    if isinstance(node, dict):
        for key, child in node.items():
            if key not in IDENTITIES:
                yield from values_of(child, (*path, key))
    elif isinstance(node, list):
        for at, child in enumerate(node):
            yield from values_of(child, (*path, at))
    elif node is not None:
        key = next(str(part) for part in reversed(path) if isinstance(part, str))
        yield path, key, node


def changed(document: dict[str, Any], path: Path_, value: object | None) -> dict[str, Any]:
    """A copy of the document with another value there; None removes a member of a list."""
    fresh = copy.copy(document)
    fresh[str(path[0])] = copy.deepcopy(document[str(path[0])])
    node: Any = fresh
    for part in path[:-1]:
        node = node[part]
    if value is None:
        del node[path[-1]]
    else:
        node[path[-1]] = value
    return fresh


class Subject:
    """One pack with everything that could notice a change."""

    def __init__(self, code: str, *, examples_first: bool) -> None:
        self.order: list[tuple[str, Callable[[Context], bool]]] = [
            ("paper", lambda context: self._papers(context) != self.printed),
            ("example", self._example_differs),
        ]
        if examples_first:
            self.order.reverse()
        self.document, _ = load_folder(PACKS, code)
        self.context = load_context(PACKS, code)
        paths = example_files(PACKS, code)
        self.families: list[Family] = [load_example(PACKS, path) for path in paths]
        self.printed = self._papers(self.context)
        self.siblings: dict[str, tuple[str, ...]] = {}
        for _, key, value in values_of(self.document):
            if isinstance(value, str) and key not in TEXTS | CONDITIONS:
                known = self.siblings.get(key, ())
                if value not in known:
                    self.siblings[key] = (*known, value)

    def _papers(self, context: Context) -> str:
        return "\n".join(
            guides.as_text(replace(guides.make(context.pack, kind, language, DAY), footer=""))
            for kind, languages in KEPT.items()
            for language in languages
        )

    def outcome(self, path: Path_, key: str, value: object) -> Outcome | None:
        """Change one value and see who notices; None when it cannot be changed."""
        in_list = isinstance(path[-1], int)
        after = None if in_list else mutated(key, value, self.siblings)
        if after is None and not in_list:
            return None
        said = ".".join(map(str, path)), str(value)[:60], "removed" if in_list else str(after)[:60]
        try:
            pack = build(changed(self.document, path, after))
            context = replace(self.context, pack=pack)
            noticed = next((who for who, looks in self.order if looks(context)), "")
        except Exception as error:
            return Outcome(*said, f"load ({type(error).__name__})")
        return Outcome(*said, noticed)

    def _example_differs(self, context: Context) -> bool:
        return any(differences(family, context) for family in self.families)


_SUBJECT: Subject | None = None


def _begin(code: str, examples_first: bool) -> None:
    global _SUBJECT
    _SUBJECT = Subject(code, examples_first=examples_first)


def _one(task: tuple[Path_, str, object]) -> Outcome | None:
    assert _SUBJECT is not None
    return _SUBJECT.outcome(*task)


def run(code: str, every: int, processes: int, *, examples_first: bool = False) -> list[Outcome]:
    """Every change of one pack, or every n-th of them."""
    document, _ = load_folder(PACKS, code)
    tasks = list(values_of(document))[::every]
    with multiprocessing.Pool(
        processes, initializer=_begin, initargs=(code, examples_first)
    ) as pool:
        return [one for one in pool.imap_unordered(_one, tasks, chunksize=16) if one is not None]


def main() -> None:
    """Print a line for each pack and its survivors."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("codes", nargs="*")
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--examples-first", action="store_true")
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    told = {}
    for code in arguments.codes or running_codes(PACKS):
        outcomes = run(
            code, arguments.every, arguments.processes, examples_first=arguments.examples_first
        )
        by = Counter(outcome.noticed.split(" ")[0] for outcome in outcomes)
        survivors = [outcome for outcome in outcomes if not outcome.noticed]
        share = 100 * (1 - len(survivors) / max(len(outcomes), 1))
        print(
            f"{code}: {len(outcomes)} changes, {by['load']} stopped at loading, "
            f"{by['example']} by an example, {by['paper']} by a printed paper, "
            f"{len(survivors)} survived ({share:.1f} % noticed)"
        )
        for one in survivors:
            print(f"    {one.path}: {one.before} -> {one.after}")
        told[code] = {
            "changes": len(outcomes),
            "noticed": dict(by),
            "survivors": [[one.path, one.before, one.after] for one in survivors],
        }
    if arguments.json:
        arguments.json.write_text(json.dumps(told, ensure_ascii=False, indent=1))


if __name__ == "__main__":
    main()

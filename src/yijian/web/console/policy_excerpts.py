"""YAML 的一段: the lines of a draft's file that say one entry, to be read and rewritten alone."""

from collections.abc import Iterable
from dataclasses import dataclass

from yijian.packs.layers import Layers, file_of
from yijian.records.workshop import Draft
from yijian.web.console.policy_chapters import Part
from yijian.web.console.policy_findings import Told

Steps = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Line:
    """One numbered line and what is wrong with it."""

    number: int
    text: str
    findings: tuple[Told, ...]


@dataclass(frozen=True, slots=True)
class Excerpt:
    """Lines `first` to `last` of a file; none of its own: `last` is before `first`."""

    name: str
    first: int
    last: int
    text: str

    @property
    def whole(self) -> bool:
        """Whether the pack says anything of this itself."""
        return self.last >= self.first

    def marked(self, findings: Iterable[Told]) -> list[Line]:
        """The lines with their findings."""
        return numbered(self.text, self.name, self.first, findings)


def numbered(text: str, name: str, first: int, findings: Iterable[Told]) -> list[Line]:
    """The lines of a text, each with the findings that stand on it."""
    by_line: dict[int, list[Told]] = {}
    for one in findings:
        if one.file == name:
            by_line.setdefault(one.line, []).append(one)
    return [
        Line(number, line, tuple(by_line.get(number, ())))
        for number, line in enumerate(text.split("\n"), first)
    ]


def excerpt(draft: Draft, found: Layers, part: Part, path: Steps) -> Excerpt:
    """The lines that say the value at `path` in the draft's own file."""
    if len(part.only) == 1 and found.is_own((*path, part.only[0])):
        path = (*path, part.only[0])
    name = file_of(path)[0]
    text = draft.files.get(name, "")
    lines = text.split("\n")
    if part.alone and not path[1:]:
        return Excerpt(name, 1, len(lines), text)
    parent = found.own.find(path[:-1])
    key = str(path[-1])
    if parent is None or key not in parent.keys:
        return Excerpt(name, len(lines) + 1, len(lines), "")
    here = parent.keys[key]
    first = here.line
    later = [place.line for place in parent.keys.values() if place.line > first]
    last = min(later) - 1 if later else _end(lines, first, here.column)
    while last > first and _is_aside(lines[last - 1]):
        last -= 1
    return Excerpt(name, first, last, "\n".join(lines[first - 1 : last]))


def _end(lines: list[str], first: int, column: int) -> int:
    """The last line that is further in than the key, for the last entry of a mapping."""
    for number in range(first + 1, len(lines) + 1):
        line = lines[number - 1]
        if line.strip() and not _is_aside(line) and len(line) - len(line.lstrip()) < column:
            return number - 1
    return len(lines)


def _is_aside(line: str) -> bool:
    return not line.strip() or line.lstrip().startswith("#")


def with_excerpt(text: str, part: Excerpt, typed: str) -> str:
    """The file with the excerpt as it was typed; at its end when there was none."""
    lines = text.split("\n")
    if not part.whole:
        return f"{text.rstrip()}\n\n{typed.rstrip()}\n".lstrip("\n")
    before, after = lines[: part.first - 1], lines[part.last :]
    return "\n".join([*before, *typed.rstrip("\n").split("\n"), *after])

"""检查意见的位置: each finding with the line it stands on, and the form that shows that value."""

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.urls import reverse
from django.utils.http import urlencode

from yijian.packs import PackError
from yijian.packs.findings import Finding, Severity
from yijian.packs.layers import Layers
from yijian.packs.nodes import Node
from yijian.records.workshop import Draft
from yijian.web.console.policy_chapters import CHAPTERS, Chapter, Part, home_of

Steps = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Told:
    """A finding as a page shows it; `url` leads to its line, `form_url` to its form."""

    sentence: str
    error: bool
    file: str
    line: int
    column: int
    url: str = ""
    form_url: str = ""
    chapter: str = ""
    where: str = ""
    path: Steps = ()


class Located:
    """Where in the forms the lines of a draft's own files are."""

    def __init__(self, draft: Draft, found: Layers | None) -> None:
        self.draft = draft
        self._places: dict[str, list[tuple[int, Steps]]] = {}
        if found is not None:
            self._gather(found.own)

    def _gather(self, own: Node) -> None:
        waiting: list[tuple[Steps, Node]] = [((), own)]
        while waiting:
            path, node = waiting.pop()
            if not isinstance(node.value, dict) or len(path) > 3:
                continue
            for key, child in node.value.items():
                place = node.keys.get(key, child.place)
                here = (*path, key)
                if path:
                    self._places.setdefault(place.file, []).append((place.line, here))
                waiting.append((here, child))
        for lines in self._places.values():
            lines.sort()

    def path(self, file: str, line: int) -> Steps:
        """The path of the value that stands at a line, as far as forms go."""
        lines = self._places.get(file, [])
        at = bisect_right(lines, line, key=lambda pair: pair[0])
        return lines[at - 1][1] if at else ()

    def told(self, finding: Finding) -> Told:
        """A finding with its ways."""
        place = finding.place
        code, _, name = place.file.partition("/")
        own = code == self.draft.code
        path = self.path(place.file, place.line) if own else ()
        home = home_of(path) if path else None
        return Told(
            sentence=finding.sentence,
            error=finding.severity is Severity.ERROR,
            file=name if own else place.file,
            line=place.line,
            column=place.column,
            url=f"{file_url(self.draft, name)}#L{place.line}" if own else "",
            form_url=entry_url(self.draft, *home, key_of(home[1], path)) if home else "",
            chapter=home[0].code if home else "",
            where=str(home[0].title) if home else "",
            path=path,
        )

    def all(self, findings: Iterable[Finding]) -> list[Told]:
        """All findings, errors first."""
        return sorted((self.told(one) for one in findings), key=lambda one: not one.error)


def key_of(part: Part, path: Steps) -> str:
    """Which entry of a part the path leads into."""
    depth = len(part.path)
    return "" if part.alone or len(path) <= depth else str(path[depth])


def file_url(draft: Draft, name: str) -> str:
    """The page of one file of a draft."""
    return reverse("policy_file", args=[draft.pk, name]) if name else ""


def entry_url(draft: Draft, within: Chapter, part: Part, key: str) -> str:
    """The page of one entry, or of the part when there is none."""
    address = reverse("policy_entry", args=[draft.pk, within.code, part.code])
    if not key and not part.alone:
        return reverse("policy_chapter", args=[draft.pk, within.code])
    return f"{address}?{urlencode({'key': key})}" if key else address


def by_chapter(told: Iterable[Told]) -> Mapping[str, int]:
    """How many findings each chapter has."""
    counts = {one.code: 0 for one in CHAPTERS}
    for one in told:
        if one.chapter:
            counts[one.chapter] += 1
    return counts


def of_error(draft: Draft, error: PackError) -> list[Told]:
    """What a draft that cannot be read says about itself."""
    return Located(draft, None).all(error.findings)

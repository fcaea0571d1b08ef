"""What an OFD says: its text, page by page and line by line, in the order in which it is written.

Lenient: other writers use other name spaces and leave numbers out; what cannot be understood is
taken as nought. Whether a file keeps to the format is the question of `checking.py`.
"""

import math
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice, pairwise

from yijian.documents.ofd.drawing import Matrix, after, moved
from yijian.documents.ofd.markup import Element
from yijian.documents.ofd.opened import Opened, opened, placed

MOST_PAGES = 2_000
MOST_TEMPLATES = 8
_SAME_LINE = 0.5  # of the letters' height between two base lines
_GAP = 0.2  # of the letters' height between two words
_HOLDERS = ("PageBlock", "Layer")


@dataclass(frozen=True, slots=True)
class _Said:
    text: str
    x: float
    y: float
    end: float
    size: float


def text_of(ofd: bytes) -> str:
    """The text of all pages; an empty line stands between two. Errors: `OfdError`."""
    package = opened(ofd)
    return "\n\n".join("\n".join(_lines(said)) for said in _pages_said(package))


def _pages_said(package: Opened) -> Iterator[Iterator[_Said]]:
    for path, document in package.documents():
        common, listed = document.one("CommonData"), document.one("Pages")
        templates = {
            each.attributes.get("ID", ""): placed(path, each.attributes.get("BaseLoc", ""))
            for each in (common.all("TemplatePage") if common else ())
        }
        for page in islice(listed.all("Page") if listed else (), MOST_PAGES):
            where = placed(path, page.attributes.get("BaseLoc", ""))
            used = (
                templates.get(each.attributes.get("TemplateID", ""), "")
                for each in package.xml(where).all("Template")
            )
            sheets = [*filter(None, islice(used, MOST_TEMPLATES)), where]
            yield chain.from_iterable(_page_said(package, sheet) for sheet in sheets)


def step_list(given: str, most: int) -> list[float]:
    """The steps of a DeltaX; `g count step` means the same step again and again."""
    steps: list[float] = []
    parts = iter(given.split())
    for part in parts:
        if part == "g":
            count, step = next(parts, "0"), next(parts, "0")
            repeat = int(count) if count.isdigit() and len(count) < 9 else 0
            steps += [_float(step)] * min(repeat, most - len(steps))
        else:
            steps.append(_float(part))
        if len(steps) >= most:
            break
    return steps


def _page_said(package: Opened, path: str) -> Iterator[_Said]:
    content = package.xml(path).one("Content")
    for layer in content.all("Layer") if content else ():
        yield from _held(layer)


def _held(holder: Element) -> Iterator[_Said]:
    for child in holder.children:
        if child.name in _HOLDERS:
            yield from _held(child)
        elif child.name == "TextObject":
            yield from _said(child)


def _said(given: Element) -> Iterator[_Said]:
    left, top, *_ = (*_numbers(given.attributes.get("Boundary", "")), 0.0, 0.0)
    turn = _numbers(given.attributes.get("CTM", ""))
    a, b, c, d, e, f = turn if len(turn) == 6 else (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)
    space: Matrix = after((a, b, c, d, e, f), (1.0, 0.0, 0.0, 1.0, left, top))
    size = _float(given.attributes.get("Size", ""))
    x = y = 0.0
    for code in given.all("TextCode"):
        x, y = _float(code.attributes.get("X", ""), x), _float(code.attributes.get("Y", ""), y)
        text = code.text
        if not text.strip():
            continue
        steps = step_list(code.attributes.get("DeltaX", ""), len(text))
        wide = sum(steps[: len(text) - 1])
        wide += sum(_width(char) * size for char in text[len(steps) :] or text[-1])
        at, end = moved((x, y), space), moved((x + wide, y), space)
        yield _Said(text, at[0], at[1], end[0], size * math.hypot(b, d) or size)


def _lines(said: Iterable[_Said]) -> Iterator[str]:
    line: list[_Said] = []
    for each in said:
        if line and abs(each.y - line[-1].y) > _SAME_LINE * max(each.size, line[-1].size):
            yield _joined(line)
            line = []
        line.append(each)
    if line:
        yield _joined(line)


def _joined(line: Sequence[_Said]) -> str:
    text = line[0].text
    for before, each in pairwise(line):
        apart = each.x > before.end + _GAP * each.size or each.x < before.x
        text += (" " if apart else "") + each.text
    return text


def _width(char: str) -> float:
    return 1.0 if unicodedata.east_asian_width(char) in "WFA" else 0.5


def _numbers(given: str) -> list[float]:
    return [_float(part) for part in given.split()[:6]]


def _float(given: str, otherwise: float = 0.0) -> float:
    try:
        value = float(given)
    except ValueError:
        return otherwise
    return value if math.isfinite(value) else otherwise

"""层: what a pack says itself and what its bases say, value by value, with the place of each.

A workshop changes one value at a time: here stands in which file it belongs, and how the pack's
own text says it while everything inherited stays inherited.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from yijian.packs.editing import with_value, without_value
from yijian.packs.findings import Finding, PackError, Place
from yijian.packs.nodes import Node, Plain, is_one_value, merged, plain, read_file
from yijian.packs.reading import COLLECTIONS, FILES, OFFICES, layers_of, line_of_bases

ValuePath = Sequence[str | int]
_SHORT: Mapping[str, tuple[str, ...]] = {"zh": ("zh", "en"), "en": ("zh", "en")}
_PAIR = ("document", "clause")


@dataclass(frozen=True)
class Layers:
    """A pack's own values, those of its bases, and both together; offices are among them."""

    own: Node
    base: Node
    whole: Node

    def at(self, path: ValuePath) -> Plain:
        """The value that counts at `path`, as the files write it; None where there is none."""
        node = self.whole.find(path)
        return None if node is None else plain(node)

    def place(self, path: ValuePath) -> Place:
        """Where the value that counts is written, or the nearest one around it."""
        return self.whole.at(path)

    def is_own(self, path: ValuePath) -> bool:
        """Whether the pack says this value itself."""
        return self.own.find(path) is not None

    def inherited(self, path: ValuePath) -> Plain:
        """What the bases say at `path`; None where they say nothing."""
        node = self.base.find(path)
        return None if node is None else plain(node)


def layers(packs_dir: Path, code: str) -> Layers:
    """The layers of a pack, right or wrong, as long as its files can be read. Errors: PackError."""
    base, own = layers_of(packs_dir, code)
    below = base or Node({}, Place(f"{code}/pack.yaml"))
    line = line_of_bases(packs_dir, code)
    own = _with_offices(packs_dir, line[-1:], own)
    below = _with_offices(packs_dir, line[:-1], below)
    return Layers(own, below, merged(below, own))


def _with_offices(packs_dir: Path, codes: Sequence[str], tree: Node) -> Node:
    offices: Node | None = None
    for code in codes:
        path = packs_dir / code / OFFICES
        found = read_file(path, f"{code}/{OFFICES}").find(["offices"]) if path.is_file() else None
        if found is not None:
            offices = found if offices is None else merged(offices, found)
    if offices is None or not isinstance(tree.value, dict):
        return tree
    return Node(
        {**tree.value, "offices": offices}, tree.place, {**tree.keys, "offices": offices.place}
    )


def file_of(path: ValuePath) -> tuple[str, tuple[str | int, ...]]:
    """The file that a value belongs in, and its path there. Errors: PackError for none.

    >>> file_of(["items", "hukou_registration", "title"])
    ('items.yaml', ('hukou_registration', 'title'))
    >>> file_of(["office_kinds", "hospital"])
    ('offices.yaml', ('kinds', 'hospital'))
    """
    first, rest = (path[0] if path else ""), tuple(path[1:])
    for name, collection in COLLECTIONS.items():
        if first == collection:
            return name, rest
    for name, collections in FILES.items():
        if first in collections:
            return name, tuple(path)
    if first == "office_kinds":
        return OFFICES, ("kinds", *rest)
    if first == "offices":
        return OFFICES, tuple(path)
    raise PackError([Finding(Place(str(first)), f"不认识“{first}”这一部分")])


def revised(
    found: Layers, code: str, files: Mapping[str, str], path: ValuePath, value: Plain
) -> tuple[str, str]:
    """The name and the new text of the file in which the pack now says `value` at `path`.

    A value of None removes: it is left out, or written as `null` over what a base says. A value
    inside an inherited text, limit or list takes the whole of it along, because these are never
    merged. Errors: PackError.
    """
    target, new = _whole_value(found, tuple(path), value)
    name, inner = file_of(target)
    text, called = files.get(name, ""), f"{code}/{name}"
    if new is not None or found.inherited(target) is not None:
        return name, with_value(text, called, inner, new)
    return name, without_value(text, called, inner)


def cleared(found: Layers, code: str, files: Mapping[str, str], path: ValuePath) -> tuple[str, str]:
    """The file and its text without the pack's own value at `path`. Errors: PackError."""
    name, inner = file_of(path)
    if not found.is_own(path):
        raise PackError([Finding(Place(f"{code}/{name}"), "这个值本来就不是本包写的")])
    return name, without_value(files.get(name, ""), f"{code}/{name}", inner)


def _whole_value(
    found: Layers, path: tuple[str | int, ...], value: Plain
) -> tuple[tuple[str | int, ...], Plain]:
    """The shortest path that must be written, with all that then stands there."""
    for length in range(1, len(path)):
        target, rest = path[:length], path[length:]
        node = found.whole.find(target)
        if node is None:
            break
        spelled = _spelled_out(plain(node), rest[0])
        if spelled is not None:
            longer = _put(spelled, rest, value)
            only = isinstance(longer, dict) and longer.keys() == {"zh"}
            return target, longer["zh"] if only and isinstance(longer, dict) else longer
        together = isinstance(node.value, list) or (
            isinstance(node.value, dict) and is_one_value(node.value)
        )
        if together and not found.is_own(target):
            return target, _put(plain(node), rest, value)
    return path, value


def _spelled_out(short: Plain, key: str | int) -> Plain:
    """The long form of a text or basis in short form, when a part of it is asked for."""
    if isinstance(short, str) and key in _SHORT:
        return {"zh": short}
    if isinstance(short, list) and len(short) == len(_PAIR) and key in _PAIR:
        return dict(zip(_PAIR, short, strict=True))
    return None


def _put(tree: Plain, path: tuple[str | int, ...], value: Plain) -> Plain:
    key, rest = path[0], path[1:]
    if isinstance(tree, list) and isinstance(key, int) and 0 <= key <= len(tree):
        parts = [*tree, None] if key == len(tree) else list(tree)
        if value is None and not rest:
            return [part for index, part in enumerate(tree) if index != key]
        parts[key] = _put(parts[key], rest, value) if rest else value
        return parts
    if isinstance(key, str) and (tree is None or isinstance(tree, dict)):
        entries = dict(tree or {})
        if value is None and not rest:
            entries.pop(key, None)
        else:
            entries[key] = _put(entries.get(key), rest, value) if rest else value
        return entries
    raise PackError([Finding(Place(str(key)), "这里没有这样的值")])

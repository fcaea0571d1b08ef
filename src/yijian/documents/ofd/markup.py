"""XML as an OFD holds it: written with one name space, read without ever expanding anything.

A document type declaration, and with it every entity of somebody's own, is refused; so are XML
files that nest or go on beyond any real page.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from xml.parsers import expat

NAMESPACE = "http://www.ofdspec.org/2016"
DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'

DEEPEST = 48
MOST_ELEMENTS = 60_000

_ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})
_QUOTED = str.maketrans(
    {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\n": "&#10;", "\t": "&#9;"}
)


class MarkupError(ValueError):
    """An XML file cannot be believed: not well formed, or made to hurt its reader."""


@dataclass(slots=True)
class Element:
    """One element: its name, its name space, what it says and what it holds."""

    name: str
    namespace: str
    attributes: dict[str, str]
    children: "list[Element]" = field(default_factory=list)
    text: str = ""

    def all(self, name: str) -> "Iterator[Element]":
        """Its children of one name."""
        return (child for child in self.children if child.name == name)

    def one(self, *names: str) -> "Element | None":
        """The first child, grandchild … along the names."""
        found: Element | None = self
        for name in names:
            found = next(found.all(name), None) if found is not None else None
        return found

    def words(self, *names: str) -> str:
        """What the first such child says, without the space around it."""
        found = self.one(*names)
        return found.text.strip() if found is not None else ""

    def within(self) -> "Iterator[Element]":
        """Itself and everything in it, as it stands in the file."""
        yield self
        for child in self.children:
            yield from child.within()


def escaped(text: str) -> str:
    """Text as it may stand between tags."""
    return text.translate(_ESCAPES)


def quoted(text: str) -> str:
    """Text as an attribute's value, quotation marks included."""
    return f'"{text.translate(_QUOTED)}"'


def tag(name: str, attributes: dict[str, object], *inside: str) -> str:
    """One element with what is inside it; attributes that are `None` are left out."""
    given = "".join(
        f" {key}={quoted(str(value))}" for key, value in attributes.items() if value is not None
    )
    return (
        f"<ofd:{name}{given}>{''.join(inside)}</ofd:{name}>" if inside else f"<ofd:{name}{given}/>"
    )


def words(name: str, text: object) -> str:
    """An element that says something."""
    return f"<ofd:{name}>{escaped(str(text))}</ofd:{name}>"


def file_of(name: str, attributes: dict[str, object], *inside: str) -> bytes:
    """A whole XML file of which this is the root."""
    return (DECLARATION + tag(name, {"xmlns:ofd": NAMESPACE, **attributes}, *inside)).encode()


def parsed(data: bytes, most: int = MOST_ELEMENTS) -> tuple[Element, int]:
    """Read an XML file of at most so many elements: its root, and how many they are."""
    reading = _Reading(min(most, MOST_ELEMENTS))
    return reading.read(data), reading.count


class _Reading:
    def __init__(self, most: int) -> None:
        self.count = 0
        self._most = most
        self._open: list[Element] = []
        self._root: Element | None = None

    def read(self, data: bytes) -> Element:
        parser = expat.ParserCreate(namespace_separator=" ")
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._say
        parser.StartDoctypeDeclHandler = _refuse("it declares a document type")
        parser.EntityDeclHandler = _refuse("it declares an entity")
        try:
            parser.Parse(data, True)
        except expat.ExpatError as fault:
            raise MarkupError(f"it is not well-formed XML: {fault}") from fault
        except (LookupError, ValueError) as fault:
            if isinstance(fault, MarkupError):
                raise
            raise MarkupError(f"its encoding cannot be read: {fault}") from fault
        assert self._root is not None
        return self._root

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self.count += 1
        if self.count > self._most:
            raise MarkupError(f"it has more than {self._most} elements")
        if len(self._open) >= DEEPEST:
            raise MarkupError(f"its elements nest deeper than {DEEPEST}")
        namespace, _, local = name.rpartition(" ")
        element = Element(local, namespace, attributes)
        if self._open:
            self._open[-1].children.append(element)
        else:
            self._root = element
        self._open.append(element)

    def _end(self, _: str) -> None:
        self._open.pop()

    def _say(self, text: str) -> None:
        self._open[-1].text += text


def _refuse(why: str) -> Callable[..., Any]:
    def refuse(*_: object) -> None:
        raise MarkupError(why)

    return refuse

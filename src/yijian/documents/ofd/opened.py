"""An OFD that lies open: its parts, their XML, and where a location in one part leads."""

import posixpath
from dataclasses import dataclass, field

from yijian.documents.ofd.markup import Element, MarkupError, parsed
from yijian.documents.ofd.package import ENTRY, OfdError, parts

MOST_ELEMENTS = 100_000
"""In all parts together: some hundred full pages, read within about a second."""


@dataclass(slots=True)
class Opened:
    """The parts of an OFD by name; an XML part is read once."""

    parts: dict[str, bytes]
    _read: dict[str, Element] = field(default_factory=dict)
    _left: int = MOST_ELEMENTS

    def xml(self, path: str) -> Element:
        """An XML part. Errors: `OfdError` where it is not there or cannot be believed."""
        if path not in self._read:
            if path not in self.parts:
                raise OfdError(f"the part {shown(path)} is not there")
            try:
                self._read[path], count = parsed(self.parts[path], self._left)
            except MarkupError as fault:
                raise OfdError(f"the part {shown(path)} cannot be read: {fault}") from fault
            self._left -= count
        return self._read[path]

    def documents(self) -> list[tuple[str, Element]]:
        """The path and root of every document in it."""
        paths = [placed(ENTRY, body.words("DocRoot")) for body in self.xml(ENTRY).all("DocBody")]
        return [(path, self.xml(path)) for path in paths]

    def page_ids(self) -> list[str]:
        """The number that each page of the first document has, in their order."""
        for _, document in self.documents():
            pages = document.one("Pages")
            return [page.attributes.get("ID", "") for page in pages.all("Page")] if pages else []
        return []


def opened(ofd: bytes) -> Opened:
    """Open an OFD. Errors: `OfdError`."""
    return Opened(parts(ofd))


def placed(base: str, location: str) -> str:
    """The name of the part that a location, written inside another part, means."""
    if location.startswith("/"):
        return posixpath.normpath(location).lstrip("/")
    return posixpath.normpath(posixpath.join(posixpath.dirname(base), location))


def shown(path: str) -> str:
    """A path as it may stand in a message: short, and nothing in it acts on its reader."""
    return "“" + "".join(char if char.isprintable() else "?" for char in path[:80]) + "”"

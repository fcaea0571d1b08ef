"""XML of packages: written the same way every time, with what XML cannot hold spelled out."""

import re
from datetime import datetime
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement
from zoneinfo import ZoneInfo

LOCAL = ZoneInfo("Asia/Shanghai")
_NO_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def child(parent: Element, tag: str, text: str = "", **attributes: str) -> Element:
    """A new element at the end of `parent`."""
    made = SubElement(parent, tag, {name: printable(value) for name, value in attributes.items()})
    if text:
        made.text = printable(text)
    return made


def written(root: Element) -> bytes:
    """The document in UTF-8, indented by two blanks."""
    ElementTree.indent(root)
    text = ElementTree.tostring(root, encoding="unicode", short_empty_elements=True)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{text}\n'.encode()


def printable(text: str) -> str:
    """The text, with every character that XML forbids written as its number.

    >>> printable("a\\x00b")
    'a[U+0000]b'
    """
    return _NO_XML.sub(lambda found: f"[U+{ord(found[0]):04X}]", text)


def moment(at: datetime) -> str:
    """A moment to the second, in local time with its offset."""
    return at.astimezone(LOCAL).isoformat(timespec="seconds")

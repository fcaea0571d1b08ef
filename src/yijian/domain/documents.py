"""文书: what a document says, before it is set: its title, its blocks, who signs and seals it.

A `Content` is plain values in one language, already worded for one family. The same content gives
the same bytes, whoever sets it and when; `as_data` is what a typesetter and a digest read.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from datetime import date, datetime
from typing import Any

Strokes = tuple[tuple[tuple[float, float], ...], ...]
"""A drawn signature: strokes of points, each coordinate between 0 and 1 of the drawing's width."""


@dataclass(frozen=True, slots=True)
class Heading:
    """小标题: a heading inside a document; level 1 is a part, 2 something inside it."""

    text: str
    level: int = 1


@dataclass(frozen=True, slots=True)
class Paragraph:
    """段落: running text. `style` is body, small or centre."""

    text: str
    style: str = "body"


@dataclass(frozen=True, slots=True)
class Cell:
    """一格: a label and what is filled in; `wide` takes a whole line of the grid."""

    label: str
    value: str
    wide: bool = False


@dataclass(frozen=True, slots=True)
class Cells:
    """表格: cells in a grid of labelled pairs under an optional title at its side.

    A choice among them is a whole line of the grid.
    """

    title: str
    cells: tuple["Cell | Ticks", ...]
    pairs: int = 2


@dataclass(frozen=True, slots=True)
class Ticks:
    """勾选: every option of a choice, and which are ticked."""

    label: str
    options: tuple[tuple[str, bool], ...]


@dataclass(frozen=True, slots=True)
class Rows:
    """清单: a table with a head; `widths` are parts of the line, one for each column."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    widths: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class SignedBy:
    """签名处: who signs. No strokes and no `typed`: room to sign by hand.

    `typed` is the name as it was typed instead of drawn; `note` says how it was given.
    """

    title: str
    name: str
    strokes: Strokes = ()
    typed: str = ""
    on: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Signatures:
    """签名栏: the signatures of a document side by side."""

    signed_by: tuple[SignedBy, ...]


@dataclass(frozen=True, slots=True)
class SealPlace:
    """盖章处: the organisation whose seal stands here, and the day."""

    office: str
    on: str


@dataclass(frozen=True, slots=True)
class QrCode:
    """二维码: what it says when read, and the sentence under it."""

    text: str
    caption: str


Block = Heading | Paragraph | Cells | Ticks | Rows | Signatures | SealPlace | QrCode


@dataclass(frozen=True, slots=True)
class Content:
    """一份文书的内容: everything it says, in one language.

    `kind` is the document's id in the pack, `layout` the name of its template, `number` what
    stands at its top right, `watermark` what is written across it, `policy` the pack's code,
    version and digest, `made_at` its moment, which also becomes the date inside the file.
    """

    kind: str
    layout: str
    title: str
    number: str
    language: str
    blocks: tuple[Block, ...]
    watermark: str
    footer: str
    policy: tuple[str, str, str]
    made_at: datetime


def as_data(content: Content) -> dict[str, Any]:
    """The content as plain JSON values; every block names its type in `block`."""
    data = _plain(content)
    assert isinstance(data, dict)
    return data


def restored(data: Mapping[str, Any]) -> Content:
    """The content that `as_data` made plain."""
    named = {name: _restored(value) for name, value in data.items()}
    return Content(**{**named, "made_at": datetime.fromisoformat(data["made_at"])})


def texts(content: Content) -> Iterator[str]:
    """Every text of the document, in reading order; what a font must be able to show."""
    yield from (content.title, content.number, content.watermark, content.footer)
    for block in content.blocks:
        yield from _texts(_plain(block))


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for name, each in value.items():
            if name != "block":
                yield from _texts(each)
    elif isinstance(value, list):
        for each in value:
            yield from _texts(each)


def _plain(value: object) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        named = {each.name: _plain(getattr(value, each.name)) for each in fields(value)}
        return named if isinstance(value, Content) else {"block": type(value).__name__, **named}
    if isinstance(value, tuple):
        return [_plain(each) for each in value]
    if isinstance(value, datetime | date):
        return value.isoformat()
    return value


_BLOCKS: Mapping[str, type] = {
    each.__name__: each
    for each in (
        Heading, Paragraph, Cell, Cells, Ticks, Rows, SignedBy, Signatures, SealPlace, QrCode,
    )
}  # fmt: skip


def _restored(value: Any) -> Any:
    if isinstance(value, list):
        return tuple(_restored(each) for each in value)
    if isinstance(value, Mapping):
        named = {name: _restored(each) for name, each in value.items() if name != "block"}
        return _BLOCKS[value["block"]](**named)
    return value

"""小图片: a screenshot as a PNG with a palette of 256 colours, a third of its size.

Reads what Chromium writes (8 bits, RGB or RGBA, not interlaced); nothing else.
"""

from __future__ import annotations

import struct
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from io import BytesIO

from PIL import Image

SIGNATURE = b"\x89PNG\r\n\x1a\n"
CHANNELS = {2: 3, 6: 4}
COLOURS = 256
COARSE = 0xF8
"""Shades that differ less than this mask shows are one shade."""

Colour = tuple[int, int, int]


def small(picture: bytes) -> bytes:
    """The same picture with at most 256 colours; the most frequent ones stay exact."""
    width, height, rows = _pixels(picture)
    lines = [list(zip(row[0::3], row[1::3], row[2::3], strict=True)) for row in rows]
    exact = Counter(colour for line in lines for colour in line)
    palette = _palette(exact)
    index = {colour: _nearest(colour, palette) for colour in exact}
    raw = b"".join(b"\0" + bytes(index[colour] for colour in line) for line in lines)
    header = struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)
    body = bytes(value for colour in palette for value in colour)
    return SIGNATURE + b"".join(
        _chunk(kind, data)
        for kind, data in (
            (b"IHDR", header), (b"PLTE", body), (b"IDAT", zlib.compress(raw, 9)), (b"IEND", b""),
        )
    )  # fmt: skip


def side_by_side(pictures: Sequence[bytes]) -> bytes:
    """Pages beside each other as one PNG, with a grey line between them."""
    pages = [Image.open(BytesIO(picture)).convert("RGB") for picture in pictures]
    width = sum(page.width for page in pages) + len(pages) - 1
    sheet = Image.new("RGB", (width, max(page.height for page in pages)), "#b0b0b0")
    left = 0
    for page in pages:
        sheet.paste(page, (left, 0))
        left += page.width + 1
    written = BytesIO()
    sheet.save(written, "PNG")
    return written.getvalue()


def _palette(exact: Counter[Colour]) -> list[Colour]:
    """The commonest colour of each shade, the commonest shades first."""
    shades: dict[Colour, Counter[Colour]] = {}
    for colour, count in exact.items():
        red, green, blue = colour
        shade = (red & COARSE, green & COARSE, blue & COARSE)
        shades.setdefault(shade, Counter())[colour] = count
    ordered = sorted(shades.values(), key=lambda one: (-one.total(), min(one)))
    return [one.most_common(1)[0][0] for one in ordered[:COLOURS]]


def _nearest(colour: Colour, palette: list[Colour]) -> int:
    red, green, blue = colour
    distances = (
        ((red - r) ** 2 + (green - g) ** 2 + (blue - b) ** 2, place)
        for place, (r, g, b) in enumerate(palette)
    )
    return min(distances)[1]


def _chunk(kind: bytes, data: bytes) -> bytes:
    body = kind + data
    return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))


def _chunks(picture: bytes) -> Iterator[tuple[bytes, bytes]]:
    place = len(SIGNATURE)
    while place < len(picture):
        (length,) = struct.unpack(">I", picture[place : place + 4])
        yield picture[place + 4 : place + 8], picture[place + 8 : place + 8 + length]
        place += 12 + length


def _pixels(picture: bytes) -> tuple[int, int, list[bytes]]:
    """Width, height, and each row as red, green, blue, red, …"""
    chunks: dict[bytes, bytes] = {}
    for kind, data in _chunks(picture):
        chunks[kind] = chunks.get(kind, b"") + data
    width, height, _bits, colour = struct.unpack(">IIBB", chunks[b"IHDR"][:10])
    step = CHANNELS[colour]
    raw = zlib.decompress(chunks[b"IDAT"])
    length = width * step
    rows, above = [], bytes(length)
    for place in range(0, len(raw), length + 1):
        line = bytearray(raw[place + 1 : place + 1 + length])
        _unfilter(raw[place], line, above, step)
        above = bytes(line)
        rows.append(above if step == 3 else _without_alpha(above))
    return width, height, rows


def _without_alpha(row: bytes) -> bytes:
    kept = bytearray(len(row) // 4 * 3)
    for channel in range(3):
        kept[channel::3] = row[channel::4]
    return bytes(kept)


def _unfilter(how: int, line: bytearray, above: bytes, step: int) -> None:
    """Undo a row's filter in place (PNG, section 9)."""
    if how == 0:
        return
    for at in range(len(line)):
        left = line[at - step] if at >= step else 0
        up = above[at]
        if how == 1:
            guess = left
        elif how == 2:
            guess = up
        elif how == 3:
            guess = (left + up) // 2
        else:
            corner = above[at - step] if at >= step else 0
            guess = _paeth(left, up, corner)
        line[at] = (line[at] + guess) & 0xFF


def _paeth(left: int, up: int, corner: int) -> int:
    estimate = left + up - corner
    to_left, to_up, to_corner = (
        abs(estimate - left), abs(estimate - up), abs(estimate - corner),
    )  # fmt: skip
    if to_left <= to_up and to_left <= to_corner:
        return left
    return up if to_up <= to_corner else corner

"""印模: the picture of a test seal. Round, red, a star, the organisation on the arc, and 测试.

A real seal's picture comes with the seal. This one must never be taken for one: 测试 stands in the
middle in letters as large as the name's.
"""

from __future__ import annotations

import io
import math
from functools import lru_cache

import pylopdf_fonts_zh_cn
from PIL import Image, ImageDraw, ImageFont

DOTS = 480
"""As many as 40 mm have at 300 dots an inch, and a few more."""
_FINE = 2
_RED = (200, 16, 28)
_DEPTHS = 16
_MARK = "测试"
_MARGIN = 0.03
_RING = 0.028
_LETTERS = 0.115
_WIDEST_ARC = math.radians(260)


def draw(title: str, code: str) -> bytes:
    """The picture as PNG, red on nothing. The same words give the same bytes."""
    side = DOTS * _FINE
    ink = Image.new("L", (side, side), 0)
    pen = ImageDraw.Draw(ink)
    edge = _MARGIN * side
    pen.ellipse((edge, edge, side - edge, side - edge), outline=255, width=round(_RING * side))
    pen.polygon(_star(side / 2, side * 0.44, side * 0.145), fill=255)
    _centred(pen, _MARK, side * 0.65, _font(round(side * 0.125)), side)
    _centred(pen, code, side * 0.80, _font(round(side * 0.055)), side)
    _arc(ink, title)
    return _red_png(ink.resize((DOTS, DOTS), Image.Resampling.LANCZOS))


def _red_png(ink: Image.Image) -> bytes:
    """Sixteen depths of one red: a seal is carried twice in every OFD, so it is kept small."""
    picture = ink.point([round(depth / 255 * (_DEPTHS - 1)) for depth in range(256)])
    picture = picture.convert("P")
    picture.putpalette(_RED * _DEPTHS)
    depths = bytes(255 * depth // (_DEPTHS - 1) for depth in range(_DEPTHS))
    made = io.BytesIO()
    picture.save(made, "PNG", optimize=True, bits=4, transparency=depths)
    return made.getvalue()


def _arc(ink: Image.Image, title: str) -> None:
    """The title along the inside of the ring, its middle at the top; long ones get narrow."""
    side = ink.width
    size = _LETTERS * side
    radius = side / 2 * (1 - 2 * _MARGIN - 2 * _RING) - size * 0.62
    step = min(size * 1.18 / radius, _WIDEST_ARC / max(len(title) - 1, 1))
    narrow = min(1.0, step * radius / (size * 1.02))
    for position, letter in enumerate(title):
        angle = (position - (len(title) - 1) / 2) * step
        tile = _letter(letter, round(size), narrow).rotate(
            -math.degrees(angle), expand=True, resample=Image.Resampling.BICUBIC
        )
        x = side / 2 + radius * math.sin(angle) - tile.width / 2
        y = side / 2 - radius * math.cos(angle) - tile.height / 2
        ink.paste(255, (round(x), round(y)), tile)


def _letter(letter: str, size: int, narrow: float) -> Image.Image:
    """One letter in the middle of a square, squeezed to fit its part of the arc."""
    tile = Image.new("L", (size * 2, size * 2), 0)
    ImageDraw.Draw(tile).text(
        (size, size), letter, font=_font(size), fill=255, anchor="mm", stroke_width=size // 50
    )
    if narrow < 1:
        tile = tile.resize((max(1, round(tile.width * narrow)), tile.height))
    return tile


def _centred(
    pen: ImageDraw.ImageDraw, text: str, y: float, font: ImageFont.FreeTypeFont, side: int
) -> None:
    pen.text((side / 2, y), text, font=font, fill=255, anchor="mm")


def _star(x: float, y: float, radius: float) -> list[tuple[float, float]]:
    inner = radius * math.sin(math.radians(18)) / math.sin(math.radians(54))
    return [
        (
            x + (inner if point % 2 else radius) * math.sin(math.radians(36 * point)),
            y - (inner if point % 2 else radius) * math.cos(math.radians(36 * point)),
        )
        for point in range(10)
    ]


@lru_cache(maxsize=8)
def _font(size: int) -> ImageFont.FreeTypeFont:
    path = str(pylopdf_fonts_zh_cn.serif_path())
    return ImageFont.truetype(path, size, layout_engine=ImageFont.Layout.BASIC)

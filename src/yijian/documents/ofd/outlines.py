"""轮廓: the outlines of the glyphs in a font, as shapes and as TrueType keeps them.

Turning a PostScript outline into a TrueType one takes longer than anything else about an OFD, and
official papers use the same few hundred characters, so what was turned is kept.
"""

import io
from functools import lru_cache
from types import SimpleNamespace
from typing import Any, NamedTuple

from fontTools.cffLib import CFFFontSet
from fontTools.misc.psCharStrings import T2CharString
from fontTools.pens.basePen import BasePen
from fontTools.pens.cu2quPen import Cu2QuPen
from fontTools.pens.recordingPen import DecomposingRecordingPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTFont

from yijian.documents.ofd.drawing import Segment

UNITS = 1000
_LARGEST_ERROR = 0.8  # of a thousandth of the letter's height, when curves change their kind
_KEPT_GLYPHS = 16_384  # of a few hundred bytes each
_KEPT_OUTLINES = 512

_Steps = tuple[tuple[str, tuple[tuple[float, float], ...]], ...]


class UnusableFontError(ValueError):
    """A font of the PDF is not of the kind our typesetter embeds."""


class TrueTypeGlyph(NamedTuple):
    """One glyph as the bytes of a TrueType font, and what the font says about it elsewhere."""

    data: bytes
    box: tuple[int, int, int, int]
    points: int
    contours: int


EMPTY = TrueTypeGlyph(b"", (0, 0, 0, 0), 0, 0)


class Outlines:
    """The glyphs of one font file that is embedded in a PDF."""

    def __init__(self, described: Any) -> None:
        if "/FontFile2" in described:
            self._read_open_type(described.FontFile2.read_bytes())
        elif str(described.FontFile3.Subtype) == "/OpenType":
            self._read_open_type(described.FontFile3.read_bytes())
        else:
            self._read_compact(described.FontFile3.read_bytes())

    def segments(self, glyph: int) -> tuple[Segment, ...]:
        """The outline as parts of the letter's height, y upwards from the base line."""
        program = self._program(glyph)
        if program is not None:
            return _segments_of(program)
        return _segments(self._steps(glyph), 1 / self._units)

    def true_type(self, glyph: int) -> TrueTypeGlyph:
        """The outline as a TrueType font of `UNITS` units keeps it."""
        program = self._program(glyph)
        if program is not None:
            return _true_type_of(program)
        return _true_type(self._steps(glyph), UNITS / self._units, self._postscript)

    def _read_open_type(self, data: bytes) -> None:
        font = TTFont(io.BytesIO(data))
        self._glyphs = font.getGlyphSet()
        self._order = font.getGlyphOrder()
        self._units = int(font["head"].unitsPerEm)
        self._postscript = "CFF " in font
        self._alone = False

    def _read_compact(self, data: bytes) -> None:
        fonts = CFFFontSet()
        fonts.decompile(io.BytesIO(data), None)
        top = fonts[0]
        self._glyphs = top.CharStrings
        self._order = top.charset
        self._units = round(1 / top.FontMatrix[0])
        self._postscript = True
        privates = (
            [each.Private for each in top.FDArray] if hasattr(top, "FDArray") else [top.Private]
        )
        parts = [top.GlobalSubrs, *(getattr(private, "Subrs", ()) for private in privates)]
        self._alone = self._units == UNITS and not any(len(part) for part in parts)

    def _found(self, glyph: int) -> Any:
        named = f"cid{glyph:05d}"
        if named in self._glyphs:
            return self._glyphs[named]
        if glyph >= len(self._order):
            raise UnusableFontError(f"a font has no glyph {glyph}")
        return self._glyphs[self._order[glyph]]

    def _program(self, glyph: int) -> bytes | None:
        """What draws the glyph, where that needs no other part of its font."""
        program = getattr(self._found(glyph), "bytecode", None) if self._alone else None
        return bytes(program) if program is not None else None

    def _steps(self, glyph: int) -> _Steps:
        recording = DecomposingRecordingPen(self._glyphs)
        self._found(glyph).draw(recording)
        return tuple(recording.value)


@lru_cache(maxsize=_KEPT_OUTLINES)
def _segments_of(program: bytes) -> tuple[Segment, ...]:
    return _segments(_run(program), 1 / UNITS)


@lru_cache(maxsize=_KEPT_GLYPHS)
def _true_type_of(program: bytes) -> TrueTypeGlyph:
    return _true_type(_run(program), 1.0, True)


def _run(program: bytes) -> _Steps:
    widths = SimpleNamespace(nominalWidthX=0, defaultWidthX=0)
    recording = DecomposingRecordingPen({})
    T2CharString(bytecode=program, private=widths, globalSubrs=[]).draw(recording)
    return tuple(recording.value)


def _segments(steps: _Steps, scale: float) -> tuple[Segment, ...]:
    pen = _OutlinePen(scale)
    for step, points in steps:
        getattr(pen, step)(*points)
    return tuple(pen.segments)


def _true_type(steps: _Steps, scale: float, postscript: bool) -> TrueTypeGlyph:
    pen = TTGlyphPen(None)
    turning = Cu2QuPen(pen, _LARGEST_ERROR, reverse_direction=postscript)
    for step, points in steps:
        getattr(turning, step)(*((x * scale, y * scale) for x, y in points))
    glyph = pen.glyph()
    if not glyph.numberOfContours:
        return EMPTY
    data = glyph.compile(None, recalcBBoxes=True)
    box = (glyph.xMin, glyph.yMin, glyph.xMax, glyph.yMax)
    return TrueTypeGlyph(bytes(data), box, len(glyph.coordinates), glyph.numberOfContours)


class _OutlinePen(BasePen):  # type: ignore[misc]
    def __init__(self, scale: float) -> None:
        super().__init__(None)
        self._scale = scale
        self.segments: list[Segment] = []

    def _step(self, step: str, *points: tuple[float, float]) -> None:
        scaled = tuple((x * self._scale, y * self._scale) for x, y in points)
        self.segments.append(Segment(step, scaled))

    def _moveTo(self, pt: tuple[float, float]) -> None:
        self._step("M", pt)

    def _lineTo(self, pt: tuple[float, float]) -> None:
        self._step("L", pt)

    def _curveToOne(self, pt1: Any, pt2: Any, pt3: Any) -> None:
        self._step("B", pt1, pt2, pt3)

    def _closePath(self) -> None:
        self._step("C")

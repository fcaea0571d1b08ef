"""字体: the fonts inside a PDF, and the small TrueType fonts made of them for its OFD twin.

A PDF names glyphs by number, an OFD by character, and some OFD readers know TrueType outlines
only. So the glyphs that a document uses become fonts of their own, in which every character has
one glyph; where a document shows one character in two shapes, a second font holds the other.
"""

import io
import re
from collections.abc import Mapping
from typing import Any

from fontTools.cffLib import CFFFontSet
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.basePen import BasePen
from fontTools.pens.cu2quPen import Cu2QuPen
from fontTools.pens.recordingPen import DecomposingRecordingPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTFont

from yijian.documents.ofd.drawing import Letter, Segment

UNKNOWN = "\N{REPLACEMENT CHARACTER}"
"""Stands for a glyph of which the PDF does not say what it means."""

UNITS = 1000
_LARGEST_ERROR = 0.8  # of a thousandth of the letter's height, when curves change their kind

_SERIF = 1 << 1
_ITALIC = 1 << 6
_BOLD = 1 << 18

_SECTION = re.compile(rb"begin(bfchar|bfrange)(.*?)end\1", re.DOTALL)
_CHAR = re.compile(rb"<([0-9A-Fa-f]+)>\s*<([0-9A-Fa-f]+)>")
_RANGE = re.compile(rb"<([0-9A-Fa-f]+)>\s*<([0-9A-Fa-f]+)>\s*(?:<([0-9A-Fa-f]+)>|\[(.*?)\])", re.S)
_LONGEST_RANGE = 0x10000


class UnusableFontError(ValueError):
    """A font of the PDF is not of the kind our typesetter embeds."""


class EmbeddedFont:
    """One font of a PDF: what its glyphs say, how wide they are, and their outlines."""

    def __init__(self, font: Any) -> None:
        try:
            below = font.DescendantFonts[0]
            described = below.FontDescriptor
            if str(font.Encoding) != "/Identity-H":
                raise UnusableFontError(f"a font is encoded as {font.Encoding}")
            self._widths = _widths(below)
            self._otherwise = float(below.get("/DW", 1000)) / 1000
            self._texts = _texts(font.ToUnicode.read_bytes()) if "/ToUnicode" in font else {}
        except (AttributeError, KeyError, IndexError) as missing:
            raise UnusableFontError("a font is not embedded as a composite font") from missing
        self.name = str(described.FontName).lstrip("/").rsplit("+", 1)[-1]
        flags = int(described.get("/Flags", 0))
        self.serif = bool(flags & _SERIF)
        self.italic = bool(flags & _ITALIC)
        self.bold = bool(flags & _BOLD)
        self._glyphs, self._units, self._postscript = _outlines_of(described)
        self._drawn: dict[int, tuple[Segment, ...]] = {}

    def text(self, glyph: int) -> str:
        """What a glyph says."""
        return self._texts.get(glyph, UNKNOWN)

    def advance(self, glyph: int) -> float:
        """How far the next letter stands, as a part of the letter's height."""
        return self._widths.get(glyph, self._otherwise)

    def outline(self, glyph: int) -> tuple[Segment, ...]:
        """The outline of a glyph, as parts of its height, y upwards from the base line."""
        if glyph not in self._drawn:
            pen = _OutlinePen(1 / self._units)
            self._recorded(glyph).replay(pen)
            self._drawn[glyph] = tuple(pen.segments)
        return self._drawn[glyph]

    def true_type(self, glyph: int) -> Any:
        """The outline of a glyph as a TrueType font keeps it."""
        pen = TTGlyphPen(None)
        scale = UNITS / self._units
        turning = Cu2QuPen(pen, _LARGEST_ERROR, reverse_direction=self._postscript)
        recorded = self._recorded(glyph)
        if scale != 1:
            recorded.value = [
                (step, tuple((x * scale, y * scale) for x, y in points))
                for step, points in recorded.value
            ]
        recorded.replay(turning)
        return pen.glyph()

    def _recorded(self, glyph: int) -> Any:
        recording = DecomposingRecordingPen(self._glyphs)
        name = _name_of(self._glyphs, glyph)
        if name is None:
            raise UnusableFontError(f"the font {self.name} has no glyph {glyph}")
        self._glyphs[name].draw(recording)
        return recording


class Face:
    """A font of the OFD: for each character one glyph of a font of the PDF."""

    def __init__(self, font: EmbeddedFont, number: int) -> None:
        self.font = font
        self.number = number
        self.name = font.name if number == 0 else f"{font.name}-{number}"
        self._codes: dict[str, int] = {}
        self._order: dict[int, int] = {}

    def takes(self, letter: Letter) -> bool:
        """Whether the letter can stand in this font beside what is there already."""
        return len(letter.text) != 1 or self._codes.get(letter.text, letter.glyph) == letter.glyph

    def index(self, letter: Letter) -> int:
        """The number of the letter's glyph in this font, which takes it in."""
        if len(letter.text) == 1:
            self._codes[letter.text] = letter.glyph
        return self._order.setdefault(letter.glyph, len(self._order) + 1)

    def file(self) -> bytes:
        """The font file, the same bytes for the same letters in the same order."""
        names = {glyph: f"g{number}" for glyph, number in self._order.items()}
        shapes = {".notdef": TTGlyphPen(None).glyph()}
        shapes |= {name: self.font.true_type(glyph) for glyph, name in names.items()}
        widths = {".notdef": UNITS}
        widths |= {name: round(self.font.advance(g) * UNITS) for g, name in names.items()}
        built = FontBuilder(UNITS, isTTF=True)
        built.font.recalcTimestamp = False
        built.setupGlyphOrder(list(shapes))
        built.setupCharacterMap({ord(text): names[glyph] for text, glyph in self._codes.items()})
        built.setupGlyf(shapes)
        left = {name: getattr(shape, "xMin", 0) for name, shape in shapes.items()}
        built.setupHorizontalMetrics({name: (widths[name], left[name]) for name in shapes})
        built.setupHorizontalHeader(ascent=880, descent=-120)
        built.setupNameTable({"familyName": self.name, "styleName": "Regular"})
        built.setupOS2(sTypoAscender=880, sTypoDescender=-120, usWinAscent=1160, usWinDescent=320)
        built.setupPost(keepGlyphNames=False)
        file = io.BytesIO()
        built.save(file)
        return file.getvalue()


class Faces:
    """All fonts of one OFD, made as its letters are written."""

    def __init__(self, fonts: Mapping[str, EmbeddedFont]) -> None:
        self._fonts = fonts
        self._faces: dict[str, list[Face]] = {}

    def face(self, font: str, letter: Letter) -> Face:
        """The first font in which this letter can stand."""
        faces = self._faces.setdefault(font, [])
        for face in faces:
            if face.takes(letter):
                return face
        faces.append(Face(self._fonts[font], len(faces)))
        return faces[-1]

    def outline(self, font: str, glyph: int) -> tuple[Segment, ...]:
        """The outline of a glyph, see `EmbeddedFont.outline`."""
        return self._fonts[font].outline(glyph)

    def all(self) -> list[Face]:
        """Every font in which a letter stands, in the order in which they were needed."""
        return [face for faces in self._faces.values() for face in faces]


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


def _outlines_of(described: Any) -> tuple[Any, int, bool]:
    """The drawable glyphs of an embedded font, its units, and whether it is PostScript."""
    if "/FontFile2" in described:
        font = TTFont(io.BytesIO(described.FontFile2.read_bytes()))
        return font.getGlyphSet(), font["head"].unitsPerEm, False
    data = described.FontFile3.read_bytes()
    if str(described.FontFile3.Subtype) == "/OpenType":
        font = TTFont(io.BytesIO(data))
        return font.getGlyphSet(), font["head"].unitsPerEm, "CFF " in font
    fonts = CFFFontSet()
    fonts.decompile(io.BytesIO(data), None)
    top = fonts[0]
    return top.CharStrings, round(1 / top.FontMatrix[0]), True


def _name_of(glyphs: Any, glyph: int) -> str | None:
    """What the font file calls the glyph with a number, if it has one."""
    if hasattr(glyphs, "font"):
        order = glyphs.font.getGlyphOrder()
        return str(order[glyph]) if glyph < len(order) else None
    named = f"cid{glyph:05d}"
    if named in glyphs.charStrings:
        return named
    order = glyphs.charset
    return str(order[glyph]) if glyph < len(order) else None


def _widths(below: Any) -> dict[int, float]:
    widths: dict[int, float] = {}
    given = list(below.get("/W", []))
    at = 0
    while at < len(given):
        first, second = int(given[at]), given[at + 1]
        if hasattr(second, "__iter__"):
            widths |= {first + n: float(width) / 1000 for n, width in enumerate(second)}
            at += 2
        else:
            width = float(given[at + 2]) / 1000
            widths |= dict.fromkeys(range(first, min(int(second), 0xFFFF) + 1), width)
            at += 3
    return widths


def _texts(cmap: bytes) -> dict[int, str]:
    texts: dict[int, str] = {}
    for section in _SECTION.finditer(cmap):
        if section[1] == b"bfchar":
            for char in _CHAR.finditer(section[2]):
                texts[int(char[1], 16)] = _decoded(char[2])
            continue
        for span in _RANGE.finditer(section[2]):
            first, last = int(span[1], 16), int(span[2], 16)
            count = min(last - first + 1, _LONGEST_RANGE)
            if span[3] is None:
                listed = re.findall(rb"<([0-9A-Fa-f]+)>", span[4])
                texts |= {first + n: _decoded(each) for n, each in enumerate(listed[:count])}
            else:
                start = _decoded(span[3])
                before, code = start[:-1], ord(start[-1])
                texts |= {first + n: before + chr(code + n) for n in range(count)}
    return texts


def _decoded(digits: bytes) -> str:
    text = bytes.fromhex(digits.decode()).decode("utf-16-be", "replace")
    return "".join(char if printable(char) else UNKNOWN for char in text) or UNKNOWN


def printable(char: str) -> bool:
    """Whether a character may stand in an XML file."""
    return char >= " " and not "\ud800" <= char <= "\udfff" and char not in "\ufffe\uffff"

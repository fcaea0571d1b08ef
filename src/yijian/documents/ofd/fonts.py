"""字体: the fonts inside a PDF, and the small TrueType fonts made of them for its OFD twin.

A PDF names glyphs by number, an OFD by character, and some OFD readers know TrueType outlines
only. So the glyphs that a document uses become fonts of their own, in which every character has
one glyph; where a document shows one character in two shapes, a second font holds the other.
"""

import io
import re
from collections.abc import Mapping
from typing import Any

from fontTools.fontBuilder import FontBuilder
from fontTools.ttLib.tables._g_l_y_f import Glyph

from yijian.documents.ofd.drawing import Letter, Segment
from yijian.documents.ofd.outlines import EMPTY, UNITS, Outlines, TrueTypeGlyph, UnusableFontError

UNKNOWN = "\N{REPLACEMENT CHARACTER}"
"""Stands for a glyph of which the PDF does not say what it means."""

BLANK = -1
"""A glyph that shows nothing, for characters whose look is part of the glyph before them."""

_SOFT_HYPHEN = "\N{SOFT HYPHEN}"  # set at the end of a line it is seen; readers may hide it

_ALWAYS = 3_029_529_600  # the year 2000 as fonts count seconds: a date that never moves

_SERIF = 1 << 1
_ITALIC = 1 << 6
_BOLD = 1 << 18

_SECTION = re.compile(rb"begin(bfchar|bfrange)(.*?)end\1", re.DOTALL)
_CHAR = re.compile(rb"<([0-9A-Fa-f]+)>\s*<([0-9A-Fa-f]+)>")
_RANGE = re.compile(rb"<([0-9A-Fa-f]+)>\s*<([0-9A-Fa-f]+)>\s*(?:<([0-9A-Fa-f]+)>|\[(.*?)\])", re.S)
_LONGEST_RANGE = 0x10000


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
            said = _texts(font.ToUnicode.read_bytes()) if "/ToUnicode" in font else {}
            self._texts = {glyph: readable(text) or UNKNOWN for glyph, text in said.items()}
        except (AttributeError, KeyError, IndexError) as missing:
            raise UnusableFontError("a font is not embedded as a composite font") from missing
        self.name = str(described.FontName).lstrip("/").rsplit("+", 1)[-1]
        flags = int(described.get("/Flags", 0))
        self.serif = bool(flags & _SERIF)
        self.italic = bool(flags & _ITALIC)
        self.bold = bool(flags & _BOLD)
        self._outlines = Outlines(described)

    def text(self, glyph: int) -> str:
        """What a glyph says."""
        return self._texts.get(glyph, UNKNOWN)

    def advance(self, glyph: int) -> float:
        """How far the next letter stands, as a part of the letter's height."""
        return 0.0 if glyph == BLANK else self._widths.get(glyph, self._otherwise)

    def outline(self, glyph: int) -> tuple[Segment, ...]:
        """The outline of a glyph, as parts of its height, y upwards from the base line."""
        return self._outlines.segments(glyph)

    def true_type(self, glyph: int) -> TrueTypeGlyph:
        """The outline of a glyph as a TrueType font keeps it."""
        return EMPTY if glyph == BLANK else self._outlines.true_type(glyph)


class Face:
    """A font of the OFD: for each character one glyph of a font of the PDF."""

    def __init__(self, font: EmbeddedFont, number: int) -> None:
        self.font = font
        self.number = number
        self.name = font.name if number == 0 else f"{font.name}-{number}"
        self._codes: dict[str, int] = {}
        self._order: dict[int, int] = {}

    def fits(self, letter: Letter) -> bool:
        """Whether the letter can stand in this font beside what is there already."""
        return self._codes.get(letter.text, letter.glyph) == letter.glyph

    def take(self, letter: Letter) -> None:
        """From now on this font shows the letter."""
        self._codes[letter.text] = letter.glyph
        self._order.setdefault(letter.glyph, len(self._order) + 1)

    def file(self) -> bytes:
        """The font file, the same bytes for the same letters in the same order."""
        names = [".notdef", *(f"g{number}" for number in self._order.values())]
        glyphs = [EMPTY, *(self.font.true_type(glyph) for glyph in self._order)]
        widths = [UNITS, *(round(self.font.advance(glyph) * UNITS) for glyph in self._order)]
        codes = {ord(text): f"g{self._order[glyph]}" for text, glyph in self._codes.items()}
        built = FontBuilder(UNITS, isTTF=True)
        built.font.recalcBBoxes = built.font.recalcTimestamp = False
        built.setupGlyphOrder(names)
        built.setupCharacterMap(codes)
        files = {name: Glyph(glyph.data) for name, glyph in zip(names, glyphs, strict=True)}
        built.setupGlyf({}, calcGlyphBounds=False)
        built.font["glyf"].glyphs = files
        sides = zip(names, widths, (glyph.box[0] for glyph in glyphs), strict=True)
        built.setupHorizontalMetrics({name: (width, left) for name, width, left in sides})
        boxes = [glyph.box for glyph in glyphs]
        left, low = min(box[0] for box in boxes), min(box[1] for box in boxes)
        right, high = max(box[2] for box in boxes), max(box[3] for box in boxes)
        built.setupHorizontalHeader(
            ascent=880,
            descent=-120,
            advanceWidthMax=max(widths),
            minLeftSideBearing=left,
            minRightSideBearing=min(w - box[2] for w, box in zip(widths, boxes, strict=True)),
            xMaxExtent=right,
        )
        built.setupNameTable({"familyName": self.name, "styleName": "Regular"})
        built.setupOS2(sTypoAscender=880, sTypoDescender=-120, usWinAscent=1160, usWinDescent=320)
        built.setupPost(keepGlyphNames=False)
        most = {
            "maxPoints": max(glyph.points for glyph in glyphs),
            "maxContours": max(glyph.contours for glyph in glyphs),
        }
        built.updateHead(
            xMin=left, yMin=low, xMax=right, yMax=high, created=_ALWAYS, modified=_ALWAYS
        )
        for name, value in most.items():
            setattr(built.font["maxp"], name, value)
        file = io.BytesIO()
        built.font.save(file, reorderTables=None)
        return file.getvalue()


class Faces:
    """All fonts of one OFD, made as its letters are written."""

    def __init__(self, fonts: Mapping[str, EmbeddedFont]) -> None:
        self._fonts = fonts
        self._faces: dict[str, list[Face]] = {}

    def face(self, font: str, letter: Letter) -> Face:
        """The first font in which this letter can stand; from now on it stands there."""
        faces = self._faces.setdefault(font, [])
        face = next((each for each in faces if each.fits(letter)), None)
        if face is None:
            face = Face(self._fonts[font], len(faces))
            faces.append(face)
        face.take(letter)
        return face

    def outline(self, font: str, glyph: int) -> tuple[Segment, ...]:
        """The outline of a glyph, see `EmbeddedFont.outline`."""
        return self._fonts[font].outline(glyph)

    def all(self) -> list[Face]:
        """Every font in which a letter stands, in the order in which they were needed."""
        return [face for faces in self._faces.values() for face in faces]


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
                start = _decoded(span[3]) or UNKNOWN
                before, code = start[:-1], ord(start[-1])
                texts |= {first + n: before + chr(code + n) for n in range(count)}
    return texts


def _decoded(digits: bytes) -> str:
    return bytes.fromhex(digits.decode()).decode("utf-16-be", "replace")


def readable(text: str) -> str:
    """The text as an XML file can hold it, and as every reader shows it."""
    shown = text.replace(_SOFT_HYPHEN, "-")
    return "".join(char if _may_stand_in_xml(char) else UNKNOWN for char in shown)


def _may_stand_in_xml(char: str) -> bool:
    return char >= " " and not "\ud800" <= char <= "\udfff" and char not in "\ufffe\uffff"

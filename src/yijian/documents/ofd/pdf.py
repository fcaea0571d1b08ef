"""What a PDF of our own shows: its pages read as drawings, operator by operator.

It reads what our typesetter writes: composite fonts with their glyphs inside, paths, images and
forms. What it does not know how to draw, it refuses by name; nothing is left out silently.
"""

import io
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import pikepdf

from yijian.documents.ofd.drawing import (
    MM_PER_POINT,
    UNTURNED,
    Ink,
    Letter,
    Mark,
    Matrix,
    PageDrawing,
    Picture,
    Point,
    Segment,
    Shape,
    Writing,
    after,
    joined,
    moved,
)
from yijian.documents.ofd.fonts import EmbeddedFont, readable
from yijian.documents.ofd.images import UndrawableError, colour_of, image_file
from yijian.documents.ofd.outlines import UnusableFontError

DEEPEST_FORM = 8
_BLACK = Ink(fill=(0, 0, 0), stroke=(0, 0, 0), width=1.0)


@dataclass(frozen=True, slots=True)
class Drawn:
    """A whole document: its pages, and the fonts and image files that they use by name."""

    pages: tuple[PageDrawing, ...]
    fonts: dict[str, EmbeddedFont]
    images: dict[str, bytes]


@dataclass(slots=True)
class _State:
    """What the operators of a page have set so far, as PDF's graphics state."""

    matrix: Matrix
    ink: Ink = _BLACK
    clips: tuple[Shape, ...] = ()
    font: str = ""
    size: float = 0.0
    between: float = 0.0
    between_words: float = 0.0
    stretch: float = 1.0
    leading: float = 0.0
    rise: float = 0.0
    mode: int = 0


@dataclass(slots=True)
class _Sheet:
    """The marks of one page while they are collected."""

    background: list[Mark] = field(default_factory=list)
    body: list[Mark] = field(default_factory=list)


def drawn(pdf: bytes) -> Drawn:
    """Read every page of a PDF."""
    fonts: dict[str, EmbeddedFont] = {}
    images: dict[str, bytes] = {}
    try:
        with pikepdf.open(io.BytesIO(pdf)) as opened:
            pages = tuple(_page(page, fonts, images) for page in opened.pages)
    except UndrawableError:
        raise
    except (pikepdf.PdfError, UnusableFontError) as fault:
        raise UndrawableError(str(fault)) from fault
    except (LookupError, TypeError, ValueError) as fault:
        raise UndrawableError("the PDF is not one that our typesetter makes") from fault
    return Drawn(pages, fonts, images)


def _page(page: Any, fonts: dict[str, EmbeddedFont], images: dict[str, bytes]) -> PageDrawing:
    left, bottom, right, top = (float(side) for side in page.cropbox)
    if int(page.obj.get("/Rotate", 0)) % 360:
        raise UndrawableError("a page is turned")
    k = MM_PER_POINT
    upright: Matrix = (k, 0.0, 0.0, -k, -left * k, top * k)
    sheet = _Sheet()
    painter = _Painter(page.get("/Resources", {}), upright, sheet, fonts, images)
    painter.paint(page)
    width, height = (right - left) * k, (top - bottom) * k
    return PageDrawing(width, height, tuple(sheet.background), tuple(sheet.body))


class _Painter:
    def __init__(
        self,
        resources: Any,
        matrix: Matrix,
        sheet: _Sheet,
        fonts: dict[str, EmbeddedFont],
        images: dict[str, bytes],
        *,
        depth: int = 0,
    ) -> None:
        self._resources = resources
        self._sheet = sheet
        self._fonts = fonts
        self._images = images
        self._depth = depth
        self._state = _State(matrix)
        self._kept: list[_State] = []
        self._path: list[Segment] = []
        self._clip_rule: bool | None = None
        self._text: Matrix = UNTURNED
        self._line: Matrix = UNTURNED
        self._tags: list[tuple[bool, str | None]] = []
        self._spoken: str | None = None
        self._operators = self._table()

    def paint(self, stream: Any) -> None:
        for instruction in pikepdf.parse_content_stream(stream):
            name = str(instruction.operator)
            act = self._operators.get(name)
            if act is None:
                raise UndrawableError(f"the operator {name}")
            act(*instruction.operands)

    def _table(self) -> dict[str, Callable[..., None]]:
        def ink(**made: Callable[..., object]) -> Callable[..., None]:
            def change(*operands: Any) -> None:
                values: Any = {name: make(*operands) for name, make in made.items()}
                self._state.ink = replace(self._state.ink, **values)

            return change

        def state(name: str, make: Callable[[Any], object] = float) -> Callable[..., None]:
            return lambda value: setattr(self._state, name, make(value))

        def nothing(*_: Any) -> None:
            return None

        filled, outlined = ink(fill=colour_of), ink(stroke=colour_of)
        return {
            "q": lambda: self._kept.append(replace(self._state)),
            "Q": self._restore,
            "cm": self._turn,
            "gs": self._look_up_state,
            "g": filled, "rg": filled, "k": filled, "sc": filled, "scn": filled,
            "G": outlined, "RG": outlined, "K": outlined, "SC": outlined, "SCN": outlined,
            "cs": nothing, "CS": nothing, "ri": nothing, "i": nothing,
            "w": ink(width=float), "J": ink(cap=int), "j": ink(join=int), "M": ink(miter=float),
            "d": ink(dashes=lambda on, _: tuple(map(float, on)), dash_offset=lambda _, n: float(n)),
            "m": self._step("M"), "l": self._step("L"), "c": self._step("B"),
            "v": self._curve_from_here, "y": self._curve_to_handle,
            "re": self._rectangle, "h": self._step("C"),
            "S": lambda: self._ended(stroke=True),
            "s": lambda: self._ended(stroke=True, close=True),
            "f": lambda: self._ended(fill=True), "F": lambda: self._ended(fill=True),
            "f*": lambda: self._ended(fill=True, even_odd=True),
            "B": lambda: self._ended(fill=True, stroke=True),
            "B*": lambda: self._ended(fill=True, stroke=True, even_odd=True),
            "b": lambda: self._ended(fill=True, stroke=True, close=True),
            "b*": lambda: self._ended(fill=True, stroke=True, even_odd=True, close=True),
            "n": lambda: self._ended(),
            "W": lambda: setattr(self, "_clip_rule", False),
            "W*": lambda: setattr(self, "_clip_rule", True),
            "BT": lambda: self._set_line(UNTURNED), "ET": nothing,
            "Tf": self._choose_font, "Tr": state("mode", int),
            "Tc": state("between"), "Tw": state("between_words"), "TL": state("leading"),
            "Ts": state("rise"), "Tz": state("stretch", lambda percent: float(percent) / 100),
            "Tm": lambda *six: self._set_line(_matrix(six)),
            "Td": self._next_line, "TD": self._next_line_led,
            "T*": lambda: self._next_line(0, -self._state.leading),
            "Tj": lambda text: self._show([text]), "TJ": self._show,
            "BDC": self._tag, "BMC": lambda tag: self._tag(tag, {}), "EMC": self._untag,
            "DP": nothing, "MP": nothing,
            "Do": self._paste,
        }  # fmt: skip

    # --- state ---

    def _restore(self) -> None:
        if self._kept:
            self._state = self._kept.pop()

    def _turn(self, *six: Any) -> None:
        self._state.matrix = after(_matrix(six), self._state.matrix)

    def _look_up_state(self, name: Any) -> None:
        named = self._resources["/ExtGState"][str(name)]
        if str(named.get("/SMask", "/None")) != "/None":
            raise UndrawableError("a soft mask")
        ink = self._state.ink
        self._state.ink = replace(
            ink,
            fill_alpha=float(named.get("/ca", ink.fill_alpha)),
            stroke_alpha=float(named.get("/CA", ink.stroke_alpha)),
        )

    # --- paths ---

    def _step(self, step: str) -> Callable[..., None]:
        def act(*numbers: Any) -> None:
            points = tuple(
                self._point(numbers[n], numbers[n + 1]) for n in range(0, len(numbers), 2)
            )
            self._path.append(Segment(step, points))

        return act

    def _point(self, x: Any, y: Any) -> Point:
        return moved((float(x), float(y)), self._state.matrix)

    def _here(self) -> Point:
        return next((each.points[-1] for each in reversed(self._path) if each.points), (0.0, 0.0))

    def _curve_from_here(self, *four: Any) -> None:
        points = (self._here(), self._point(*four[:2]), self._point(*four[2:]))
        self._path.append(Segment("B", points))

    def _curve_to_handle(self, *four: Any) -> None:
        handle, end = self._point(*four[:2]), self._point(*four[2:])
        self._path.append(Segment("B", (handle, end, end)))

    def _rectangle(self, x: Any, y: Any, width: Any, height: Any) -> None:
        left, low, right, high = float(x), float(y), float(x + width), float(y + height)
        for step, at in (("M", (left, low)), ("L", (right, low)), ("L", (right, high))):
            self._path.append(Segment(step, (self._point(*at),)))
        self._path += [Segment("L", (self._point(left, high),)), Segment("C")]

    def _ended(
        self,
        *,
        fill: bool = False,
        stroke: bool = False,
        even_odd: bool = False,
        close: bool = False,
    ) -> None:
        if close:
            self._path.append(Segment("C"))
        segments = tuple(self._path)
        if any(segment.points for segment in segments):
            if fill or stroke:
                self._add(Shape(segments, self._ink(fill, stroke, even_odd), self._state.clips))
            if self._clip_rule is not None:
                clip = Shape(segments, Ink(fill=(0, 0, 0), even_odd=self._clip_rule))
                self._state.clips = (*self._state.clips, clip)
        self._path.clear()
        self._clip_rule = None

    def _ink(self, fill: bool, stroke: bool, even_odd: bool = False) -> Ink:
        ink = self._state.ink
        if not stroke:
            return Ink(fill=ink.fill, fill_alpha=ink.fill_alpha, even_odd=even_odd)
        a, b, c, d, _, _ = self._state.matrix
        scale = abs(a * d - b * c) ** 0.5
        return replace(
            ink,
            fill=ink.fill if fill else None,
            even_odd=even_odd and fill,
            width=ink.width * scale,
            dashes=tuple(dash * scale for dash in ink.dashes),
            dash_offset=ink.dash_offset * scale,
        )

    # --- text ---

    def _choose_font(self, name: Any, size: Any) -> None:
        font = self._resources["/Font"][str(name)]
        key = f"{font.objgen[0]}" if font.is_indirect else f"{self._depth}{name}"
        if key not in self._fonts:
            self._fonts[key] = EmbeddedFont(font)
        self._state.font, self._state.size = key, float(size)

    def _set_line(self, matrix: Matrix) -> None:
        self._line = self._text = matrix

    def _next_line(self, x: Any, y: Any) -> None:
        self._set_line(after((1.0, 0.0, 0.0, 1.0, float(x), float(y)), self._line))

    def _next_line_led(self, x: Any, y: Any) -> None:
        self._state.leading = -float(y)
        self._next_line(x, y)

    def _show(self, parts: Any) -> None:
        state = self._state
        font = self._fonts[state.font]
        letters: list[Letter] = []
        for part in parts:
            if not isinstance(part, pikepdf.String):
                self._advance(-float(part) / 1000 * state.size * state.stretch)
                continue
            codes = bytes(part)
            for at in range(0, len(codes), 2):
                glyph = codes[at] << 8 | codes[at + 1]
                place = after(
                    (1.0, 0.0, 0.0, 1.0, 0.0, state.rise), after(self._text, state.matrix)
                )
                wide = font.advance(glyph)
                letters.append(Letter(glyph, self._says(font, glyph), place[4:], wide))
                self._advance((wide * state.size + state.between) * state.stretch)
        if letters and state.mode != 3:
            self._write(letters)

    def _advance(self, by: float) -> None:
        self._text = after((1.0, 0.0, 0.0, 1.0, by, 0.0), self._text)

    def _says(self, font: EmbeddedFont, glyph: int) -> str:
        """What a glyph says; in a span that is spelled out, its first glyph says it all."""
        if self._spoken is None:
            return font.text(glyph)
        said, self._spoken = self._spoken, ""
        return said

    def _write(self, letters: list[Letter]) -> None:
        state = self._state
        if state.mode > 3:
            raise UndrawableError("text as a clip")
        a, b, c, d, _, _ = after(self._text, state.matrix)
        size = round((c * c + d * d) ** 0.5 * state.size, 5)
        if not size:
            return
        scale = state.size / size
        turned = (a * state.stretch, b * state.stretch, -c, -d)
        axis_x, axis_y, down_x, down_y = (round(part * scale, 5) + 0.0 for part in turned)
        axes = (axis_x, axis_y, down_x, down_y)
        ink = self._ink(fill=state.mode in (0, 2), stroke=state.mode in (1, 2))
        along = tuple(each._replace(advance=each.advance * size) for each in letters)
        self._add(Writing(state.font, size, axes, along, ink, state.clips))

    # --- tags, images, forms ---

    def _tag(self, tag: Any, given: Any) -> None:
        named = isinstance(given, pikepdf.Name)
        values = self._resources["/Properties"][str(given)] if named else given
        behind = str(tag) == "/Artifact" and str(values.get("/Type", "")) == "/Background"
        spoken = values.get("/ActualText") if str(tag) == "/Span" else None
        self._tags.append((behind, self._spoken))
        if spoken is not None:
            self._spoken = readable(str(spoken))

    def _untag(self) -> None:
        if self._tags:
            _, self._spoken = self._tags.pop()

    def _paste(self, name: Any) -> None:
        pasted = self._resources["/XObject"][str(name)]
        if str(pasted.Subtype) == "/Image":
            key = f"{pasted.objgen[0]}"
            if key not in self._images:
                self._images[key] = image_file(pasted)
            place = after((1.0, 0.0, 0.0, -1.0, 0.0, 1.0), self._state.matrix)
            self._add(Picture(key, place, self._state.ink.fill_alpha, self._state.clips))
            return
        if self._depth >= DEEPEST_FORM:
            raise UndrawableError("forms inside forms without end")
        matrix = after(_matrix(pasted.get("/Matrix", UNTURNED)), self._state.matrix)
        within = _Painter(
            pasted.get("/Resources", self._resources),
            matrix,
            self._sheet,
            self._fonts,
            self._images,
            depth=self._depth + 1,
        )
        within._state = replace(self._state, matrix=matrix)
        within._tags = list(self._tags)
        within.paint(pasted)

    def _add(self, mark: Mark) -> None:
        behind = any(each for each, _ in self._tags)
        marks = self._sheet.background if behind else self._sheet.body
        whole = joined(marks[-1], mark) if marks else None
        if whole is None:
            marks.append(mark)
        else:
            marks[-1] = whole


def _matrix(six: Any) -> Matrix:
    a, b, c, d, e, f = (float(number) for number in six)
    return (a, b, c, d, e, f)

"""图元: the marks of a page as objects of an OFD page.

Numbers are millimetres to a thousandth. What a mark says stands in it as text; what lies behind
the page is drawn as outlines, so that it is seen everywhere and never read as part of the text.
"""

import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import chain, groupby, pairwise

from yijian.documents.ofd.drawing import (
    UNTURNED,
    Box,
    Colour,
    Ink,
    Letter,
    Mark,
    Matrix,
    Picture,
    Point,
    Segment,
    Shape,
    Writing,
    after,
    around,
    corners,
    moved,
    shape_box,
    undone,
    within,
)
from yijian.documents.ofd.fonts import BLANK, Face, Faces
from yijian.documents.ofd.markup import escaped, tag

Numbered = Callable[[], int]
"""Gives the next free number; every object of an OFD has one of its own."""

_UPRIGHT = (1.0, 0.0, 0.0, 1.0)
_ABOVE, _BELOW, _BESIDE = 1.0, 0.32, 0.12  # of the letters' height: no glyph reaches further
_CAPS = ("Butt", "Round", "Square")
_JOINS = ("Miter", "Round", "Bevel")
_LEAST_REPEATS = 3
_WHITE = 255
_LEFTWARDS = ("R", "AL")
_EITHER_WAY = ("WS", "ON", "CS", "ES", "NSM", "BN")  # as the letters around them


def number(value: float, digits: int = 3) -> str:
    """A length to a thousandth of a millimetre, as short as it can be written."""
    text = f"{value:.{digits}f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def numbers(values: Iterable[float]) -> str:
    """Several lengths in a row."""
    return " ".join(number(value) for value in values)


def deltas(values: Sequence[float]) -> str:
    """Steps from letter to letter; what repeats is written once, as `g count step`."""
    written: list[str] = []
    for step, same in groupby(number(value) for value in values):
        count = sum(1 for _ in same)
        written.append(f"g {count} {step}" if count >= _LEAST_REPEATS else " ".join([step] * count))
    return " ".join(written)


class Scribe:
    """Writes marks; knows the fonts and images of its document by their numbers."""

    def __init__(self, faces: Faces, numbered: Numbered, images: dict[str, int]) -> None:
        self._faces = faces
        self._numbered = numbered
        self._images = images
        self.font_ids: dict[str, int] = {}
        self._inked: dict[Writing, tuple[Box, str]] = {}

    def objects(self, marks: Iterable[Mark]) -> str:
        """The marks as page objects."""
        return "".join(self._object(mark) for mark in marks)

    def outlines(self, marks: Iterable[Mark]) -> str:
        """The marks behind a page: letters as shapes, colours as they look on white paper."""
        return "".join(
            self._stamped(each) if isinstance(each, Writing) else self._object(each)
            for each in map(_on_paper, marks)
        )

    def _stamped(self, writing: Writing) -> str:
        """Letters as outlines; the same words stand behind a page many times, drawn only once."""
        if writing.clips:
            return self._path(self._outlined(writing))
        x, y = writing.letters[0].at
        letters = (
            each._replace(at=(round(each.at[0] - x, 3), round(each.at[1] - y, 3)))
            for each in writing.letters
        )
        words = replace(writing, letters=tuple(letters))
        if words not in self._inked:
            self._inked[words] = _drawn(self._outlined(words))
        box, inside = self._inked[words]
        if not inside:
            return ""
        placed = Box(box.x + x, box.y + y, box.width, box.height)
        return self._path_object(writing.ink, placed, inside)

    def _object(self, mark: Mark) -> str:
        if isinstance(mark, Writing):
            return self._writing(mark)
        if isinstance(mark, Shape):
            return self._path(mark)
        return self._image(mark)

    # --- letters ---

    def _writing(self, writing: Writing) -> str:
        """The letters in parts that have one font; a glyph that says nothing is only drawn."""
        parts: list[tuple[Face, list[Letter]]] = []
        for run in _directed(writing.letters):
            last = len(parts)
            for letter in chain.from_iterable(_apart(each, writing) for each in run):
                face = self._faces.face(writing.font, letter)
                if len(parts) > last and parts[-1][0] is face:
                    parts[-1][1].append(letter)
                else:
                    parts.append((face, [letter]))
        silent = tuple(letter for letter in writing.letters if not letter.text)
        return "".join(
            self._text(face, replace(writing, letters=tuple(seen)))
            for face, letters in parts
            if (seen := _stripped(letters))
        ) + (self._path(self._outlined(replace(writing, letters=silent))) if silent else "")

    def _text(self, face: Face, writing: Writing) -> str:
        letters = writing.letters
        first = letters[0].at
        matrix: Matrix = (*writing.axes, *first)
        back = undone(matrix)
        along = [moved(letter.at, back) for letter in letters]
        size = writing.size
        left = min(x for x, _ in along) - _BESIDE * size
        ends = (x + each.advance for (x, _), each in zip(along, letters, strict=True))
        right = max(ends) + _BESIDE * size
        frame = Box(left, -_ABOVE * size, right - left, (_ABOVE + _BELOW) * size)
        if writing.axes == _UPRIGHT:
            box = Box(first[0] + frame.x, first[1] + frame.y, frame.width, frame.height)
            start: Point = (-frame.x, -frame.y)
        else:
            box = around([moved(corner, matrix) for corner in corners(frame)])
            x, y = moved((box.x, box.y), back)
            start = (-x, -y)
        box = Box(*(float(number(side)) for side in box))
        said = "".join(letter.text for letter in letters)
        code: dict[str, object] = {"X": number(start[0]), "Y": number(start[1])}
        for name, axis in (("DeltaX", 0), ("DeltaY", 1)):
            places = [float(number(step[axis])) for step in along]
            steps = [to - since for since, to in pairwise(places)]
            if any(steps):
                code[name] = deltas(steps)
        return tag(
            "TextObject",
            {
                "ID": self._numbered(),
                "Boundary": numbers(box),
                "Font": self._font(face),
                "Size": number(size),
                **_strokes(writing.ink),
                "Fill": "false" if writing.ink.fill is None else None,
                "CTM": _ctm((*writing.axes, 0.0, 0.0)),
            },
            _clips(writing.clips, box, (*writing.axes, 0.0, 0.0)),
            _colours(writing.ink, "FillColor", "StrokeColor"),
            tag("TextCode", code, escaped(said)),
        )

    def _font(self, face: Face) -> int:
        if face.name not in self.font_ids:
            self.font_ids[face.name] = self._numbered()
        return self.font_ids[face.name]

    def _outlined(self, writing: Writing) -> Shape:
        segments: list[Segment] = []
        size = writing.size
        a, b, c, d = writing.axes
        for letter in writing.letters:
            place: Matrix = (a * size, b * size, -c * size, -d * size, *letter.at)
            segments += (
                Segment(each.step, tuple(moved(point, place) for point in each.points))
                for each in self._faces.outline(writing.font, letter.glyph)
            )
        return Shape(tuple(segments), writing.ink, writing.clips)

    # --- shapes and pictures ---

    def _path(self, shape: Shape) -> str:
        box, inside = _drawn(shape)
        return self._path_object(shape.ink, box, inside) if inside else ""

    def _path_object(self, ink: Ink, box: Box, inside: str) -> str:
        filled = ink.fill is not None
        return tag(
            "PathObject",
            {
                "ID": self._numbered(),
                "Boundary": numbers(box),
                **_strokes(ink),
                "Stroke": "false" if ink.stroke is None else None,
                "Fill": "true" if filled else None,
                "Rule": "Even-Odd" if filled and ink.even_odd else None,
            },
            inside,
        )

    def _image(self, picture: Picture) -> str:
        box = around([moved(each, picture.place) for each in corners(Box(0, 0, 1, 1))])
        box = Box(*(float(number(side)) for side in box))
        a, b, c, d, e, f = picture.place
        placed = (a, b, c, d, e - box.x, f - box.y)
        return tag(
            "ImageObject",
            {
                "ID": self._numbered(),
                "Boundary": numbers(box),
                "CTM": _ctm(placed),
                "ResourceID": self._images[picture.image],
                "Alpha": _alpha(picture.alpha),
            },
            _clips(picture.clips, box, placed),
        )


def _clips(clips: Iterable[Shape], box: Box, space: Matrix = UNTURNED) -> str:
    """What may be seen of an object; clips around all of it need no word.

    A clip stands in the object's own space, which `space` and then its box bring onto the page.
    """
    cutting = [clip for clip in clips if not _is_around(clip, box)]
    own = undone(after(space, (1.0, 0.0, 0.0, 1.0, box.x, box.y)))
    areas = []
    for clip in cutting:
        steps = [
            Segment(each.step, tuple(moved(at, own) for at in each.points))
            for each in clip.segments
        ]
        edge = shape_box(Shape(tuple(steps), clip.ink))
        seen: dict[str, object] = {"Boundary": numbers(edge), "Stroke": "false", "Fill": "true"}
        areas.append(tag("Clip", {}, tag("Area", {}, tag("Path", seen, _outline(steps, edge)))))
    return tag("Clips", {}, *areas) if cutting else ""


def _drawn(shape: Shape) -> tuple[Box, str]:
    """What a shape covers, and what its object holds; nothing for a shape without a point."""
    if not any(segment.points for segment in shape.segments):
        return Box(0, 0, 0, 0), ""
    box = Box(*(float(number(side)) for side in shape_box(shape)))
    parts = (
        _clips(shape.clips, box),
        _colours(shape.ink, "StrokeColor", "FillColor"),
        _outline(shape.segments, box),
    )
    return box, "".join(parts)


def _outline(segments: Iterable[Segment], box: Box) -> str:
    steps = (
        " ".join(
            [each.step, *(number(part) for x, y in each.points for part in (x - box.x, y - box.y))]
        )
        for each in segments
    )
    return tag("AbbreviatedData", {}, " ".join(steps))


def _strokes(ink: Ink) -> dict[str, object]:
    if ink.stroke is None:
        return {}
    return {
        "Stroke": "true",
        "LineWidth": number(ink.width),
        "Cap": _CAPS[ink.cap] if ink.cap else None,
        "Join": _JOINS[ink.join] if ink.join else None,
        "MiterLimit": number(ink.miter) if not ink.join else None,
        "DashPattern": numbers(ink.dashes) if ink.dashes else None,
        "DashOffset": number(ink.dash_offset) if ink.dashes and ink.dash_offset else None,
    }


def _colours(ink: Ink, *order: str) -> str:
    given = {"FillColor": (ink.fill, ink.fill_alpha), "StrokeColor": (ink.stroke, ink.stroke_alpha)}
    return "".join(
        tag(name, {"Value": " ".join(map(str, colour)), "Alpha": _alpha(alpha)})
        for name in order
        for colour, alpha in [given[name]]
        if colour is not None
    )


def _alpha(alpha: float) -> int | None:
    return None if alpha >= 1 else round(alpha * 255)


def _on_paper(mark: Mark) -> Mark:
    """The mark without transparency, in the colours it has on white."""
    if isinstance(mark, Picture):
        return mark
    ink = mark.ink
    return replace(
        mark,
        ink=replace(
            ink,
            fill=_paled(ink.fill, ink.fill_alpha),
            stroke=_paled(ink.stroke, ink.stroke_alpha),
            fill_alpha=1.0,
            stroke_alpha=1.0,
        ),
    )


def _paled(colour: Colour | None, alpha: float) -> Colour | None:
    if colour is None:
        return None
    red, green, blue = (round(part * alpha + _WHITE * (1 - alpha)) for part in colour)
    return (red, green, blue)


def _directed(letters: Sequence[Letter]) -> Iterator[Sequence[Letter]]:
    """The letters in runs of one direction, each in the order in which it is read.

    A PDF paints from left to right, whatever way the script runs; words of a script that runs to
    the left are turned round here, and each letter keeps its place.
    """
    run: list[Letter] = []
    leftwards = False
    for letter in letters:
        way = unicodedata.bidirectional(letter.text[:1] or " ")
        if way not in _EITHER_WAY and (way in _LEFTWARDS) != leftwards:
            kept = len(run)
            while leftwards and kept and unicodedata.bidirectional(run[kept - 1].text) == "WS":
                kept -= 1
            yield run[:kept][::-1] if leftwards else run
            run, leftwards = run[kept:] if leftwards else [], not leftwards
        run.append(letter)
    yield run[::-1] if leftwards else run


def _apart(letter: Letter, writing: Writing) -> list[Letter]:
    """A glyph that says several characters as one letter for each.

    The first shows the glyph, the others show nothing and share its width: so the text is whole
    for readers that know nothing of ligatures.
    """
    count = len(letter.text)
    if count < 2:
        return [letter] if letter.text else []
    (x, y), (right, down, *_) = letter.at, writing.axes
    part = letter.advance / count
    return [
        Letter(
            BLANK if n else letter.glyph, char, (x + n * part * right, y + n * part * down), part
        )
        for n, char in enumerate(letter.text)
    ]


def _stripped(letters: Sequence[Letter]) -> Sequence[Letter]:
    """Without the space before and after, which an XML reader may lose."""
    seen = [n for n, letter in enumerate(letters) if letter.text.strip()]
    return letters[seen[0] : seen[-1] + 1] if seen else []


def _ctm(matrix: Matrix) -> str | None:
    if matrix == (1.0, 0.0, 0.0, 1.0, 0.0, 0.0):
        return None
    return " ".join(number(part, digits=5) for part in matrix)


def _is_around(clip: Shape, box: Box) -> bool:
    """Whether a clip is an upright rectangle with the whole box in it."""
    points = [point for each in clip.segments for point in each.points]
    straight = all(each.step != "B" for each in clip.segments)
    outer = around(points)
    sides = {outer.x, outer.x + outer.width}, {outer.y, outer.y + outer.height}
    cornered = all(
        min(abs(x - side) for side in sides[0]) < 0.01
        and min(abs(y - side) for side in sides[1]) < 0.01
        for x, y in points
    )
    return straight and cornered and within(box, outer)

"""What one finished page shows, in millimetres from its top left corner: letters, shapes, pictures.

Values only. `pdf.py` reads them out of a PDF, `marks.py` writes them into an OFD.
"""

from dataclasses import dataclass, replace
from typing import NamedTuple

Matrix = tuple[float, float, float, float, float, float]
"""(a, b, c, d, e, f): x' = a·x + c·y + e, y' = b·x + d·y + f."""

Point = tuple[float, float]
Colour = tuple[int, int, int]

UNTURNED: Matrix = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)
MM_PER_POINT = 25.4 / 72
_SAME_PLACE_MM = 0.02


class Box(NamedTuple):
    """A rectangle: its top left corner, its width and height."""

    x: float
    y: float
    width: float
    height: float


class Segment(NamedTuple):
    """A step of an outline: M moves, L draws a line, B a curve with two handles, C closes."""

    step: str
    points: tuple[Point, ...] = ()


@dataclass(frozen=True, slots=True)
class Ink:
    """How a mark is painted: filled, outlined, or both; `None` is not painted."""

    fill: Colour | None = None
    stroke: Colour | None = None
    fill_alpha: float = 1.0
    stroke_alpha: float = 1.0
    width: float = 0.0
    cap: int = 0
    join: int = 0
    miter: float = 10.0
    dashes: tuple[float, ...] = ()
    dash_offset: float = 0.0
    even_odd: bool = False


class Letter(NamedTuple):
    """One glyph of a font, what it says, and where its origin stands on the page.

    `text` is empty where the glyph only completes the one before it, and longer than one
    character where one glyph shows several (a ligature).
    """

    glyph: int
    text: str
    at: Point
    advance: float


@dataclass(frozen=True, slots=True)
class Writing:
    """Letters of one font and size on one base line.

    `axes` are the directions of the letters, x to the right and y downwards, as the first four
    numbers of a matrix of which upright letters have the unit matrix.
    """

    font: str
    size: float
    axes: tuple[float, float, float, float]
    letters: tuple[Letter, ...]
    ink: Ink
    clips: "tuple[Shape, ...]" = ()


@dataclass(frozen=True, slots=True)
class Shape:
    """Lines, curves and filled areas of one ink."""

    segments: tuple[Segment, ...]
    ink: Ink
    clips: "tuple[Shape, ...]" = ()


@dataclass(frozen=True, slots=True)
class Picture:
    """An image; `place` turns its unit square, y downwards, into its place on the page."""

    image: str
    place: Matrix
    alpha: float = 1.0
    clips: tuple[Shape, ...] = ()


Mark = Writing | Shape | Picture


@dataclass(frozen=True, slots=True)
class PageDrawing:
    """One page: its size and its marks in the order they are painted.

    `background` is what lies behind the page's own content, such as a watermark.
    """

    width: float
    height: float
    background: tuple[Mark, ...]
    body: tuple[Mark, ...]


def after(first: Matrix, second: Matrix) -> Matrix:
    """The matrix that does what `first` does and then what `second` does."""
    a, b, c, d, e, f = first
    k, m, n, p, q, r = second
    return (
        a * k + b * n,
        a * m + b * p,
        c * k + d * n,
        c * m + d * p,
        e * k + f * n + q,
        e * m + f * p + r,
    )


def undone(matrix: Matrix) -> Matrix:
    """The matrix that brings back what `matrix` has moved."""
    a, b, c, d, e, f = matrix
    size = a * d - b * c
    return (
        d / size,
        -b / size,
        -c / size,
        a / size,
        (c * f - d * e) / size,
        (b * e - a * f) / size,
    )


def moved(point: Point, matrix: Matrix) -> Point:
    """Where a point comes to stand."""
    a, b, c, d, e, f = matrix
    x, y = point
    return (a * x + c * y + e, b * x + d * y + f)


def around(points: "list[Point]", margin: float = 0.0) -> Box:
    """The smallest box around the points, with a margin on every side."""
    left = min(x for x, _ in points) - margin
    top = min(y for _, y in points) - margin
    right = max(x for x, _ in points) + margin
    bottom = max(y for _, y in points) + margin
    return Box(left, top, right - left, bottom - top)


def corners(box: Box) -> list[Point]:
    """The four corners of a box."""
    right, bottom = box.x + box.width, box.y + box.height
    return [(box.x, box.y), (right, box.y), (right, bottom), (box.x, bottom)]


def shape_box(shape: Shape) -> Box:
    """What a shape covers, its line width included."""
    points = [point for segment in shape.segments for point in segment.points]
    margin = shape.ink.width / 2 if shape.ink.stroke is not None else 0.0
    return around(points, margin)


def within(inner: Box, outer: Box, slack: float = 0.01) -> bool:
    """Whether a box lies inside another, to a hundredth of a millimetre."""
    return (
        inner.x >= outer.x - slack
        and inner.y >= outer.y - slack
        and inner.x + inner.width <= outer.x + outer.width + slack
        and inner.y + inner.height <= outer.y + outer.height + slack
    )


def joined(before: Mark, mark: Mark) -> Mark | None:
    """Both as one mark, where the second goes on where the first ends and looks the same."""
    if isinstance(before, Shape) and isinstance(mark, Shape):
        alike = before.ink == mark.ink and before.clips == mark.clips and mark.ink.fill is None
        return replace(before, segments=before.segments + mark.segments) if alike else None
    if not isinstance(before, Writing) or not isinstance(mark, Writing):
        return None
    if replace(before, letters=mark.letters) != mark:
        return None
    last = before.letters[-1]
    x = last.at[0] + before.axes[0] * last.advance
    y = last.at[1] + before.axes[1] * last.advance
    begins = mark.letters[0].at
    if abs(begins[0] - x) > _SAME_PLACE_MM or abs(begins[1] - y) > _SAME_PLACE_MM:
        return None
    return replace(before, letters=before.letters + mark.letters)

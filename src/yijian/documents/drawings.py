"""图形: a drawn signature and a QR code as vector drawings, which scale and print without pixels."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise

import segno

from yijian.domain.documents import Strokes

POINTS_AT_MOST = 20_000
PEN_WIDTH = 0.014
HEIGHT_AT_MOST = 3.0
WIDTH_AT_LEAST = 0.6
HEIGHT_AT_LEAST = 0.25
QUIET = 2


class DrawingError(Exception):
    """笔画有误: a signature's strokes are no drawing; says what is wrong with them."""


def signature_svg(strokes: Strokes) -> str:
    """The strokes as smooth curves, cut to what was drawn, in a unit of 1/1000 of its width."""
    points = [point for stroke in strokes for point in stroke]
    if len(points) > POINTS_AT_MOST:
        raise DrawingError(f"{len(points)} points in a signature; at most {POINTS_AT_MOST}")
    for x, y in points:
        if not (math.isfinite(x) and math.isfinite(y) and 0 <= x <= 1 and 0 <= y <= HEIGHT_AT_MOST):
            raise DrawingError("a point of a signature lies outside its drawing")
    if not points:
        return ""
    left, width = _span([x for x, _ in points], WIDTH_AT_LEAST)
    top, height = _span([y for _, y in points], HEIGHT_AT_LEAST)
    box = " ".join(_unit(each) for each in (left, top, width, height))
    paths = "".join(f'<path d="{_curve(stroke)}"/>' for stroke in strokes if stroke)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{box}"><g fill="none" stroke="#111418" '
        f'stroke-width="{_unit(PEN_WIDTH)}" stroke-linecap="round" stroke-linejoin="round">'
        f"{paths}</g></svg>"
    )


def _span(values: Sequence[float], least: float) -> tuple[float, float]:
    """Where the drawing begins and how far it goes; a small one is not blown up."""
    begin, end = min(values) - PEN_WIDTH, max(values) + PEN_WIDTH
    missing = max(0.0, least - (end - begin))
    return begin - missing / 2, end - begin + missing


def _unit(value: float) -> str:
    return f"{value * 1000:.1f}"


def _at(x: float, y: float) -> str:
    return f"{_unit(x)} {_unit(y)}"


def _curve(stroke: Sequence[tuple[float, float]]) -> str:
    """A curve through the middles of its pieces, bent towards each point between them."""
    first = stroke[0]
    if len(stroke) == 1:
        return f"M{_at(*first)}l0.1 0"
    parts = [f"M{_at(*first)}"]
    for (x, y), (next_x, next_y) in pairwise(stroke[1:]):
        parts.append(f"Q{_at(x, y)} {_at((x + next_x) / 2, (y + next_y) / 2)}")
    parts.append(f"L{_at(*stroke[-1])}")
    return "".join(parts)


@dataclass(frozen=True, slots=True)
class QrDrawing:
    """二维码图: the drawing and how many modules wide it is, its quiet zone included."""

    svg: str
    modules: int


def qr_drawing(text: str) -> QrDrawing:
    """The code as one filled shape on white with its quiet zone: as small as fits.

    A seventh of it may be lost on paper (error correction M).
    """
    try:
        code = segno.make_qr(text, error="m", boost_error=False)
    except ValueError as error:  # also segno.DataOverflowError
        raise DrawingError(f"a QR code cannot hold {len(text)} characters") from error
    runs = (
        f"M{x + QUIET} {y + QUIET}h{length}v1h-{length}z"
        for y, row in enumerate(code.matrix)
        for x, length in _runs(row)
    )
    side = len(code.matrix) + 2 * QUIET
    return QrDrawing(
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {side} {side}">'
        f'<path fill="#ffffff" d="M0 0h{side}v{side}h-{side}z"/>'
        f'<path fill="#000000" d="{"".join(runs)}"/></svg>',
        side,
    )


def _runs(row: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Where the dark runs of a row begin, and how long they are."""
    begun = 0
    for dark, run in groupby(row):
        length = len(list(run))
        if dark:
            yield begun, length
        begun += length

"""流转图的画法: where everything stands on the picture of the flow. Geometry only, no meaning."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from yijian.web.desk.flow_stations import MOST_OFFICES, Station

WIDTH, HEIGHT = 1000, 640
MIDDLE = (WIDTH // 2, HEIGHT // 2)
REACH = (360, 205)
BOX = (232, 128)
OFFICE_STEP, OFFICE_AWAY = 34, 26
LABEL_AT = 0.48
CORNERS = 4
"""Four stand in the corners; other numbers begin at the top."""
INTO_THE_CORNERS = 1.4


@dataclass(frozen=True)
class Dot:
    """An office behind a station."""

    x: int
    y: int
    title: str
    tasks: str


@dataclass(frozen=True)
class Drawn:
    """A station on the picture: its box, its line to the middle, the label on it, its offices."""

    station: Station
    x: int
    y: int
    left: int
    top: int
    label_x: int
    label_y: int
    dots: tuple[Dot, ...]


def drawn(stations: Sequence[Station]) -> list[Drawn]:
    """Every station at its place around the middle."""
    return [_drawn(station, *_place(n, len(stations))) for n, station in enumerate(stations)]


def _place(number: int, total: int) -> tuple[int, int]:
    first = -135 if total == CORNERS else -90
    angle = math.radians(first + 360 * number / total)
    stretch = INTO_THE_CORNERS if total == CORNERS else 1.0
    return (
        round(MIDDLE[0] + REACH[0] * stretch * math.cos(angle)),
        round(MIDDLE[1] + REACH[1] * stretch * math.sin(angle)),
    )


def _drawn(station: Station, x: int, y: int) -> Drawn:
    above = y < MIDDLE[1]
    row = y + (-1 if above else 1) * (BOX[1] // 2 + OFFICE_AWAY)
    shown = station.offices[:MOST_OFFICES]
    first = x - OFFICE_STEP * (len(shown) - 1) / 2
    dots = tuple(
        Dot(round(first + OFFICE_STEP * place), row, title, str(tasks))
        for place, (title, tasks) in enumerate(shown)
    )
    return Drawn(
        station=station,
        x=x,
        y=y,
        left=x - BOX[0] // 2,
        top=y - BOX[1] // 2,
        label_x=round(MIDDLE[0] + (x - MIDDLE[0]) * LABEL_AT),
        label_y=round(MIDDLE[1] + (y - MIDDLE[1]) * LABEL_AT),
        dots=dots,
    )

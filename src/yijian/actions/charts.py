"""图表: pages ask for drawings of their tables; the worker draws what nobody has drawn yet.

A page never draws: it takes the drawing that is kept for exactly its figures, or the last one with
the time it was made, or none, and its table stands there whatever happens.
"""

import logging
from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from yijian.actions import waking
from yijian.documents.charts import DrawingRefusedError, Spec, digest_of, drawing_of
from yijian.records import charts
from yijian.records.charts import Drawing, Place

AT_ONCE = 8
_log = logging.getLogger(__name__)


def drawings(*, place: Place, specs: Mapping[str, Spec], now: datetime) -> Mapping[str, Drawing]:
    """By name the drawings of the charts of a page; the worker is woken for those that lack."""
    wanted = {name: (digest_of(spec), spec) for name, spec in specs.items()}
    with transaction.atomic():
        found = charts.drawings(place=place, wanted=wanted, now=now)
        if any(name not in found or not found[name].current for name in specs):
            waking.wake_drawer()
    return found


def draw_waiting(*, now: datetime) -> int:
    """Draw every chart that a page waits for; how many were drawn."""
    drawn = 0
    while True:
        with transaction.atomic():
            found = charts.waiting(limit=AT_ONCE)
            for digest, name, spec in found:
                drawn += _draw(digest, name, dict(spec), now)
        if len(found) < AT_ONCE:
            return drawn


def _draw(digest: str, name: str, spec: Spec, now: datetime) -> bool:
    try:
        svg = drawing_of(spec, name=name)
    except (DrawingRefusedError, ValueError) as problem:
        # The table of this chart is on the page all the same; others must not wait for it.
        _log.exception("a chart cannot be drawn: %s", name)
        charts.give_up(digest=digest, problem=type(problem).__name__)
        return False
    charts.keep(digest=digest, svg=svg, now=now)
    return True


def forget(*, now: datetime) -> int:
    """Drop drawings that nobody looks at any more."""
    return charts.forget(now=now)

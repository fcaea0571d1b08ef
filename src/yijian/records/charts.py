"""图表: charts that pages want, and their drawings, kept by the digest of the specification."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q

from yijian.records.models import ChartRow

WAITING, DRAWN, FAILED = "waiting", "drawn", "failed"
SEEN_AGAIN_AFTER = timedelta(hours=6)
"""That a chart is still looked at is written down no more often."""
KEPT = timedelta(days=14)
"""For how long a drawing that nobody looks at is kept."""


@dataclass(frozen=True, slots=True)
class Place:
    """图位: where charts are shown: a page, about a scope, in a language."""

    page: str
    scope: str
    language: str


@dataclass(frozen=True, slots=True)
class Drawing:
    """图样: a drawing; `current` when it shows what was asked for and not an earlier state."""

    svg: str
    drawn_at: datetime
    current: bool


def drawings(
    *, place: Place, wanted: Mapping[str, tuple[str, Mapping[str, Any]]], now: datetime
) -> dict[str, Drawing]:
    """By name the drawing of each wanted chart (digest, specification), or the last one before.

    What nobody has drawn is written down for the worker.
    """
    digests = {digest: name for name, (digest, _) in wanted.items()}
    known = {row.digest: row for row in ChartRow.objects.filter(digest__in=digests)}
    found = {
        name: Drawing(row.svg, row.drawn_at, current=True)
        for digest, name in digests.items()
        if (row := known.get(digest)) is not None and row.drawn_at is not None
    }
    _want(place, {n: w for n, w in wanted.items() if w[0] not in known}, now)
    stale = [row.digest for row in known.values() if row.wanted_at < now - SEEN_AGAIN_AFTER]
    if stale:
        ChartRow.objects.filter(digest__in=stale).update(wanted_at=now)
    return found | _before(place, [name for name in wanted if name not in found])


def _want(
    place: Place, missing: Mapping[str, tuple[str, Mapping[str, Any]]], now: datetime
) -> None:
    ChartRow.objects.bulk_create(
        [
            ChartRow(
                digest=digest,
                page=place.page,
                scope=place.scope,
                language=place.language,
                name=name,
                spec=spec,
                wanted_at=now,
            )
            for name, (digest, spec) in missing.items()
        ],
        ignore_conflicts=True,
    )


def _before(place: Place, names: Sequence[str]) -> dict[str, Drawing]:
    """The last drawing of the same chart, from when its figures were others."""
    rows = ChartRow.objects.filter(
        page=place.page,
        scope=place.scope,
        language=place.language,
        name__in=names,
        state=DRAWN,
    )
    return {
        row.name: Drawing(row.svg, row.drawn_at, current=False)
        for row in rows.order_by("name", "-drawn_at").distinct("name")
        if row.drawn_at is not None
    }


def waiting(*, limit: int) -> list[tuple[str, str, Mapping[str, Any]]]:
    """Digest, name and specification of charts to draw, those wanted first first.

    They are locked until the transaction ends; what another worker draws is passed over.
    """
    rows = ChartRow.objects.filter(state=WAITING).order_by("wanted_at")
    return [
        (row.digest, row.name, row.spec) for row in rows.select_for_update(skip_locked=True)[:limit]
    ]


def keep(*, digest: str, svg: str, now: datetime) -> None:
    """The drawing of a chart is made."""
    ChartRow.objects.filter(digest=digest).update(svg=svg, state=DRAWN, problem="", drawn_at=now)


def give_up(*, digest: str, problem: str) -> None:
    """A chart cannot be drawn; its table stands on the page without it."""
    ChartRow.objects.filter(digest=digest).update(state=FAILED, problem=problem)


def forget(*, now: datetime) -> int:
    """Drop charts that nobody has looked at for long, and those that figures have overtaken."""
    deleted, _ = ChartRow.objects.filter(
        Q(wanted_at__lt=now - KEPT) | Q(state=FAILED, wanted_at__lt=now - SEEN_AGAIN_AFTER)
    ).delete()
    return deleted

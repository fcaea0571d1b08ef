"""统计的计数: how far the journal is counted, what is new in it, and writing the cells.

What lives here: statements of `actions.figures`. Reads for pages are in `figures`.
"""

# ruff: noqa: S608 (statements are put together from constants; values travel beside them)

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection

from yijian.domain.events import Event, EventKind
from yijian.domain.figure_lives import COUNTED
from yijian.domain.measures import Figure
from yijian.records.window import BEGUN_ONLINE

CELLS = ("figure", "figure_month")
RECOUNTED = ("figure_recounted", "figure_month_recounted")
"""Cells by day and by month, and those of a recount that is under way."""
KEY = "scope, measure, day, pack, item, detail"
_SAME = " AND ".join(f"f.{column} = g.{column}" for column in KEY.split(", "))
_COUNTED = sorted(kind.value for kind in COUNTED)
GIVEN = "figure_given"
"""A table of this session alone in which changes of cells arrive."""
_ESCAPED = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


class RollupBroken(Exception):
    """The cells are not what the journal made them; `yijian figures recount --repair`."""


@dataclass(frozen=True, slots=True)
class Cursor:
    """统计进度: the last journal number that is counted, and the last that is sealed."""

    number: int
    sealed: int


@dataclass(frozen=True, slots=True)
class Constants:
    """办件常量: what never changes of a case: division, scheme, the window it was opened at."""

    division: str
    pack: str
    window: str


@dataclass(frozen=True, slots=True)
class Told:
    """新记: the events of one case as far as they are sealed; the first `before` are counted."""

    case_id: UUID
    events: Sequence[Event]
    before: int


def lock_cursor(*, wait: bool) -> Cursor | None:
    """How far it is counted, locked until the transaction ends: only one counts at a time.

    None when somebody else counts just now and nobody wants to `wait`. What is sealed is asked for
    once the lock is held: seen from before a wait it could lie behind what is counted.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO figure_cursor (id, number) VALUES (1, 0) ON CONFLICT DO NOTHING"
        )
        rest = "" if wait else " SKIP LOCKED"
        cursor.execute(f"SELECT number FROM figure_cursor FOR UPDATE{rest}")
        found = cursor.fetchone()
        if found is None:
            return None
        cursor.execute("SELECT coalesce(max(last_number), 0) FROM checkpoint")
        (sealed,) = cursor.fetchone()
        return Cursor(found[0], sealed)


def advance(*, number: int, as_of: datetime | None) -> None:
    """From now on everything up to this number is counted; `as_of` when that was all there is."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE figure_cursor SET number = %s, as_of = greatest(as_of, %s)", [number, as_of]
        )


def news(*, after: int, upto: int) -> list[Told]:
    """The cases of which something between two numbers counts, with what came before it."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT case_id, min(seq), max(seq) FROM journal"
            " WHERE number > %s AND number <= %s AND kind = ANY (%s) GROUP BY case_id",
            [after, upto, _COUNTED],
        )
        spans = {case_id: (first, last) for case_id, first, last in cursor.fetchall()}
    return [
        Told(case_id, [event for _, event in events], sum(1 for seq, _ in events if seq < first))
        for case_id, events in _events({one: last for one, (_, last) in spans.items()})
        for first in [spans[case_id][0]]
    ]


def whole_journals(*, upto: int, at_once: int) -> Iterator[list[Told]]:
    """Every case with its events up to a number, some at a time, in the order of their ids."""
    last = UUID(int=0)
    while True:
        with connection.cursor() as cursor:
            cursor.execute(
                'SELECT id FROM "case" WHERE id > %s ORDER BY id LIMIT %s', [last, at_once]
            )
            ids = [case_id for (case_id,) in cursor.fetchall()]
            cursor.execute(
                "SELECT case_id, max(seq) FROM journal WHERE case_id = ANY (%s) AND number <= %s"
                " GROUP BY case_id",
                [ids, upto],
            )
            reached = dict(cursor.fetchall())
        if not ids:
            return
        last = ids[-1]
        yield [
            Told(case_id, [event for _, event in events], 0) for case_id, events in _events(reached)
        ]


def _events(reached: Mapping[UUID, int]) -> Iterator[tuple[UUID, list[tuple[int, Event]]]]:
    """The counted events of each case, in order, up to its given place."""
    found: dict[UUID, list[tuple[int, Event]]] = {}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT j.case_id, j.seq, j.at, j.actor, j.kind, j.item, j.newborn, j.body"
            " FROM unnest(%s::uuid[], %s::int[]) AS g (case_id, seq)"
            " JOIN journal j ON j.case_id = g.case_id AND j.seq <= g.seq"
            " WHERE j.kind = ANY (%s) ORDER BY j.case_id, j.seq",
            [list(reached), list(reached.values()), _COUNTED],
        )
        for case_id, seq, at, actor, kind, item, newborn, body in cursor.fetchall():
            task = None if item is None else (item, newborn or 0)
            event = Event(EventKind(kind), at, actor, task, json.loads(body))
            found.setdefault(case_id, []).append((seq, event))
    yield from found.items()


def constants(ids: Iterable[UUID]) -> dict[UUID, Constants]:
    """What rows say of cases. A book of paper sheets has a journal too, and is no case.

    The row of a case says at whose window it lies now; whence it was first handed over, sealed or
    not, says the journal. One statement reads both, so that no hand-over falls between them.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.id, left(c.number, 6), c.pack,"
            " CASE WHEN first.body IS NULL THEN coalesce(c.\"window\", '')"
            "  ELSE coalesce(nullif(first.body::jsonb ->> 'from', %s), '') END"
            ' FROM "case" c LEFT JOIN LATERAL ('
            "  SELECT j.body FROM journal j WHERE j.case_id = c.id AND j.kind = %s"
            "  ORDER BY j.seq LIMIT 1) first ON true"
            " WHERE c.id = ANY (%s)",
            [BEGUN_ONLINE, EventKind.CASE_HANDED_OVER.value, list(ids)],
        )
        return {case_id: Constants(*rest) for case_id, *rest in cursor.fetchall()}


def fixed_places(offices: Iterable[str]) -> dict[str, str]:
    """The divisions at which offices are counted; that of a new one is fixed now for good.

    An office that the directory does not know has none.
    """
    named = sorted(set(offices))
    with connection.cursor() as cursor:
        cursor.execute("SELECT office, division FROM figure_place WHERE office = ANY (%s)", [named])
        known: dict[str, str] = dict(cursor.fetchall())
        fresh = [office for office in named if office not in known]
        if fresh:
            cursor.execute(
                "INSERT INTO figure_place (office, division)"
                " SELECT g.code, coalesce(o.division, '') FROM unnest(%s::text[]) AS g (code)"
                " LEFT JOIN office o ON o.code = g.code RETURNING office, division",
                [fresh],
            )
            known |= dict(cursor.fetchall())
    return known


def place_anew() -> None:
    """Let every office count where the directory says it is; only before a recount of all."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE figure_place p SET division = o.division FROM office o"
            " WHERE o.code = p.office AND o.division <> p.division"
        )


def add(changes: Mapping[Figure, int], *, tables: Sequence[str] = CELLS) -> None:
    """Add to the cells of days and months; cells that come to nothing go. Errors: RollupBroken."""
    months: Counter[Figure] = Counter()
    for figure, count in changes.items():
        months[figure._replace(day=figure.day.replace(day=1))] += count
    for table, cells in zip(tables, (changes, months), strict=True):
        _add(table, [(figure, count) for figure, count in cells.items() if count])


def _add(table: str, cells: Sequence[tuple[Figure, int]]) -> None:
    if not cells:
        return
    lines = "".join(f"{_line(figure)}\t{count}\n" for figure, count in cells)
    with connection.cursor() as cursor:
        cursor.execute(
            f"CREATE TEMPORARY TABLE IF NOT EXISTS {GIVEN} (scope text, measure text, day date,"
            " pack text, item text, detail text, count bigint) ON COMMIT DELETE ROWS"
        )
        cursor.execute(f"DELETE FROM {GIVEN}")
        with cursor.copy(f"COPY {GIVEN} FROM STDIN") as copy:
            copy.write(lines)
        cursor.execute(f"ANALYZE {GIVEN}")
        cursor.execute(
            f"INSERT INTO {table} AS f ({KEY}, count) SELECT * FROM {GIVEN} WHERE count > 0"
            f" ORDER BY {KEY} ON CONFLICT ({KEY}) DO UPDATE SET count = f.count + excluded.count"
        )
        if all(count > 0 for _, count in cells):
            return
        cursor.execute(
            f"WITH f AS (UPDATE {table} f SET count = f.count + g.count FROM {GIVEN} g"
            f" WHERE g.count < 0 AND {_SAME} AND f.count + g.count >= 0 RETURNING f.*)"
            f" SELECT {KEY}, count(*) OVER () FROM {GIVEN} g"
            f" WHERE g.count < 0 AND NOT EXISTS (SELECT FROM f WHERE {_SAME})"
            f" ORDER BY {KEY} LIMIT 1"
        )
        first = cursor.fetchone()
        if first is not None:
            *cell, broken = first
            named = ", ".join(
                f"{column} {str(value)!r}"
                for column, value in zip(KEY.split(", "), cell, strict=True)
            )
            raise RollupBroken(f"{broken} cells are too small, the first in {table}: {named}")
        cursor.execute(
            f"DELETE FROM {table} f USING {GIVEN} g WHERE g.count < 0 AND {_SAME} AND f.count = 0"
        )


def _line(figure: Figure) -> str:
    """The key of a cell as COPY reads it."""
    scope, measure, day, *rest = figure
    texts = (scope, measure, day.isoformat(), *rest)
    line = "\t".join(texts)
    if "\\" in line or "\n" in line or line.count("\t") >= len(texts):
        line = "\t".join(text.translate(_ESCAPED) for text in texts)
    return line


def begin_recount() -> None:
    """Make empty cells beside the real ones; they go with the transaction."""
    with connection.cursor() as cursor:
        for table, beside in zip(CELLS, RECOUNTED, strict=True):
            cursor.execute(f"DROP TABLE IF EXISTS pg_temp.{beside}")
            cursor.execute(
                f"CREATE TEMPORARY TABLE {beside} (LIKE {table} INCLUDING ALL) ON COMMIT DROP"
            )


def differences() -> Iterator[tuple[str, Figure, int, int]]:
    """Where the real cells and the recounted ones differ: table, cell, stored, recounted."""
    columns = ", ".join(f"coalesce(f.{column}, g.{column})" for column in KEY.split(", "))
    for table, beside in zip(CELLS, RECOUNTED, strict=True):
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT {columns}, coalesce(f.count, 0), coalesce(g.count, 0)"
                f" FROM {table} f FULL JOIN {beside} g ON {_SAME}"
                " WHERE f.count IS DISTINCT FROM g.count ORDER BY 1, 2, 3, 4, 5, 6"
            )
            for *key, stored, counted in cursor.fetchall():
                yield table, Figure(*key), stored, counted


def take_over_recount() -> None:
    """The recounted cells become the real ones."""
    with connection.cursor() as cursor:
        for table, beside in zip(CELLS, RECOUNTED, strict=True):
            cursor.execute(f"DELETE FROM {table}")
            cursor.execute(f"INSERT INTO {table} ({KEY}, count) SELECT {KEY}, count FROM {beside}")

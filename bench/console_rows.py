"""A node as full as after a million families: rows multiplied in bulk, of what pages can look at.

A few thousand cases are made by the real functions (`yijian populate`); the rest are their copies
by SQL, with other ids, numbers and days. Of their sealed data only the words of orders open, which
a file of the console does. The copies have no journal; the cells of the rollup are as dense as
after a year.
"""

from __future__ import annotations

import sys
import time
from uuid import UUID

from django.db import connection
from django.db.backends.utils import CursorWrapper

from yijian.records import crypto
from yijian.records.crypto import Key

STEPS: dict[str, str] = {
    "copies": """
        CREATE TEMPORARY TABLE copies AS
        SELECT row_number() OVER () AS n, c.id AS old, c.stage IN ('closed', 'withdrawn') AS ended,
            overlay(gen_random_uuid()::text PLACING left(c.id::text, 13) FROM 1)::uuid AS new,
            random() * interval '6 days' AS by
        FROM generate_series(1, (%(cases)s / (SELECT count(*) FROM "case"))::int) k, "case" c;
        CREATE INDEX ON copies (old); ANALYZE copies""",
    "cases": """
        INSERT INTO "case" ({case}) SELECT {case_again}
        FROM copies p JOIN "case" o ON o.id = p.old""",
    "tasks": """
        INSERT INTO task ({task}) SELECT {task_again}
        FROM copies p JOIN task o ON o.case_id = p.old""",
    "reads of records": """
        INSERT INTO access_log (id, at, staff, office, what, case_id, purpose, shown)
        SELECT gen_random_uuid(), now() - random() * interval '365 days', 'staff:' || (p.n %% 900),
            'H34010401', 'case', p.new, 'handling', true FROM copies p""",
    "ratings": """
        INSERT INTO rating (id, case_id, item, newborn, office, division, channel, level, reasons,
            dimensions, rated_at, excluded)
        SELECT gen_random_uuid(), t.case_id, t.item, t.newborn, coalesce(t.office, ''),
            coalesce(o.division, ''), 'mobile', 1 + floor(5 * random() ^ 3)::int, '[]', '{{}}',
            t.ended_at + interval '1 day', false
        FROM task t LEFT JOIN office o ON o.code = t.office
        WHERE t.state = 'completed' AND random() < 0.1 ON CONFLICT DO NOTHING""",
    "work orders": """
        INSERT INTO work_order (id, number, kind, state, channel, case_id, item, newborn, about,
            handler, division, clause, reasons, named, opened_at, assign_due_at, due_at, extended,
            rounds, finding, outcome, assigned_at, answered_at, called_back_at, closed_at, version,
            sealed)
        SELECT gen_random_uuid(), 'B' || row_number() OVER (), 'complaint',
            CASE WHEN at > now() - interval '12 days' THEN 'in_hand' ELSE 'closed' END, 'mobile',
            case_id, item, newborn, office, office, '340100', '', '[]', false, at,
            at + interval '1 day', at + interval '7 days', false, 0, '', '', at, at, at, at, 1, ''
        FROM (SELECT *, rated_at AS at FROM rating WHERE level >= 4 AND office <> '') bad""",
    "cells of a year": """
        CREATE TEMPORARY TABLE kinds AS
        SELECT DISTINCT scope, measure, pack, item, detail FROM figure
        WHERE measure NOT IN ('open', 'warned', 'standing', 'parcel');
        INSERT INTO figure (scope, measure, day, pack, item, detail, count)
        SELECT scope, measure, current_date - d, pack, item, detail, 1 + floor(random() * 40)
        FROM kinds, generate_series(0, 364) d
        WHERE length(scope) <= 4 OR random() < 0.25
        ON CONFLICT DO NOTHING;
        UPDATE figure SET count = count * 300
        WHERE measure IN ('open', 'warned', 'standing', 'parcel');
        DELETE FROM figure_month;
        INSERT INTO figure_month (scope, measure, day, pack, item, detail, count)
        SELECT scope, measure, date_trunc('month', day)::date, pack, item, detail, sum(count)
        FROM figure GROUP BY 1, 2, 3, 4, 5, 6""",
}
OTHERWISE: dict[str, dict[str, str]] = {
    "case": {
        "id": "p.new",
        "number": "left(o.number, 14) || 'B' || to_char(p.n % 1000000, 'FM000000')"
        " || right(o.number, 1)",
    },
    "task": {
        "id": "overlay(gen_random_uuid()::text PLACING left(o.id::text, 13) FROM 1)::uuid",
        "case_id": "p.new",
        "since": "o.since - p.by",
        "ended_at": "o.ended_at - p.by",
    },
}
"""What is not copied as it is, by table and column."""
COUNTED = ("case", "task", "figure", "figure_month", "rating", "work_order", "access_log")


def multiply(cases: int) -> None:
    """Fill every table until there are about so many cases."""
    columns: dict[str, str] = {}
    for table, otherwise in OTHERWISE.items():
        names = _columns(table)
        columns[table] = ", ".join(names)
        columns[f"{table}_again"] = ", ".join(otherwise.get(n, f"o.{n}") for n in names)
    with connection.cursor() as cursor:
        # Copies follow no rule that triggers keep: nothing of them was ever decided.
        cursor.execute("SET session_replication_role = replica")
        for name, statements in STEPS.items():
            began = time.perf_counter()
            for statement in statements.split(";\n"):
                with_columns = statement.format(**columns)
                if "%(" in with_columns:
                    cursor.execute(with_columns, {"cases": cases})
                else:
                    cursor.execute(with_columns.replace("%%", "%"))
            print(f"{name}: {time.perf_counter() - began:.0f} s", file=sys.stderr)
        _seal_words(cursor)
        cursor.execute("SET session_replication_role = origin")
        cursor.execute("VACUUM ANALYZE")


def _seal_words(cursor: CursorWrapper) -> None:
    """Words for each order, under the key of its case; that of a copy is a new one."""
    cursor.execute(
        "SELECT o.id, c.id, c.wrapped_key, p.new IS NOT NULL FROM work_order o"
        ' JOIN "case" c ON c.id = o.case_id LEFT JOIN copies p ON p.new = c.id'
        " WHERE o.sealed = ''"
    )
    keys: dict[UUID, Key] = {}
    sealed = []
    for order, case, wrapped, is_copy in cursor.fetchall():
        own = crypto.new_case_key() if is_copy else crypto.unwrap(bytes(wrapped), str(case))
        key = keys.setdefault(case, own)
        where = crypto.place("work_order", "sealed", order)
        sealed.append((crypto.seal_document(key, {"text": "等了很久"}, where), order))
    cursor.executemany("UPDATE work_order SET sealed = %s WHERE id = %s", sealed)
    rows = [(crypto.wrap(key, str(case)), case) for case, key in keys.items()]
    cursor.executemany('UPDATE "case" SET wrapped_key = %s WHERE id = %s', rows)


def sizes() -> dict[str, int]:
    """How many rows the big tables have now."""
    with connection.cursor() as cursor:
        found = {}
        for table in COUNTED:
            cursor.execute(f'SELECT count(*) FROM "{table}"')
            (found[table],) = cursor.fetchone()
        cursor.execute("SELECT count(*) FROM task WHERE under_way")
        (found["open tasks"],) = cursor.fetchone()
        return found


def _columns(table: str) -> list[str]:
    """The columns that are written, as they are quoted; generated ones are not."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT quote_ident(attname) FROM pg_attribute WHERE attrelid = %s::regclass"
            " AND attnum > 0 AND NOT attisdropped AND attgenerated = '' ORDER BY attnum",
            [f'"{table}"'],
        )
        return [name for (name,) in cursor.fetchall()]

"""Rows that many tests begin with: made once by the real actions, then put back as they were.

A photograph is what one step did to the tables. It is put back only where the step would find what
it found then: the same settings, and a transaction that holds nothing but the photographs that
were put back before it. Anywhere else the step is taken anew, so no test leans on another.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Any, TypeVar

from django.conf import settings
from django.db import connection

Value = TypeVar("Value")
Chain = tuple[Hashable, ...]

TOUCHED = """
SELECT relid::regclass::text, n_tup_ins, n_tup_upd, n_tup_del FROM pg_stat_xact_user_tables
WHERE n_tup_ins + n_tup_upd + n_tup_del > 0
"""
COLUMNS = """
SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) FROM pg_attribute
WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = ''
"""


@dataclass(frozen=True)
class _Photograph:
    tables: dict[str, bytes]
    """Each table with the columns that can be written, and all rows it had after the step."""
    value: Any


@dataclass(frozen=True)
class _Standing:
    """What a transaction holds: the photographs put back in it, and nothing else while it looks
    like this."""

    transaction: str
    savepoints: tuple[Any, ...]
    """Those it was put back within: what was rolled back to one still counts as touched."""
    touched: frozenset[tuple[Any, ...]]
    chain: Chain


_taken: dict[Chain, _Photograph] = {}
_standing = _Standing("", (), frozenset(), ())


def kept(key: Hashable, make: Callable[[], Value]) -> Value:
    """What `make` returns; what it did to the tables is put back when it was once done like this.

    `key` names everything that `make` depends on and that is neither a row nor a setting. What a
    test has patched in the code before it comes here must stand in it too.
    """
    chain = _chain()
    if chain is None:
        return make()
    chain = (*chain, settings.YIJIAN.model_dump_json(), key)
    photograph = _taken.get(chain)
    if photograph is None:
        before = _touched()
        value = make()
        changed = sorted({row[0] for row in _touched() - before})
        _taken[chain] = _Photograph(_read(changed), copy.deepcopy(value))
    else:
        _put_back(photograph)
        value = copy.deepcopy(photograph.value)
    _stand(chain)
    return value


def _chain() -> Chain | None:
    """The photographs that this transaction consists of; None when it holds anything else."""
    transaction = _transaction()
    if not connection.in_atomic_block:
        return None
    if not transaction:
        return ()
    within = tuple(connection.savepoint_ids[: len(_standing.savepoints)])
    same = (transaction, within) == (_standing.transaction, _standing.savepoints)
    same = same and _touched() == _standing.touched
    return _standing.chain if same else None


def _stand(chain: Chain) -> None:
    global _standing
    _standing = _Standing(_transaction(), tuple(connection.savepoint_ids), _touched(), chain)


def _transaction() -> str:
    """The number of this transaction; nothing before it has changed its first row."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(pg_current_xact_id_if_assigned()::text, '')")
        return str(cursor.fetchone()[0])


def _touched() -> frozenset[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(TOUCHED)
        return frozenset(cursor.fetchall())


def _read(tables: list[str]) -> dict[str, bytes]:
    found = {}
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(COLUMNS, [table])
            (columns,) = cursor.fetchone()
            with cursor.copy(f"COPY {table} ({columns}) TO STDOUT") as rows:
                found[f"{table} ({columns})"] = b"".join(bytes(part) for part in rows)
    return found


def _put_back(photograph: _Photograph) -> None:
    emptied = "".join(f"DELETE FROM {t.partition(' (')[0]};" for t in photograph.tables)
    with connection.cursor() as cursor:
        # The journal lets nobody else write what has already happened.
        cursor.execute(f"SET LOCAL session_replication_role = replica;{emptied}")
        for table, rows in photograph.tables.items():
            with cursor.copy(f"COPY {table} FROM STDIN") as target:
                target.write(rows)
        cursor.execute("SET LOCAL session_replication_role = origin")

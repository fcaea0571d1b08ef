"""The ceiling (上限): the least that PostgreSQL itself must do for the same deeds.

One SQL function per deed: lock the case, move its tasks, write one journal entry per move with a
hash chain, one outbox row per opened task, durable before it is acknowledged. No rules, no sealing,
no personal data, no Python between the statements.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence

import psycopg

from bench.deeds import Deed

TABLES = """
DROP TABLE IF EXISTS c_case, c_journal, c_outbox;
CREATE TABLE c_case (id uuid PRIMARY KEY, states smallint[] NOT NULL, seq integer NOT NULL,
    head bytea NOT NULL) WITH (fillfactor = 70);
CREATE TABLE c_journal (case_id uuid, seq integer, task smallint, was smallint, became smallint,
    at timestamptz, hash bytea, PRIMARY KEY (case_id, seq));
CREATE TABLE c_outbox (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, case_id uuid,
    task smallint, payload jsonb);
CREATE OR REPLACE FUNCTION c_deed(which uuid, tasks smallint[], news smallint[]) RETURNS void AS $$
DECLARE c c_case; i integer; t smallint; n smallint;
BEGIN
    SELECT * INTO c FROM c_case WHERE id = which FOR UPDATE;
    FOR i IN 1 .. cardinality(tasks) LOOP
        t := tasks[i]; n := news[i]; c.seq := c.seq + 1;
        c.head := sha256(c.head || convert_to(c.seq || ':' || t || ':' || n, 'UTF8'));
        INSERT INTO c_journal VALUES (which, c.seq, t, c.states[t], n, now(), c.head);
        IF n = 1 THEN
            INSERT INTO c_outbox (case_id, task, payload)
            VALUES (which, t, jsonb_build_object('task', t, 'case', which));
        END IF;
        c.states[t] := n;
    END LOOP;
    UPDATE c_case SET states = c.states, seq = c.seq, head = c.head WHERE id = which;
END $$ LANGUAGE plpgsql;
CREATE OR REPLACE FUNCTION c_deeds(which uuid[], tasks smallint[], news smallint[])
RETURNS void AS $$
    SELECT c_deed(w, tasks, news) FROM unnest(which) AS w;
$$ LANGUAGE sql;
"""


class Ceiling:
    """The same deeds for the same number of cases, on one connection."""

    def __init__(self, conninfo: str, cases: int, deeds: Sequence[Deed]) -> None:
        self.connection = psycopg.connect(conninfo, autocommit=True)
        self.deeds = deeds
        self.ids = [uuid.uuid4() for _ in range(cases)]
        self.connection.execute(TABLES)
        with self.connection.cursor() as cursor:
            cursor.executemany(
                "INSERT INTO c_case VALUES (%s, %s, 0, '')", [(i, [0] * 16) for i in self.ids]
            )

    def one_by_one(self) -> None:
        """Every deed of every case in a transaction of its own."""
        for case in self.ids:
            for deed in self.deeds:
                self.connection.execute(
                    "SELECT c_deed(%s, %s, %s)", [case, deed.ceiling_tasks, deed.ceiling_states]
                )

    def in_batches(self, size: int) -> None:
        """The same deed of many cases in one transaction."""
        for start in range(0, len(self.ids), size):
            some = self.ids[start : start + size]
            for deed in self.deeds:
                self.connection.execute(
                    "SELECT c_deeds(%s, %s, %s)", [some, deed.ceiling_tasks, deed.ceiling_states]
                )

    def check(self) -> None:
        """Every case went through every move, or the measurement is worth nothing."""
        moves = sum(len(deed.ceiling_tasks) for deed in self.deeds)
        row = self.connection.execute("SELECT count(*) FROM c_journal").fetchone()
        assert row == (moves * len(self.ids),), row

    def close(self) -> None:
        self.connection.close()

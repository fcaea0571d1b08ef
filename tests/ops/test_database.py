"""The embedded PostgreSQL keeps what it acknowledged and tells its log nothing about anybody."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from yijian.ops.database import DatabaseNotStarted, EmbeddedDatabase, socket_folder


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedDatabase]:
    folder = tmp_path_factory.mktemp("embedded")
    server = EmbeddedDatabase(
        folder=folder / "postgres", sockets=socket_folder(folder), log=folder / "database.log"
    )
    server.start()
    yield server
    server.stop()


def test_durability_is_on(database: EmbeddedDatabase) -> None:
    with psycopg.connect(database.conninfo()) as connection:
        for name in ("fsync", "synchronous_commit", "full_page_writes"):
            row = connection.execute("SELECT current_setting(%s)", [name]).fetchone()
            assert row == ("on",)


def test_a_failing_statement_leaves_no_value_in_the_log(database: EmbeddedDatabase) -> None:
    with psycopg.connect(database.conninfo(), autocommit=True) as connection:
        connection.execute("CREATE TABLE person (number text UNIQUE)")
        connection.execute("INSERT INTO person VALUES (%s)", ["110101199003070011"])
        with pytest.raises(psycopg.errors.UniqueViolation):
            connection.execute("INSERT INTO person VALUES (%s)", ["110101199003070011"])
        with pytest.raises(psycopg.errors.InvalidTextRepresentation):
            connection.execute("SELECT %s::integer", ["王芳13800138000"])
    log = database.log.read_text()
    assert "110101199003070011" not in log


def test_a_commit_survives_a_kill(database: EmbeddedDatabase) -> None:
    with psycopg.connect(database.conninfo(), autocommit=True) as connection:
        connection.execute("CREATE TABLE kept (n integer)")
        connection.execute("INSERT INTO kept VALUES (7)")
    assert database.process is not None
    database.process.kill()
    database.start()
    with psycopg.connect(database.conninfo()) as connection:
        assert connection.execute("SELECT n FROM kept").fetchall() == [(7,)]


def test_a_start_waits_for_the_children_of_a_killed_server(database: EmbeddedDatabase) -> None:
    with psycopg.connect(database.conninfo()) as connection:
        child = connection.info.backend_pid
        os.kill(child, signal.SIGSTOP)
        assert database.process is not None
        database.process.kill()
        threading.Timer(1.5, os.kill, (child, signal.SIGCONT)).start()
        database.start()
    with psycopg.connect(database.conninfo()) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)


def test_nobody_listens_on_the_network(database: EmbeddedDatabase) -> None:
    with psycopg.connect(database.conninfo()) as connection:
        row = connection.execute("SELECT current_setting('listen_addresses')").fetchone()
    assert row == ("",)


def test_a_start_that_fails_shows_the_end_of_the_log(tmp_path: Path) -> None:
    broken = EmbeddedDatabase(
        folder=tmp_path / "postgres", sockets=tmp_path / "postgres", log=tmp_path / "database.log"
    )
    broken.create()
    (tmp_path / "postgres" / "postgresql.conf").write_text("no_such_setting = 1\n")
    with pytest.raises(DatabaseNotStarted, match="no_such_setting"):
        broken.start()


def test_a_long_folder_still_gets_a_socket() -> None:
    deep = Path("/srv") / ("folder-with-a-long-name/" * 8)
    assert len(str(socket_folder(deep) / ".s.PGSQL.5432")) <= 100
    assert socket_folder(Path("/srv/yijian")) == Path("/srv/yijian/postgres")

"""The worker as a process: it works, ends in order when told, and never outlives its database."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest

from yijian.ops import keys, worker
from yijian.ops.database import EmbeddedDatabase, socket_folder

pytestmark = pytest.mark.timeout(180)
NODE = "340000-anhui"


@dataclass
class Bench:
    """A database with tables and first rows, and workers on it."""

    database: EmbeddedDatabase
    var_dir: Path

    def environment(self) -> dict[str, str]:
        plain = {n: v for n, v in os.environ.items() if not n.startswith(("YIJIAN_", "DJANGO_"))}
        outside = "http://127.0.0.1:9"
        return plain | {
            "YIJIAN_DEMO": "yes",
            "YIJIAN_VAR_DIR": str(self.var_dir),
            "YIJIAN_NODE": NODE,
            "YIJIAN_SMS_URL": f"{outside}/sms",
            "YIJIAN_REGISTERS_URL": f"{outside}/registers",
            "YIJIAN_SANDBOX_URL": outside,
        }

    def command(self, *arguments: str) -> None:
        done = subprocess.run(
            [sys.executable, "-m", "yijian.ops", *arguments],
            env=self.environment(),
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr

    def start_worker(self) -> subprocess.Popen[bytes]:
        log = (self.var_dir / "worker.log").open("ab")
        with log:
            process = subprocess.Popen(
                [sys.executable, "-m", "yijian.ops", "worker"],
                env=self.environment(),
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        try:
            until(lambda: self.count("procrastinate_workers") > 0, "the worker does not come up")
        except AssertionError:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            raise
        return process

    def execute(self, statement: str) -> list[tuple[object, ...]]:
        with psycopg.connect(self.database.conninfo(), autocommit=True) as connection:
            cursor = connection.execute(statement)  # type: ignore[arg-type]
            return cursor.fetchall() if cursor.description else []

    def count(self, table: str) -> int:
        ((number,),) = self.execute(f"SELECT count(*) FROM {table}")
        return int(str(number))


def until(holds: Callable[[], bool], otherwise: str, seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, otherwise
        time.sleep(0.05)


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    var_dir = tmp_path_factory.mktemp("worker")
    database = EmbeddedDatabase(
        folder=var_dir / "postgres",
        sockets=socket_folder(var_dir),
        log=var_dir / "database.log",
        durable=False,
    )
    keys.make_secrets(var_dir / "secrets", demo=True)
    keys.make_key_pair(var_dir / "keys", NODE)
    database.start()
    bench = Bench(database, var_dir)
    try:
        bench.command("database", "prepare")
        yield bench
    finally:
        database.stop()


@pytest.fixture
def process(bench: Bench) -> Iterator[subprocess.Popen[bytes]]:
    bench.execute("DELETE FROM procrastinate_workers")
    process = bench.start_worker()
    yield process
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def defer(bench: Bench, name: str, arguments: str = "{}") -> None:
    bench.execute(
        "INSERT INTO procrastinate_jobs (queue_name, task_name, args)"
        f" VALUES ('default', '{name}', '{arguments}')"
    )


def left(bench: Bench, name: str) -> list[tuple[object, ...]]:
    return bench.execute(f"SELECT status FROM procrastinate_jobs WHERE task_name = '{name}'")


def test_a_worker_does_its_jobs_and_ends_in_order(
    bench: Bench, process: subprocess.Popen[bytes]
) -> None:
    defer(bench, "deliver", '{"destination": "hr-340000"}')
    until(lambda: left(bench, "deliver") == [], "the job is not done")
    process.send_signal(signal.SIGTERM)
    assert process.wait(10) == 0
    assert bench.count("procrastinate_workers") == 0


def test_a_job_that_fails_stops_no_other(bench: Bench, process: subprocess.Popen[bytes]) -> None:
    defer(bench, "no_such_job")
    defer(bench, "send_messages")
    until(lambda: left(bench, "send_messages") == [], "the job is not done")
    assert left(bench, "no_such_job") == [("failed",)]
    assert process.poll() is None
    bench.execute("DELETE FROM procrastinate_jobs WHERE status = 'failed'")


def test_the_sweep_comes_round_by_itself(bench: Bench, process: subprocess.Popen[bytes]) -> None:
    swept = "SELECT max(defer_timestamp) FROM procrastinate_periodic_defers"
    before = bench.execute(f"{swept} WHERE task_name = 'sweep'")
    until(
        lambda: bench.execute(f"{swept} WHERE task_name = 'sweep'") not in (before, [(None,)]),
        "nothing was swept",
    )


def test_a_worker_ends_when_its_database_goes_and_another_takes_over(
    bench: Bench, process: subprocess.Popen[bytes]
) -> None:
    bench.database.stop()
    assert process.wait(20) == worker.EXIT_DATABASE_GONE
    bench.database.start()
    bench.execute("DELETE FROM procrastinate_workers")
    another = bench.start_worker()
    try:
        defer(bench, "deliver", '{"destination": "hr-340000"}')
        until(lambda: left(bench, "deliver") == [], "the job is not done")
    finally:
        another.send_signal(signal.SIGTERM)
        assert another.wait(15) == 0


def test_a_worker_ends_when_its_database_was_started_anew(
    bench: Bench, process: subprocess.Popen[bytes]
) -> None:
    assert bench.database.process is not None
    bench.database.process.kill()
    bench.database.start()
    assert process.wait(20) == worker.EXIT_DATABASE_GONE


def test_without_a_database_a_worker_does_not_start(bench: Bench) -> None:
    bench.database.stop()
    try:
        done = subprocess.run(
            [sys.executable, "-m", "yijian.ops", "worker"],
            env=bench.environment(),
            capture_output=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == worker.EXIT_DATABASE_GONE
    finally:
        bench.database.start()

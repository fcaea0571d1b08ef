"""A node of its own for tests with real processes: database, tables and first rows."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psycopg

from yijian.ops import keys
from yijian.ops.database import EmbeddedDatabase, socket_folder

NODE = "340000-anhui"


@dataclass
class Bench:
    """A database with tables and first rows, and workers on it."""

    database: EmbeddedDatabase
    var_dir: Path
    settings: dict[str, str] = field(default_factory=dict)

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
            **self.settings,
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

    def start_worker(self, *program: str) -> subprocess.Popen[bytes]:
        """A worker as a process of its own, or a `program` that becomes one."""
        log = (self.var_dir / "worker.log").open("ab")
        with log:
            process = subprocess.Popen(
                [sys.executable, *(program or ("-m", "yijian.ops", "worker"))],
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


@contextmanager
def made_bench(var_dir: Path, *participants: str) -> Iterator[Bench]:
    """A prepared node that lasts as long as the context."""
    database = EmbeddedDatabase(
        folder=var_dir / "postgres",
        sockets=socket_folder(var_dir),
        log=var_dir / "database.log",
        durable=False,
    )
    keys.make_secrets(var_dir / "secrets", demo=True)
    for participant in (NODE, *participants):
        keys.make_key_pair(var_dir / "keys", participant)
    database.start()
    bench = Bench(database, var_dir)
    try:
        bench.command("database", "prepare")
        yield bench
    finally:
        database.stop()

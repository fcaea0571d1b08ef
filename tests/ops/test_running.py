"""The whole platform starts with one command, mends itself, and leaves nothing behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import psutil
import psycopg
import pytest

from yijian.ops.database import EmbeddedDatabase, socket_folder
from yijian.ops.ports import free_port
from yijian.ops.running import Platform, PlatformNotStarted

pytestmark = pytest.mark.timeout(300)


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    with Platform(tmp_path_factory.mktemp("platform"), port=0, sandbox_port=0) as running:
        yield running


def plain_environment() -> dict[str, str]:
    """What a newcomer's terminal has: none of the settings of this test run."""
    return {n: v for n, v in os.environ.items() if not n.startswith(("YIJIAN_", "DJANGO_"))}


def processes_of(folder: Path) -> list[str]:
    """Every living process whose command line or environment names this folder."""
    found = []
    for process in psutil.process_iter():
        try:
            words = [*process.cmdline(), *process.environ().values()]
            if process.status() != psutil.STATUS_ZOMBIE and any(str(folder) in w for w in words):
                found.append(f"{process.pid} {' '.join(process.cmdline())[:90]}")
        except (psutil.NoSuchProcess, psutil.AccessDenied):
            continue
    return found


def backends(platform: Platform) -> int:
    """Connections of the worker and the pages to the database, as the database counts them."""
    server = EmbeddedDatabase(
        folder=platform.var_dir / "postgres", sockets=socket_folder(platform.var_dir), log=Path()
    )
    with psycopg.connect(server.conninfo("postgres")) as connection:
        row = connection.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = 'yijian'"
        ).fetchone()
    return int(row[0]) if row else 0


@pytest.mark.parametrize("name", ["worker", "web", "sandbox", "database"])
def test_what_is_killed_comes_back(platform: Platform, name: str) -> None:
    platform.await_healthy()
    before = platform.processes[name].pid
    platform.kill(name)
    platform.await_healthy()
    assert platform.processes[name].pid != before
    assert httpx.get(f"{platform.address}/healthz", timeout=30).text == "ok"


def test_the_worker_starts_anew_after_the_database_did(platform: Platform) -> None:
    platform.await_healthy()
    before = platform.processes["worker"].pid
    platform.kill("database")
    until = time.monotonic() + 60
    while platform.processes["worker"].pid == before:
        assert time.monotonic() < until
        time.sleep(0.1)
    platform.await_healthy()
    assert backends(platform) > 0


def test_what_is_held_stays_down_until_released(platform: Platform) -> None:
    platform.await_healthy()
    platform.hold("worker")
    time.sleep(1)
    assert not platform.processes["worker"].is_running()
    platform.release("worker")
    platform.await_healthy()


def test_the_pages_say_so_while_the_database_is_away(platform: Platform) -> None:
    platform.await_healthy()
    platform.hold("database")
    try:
        assert httpx.get(f"{platform.address}/healthz", timeout=30).status_code == 503
    finally:
        platform.release("database")
    platform.await_healthy()


def test_no_secret_stands_in_a_command_line(platform: Platform) -> None:
    secrets = [p.read_text() for p in (platform.var_dir / "secrets").glob("yijian_*")]
    lines = " ".join(" ".join(p.command) for p in platform.processes.values())
    assert len(secrets) == 4
    assert [s for s in secrets if s in lines] == []


def test_one_folder_carries_one_platform(platform: Platform) -> None:
    with pytest.raises(PlatformNotStarted, match="already running"):
        Platform(platform.var_dir, port=0, sandbox_port=0).start()
    platform.await_healthy()


def test_a_taken_port_is_named(platform: Platform, tmp_path: Path) -> None:
    with pytest.raises(PlatformNotStarted, match=f"port {platform.port} is taken"):
        Platform(tmp_path, port=platform.port, sandbox_port=0).start()
    assert processes_of(tmp_path) == []


def test_the_command_prints_one_address_and_leaves_nothing(tmp_path: Path) -> None:
    running = subprocess.Popen(
        [sys.executable, "-m", "yijian.ops", "run", "--port", str(free_port("127.0.0.1")),
         "--sandbox-port", "0", "--var-dir", str(tmp_path)],
        env=plain_environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )  # fmt: skip
    assert running.stdout is not None
    try:
        line = running.stdout.readline()
        assert line, running.communicate()
        address = line.split()[-1]
        assert httpx.get(f"{address}/healthz", timeout=30).status_code == 200
        assert (tmp_path / "running.env").exists()
    finally:
        running.send_signal(signal.SIGINT)
        rest, complaints = running.communicate(timeout=60)
    assert (running.returncode, rest, complaints) == (0, "", "")
    assert processes_of(tmp_path) == []
    assert not (tmp_path / "running.env").exists()


def test_a_killed_supervisor_takes_everything_with_it(tmp_path: Path) -> None:
    running = subprocess.Popen(
        [sys.executable, "-m", "yijian.ops", "run", "--port", "0", "--sandbox-port", "0",
         "--var-dir", str(tmp_path)],
        env=plain_environment(),
        stdout=subprocess.PIPE,
        text=True,
    )  # fmt: skip
    assert running.stdout is not None
    with running.stdout:
        running.stdout.readline()
        running.kill()
        running.wait()
    until = time.monotonic() + 30
    while processes_of(tmp_path):
        assert time.monotonic() < until, processes_of(tmp_path)
        time.sleep(0.1)

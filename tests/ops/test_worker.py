"""The worker as a process: it works, ends in order when told, and never outlives its database."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.ops.bench import Bench, made_bench, until
from yijian.ops import worker

pytestmark = pytest.mark.timeout(180)
SLOW_TO_LOOK = """
import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "yijian.config.settings")
django.setup()
from yijian.ops import command, worker
worker.LOOK_EVERY_SECONDS = 6
command.main()
"""

ONE_NEVER_ANSWERS = """
import os, pathlib, sys, threading, time

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "yijian.config.settings")
django.setup()
from yijian.actions import waking
from yijian.ops import command, sending, worker

reached = pathlib.Path(os.environ["REACHED"])
assert worker.SENDING == worker.CONCURRENCY == 4

def deliver(destination):
    (reached / destination).open("a").write("x")
    if destination == "silent":
        threading.Event().wait()
    return 1

def keep_waking():
    for _ in range(12):
        waking.wake_deliverer("silent")
        time.sleep(0.25)
    for number in range(12):
        waking.wake_deliverer(f"other-{number}")
    waking.wake_messenger()

sending.deliver = deliver
threading.Thread(target=keep_waking, daemon=True).start()
command.main()
"""


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    with made_bench(tmp_path_factory.mktemp("worker")) as bench:
        yield bench


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


def test_a_destination_that_never_answers_holds_up_no_other(bench: Bench, tmp_path: Path) -> None:
    bench.execute("DELETE FROM procrastinate_jobs")
    bench.execute("DELETE FROM procrastinate_workers")
    bench.settings["REACHED"] = str(tmp_path)
    process = bench.start_worker("-c", ONE_NEVER_ANSWERS, "worker")
    others = [tmp_path / f"other-{number}" for number in range(12)]
    try:
        until(lambda: all(other.exists() for other in others), "others wait for the silent one")
        until(lambda: left(bench, "send_messages") == [], "text messages wait for the silent one")
        assert (tmp_path / "silent").read_text() == "x", "one destination keeps two hands busy"
    finally:
        del bench.settings["REACHED"]
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        bench.execute("DELETE FROM procrastinate_jobs")


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


def test_a_worker_that_stops_before_its_watch_looked_still_says_why(bench: Bench) -> None:
    """The server is back before the watch looks again; the worker's own listener noticed."""
    bench.execute("DELETE FROM procrastinate_workers")
    process = bench.start_worker("-c", SLOW_TO_LOOK, "worker")
    assert bench.database.process is not None
    bench.database.process.kill()
    bench.database.start()
    assert process.wait(40) == worker.EXIT_DATABASE_GONE


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

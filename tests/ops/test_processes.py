"""A child process ends when it is told, when it is killed, and when its parent dies."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from yijian.ops.processes import Process, tail

SLEEPS = [sys.executable, "-c", "import time; print('up', flush=True); time.sleep(60)"]
IGNORES_TERM = [
    sys.executable,
    "-c",
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
    "print('up', flush=True); time.sleep(60)",
]
HAS_A_CHILD = [
    sys.executable,
    "-c",
    "import subprocess, sys, time;"
    "c = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)']);"
    "print(c.pid, flush=True); time.sleep(60)",
]


def started(tmp_path: Path, command: list[str]) -> tuple[Process, str]:
    process = Process(name="child", command=command, log=tmp_path / "child.log")
    process.start()
    return process, line_of(tmp_path / "child.log")


def line_of(log: Path) -> str:
    until = time.monotonic() + 20
    while not tail(log).strip():
        assert time.monotonic() < until
        time.sleep(0.02)
    return tail(log).strip()


def test_a_child_ends_when_asked(tmp_path: Path) -> None:
    process, _line = started(tmp_path, SLEEPS)
    process.stop()
    assert not process.is_running()


def test_a_child_that_does_not_listen_is_made_to_end(tmp_path: Path) -> None:
    process, _line = started(tmp_path, IGNORES_TERM)
    process.stop(limit_seconds=0.2)
    assert not process.is_running()


def test_what_a_child_started_ends_with_it(tmp_path: Path) -> None:
    process, grandchild = started(tmp_path, HAS_A_CHILD)
    process.kill()
    until = time.monotonic() + 10
    while psutil.pid_exists(int(grandchild)) and is_alive(int(grandchild)):
        assert time.monotonic() < until
        time.sleep(0.02)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a child of its parent's end")
def test_a_child_does_not_outlive_a_parent_that_was_killed(tmp_path: Path) -> None:
    program = (
        "import sys, time; from pathlib import Path; from yijian.ops.processes import Process;"
        f"p = Process(name='c', command={SLEEPS!r}, log=Path(sys.argv[1]) / 'c.log');"
        "p.start(); print(p.pid, flush=True); time.sleep(60)"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", program, str(tmp_path)], stdout=subprocess.PIPE, text=True
    )
    assert parent.stdout is not None
    with parent.stdout:
        child = int(parent.stdout.readline())
    line_of(tmp_path / "c.log")
    os.kill(parent.pid, signal.SIGKILL)
    parent.wait()
    until = time.monotonic() + 10
    while is_alive(child):
        assert time.monotonic() < until
        time.sleep(0.02)


def is_alive(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False

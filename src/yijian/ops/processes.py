"""One child process on a leash: it logs to a file, ends when told, and ends when we end.

Every child leads a process group of its own. Ctrl-C in the terminal therefore reaches only us, we
end the children in order, and nothing that a child has started outlives it.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

PR_SET_PDEATHSIG = 1


@dataclass
class Process:
    """A command that runs until it is stopped.

    `gentle` is the signal that asks it to end; `orphaned` is the one it gets when we die first.
    """

    name: str
    command: Sequence[str]
    log: Path
    env: Mapping[str, str] | None = None
    user: str | None = None
    gentle: str = "SIGTERM"
    orphaned: str = ""
    _popen: subprocess.Popen[bytes] | None = field(default=None, init=False)

    @property
    def pid(self) -> int:
        """The process id, also of a process that has ended."""
        if self._popen is None:
            raise RuntimeError(f"{self.name} was never started")
        return self._popen.pid

    def start(self) -> None:
        """Start the command; what it prints is appended to the log."""
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as output:
            self._popen = subprocess.Popen(
                list(self.command),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env=None if self.env is None else dict(self.env),
                start_new_session=True,
                preexec_fn=_leash(self.orphaned or self.gentle),
                **as_user(self.user),
            )

    def is_running(self) -> bool:
        return self._popen is not None and self._popen.poll() is None

    def wait(self, limit_seconds: float) -> int | None:
        """The exit code, or None when it still runs after the limit."""
        if self._popen is None:
            return None
        try:
            return self._popen.wait(limit_seconds)
        except subprocess.TimeoutExpired:
            return None

    def signal(self, name: str) -> None:
        """Send a signal to the process itself; one that has ended is left alone."""
        if self._popen is not None and self._popen.poll() is None:
            self._popen.send_signal(signal.Signals[name])

    def stop(self, *, limit_seconds: float = 10) -> None:
        """Ask it to end, then make it; afterwards its whole group is gone."""
        self.signal(self.gentle)
        self.wait(limit_seconds)
        self.kill()

    def kill(self) -> None:
        """End the process and everything it started, at once."""
        if self._popen is None:
            return
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._popen.pid, signal.SIGKILL)
        self._popen.wait()


def as_user(name: str | None) -> dict[str, Any]:
    """Arguments that start a process as this user, without our groups; none means as we are."""
    if name is None:
        return {}
    return {"user": name, "group": name, "extra_groups": [], "cwd": "/"}


def _leash(orphaned: str) -> Callable[[], None] | None:
    """What the child does before it starts: ask Linux to end it when its parent dies."""
    if sys.platform != "linux":
        return None
    libc = ctypes.CDLL(None, use_errno=True)
    number = int(signal.Signals[orphaned])
    parent = os.getpid()

    def ask() -> None:
        libc.prctl(PR_SET_PDEATHSIG, number)
        if os.getppid() != parent:
            os._exit(1)

    return ask


def tail(log: Path, lines: int = 15) -> str:
    """The last lines of a log, or nothing when there is none."""
    if not log.exists():
        return ""
    return "\n".join(log.read_text(errors="replace").splitlines()[-lines:])

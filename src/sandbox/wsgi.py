"""What the serving process loads (服务进程): the application, its background work, its end."""

import contextlib
import ctypes
import os
import signal
import threading
import time

import flask

from sandbox.app import create_app, world_of
from sandbox.background import start_background
from sandbox.settings import Settings

VARIABLE = "SANDBOX_SETTINGS"
PARENT_CHECK_SECONDS = 0.5
_PARENT_DEATH_SIGNAL = 1


def make_served_app() -> flask.Flask:
    """Build the application from the environment and start its background work."""
    settings = Settings.from_json(os.environ[VARIABLE])
    app = create_app(settings)
    _end_with_parent()
    start_background(world_of(app))
    return app


def _end_with_parent() -> None:
    """End this process when the one that started it is gone, so that nothing is left running.

    Linux does it at once; elsewhere a thread looks. Ending hard is safe: what was
    answered is already in the state file.
    """
    parent = os.getppid()
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(_PARENT_DEATH_SIGNAL, signal.SIGKILL)

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(PARENT_CHECK_SECONDS)
        os.kill(os.getpid(), signal.SIGKILL)

    threading.Thread(target=watch, name="parent-watch", daemon=True).start()

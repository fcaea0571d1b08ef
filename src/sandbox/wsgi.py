"""What the serving process loads (服务进程): the application, its background work, its end."""

import os
import signal
import threading
import time

import flask

from sandbox.app import create_app, world_of
from sandbox.settings import Settings

VARIABLE = "SANDBOX_SETTINGS"
PARENT_CHECK_SECONDS = 1.0


def make_served_app() -> flask.Flask:
    """Build the application from the environment and start its background work."""
    settings = Settings.from_json(os.environ[VARIABLE])
    app = create_app(settings)
    _end_with_parent(app)
    return app


def _end_with_parent(app: flask.Flask) -> None:
    """End this process when the one that started it is gone, so that nothing is left running."""
    parent = os.getppid()
    stopping = world_of(app).stopping

    def watch() -> None:
        while not stopping.wait(PARENT_CHECK_SECONDS):
            if os.getppid() != parent:
                stopping.set()
                os.kill(os.getpid(), signal.SIGTERM)
                time.sleep(2)
                os._exit(0)

    threading.Thread(target=watch, name="parent-watch", daemon=True).start()

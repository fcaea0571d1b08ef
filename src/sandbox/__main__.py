"""`python -m sandbox` (启动): read the command line, serve until told to stop."""

import argparse
import os
from datetime import date
from pathlib import Path

from granian import Granian
from granian.constants import Interfaces

from sandbox.settings import Settings
from sandbox.wsgi import VARIABLE

THREADS = 8


def read_arguments(arguments: list[str] | None = None) -> Settings:
    """Return the settings of a command line."""
    parser = argparse.ArgumentParser(prog="python -m sandbox", description=__doc__)
    parser.add_argument("--port", type=int, default=8100)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--keys", type=Path, required=True, help="folder of key files")
    parser.add_argument(
        "--node-url", required=True, help="the platform, e.g. http://127.0.0.1:8000"
    )
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--generate", type=int, default=0, help="more ordinary families")
    parser.add_argument("--node", default="yijian", help="the platform's participant code")
    parser.add_argument("--home", default="34", help="first digits of the home divisions")
    parser.add_argument("--today", type=date.fromisoformat, help="the day births are counted from")
    parser.add_argument("--state", type=Path, help="file that keeps the state")
    parser.add_argument("--client-secret", default=os.environ.get("SANDBOX_CLIENT_SECRET", ""))
    parser.add_argument("--minute", type=float, default=1.0, help="seconds of a pretend minute")
    parser.add_argument("--delay", default="1-2", help="seconds between a department's steps")
    parser.add_argument("--pull", action="store_true", help="departments also fetch their tasks")
    parser.add_argument("--robots", action="store_true", help="hospital and police are systems too")
    parser.add_argument("--make-keys", action="store_true", help="create missing key files")
    parser.add_argument("--treasury", default="", help="the sandbox where families pay, if another")
    given = parser.parse_args(arguments)
    low, _, high = given.delay.partition("-")
    return Settings(
        keys=given.keys,
        node_url=given.node_url.rstrip("/"),
        port=given.port,
        host=given.host,
        seed=given.seed,
        generate=given.generate,
        node=given.node,
        home=given.home,
        today=given.today,
        state=given.state,
        client_secret=given.client_secret.strip(),
        minute_seconds=given.minute,
        delay_seconds=(float(low), float(high or low)),
        pull=given.pull,
        robots=given.robots,
        make_keys=given.make_keys,
        treasury=given.treasury.rstrip("/"),
    )


def main() -> None:
    """Serve one pretend world in one worker process with several threads."""
    settings = read_arguments()
    os.environ[VARIABLE] = settings.to_json()
    server = Granian(
        "sandbox.wsgi:make_served_app",
        address=settings.host,
        port=settings.port,
        interface=Interfaces.WSGI,
        workers=1,
        blocking_threads=THREADS,
        factory=True,
        websockets=False,
        log_access=False,
        workers_kill_timeout=5,
    )
    print(f"sandbox: {settings.base_url}", flush=True)
    server.serve()


if __name__ == "__main__":
    main()

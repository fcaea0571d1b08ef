"""What goes on between requests (后台): queues move, reports leave, tasks are fetched."""

import logging
import threading
from collections.abc import Callable

import httpx

from sandbox.feedback import send_due_deliveries, send_due_feedback
from sandbox.fetching import fetch_due
from sandbox.pulling import pull_tasks
from sandbox.queues import take_due_steps
from sandbox.treasury import ASK_EVERY_SECONDS, fetch_payments
from sandbox.world import World

_log = logging.getLogger("sandbox")

STEP_SECONDS = 0.1
PULL_SECONDS = 3.0
TIMEOUT_SECONDS = 15.0


def start_background(here: World) -> list[threading.Thread]:
    """Start one thread for all queues and one for each department's way out."""
    threads = [_repeat(here, "queues", STEP_SECONDS, lambda: take_due_steps(here))]
    hospital = make_client()
    threads.append(
        _repeat(here, "deliveries", STEP_SECONDS, lambda: send_due_deliveries(here, hospital))
    )
    if here.settings.treasury:
        bank = make_client()
        threads.append(
            _repeat(here, "treasury", ASK_EVERY_SECONDS, lambda: fetch_payments(here, bank))
        )
    threads.append(_repeat(here, "departments", STEP_SECONDS, Departments(here).look))
    return threads


class Departments:
    """Every department's way out; one that is made known later starts to work then."""

    def __init__(self, here: World) -> None:
        self._here = here
        self._working: set[str] = set()

    def look(self) -> int:
        """Start what is new among the departments; return how many those were."""
        new = [code for code in self._here.departments if code not in self._working]
        for department in new:
            self._working.add(department)
            _sender(self._here, department)
            if self._here.settings.pull:
                _puller(self._here, department)
        return len(new)


def stop_background(here: World, threads: list[threading.Thread]) -> None:
    """Ask all threads to end and wait for them a little."""
    here.stopping.set()
    for thread in threads:
        thread.join(timeout=3)


def make_client() -> httpx.Client:
    """Return the client of one department; proxies of the machine are not for this world."""
    return httpx.Client(timeout=TIMEOUT_SECONDS, trust_env=False)


def _sender(here: World, department: str) -> threading.Thread:
    client = make_client()
    return _repeat(
        here,
        f"send {department}",
        STEP_SECONDS,
        lambda: fetch_due(here, department, client) + send_due_feedback(here, department, client),
    )


def _puller(here: World, department: str) -> threading.Thread:
    client = make_client()
    return _repeat(
        here, f"pull {department}", PULL_SECONDS, lambda: pull_tasks(here, department, client)
    )


def _repeat(here: World, name: str, seconds: float, work: Callable[[], int]) -> threading.Thread:
    def run() -> None:
        while not here.stopping.wait(seconds):
            try:
                work()
            except Exception:  # One bad document must not silence a department for good.
                _log.exception("%s", name)

    thread = threading.Thread(target=run, name=name, daemon=True)
    thread.start()
    return thread

"""后台进程: one procrastinate worker that would rather die than live on without its database.

A worker whose PostgreSQL was restarted may stay alive and deaf. Therefore a watch beside it looks
every second whether the same server still answers; when not, the process ends with an error and
its supervisor starts it again. Jobs that were under way lose nothing: their claims run out.
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NoReturn

import psycopg
from django.db import connections
from procrastinate import App, PsycopgConnector
from procrastinate.contrib.django import app
from procrastinate.contrib.django.utils import connector_params
from procrastinate.exceptions import ConnectorException

from yijian.actions import waking
from yijian.ops import jobs

CONCURRENCY = 4
SENDING = 4
"""Hands beside those, only for jobs that wait for other systems: nothing else waits behind them."""
LOOK_EVERY_SECONDS = 1.0
PATIENCE_SECONDS = 30.0
NEW_JOBS_EVERY_SECONDS = 1.0
FINISH_WITHIN_SECONDS = 8.0
SIGN_OF_LIFE_EVERY_SECONDS = 4.0
EXIT_DATABASE_GONE = 75
EXIT_STOPPED_BY_ITSELF = 76
_log = logging.getLogger(__name__)


class _DatabaseGoneError(Exception):
    """The database server does not answer, or is another one than at the start."""


def run(*, concurrency: int = CONCURRENCY, wait: bool = True) -> int:
    """Work until told to stop; the exit code. Without `wait`, only until nothing is left."""
    connections.close_all()
    try:
        return asyncio.run(_run(concurrency, wait))
    except (ConnectorException, psycopg.Error, OSError) as gone:
        _end(gone)


async def _run(concurrency: int, wait: bool) -> int:
    # Asked first, because the pool below would wait long for a server that is not there at all.
    await (await psycopg.AsyncConnection.connect(**connector_params())).close()
    # Few connections: two that listen, the others ask for jobs and write their outcome.
    connector = PsycopgConnector(
        kwargs=connector_params(), min_size=1, max_size=5, timeout=PATIENCE_SECONDS
    )
    # A second application with the same tasks. The first keeps Django's connection, so that what a
    # job defers is deferred in the transaction of the action that it calls.
    working = app.with_connector(connector)
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(concurrency + SENDING + 2))
    async with working.open_async():
        worker = asyncio.create_task(_work(working, concurrency, wait))
        watch = asyncio.create_task(_watch())
        for name in (signal.SIGTERM, signal.SIGINT):
            # Cancelling is how a worker is asked to finish its jobs and take no more.
            asyncio.get_running_loop().add_signal_handler(name, worker.cancel)
        await asyncio.wait({worker, watch}, return_when=asyncio.FIRST_COMPLETED)
        if wait and not worker.cancelled():
            # A worker stops by itself when its listener broke. The watch, looking once more, knows
            # whether the database is why.
            await asyncio.wait({watch}, timeout=2 * LOOK_EVERY_SECONDS)
        if watch.done():
            # The worker cannot end in order: to do so it would have to tell the database.
            _end(watch.exception())
        watch.cancel()
        if worker.cancelled():
            return 0
        worker.result()
        return EXIT_STOPPED_BY_ITSELF if wait else 0


async def _work(working: App, concurrency: int, wait: bool) -> None:
    """Two groups of hands when there is time: one sends, the other does everything else.

    When one group ends, whether asked to or by itself, the other finishes its jobs too.
    """
    groups: dict[str, tuple[int, dict[str, Any]]] = {"": (concurrency, {})}
    if wait:
        groups = {
            "": (concurrency, {"queues": ["default"]}),
            f"-{waking.SENDING}": (SENDING, {"queues": [waking.SENDING]}),
        }
    workers = [
        asyncio.create_task(
            working.run_worker_async(
                name=f"worker-{os.getpid()}{name}",
                **queues,
                concurrency=hands,
                wait=wait,
                fetch_job_polling_interval=NEW_JOBS_EVERY_SECONDS,
                shutdown_graceful_timeout=FINISH_WITHIN_SECONDS,
                update_heartbeat_interval=SIGN_OF_LIFE_EVERY_SECONDS,
                stalled_worker_timeout=jobs.DEAD_AFTER_SECONDS,
                delete_jobs="successful",
                install_signal_handlers=False,
            )
        )
        for name, (hands, queues) in groups.items()
    ]
    try:
        await asyncio.wait(workers, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for worker in workers:
            worker.cancel()
        await asyncio.wait(workers)
    for worker in workers:
        if not worker.cancelled():
            worker.result()


async def _watch() -> None:
    """Return never; raise when the database server is gone or was started anew.

    One connection is held and asked again and again: it breaks when its server ends, whoever comes
    after it. A server that is only slow is given time, or a busy machine would be made busier.
    """
    try:
        async with await psycopg.AsyncConnection.connect(
            **connector_params(), autocommit=True, connect_timeout=int(PATIENCE_SECONDS)
        ) as connection:
            while True:
                async with asyncio.timeout(PATIENCE_SECONDS):
                    await connection.execute("SELECT 1")
                await asyncio.sleep(LOOK_EVERY_SECONDS)
    except (psycopg.Error, OSError, TimeoutError) as gone:
        raise _DatabaseGoneError(str(gone)) from gone


def _end(gone: BaseException | None) -> NoReturn:
    """End at once, also with jobs under way in threads that nobody can interrupt."""
    _log.error("the worker ends because the database is gone: %s", gone)
    logging.shutdown()
    os._exit(EXIT_DATABASE_GONE)

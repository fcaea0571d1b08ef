"""后台作业: what the worker does, by the names under which actions defer it, and what recurs.

Jobs are thin: they call what sends or asks, then an action. A job carries codes and ids only,
because its arguments lie in a table and in logs. A job that fails is deferred again here and
not by the queue, so that its queueing lock is respected.
"""

from __future__ import annotations

import logging
from datetime import timedelta
from uuid import UUID

from django.db import InterfaceError, OperationalError, transaction
from django.utils import timezone
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued, ConnectorException
from procrastinate.jobs import Status
from psycopg_pool import PoolTimeout

from yijian.actions import (
    calendar_years,
    channels,
    charts,
    envelopes,
    figures,
    file_exchange,
    offices,
    outages,
    packing,
    reminders,
    simulating,
    tasks,
    urging,
    waking,
    work_orders,
    workshop_effects,
    workshop_kept,
    workshop_reading,
)
from yijian.gateways.signatures import WINDOW
from yijian.ops import (
    asking,
    converging,
    fetching_files,
    fetching_packs,
    fetching_pages,
    sending,
    setting,
    transferring,
    witnessing,
)
from yijian.records import (
    documents,
    exchange,
    journal,
    received_files,
    register_routes,
    simulations,
    status_doors,
)
from yijian.records.figure_counting import RollupBroken

AFTER_FAILURE = timedelta(seconds=15)
STEPS_OF_A_SIMULATION = 5
STANDS_STILL = timedelta(minutes=2)
"""A simulation of which nobody has written a step for so long has lost its job."""
DEAD_AFTER_SECONDS = 15.0
"""A worker that has given no sign of life for so long; somebody waits at a page for its jobs."""
_log = logging.getLogger(__name__)


def defer_once(
    job: str, lock: str, *, after: timedelta | None = None, alone: bool = False, **arguments: str
) -> None:
    """Let a job run, now or later, unless the same one waits already.

    One that goes on for long runs `alone`: it is not begun again while it runs.
    """
    at = timezone.now() + after if after else None
    try:
        with transaction.atomic():
            task = app.configure_task(
                job, queueing_lock=lock, lock=lock if alone else None, schedule_at=at
            )
            task.defer(**arguments)
    except AlreadyEnqueued:
        return


@app.task(name="deliver")
def deliver(destination: str) -> int:
    """Empty the outbox of one destination."""
    return sending.deliver(destination)


@app.task(name="send_messages")
def send_messages() -> int:
    """Send the waiting text messages."""
    return sending.send_messages()


@app.task(name="set_documents")
def set_documents() -> int:
    """Set the documents that have become due."""
    return setting.set_documents()


@app.task(name="ask_registers")
def ask_registers(case_id: str, again: bool = False) -> int:
    """Ask the registers about one family; `again` also those whose next try is not due yet."""
    try:
        return asking.ask_registers(UUID(case_id), again=again)
    except Exception:
        # Whatever it was, the family must not wait for somebody to read the log.
        defer_once("ask_registers", f"ask:{case_id}:retry", after=AFTER_FAILURE, case_id=case_id)
        raise


@app.task(name="apply_held_decisions")
def apply_held_decisions() -> int:
    """Make clerks' decisions effective whose time is over."""
    applied = 0
    while True:
        found = tasks.apply_due_decisions(now=timezone.now())
        applied += found
        if found < tasks.APPLIED_AT_ONCE:
            return applied


@app.task(name="fetch_pack")
def fetch_pack(upstream: str, digest: str) -> bool:
    """Fetch the version of a pack that a task of another node is pinned to."""
    return fetching_packs.fetch_pack(upstream, digest)


@app.task(name="fetch_pages")
def fetch_pages(case_id: str, attempts: int = 0) -> int:
    """Fetch the scanned pages that another node lists for one received case."""
    return fetching_pages.fetch_pages(UUID(case_id), attempts=attempts)


@app.task(name="fetch_files")
def fetch_files() -> int:
    """Fetch the files of certificates that other nodes have issued."""
    return fetching_files.fetch_files()


@app.task(name="draw_charts")
def draw_charts() -> int:
    """Draw the charts that pages of the console wait for."""
    return charts.draw_waiting(now=timezone.now())


@app.periodic(cron="27 3 * * *")
@app.task(name="forget_charts", queueing_lock="forget_charts")
def forget_charts(timestamp: int) -> int:
    """Drop drawings that nobody has looked at for long."""
    return charts.forget(now=timezone.now())


@app.task(name="work_out")
def work_out(draft: str, kind: str) -> None:
    """Work out of a draft what its page waits for."""
    workshop_reading.work_out(draft=UUID(draft), kind=kind, now=timezone.now())


@app.periodic(cron="37 3 * * *")
@app.task(name="forget_worked_out", queueing_lock="forget_worked_out")
def forget_worked_out(timestamp: int) -> int:
    """Drop what was worked out of drafts long ago."""
    return workshop_kept.forget(now=timezone.now())


@app.task(name="simulate")
def simulate(simulation: str) -> None:
    """Take a simulation a few steps further, then let other work in between."""
    identifier = UUID(simulation)
    try:
        for _step in range(STEPS_OF_A_SIMULATION):
            if not simulating.advance(identifier, now=timezone.now()):
                return
    except (OperationalError, InterfaceError, PoolTimeout) as error:
        # The database was away: nothing of the step is written, and it is taken once more.
        _log.warning("simulation %s waits: %s", simulation, type(error).__name__)
        lock = waking.simulator_lock(simulation)
        defer_once("simulate", lock, after=AFTER_FAILURE, simulation=simulation)
        return
    except Exception as error:
        # What an error says may be about a family; its kind is enough to look for the cause.
        _log.error("simulation %s cannot go on: %s", simulation, type(error).__name__)
        simulating.failed(identifier, problem=type(error).__name__, now=timezone.now())
        return
    waking.wake_simulator(simulation)


@app.periodic(cron="* * * * * */5")
@app.task(name="sweep", queueing_lock="sweep")
def sweep(timestamp: int) -> None:
    """Find what nobody was woken for: messages whose pause is over, decisions that are due."""
    for destination in exchange.destinations(now=timezone.now()):
        waking.wake_deliverer(destination)
    defer_once("send_messages", "send_messages")
    if documents.due(now=timezone.now()):
        defer_once("set_documents", "set_documents")
    if received_files.due(now=timezone.now()):
        defer_once("fetch_files", "fetch_files")
    apply_held_decisions()
    if calendar_years.waits(now=timezone.now()):
        defer_once("follow_calendar", "follow_calendar", alone=True)
    for simulation in simulations.standing(before=timezone.now() - STANDS_STILL):
        waking.wake_simulator(simulation)
    if outages.waits():
        defer_once("text_of_outages", "text_of_outages", alone=True)


@app.periodic(cron="* * * * * 40")
@app.task(name="replay_waiting", queueing_lock="replay_waiting")
def replay_waiting(timestamp: int) -> int:
    """Take in what other systems sent too early for this node, when its time has come."""
    return envelopes.replay_waiting(now=timezone.now())


@app.periodic(cron="* * * * *")
@app.task(name="seal_journal", queueing_lock="seal_journal")
def seal_journal(timestamp: int) -> None:
    """Put what happened in the last minute into the tree and sign its root."""
    journal.seal_journal(now=timezone.now())


@app.periodic(cron="* * * * * 10")
@app.task(name="follow_figures", queueing_lock="follow_figures", lock="follow_figures")
def follow_figures(timestamp: int) -> int:
    """Count what was sealed into the console's figures.

    Cells that cannot be right stay as they are, and the pages' 数据截至 with them.
    """
    try:
        return figures.follow_all(now=timezone.now())
    except RollupBroken as error:
        _log.error("the figures stand still until `yijian figures recount --repair`: %s", error)
        return 0


@app.periodic(cron="* * * * * 30")
@app.task(name="show_checkpoints", queueing_lock="show_checkpoints")
def show_checkpoints(timestamp: int) -> None:
    """Have the newest signed root witnessed by the other nodes."""
    witnessing.show_checkpoints()


@app.periodic(cron="* * * * * 50")
@app.task(name="read_reports", queueing_lock="read_reports")
def read_reports(timestamp: int) -> int:
    """Read what partners have reported and nobody heard."""
    return converging.read_all_reports()


@app.periodic(cron="*/5 * * * *")
@app.task(name="converge", queueing_lock="converge")
def converge(timestamp: int) -> None:
    """Compare with every partner what both tell of shared tasks, and heal what differs."""
    converging.converge()


@app.periodic(cron="* * * * * 20")
@app.task(name="make_packages", queueing_lock="make_packages")
def make_packages(timestamp: int) -> int:
    """Archive what has ended; what needs the signed tree finds it grown at the full minute."""
    return packing.make_packages(now=timezone.now())


@app.periodic(cron="* * * * * */20")
@app.task(name="send_batches", queueing_lock="send_batches")
def send_batches(timestamp: int) -> int:
    """Hand over to the archive what was put on a list."""
    return transferring.send_batches()


@app.periodic(cron="* * * * * 40")
@app.task(name="follow_channels", queueing_lock="follow_channels")
def follow_channels(timestamp: int) -> int:
    """Let running tasks follow offices that change or end, and rules of how they are reached."""
    moved = offices.follow(now=timezone.now())
    return moved + channels.follow(now=timezone.now()).moved


@app.periodic(cron="0 22 * * *")
@app.task(name="pack_files", queueing_lock="pack_files")
def pack_files(timestamp: int) -> int:
    """Make the day's packages for offices without a network, at six in the morning in China."""
    return len(file_exchange.make_all(by="system", now=timezone.now()))


@app.periodic(cron="* * * * * 55")
@app.task(name="follow_policy", queueing_lock="follow_policy")
def follow_policy(timestamp: int) -> int:
    """Note the versions of packs whose day has come; their offices reach the directory."""
    return workshop_effects.come_into_force(now=timezone.now())


@app.task(name="follow_calendar")
def follow_calendar() -> int:
    """Count the deadlines of open tasks anew after a year of the calendar was taken in."""
    return calendar_years.move_deadlines(now=timezone.now())


@app.task(name="text_of_outages")
def text_of_outages() -> int:
    """Text the families whom an outage concerns that is to be told so."""
    return outages.text_families(now=timezone.now())


@app.periodic(cron="*/5 * * * * 15")
@app.task(name="watch_limits", queueing_lock="watch_limits", lock="watch_limits")
def watch_limits(timestamp: int) -> int:
    """Tell offices, and who watches them, of tasks whose time is nearly or wholly used up."""
    return urging.watch_limits(now=timezone.now())


@app.periodic(cron="*/5 * * * *")
@app.task(name="remind_families", queueing_lock="remind_families", lock="remind_families")
def remind_families(timestamp: int) -> int:
    """Remind every family whose time has come, a hundred cases in one transaction."""
    return reminders.remind(now=timezone.now())


@app.periodic(cron="* * * * * */30")
@app.task(name="follow_parcels", queueing_lock="follow_parcels")
def follow_parcels(timestamp: int) -> int:
    """Ask the courier about the parcels that it has."""
    return sending.follow_parcels()


@app.periodic(cron="*/10 * * * *")
@app.task(name="forget_nonces", queueing_lock="forget_nonces")
def forget_nonces(timestamp: int) -> int:
    """Forget the nonces of signatures that are too old to be accepted again."""
    return exchange.forget_nonces(before=timezone.now() - 3 * WINDOW)


@app.periodic(cron="*/10 * * * *")
@app.task(name="forget_senders", queueing_lock="forget_senders")
def forget_senders(timestamp: int) -> int:
    """Forget from which network addresses somebody came, once no limit counts it any more."""
    now = timezone.now()
    return work_orders.forget_senders(now=now) + status_doors.forget_tries(now=now)


@app.periodic(cron="17 3 * * *")
@app.task(name="forget_vain_questions", queueing_lock="forget_vain_questions")
def forget_vain_questions(timestamp: int) -> int:
    """Forget which providers were asked in vain so long ago that no news of it comes any more."""
    return register_routes.forget_vain(now=timezone.now())


@app.periodic(cron="* * * * * */5")
@app.task(name="rescue_jobs", queueing_lock="rescue_jobs")
async def rescue_jobs(timestamp: int) -> None:
    """Take up again what a worker was doing when it died."""
    manager = app.job_manager
    for job in await manager.get_stalled_jobs(seconds_since_heartbeat=DEAD_AFTER_SECONDS):
        _log.warning("job %s (%s) was left behind by its worker", job.id, job.task_name)
        try:
            await manager.retry_job(job)
        except (AlreadyEnqueued, ConnectorException):
            # The same job waits already, so this one has nothing left to do.
            await manager.finish_job(job, Status.FAILED, delete_job=True)

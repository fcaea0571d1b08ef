"""Jobs, deferred in the transaction of the change that causes them; never one job per message.

A job that waits already is not deferred again: its queueing lock says so.
"""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from yijian.domain.routing import is_packed

SENDING = "sending"
"""The queue of jobs that wait for other systems; hands of their own work on it."""


def wake_deliverer(destination: str) -> None:
    """Somebody must empty the outbox of one destination; what is packed waits for its package.

    One destination never keeps two hands busy, however long it takes to answer.
    """
    if is_packed(destination):
        return
    lock = f"deliver:{destination}"
    task = app.configure_task("deliver", queueing_lock=lock, lock=lock, queue=SENDING)
    try:
        with transaction.atomic():
            task.defer(destination=destination)
    except AlreadyEnqueued:
        pass


def wake_messenger() -> None:
    """Somebody must send the waiting text messages."""
    _defer("send_messages", "send_messages", None)


def wake_setter() -> None:
    """Somebody must set the documents that have become due."""
    _defer("set_documents", "set_documents", None)


def wake_asker(case_id: UUID | str, *, again: bool = False, at: datetime | None = None) -> None:
    """Somebody must ask the registers about a case, now or at a later moment.

    `again` asks those too whose next try is not due yet.
    """
    when = f"@{at.timestamp():.0f}" if at else ":again" if again else ""
    _defer("ask_registers", f"ask:{case_id}{when}", at, case_id=str(case_id), again=again)


def wake_applier(at: datetime) -> None:
    """Somebody must make held decisions effective when their time is over."""
    _defer("apply_held_decisions", f"apply@{at.timestamp():.0f}", at)


def wake_pack_fetcher(upstream: str, digest: str) -> None:
    """Somebody must fetch a version of a pack from the node that sent a task under it."""
    _defer("fetch_pack", f"pack:{upstream}:{digest}", None, upstream=upstream, digest=digest)


def wake_page_fetcher(
    case_id: UUID | str, *, attempts: int = 0, at: datetime | None = None
) -> None:
    """Somebody must fetch the scanned pages of a received case from the node it comes from."""
    _defer(
        "fetch_pages", f"pages:{case_id}:{attempts}", at, case_id=str(case_id), attempts=attempts
    )


def wake_file_fetcher() -> None:
    """Somebody must fetch the files that another node has issued."""
    _defer("fetch_files", "fetch_files", None)


def wake_drawer() -> None:
    """Somebody must draw the charts that pages wait for."""
    _defer("draw_charts", "draw_charts", None, alone=True)


def wake_calendar(at: datetime) -> None:
    """Somebody must count deadlines anew once a year of the calendar that was taken in is known."""
    _defer("follow_calendar", "follow_calendar", at, alone=True)


def wake_outage_texts() -> None:
    """Somebody must text the families whom an outage concerns."""
    _defer("text_of_outages", "text_of_outages", None, alone=True)


def wake_examiner(draft: UUID | str, kind: str) -> None:
    """Somebody must work out of a draft what its page waits for."""
    _defer("work_out", f"work_out:{kind}:{draft}", None, alone=True, draft=str(draft), kind=kind)


def wake_simulator(simulation: UUID | str) -> None:
    """Somebody must take a simulation further."""
    _defer("simulate", simulator_lock(simulation), None, simulation=str(simulation))


def simulator_lock(simulation: UUID | str) -> str:
    """What keeps a simulation from waiting twice."""
    return f"simulate:{simulation}"


def _defer(
    job: str,
    lock: str,
    at: datetime | None,
    *,
    alone: bool = False,
    **arguments: str | bool | int,
) -> None:
    """One that goes on for long runs `alone`, so that it never holds more than one hand."""
    try:
        with transaction.atomic():
            task = app.configure_task(
                job, queueing_lock=lock, lock=lock if alone else None, schedule_at=at
            )
            task.defer(**arguments)
    except AlreadyEnqueued:
        pass

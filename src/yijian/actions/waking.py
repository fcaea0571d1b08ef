"""Jobs, deferred in the transaction of the change that causes them; never one job per message.

A job that waits already is not deferred again: its queueing lock says so.
"""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from yijian.domain.routing import is_packed


def wake_deliverer(destination: str) -> None:
    """Somebody must empty the outbox of one destination; what is packed waits for its package."""
    if not is_packed(destination):
        _defer("deliver", f"deliver:{destination}", None, destination=destination)


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


def _defer(job: str, lock: str, at: datetime | None, **arguments: str | bool) -> None:
    try:
        with transaction.atomic():
            app.configure_task(job, queueing_lock=lock, schedule_at=at).defer(**arguments)
    except AlreadyEnqueued:
        pass

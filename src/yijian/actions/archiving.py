"""归档登记: an item that has ended waits to be archived from the same commit on."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from django.conf import settings

from yijian.actions.happened import Happened
from yijian.domain.archiving import WHOLE, archive_year, due_packages
from yijian.domain.clocks import local_day
from yijian.records import archive
from yijian.records.archive import CASE, ITEM, Awaited


def follow(happened: Sequence[Happened], now: datetime) -> None:
    """Let everything be archived that has ended in a batch; one statement, none when nothing has.

    Nobody is woken: a package needs the signed tree, which a job grows every minute.
    """
    awaited = [one for each in happened if _is_ours(each) for one in _awaited(each)]
    if awaited:
        archive.await_packages(awaited, now=now)


def _is_ours(happened: Happened) -> bool:
    """A case of another node is archived there."""
    return happened.loaded.key is not None and not happened.after.origin


def _awaited(happened: Happened) -> Iterator[Awaited]:
    case = happened.after
    for due in due_packages(happened.events, case, happened.context.pack):
        yield Awaited(
            case_id=happened.loaded.id,
            case_number=case.number,
            scope=ITEM if due.item else CASE,
            item=due.item,
            newborn=due.newborn,
            outcome=due.outcome,
            upto=case.version,
            ended_at=due.ended_at,
            fonds=due.office or str(settings.YIJIAN.node),
            year=archive_year(due.ended_at),
            retention=due.retention.code,
            topic=due.item or WHOLE,
            keep_until=due.retention.until(local_day(due.ended_at)),
        )

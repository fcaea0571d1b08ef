"""取文件: the files of certificates that other nodes have issued are fetched and checked.

Documents are claimed, their files fetched outside any transaction, and written by one action. What
is not what was announced never becomes a document: it is tried again, then waits for a person.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Mapping

from django.utils import timezone

from yijian.actions import results
from yijian.gateways.calls import Caller, CallFailedError
from yijian.gateways.nodes import base_of
from yijian.ops.outside import caller, next_attempt, rests
from yijian.records import exchange, received_files
from yijian.records.received_files import AnnouncedFile, Awaited

BATCH = 8
MOST_BATCHES = 50
MOST_ATTEMPTS = 60
"""With pauses of up to ten minutes: most of a working day. Then a person must look."""
_log = logging.getLogger(__name__)


class NotAsAnnouncedError(Exception):
    """What came is not the file that was announced."""


def fetch_files(ours: Caller | None = None) -> int:
    """Fetch what waits; how many documents are here now."""
    fetched = 0
    for _ in range(MOST_BATCHES):
        claimed = received_files.claim(limit=BATCH, now=timezone.now())
        if not claimed:
            break
        fetched += sum(_fetch(one, ours or caller()) for one in claimed)
    return fetched


def _fetch(one: Awaited, ours: Caller) -> bool:
    partner = exchange.partner(one.partner)
    if partner is None or not partner.endpoint:
        received_files.settle(parked={one.id: "no_endpoint"}, now=timezone.now())
        return False
    if rests.resting(one.partner):
        _later(one)
        return False
    address = f"{base_of(partner.endpoint)}/tasks/{one.task_id}/files/{one.remote}"
    try:
        files = _files(address, one.files, ours)
    except CallFailedError as failure:
        if failure.passing:
            rests.failed(one.partner)
        _log.warning("%s does not give files of %s: %s", one.partner, one.id, failure.reason)
        # A file that is "not there" is still being replayed at a node that was restored.
        _failed(one, failure.reason)
        return False
    except NotAsAnnouncedError:
        _log.error("%s gave other files of %s than it announced", one.partner, one.id)
        _failed(one, "not_as_announced")
        return False
    rests.answered(one.partner)
    results.take_files(one, files, now=timezone.now())
    return True


def _files(address: str, announced: Mapping[str, AnnouncedFile], ours: Caller) -> dict[str, bytes]:
    found = {}
    for name, file in announced.items():
        data = ours.get_bytes(f"{address}?format={name}", largest=file.bytes)
        if len(data) != file.bytes or hashlib.sha256(data).hexdigest() != file.sha256:
            raise NotAsAnnouncedError
        found[name] = data
    return found


def _failed(one: Awaited, reason: str) -> None:
    if one.attempts >= MOST_ATTEMPTS:
        received_files.settle(parked={one.id: reason}, now=timezone.now())
    else:
        _later(one)


def _later(one: Awaited) -> None:
    now = timezone.now()
    received_files.settle(retry={one.id: next_attempt(one.attempts, now)}, now=now)

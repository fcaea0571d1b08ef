"""取用的证照: what the certificate register gives about the parents is kept with its receipt.

An office sees such a certificate only when its item lists a material that it stands for.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from yijian.actions import contexts
from yijian.actions.certificates import references_of
from yijian.domain import issuing
from yijian.domain.cases import CheckState
from yijian.domain.events import Event, EventKind
from yijian.gateways.registers import Answer
from yijian.records import access
from yijian.records import certificates as records
from yijian.records.certificates import Fetched, ToFetch
from yijian.records.mapping import LoadedCase

PURPOSE = "handle_task"
SEEN = "certificate_file"


def to_fetch(loaded: LoadedCase, answer: Answer) -> list[ToFetch]:
    """What of an answer is kept: certificates that are not here already just as they are."""
    if loaded.key is None or answer.state is not CheckState.FOUND:
        return []
    given = [
        ToFetch(
            role=one.role,
            type=one.type,
            receipt=one.receipt,
            identifier=one.identifier,
            content=one.content,
            digest=one.digest,
            file=one.file,
            media_type=one.media_type,
        )
        for one in answer.certificates
    ]
    known = {
        (one.role, one.type, one.digest)
        for one in records.fetched_of([loaded.id]).get(loaded.id, [])
    }
    return [one for one in given if (one.role, one.type, one.digest) not in known]


def events(fetched: Sequence[ToFetch], now: datetime) -> list[Event]:
    """That they are kept."""
    return [
        Event(
            EventKind.CERTIFICATE_KEPT,
            now,
            "system",
            public={
                "certificate": str(one.id),
                "type": one.type,
                "role": one.role,
                "receipt": one.receipt,
                "digest": one.digest,
            },
        )
        for one in fetched
    ]


def keep(loaded: LoadedCase, fetched: Sequence[ToFetch], *, now: datetime) -> None:
    """Keep them under the key of their case, each instead of the one before."""
    if loaded.key is not None:
        records.keep_fetched(case_id=loaded.id, key=loaded.key, fetched=fetched, now=now)


def file_for_task(
    *, by: Any, task_id: UUID, certificate_id: UUID, now: datetime
) -> tuple[Fetched, bytes]:
    """The file of a parent's certificate for an office whose item it serves; the look is logged.

    Errors: access.Refused, the same for what is absent and for what another item lists.
    """
    opened = access.access_task(by=by, task_id=task_id, purpose=PURPOSE, now=now)
    context = contexts.context_of(opened.case)
    known = references_of([(opened.loaded.id, context)])[opened.loaded.id]
    item = context.pack.items[opened.task.item]
    mine = issuing.for_item(known, item, opened.task.newborn, context.pack)
    found = records.fetched_one(certificate_id)
    if found is None or str(certificate_id) not in {one.id for one in mine if one.role}:
        raise access.Refused
    if opened.loaded.key is None:
        raise access.Refused
    data = records.fetched_file(certificate_id, opened.loaded.key)
    if data is None:
        raise access.Refused
    access.note_read(
        by=by, what=SEEN, case_id=opened.loaded.id, purpose=PURPOSE, now=now, task_id=task_id
    )
    return found, data

"""应出文书: what has become due is worded and kept in the commit that gives rise to it.

Only the words are fixed here; setting them as files is a job. Whatever goes wrong with the words
of one document stops nobody's case: the document then waits for a person.
"""

import logging
from collections.abc import Iterator, Sequence
from datetime import datetime
from uuid import UUID

from yijian.actions import contexts, waking
from yijian.actions.happened import Happened
from yijian.domain.cases import Case
from yijian.domain.context import Context
from yijian.domain.document_specs import NO_SEAL
from yijian.domain.documents import Content
from yijian.domain.events import Event, EventKind
from yijian.domain.paperwork import DueDocument, content_of, due_documents
from yijian.domain.states import Stage
from yijian.records import crypto, documents
from yijian.records.documents import Wanted

LANGUAGE = "zh"
_log = logging.getLogger(__name__)


def follow(happened: Sequence[Happened], now: datetime) -> None:
    """Keep every document that has become due in a batch."""
    wanted = [
        one
        for each in happened
        if each.loaded.key is not None and not each.after.origin
        for one in due_now(each.after, each.events, each.context, each.loaded.key, now)
    ]
    if wanted and documents.ask(wanted, now=now):
        waking.wake_setter()


def due_now(
    case: Case, events: Sequence[Event], context: Context, key: crypto.Key, now: datetime
) -> Iterator[Wanted]:
    """What `events` have made due in this case, worded."""
    for due in due_documents(case, _with_reopened(case, events, now), context, now):
        yield wanted_of(due, case, context, key, now)


def wanted_of(
    due: DueDocument, case: Case, context: Context, key: crypto.Key, now: datetime
) -> Wanted:
    """One due document with its words, as it is kept."""
    spec = context.pack.documents[due.kind]
    filed = spec.filed
    content = _content(due, case, context, now)
    return Wanted(
        UUID(case.id),
        key,
        due.kind,
        due.about,
        content.title if content is not None else spec.title.zh,
        content,
        due.occasion,
        case.form_version,
        item=(filed.item if filed and filed.item else due.item),
        newborn=due.newborn,
        language=LANGUAGE,
        readers=spec.readers,
        folder=filed.folder if filed else "",
        office=due.office or "",
        sealed_by=(due.office or "") if spec.seal != NO_SEAL else "",
        unless_same=is_signed_occasion(due.occasion),
        once=not spec.again,
    )


def is_signed_occasion(occasion: str) -> bool:
    """Whether a document of this occasion is one that is about to be signed."""
    return occasion == EventKind.SIGNING_OPENED.value


def _content(due: DueDocument, case: Case, context: Context, now: datetime) -> Content | None:
    try:
        return content_of(
            due,
            case,
            context,
            now,
            LANGUAGE,
            link=contexts.case_link(case),
            places=contexts.places(),
        )
    except Exception as fault:  # A wrong template must not stop a family.
        _log.error("document %s could not be worded: %s", due.kind, type(fault).__name__)
        return None


def _with_reopened(case: Case, events: Sequence[Event], now: datetime) -> Sequence[Event]:
    """A register's answer during signing changes what is signed, as if it were opened anew."""
    kinds = {event.kind for event in events}
    answered = any(
        event.kind is EventKind.REGISTER_ANSWERED and event.sealed.get("values") for event in events
    )
    if case.stage is not Stage.SIGNING or not answered or EventKind.SIGNING_OPENED in kinds:
        return events
    return [*events, Event(EventKind.SIGNING_OPENED, now, "system")]

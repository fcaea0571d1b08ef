"""证照变动: who hears what becomes of a certificate: every office told of it, the node it is for.

A certificate is issued where its office acts. The node a case came from keeps the very same one
and hears of it here; the offices of later items hear when it is replaced or revoked.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import cast
from uuid import UUID

from yijian.actions.certificate_faces import FROM
from yijian.actions.certificates import told as told_of
from yijian.actions.dispatching import reach_of
from yijian.domain import issued_elsewhere as elsewhere
from yijian.domain import issuing
from yijian.domain.cases import Case
from yijian.domain.certificates import CertificateReference, CertificateState
from yijian.domain.context import Context
from yijian.domain.envelopes import CERTIFICATE_CHANGED, CERTIFICATE_ISSUED, PARCEL_MOVED
from yijian.domain.events import Event, EventKind, TaskKey
from yijian.domain.issued_elsewhere import FaceAnnounced, FaceFile
from yijian.domain.receiving import by_node
from yijian.records import certificates
from yijian.records.cases import Outgoing
from yijian.records.documents import Document, File
from yijian.records.identifiers import task_id
from yijian.records.mapping import LoadedCase

FACES = "certificate:"
"""How the documents that are a certificate's faces begin to say what they are about."""


def to_offices(
    case: Case,
    events: Sequence[Event],
    context: Context,
    now: datetime,
    references: Iterable[CertificateReference],
    known: Mapping[TaskKey, str | None],
) -> Iterator[Outgoing]:
    """Every office without a desk that was told of a certificate hears that it has ended."""
    for event in events:
        type_ = context.pack.certificates.get(str(event.public.get("type")))
        if event.kind is not EventKind.CERTIFICATE_ENDED or event.task is None or type_ is None:
            continue
        shown = [_as_ended(one, event) for one in references]
        for key in issuing.concerned(case, type_, event.task[1], context.pack):
            reach = reach_of(case, key, context, now, known)
            if reach is None or reach.destination is None:
                continue
            payload: dict[str, object] = {
                "task_id": str(task_id(case.id, key)),
                "certificate": event.public["certificate"],
                "identifier": event.sealed.get("identifier", ""),
                "state": event.public["state"],
                "certificates": [
                    *cast(Sequence[object], case.received.get(key, {}).get("certificates") or ()),
                    *told_of(case, key[0], key[1], context, shown),
                ],
            }
            intent = f"certificate:{event.public['certificate']}"
            yield Outgoing(reach.destination, CERTIFICATE_CHANGED, intent, payload, key)


def to_issuer(case: Case, events: Iterable[Event]) -> Iterator[Outgoing]:
    """The node that issued a certificate hears whose citizen number it belongs to by now."""
    for event in events:
        issuer = event.public.get(FROM)
        if event.kind is not EventKind.CERTIFICATE_LINKED or not issuer or event.task is None:
            continue
        data: dict[str, object] = {
            "task_id": str(task_id(case.id, event.task)),
            "certificate": event.public["certificate"],
            "type": event.public["type"],
            "state": CertificateState.VALID.value,
            "holder_number": event.sealed["holder_number"],
        }
        intent = f"linked:{event.public['certificate']}"
        yield Outgoing(str(issuer), CERTIFICATE_CHANGED, intent, data, event.task)


def _as_ended(one: CertificateReference, event: Event) -> CertificateReference:
    ended = one.id == event.public["certificate"]
    return replace(one, state=CertificateState(str(event.public["state"]))) if ended else one


def to_origin(case: Case, events: Sequence[Event]) -> Iterator[Outgoing]:
    """The node a case came from hears of certificates and parcels of its tasks, in their order."""
    if not case.origin:
        return
    following = {
        id(found)
        for event in events
        if event.kind is EventKind.CERTIFICATE_ENDED
        and (found := elsewhere.following_of(event, events))
    }
    for event in events:
        if event.task is None or event.by == by_node(case.origin):
            continue
        task = str(task_id(case.id, event.task))
        if event.kind is EventKind.CERTIFICATE_KEPT and FROM not in event.public:
            if id(event) not in following:
                data, intent = elsewhere.issued(task, event), f"issued:{_named(event)}"
                yield Outgoing(case.origin, CERTIFICATE_ISSUED, intent, data, event.task)
        elif event.kind is EventKind.CERTIFICATE_ENDED:
            replacement = elsewhere.following_of(event, events)
            data, intent = elsewhere.changed(task, event, replacement), f"ended:{_named(event)}"
            yield Outgoing(case.origin, CERTIFICATE_CHANGED, intent, data, event.task)
        elif event.kind is EventKind.PARCEL_MOVED:
            yield _parcel(case, event, task)


def _named(event: Event) -> object:
    return event.public["certificate"]


def _parcel(case: Case, event: Event, task: str) -> Outgoing:
    assert event.task is not None
    parcel = case.parcels[event.task]
    data: dict[str, object] = {
        "task_id": task,
        "state": event.public["to"],
        "option": parcel.option,
        "at": event.at,
    }
    if event.public.get("proof"):
        data["proof"] = event.public["proof"]
    if event.sealed.get("tracking"):
        data["tracking"] = event.sealed["tracking"]
    moment = event.at.timestamp()
    intent = f"parcel:{event.public['to']}:{moment:.6f}"
    return Outgoing(case.origin, PARCEL_MOVED, intent, data, event.task)


def of_files(
    loaded: LoadedCase,
    events: Iterable[Event],
    documents: Mapping[UUID, Document],
    files: Mapping[UUID, Mapping[str, File]],
) -> list[Outgoing]:
    """The node a case came from hears which files of its certificates can be fetched now."""
    case, found = loaded.case, []
    if not case.origin:
        return []
    standing = {
        one.identifier.rsplit(".", 2)[0]: str(one.id)
        for one in certificates.of_cases([loaded.id]).get(loaded.id, [])
        if one.state is not CertificateState.REPLACED and not one.received_from
    }
    for event in events:
        document = documents.get(UUID(str(event.public["document"])))
        if document is None or event.task is None or document.replaced_at is not None:
            continue
        stem, _, face = document.about.removeprefix(FACES).rpartition(":")
        if not document.about.startswith(FACES) or stem not in standing:
            continue
        made = FaceAnnounced(
            certificate=standing[stem],
            face=face,
            document=str(document.id),
            pages=max(document.pages, 1),
            files=tuple(
                FaceFile(name, file.sha256.hex(), len(file.data))
                for name, file in sorted(files[document.id].items())
            ),
        )
        data = elsewhere.announced(str(task_id(case.id, event.task)), made)
        intent = f"files:{document.id}"
        found.append(Outgoing(case.origin, CERTIFICATE_ISSUED, intent, data, event.task))
    return found

"""别处的办理结果: certificates, their files and parcels of a task that another node handles.

The node a case belongs to keeps the very certificate that was issued where the office acted, and
follows its parcel. The certificate's next users hear of a change wherever they are. Everything is
refused that is not about the sender's own task, or is not what it says.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import cast
from uuid import UUID

from django.db import transaction

from yijian.actions import certificate_faces, certificates, waking
from yijian.actions import documents as document_actions
from yijian.actions.certificate_faces import FROM
from yijian.domain import issued_elsewhere as elsewhere
from yijian.domain import issuing, parcels_elsewhere
from yijian.domain.cases import Case
from yijian.domain.certificates import Certificate, CertificateState
from yijian.domain.context import Context, RefusedError
from yijian.domain.events import Event, EventKind, TaskKey
from yijian.domain.receiving import by_node
from yijian.domain.results import facts_given
from yijian.records import cases as case_records
from yijian.records import certificates as records
from yijian.records import documents, received_files
from yijian.records.certificates import Standing
from yijian.records.documents import Settled
from yijian.records.identifiers import task_id
from yijian.records.mapping import LoadedCase, value_of
from yijian.records.received_files import AnnouncedFile, Awaited

_CODE = re.compile(r"[a-z][a-z_]{0,39}")


@dataclass(frozen=True, slots=True)
class Told:
    """别处来的消息: what one node says about one task, and the locked case it belongs to.

    `case` is the case after everything decided in this batch so far.
    """

    partner: str
    data: Mapping[str, object] = field(repr=False)
    loaded: LoadedCase
    case: Case
    key: TaskKey
    context: Context
    now: datetime

    @property
    def by(self) -> str:
        """Who acted, as the journal names it."""
        return by_node(self.partner)

    @property
    def standing(self) -> Sequence[Standing]:
        """The certificates that are kept for the case."""
        return records.of_cases([self.loaded.id]).get(self.loaded.id, [])


def parcel_moved(told: Told) -> list[Event]:
    """Where a parcel at another node is. Errors: RefusedError `wrong_data`."""
    return parcels_elsewhere.followed(
        told.case, told.key, told.data, told.by, told.context, told.now
    )


def certificate_issued(told: Told) -> list[Event]:
    """A certificate was issued at another node, or its files are there; nothing when it is known.

    Errors: RefusedError `wrong_certificate`, `wrong_files`, `result_taken`, `certificate_exists`.
    """
    if "files" in told.data:
        _announced(told)
        return []
    issued = elsewhere.read_issued(told.data, told.key[0], told.context.pack).certificate
    return _kept(told, issued, None)


def certificate_changed(told: Told) -> list[Event]:
    """A certificate was replaced or revoked at the node that issued it.

    Errors: RefusedError `wrong_certificate`, `result_taken`.
    """
    state = elsewhere.read_state(told.data)
    before = records.by_id(_identifier(told.data))
    events: list[Event] = []
    if before is not None:
        if (before.case_id, before.received_from) != (told.loaded.id, told.partner):
            raise RefusedError("wrong_certificate", "certificate")
        if before.state is not CertificateState.VALID:
            return []
        events.append(_ended(told, before, state))
    if state is CertificateState.REPLACED:
        described = told.data.get("replacement")
        if not isinstance(described, Mapping):
            raise RefusedError("wrong_certificate", "replacement")
        made = elsewhere.read_issued(described, told.key[0], told.context.pack).certificate
        if before is not None and made.supersedes != before.identifier:
            raise RefusedError("wrong_certificate", "replacement")
        events += _kept(told, made, before)
    return events


def _kept(told: Told, made: Certificate, replaced: Standing | None) -> list[Event]:
    stem = str(made.identifier).rsplit(".", 2)[0]
    for one in told.standing:
        same = one.identifier.rsplit(".", 2)[0] == stem
        if one.id == UUID(made.id) or (same and one.version >= made.identifier.version):
            return []
        valid = one.state is CertificateState.VALID and (one.type, one.newborn) == (
            made.type,
            told.key[1],
        )
        if valid and (replaced is None or replaced.id != one.id):
            raise RefusedError("certificate_exists", "certificate")
    if records.by_identifier(str(made.identifier)) is not None:
        raise RefusedError("wrong_certificate", "identifier")
    taken = records.taken(_digests(made), received_for=told.loaded.id)
    if (made.type, records.number_hash(made.number)) in taken:
        raise RefusedError("result_taken", "number")
    kept = issuing.kept(made, told.key, told.by, told.now)
    public = {**kept.public, FROM: told.partner}
    sealed = dict(kept.sealed)
    if replaced is not None:
        sealed |= {"replaces": str(replaced.id)} | _new_number(told, made)
    return [Event(kept.kind, told.now, told.by, told.key, public, sealed)]


def _digests(made: Certificate) -> list[bytes]:
    return [records.number_hash(made.number)] if made.number else []


def _new_number(told: Told, made: Certificate) -> dict[str, object]:
    """What a replacement with another number changes about the result of its task."""
    type_ = told.context.pack.certificates[made.type]
    known = told.case.results.get(told.key, {}).get(type_.number or "")
    if not type_.number or not made.number or known == made.number:
        return {}
    item, given = told.context.pack.items[told.key[0]], {type_.number: made.number}
    return {"result": given, "gives": facts_given(item, given, told.key[1], told.context)}


def _ended(told: Told, before: Standing, state: CertificateState) -> Event:
    reason = told.data.get("reason")
    public: dict[str, object] = {
        "certificate": str(before.id),
        "type": before.type,
        "state": state.value,
        # A code and nothing else: the journal keeps it for ever.
        "reason": reason if isinstance(reason, str) and _CODE.fullmatch(reason) else "",
        FROM: told.partner,
    }
    following = told.data.get("replacement")
    if state is CertificateState.REPLACED and isinstance(following, Mapping):
        public["replaced_by"] = str(_identifier(following))
    sealed = {"identifier": before.identifier}
    return Event(EventKind.CERTIFICATE_ENDED, told.now, told.by, told.key, public, sealed)


def _type(value: object, context: Context) -> str:
    return value if isinstance(value, str) and value in context.pack.certificates else ""


def _identifier(data: Mapping[str, object]) -> UUID:
    try:
        return UUID(str(data.get("certificate")))
    except ValueError:
        raise RefusedError("wrong_certificate", "certificate") from None


def _announced(told: Told) -> None:
    """Let a worker fetch the files of a face; nothing when they are not awaited any more."""
    standing = records.by_id(_identifier(told.data))
    if standing is None or standing.case_id != told.loaded.id:
        raise RefusedError("wrong_files", "certificate")
    type_ = told.context.pack.certificates.get(standing.type)
    faces = [face.id for face in type_.faces] if type_ else []
    face = elsewhere.read_announced(told.data, faces)
    if standing.received_from != told.partner or standing.state is CertificateState.REPLACED:
        return
    received_files.announce(
        case_id=told.loaded.id,
        task_id=task_id(told.case.id, told.key),
        partner=told.partner,
        about=certificate_faces.about(standing.identifier, face.face),
        remote=UUID(face.document),
        pages=face.pages,
        files={file.name: AnnouncedFile(file.sha256, file.bytes) for file in face.files},
        now=told.now,
    )
    waking.wake_file_fetcher()


def heard_of_change(told: Told) -> list[Event]:
    """What the node a case came from says about a certificate that an office here was told of.

    Its own certificate's holder may have become known there. Errors: RefusedError
    `wrong_certificate`.
    """
    identifier = _identifier(told.data)
    own = records.by_id(identifier)
    number = told.data.get("holder_number")
    if own is not None and own.case_id == told.loaded.id:
        return _linked(told, own, number) if isinstance(number, str) and number else []
    state = elsewhere.read_state(told.data)
    received = told.case.received.get(told.key, {})
    shown = cast(Sequence[Mapping[str, object]], received.get("certificates") or ())
    known = next((one for one in shown if one.get("id") == str(identifier)), None)
    if known is None or known.get("state") != CertificateState.VALID.value:
        return []
    now_shown = told.data.get("certificates")
    if not isinstance(now_shown, list) or not all(isinstance(one, Mapping) for one in now_shown):
        raise RefusedError("wrong_certificate", "certificates")
    public: dict[str, object] = {
        "certificate": str(identifier),
        "type": _type(known.get("type"), told.context),
        "state": state.value,
        FROM: told.partner,
    }
    sealed = {
        "identifier": str(known.get("identifier") or ""),
        "received": {**received, "certificates": now_shown},
    }
    return [Event(EventKind.CERTIFICATE_ENDED, told.now, told.by, told.key, public, sealed)]


def _linked(told: Told, own: Standing, number: str) -> list[Event]:
    opened = None if own.linked else records.opened(own, told.loaded.key)
    if opened is None:
        return []
    return [certificates.linked(opened, number, told.by, told.now)]


def held_of(loaded: LoadedCase, key: TaskKey, context: Context) -> list[dict[str, object]]:
    """Every standing certificate of a task, as it would be told to another node."""
    found = []
    for one in records.of_cases([loaded.id]).get(loaded.id, []):
        opened = records.opened(one, loaded.key) if (one.item, one.newborn) == key else None
        if opened is None or one.state is CertificateState.REPLACED:
            continue
        type_ = context.pack.certificates.get(one.type)
        number = value_of(loaded.case, type_.holder_number, one.newborn) if type_ else None
        event = issuing.kept(opened.certificate, key, "system", one.issued_at)
        sealed = {**event.sealed, "holder_number": str(number or "")}
        whole = Event(event.kind, event.at, event.by, key, event.public, sealed)
        found.append(elsewhere.issued(str(task_id(loaded.case.id, key)), whole))
    return found


def take_files(one: Awaited, files: Mapping[str, bytes], *, now: datetime) -> None:
    """The fetched and checked files become the document that waits for them, in one commit.

    A document that was replaced meanwhile gets nothing.
    """
    with transaction.atomic():
        case_records.load(ids=[one.case_id])
        if received_files.still_awaited(one.document):
            settled = Settled(
                one.document,
                one.case_id,
                documents.READY,
                files={name: document_actions.file(data) for name, data in files.items()},
                pages=one.pages,
                source="received",
            )
            document_actions.finish([settled], now=now, by=by_node(one.partner))
        received_files.settle(fetched=[one.id], now=now)


@dataclass(frozen=True, slots=True)
class IssuedFile:
    """签发的文件: one file of a certificate that was issued here, for the node its case is from."""

    data: bytes = field(repr=False)
    media_type: str


MEDIA = {"pdf": "application/pdf", "ofd": "application/ofd", "ses": "application/octet-stream"}


def issued_file(
    *, partner: str, loaded: LoadedCase, key: TaskKey, document: UUID, format: str
) -> IssuedFile | None:
    """A certificate's file for the node that sent its task; None for everybody and all else."""
    if not partner or loaded.case.origin != partner or loaded.key is None or format not in MEDIA:
        return None
    found = documents.one(document)
    if found is None or (found.case_id, (found.item, found.newborn)) != (loaded.id, key):
        return None
    if not found.about.startswith("certificate:"):
        return None
    data = documents.file_of(key=loaded.key, document_id=document, format=format)
    return IssuedFile(data, MEDIA[format]) if data is not None else None

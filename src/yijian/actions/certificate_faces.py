"""照面文件: the faces of certificates are asked to be set as files in the commit that keeps them."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from yijian.actions import certificate_tokens, waking
from yijian.actions.happened import Happened
from yijian.domain import issuing
from yijian.domain.certificates import Certificate, certificate_of
from yijian.domain.events import Event, EventKind
from yijian.domain.faces import face_content, kind_of, title_of
from yijian.records import documents
from yijian.records.documents import Wanted

FOLDER = "办理结果"
FROM = "issued_by"
"""The node that issued a certificate which is kept here, in the event that keeps it."""


def ask(happened: Sequence[Happened], now: datetime) -> None:
    """Let a worker set every face of every certificate that has just been kept."""
    wanted = [one for each in happened for one in _wanted(each)]
    if wanted:
        documents.ask(wanted, now=now)
        waking.wake_setter()


def about(identifier: str, face: str) -> str:
    """What the document of a face is about; a new version of the certificate has the same."""
    return f"certificate:{identifier.rsplit('.', 2)[0]}:{face}"


def _wanted(happened: Happened) -> Iterable[Wanted]:
    if happened.loaded.key is None:
        return
    for event in happened.events:
        content = event.sealed.get("content")
        if event.kind is EventKind.CERTIFICATE_KEPT and isinstance(content, dict):
            made = certificate_of(str(event.public["certificate"]), content)
            yield from _faces(happened, event, made)


def _faces(happened: Happened, event: Event, made: Certificate) -> Iterable[Wanted]:
    key, pack = happened.loaded.key, happened.context.pack
    type_ = pack.certificates[made.type]
    elsewhere = FROM in event.public
    address = "" if elsewhere else certificate_tokens.address_of(certificate_tokens.token_of(made))
    assert key is not None
    for face in type_.faces:
        yield Wanted(
            case_id=happened.loaded.id,
            key=key,
            kind=kind_of(type_, face),
            about=about(str(made.identifier), face.id),
            title=title_of(type_, face),
            content=None
            if elsewhere
            else face_content(made, type_, face, pack, address=address, now=event.at),
            occasion=event.kind.value,
            form_version=happened.after.form_version,
            item=type_.item,
            newborn=event.task[1] if event.task else 0,
            readers=(documents.FAMILY, *issuing.users_of(type_, pack)),
            folder=FOLDER,
            office=made.issuer.office,
            sealed_by=made.issuer.office,
            elsewhere=elsewhere,
        )

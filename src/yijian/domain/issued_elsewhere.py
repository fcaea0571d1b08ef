"""别处签发的证照: what a node tells the one a case came from about a certificate, and back.

A certificate is issued once, where its office acts. The node above keeps the very same one: same
identifier, same content, same digest. Whoever takes it in checks that it is what it says.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import cast

from yijian.domain.certificates import (
    Certificate,
    CertificateState,
    CertificateType,
    IdentifierError,
    certificate_of,
)
from yijian.domain.context import RefusedError
from yijian.domain.events import Event, EventKind
from yijian.domain.policy import Pack

FORMATS = ("pdf", "ofd", "ses")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
LARGEST_FILE_BYTES = 20_000_000


@dataclass(frozen=True, slots=True)
class IssuedElsewhere:
    """别处签发的一张证照: the certificate as its issuer's node describes it, and whose it is."""

    certificate: Certificate = field(repr=False)

    @property
    def id(self) -> str:
        """The identifier of its row, the same at every node."""
        return self.certificate.id


@dataclass(frozen=True, slots=True)
class FaceFile:
    """照面文件: one file of one face as its node announces it; `name` is its format."""

    name: str
    sha256: str
    bytes: int


@dataclass(frozen=True, slots=True)
class FaceAnnounced:
    """照面文件到齐的通知: the files of one face of one certificate, and under which id they lie."""

    certificate: str
    face: str
    document: str
    pages: int
    files: tuple[FaceFile, ...]


def issued(task: str, event: Event) -> dict[str, object]:
    """A certificate that has just been kept, as the data of a message."""
    return {"task_id": task, "at": event.at, **_described(event)}


def changed(task: str, event: Event, following: Event | None) -> dict[str, object]:
    """A certificate that has ended, with the one that stands for it now."""
    data: dict[str, object] = {
        "task_id": task,
        "at": event.at,
        "certificate": event.public["certificate"],
        "type": event.public["type"],
        "state": event.public["state"],
        "reason": event.public.get("reason", ""),
    }
    if following is not None:
        data["replacement"] = _described(following)
        data["result"] = dict(cast(Mapping[str, object], following.sealed.get("result") or {}))
    return data


def announced(task: str, face: FaceAnnounced) -> dict[str, object]:
    """The files of a face, as the data of a message."""
    return {
        "task_id": task,
        "certificate": face.certificate,
        "face": face.face,
        "document": face.document,
        "pages": face.pages,
        "files": [
            {"format": file.name, "sha256": file.sha256, "bytes": file.bytes} for file in face.files
        ],
    }


def _described(event: Event) -> dict[str, object]:
    return {
        "certificate": event.public["certificate"],
        "type": event.public["type"],
        "identifier": event.public["identifier"],
        "digest": event.public["digest"],
        "content": dict(cast(Mapping[str, object], event.sealed["content"])),
        "holder_number": event.sealed.get("holder_number") or "",
    }


def read_issued(data: Mapping[str, object], item: str, pack: Pack) -> IssuedElsewhere:
    """The certificate that a message describes, once it is what it says.

    Errors: RefusedError `wrong_certificate` with what is wrong with it.
    """
    identifier, content = data.get("certificate"), data.get("content")
    if not isinstance(identifier, str) or not _UUID.fullmatch(identifier):
        raise RefusedError("wrong_certificate", "certificate")
    if not isinstance(content, Mapping):
        raise RefusedError("wrong_certificate", "content")
    try:
        made = certificate_of(identifier, content, str(data.get("holder_number") or ""))
    except (KeyError, ValueError, AssertionError, IdentifierError):
        raise RefusedError("wrong_certificate", "content") from None
    type_ = type_of(made.type, item, pack)
    if made.identifier.type_code != type_.type_code:
        raise RefusedError("wrong_certificate", "identifier")
    if made.digest != data.get("digest") or str(made.identifier) != data.get("identifier"):
        raise RefusedError("wrong_certificate", "digest")
    return IssuedElsewhere(made)


def type_of(name: str, item: str, pack: Pack) -> CertificateType:
    """The type of certificate that this item gives. Errors: RefusedError `wrong_certificate`."""
    type_ = pack.certificates.get(name)
    if type_ is None or type_.item != item:
        raise RefusedError("wrong_certificate", "type")
    return type_


def read_state(data: Mapping[str, object]) -> CertificateState:
    """How a certificate has ended. Errors: RefusedError `wrong_certificate`."""
    said = data.get("state")
    for state in (CertificateState.REPLACED, CertificateState.REVOKED):
        if said == state.value:
            return state
    raise RefusedError("wrong_certificate", "state")


def read_announced(data: Mapping[str, object], faces: Iterable[str]) -> FaceAnnounced:
    """The files of a face. Errors: RefusedError `wrong_files` with what is wrong with them."""
    face, document, files = data.get("face"), data.get("document"), data.get("files")
    if face not in set(faces):
        raise RefusedError("wrong_files", "face")
    if not isinstance(document, str) or not _UUID.fullmatch(document):
        raise RefusedError("wrong_files", "document")
    if not isinstance(files, Sequence) or isinstance(files, str):
        raise RefusedError("wrong_files", "files")
    found = tuple(_files(files))
    if "pdf" not in {file.name for file in found} or len({f.name for f in found}) < len(found):
        raise RefusedError("wrong_files", "files")
    pages = data.get("pages")
    return FaceAnnounced(
        str(data.get("certificate")),
        str(face),
        document,
        pages if isinstance(pages, int) and 0 < pages < 1000 else 1,
        found,
    )


def _files(files: Sequence[object]) -> Iterator[FaceFile]:
    for file in files:
        told = cast(Mapping[str, object], file) if isinstance(file, Mapping) else {}
        name, sha256, size = told.get("format"), told.get("sha256"), told.get("bytes")
        if name not in FORMATS or not isinstance(sha256, str) or not _SHA256.fullmatch(sha256):
            raise RefusedError("wrong_files", "files")
        if not isinstance(size, int) or not 0 < size <= LARGEST_FILE_BYTES:
            raise RefusedError("wrong_files", "bytes")
        yield FaceFile(str(name), sha256, size)


def following_of(event: Event, events: Iterable[Event]) -> Event | None:
    """The certificate kept instead of one that has ended, in the same commit."""
    for other in events:
        if other.kind is EventKind.CERTIFICATE_KEPT and other.public[
            "certificate"
        ] == event.public.get("replaced_by"):
            return other
    return None

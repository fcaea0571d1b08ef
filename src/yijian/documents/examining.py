"""验真: what kind of file this is, who sealed it and when, and everything that is wrong with it.

It needs nothing but the file and the certificates and keys that are trusted: no database, no
network. What is unknown is a fault, never a silent pass.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from yijian.documents.archive import checks
from yijian.documents.ofd.package import ENTRY, OfdError, parts
from yijian.documents.offline_verifier import NotAPackageError, files_of
from yijian.documents.seals.checking_pdf import examine_pdf
from yijian.documents.seals.findings import SAYS, Examined, Fault, Finding, SealFound
from yijian.documents.seals.ofd import examine_ofd

PDF_BEGINS_WITHIN = 1024
RECORD_SUFFIX = ".ses"
"""What the name of an SM2 signature adds to that of the document beside it."""


class Kind(StrEnum):
    """What a file is."""

    PDF = "PDF"
    OFD = "OFD"
    PACKAGE = "档案包 package"
    UNKNOWN = "未知 unknown"


@dataclass(frozen=True, slots=True)
class Trusted:
    """Whom we believe: authorities of seals as DER, and nodes' keys by their fingerprint."""

    authorities: Sequence[bytes] = ()
    keys: Mapping[str, bytes] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Complaint:
    """One fault: its name, where it is, and what it says to people in Chinese and English."""

    name: str
    where: str
    says: str
    says_en: str = ""


@dataclass(frozen=True, slots=True)
class Examination:
    """Everything that examining a file has found."""

    kind: Kind
    seals: tuple[SealFound, ...]
    complaints: tuple[Complaint, ...]

    @property
    def is_sound(self) -> bool:
        return not self.complaints


NOBODY = Trusted()


def examine(data: bytes, *, trusted: Trusted = NOBODY, record: bytes | None = None) -> Examination:
    """Examine a file; `record` is the SM2 signature kept beside a PDF."""
    kind = kind_of(data)
    if kind is Kind.PDF:
        return _of_seals(kind, examine_pdf(data, trusted=trusted.authorities, record=record))
    if kind is Kind.OFD:
        return _of_seals(kind, examine_ofd(data, trusted=trusted.authorities))
    if kind is Kind.PACKAGE:
        return _of_package(data, trusted)
    return Examination(kind, (), (_complaint(Finding(Fault.BROKEN)),))


def kind_of(data: bytes) -> Kind:
    """What kind of file this is, by what it holds; its name is never asked."""
    if b"%PDF-" in data[:PDF_BEGINS_WITHIN]:
        return Kind.PDF
    if checks.is_package(data):
        return Kind.PACKAGE
    try:
        is_ofd = ENTRY in parts(data)
    except OfdError:
        # A package that hides something is an OFD when it says so; its reader names the fault.
        is_ofd = data.startswith(b"PK") and ENTRY.encode() in data
    return Kind.OFD if is_ofd else Kind.UNKNOWN


def _of_seals(kind: Kind, examined: Examined) -> Examination:
    return Examination(kind, examined.seals, tuple(map(_complaint, examined.findings)))


def _complaint(finding: Finding) -> Complaint:
    says, says_en = SAYS[finding.fault]
    return Complaint(finding.fault.value, finding.where, says, says_en)


def _of_package(data: bytes, trusted: Trusted) -> Examination:
    """The four checks of an archive package, and every sealed document in it.

    Without a key nobody can say who packed it, which is a fault and not a silent pass.
    """
    found = checks.examine(data, keys=trusted.keys)
    complaints = [
        Complaint(each.id, each.title, each.evidence)
        for each in found
        if each.result is checks.Result.FAILED
    ]
    if not trusted.keys:
        complaints.append(_complaint(Finding(Fault.UNKNOWN_ISSUER)))
    seals: list[SealFound] = []
    for path, document in _sealed_in(data, trusted):
        seals += (replace(each, where=f"{path} {each.where}") for each in document.seals)
        complaints += (
            replace(each, where=f"{path} {each.where}".strip()) for each in document.complaints
        )
    return Examination(Kind.PACKAGE, tuple(seals), tuple(complaints))


def _sealed_in(data: bytes, trusted: Trusted) -> Iterator[tuple[str, Examination]]:
    """The documents of a package that bear seals; what bears none is vouched for by the package."""
    try:
        files = files_of(data)
    except NotAPackageError:
        return
    for path, content in files.items():
        if kind_of(content) in (Kind.PDF, Kind.OFD):
            record = files.get(path + RECORD_SUFFIX)
            found = examine(content, trusted=trusted, record=record)
            if all(each.name != Fault.NOT_SEALED.value for each in found.complaints):
                yield path, found

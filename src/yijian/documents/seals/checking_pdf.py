"""PDF 验章: every seal of a PDF, whether it covers all of it, and what came after."""

from __future__ import annotations

import io
import re
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from asn1crypto import x509
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.ades.report import AdESIndeterminate
from pyhanko.sign.diff_analysis import DiffResult, ModificationLevel
from pyhanko.sign.general import CMSExtractionError, CMSStructuralError
from pyhanko.sign.validation.errors import SignatureValidationError
from pyhanko.sign.validation.generic_cms import validate_sig_integrity
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature
from pyhanko.sign.validation.status import SignatureCoverageLevel

from yijian.documents.seals import sm2, trust
from yijian.documents.seals.checking_ses import Claimed, examine_ses
from yijian.documents.seals.findings import Examined, Fault, Finding, SealFound
from yijian.documents.seals.pdf import RECORD_COVERS

LARGEST = 32 * 1024 * 1024
LARGEST_INFLATED = 128 * 1024 * 1024
STRONG = frozenset({"sha256", "sha384", "sha512"})
_CHUNK = 64 * 1024
_STREAM = re.compile(rb"stream\r?\n")
_UNREADABLE = (
    PdfError,
    CMSExtractionError,
    CMSStructuralError,
    ValueError,
    TypeError,
    KeyError,
    IndexError,
    AttributeError,
    AssertionError,
    OverflowError,
    RecursionError,
    NotImplementedError,
    zlib.error,
)
"""A file made to be unreadable can stumble anywhere in the libraries that read it."""


@dataclass(frozen=True, slots=True)
class _Seal:
    """One seal of the file being examined."""

    embedded: EmbeddedPdfSignature
    where: str
    at: datetime | None


def examine_pdf(
    pdf: bytes, *, trusted: Sequence[bytes] = (), record: bytes | None = None
) -> Examined:
    """Every seal of the PDF and every fault; `record` is the SM2 signature kept beside it.

    `trusted` are the certificates of authorities, as DER.
    """
    if len(pdf) > LARGEST or _inflates_too_far(pdf):
        return Examined((), (Finding(Fault.BROKEN),))
    seals: list[SealFound] = []
    findings: list[Finding] = []
    where = ""
    try:
        embedded = PdfFileReader(io.BytesIO(pdf)).embedded_regular_signatures
        for position, each in enumerate(embedded):
            where = each.field_name
            seal = _Seal(each, where, each.self_reported_timestamp)
            findings += _faults(seal, pdf, trusted, is_last=position == len(embedded) - 1)
            seals.append(_described(seal))
        if not embedded:
            findings.append(Finding(Fault.NOT_SEALED))
    except SignatureValidationError as refused:
        findings.append(Finding(_named(refused), where))
    except _UNREADABLE:
        findings.append(Finding(Fault.BROKEN, where))
    if record is not None:
        seal_found, faults = _of_record(pdf, record, trusted)
        seals += [seal_found] if seal_found is not None else []
        findings += faults
    return Examined(tuple(seals), tuple(dict.fromkeys(findings)))


def _named(refused: SignatureValidationError) -> Fault:
    is_anothers = refused.ades_subindication is AdESIndeterminate.NO_SIGNING_CERTIFICATE_FOUND
    return Fault.WRONG_CERTIFICATE if is_anothers else Fault.BROKEN


def _of_record(
    pdf: bytes, record: bytes, trusted: Sequence[bytes]
) -> tuple[SealFound | None, list[Finding]]:
    claimed = Claimed(sm2.sm3(pdf), RECORD_COVERS)
    found, faults = examine_ses(record, claimed=claimed, trusted=trusted, where="SM2")
    return found, [
        Finding(Fault.RECORD_DIFFERS, each.where) if each.fault is Fault.CHANGED else each
        for each in faults
    ]


def _described(seal: _Seal) -> SealFound:
    certificate: x509.Certificate = seal.embedded.signer_cert
    return SealFound(
        where=seal.where,
        signer=trust.name_of(certificate),
        issuer=trust.issuer_of(certificate),
        signed_at=seal.at,
        algorithm=certificate.public_key.algorithm.upper(),
        is_test=trust.is_test(certificate),
    )


def _faults(
    seal: _Seal, pdf: bytes, trusted: Sequence[bytes], *, is_last: bool
) -> Iterator[Finding]:
    embedded = seal.embedded
    if embedded.md_algorithm not in STRONG:
        yield Finding(Fault.WEAK_ALGORITHM, seal.where)
    if seal.at is None:
        yield Finding(Fault.NO_TIME, seal.where)
    yield from _integrity(seal)
    yield from _coverage(seal, pdf, is_last=is_last)
    certificates = [
        each.chosen for each in embedded.signed_data["certificates"] if each.name == "certificate"
    ]
    yield from trust.faults_of(
        embedded.signer_cert, others=certificates, trusted=trusted, at=seal.at, where=seal.where
    )


def _integrity(seal: _Seal) -> Iterator[Finding]:
    """Whether the bytes are those that were signed, and the signature the certificate's."""
    embedded = seal.embedded
    attributes = {each["type"].native for each in embedded.signer_info["signed_attrs"]}
    if not {"message_digest", "content_type"} <= attributes or not _is_plain(embedded):
        yield Finding(Fault.BROKEN, seal.where)
        return
    if "signing_certificate_v2" not in attributes:
        yield Finding(Fault.WRONG_CERTIFICATE, seal.where)
    intact, valid = validate_sig_integrity(
        embedded.signer_info,
        embedded.signer_cert,
        expected_content_type="data",
        actual_digest=embedded.compute_digest(),
    )
    if not intact:
        yield Finding(Fault.CHANGED, seal.where)
    if not valid:
        yield Finding(Fault.FORGED, seal.where)


def _is_plain(embedded: EmbeddedPdfSignature) -> bool:
    """Whether what no signature protects says what it says in every such signature."""
    signed, info = embedded.signed_data, embedded.signer_info
    digests = [each.dump() for each in signed["digest_algorithms"]]
    return (
        signed["version"].native == info["version"].native == "v1"
        and digests == [info["digest_algorithm"].dump()]
        and len(signed["signer_infos"]) == 1
        and signed["encap_content_info"]["content"].native is None
    )


def _coverage(seal: _Seal, pdf: bytes, *, is_last: bool) -> Iterator[Finding]:
    """Whether the seal covers the file as it was then, and only seals came after it."""
    embedded = seal.embedded
    if not _covers_all_but_itself(embedded, pdf):
        yield Finding(Fault.NOT_COVERED, seal.where)
        return
    end = int(embedded.byte_range[2]) + int(embedded.byte_range[3])
    if end == len(pdf):
        return
    embedded.compute_integrity_info()
    integrity = embedded.summarise_integrity_info()
    if integrity["coverage"] < SignatureCoverageLevel.ENTIRE_REVISION:
        yield Finding(Fault.NOT_COVERED, seal.where)
        return
    changes = integrity["diff_result"]
    harmless = (
        isinstance(changes, DiffResult)
        and changes.modification_level <= ModificationLevel.FORM_FILLING
    )
    if is_last or not harmless:
        yield Finding(Fault.UPDATED_AFTER, seal.where)


def _covers_all_but_itself(embedded: EmbeddedPdfSignature, pdf: bytes) -> bool:
    """Whether the two signed ranges leave out nothing but the signature's own digits."""
    ranges = [int(each) for each in embedded.byte_range]
    if len(ranges) != 4 or ranges[0] != 0 or min(ranges) < 0:
        return False
    before, start, length = ranges[1:]
    own = pdf[before:start]
    return (
        start + length <= len(pdf)
        and own == b"<" + own[1:-1] + b">"
        and bytes.fromhex(own[1:-1].decode("ascii", "replace")) == embedded.pkcs7_content
    )


def _inflates_too_far(pdf: bytes) -> bool:
    """Whether its streams would take more memory than any document; found without taking it."""
    left = LARGEST_INFLATED
    whole = memoryview(pdf)
    for start in _STREAM.finditer(pdf):
        left -= _inflated(whole[start.end() :], left)
        if left < 0:
            return True
    return False


def _inflated(data: memoryview, most: int) -> int:
    """How many bytes come out, until the stream ends, breaks, or has given more than `most`."""
    inflating, found = zlib.decompressobj(), 0
    for begin in range(0, len(data), _CHUNK):
        piece: bytes | memoryview = data[begin : begin + _CHUNK]
        while piece and found <= most and not inflating.eof:
            try:
                found += len(inflating.decompress(piece, _CHUNK))
            except zlib.error:
                return found
            piece = inflating.unconsumed_tail
        if found > most or inflating.eof:
            break
    return found

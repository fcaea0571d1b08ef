"""PDF 盖章: a visible seal with a PAdES B-B signature, added to the file without rewriting it.

Readers of PDF do not know SM2, so the seal inside is ECDSA or RSA with SHA-256. `record_of` makes
the SM2 signature that is kept beside the file.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable, Generator
from datetime import datetime
from typing import Any

from asn1crypto import algos, cms, x509
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.sign.fields import SigFieldSpec, SigSeedSubFilter
from pyhanko.sign.general import as_signing_certificate_v2
from pyhanko.sign.signers.cms_embedder import PdfCMSEmbedder, SigIOSetup, SigObjSetup
from pyhanko.sign.signers.pdf_byterange import SignatureObject

from yijian.documents.seals import (
    Box,
    Holder,
    Seal,
    SealProvider,
    SealRefusedError,
    Spot,
    corner,
    sm2,
    stamped,
    stamping,
)
from yijian.documents.seals.provided import certificates, signed_ofd, signed_pdf, valid_seal
from yijian.documents.seals.structures import seal_signature, to_sign

DIGEST = "sha256"
FIRST = "Seal1"
RECORD_COVERS = "application/pdf"
"""What a record beside a PDF says its digest is of: the whole file."""
_SPARE_BYTES = 1024
_SIGNED_WITH = {"ec": "sha256_ecdsa", "rsa": "sha256_rsa"}


def seal_pdf(
    pdf: bytes,
    *,
    holder: Holder,
    provider: SealProvider,
    at: datetime,
    spot: Spot | None = None,
    reason: str = "",
) -> bytes:
    """The document with the holder's seal; what was there before stays byte for byte.

    Without a `spot` the seal stands in the lower right corner of the last page.
    Errors: SealRefusedError.
    """
    seal = valid_seal(provider, holder, at)
    chain = certificates(*seal.pdf_certificates)

    def sign(attributes: bytes) -> bytes:
        return signed_pdf(provider, seal, chain[0], attributes, at)

    try:
        writer = _Writer(io.BytesIO(pdf), _second_id(pdf, holder, at))
        page_count = int(writer.root["/Pages"]["/Count"])
        if spot is not None and not 1 <= spot.page <= page_count:
            raise SealRefusedError("no_such_page")
        box = stamped(seal, spot or corner(page_count, stamping.page_mm(_last_page(writer))))
        steps = _placed(writer, seal, box)
        placeholder = SignatureObject(
            timestamp=at,
            subfilter=SigSeedSubFilter.PADES,
            name=_title_of(seal),
            reason=reason or None,
            bytes_reserved=2 * (sum(map(len, seal.pdf_certificates)) + _SPARE_BYTES),
        )
        steps.send(SigObjSetup(sig_placeholder=placeholder))
        prepared, output = steps.send(SigIOSetup(md_algorithm=DIGEST))
        steps.send(_cms(prepared.document_digest, chain, sign).dump())
        made: bytes = output.getvalue()
        return made
    except (PdfError, KeyError, ValueError, TypeError, IndexError, AttributeError) as fault:
        raise SealRefusedError("pdf_unreadable") from fault


def record_of(pdf: bytes, *, holder: Holder, provider: SealProvider, at: datetime) -> bytes:
    """The SM2 signature over a finished PDF, as the DER of an SES_Signature (GB/T 38540).

    It is kept beside the file. Errors: SealRefusedError.
    """
    seal = valid_seal(provider, holder, at)
    tbs = to_sign(eseal=seal.eseal, digest=sm2.sm3(pdf), covers=RECORD_COVERS, at=at)
    signature = signed_ofd(provider, seal, tbs, at)
    return seal_signature(tbs, certificate=seal.ofd_certificate, signature=signature)


class _Writer(IncrementalPdfFileWriter):
    """An update that leaves the document's own description alone.

    The library would write the time of its clock into it: the file would be another one each time,
    and its two descriptions would no longer say the same, which PDF/A forbids.
    """

    def __init__(self, stream: io.BytesIO, second_id: bytes) -> None:
        super().__init__(stream)
        self._document_id[1] = generic.ByteStringObject(second_id)

    def _update_meta(self) -> None:
        pass


def _placed(writer: _Writer, seal: Seal, box: Box) -> Generator[Any, Any, None]:
    """The field with the seal's picture in it, and the library's steps that wait to sign it."""
    page_ref = _page(writer, box.page)
    rectangle = stamping.points(
        page_ref.get_object(), (box.x_mm, box.y_mm, box.width_mm, box.height_mm)
    )
    title = _title_of(seal)
    spec = SigFieldSpec(
        _free_name(writer), on_page=box.page - 1, box=rectangle, readable_field_name=title
    )
    steps: Generator[Any, Any, None] = PdfCMSEmbedder(new_field_spec=spec).write_cms(
        spec.sig_field_name, writer
    )
    field_ref = next(steps)
    field = field_ref.get_object()
    size = (rectangle[2] - rectangle[0], rectangle[3] - rectangle[1])
    shown = stamping.appearance(writer, seal.picture, size)
    field[pdf_name("/AP")] = generic.DictionaryObject({pdf_name("/N"): shown})
    field[pdf_name("/F")] = generic.NumberObject(stamping.PRINTED | stamping.LOCKED)
    if spec.sig_field_name == FIRST:
        # After a seal, a change of the structure cannot be told from tampering.
        stamping.tag(writer, field_ref, page_ref, title)
    return steps


def _cms(
    digest: bytes, chain: list[x509.Certificate], sign: Callable[[bytes], bytes]
) -> cms.ContentInfo:
    """The signature itself. Its time stands in the PDF, as PAdES asks, not among the attributes."""
    signer = chain[0]
    with_digest = algos.DigestAlgorithm({"algorithm": DIGEST})
    algorithm = algos.SignedDigestAlgorithm(
        {"algorithm": _SIGNED_WITH[signer.public_key.algorithm]}
    )
    attributes = cms.CMSAttributes(
        [
            _attribute("content_type", "data"),
            _attribute("message_digest", digest),
            _attribute("signing_certificate_v2", as_signing_certificate_v2(signer)),
            _attribute(
                "cms_algorithm_protection",
                cms.CMSAlgorithmProtection(
                    {"digest_algorithm": with_digest, "signature_algorithm": algorithm}
                ),
            ),
        ]
    )
    signer_info = cms.SignerInfo(
        {
            "version": "v1",
            "sid": cms.SignerIdentifier(
                {
                    "issuer_and_serial_number": cms.IssuerAndSerialNumber(
                        {"issuer": signer.issuer, "serial_number": signer.serial_number}
                    )
                }
            ),
            "digest_algorithm": with_digest,
            "signed_attrs": attributes,
            "signature_algorithm": algorithm,
            "signature": sign(attributes.dump()),
        }
    )
    signed = cms.SignedData(
        {
            "version": "v1",
            "digest_algorithms": [with_digest],
            "encap_content_info": {"content_type": "data"},
            # Whoever trusts the root has it; nobody else can check the one that is sent along.
            "certificates": [chain[0], *(each for each in chain[1:] if not _is_root(each))],
            "signer_infos": [signer_info],
        }
    )
    return cms.ContentInfo({"content_type": "signed_data", "content": signed})


def _is_root(certificate: x509.Certificate) -> bool:
    return bool(certificate.issuer == certificate.subject)


def _attribute(kind: str, value: object) -> cms.CMSAttribute:
    return cms.CMSAttribute({"type": kind, "values": [value]})


def _last_page(writer: IncrementalPdfFileWriter) -> generic.DictionaryObject:
    found: generic.DictionaryObject = writer.find_page_for_modification(-1)[0].get_object()
    return found


def _page(writer: IncrementalPdfFileWriter, number: int) -> generic.IndirectObject:
    found: generic.IndirectObject = writer.find_page_for_modification(number - 1)[0]
    return found


def _title_of(seal: Seal) -> str:
    return f"{seal.holder.title}（测试）" if seal.is_test else seal.holder.title


def _free_name(writer: IncrementalPdfFileWriter) -> str:
    root = writer.root
    taken = root["/AcroForm"]["/Fields"] if "/AcroForm" in root else ()
    return f"{FIRST[:-1]}{len(taken) + 1}"


def _second_id(pdf: bytes, holder: Holder, at: datetime) -> bytes:
    """The changing half of the file's identity: of this content, this seal and this time."""
    said = f"{holder.code}\n{at.isoformat()}\n".encode()
    return hashlib.sha256(said + hashlib.sha256(pdf).digest()).digest()[:16]

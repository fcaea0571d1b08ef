"""PDF 盖章: a visible seal with a PAdES B-B signature, added to the file without rewriting it.

Readers of PDF do not know SM2, so the seal inside is ECDSA or RSA with SHA-256. `record_of` makes
the SM2 signature that is kept beside the file.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable
from datetime import datetime

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
    seal = _valid_seal(provider, holder, at)
    try:
        writer = _Writer(io.BytesIO(pdf), _second_id(pdf, holder, at))
        page_count = int(writer.root["/Pages"]["/Count"])
        page_number = spot.page if spot is not None else page_count
        if not 1 <= page_number <= page_count:
            raise SealRefusedError("no_such_page")
        return _sealed(writer, seal, _Act(provider, holder, at), page_number, spot, reason)
    except (PdfError, KeyError, ValueError, TypeError, IndexError, AttributeError) as fault:
        raise SealRefusedError("pdf_unreadable") from fault


def record_of(pdf: bytes, *, holder: Holder, provider: SealProvider, at: datetime) -> bytes:
    """The SM2 signature over a finished PDF, as the DER of an SES_Signature (GB/T 38540).

    It is kept beside the file. Errors: SealRefusedError.
    """
    seal = _valid_seal(provider, holder, at)
    tbs = to_sign(eseal=seal.eseal, digest=sm2.sm3(pdf), covers=RECORD_COVERS, at=at)
    signature = provider.sign_ofd(holder, tbs, at)
    return seal_signature(tbs, certificate=seal.ofd_certificate, signature=signature)


class _Act:
    """One sealing: who, with what, when."""

    def __init__(self, provider: SealProvider, holder: Holder, at: datetime) -> None:
        self.at = at
        self.sign: Callable[[bytes], bytes] = lambda attributes: provider.sign_pdf(
            holder, attributes, at
        )


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


def _valid_seal(provider: SealProvider, holder: Holder, at: datetime) -> Seal:
    seal = provider.seal_of(holder, at)
    if not seal.valid_from <= at < seal.valid_until:
        raise SealRefusedError("seal_not_valid_then")
    return seal


def _sealed(
    writer: _Writer, seal: Seal, act: _Act, page_number: int, spot: Spot | None, reason: str
) -> bytes:
    page_ref = _page(writer, page_number)
    page = page_ref.get_object()
    box = stamped(seal, spot or corner(page_number, stamping.page_mm(page)))
    rectangle = stamping.points(page, (box.x_mm, box.y_mm, box.width_mm, box.height_mm))
    title = _title_of(seal)
    spec = SigFieldSpec(
        _free_name(writer), on_page=page_number - 1, box=rectangle, readable_field_name=title
    )
    steps = PdfCMSEmbedder(new_field_spec=spec).write_cms(spec.sig_field_name, writer)
    field_ref = next(steps)
    field = field_ref.get_object()
    size = (rectangle[2] - rectangle[0], rectangle[3] - rectangle[1])
    shown = stamping.appearance(writer, seal.picture, size)
    field[pdf_name("/AP")] = generic.DictionaryObject({pdf_name("/N"): shown})
    field[pdf_name("/F")] = generic.NumberObject(stamping.PRINTED | stamping.LOCKED)
    if spec.sig_field_name == FIRST:
        # After a seal, a change of the structure cannot be told from tampering.
        stamping.tag(writer, field_ref, page_ref, title)
    chain = [x509.Certificate.load(each) for each in seal.pdf_certificates]
    placeholder = SignatureObject(
        timestamp=act.at,
        subfilter=SigSeedSubFilter.PADES,
        name=title,
        reason=reason or None,
        bytes_reserved=2 * (sum(len(each) for each in seal.pdf_certificates) + _SPARE_BYTES),
    )
    steps.send(SigObjSetup(sig_placeholder=placeholder))
    prepared, output = steps.send(SigIOSetup(md_algorithm=DIGEST))
    steps.send(_cms(prepared.document_digest, chain, act.sign).dump())
    made: bytes = output.getvalue()
    return made


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
            "certificates": chain,
            "signer_infos": [signer_info],
        }
    )
    return cms.ContentInfo({"content_type": "signed_data", "content": signed})


def _attribute(kind: str, value: object) -> cms.CMSAttribute:
    return cms.CMSAttribute({"type": kind, "values": [value]})


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

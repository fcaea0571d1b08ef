"""照面: what one face of a certificate says as a document, marked as an electronic test copy."""

from datetime import datetime

from yijian.domain.certificates import Certificate, CertificateType, Face
from yijian.domain.documents import Block, Cell, Cells, Content, Paragraph, QrCode, SealPlace
from yijian.domain.issuing import label_of
from yijian.domain.notices import plain_value
from yijian.domain.policy import Pack

LAYOUT = "certificate"
LONG = 18
"""A value with more characters takes a line of its own."""

_FOOTER = "电子件 · 测试版式，不替代法定纸质证件"
_CAPTION = "扫码核验这张电子证照今天是否有效"
_IDENTIFIER, _ISSUED = "电子证照标识", "版本"


def face_content(
    certificate: Certificate,
    type_: CertificateType,
    face: Face,
    pack: Pack,
    *,
    address: str,
    now: datetime,
) -> Content:
    """The content of one face; `address` is what its QR code says, which holds no personal data.

    The certificate's number stands among the values and not at the top right, because what stands
    there is listed without opening the document.
    """
    cells = []
    for name in face.shows:
        value = certificate.shown.get(name, "")
        label = label_of(pack, type_, name).zh
        cells.append(Cell(label, value, wide=len(value) > LONG))
    version = f"第 {certificate.identifier.version} 版"
    blocks: list[Block] = [
        Cells("", tuple(cells)),
        Cells(
            "", (Cell(_IDENTIFIER, str(certificate.identifier), wide=True), Cell(_ISSUED, version))
        ),
    ]
    if face.note is not None:
        blocks.append(Paragraph(face.note.zh, "small"))
    blocks.append(QrCode(address, _CAPTION))
    blocks.append(SealPlace(certificate.issuer.name, plain_value(certificate.issued_on)))
    return Content(
        kind=kind_of(type_, face),
        layout=LAYOUT,
        title=title_of(type_, face),
        number="",
        language="zh-hans",
        blocks=tuple(blocks),
        watermark="电子件·测试",
        footer=_FOOTER,
        policy=(pack.code, pack.version, pack.digest),
        made_at=now,
    )


def kind_of(type_: CertificateType, face: Face) -> str:
    """The name of a face among documents."""
    return f"{type_.id}.{face.id}"


def title_of(type_: CertificateType, face: Face) -> str:
    """What the document of a face is called."""
    return f"{type_.title.zh} · {face.title.zh}"

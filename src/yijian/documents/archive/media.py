"""移交载体: packages on one medium for an archive, with catalogue, digests and the verifier."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from xml.etree.ElementTree import Element

from yijian.documents import offline_verifier
from yijian.documents.archive.holdings import Packed, Signer
from yijian.documents.archive.markup import child, moment, written
from yijian.documents.archive.packing import sealed
from yijian.documents.offline_verifier import INSIDE, MEDIUM_LIST

README, CATALOGUE, OTHER = "说明文件.TXT", "文件目录.XML", "其他/"


@dataclass(frozen=True, slots=True)
class MediumLine:
    """One package on a medium, as the catalogue tells it."""

    number: str
    responsible: str
    title: str
    on: str
    confidentiality: str
    name: str
    note: str
    data: bytes = field(repr=False)


def medium(
    batch: str, lines: Iterable[MediumLine], public_pem: bytes, signer: Signer, at: datetime
) -> Packed:
    """The medium of one batch as a zip: the same batch gives the same bytes."""
    kept = list(lines)
    files = {README: _readme(batch, kept, at), CATALOGUE: _catalogue(kept)}
    for line in kept:
        files[f"{INSIDE}{line.name}"] = line.data
    files[f"{OTHER}offline_verifier.py"] = Path(offline_verifier.__file__).read_bytes()
    files[f"{OTHER}signer.pub.pem"] = public_pem
    return sealed(f"{batch}.zip", files, signer, at, place=MEDIUM_LIST)


def _catalogue(lines: Iterable[MediumLine]) -> bytes:
    root = Element("文件目录", {"版本": "1"})
    for place, line in enumerate(lines, start=1):
        each = child(root, "文件")
        child(each, "顺序号", str(place))
        child(each, "档号", line.number)
        child(each, "责任者", line.responsible)
        child(each, "题名", line.title)
        child(each, "日期", line.on)
        child(each, "密级", line.confidentiality)
        child(each, "电子档案名称", line.name)
        child(each, "备注", line.note)
    return written(root)


def _readme(batch: str, lines: list[MediumLine], at: datetime) -> bytes:
    said = [
        "电子档案移交说明文件",
        "",
        f"移交批次：{batch}",
        f"制作时间：{moment(at)}",
        f"电子档案件数：{len(lines)}",
        f"电子档案字节数：{sum(len(line.data) for line in lines)}",
        "",
        f"目录见 {CATALOGUE}，电子档案见 {INSIDE}，各文件的大小与 SHA-256、SM3 摘要见 {MEDIUM_LIST}。",
        "核验方法（需要 Python 3.11 和 cryptography）：",
        f"  python {OTHER}offline_verifier.py --key 公钥.pem {INSIDE}某归档信息包.zip",
        f"公钥应从移交单位另行取得，再与 {OTHER}signer.pub.pem 比对。",
    ]
    return ("\r\n".join(said) + "\r\n").encode()

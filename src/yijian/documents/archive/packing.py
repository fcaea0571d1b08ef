"""封装: writing a package. The same holdings give the same bytes, on any machine.

Files are stored as they are, never compressed: what lies in a package can be read without any
program for packages, and no version of a compressor changes its digest.
"""

import base64
import hashlib
import io
import zipfile
from collections.abc import Iterable, Mapping
from datetime import datetime
from xml.etree.ElementTree import Element

from yijian.documents.archive import eep, naming
from yijian.documents.archive.holdings import (
    BASICS,
    PROCESS,
    README,
    ArchivedFile,
    CasePackage,
    CatalogueLine,
    Folder,
    ItemPackage,
    Packed,
    Signer,
    Step,
)
from yijian.documents.archive.markup import LOCAL, child, moment, written
from yijian.documents.offline_verifier import (
    CATALOGUE,
    EEP,
    LIST,
    PROOF,
    fingerprint,
    list_text,
    sm3,
)

Basics = Iterable[tuple[str, str]]


def pack_item(item: ItemPackage, signer: Signer) -> Packed:
    """The package of one item."""
    contents, titles, entries = _contents(item.files)
    basics = (*item.basics, ("文件数量", str(len(contents))))
    files = {
        README: _readme(item.name, dict(basics), list(titles.items())),
        BASICS: _basics("基本信息", basics),
        PROCESS: _process(item.steps),
        **contents,
        PROOF: item.proof,
    }
    described = {name: data for name, data in files.items() if name != README}
    titles |= {BASICS: "基本信息", PROCESS: "办理过程", PROOF: "日志证明"}
    files[EEP] = eep.encapsulation(dict(basics), described, titles, item.made_at)
    return sealed(item.name, files, signer, item.made_at, entries=entries)


def pack_case(case: CasePackage, signer: Signer) -> Packed:
    """The package of a whole case: what joined its items, and the digests of their packages."""
    basics = (*case.basics, ("文件数量", str(sum(1 for line in case.catalogue if line.name))))
    listed = [(line.name, line.title) for line in case.catalogue if line.name]
    files = {
        README: _readme(case.name, dict(basics), listed),
        BASICS: _basics("基本信息", basics),
        PROCESS: _process(case.steps),
        CATALOGUE: _catalogue(case.catalogue),
        PROOF: case.proof,
    }
    return sealed(case.name, files, signer, case.made_at)


def sealed(
    name: str,
    files: Mapping[str, bytes],
    signer: Signer,
    at: datetime,
    *,
    place: str = LIST,
    entries: Mapping[str, int] | None = None,
) -> Packed:
    """The files with the signed list of their digests, as one zip."""
    listed = checksums(name, files, signer, entries or {})
    data = zipped({**files, place: listed}, at)
    return Packed(name, data, hashlib.sha256(data).hexdigest(), sm3(data))


def checksums(
    name: str, files: Mapping[str, bytes], signer: Signer, entries: Mapping[str, int]
) -> bytes:
    """校验信息: size, SHA-256 and SM3 of every file, and the signature over all of it."""
    root = Element("校验信息", {"版本": "1"})
    child(root, "归档信息包", name)
    child(root, "文件数量", str(len(files)))
    lines = []
    for path, data in files.items():
        line = (path, str(len(data)), hashlib.sha256(data).hexdigest(), sm3(data))
        lines.append(line)
        each = child(root, "文件")
        for tag, value in zip(("名称", "大小", "SHA256", "SM3"), line, strict=True):
            child(each, tag, value)
        if entries.get(path):
            child(each, "日志序号", str(entries[path]))
    signature = child(root, "签名")
    child(signature, "算法", "Ed25519")
    child(signature, "公钥指纹", fingerprint(signer.public))
    child(signature, "公钥", base64.b64encode(signer.public).decode())
    signed = signer.sign(list_text(name, lines))
    child(signature, "签名值", base64.b64encode(signed).decode())
    return written(root)


def zipped(files: Mapping[str, bytes], at: datetime) -> bytes:
    """The files as a zip in which nothing depends on when or where it was written."""
    written_at = at.astimezone(LOCAL)
    stamp = (max(written_at.year, 1980), *written_at.timetuple()[1:6])
    into = io.BytesIO()
    with zipfile.ZipFile(into, "w", zipfile.ZIP_STORED) as archive:
        for name, data in files.items():
            entry = zipfile.ZipInfo(name, stamp)
            entry.create_system, entry.external_attr = 3, 0o100644 << 16
            archive.writestr(entry, data)
    return into.getvalue()


def _contents(
    files: Iterable[ArchivedFile],
) -> tuple[dict[str, bytes], dict[str, str], dict[str, int]]:
    """The files by their paths in the package, folder by folder; their titles and entries."""
    contents: dict[str, bytes] = {}
    titles, entries = {}, {}
    kept = list(files)
    for folder in Folder:
        here = [each for each in kept if each.folder is folder]
        for place, each in enumerate(here, start=1):
            path = f"{folder.value}/{naming.file_name(place, each.title, each.extension)}"
            contents[path], titles[path], entries[path] = each.data, each.title, each.entry
    return contents, titles, entries


def _readme(name: str, basics: Mapping[str, str], listed: list[tuple[str, str]]) -> bytes:
    said = ("题名", "档号", "联办办件编号", "办件编号", "立档单位名称", "办结时间", "保管期限")
    lines = [
        "归档信息包说明文件",
        "",
        f"归档信息包：{name}",
        *(f"{each}：{basics[each]}" for each in said if basics.get(each)),
        "",
        f"基本信息见 {BASICS}，办理过程见 {PROCESS}，各文件的大小、SHA-256 与 SM3 摘要见 {LIST}。",
        f"办件日志的条目、哈希链与 RFC 6962 存在证明见 {PROOF}，可用 offline_verifier.py 离线核验。",
        "",
        "内容：",
        *(f"  {path}　{title}" for path, title in listed),
    ]
    return ("\r\n".join(lines) + "\r\n").encode()


def _basics(tag: str, basics: Basics) -> bytes:
    root = Element(tag, {"版本": "1"})
    for name, value in basics:
        child(root, name, value)
    return written(root)


def _process(steps: Iterable[Step]) -> bytes:
    root = Element("办理过程", {"版本": "1"})
    for step in steps:
        each = child(root, "环节", 日志序号=str(step.seq))
        child(each, "名称", step.title)
        child(each, "时间", moment(step.at))
        child(each, "类型", step.kind)
        child(each, "办理者", step.by)
        if step.after:
            child(each, "原状态", step.before)
            child(each, "新状态", step.after)
    return written(root)


def _catalogue(lines: Iterable[CatalogueLine]) -> bytes:
    root = Element("目录", {"版本": "1"})
    for place, line in enumerate(lines, start=1):
        each = child(root, "归档信息包" if line.name else "未归档事项")
        child(each, "顺序号", str(place))
        child(each, "事项编码", line.item)
        child(each, "事项名称", line.title)
        child(each, "新生儿序号", str(line.newborn))
        child(each, "办理状态", line.outcome)
        if line.name:
            child(each, "文件名", line.name)
            child(each, "档号", line.number)
            child(each, "大小", str(line.size))
            child(each, "SHA256", line.sha256)
            child(each, "SM3", line.sm3)
    return written(root)

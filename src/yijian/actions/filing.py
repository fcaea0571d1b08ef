"""归档内容: what belongs into a package of an item or a case: metadata, files, catalogue."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any, cast
from xml.etree.ElementTree import Element

from yijian.documents.archive.holdings import ArchivedFile, CatalogueLine, Folder
from yijian.documents.archive.markup import child, moment, written
from yijian.domain.archiving import archive_number, is_archived, longest, retention_of
from yijian.domain.context import Context
from yijian.domain.statuses import status_text
from yijian.records import documents, materials, window
from yijian.records.archive import CASE, Package
from yijian.records.documents import Document
from yijian.records.mapping import LoadedCase, value_of

CONFIDENTIALITY = "敏感"
"""Packages hold what families have told; nobody sees one without a purpose."""


@dataclass(frozen=True)
class Dossier:
    """Everything a package is made from, read once."""

    package: Package
    loaded: LoadedCase
    context: Context
    proof: Mapping[str, object] = field(repr=False)
    papers: tuple[Document, ...]
    now: datetime

    @property
    def proven(self) -> frozenset[int]:
        """The entries of the journal that the proof covers."""
        entries = cast(list[dict[str, Any]], self.proof["entries"])
        return frozenset(int(entry["seq"]) for entry in entries)

    @property
    def names(self) -> list[str]:
        """The names a list shows: the newborn's, else the parents'."""
        case, newborn = self.loaded.case, self.package.newborn
        children = [newborn] if newborn else range(1, case.newborns + 1)
        found = [value_of(case, "newborn_name", each) for each in children]
        found += [value_of(case, f"{role}_name") for role in self.context.pack.roles]
        return [str(name) for name in found if name]

    @cached_property
    def basics(self) -> tuple[tuple[str, str], ...]:
        """The metadata."""
        whole = self.package.scope == CASE
        return tuple(case_basics(self) if whole else item_basics(self))

    def entry_of(self, sha256: str) -> int:
        """The entry of the journal that names this digest; 0 when none does."""
        entries = cast(list[dict[str, Any]], self.proof["entries"])
        return next((int(e["seq"]) for e in entries if sha256 in str(e["body"])), 0)


def item_basics(dossier: Dossier) -> Iterator[tuple[str, str]]:
    """The metadata of an item's package, in the order they are written."""
    package, case = dossier.package, dossier.loaded.case
    item = dossier.context.pack.items[package.item]
    task = case.tasks[package.item, package.newborn]
    result = case.results.get(task.key, {})
    number = next((str(result[f.id]) for f in item.results if f.check and f.id in result), "")
    yield from _common(dossier, item.title.zh)
    yield "事项名称", item.title.zh
    yield "事项编码", package.item
    yield "办件编号", f"{package.case_number}-{package.newborn}"
    yield "新生儿序号", str(package.newborn)
    if package.newborn:
        yield "新生儿姓名", _known(dossier, "newborn_name", package.newborn)
    if task.started_at is not None:
        yield "受理时间", moment(task.started_at)
    yield "办理结果", status_text(dossier.context.pack, task.state).zh
    yield "办理状态", task.state.value
    if number:
        yield "结果编号", number


def case_basics(dossier: Dossier) -> Iterator[tuple[str, str]]:
    """The metadata of the package of a whole case."""
    yield from _common(dossier, dossier.context.pack.service_title.zh)
    yield "新生儿数量", str(dossier.loaded.case.newborns)


def _common(dossier: Dossier, title: str) -> Iterator[tuple[str, str]]:
    package, case, pack = dossier.package, dossier.loaded.case, dossier.context.pack
    office = dossier.context.directory.office(package.fonds)
    keeper = office.title.zh if office else package.fonds
    whole = package.scope == CASE
    kept = longest(case, pack) if whole else retention_of(package.item, pack)
    assert package.serial is not None and case.submitted_at is not None
    yield "题名", f"{title}（{package.case_number}）"
    yield "主题名称", pack.service_title.zh
    yield "主题编码", case.pack
    yield "政策包版本", case.pack_version
    yield "政策包摘要", case.pack_digest
    yield "联办办件编号", package.case_number
    yield "申请人姓名", _known(dossier, f"{case.applicant}_name")
    yield "申请人证件号码", _known(dossier, f"{case.applicant}_id_number")
    yield "申请时间", moment(case.submitted_at)
    yield "办结时间", moment(package.ended_at)
    yield "立档单位名称", keeper
    yield "立档单位代码", package.fonds
    yield "责任者", keeper
    yield "密级", CONFIDENTIALITY
    yield "全宗号", package.fonds
    yield "年度", str(package.year)
    yield "保管期限", kept.title
    yield "保管期限代码", package.retention
    yield "保管期限依据", kept.ground
    yield "机构或问题", package.topic
    yield "件号", str(package.serial)
    yield "档号", number_of(package)
    yield "归档时间", moment(dossier.now)


def number_of(package: Package) -> str:
    """The archive number of a package; empty while it has no serial."""
    if package.serial is None:
        return ""
    return archive_number(
        package.fonds, package.year, package.retention, package.topic, package.serial
    )


def _known(dossier: Dossier, fact: str, subject: int = 0) -> str:
    found = value_of(dossier.loaded.case, fact, subject)
    return "" if found is None else str(found)


def files_of(dossier: Dossier) -> Iterator[ArchivedFile]:
    """Every file of an item's package: what was asked with, how it was judged, what came of it."""
    yield from _papers(dossier)
    yield from _scans(dossier)
    yield _application(dossier)
    yield _signatures(dossier)
    seen = window.vouched(loaded=dossier.loaded)
    if seen:
        yield _sightings(seen)
    yield _checks(dossier)
    yield _result(dossier)


def _filed(
    dossier: Dossier, folder: Folder, title: str, extension: str, data: bytes
) -> ArchivedFile:
    digest = hashlib.sha256(data).hexdigest()
    return ArchivedFile(folder, title, extension, data, dossier.entry_of(digest))


def _papers(dossier: Dossier) -> Iterator[ArchivedFile]:
    """The documents that the pack files here, in both formats, with the seal's own record."""
    key = dossier.loaded.key
    assert key is not None
    for paper in dossier.papers:
        for format_ in (documents.PDF, documents.OFD, documents.SES):
            data = documents.file_of(key=key, document_id=paper.id, format=format_)
            if data is not None:
                yield _filed(dossier, Folder(paper.folder), paper.title, format_, data)


def _scans(dossier: Dossier) -> Iterator[ArchivedFile]:
    """The pictures of the materials that this item asks for."""
    key, case_id = dossier.loaded.key, dossier.loaded.id
    assert key is not None
    asked = {m.id: m.title.zh for m in dossier.context.pack.items[dossier.package.item].materials}
    for page in materials.pages_of(case_ids=[case_id]).get(case_id, []):
        if page.kind != materials.PICTURE or page.material not in asked:
            continue
        picture = materials.picture(case_id=case_id, key=key, page_id=page.id)
        if picture is not None:
            title = f"{asked[page.material]}第{page.page}页"
            extension = _PICTURES.get(picture.data[:2], "bin")
            yield _filed(dossier, Folder.APPLICATION, title, extension, picture.data)


_PICTURES = {b"\xff\xd8": "jpg", b"\x89P": "png", b"%P": "pdf"}


def _application(dossier: Dossier) -> ArchivedFile:
    """申请数据: the facts this item's office was given, and no others."""
    case, context, package = dossier.loaded.case, dossier.context, dossier.package
    item = context.pack.items[package.item]
    given = context.payload(case, item, package.newborn, package.ended_at)
    root = Element("申请数据", {"版本": "1"})
    for fact, value in given.items():
        key = context.key(fact, package.newborn)
        origin = "verified" if key in case.verified else "declared"
        title = context.pack.facts[fact].title.zh
        child(root, "数据项", plain(value), 代码=fact, 名称=title, 来源=origin)
    return ArchivedFile(Folder.APPLICATION, "申请数据", "xml", written(root))


def _signatures(dossier: Dossier) -> ArchivedFile:
    """授权与签名: who agreed to what and signed what, by digest."""
    case = dossier.loaded.case
    root = Element("授权与签名", {"版本": "1"})
    for consent in case.consents:
        each = child(root, "授权", 角色=consent.role, 时间=moment(consent.at))
        child(each, "告知书", consent.notice)
        child(each, "摘要", consent.digest)
        child(each, "窗口见证", plain(consent.witnessed))
    for role, signature in case.signatures.items():
        each = child(root, "签名", 角色=role, 时间=moment(signature.at))
        child(each, "摘要", signature.digest)
        child(each, "表单版本", str(signature.form_version))
        child(each, "方式", signature.method)
        child(each, "窗口见证", plain(signature.witnessed))
        if case.drawings.get(role):
            child(each, "笔迹", case.drawings[role])
    return ArchivedFile(Folder.APPLICATION, "授权与签名", "xml", written(root))


def _sightings(seen: Iterable[tuple[window.Sighting, Mapping[str, str]]]) -> ArchivedFile:
    """身份核对记录: who saw which original at the window."""
    root = Element("身份核对记录", {"版本": "1"})
    for sighting, card in seen:
        each = child(root, "核对", 角色=sighting.role, 时间=moment(sighting.at))
        child(each, "本人到场", plain(sighting.present))
        child(each, "机构", sighting.office)
        child(each, "经办", sighting.staff)
        for name, value in card.items():
            child(each, "证件项", str(value), 名称=name)
    return ArchivedFile(Folder.ACCEPTANCE, "身份核对记录", "xml", written(root))


def _checks(dossier: Dossier) -> ArchivedFile:
    """核验记录: which registers answered, when, and the number of each receipt."""
    root = Element("核验记录", {"版本": "1"})
    for name, check in dossier.loaded.case.checks.items():
        known = dossier.context.pack.registers.get(name)
        each = child(root, "核验", 登记库=name, 时间=moment(check.at))
        child(each, "名称", known.zh if known else name)
        child(each, "结果", check.state.value)
        child(each, "回执", check.receipt or "")
    return ArchivedFile(Folder.REVIEW, "核验记录", "xml", written(root))


def _result(dossier: Dossier) -> ArchivedFile:
    """办理结果: what the office decided, why, and what it gave."""
    case, package = dossier.loaded.case, dossier.package
    item = dossier.context.pack.items[package.item]
    key = (package.item, package.newborn)
    titles = {result.id: result.title.zh for result in item.results}
    root = Element("办理结果", {"版本": "1"})
    child(root, "状态", case.tasks[key].state.value)
    child(root, "理由", case.reasons.get(key, ""))
    for name, value in case.results.get(key, {}).items():
        child(root, "结果项", plain(value), 代码=name, 名称=titles.get(name, name))
    return ArchivedFile(Folder.RESULT, "办理结果", "xml", written(root))


def plain(value: object) -> str:
    """A value as an archive writes it."""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, datetime):
        return moment(value)
    if isinstance(value, list | tuple):
        return "、".join(plain(each) for each in value)
    return str(value)


def catalogue(dossier: Dossier, packages: Iterable[Package]) -> Iterator[CatalogueLine]:
    """Every item of the case: its package by its digests, or how it ended without one."""
    made = {(p.item, p.newborn): p for p in packages if p.scope != CASE}
    for key, task in dossier.loaded.case.tasks.items():
        item = dossier.context.pack.items[task.item]
        package = made.get(key)
        if package is None or not is_archived(task):
            yield CatalogueLine(task.item, item.title.zh, task.newborn, task.state.value)
            continue
        yield CatalogueLine(
            task.item,
            item.title.zh,
            task.newborn,
            task.state.value,
            package.name,
            number_of(package),
            package.sha256,
            package.sm3,
            package.size,
        )

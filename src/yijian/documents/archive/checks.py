"""四性检测: authenticity, integrity, usability and safety of a package, as values with evidence.

`examine` asks everything at every stage; what a stage adds is what it is compared with: the list
handed over with a transfer, or the digests that were kept. Evidence never repeats a person's data.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from yijian.documents.archive import checks_content, checks_metadata
from yijian.documents.offline_verifier import (
    CATALOGUE,
    LIST,
    Keys,
    NotAPackageError,
    anchored_faults,
    eep_faults,
    files_of,
    journal_faults,
    list_faults,
    sm3,
)


class Stage(StrEnum):
    """环节: when a package is checked."""

    FILING = "GD"
    TRANSFER = "YJ"
    KEEPING = "CQ"


class Dimension(StrEnum):
    """四性: what a check is about."""

    AUTHENTICITY = "真实性"
    INTEGRITY = "完整性"
    USABILITY = "可用性"
    SAFETY = "安全性"


class Result(StrEnum):
    """What a check found; a check that had nothing to compare with does not judge."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_JUDGED = "not_judged"


@dataclass(frozen=True, slots=True)
class Check:
    """检测项: one question about a package, and the answer with its evidence."""

    id: str
    dimension: Dimension
    stage: Stage
    title: str
    result: Result
    evidence: str


@dataclass(frozen=True, slots=True)
class Expected:
    """What a package must be by the list of a transfer, or by what was kept of it."""

    sha256: str
    sm3: str
    size: int


Found = Iterable[str] | None
Ask = Callable[[Mapping[str, bytes], Keys], Found]


def _signed_list(files: Mapping[str, bytes], keys: Keys) -> Found:
    return list_faults(files, keys)


def _known_signer(files: Mapping[str, bytes], keys: Keys) -> Found:
    if not keys:
        return None
    return (fault for fault in list_faults(files, keys) if fault.startswith(f"{LIST}: "))


def _encapsulated(files: Mapping[str, bytes], keys: Keys) -> Found:
    return None if CATALOGUE in files else eep_faults(files)


def _journalled(files: Mapping[str, bytes], keys: Keys) -> Found:
    return journal_faults(files, keys)


def _anchored(files: Mapping[str, bytes], keys: Keys) -> Found:
    broken = [*list_faults(files, {}), *journal_faults(files, {})]
    return broken or anchored_faults(files)


def _about(ask: Callable[[Mapping[str, bytes]], Found]) -> Ask:
    return lambda files, keys: ask(files)


_QUESTIONS: tuple[tuple[str, Dimension, str, Ask], ...] = (
    ("1-1", Dimension.AUTHENTICITY, "固化信息有效性：各文件摘要与清单签名", _signed_list),
    ("1-2", Dimension.AUTHENTICITY, "固化信息有效性：签名者可信", _known_signer),
    ("1-3", Dimension.AUTHENTICITY, "固化信息有效性：封装摘要", _encapsulated),
    ("1-4", Dimension.AUTHENTICITY, "固化信息有效性：日志存在证明", _journalled),
    ("1-5", Dimension.AUTHENTICITY, "内容数据与日志摘要一致", _anchored),
    ("1-6", Dimension.AUTHENTICITY, "元数据项数据长度", _about(checks_metadata.lengths)),
    ("1-7", Dimension.AUTHENTICITY, "元数据项数据类型与格式", _about(checks_metadata.forms)),
    ("1-8", Dimension.AUTHENTICITY, "元数据项值域", _about(checks_metadata.values)),
    ("1-9", Dimension.AUTHENTICITY, "元数据项合理性与档号规范性", _about(checks_metadata.sense)),
    ("1-10", Dimension.AUTHENTICITY, "元数据项特殊字符", _about(checks_metadata.characters)),
    ("1-11", Dimension.AUTHENTICITY, "元数据项重复", _about(checks_metadata.repetitions)),
    ("1-12", Dimension.AUTHENTICITY, "内容与元数据一致", _about(checks_metadata.agreement)),
    ("1-13", Dimension.AUTHENTICITY, "元数据与内容关联", _about(checks_content.linked)),
    ("1-14", Dimension.AUTHENTICITY, "信息包结构", _about(checks_content.structure)),
    ("2-1", Dimension.INTEGRITY, "必填元数据项齐全", _about(checks_metadata.missing)),
    ("2-2", Dimension.INTEGRITY, "内容数据齐全", _about(checks_content.present)),
    ("2-3", Dimension.INTEGRITY, "文件数量与编号连续", _about(checks_content.counted)),
    ("2-4", Dimension.INTEGRITY, "重要过程记录齐全", _about(checks_metadata.process)),
    ("3-1", Dimension.USABILITY, "元数据可读", _about(checks_metadata.readable)),
    ("3-2", Dimension.USABILITY, "内容数据可打开", _about(checks_content.openable)),
    ("3-3", Dimension.USABILITY, "格式合规", _about(checks_content.formats)),
    ("4-1", Dimension.SAFETY, "无恶意代码", _about(checks_content.harmless)),
    ("4-2", Dimension.SAFETY, "无多余文件", _about(checks_content.nothing_extra)),
)
_OPENING = (
    ("2-5", Dimension.INTEGRITY, "总字节数与摘要同移交清单或留存记录一致"),
    ("3-4", Dimension.USABILITY, "信息包可打开，无加密、无私有压缩"),
)


def examine(
    data: bytes,
    *,
    stage: Stage = Stage.KEEPING,
    keys: Keys | None = None,
    expected: Expected | None = None,
) -> tuple[Check, ...]:
    """Every check of one package. Without `keys` nobody can say whether a signer is known."""
    made = []
    for (number, dimension, title), found in zip(
        _OPENING, (_as_expected(data, expected), _opens(data)), strict=True
    ):
        made.append(_check(number, dimension, stage, title, found))
    files = _files(data)
    for number, dimension, title, ask in _QUESTIONS:
        found = None if files is None else _asked(ask, files, keys or {})
        made.append(_check(number, dimension, stage, title, found))
    return tuple(sorted(made, key=_order))


def faults(checks: Iterable[Check]) -> list[str]:
    """What failed, each with its number."""
    return [f"{c.id} {c.title}：{c.evidence}" for c in checks if c.result is Result.FAILED]


def is_package(data: bytes) -> bool:
    """Whether this is meant to be an archive package, whole or not."""
    files = _files(data)
    return files is not None and bool({LIST, "基本信息.xml", "办理过程.xml"} & files.keys())


def _check(number: str, dimension: Dimension, stage: Stage, title: str, found: Found) -> Check:
    name = f"{stage.value}{number}"
    if found is None:
        return Check(name, dimension, stage, title, Result.NOT_JUDGED, "本环节无可比对")
    wrong = list(found)
    if not wrong:
        return Check(name, dimension, stage, title, Result.PASSED, "符合")
    more = f"；另有 {len(wrong) - 5} 处" if len(wrong) > 5 else ""
    return Check(name, dimension, stage, title, Result.FAILED, "；".join(wrong[:5]) + more)


def _asked(ask: Ask, files: Mapping[str, bytes], keys: Keys) -> Found:
    try:
        found = ask(files, keys)
        return None if found is None else list(found)
    except NotAPackageError as unreadable:
        return [str(unreadable)]


def _files(data: bytes) -> dict[str, bytes] | None:
    try:
        return files_of(data)
    except NotAPackageError:
        return None


def _opens(data: bytes) -> Iterator[str]:
    try:
        files_of(data)
    except NotAPackageError as wrong:
        yield str(wrong)


def _as_expected(data: bytes, expected: Expected | None) -> Found:
    if expected is None:
        return None
    if len(data) != expected.size:
        return [f"应为 {expected.size} 字节，实为 {len(data)} 字节"]
    if hashlib.sha256(data).hexdigest() != expected.sha256 or sm3(data) != expected.sm3:
        return ["摘要不符，内容已改变"]
    return []


def _order(check: Check) -> tuple[int, int]:
    part, number = check.id.removeprefix(check.stage.value).split("-")
    return int(part), int(number)

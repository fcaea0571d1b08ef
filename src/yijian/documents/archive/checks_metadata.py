"""元数据检测: what the basic information and the process of a package say, and whether it fits."""

import json
import unicodedata
from collections.abc import Iterator, Mapping
from xml.etree.ElementTree import Element

from yijian.documents.archive.eep import SPACE
from yijian.documents.archive.holdings import BASICS, PROCESS
from yijian.documents.archive.metadata import (
    CASE_ELEMENTS,
    ELEMENTS,
    MOMENT,
    MetadataElement,
    contradictions,
    moment_of,
)
from yijian.documents.offline_verifier import (
    CATALOGUE,
    EEP,
    PROOF,
    NotAPackageError,
    tree_of,
)

Files = Mapping[str, bytes]
TASK_MOVED = "task_moved"
NEEDED_STEPS = frozenset({"case_started", "case_submitted"})


def readable(files: Files) -> Iterator[str]:
    """The metadata files that cannot be read."""
    for name in (BASICS, PROCESS, CATALOGUE if CATALOGUE in files else EEP):
        if name not in files:
            yield f"{name} 缺失"
            continue
        try:
            tree_of(files[name])
        except NotAPackageError as wrong:
            yield f"{name} {wrong}"


def missing(files: Files) -> Iterator[str]:
    """Elements that must be there and are not, or are empty."""
    found = basics_of(files)
    for each in _elements(files):
        if each.required and not found.get(each.name):
            yield f"{each.name} 缺失"
    unknown = found.keys() - {each.name for each in _elements(files)}
    yield from (f"{name[:20]} 不是规定的元数据项" for name in sorted(unknown))


def lengths(files: Files) -> Iterator[str]:
    """Elements that are longer than they may be."""
    for each, value in _given(files):
        if len(value) > each.longest:
            yield f"{each.name} 长 {len(value)} 字，最多 {each.longest} 字"


def forms(files: Files) -> Iterator[str]:
    """Elements that are not of their form."""
    for each, value in _given(files):
        if each.form is None:
            continue
        unreal = each.form is MOMENT and moment_of(value) is None
        if unreal or not each.form.fullmatch(value):
            yield f"{each.name} 格式不符"


def values(files: Files) -> Iterator[str]:
    """Elements whose value is none of those they may have."""
    for each, value in _given(files):
        if each.values and value not in each.values:
            yield f"{each.name} 的值不在值域内"


def sense(files: Files) -> Iterator[str]:
    """Elements that cannot be true together."""
    yield from contradictions(basics_of(files))


def characters(files: Files) -> Iterator[str]:
    """Elements with characters that cannot be seen."""
    for each, value in _given(files):
        if any(unicodedata.category(c) in ("Cc", "Cs", "Zl", "Zp") for c in value):
            yield f"{each.name} 含有控制字符"


def repetitions(files: Files) -> Iterator[str]:
    """Elements that are there twice."""
    seen: set[str] = set()
    for child in _root(files, BASICS):
        if child.tag in seen:
            yield f"{child.tag} 重复"
        seen.add(child.tag)


def agreement(files: Files) -> Iterator[str]:
    """Where the encapsulation, the process and the journal tell another story."""
    found = basics_of(files)
    if CATALOGUE not in files:
        entity = _root(files, EEP).find(f".//{{{SPACE}}}文件实体")
        for path, name in (("档号/档号", "档号"), ("内容描述/题名", "题名")):
            qualified = "/".join(f"{{{SPACE}}}{part}" for part in path.split("/"))
            stated = "" if entity is None else entity.findtext(qualified) or ""
            if stated != found.get(name):
                yield f"{EEP} 的{name}与{BASICS}不同"
    entries = {str(entry["seq"]): entry for entry in _entries(files)}
    for step in _root(files, PROCESS):
        entry = entries.get(step.get("日志序号", ""))
        at = moment_of(step.findtext("时间") or "")
        if entry is None or entry["kind"] != step.findtext("类型"):
            yield f"办理过程第 {step.get('日志序号', '?')} 条不在日志中"
        elif at is None or int(at.timestamp()) != int(str(entry["microseconds"])) // 1_000_000:
            yield f"办理过程第 {step.get('日志序号', '?')} 条的时间与日志不同"
        elif (step.findtext("新状态") or "") != _state_after(entry):
            yield f"办理过程第 {step.get('日志序号', '?')} 条的状态与日志不同"
    ended = [s for s in _root(files, PROCESS) if s.findtext("新状态")]
    if CATALOGUE not in files and ended and ended[-1].findtext("新状态") != found.get("办理状态"):
        yield "办理状态与办理过程的最后一步不同"


def process(files: Files) -> Iterator[str]:
    """Steps without which nobody can say how the item was handled."""
    steps = list(_root(files, PROCESS))
    kinds = {step.findtext("类型") for step in steps}
    yield from (f"办理过程缺少 {kind}" for kind in sorted(NEEDED_STEPS - kinds))
    if CATALOGUE not in files and not any(step.findtext("新状态") for step in steps):
        yield "办理过程没有事项的办理环节"
    task = {str(e["seq"]) for e in _entries(files) if e["kind"] in NEEDED_STEPS}
    shown = {step.get("日志序号", "") for step in steps}
    yield from (f"日志第 {seq} 条没有写入办理过程" for seq in sorted(task - shown))


def basics_of(files: Files) -> dict[str, str]:
    """The metadata of a package by their names."""
    return {child.tag: child.text or "" for child in _root(files, BASICS)}


def _elements(files: Files) -> tuple[MetadataElement, ...]:
    return CASE_ELEMENTS if CATALOGUE in files else ELEMENTS


def _given(files: Files) -> Iterator[tuple[MetadataElement, str]]:
    found = basics_of(files)
    return ((each, found[each.name]) for each in _elements(files) if found.get(each.name))


def _root(files: Files, name: str) -> Element:
    if name not in files:
        raise NotAPackageError(f"{name} 缺失")
    return tree_of(files[name])


def _entries(files: Files) -> list[dict[str, object]]:
    try:
        found = json.loads(files[PROOF])["entries"]
        return [dict(entry) for entry in found if int(entry["seq"]) and int(entry["microseconds"])]
    except (KeyError, ValueError, TypeError, RecursionError):
        raise NotAPackageError(f"{PROOF} 无法读取") from None


def _state_after(entry: Mapping[str, object]) -> str:
    return str(_body(entry).get("to", "")) if entry["kind"] == TASK_MOVED else ""


def _body(entry: Mapping[str, object]) -> dict[str, object]:
    try:
        return dict(json.loads(str(entry["body"])))
    except (KeyError, ValueError, TypeError, RecursionError):
        raise NotAPackageError(f"{PROOF} 无法读取") from None

"""元数据: which elements the basic information of a package has, and what each may say."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d")
NUMBER = re.compile(r"0|[1-9]\d{0,8}")
ARCHIVE_NUMBER = re.compile(
    r"[^\s·-]+(?:-[^\s·-]+)*-[A-Z]{2}·\d{4}-(?:Y|D\d{2,3})-[a-z0-9_]+-\d{6}"
)
RETENTION = re.compile(r"Y|D\d{2,3}")
CODE = re.compile(r"[A-Za-z0-9_.-]+")
DIGEST = re.compile(r"[0-9a-f]{64}")
YEAR = re.compile(r"20\d\d")


@dataclass(frozen=True, slots=True)
class MetadataElement:
    """元数据项: its name, whether it must be there, its length, its form, and its values."""

    name: str
    required: bool = True
    longest: int = 200
    form: re.Pattern[str] | None = None
    values: frozenset[str] = frozenset()


_COMMON = (
    MetadataElement("题名"),
    MetadataElement("主题名称"),
    MetadataElement("主题编码", form=CODE),
    MetadataElement("政策包版本", longest=40),
    MetadataElement("政策包摘要", form=DIGEST),
    MetadataElement("联办办件编号", longest=60),
    MetadataElement("申请人姓名", required=False),
    MetadataElement("申请人证件号码", required=False, longest=40),
    MetadataElement("申请时间", form=MOMENT),
    MetadataElement("办结时间", form=MOMENT),
    MetadataElement("立档单位名称"),
    MetadataElement("立档单位代码", longest=60),
    MetadataElement("责任者"),
    MetadataElement("密级", values=frozenset({"公开", "内部", "敏感"})),
    MetadataElement("全宗号", longest=60),
    MetadataElement("年度", form=YEAR),
    MetadataElement("保管期限", longest=20),
    MetadataElement("保管期限代码", form=RETENTION),
    MetadataElement("保管期限依据"),
    MetadataElement("机构或问题", form=CODE),
    MetadataElement("件号", form=NUMBER),
    MetadataElement("档号", form=ARCHIVE_NUMBER),
    MetadataElement("归档时间", form=MOMENT),
    MetadataElement("文件数量", form=NUMBER),
)
ELEMENTS = (
    *_COMMON,
    MetadataElement("事项名称"),
    MetadataElement("事项编码", form=CODE),
    MetadataElement("办件编号", longest=60),
    MetadataElement("新生儿序号", form=NUMBER),
    MetadataElement("新生儿姓名", required=False),
    MetadataElement("受理时间", required=False, form=MOMENT),
    MetadataElement("办理结果", longest=40),
    MetadataElement("办理状态", form=CODE),
    MetadataElement("结果编号", required=False, longest=60),
)
CASE_ELEMENTS = (*_COMMON, MetadataElement("新生儿数量", form=NUMBER))


def moment_of(text: str) -> datetime | None:
    """The moment that a text of the form `MOMENT` names; None for any other text."""
    try:
        return datetime.fromisoformat(text) if MOMENT.fullmatch(text) else None
    except ValueError:
        return None


def contradictions(found: Mapping[str, str]) -> list[str]:
    """Elements that cannot be true together, by name."""
    said = {name: found.get(name, "") for name in ("申请时间", "受理时间", "办结时间", "归档时间")}
    moments = [(n, at) for n, v in said.items() if (at := moment_of(v)) is not None]
    wrong = [
        f"{later} 早于 {earlier}"
        for (earlier, first), (later, then) in pairwise(moments)
        if then < first
    ]
    number = "-".join(
        (
            found.get("全宗号", ""),
            f"{found.get('档号', '').split('·')[0].rpartition('-')[2]}·{found.get('年度', '')}",
            found.get("保管期限代码", ""),
            found.get("机构或问题", ""),
            f"{int(found['件号']):06d}" if NUMBER.fullmatch(found.get("件号", "")) else "",
        )
    )
    if number != found.get("档号"):
        wrong.append("档号 与其组成部分不符")
    return wrong

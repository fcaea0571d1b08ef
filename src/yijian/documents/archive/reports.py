"""检测报告: what the four checks found, for people and for other systems."""

from collections.abc import Sequence
from datetime import datetime
from xml.etree.ElementTree import Element

from yijian.documents.archive.checks import Check, Dimension, Result
from yijian.documents.archive.markup import LOCAL, child, moment, written
from yijian.domain.documents import Cell, Cells, Content, Heading, Paragraph, Rows

RESULTS = {Result.PASSED: "通过", Result.FAILED: "不通过", Result.NOT_JUDGED: "未判定"}
STAGES = {"GD": "归档环节", "YJ": "移交与接收环节", "CQ": "长期保存环节"}


def verdict(checks: Sequence[Check]) -> Result:
    """What all checks together say: failed as soon as one has."""
    failed = any(check.result is Result.FAILED for check in checks)
    return Result.FAILED if failed else Result.PASSED


def report_xml(name: str, digest: str, checks: Sequence[Check], at: datetime) -> bytes:
    """四性检测报告 as XML: the package by name and digest, and every check."""
    root = Element("四性检测报告", {"版本": "1"})
    child(root, "归档信息包", name)
    child(root, "SHA256", digest)
    child(root, "检测时间", moment(at))
    child(root, "检测环节", checks[0].stage.value if checks else "")
    child(root, "检测结论", RESULTS[verdict(checks)])
    for check in checks:
        each = child(root, "检测项", 编号=check.id)
        child(each, "性质", check.dimension.value)
        child(each, "名称", check.title)
        child(each, "结果", RESULTS[check.result])
        child(each, "依据", check.evidence)
    return written(root)


def report_content(
    name: str,
    number: str,
    digest: str,
    checks: Sequence[Check],
    *,
    policy: tuple[str, str, str],
    watermark: str,
    at: datetime,
) -> Content:
    """四性检测报告 as a document to be set: conclusion first, then each dimension."""
    blocks: list[Heading | Paragraph | Cells | Rows] = [
        Cells(
            "检测对象",
            (
                Cell("归档信息包", name, wide=True),
                Cell("档号", number, wide=True),
                Cell("SHA-256", digest, wide=True),
                Cell("检测环节", STAGES[checks[0].stage.value] if checks else ""),
                Cell("检测时间", f"{at.astimezone(LOCAL):%Y-%m-%d %H:%M}"),
                Cell("检测结论", RESULTS[verdict(checks)]),
                Cell("检测项数", str(len(checks))),
            ),
        )
    ]
    for dimension in Dimension:
        blocks.append(Heading(dimension.value, 2))
        rows = tuple(
            (check.id, check.title, RESULTS[check.result], check.evidence)
            for check in checks
            if check.dimension is dimension
        )
        blocks.append(Rows(("编号", "检测项", "结果", "依据"), rows, (2, 6, 2, 6)))
    return Content(
        kind="archive_check_report",
        layout="report",
        title="归档信息包四性检测报告",
        number=number,
        language="zh",
        blocks=tuple(blocks),
        watermark=watermark,
        footer="",
        policy=policy,
        made_at=at,
    )

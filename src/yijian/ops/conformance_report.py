"""联调报告: the findings as a table for people, in both languages, and as JUnit XML for machines."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from xml.etree import ElementTree

from rich.console import Console
from rich.table import Table
from rich.text import Text

from yijian.ops.conformance import Finding, Words, good

SIGNS = {"pass": ("通过", "pass"), "fail": ("不通过", "FAIL"), "not_asked": ("未测", "not asked")}
COLOURS = {"pass": "green", "fail": "bold red", "not_asked": "yellow"}


def show(findings: Sequence[Finding], console: Console) -> None:
    """Print what was done, expected and came; below it what to mend."""
    table = Table(show_lines=True, expand=True)
    for title, ratio in (
        ("检查 check", 3),
        ("做了什么 done", 6),
        ("应得 expected", 6),
        ("实得 came", 6),
    ):
        table.add_column(title, ratio=ratio, overflow="fold")
    table.add_column("结果", width=8)
    for finding in findings:
        check = finding.check
        table.add_row(
            Text(check.code),
            _both(check.did),
            _both(check.expected),
            _both(finding.came),
            Text("\n".join(SIGNS[finding.verdict]), style=COLOURS[finding.verdict]),
        )
    console.print(table)
    for finding in findings:
        if finding.verdict == "fail":
            console.print(Text(f"✗ {finding.check.code}", style=COLOURS["fail"]))
            console.print(Text(f"  下一步：{finding.check.mend.zh}"))
            console.print(Text(f"  next: {finding.check.mend.en}"))
    console.print(Text(summary(findings).zh))
    console.print(Text(summary(findings).en))


def summary(findings: Sequence[Finding]) -> Words:
    """How many passed, failed and were not asked, and what follows from it."""
    count = {verdict: 0 for verdict in SIGNS}
    for finding in findings:
        count[finding.verdict] += 1
    passed, failed, left_out = count["pass"], count["fail"], count["not_asked"]
    zh = f"通过 {passed}，不通过 {failed}，未测 {left_out}："
    en = f"{passed} passed, {failed} failed, {left_out} not asked: "
    if not good(findings):
        return Words(zh + "不符合约定", en + "the contract is not kept")
    if left_out:
        return Words(zh + "所测部分符合约定", en + "what was asked keeps the contract")
    return Words(zh + "符合约定", en + "the contract is kept")


def write_junit(findings: Sequence[Finding], path: Path) -> None:
    """Write the findings as JUnit XML."""
    failed = sum(finding.verdict == "fail" for finding in findings)
    skipped = sum(finding.verdict == "not_asked" for finding in findings)
    counts = {"tests": len(findings), "failures": failed, "skipped": skipped}
    attributes = {name: str(number) for name, number in counts.items()}
    suite = ElementTree.Element("testsuite", {"name": "yijian conformance", **attributes})
    for finding in findings:
        check = finding.check
        case = {"classname": check.group, "name": check.code}
        element = ElementTree.SubElement(suite, "testcase", case)
        if finding.verdict == "fail":
            failure = ElementTree.SubElement(element, "failure", {"message": finding.came.en})
            failure.text = "\n".join(
                (check.did.en, check.expected.en, finding.came.en, check.mend.en)
            )
        elif finding.verdict == "not_asked":
            ElementTree.SubElement(element, "skipped", {"message": finding.came.en})
    ElementTree.indent(suite)
    ElementTree.ElementTree(suite).write(path, encoding="utf-8", xml_declaration=True)


def _both(words: Words) -> Text:
    return Text(words.zh if words.zh == words.en else f"{words.zh}\n{words.en}")

"""归档信息包: written the same every time, checked in four dimensions, every change named."""

from __future__ import annotations

import io
import json
import random
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.documents import archive_cast as cast
from yijian.documents import offline_verifier
from yijian.documents.archive import checks, naming, reports
from yijian.documents.archive.checks import Dimension, Expected, Result, Stage, examine
from yijian.documents.offline_verifier import NotAPackageError, files_of, package_faults
from yijian.domain.documents import as_data

VERIFIER = Path(offline_verifier.__file__)
Change = Callable[[dict[str, bytes]], None]


def failed(data: bytes) -> list[str]:
    return checks.faults(examine(data, keys=cast.NODE.keys))


def test_the_same_holdings_give_the_same_bytes() -> None:
    first, second = cast.packed(), cast.packed()
    assert first.data == second.data
    assert first.sha256 == second.sha256


def test_an_untouched_package_passes_every_check_of_every_stage() -> None:
    made = cast.packed()
    expected = Expected(made.sha256, made.sm3, made.size)
    for stage in Stage:
        found = examine(made.data, stage=stage, keys=cast.NODE.keys, expected=expected)
        assert {c.result for c in found} == {Result.PASSED}, checks.faults(found)
        assert {c.dimension for c in found} == set(Dimension)
        assert len({c.id for c in found}) == len(found) >= 24


def test_an_untouched_case_package_holds_the_digests_of_its_items() -> None:
    made = cast.packed()
    case = cast.packed_case(made)
    assert failed(case.data) == []
    catalogue = cast.unpacked(case.data)["目录.xml"].decode()
    assert made.sha256 in catalogue
    assert made.sm3 in catalogue
    assert "<未归档事项>" in catalogue


def test_a_package_lies_in_the_folders_of_its_layout() -> None:
    assert list(cast.unpacked(cast.packed().data)) == [
        "说明文件.txt",
        "基本信息.xml",
        "办理过程.xml",
        "申请材料/01-户口簿首页.png",
        "申请材料/02-申请数据.json",
        "办理结果/01-办理结果.xml",
        "其他/日志证明.json",
        "eep.xml",
        "校验信息.xml",
    ]


def test_a_name_with_markup_and_rare_characters_stays_as_it_is() -> None:
    basics = checks.checks_metadata.basics_of(files_of(cast.packed().data))
    assert basics["新生儿姓名"] == cast.RARE


@pytest.mark.parametrize(
    "title",
    [
        "../../etc/passwd",
        "a\\b:c*?",
        "\u202egpj.exe",
        "CON",
        "",
        "名" * 300,
        "a\x00b",
        " . ",
        "😀/",
    ],
)
def test_a_title_never_becomes_a_dangerous_file_name(title: str) -> None:
    name = naming.file_name(1, title, "png")
    assert offline_verifier.is_safe_name(f"申请材料/{name}")
    assert failed(cast.packed(title=title).data) == []


def _edit(name: str, old: bytes, new: bytes) -> Change:
    def change(files: dict[str, bytes]) -> None:
        assert old in files[name]
        files[name] = files[name].replace(old, new, 1)

    return change


def _proof(change: Callable[[dict[str, object]], None]) -> Change:
    def apply(files: dict[str, bytes]) -> None:
        proof = json.loads(files["其他/日志证明.json"])
        change(proof)
        files["其他/日志证明.json"] = json.dumps(proof).encode()

    return apply


SCAN = "申请材料/01-户口簿首页.png"
TAMPERED: dict[str, tuple[Change, str]] = {
    "a file": (lambda f: f.update({SCAN: f[SCAN] + b" "}), SCAN),
    "a missing file": (lambda f: f.pop(SCAN) and None, f"{SCAN}: 缺失"),
    "an extra file": (lambda f: f.update({"其他/02-x.txt": b"x"}), "其他/02-x.txt 多余"),
    "the list": (_edit("校验信息.xml", b"<SM3>", b"<SM3>0"), "签名无效"),
    "no list": (lambda f: f.pop("校验信息.xml") and None, "校验信息.xml 缺失"),
    "the encapsulation": (_edit("eep.xml", b"<\xe7\xbc\x96\xe7\xa0\x81\xe6\x95\xb0\xe6\x8d\xae>",
                          b"<\xe7\xbc\x96\xe7\xa0\x81\xe6\x95\xb0\xe6\x8d\xae>x"), "封装摘要不符"),
    "the metadata": (_edit("基本信息.xml", b"2026-Y-", b"2026-D10-"), "档号 与其组成部分不符"),
    "a metadata form": (_edit("基本信息.xml", "<年度>2026".encode(), "<年度>1026".encode()),
                        "年度 格式不符"),
    "a metadata element gone": (_edit("基本信息.xml", "密级>".encode(), "秘级>".encode()), ""),
    "the process": (_edit("办理过程.xml", b"completed", b"rejected"), "状态与日志不同"),
    "an entry": (_proof(lambda p: p["entries"][3].update(actor="staff:9")), "日志第 4 条: 内容被改动"),
    "a lost entry": (_proof(lambda p: p["entries"].pop(2)), "条目不连续"),
    "a path": (_proof(lambda p: p["proofs"][1]["path"].reverse()), "日志第 2 条: 存在证明不成立"),
    "a checkpoint": (_proof(lambda p: p["checkpoint"].update(size=12)), "签名无效"),
    "another root": (_proof(lambda p: p["checkpoint"].update(root="AAAA")), "签名无效"),
}  # fmt: skip


@pytest.mark.parametrize("what", TAMPERED)
def test_whatever_was_tampered_with_is_named(what: str) -> None:
    change, said = TAMPERED[what]
    files = cast.unpacked(cast.packed().data)
    change(files)
    found = failed(cast.repacked(files))
    assert any(said in each for each in found), found
    assert package_faults(cast.repacked(files), cast.NODE.keys)


def test_a_package_signed_by_a_stranger_is_named() -> None:
    data = cast.packed(node=cast.Node(2)).data
    assert any("不在可信之列" in fault for fault in failed(data))
    by_nobody = [c for c in examine(data) if c.title.endswith("签名者可信")]
    assert [c.result for c in by_nobody] == [Result.NOT_JUDGED]


def test_a_file_that_the_journal_does_not_know_is_named() -> None:
    item = cast.item()
    other = type(item.files[0])(item.files[0].folder, "户口簿首页", "png", cast.picture() + b" ", 3)
    changed = type(item)(
        item.name, item.basics, item.steps, (other, *item.files[1:]), item.proof, item.made_at
    )
    data = cast.pack_item(changed, cast.NODE).data
    assert any("日志第 3 条没有它的摘要" in fault for fault in failed(data))


def test_another_size_than_handed_over_is_named() -> None:
    made = cast.packed()
    expected = Expected(made.sha256, made.sm3, made.size + 1)
    found = examine(made.data, stage=Stage.TRANSFER, keys=cast.NODE.keys, expected=expected)
    assert [c.id for c in found if c.result is Result.FAILED] == ["YJ2-5"]


def test_evidence_never_repeats_what_the_metadata_say_of_a_person() -> None:
    files = cast.unpacked(cast.packed().data)
    for old, new in (("<申请人姓名>", "<申请人姓名>\x01"), ("<年度>2026", "<年度>王芳")):
        files["基本信息.xml"] = files["基本信息.xml"].replace(old.encode(), new.encode())
    said = "".join(c.evidence for c in examine(cast.repacked(files), keys=cast.NODE.keys))
    assert "王芳" not in said
    assert "阿卜杜拉" not in said


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("申请材料/03-程序.txt", b"MZ\x90", "可执行程序"),
        ("申请材料/03-表.docx", b"PK", "格式不适于长期保存"),
        ("申请材料/03-表.pdf", b"no pdf", "内容与扩展名不符"),
        ("申请材料/03-表.pdf", b"%PDF-1.7\nbroken", "无法打开"),
        ("申请材料/09-图.png", cast.picture(), "编号不连续"),
        ("别处/01-图.png", cast.picture(), "不在规定的位置"),
        ("其他/01-表.xml", b'<?xml version="1.0"?><!DOCTYPE a><a/>', "无法打开"),
    ],
)
def test_what_does_not_belong_into_an_archive_is_named(name: str, data: bytes, said: str) -> None:
    files = {**cast.unpacked(cast.packed().data), name: data}
    assert any(said in fault and name.partition("/")[0] in fault for fault in failed(
        cast.repacked(files)
    ))  # fmt: skip


def _zip(entries: list[tuple[str | zipfile.ZipInfo, bytes]], **options: int) -> bytes:
    into = io.BytesIO()
    with zipfile.ZipFile(into, "w", **options) as archive:
        for name, data in entries:
            archive.writestr(name, data)
    return into.getvalue()


def _link() -> zipfile.ZipInfo:
    link = zipfile.ZipInfo("link")
    link.create_system, link.external_attr = 3, 0o120777 << 16
    return link


HOSTILE: dict[str, bytes] = {
    "a way out": _zip([("../evil.txt", b"x")]),
    "an absolute path": _zip([("/etc/x", b"x")]),
    "a backslash": _zip([("a\\..\\x", b"x")]),
    "a drive": _zip([("C:x", b"x")]),
    "a link": _zip([(_link(), b"/etc/passwd")]),
    "a direction mark": _zip([("a\u202etxt.exe", b"x")]),
    "a bomb": _zip([("a", bytes(80 << 20))], compression=zipfile.ZIP_DEFLATED),
    "too many": _zip([(f"{n}", b"") for n in range(2001)]),
    "two of one name in two cases": _zip([("A", b"x"), ("a", b"y")]),
    "another compression": _zip([("a", b"x" * 99)], compression=zipfile.ZIP_BZIP2),
    "something before": b"#!/bin/sh\n" + _zip([("a", b"x")]),
    "something behind": _zip([("a", b"x")]) + b"tail",
    "cut off": cast.packed().data[:-40],
    "an encrypted entry": _zip([("a", b"x")]).replace(
        b"PK\x01\x02\x14\x03\x14\x00\x00", b"PK\x01\x02\x14\x03\x14\x00\x01"
    ),
    "no zip": b"%PDF-1.7",
    "nothing": b"",
}


@pytest.mark.parametrize("what", HOSTILE)
def test_a_hostile_zip_is_refused(what: str) -> None:
    with pytest.raises(NotAPackageError):
        files_of(HOSTILE[what])
    opened = [c for c in examine(HOSTILE[what]) if c.id == "CQ3-4"]
    assert [c.result for c in opened] == [Result.FAILED]


def test_the_report_says_every_check_in_xml_and_on_paper() -> None:
    made = cast.packed()
    found = examine(made.data, keys=cast.NODE.keys)
    xml = reports.report_xml(made.name, made.sha256, found, cast.NOW).decode()
    content = reports.report_content(
        made.name, "x", made.sha256, found, policy=("a", "1", "b"), watermark="", at=cast.NOW
    )
    paper = json.dumps(as_data(content), ensure_ascii=False)
    for check in found:
        assert f'编号="{check.id}"' in xml
        assert check.id in paper
    assert "未判定" in xml


def _run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-I", str(VERIFIER), *arguments],
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_one_file_verifier_judges_without_the_platform(tmp_path: Path) -> None:
    pem = cast.NODE._key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    key, good, bad = tmp_path / "node.pub.pem", tmp_path / "good.zip", tmp_path / "bad.zip"
    key.write_bytes(pem)
    good.write_bytes(cast.packed().data)
    files = cast.unpacked(cast.packed().data)
    files[SCAN] += b" "
    bad.write_bytes(cast.repacked(files))
    true = _run("--key", str(key), str(good))
    assert (true.returncode, true.stdout) == (0, "good.zip: 属实 TRUE\n")
    wrong = _run("--key", str(key), str(good), str(bad))
    assert wrong.returncode == 1
    assert f"{SCAN}: 大小不符" in wrong.stdout
    assert "未指定公钥" in _run(str(good)).stdout


def test_the_one_file_verifier_imports_nothing_of_ours() -> None:
    assert "yijian" not in [
        line.split()[1].partition(".")[0]
        for line in VERIFIER.read_text(encoding="utf-8").splitlines()
        if line.startswith(("import ", "from "))
    ]


def test_a_changed_byte_anywhere_is_found_and_breaks_no_verifier() -> None:
    made = cast.packed()
    expected = Expected(made.sha256, made.sm3, made.size)
    chance = random.Random(20261122)
    content = 0
    for _ in range(300):
        place, bit = chance.randrange(made.size), 1 << chance.randrange(8)
        data = bytearray(made.data)
        data[place] ^= bit
        found = examine(bytes(data), keys=cast.NODE.keys, expected=expected)
        assert any(c.id == "CQ2-5" and c.result is Result.FAILED for c in found), place
        content += bool(package_faults(bytes(data), cast.NODE.keys))
    # What is left are days and versions in the heads of the zip, which no file depends on.
    assert content > 270

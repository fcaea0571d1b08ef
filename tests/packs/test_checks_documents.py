"""What `packs check` finds in documents.yaml: each rule for documents, broken once."""

from pathlib import Path

import pytest

from tests.packs.edited import SMALL, TOWN, edited, lines
from yijian.packs.checks import check

DOCUMENTS = f"{TOWN}/documents.yaml"
FORM = f"{TOWN}/form.yaml"
WRITTEN = """
form:
  title: {zh: 申请表, en: Form}
  layout: form
  on: [signing_opened, case_submitted]
  parts:
    cells: {sheet: true, ticks: [hukou_follows], wide: [newborn_name]}
    words: {text: {zh: '{mother_name}申请，编号{case_number}', en: '{mother_name}, {case_number}'}}
    later: {text: {zh: 已交, en: Done}, on: [case_submitted]}
  signed: true
  filed: 申请材料
  readers: [family, certificate]
  decision: D1
refusal:
  title: {zh: 不予受理, en: Refusal}
  layout: notice
  on: ['task_moved:*:declined']
  scope: item
  only_with: reasons
  parts:
    reasons:
      listed: reasons
      head: [{zh: 事项, en: Item}, {zh: 原因, en: Why}, {zh: 依据, en: Basis}, {zh: 去处, en: Where}]
  seal: office
  filed: {folder: 审查材料, item: certificate}
  readers: [family, office]
  basis: [town, 一]
report:
  title: {zh: '{month}月报', en: 'Report {month}'}
  layout: report
  scope: none
  given: [month, rows]
  parts:
    rows: {listed: rows, head: [{zh: 事项, en: Item}]}
  readers: [lead]
  decision: D1
"""
MARK = "  document_watermark: {zh: '{purpose}', en: '{purpose}'}\n"


def with_documents(tmp_path: Path, *changes: tuple[str, str, str]) -> list[str]:
    folder = edited(
        tmp_path, (DOCUMENTS, "", WRITTEN), (f"{TOWN}/words.yaml", "words:\n", f"words:\n{MARK}")
    )
    for file, old, new in changes:
        path = folder / file
        text = path.read_text(encoding="utf-8")
        assert old in text, old
        path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return lines(check(folder, TOWN))


def test_documents_as_they_should_be_have_nothing_to_be_found(tmp_path: Path) -> None:
    assert check(SMALL, TOWN) == ()
    assert with_documents(tmp_path) == []


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("[signing_opened,", "[signing_opend,", "没有叫“signing_opend”的事件，是不是“signing_opened”？"),
        ("'task_moved:*:declined'", "'task_moved:*:declind'", "事件“task_moved”没有“declind”"),
        ("['task_moved:*:declined']", "[case_submitted]", "每个事项一份的文书，时机要是事项的事件"),
        ("on: [case_submitted]}", "on: [signed]}", "这份文书没有“signed”这个时机"),
        ("'{mother_name}申请", "'{mother_nam}申请", "没有叫“mother_nam”的变量，是不是“mother_name”？"),
        ("'{mother_name}申请", "'{mother_name申请", "花括号没有成对"),
        ("'{month}月报'", "'{moon}月报'", "没有叫“moon”的变量"),
        ("      listed: reasons", "      listed: reason", "没有叫“reason”的清单，是不是“reasons”？"),
        ("only_with: reasons", "only_with: reason", "没有叫“reason”的清单，是不是“reasons”？"),
        (", {zh: 去处, en: Where}]", "]", "清单“reasons”有 4 列，表头写了 3 个"),
        ("rows: {listed: rows", "rows: {listed: items", "没有叫“items”的清单"),
        ("ticks: [hukou_follows]", "ticks: [hukou_folows]", "这里没有“hukou_folows”这一格"),
        ("ticks: [hukou_follows]", "ticks: [newborn_name]", "“newborn_name”不是 16 个以内的选项"),
        ("cells: {sheet: true, ticks: [hukou_follows], wide: [newborn_name]}",
         "cells: {official: 婴儿}", "官方表格没有“婴儿”这一栏"),
        ("cells: {sheet: true, ticks: [hukou_follows], wide: [newborn_name]}\n    ", "",
         "官方表格的“姓名”没有印在哪一份文书上"),
        ("  decision: D1\nrefusal", "refusal", "没有写依据（basis），也没有决定（decision）"),
        ("  filed: 申请材料\n", "", "没有写归到档案的哪个目录（filed）"),
        ("  readers: [lead]\n", "", "没有写谁能看（readers）"),
        ("  scope: item\n", "", "办理机构的章只盖在每个事项一份的文书上"),
        ("  scope: item\n", "", "不是每个事项一份的，要写是哪个事项的机构能看"),
        ("  scope: none\n", "  scope: none\n  on: [case_submitted]\n  filed: 其他\n",
         "不属于哪一件的文书没有时机"),
        ("  scope: none\n", "", "才由别处给出内容（given）"),
        # What is named must exist.
        ("readers: [family, certificate]", "readers: [family, certificat]", "没有叫“certificat”的事项"),
        ("item: certificate}", "item: certificat}", "没有叫“certificat”的事项，是不是“certificate”？"),
        ("  signed: true\n", "  statement: paper\n", "没有叫“paper”的声明书"),
        (
            "words: {text: {zh: '{mother_name}申请，编号{case_number}',"
            " en: '{mother_name}, {case_number}'}}",
            "words: {word: nothing}", "没有叫“nothing”的词句",
        ),
        (
            "cells: {sheet: true,", "cells: {facts: [mother_nam], sheet: false,",
            "没有叫“mother_nam”的事实",
        ),
        ("  signed: true\n", "  when: mother_nam == ''\n", "没有叫“mother_nam”的事实"),
        # The shape of a part.
        ("later: {text: {zh: 已交, en: Done},", "later: {text: {zh: 已交, en: Done}, sheet: true,",
         "text、word、facts、official、sheet、listed、qr 只写一个"),
        ("{zh: 已交, en: Done}", "已交", "缺少英文：“已交”"),
    ],
)  # fmt: skip
def test_each_fault_of_a_document_is_said_once_with_its_place(
    tmp_path: Path, old: str, new: str, sentence: str
) -> None:
    found = [line for line in with_documents(tmp_path, (DOCUMENTS, old, new)) if sentence in line]
    assert len(found) == 1
    assert found[0].startswith((f"{DOCUMENTS}:", f"{FORM}:"))


def test_a_watermark_that_nobody_worded_is_found(tmp_path: Path) -> None:
    found = with_documents(tmp_path, (f"{TOWN}/words.yaml", MARK, ""))
    assert any("words.yaml 里没有水印的写法（document_watermark）" in line for line in found)


def test_a_paper_beside_the_form_that_no_document_prints_is_found(tmp_path: Path) -> None:
    paper = """
statements:
  paper:
    title: {zh: 声明, en: Paper}
    signed_by: [mother]
    text: {zh: 我同意, en: I agree}
    basis: [town, 一]
official:"""
    found = with_documents(tmp_path, (FORM, "\nofficial:", paper))
    assert [line for line in found if "没有出“声明”的文书" in line]


def test_an_official_cell_without_a_field_is_printed_with_its_english_words(
    tmp_path: Path,
) -> None:
    changes = (
        (FORM, "  签名: {decision: D1}", "  签名·妈妈: {decision: D1}"),
        (DOCUMENTS, "    later:", "    sign: {official: 签名}\n    later:"),
    )
    found = with_documents(tmp_path, *changes)
    assert len([line for line in found if "“妈妈”没有字段，印出来要写英文" in line]) == 1

"""Every document of every family of every shipped pack is worded, whole, in both languages."""

import re
from collections.abc import Iterator
from functools import cache

import pytest

from tests.packs.edited import PACKS
from yijian.domain.cases import Case
from yijian.domain.context import Context
from yijian.domain.documents import Cells, Content, Rows, Signatures, Ticks, texts
from yijian.domain.paperwork import DueDocument, content_of, report_of
from yijian.packs.divisions import load
from yijian.packs.examples import example_files, load_example
from yijian.packs.expressions import remembering
from yijian.packs.loading import load_context, running_codes
from yijian.packs.rehearsal import play

CODES = running_codes(PACKS)
LINK = "https://example.cn/my/cases/1/"
DIVISIONS = load(PACKS)
PLACES = {code: DIVISIONS.full_name(code) for code in DIVISIONS.rows}
CHINESE = re.compile(r"[一-鿿]")
OFFICIAL = {
    "340000-anhui": "安徽省新生儿出生“一件事”办理申请表",
    "450000-guangxi-city": "新生儿出生一件事办理登记表",
    "431222-yuanling": "沅陵县新生儿出生“一件事”申请表",
}


@cache
def played(code: str) -> tuple[tuple[str, DueDocument, Case], ...]:
    """Every document that became due in an example of the pack, with the case as it was then."""
    ctx = load_context(PACKS, code)
    return tuple(
        (path.name, due, case)
        for path in example_files(PACKS, code)
        for due, case in play(load_example(PACKS, path), ctx).documents
    )


def worded(due: DueDocument, case: Case, ctx: Context, language: str = "zh") -> Content:
    return content_of(due, case, ctx, due.at, language, link=LINK, places=PLACES)


def made(code: str, example: str, kind: str) -> Content:
    """The last version of that document in the example whose name begins so."""
    ctx = load_context(PACKS, code)
    found = [
        worded(due, case, ctx)
        for name, due, case in played(code)
        if name.startswith(example) and due.kind == kind
    ]
    return found[-1]


def cells(content: Content) -> Iterator[tuple[str, str]]:
    """Label and value of every cell and choice."""
    for block in content.blocks:
        for cell in block.cells if isinstance(block, Cells) else ():
            if isinstance(cell, Ticks):
                yield cell.label, "、".join(name for name, ticked in cell.options if ticked)
            else:
                yield cell.label, cell.value


def rows(content: Content) -> list[tuple[str, ...]]:
    return [row for block in content.blocks if isinstance(block, Rows) for row in block.rows]


@pytest.mark.parametrize("code", CODES)
def test_every_document_says_something_and_leaves_neither_braces_nor_codes(code: str) -> None:
    ctx = load_context(PACKS, code)
    kinds = set()
    with remembering():
        for name, due, case in played(code):
            content = worded(due, case, ctx)
            assert content.title, (name, due.kind)
            assert len(content.blocks) >= 2, (name, due.kind)
            assert content.number.startswith(case.number)
            assert not re.search(r"\{[a-z_]+\}", "".join(texts(content))), (name, due.kind)
            for label, value in cells(content):
                assert value not in PLACES, (name, due.kind, label)
            kinds.add(due.kind)
    assert {"application_form", "acceptance_notice", "family_receipt", "delivery_slip"} <= kinds


@pytest.mark.parametrize("code", CODES)
def test_every_document_can_be_had_in_english(code: str) -> None:
    ctx = load_context(PACKS, code)
    seen = set()
    for name, due, case in played(code):
        if due.kind in seen:
            continue
        seen.add(due.kind)
        content = worded(due, case, ctx, "en")
        heads = [part for block in content.blocks if isinstance(block, Rows) for part in block.head]
        labels = [label for label, _ in cells(content)]
        for words in (content.title, *heads, *labels):
            assert not CHINESE.search(words), (name, due.kind, words)


@pytest.mark.parametrize("code", CODES)
def test_the_same_document_is_worded_the_same_twice(code: str) -> None:
    ctx = load_context(PACKS, code)
    for _, due, case in played(code)[:12]:
        assert worded(due, case, ctx) == worded(due, case, ctx)


@pytest.mark.parametrize("code", CODES)
def test_the_application_is_signed_by_everybody_who_signs_and_only_when_submitted(
    code: str,
) -> None:
    ctx = load_context(PACKS, code)
    versions = [(d, c) for name, d, c in played(code) if d.kind == "application_form"]
    for due, case in versions[:20]:
        (boxes,) = [b for b in worded(due, case, ctx).blocks if isinstance(b, Signatures)]
        on = {box.on for box in boxes.signed_by if box.on}
        assert bool(on) == (due.occasion == "case_submitted")


@pytest.mark.parametrize("code", OFFICIAL)
def test_every_printed_cell_of_the_official_form_stands_on_a_document(code: str) -> None:
    ctx = load_context(PACKS, code)
    content = made(code, "0", "application_form")
    assert content.title == OFFICIAL[code]
    part_of = {p.official: p for p in ctx.pack.documents["application_form"].parts if p.official}
    printed = [label for label, _ in cells(content)]
    for cell, filled in ctx.pack.official.items():
        section, _, name = cell.partition("·")
        part = part_of.get(section)
        if part is None or name in part.elsewhere:
            continue
        words = part.labels[name].zh if name in part.labels else name
        assert words in printed, (cell, filled)
    sections = [title.zh for p in part_of.values() if (title := p.title)]
    titles = [block.title for block in content.blocks if isinstance(block, Cells) if block.title]
    assert titles == sections


def test_the_form_of_anhui_is_filled_in_as_the_family_said() -> None:
    said = dict(cells(made("340000-anhui", "01-", "application_form")))
    assert said["婴儿姓名"]
    assert said["经父母双方协商一致，婴儿户口"] in ("随父亲", "随母亲")
    assert said["居民户口簿"] == "户籍地派出所打印"
    assert re.fullmatch(r"\d{17}[\dX]", said["母亲证件号码"])


def test_a_refusal_names_reason_basis_and_the_way_on() -> None:
    content = made("431222-yuanling", "77-", "refusal_notice")
    ((item, reason, basis, way), (_, _, where, bring)) = rows(content)
    assert item == "户口登记"
    assert reason == "入户的这一户正在办理迁移，办完再到派出所登记"
    assert basis.startswith("《沅陵县") and "沅审改办〔2022〕6号" in basis
    assert "派出所" in way and "派出所" in where and "结婚证" in bring


def test_the_hand_over_lists_what_goes_to_the_counter_and_what_is_done() -> None:
    content = made("431222-yuanling", "77-", "handover_notice")
    listed = rows(content)
    assert [row[0] for row in listed[:3]] == [
        "户口登记",
        "城乡居民医保参保登记",
        "城乡居民医保缴费",
    ]
    assert any(row[0] == "出生医学证明编号" for row in listed)


def test_acceptance_names_items_offices_limits_and_the_number_to_ask_by() -> None:
    content = made("340000-anhui", "01-", "acceptance_notice")
    assert ("《出生医学证明》签发", "合肥市蜀山区示例妇幼保健院", "1个工作日") in rows(content)
    assert content.number.endswith("-A")
    assert any(LINK in text for text in texts(content))


def test_a_parcel_has_its_address_on_the_slip_and_a_pick_up_has_none() -> None:
    ctx = load_context(PACKS, "340000-anhui")
    collected, mailed = (
        dict(cells(worded(due, case, ctx)))
        for name, due, case in played("340000-anhui")
        if name.startswith(("01-", "53-")) and due.about == "delivery_slip:birth_certificate:1"
    )
    assert "收件地址" not in collected
    assert mailed["收件地址"] == "庐阳区星河路18号6栋301室"


def test_what_is_only_told_needs_no_slip() -> None:
    slips = {d.item for _, d, _ in played("340000-anhui") if d.kind == "delivery_slip"}
    assert "medical_insurance_enrolment" not in slips
    assert {"birth_certificate", "hukou_registration"} <= slips


def test_the_delta_has_its_fixed_wording_as_watermark() -> None:
    content = made("yangtze-delta", "01", "application_form")
    assert content.watermark == "长三角区域“一件事”跨省通办专用"


def test_elsewhere_the_watermark_names_who_and_when() -> None:
    content = made("340000-anhui", "01-", "application_form")
    assert re.fullmatch(r"仅用于.+　\S+　2026年\d+月\d+日", content.watermark)


def test_the_recipient_box_of_putian_says_handled_online() -> None:
    said = list(texts(made("350300-putian", "01-", "first_issue_register_issued")))
    assert "领证人员签字：线上办理" in said


def test_the_mother_in_putian_signs_both_registers_with_her_application() -> None:
    for kind in ("first_issue_register", "resident_register_form"):
        content = made("350300-putian", "01-", kind)
        (boxes,) = [block for block in content.blocks if isinstance(block, Signatures)]
        assert [bool(box.on) for box in boxes.signed_by] == [True]


def test_the_register_form_of_anhui_says_that_the_family_confirmed_it_online() -> None:
    content = made("340000-anhui", "01-", "resident_register_form")
    assert any("在线核对、确认无误" in text for text in texts(content))
    (boxes,) = [block for block in content.blocks if isinstance(block, Signatures)]
    assert [box.on for box in boxes.signed_by] == [""]


def test_a_monthly_report_is_made_of_counts() -> None:
    pack = load_context(PACKS, "340000-anhui").pack
    given: dict[str, str | list[tuple[str, ...]]] = dict.fromkeys(
        ("service", "place", "period", "submitted", "closed", "withdrawn", "on_time"), "3"
    )
    given |= {"items": [("出生登记", "3", "3", "0", "0", "1天")], "offices": [], "reasons": []}
    _, due, _ = played("340000-anhui")[0]
    content = report_of("monthly_report", pack, given, due.at, office="示例委")
    assert rows(content)[0] == ("出生登记", "3", "3", "0", "0", "1天")
    assert content.watermark == ""

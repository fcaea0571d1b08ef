"""What people and programs may put into a document: shown as it came, or refused by name."""

from dataclasses import replace
from io import BytesIO
from typing import Any

import pdfplumber
import pytest

from tests.documents.papers import LAYOUTS, STROKES, paper, read_in, said_in
from yijian.documents import typesetting
from yijian.documents.typesetting import MissingGlyphError, TypesettingError, typeset
from yijian.domain.documents import (
    Cell,
    Cells,
    Content,
    Heading,
    Paragraph,
    QrCode,
    Rows,
    SealPlace,
    Signatures,
    SignedBy,
    Ticks,
)

LITERAL = {
    "markup": '#strong[x] $x$ <b> *b* _i_ = 一 @ref <lab> `raw` \\u{41} // c /* c */ #import "a"',
    "thirty characters": "阿卜杜勒·艾合买提·买买提明·吐尔逊·依明江·阿不都热依木",
    "rare characters": "㐀䶮𬳽龘〇",
    "formula": "=cmd|' /C calc'!A0",
    "template": "{{7*7}} ${7*7} %s {0}",
    "database": "'; DROP TABLE case;--",
    "page": "<img src=x onerror=alert(1)>",
    "quotes": "\"a\" 'b' “c” -- --- ...",
    "spaces": "a    b\u3000\u3000c",
    "ligatures": "office ffi fl",
    "full width": "ＡＢＣ１２３",
    "composed": "Ame\u0301lie",
}
LONG = {
    "letters": "X" * 120,
    "digits": "1234567890" * 12,
    "address": "https://example.invalid/" + "a/b_c?d=e&" * 12,
    "dots": "·" * 120,
    "dashes": "—" * 120,
    "lines": "_" * 120,
    "characters": "国" * 300,
}
UNSEEN = {
    "zero width": "\u200b",
    "joiner": "\u200d",
    "byte order": "\ufeff",
    "right to left override": "\u202e",
    "isolate": "\u2067",
    "soft hyphen": "\u00ad",
    "nothing": "\x00",
    "escape": "\x1b",
    "delete": "\x7f",
    "line separator": "\u2028",
    "private use": "\ue000",
    "private plane": "\U000f0000",
    "half a pair": "\ud800",
    "not a character": "\ufffe",
    "emoji": "😀",
    "arabic": "م",
    "hebrew": "ש",
    "no font has it": "\U00020000",
    "variation of a character": "\U000e0100",
    "variation of a sign": "\ufe0f",
    "stacked mark": "\u0301",
    "tag": "\U000e0041",
}


def everywhere(value: str, layout: str = "form") -> Content:
    """A document that says the value in every kind of block."""
    return paper(
        layout,
        Heading(value),
        Paragraph(value),
        Cells("新生儿", (Cell("姓名", value), Cell(value, "值"), Cell("住址", value, wide=True))),
        Cells("三栏", (Cell("一", value), Cell("二", value), Cell("三", value)), 3),
        Ticks("选择", ((value, True), ("否", False))),
        Rows(("一", "二", "三", "四", "五"), ((value, "1", value, "2", "3"),)),
        Signatures((SignedBy("签名：", value), SignedBy("签名：", "", typed=value, note=value))),
        SealPlace(value, "2026年11月20日"),
        QrCode("x", value),
    )


def level(page: Any) -> list[dict[str, Any]]:
    """The characters of a page but for those of the watermark, which stand aslant."""
    return [each for each in page.chars if each["matrix"][1] == 0]


def outside(pdf: pdfplumber.PDF, margin_mm: float) -> str:
    """Every character that stands outside of the margins."""
    margin = margin_mm * 72 / 25.4 - 1
    return "".join(
        each["text"]
        for page in pdf.pages
        for each in level(page)
        if not (margin < each["x0"] and each["x1"] < page.width - margin)
    )


def across_rules(pdf: pdfplumber.PDF) -> str:
    """Every character that an upright rule of a grid runs through."""
    crossed = []
    for page in pdf.pages:
        rules = [each for each in page.lines if abs(each["x0"] - each["x1"]) < 0.1]
        crossed += [
            each["text"]
            for each in level(page)
            if any(
                each["x0"] + 0.5 < rule["x0"] < each["x1"] - 0.5
                and rule["top"] < (each["top"] + each["bottom"]) / 2 < rule["bottom"]
                for rule in rules
            )
        ]
    return "".join(crossed)


@pytest.mark.parametrize("value", LITERAL.values(), ids=LITERAL)
def test_a_value_is_printed_letter_for_letter_in_every_block(value: str) -> None:
    wanted = "".join(value.split())
    assert said_in(typeset(everywhere(value)).pdf).count(wanted) == 16


def test_the_ends_of_lines_are_kept_whichever_they_are() -> None:
    pdf = typeset(paper("form", Cells("", (Cell("姓名", "第一行\n第二行\r\n第三行\r第四行"),)))).pdf
    lines = [line.strip() for line in read_in(pdf).splitlines()]
    assert [each for each in lines if each.startswith("第") and each.endswith("行")] == [
        "第一行",
        "第二行",
        "第三行",
        "第四行",
    ]


@pytest.mark.parametrize("character", UNSEEN.values(), ids=UNSEEN)
def test_a_character_that_nobody_would_see_is_refused(character: str) -> None:
    with pytest.raises(MissingGlyphError) as refused:
        typeset(paper("form", Cells("", (Cell("姓名", f"王{character}小"),))))
    assert refused.value.characters == character


@pytest.mark.parametrize(
    ("kind", "layout"),
    [*((kind, "register") for kind in LONG), *(("address", layout) for layout in LAYOUTS)],
)
def test_a_long_run_stays_inside_of_its_cell_and_page(kind: str, layout: str) -> None:
    with pdfplumber.open(BytesIO(typeset(everywhere(LONG[kind], layout)).pdf)) as pdf:
        assert any(page.lines for page in pdf.pages)
        assert outside(pdf, 16) == ""
        assert across_rules(pdf) == ""


def test_an_id_number_is_never_broken_in_a_narrow_cell() -> None:
    number = "340103199503124526"
    cells = tuple(Cell(label, number) for label in ("母亲", "父亲", "新生儿"))
    assert read_in(typeset(paper("register", Cells("", cells, 3))).pdf).count(number) == 3


def test_a_document_of_many_pages_is_set_in_seconds() -> None:
    made = typeset(paper("report", Paragraph("国" * 100_000), Rows(("一",), (("行\n" * 2_000,),))))
    assert made.pages > 100


def test_too_much_of_anything_is_refused_with_its_limit() -> None:
    for content in (
        paper("form", Paragraph("国" * 400_001)),
        replace(paper("form"), title="国" * 121),
        replace(paper("form"), number="1" * 61),
        replace(paper("form"), footer="国" * 201),
        replace(paper("form"), watermark="国" * 201),
    ):
        with pytest.raises(TypesettingError, match="characters"):
            typeset(content)


def test_head_and_foot_of_the_longest_stay_on_the_page() -> None:
    rows = Rows(("一",), tuple((str(number),) for number in range(100)))
    longest = replace(
        paper("form", rows),
        title="国" * 120,
        number="国" * 60,
        footer="国" * 200,
        watermark="国" * 200,
    )
    made = typeset(longest)
    with pdfplumber.open(BytesIO(made.pdf)) as pdf:
        assert len(pdf.pages) > 1
        for page in pdf.pages:
            assert min(each["top"] for each in level(page)) > 10
            assert max(each["bottom"] for each in level(page)) < page.height - 10


@pytest.mark.parametrize("layout", ["", "../main", "layouts/form", "form.typ", "Form", "nowhere"])
def test_a_layout_that_is_none_of_ours_is_refused(layout: str) -> None:
    with pytest.raises(TypesettingError, match="no layout"):
        typeset(paper(layout))


def test_headings_that_skip_a_level_are_set_all_the_same() -> None:
    said = said_in(typeset(paper("report", Heading("先二级", 2), Heading("再五级", 5))).pdf)
    assert "先二级再五级" in said


def test_blocks_without_anything_in_them_are_set_all_the_same() -> None:
    empty = (
        Heading(""),
        Paragraph(""),
        Cells("", ()),
        Cells("无", (Cell("", ""),), 0),
        Ticks("", ()),
        Rows((), ()),
        Rows(("",), ((),), (1, 2, 3)),
        Signatures(()),
        SealPlace("", ""),
    )
    for layout in LAYOUTS:
        assert (
            typeset(replace(paper(layout, *empty), number="", watermark="", footer="")).pages == 1
        )


def test_a_document_without_a_title_is_refused() -> None:
    with pytest.raises(TypesettingError, match="title"):
        typeset(replace(paper("form"), title=" \n"))


def test_pictures_without_any_words_are_told_to_who_cannot_see_them() -> None:
    nobody = Signatures((SignedBy("", "", STROKES),))
    for content in (paper("letter", nobody), paper("letter", QrCode("x", " "))):
        assert typeset(content).pages == 1


class PanicException(BaseException):
    """What the compiler raises when it meets a bug of its own; no Exception, as the real one."""


def test_a_compiler_that_panics_costs_one_document_and_not_the_worker(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Broken:
        def compile(self, **_: Any) -> bytes:
            raise PanicException("王芳")

    typeset(paper("form"))
    monkeypatch.setattr(typesetting._kept, "compiler", Broken())
    with pytest.raises(TypesettingError) as refused:
        typeset(paper("form"))
    assert "王芳" not in str(refused.value)
    assert typeset(paper("form")).pages == 1


def test_no_refusal_repeats_what_the_document_says() -> None:
    secret = "王\U00020000芳340103199503124526"
    with pytest.raises(MissingGlyphError) as refused:
        typeset(paper("form", Paragraph(secret)))
    assert not set("王\U00020000芳3") & set(str(refused.value))

"""Documents set on paper: what is said is read again letter for letter, whatever was said."""

from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from tests.documents.papers import LAYOUTS, paper, read_in, said_in
from tests.documents.seal_cast import AT, HOSPITAL, notice
from yijian.documents.seals.pdf import seal_pdf
from yijian.documents.seals.self_hosted import SelfHostedSeals
from yijian.documents.typesetting import MissingGlyphError, png_of, typeset
from yijian.domain.documents import Cell, Cells, Paragraph, Ticks
from yijian.records.crypto import Key


@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_layout_says_its_text_and_its_values(layout: str) -> None:
    read = said_in(typeset(paper(layout)).pdf)
    for text in ("新生儿出生登记", "李小满", "340103199503124526", "YJ-2026-0001"):
        assert text in read


def test_a_character_without_a_glyph_is_named_instead_of_set() -> None:
    with pytest.raises(MissingGlyphError) as refused:
        typeset(paper("form", Cells("", (Cell("姓名", "王\U00020000\ue000小"),))))
    assert refused.value.characters == "\ue000\U00020000"
    assert "\U00020000" not in str(refused.value)


def test_a_moment_with_a_part_of_a_second_is_set_like_any_other() -> None:
    made = paper("notice", Paragraph("正文"))
    later = replace(made, made_at=made.made_at.replace(microsecond=123_456))
    assert typeset(later).pages == typeset(made).pages == 1


def test_equal_content_gives_equal_bytes() -> None:
    first = typeset(paper("notice")).pdf
    typeset(paper("list", Paragraph("另一份")))
    assert typeset(paper("notice")).pdf == first


def test_a_choice_inside_a_section_is_a_whole_line_of_its_grid() -> None:
    section = Cells(
        "新生儿信息",
        (
            Cell("姓名", "李小满"),
            Ticks("户口随", (("随父亲", True), ("随母亲", False))),
            Cell("民族", "汉族"),
            Cell("性别", "女"),
        ),
    )
    said = said_in(typeset(paper("form", section)).pdf).replace(section.title, "")
    assert "姓名李小满户口随□✓随父亲□随母亲民族汉族性别女" in said


def test_a_preview_shows_the_seal_on_its_place(tmp_path: Path) -> None:
    made = notice()
    place = made.seal_places[0]
    provider = SelfHostedSeals(tmp_path, Key(b"k" * 32))
    sealed = seal_pdf(made.pdf, holder=HOSPITAL, provider=provider, at=AT, spot=place)
    for pdf, red in ((made.pdf, False), (sealed, True)):
        picture = Image.open(BytesIO(png_of(pdf, place.page, dots_per_inch=72))).convert("RGB")
        left, top = place.x_mm * 72 / 25.4, place.y_mm * 72 / 25.4
        side = place.width_mm * 72 / 25.4
        seen = picture.crop((round(left), round(top), round(left + side), round(top + side)))
        levels = iter(seen.tobytes())
        points = zip(levels, levels, levels, strict=True)
        reds = [1 for r, g, b in points if r > 150 and g < 110 and b < 110]
        assert (len(reds) > 200) is red
        assert picture.size == (596, 842)


def test_an_english_word_is_broken_only_with_a_hyphen() -> None:
    cells = Cells("", (Cell("Kind of insurance", "Resident scheme (newborn)"), Cell("Place", "x")))
    read = read_in(typeset(paper("form", cells, language="en")).pdf)
    assert "(new-born)" in read

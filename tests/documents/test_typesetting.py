"""Documents set on paper: what is said is read again letter for letter, whatever was said."""

import pytest

from tests.documents.papers import LAYOUTS, paper, said_in
from yijian.documents.typesetting import MissingGlyphError, typeset
from yijian.domain.documents import Cell, Cells, Paragraph


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


def test_equal_content_gives_equal_bytes() -> None:
    first = typeset(paper("notice")).pdf
    typeset(paper("list", Paragraph("另一份")))
    assert typeset(paper("notice")).pdf == first

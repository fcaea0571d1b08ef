"""Rare characters: an operator's own font shows what ours cannot."""

from pathlib import Path

import pytest
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen

from tests.documents.papers import paper, said_in
from yijian.documents.typesetting import MissingGlyphError, typeset
from yijian.domain.documents import Cell, Cells

RARE = "\U00020000"
PRIVATE = "\ue000"


@pytest.fixture
def own_fonts(tmp_path: Path) -> Path:
    """A folder with a font of two squares: one rare character, one of a private code."""
    builder = FontBuilder(1000, isTTF=True)
    names = [".notdef", "rare", "private"]
    pen = TTGlyphPen(None)
    for x, y in ((100, 0), (900, 0), (900, 800), (100, 800)):
        (pen.moveTo if (x, y) == (100, 0) else pen.lineTo)((x, y))
    pen.closePath()
    square = pen.glyph()
    builder.setupGlyphOrder(names)
    builder.setupCharacterMap({ord(RARE): "rare", ord(PRIVATE): "private"})
    builder.setupGlyf(dict.fromkeys(names, square))
    builder.setupHorizontalMetrics(dict.fromkeys(names, (1000, 100)))
    builder.setupHorizontalHeader(ascent=880, descent=-120)
    builder.setupNameTable(
        {
            "familyName": "Rare Names",
            "styleName": "Regular",
            "uniqueFontIdentifier": "Rare Names 1",
            "fullName": "Rare Names Regular",
            "psName": "RareNames-Regular",
        }
    )
    builder.setupOS2()
    builder.setupPost()
    builder.save(tmp_path / "rare.ttf")
    return tmp_path


def test_a_font_of_the_operator_shows_what_ours_cannot(own_fonts: Path) -> None:
    content = paper("form", Cells("", (Cell("姓名", f"王{RARE}小"),)))
    with pytest.raises(MissingGlyphError):
        typeset(content)
    assert f"王{RARE}小" in said_in(typeset(content, fonts=own_fonts).pdf)


def test_a_font_put_there_later_is_known_to_the_next_document(
    own_fonts: Path, tmp_path: Path
) -> None:
    content = paper("form", Cells("", (Cell("姓名", f"王{RARE}小"),)))
    later = tmp_path / "later"
    later.mkdir()
    with pytest.raises(MissingGlyphError):
        typeset(content, fonts=later)
    (own_fonts / "rare.ttf").rename(later / "rare.ttf")
    assert f"王{RARE}小" in said_in(typeset(content, fonts=later).pdf)


def test_a_private_code_is_refused_even_where_a_font_draws_it(own_fonts: Path) -> None:
    with pytest.raises(MissingGlyphError) as refused:
        typeset(paper("form", Cells("", (Cell("姓名", f"王{PRIVATE}"),))), fonts=own_fonts)
    assert refused.value.characters == PRIVATE


def test_a_file_that_is_no_font_stops_nothing_else(own_fonts: Path) -> None:
    (own_fonts / "readme.txt").write_text("fonts of rare characters")
    (own_fonts / "broken.ttf").write_bytes(b"no font at all")
    (own_fonts / "broken.ttc").write_bytes(b"ttcf and then nothing")
    assert typeset(paper("form"), fonts=own_fonts).pages == 1


def test_rare_characters_that_names_use_are_shown() -> None:
    for sample in ("㑇㛃䶮", "𬭊𫖯𬸦", "龘靐齉", "·•", "〇", "ⅣⅨ", "①②③"):
        assert sample in said_in(typeset(paper("form", Cells("", (Cell("姓名", sample),)))).pdf)

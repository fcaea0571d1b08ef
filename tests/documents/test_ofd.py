"""The OFD twin of a document: it says what the PDF says and looks as the PDF looks."""

import io
import itertools
import re
import zipfile
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from xml.etree import ElementTree

import ofdkit
import pylopdf_fonts_zh_cn
import pypdfium2
import pytest
import typst
from fontTools.ttLib import TTFont
from PIL import Image, ImageChops, ImageStat

from bench.ofd_schemas import complaints
from tests.documents.ofd_picture import picture_of
from tests.documents.papers import LAYOUTS, paper, said_in
from yijian.documents.ofd.checking import faults
from yijian.documents.ofd.drawing import Ink, Letter, Writing
from yijian.documents.ofd.fonts import Faces
from yijian.documents.ofd.images import UndrawableError
from yijian.documents.ofd.marks import Scribe
from yijian.documents.ofd.markup import NAMESPACE
from yijian.documents.ofd.package import parts
from yijian.documents.ofd.reading import text_of
from yijian.documents.ofd.writing import ofd_of
from yijian.documents.typesetting import typeset
from yijian.domain.documents import Cell, Cells

SCHEMAS = Path(__file__).resolve().parents[2] / "../shared/data/ofd-xsd"
DOTS_PER_MM = 6.0
OFD = "{http://www.ofdspec.org/2016}"


def twins(layout: str) -> tuple[bytes, bytes]:
    content = paper(layout)
    pdf = typeset(content).pdf
    return pdf, ofd_of(pdf, content)


def set_by_hand(source: str) -> bytes:
    """A PDF from typst source, for what our own templates never do."""
    page = "#set page(width: 100mm, height: 100mm, margin: 10mm)\n"
    fonts = typst.Fonts(
        include_system_fonts=False,
        font_paths=[str(Path(pylopdf_fonts_zh_cn.__file__).parent)],
    )
    body = f'{page}#set text(font: "Noto Serif SC", size: 12pt)\n{source}'
    return typst.Compiler(body.encode(), font_paths=fonts).compile(format="pdf")


def page_of(ofd: bytes) -> ElementTree.Element:
    return ElementTree.fromstring(parts(ofd)["Doc_0/Pages/Page_0/Content.xml"])


def squeezed(text: str) -> str:
    return re.sub(r"\s+", "", text)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_an_independent_reader_finds_the_letters_of_the_pdf(layout: str) -> None:
    pdf, ofd = twins(layout)
    said = said_in(pdf).replace(squeezed(paper(layout).watermark), "")
    with ofdkit.open(ofd) as read:
        assert sorted(squeezed(read.text())) == sorted(said)
        assert read.warnings == []
        assert read.info.title == "新生儿出生登记"
        assert read.info.custom_data["Number"] == "YJ-2026-0001"
    assert squeezed(text_of(ofd)) == said
    assert faults(ofd) == ()


@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_piece_of_the_page_stands_where_the_pdf_has_it(layout: str) -> None:
    pdf, ofd = twins(layout)
    seen = picture_of(ofd, dots_per_mm=DOTS_PER_MM)
    with pypdfium2.PdfDocument(pdf) as opened:
        page = opened[0].render(scale=DOTS_PER_MM * 25.4 / 72).to_pil().convert("L")
    page = page.resize(seen.size)
    pieces = [box for box in tiles(page) if page.crop(box).getextrema()[0] < 128]
    assert len(pieces) > 8
    assert max(offset(seen, page, box) for box in pieces) <= 1
    shifted = ImageChops.offset(seen, 3, 0)
    assert max(offset(shifted, page, box) for box in pieces[:4]) == 3


def tiles(image: Image.Image) -> list[tuple[int, int, int, int]]:
    side = round(30 * DOTS_PER_MM)
    columns, rows = range(0, image.width, side), range(0, image.height, side)
    return [
        (x, y, min(x + side, image.width), min(y + side, image.height))
        for x in columns
        for y in rows
    ]


def offset(one: Image.Image, other: Image.Image, box: tuple[int, int, int, int]) -> int:
    """By how many dots a piece of one picture has to be moved to look most like the other."""
    reach = range(-3, 4)
    left, top, right, bottom = box
    apart = {
        (x, y): ImageStat.Stat(
            ImageChops.difference(
                one.crop((left + x, top + y, right + x, bottom + y)), other.crop(box)
            )
        ).sum[0]
        for x in reach
        for y in reach
    }
    x, y = min(apart, key=lambda by: (apart[by], abs(by[0]) + abs(by[1])))
    return max(abs(x), abs(y))


@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_part_keeps_to_the_schemas_of_the_standard(layout: str) -> None:
    if not SCHEMAS.is_dir():
        pytest.skip("the schemas of GB/T 33190 do not lie in ../shared/data/ofd-xsd")
    assert list(complaints(SCHEMAS, twins(layout)[1])) == []


def test_equal_input_gives_an_equal_ofd() -> None:
    content = paper("form")
    pdf = typeset(content).pdf
    first = ofd_of(pdf, content)
    twins("notice")
    assert ofd_of(pdf, content) == first
    assert {entry.date_time for entry in zipfile.ZipFile(io.BytesIO(first)).infolist()} == {
        (1980, 1, 1, 0, 0, 0)
    }


def test_its_fonts_are_small_true_type_fonts_with_the_letters_of_the_page() -> None:
    _, ofd = twins("form")
    fonts = [data for name, data in parts(ofd).items() if name.endswith(".ttf")]
    known = [TTFont(io.BytesIO(data)) for data in fonts]
    assert all("glyf" in font and "CFF " not in font for font in known)
    letters = {chr(code) for font in known for code in font.getBestCmap()}
    assert letters - {" ", "　"} == set(squeezed(text_of(ofd)))
    assert sum(map(len, fonts)) < 60_000


def test_the_watermark_is_ink_behind_the_page_and_words_in_an_annotation() -> None:
    content = paper("notice")
    _, ofd = twins("notice")
    behind, body = page_of(ofd).iter(f"{OFD}Layer")
    assert behind.get("Type") == "Background"
    assert {mark.tag for mark in behind} == {f"{OFD}PathObject"}
    assert body.get("Type") == "Body"
    note = ElementTree.fromstring(parts(ofd)["Doc_0/Pages/Page_0/Annotation.xml"])
    annotation = note.find(f"{OFD}Annot")
    assert annotation is not None
    assert annotation.get("Type") == "Watermark"
    assert annotation.findtext(f"{OFD}Remark") == content.watermark
    assert content.watermark not in text_of(ofd)


@pytest.mark.parametrize(
    "name",
    ["<b>&amp;王</b>", "阿卜杜拉·买买提", "王" * 30, '#strong[x] "{{7*7}}" $', "]]>=cmd|'", "－—…"],
)
def test_a_strange_name_stands_in_the_ofd_letter_for_letter(name: str) -> None:
    content = paper("form", Cells("", (Cell("姓名", name),)))
    ofd = ofd_of(typeset(content).pdf, content)
    assert squeezed(name) in squeezed(text_of(ofd))
    assert faults(ofd) == ()


def test_a_ligature_is_written_as_its_letters() -> None:
    ofd = ofd_of(set_by_hand("office 王——"), paper("form"))
    assert text_of(ofd) == "office 王——"
    with ofdkit.open(ofd) as read:
        assert squeezed(read.text()) == "office王——"


def test_words_that_run_to_the_left_are_written_as_they_are_read() -> None:
    painted = "王 ןהכ·דוד a"
    letters = tuple(Letter(ord(char), char, (n * 4.0, 9.0), 4.0) for n, char in enumerate(painted))
    font: Any = SimpleNamespace(name="Some")
    ids = itertools.count(1)
    scribe = Scribe(Faces({"f": font}), ids.__next__, {})
    line = Writing("f", 4.0, (1.0, 0.0, 0.0, 1.0), letters, Ink(fill=(0, 0, 0)))
    page = ElementTree.fromstring(f'<p xmlns:ofd="{NAMESPACE}">{scribe.objects([line])}</p>')
    said = [(code.text, code.get("DeltaX")) for code in page.iter(f"{OFD}TextCode")]
    assert said == [("王", None), ("דוד·כהן", "g 6 -4"), ("a", None)]
    first, turned, last = (
        float(mark.attrib["Boundary"].split()[0]) + float(mark[1].attrib["X"])
        for mark in page.iter(f"{OFD}TextObject")
    )
    assert (first, turned, last) == (0, 32, 40)


def test_one_letter_in_two_shapes_takes_two_fonts() -> None:
    ofd = ofd_of(set_by_hand('“ #text(features: ("pwid",))[“王]'), paper("form"))
    plain = ofd_of(set_by_hand("“ “王"), paper("form"))
    assert squeezed(text_of(ofd)) == squeezed(text_of(plain)) == "““王"
    assert sum(name.endswith(".ttf") for name in parts(ofd)) == 2
    assert sum(name.endswith(".ttf") for name in parts(plain)) == 1


def test_a_hyphen_at_the_end_of_a_line_is_one_that_is_seen() -> None:
    source = '#set text(lang: "en", hyphenate: true)\n#box(width: 15mm)[authorisation]'
    said = text_of(ofd_of(set_by_hand(source), paper("form")))
    assert said.replace("-\n", "") == "authorisation"
    assert "-\n" in said


def test_turned_and_outlined_letters_keep_their_place() -> None:
    source = (
        "#place(dx: 20mm, dy: 30mm, rotate(90deg, origin: top + left, text(stroke: 1pt + red)[竖]))"
    )
    ofd = ofd_of(set_by_hand(source), paper("form"))
    (written,) = page_of(ofd).iter(f"{OFD}TextObject")
    assert written.get("CTM") == "0 1 -1 0 0 0"
    assert written.get("Stroke") == "true"
    left, top, width, height = map(float, written.attrib["Boundary"].split())
    assert left < 30 < left + width
    assert top < 40 < top + height
    with ofdkit.open(ofd) as read:
        (run,) = read.pages[0].runs
    assert (run.text, round(run.y, 1)) == ("竖", 40.0)


def test_images_and_clips_stand_in_the_ofd() -> None:
    seen = Image.new("RGBA", (4, 2), (200, 0, 0, 90))
    file = io.BytesIO()
    seen.save(file, "PNG")
    numbers = ", ".join(map(str, file.getvalue()))
    picture = f"#place(dx: 10mm, dy: 20mm, image(bytes(({numbers})), width: 40mm))"
    clipped = (
        "#place(dx: 1mm, dy: 50mm, box(clip: true, width: 5mm, height: 5mm, circle(radius: 9mm)))"
    )
    ofd = ofd_of(set_by_hand(picture + clipped), paper("form"))
    page = page_of(ofd)
    (image,) = page.iter(f"{OFD}ImageObject")
    assert image.get("Boundary") == "20 30 40 20"
    assert image.get("CTM") == "40 0 0 20 0 0"
    (held,) = (data for name, data in parts(ofd).items() if name.endswith(".png"))
    assert Image.open(io.BytesIO(held)).convert("RGBA").getpixel((1, 1)) == (200, 0, 0, 90)
    (circle,) = page.iter(f"{OFD}PathObject")
    clip = circle.find(f"{OFD}Clips/{OFD}Clip/{OFD}Area/{OFD}Path")
    assert clip is not None
    assert [float(side) for side in clip.attrib["Boundary"].split()[2:]] == [5, 5]
    assert faults(ofd) == ()
    if SCHEMAS.is_dir():
        assert list(complaints(SCHEMAS, ofd)) == []


@pytest.mark.parametrize(
    ("source", "named"),
    [
        ("#rect(fill: gradient.linear(red, blue))", "a pattern as colour"),
        ("#rect(fill: tiling(size: (5pt, 5pt), line()))", "a pattern as colour"),
    ],
)
def test_what_cannot_be_drawn_is_refused_by_name(source: str, named: str) -> None:
    with pytest.raises(UndrawableError, match=named):
        ofd_of(set_by_hand(source), paper("form"))


@pytest.mark.parametrize("broken", [b"", b"%PDF-1.7 and nothing else", b"PK\x03\x04"])
def test_what_is_no_pdf_is_refused(broken: bytes) -> None:
    with pytest.raises(UndrawableError):
        ofd_of(broken, paper("form"))

"""What a finished document is as a file: PDF/A-2a, PDF/UA-1, dated, tagged, the same every time."""

import hashlib
import subprocess
import sys
from dataclasses import replace
from datetime import datetime
from io import BytesIO
from pathlib import Path

import pikepdf
import pytest

from tests.documents.papers import LAYOUTS, MADE_AT, paper, read_in, said_in
from yijian.documents.typesetting import TypesettingError, typeset
from yijian.domain.documents import Cell, Cells, Paragraph, Rows, SealPlace

ELSEWHERE = """
import hashlib, sys
sys.path.insert(0, "")
from tests.documents.papers import LAYOUTS, paper
from yijian.documents.typesetting import typeset
for layout in reversed(LAYOUTS):
    print(layout, hashlib.sha256(typeset(paper(layout)).pdf).hexdigest())
"""
MANY = """
import sys
sys.path.insert(0, "")
from dataclasses import replace
from tests.documents.papers import paper
from yijian.documents.typesetting import typeset
from yijian.domain.documents import Cell, Cells

def resident_mb():
    with open("/proc/self/statm") as read:
        return int(read.read().split()[1]) * 4096 // 2**20

for number in range(600):
    cells = tuple(Cell(f"第{n}项", f"值{number}-{n}") for n in range(6))
    typeset(replace(paper("notice", Cells("", cells)), title=f"第{number}号"))
    if number == 200:
        before = resident_mb()
print(resident_mb() - before)
"""


def tags_in(pdf: bytes) -> dict[str, int]:
    """How often each kind of structure element stands in the file."""
    found: dict[str, int] = {}
    with pikepdf.open(BytesIO(pdf)) as read:
        for each in read.objects:
            if isinstance(each, pikepdf.Dictionary) and each.get("/Type") == "/StructElem":
                found[str(each.S)] = found.get(str(each.S), 0) + 1
    return found


@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_layout_claims_archival_and_accessible_pdf(layout: str) -> None:
    with pikepdf.open(BytesIO(typeset(paper(layout)).pdf)) as pdf:
        claims = pdf.open_metadata()
        assert (claims["pdfaid:part"], claims["pdfaid:conformance"]) == ("2", "A")
        assert claims["pdfuaid:part"] == "1"
        assert claims["dc:title"] == "新生儿出生登记"
        assert str(pdf.Root.Lang) == "zh-CN"
        assert pdf.Root.MarkInfo.Marked
        assert pdf.Root.ViewerPreferences.DisplayDocTitle
        assert not pdf.is_encrypted
        assert "/JavaScript" not in pdf.Root and "/AcroForm" not in pdf.Root


def test_fonts_are_embedded_as_subsets_and_can_be_read_back() -> None:
    with pikepdf.open(BytesIO(typeset(paper("form")).pdf)) as pdf:
        fonts = [font for page in pdf.pages for font in page.Resources.Font.values()]
        assert fonts
        for font in fonts:
            assert "/ToUnicode" in font
            described = font.DescendantFonts[0].FontDescriptor
            assert "/FontFile3" in described
            assert str(described.FontName)[7] == "+"


def test_the_date_inside_is_the_moment_of_the_content() -> None:
    later = datetime.fromisoformat("2027-01-02T00:30:00+08:00")
    with pikepdf.open(BytesIO(typeset(replace(paper("notice"), made_at=later)).pdf)) as pdf:
        assert str(pdf.docinfo["/ModDate"]) == "D:20270101163000Z"
        assert pdf.open_metadata()["xmp:CreateDate"] == "2027-01-01T16:30:00+00:00"


def test_a_moment_without_a_time_zone_is_refused() -> None:
    with pytest.raises(TypesettingError, match="time zone"):
        typeset(replace(paper("notice"), made_at=MADE_AT.replace(tzinfo=None)))


def test_the_kind_and_the_policy_stand_in_the_keywords() -> None:
    with pikepdf.open(BytesIO(typeset(paper("notice")).pdf)) as pdf:
        kept = str(pdf.docinfo["/Keywords"])
    for word in ("sample", "340000-anhui", "2025-04-01", "ab" * 32):
        assert word in kept


def test_titles_headings_tables_and_pictures_are_tagged() -> None:
    tags = tags_in(typeset(paper("report")).pdf)
    assert tags["/Title"] == 1
    assert tags["/H1"] == 1
    assert tags["/Table"] == 1
    assert tags["/TH"] == 2
    assert tags["/TD"] == 4
    assert tags["/Figure"] >= 2


def test_every_picture_says_what_it_shows() -> None:
    with pikepdf.open(BytesIO(typeset(paper("letter")).pdf)) as pdf:
        said = [
            str(each.get("/Alt", ""))
            for each in pdf.objects
            if isinstance(each, pikepdf.Dictionary) and each.get("/S") == "/Figure"
        ]
    assert sorted(said) == ["扫码核验", "母亲签名： 王芳"]


def test_a_watermark_and_page_numbers_are_artifacts() -> None:
    with pikepdf.open(BytesIO(typeset(paper("notice")).pdf)) as pdf:
        marks = [
            str(operands[0])
            for operands, operator in pikepdf.parse_content_stream(pdf.pages[0])
            if str(operator) in {"BMC", "BDC"}
        ]
    assert marks[0] == "/Artifact"
    assert marks[-1] == "/Artifact"


def test_another_process_sets_the_same_bytes_in_another_order() -> None:
    here = {layout: hashlib.sha256(typeset(paper(layout)).pdf).hexdigest() for layout in LAYOUTS}
    told = subprocess.run(
        [sys.executable, "-c", ELSEWHERE], capture_output=True, check=True, text=True, timeout=60
    ).stdout
    assert dict(line.split() for line in told.splitlines()) == here


def test_hundreds_of_documents_do_not_fill_the_memory() -> None:
    told = subprocess.run(
        [sys.executable, "-c", MANY], capture_output=True, check=True, text=True, timeout=120
    ).stdout
    assert int(told) < 16


def test_content_that_differs_in_one_character_gives_other_bytes() -> None:
    assert typeset(paper("notice", Paragraph("李小满"))).pdf != (
        typeset(paper("notice", Paragraph("李小蒲"))).pdf
    )


@pytest.mark.parametrize("layout", LAYOUTS)
def test_two_independent_readers_find_the_same_words(layout: str, tmp_path: Path) -> None:
    pdf = typeset(paper(layout)).pdf
    kept = tmp_path / "document.pdf"
    kept.write_bytes(pdf)
    poppler = subprocess.run(
        ["pdftotext", "-raw", kept, "-"], capture_output=True, check=True, text=True, timeout=60
    ).stdout
    for word in (
        "李小满",
        "340103199503124526",
        "安徽省合肥市庐阳区杏花村街道",
        "合肥市妇幼保健院",
    ):
        assert word in poppler.replace("\n", "")
        assert word in said_in(pdf)


def test_the_file_is_sound_for_a_strict_reader() -> None:
    with pikepdf.open(BytesIO(typeset(paper("register")).pdf)) as pdf:
        assert pdf.check_pdf_syntax() == []


def test_latin_letters_and_digits_get_no_space_that_nobody_wrote() -> None:
    pdf = typeset(paper("notice", Paragraph("王小49号A座3单元"))).pdf
    assert "王小49号A座3单元" in read_in(pdf)


def test_every_page_says_which_of_how_many_it_is() -> None:
    rows = tuple((str(number), f"A34{number:07}") for number in range(120))
    set_ = typeset(paper("list", Rows(("序号", "编号"), rows)))
    assert set_.pages == 3
    for page in (1, 2, 3):
        assert f"第{page}页共3页" in said_in(set_.pdf)
    english = typeset(paper("list", Rows(("No.", "Number"), rows), language="en"))
    assert "Page2of3" in said_in(english.pdf)


def test_the_head_of_a_table_is_repeated_on_every_page() -> None:
    rows = tuple((str(number), f"A34{number:07}") for number in range(120))
    assert (
        said_in(typeset(paper("list", Rows(("序号", "证件编号"), rows))).pdf).count("证件编号") == 3
    )


def test_a_wide_table_turns_the_page() -> None:
    wide = paper("list", Rows(tuple("一二三四五六七八"), (tuple("abcdefgh"),)))
    narrow = paper("list", Rows(tuple("一二三四五六七"), (tuple("abcdefg"),)))
    for content, size in ((wide, (842, 595)), (narrow, (595, 842))):
        with pikepdf.open(BytesIO(typeset(content).pdf)) as read:
            _, _, width, height = map(float, read.pages[0].MediaBox)
        assert (round(width), round(height)) == size


def test_an_english_document_says_so() -> None:
    with pikepdf.open(BytesIO(typeset(paper("notice", language="en")).pdf)) as pdf:
        assert str(pdf.Root.Lang) == "en"


def test_a_seal_place_is_told_with_its_page_and_rectangle() -> None:
    filler = Cells("", tuple(Cell(f"第{number}项", "值", wide=True) for number in range(60)))
    set_ = typeset(paper("notice", filler, SealPlace("合肥市妇幼保健院", "2026年11月20日")))
    (place,) = set_.seal_places
    assert (place.office, place.on) == ("合肥市妇幼保健院", "2026年11月20日")
    assert place.page == set_.pages > 1
    assert (place.width_mm, place.height_mm) == (42, 42)
    assert 0 < place.x_mm < 210 - 42
    assert 0 < place.y_mm < 297 - 42
    assert typeset(paper("notice", Paragraph("无章"))).seal_places == ()

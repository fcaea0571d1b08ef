"""Signatures and codes as drawings: every module and every stroke is where it was."""

import math
from io import BytesIO

import pdfplumber
import pypdfium2
import pytest
import segno

from tests.documents.papers import STROKES, paper
from yijian.documents.drawings import (
    POINTS_AT_MOST,
    QUIET,
    DrawingError,
    qr_drawing,
    signature_svg,
)
from yijian.documents.typesetting import TypesettingError, typeset
from yijian.domain.documents import QrCode, SealPlace, Signatures, SignedBy, Strokes

BLACK = (0, (0,), (0, 0, 0))
LINK = "https://yijian.invalid/verify/0123456789abcdef"


def modules_on_paper(pdf: bytes, side: int) -> list[list[bool]]:
    """The dark and light modules of the only code on the first page, as a camera would see them."""
    dots_per_point = 6
    with pypdfium2.PdfDocument(pdf) as read:
        picture = read[0].render(scale=dots_per_point).to_pil().convert("L")
    with pdfplumber.open(BytesIO(pdf)) as opened:
        drawn = [*opened.pages[0].rects, *opened.pages[0].curves]
        dark = [each for each in drawn if each["fill"] and each["non_stroking_color"] in BLACK]
        left, top = min(each["x0"] for each in dark), min(each["top"] for each in dark)
        step = (max(each["x1"] for each in dark) - left) / side
    return [
        [
            picture.getpixel(
                (
                    int((left + (x + 0.5) * step) * dots_per_point),
                    int((top + (y + 0.5) * step) * dots_per_point),
                )
            )
            < 128
            for x in range(side)
        ]
        for y in range(side)
    ]


@pytest.mark.parametrize("text", [LINK, "一件事" * 30, "x" * 900], ids=["link", "han", "long"])
def test_a_code_on_paper_has_every_module_where_it_belongs(text: str) -> None:
    code = segno.make_qr(text, error="m", boost_error=False)
    pdf = typeset(paper("receipt", QrCode(text, "扫码"), SealPlace("单位", "日期"))).pdf
    assert modules_on_paper(pdf, len(code.matrix)) == [
        [bool(module) for module in row] for row in code.matrix
    ]


def test_a_code_keeps_its_quiet_zone() -> None:
    code = segno.make_qr(LINK, error="m", boost_error=False)
    assert qr_drawing(LINK).modules == len(code.matrix) + 2 * QUIET


def test_more_than_a_code_can_hold_is_refused() -> None:
    with pytest.raises(TypesettingError, match="4000 characters"):
        typeset(paper("receipt", QrCode("x" * 4000, "扫码")))


def test_strokes_are_curves_and_no_picture() -> None:
    pdf = typeset(paper("letter", Signatures((SignedBy("签名：", "王芳", STROKES),)))).pdf
    with pdfplumber.open(BytesIO(pdf)) as opened:
        page = opened.pages[0]
        assert page.images == []
        assert len([each for each in page.curves if each["stroke"]]) >= 1


def test_a_signature_goes_through_its_first_and_last_points() -> None:
    svg = signature_svg((((0.1, 0.1), (0.2, 0.3), (0.4, 0.2)),))
    assert "M100.0 100.0" in svg
    assert "L400.0 200.0" in svg


def test_a_small_signature_is_not_blown_up() -> None:
    svg = signature_svg((((0.5, 0.1), (0.51, 0.1)),))
    _, _, width, height = map(float, svg.split('viewBox="')[1].split('"')[0].split())
    assert (width, height) == (600, 250)


@pytest.mark.parametrize(
    "strokes",
    [
        (((math.nan, 0.1),),),
        (((0.1, math.inf),),),
        (((1.1, 0.1),),),
        (((0.1, -0.1),),),
        (((0.1, 3.1),),),
        (((0.1, 0.1),) * (POINTS_AT_MOST + 1),),
    ],
)
def test_strokes_that_are_no_drawing_are_refused(strokes: Strokes) -> None:
    with pytest.raises(DrawingError):
        signature_svg(strokes)
    with pytest.raises(TypesettingError):
        typeset(paper("letter", Signatures((SignedBy("签名：", "王芳", strokes),))))


def test_no_strokes_at_all_leave_room_for_a_hand() -> None:
    assert signature_svg(()) == ""
    assert signature_svg(((),)) == ""

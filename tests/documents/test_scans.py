"""Uploads: what is a picture becomes a clean one; everything else is refused with its reason."""

import io
import struct
import zlib

import pikepdf
import pytest
from PIL import Image, ImageEnhance, ImageFilter

from tests.actions.cast_window import page
from yijian.documents import scans
from yijian.documents.scans import Flaw, ScanError, Unreadable

SECRET = b"GPS 31.86N 117.28E <script>alert(1)</script>"


def opened(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data))


def pdf(pages: int = 1, *, image: bool = True, password: str = "") -> bytes:
    """A PDF as a scanner makes it."""
    document = pikepdf.new()
    jpeg = page()
    for _ in range(pages):
        document.add_blank_page(page_size=(595, 842))
        if image:
            picture = pikepdf.Stream(document, jpeg)
            picture.stream_dict = pikepdf.Dictionary(
                Type=pikepdf.Name.XObject, Subtype=pikepdf.Name.Image, Width=1000, Height=1400,
                ColorSpace=pikepdf.Name.DeviceRGB, BitsPerComponent=8,
                Filter=pikepdf.Name.DCTDecode,
            )  # fmt: skip
            document.pages[-1].Resources = pikepdf.Dictionary(
                XObject=pikepdf.Dictionary(Im0=picture)
            )
    made = io.BytesIO()
    locked = pikepdf.Encryption(owner=password, user=password) if password else None
    document.save(made, encryption=locked or False)
    return made.getvalue()


def png_that_claims(width: int, height: int) -> bytes:
    """A few bytes that would be unpacked to any number of pixels."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        check = struct.pack(">I", zlib.crc32(kind + body))
        return struct.pack(">I", len(body)) + kind + body + check

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    rows = zlib.compress(b"\0" * 1_000_000)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


SVG = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script>1</script></svg>'
HOSTILE = {
    "nothing": (b"", Unreadable.EMPTY_FILE),
    "more bytes than anybody scans": (b"\xff\xd8" + b"0" * 16_000_000, Unreadable.TOO_LARGE),
    "SVG": (SVG, Unreadable.NOT_A_PICTURE),
    "HTML": (b"<!doctype html><img src=x onerror=alert(1)>", Unreadable.NOT_A_PICTURE),
    "a program": (b"MZ\x90\x00" + b"\0" * 200, Unreadable.NOT_A_PICTURE),
    "a ZIP": (b"PK\x03\x04" + b"\0" * 200, Unreadable.NOT_A_PICTURE),
    "a GIF": (b"GIF89a" + b"\0" * 200, Unreadable.NOT_A_PICTURE),
    "half a JPEG": (page()[:9000], Unreadable.BROKEN),
    "half a PNG": (page(kind="PNG")[:4000], Unreadable.BROKEN),
    "a bomb": (png_that_claims(30_000, 30_000), Unreadable.TOO_MANY_PIXELS),
    "a bomb just below Pillow's own limit": (
        png_that_claims(9_000, 9_000),
        Unreadable.TOO_MANY_PIXELS,
    ),
    "a PDF without a scan": (pdf(image=False), Unreadable.NO_SCAN),
    "a PDF with a password": (pdf(password="x"), Unreadable.LOCKED),
    "a PDF of nine pages": (pdf(pages=9), Unreadable.TOO_MANY_PAGES),
    "half a PDF": (b"%PDF-1.7\n1 0 obj <<", Unreadable.BROKEN),
}


@pytest.mark.parametrize("what", HOSTILE)
def test_what_is_no_clear_picture_file_is_refused_with_its_reason(what: str) -> None:
    data, why = HOSTILE[what]
    with pytest.raises(ScanError) as refused:
        scans.read(data)
    assert refused.value.why is why


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_photographs_and_scans_become_pictures_of_one_kind(kind: str) -> None:
    (picture,) = scans.read(page(kind=kind))
    made = scans.kept(picture, "")
    assert opened(made).format == "JPEG"
    assert opened(made).size == (1000, 1400)


def test_nothing_but_the_picture_survives() -> None:
    source = opened(page())
    exif = Image.Exif()
    exif[0x010E] = SECRET.decode()
    made = io.BytesIO()
    source.save(made, "JPEG", exif=exif, comment=SECRET)
    upload = made.getvalue() + SECRET
    assert SECRET in upload
    (picture,) = scans.read(upload)
    clean = scans.kept(picture, "只用于测试")
    assert SECRET not in clean
    assert not opened(clean).getexif()


def test_a_photograph_that_lies_on_its_side_is_turned_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    made = io.BytesIO()
    opened(page()).save(made, "JPEG", exif=exif)
    (picture,) = scans.read(made.getvalue())
    assert picture.size == (1400, 1000)


def test_a_large_photograph_is_bounded() -> None:
    (picture,) = scans.read(page(size=(3000, 4000)))
    assert max(opened(scans.kept(picture, "")).size) == scans.LONGEST_SIDE


def test_the_pages_of_a_scanners_pdf_become_pictures() -> None:
    pages = scans.read(pdf(pages=3))
    assert [one.size for one in pages] == [(1000, 1400)] * 3
    assert [scans.flaw_of(one) for one in pages] == [None] * 3


def test_the_watermark_covers_every_part_of_a_copy() -> None:
    blank = Image.new("RGB", (1200, 1600), "white")
    marked = opened(scans.kept(blank, "仅用于办理新生儿出生“一件事” 2026-11-21")).convert("L")
    for x in range(0, 1200, 600):
        for y in range(0, 1600, 400):
            part = marked.crop((x, y, x + 600, y + 400))
            assert (part.getextrema() or (255, 255))[0] < 240, (x, y)


def test_a_picture_that_cannot_be_read_says_what_is_wrong() -> None:
    clear = opened(page()).convert("RGB")
    assert scans.flaw_of(clear) is None
    assert scans.flaw_of(clear.filter(ImageFilter.GaussianBlur(4))) is Flaw.BLURRED
    assert scans.flaw_of(ImageEnhance.Brightness(clear).enhance(0.2)) is Flaw.DARK
    assert scans.flaw_of(Image.new("RGB", (1000, 1400), (250, 250, 250))) is Flaw.PALE
    assert scans.flaw_of(clear.resize((300, 420))) is Flaw.SMALL

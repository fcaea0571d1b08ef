"""扫描件: what somebody uploads becomes clean pictures, or a reason why it cannot.

Every picture is drawn anew: whatever else the file carried (position, camera, scripts, a second
format in the same bytes) is not in what we keep. A PDF is not rendered; the page images that a
scanner has put into it are taken out. No file name and no declared type is believed.
"""

import io
from collections.abc import Iterator
from enum import StrEnum
from functools import lru_cache

import pikepdf
import pylopdf_fonts_zh_cn
from PIL import Image, ImageDraw, ImageFilter, ImageFont, ImageOps, ImageStat

LARGEST_BYTES = 15 * 1024 * 1024
LARGEST_PIXELS = 60_000_000
LONGEST_SIDE = 2400
PAGES_OF_A_PDF = 8
QUALITY = 82

SMALLEST_SIDE = 500
SMALLEST_LONG_SIDE = 900
MEASURED_SIDE = 1200
LEAST_SHARPNESS = 45.0
DARKEST_LIGHT = 80
PALEST_INK = 215

_PICTURES = ("JPEG", "PNG", "WEBP")
_LAPLACIAN = ImageFilter.Kernel((3, 3), (0, 1, 0, 1, -4, 1, 0, 1, 0), scale=1, offset=128)


class Unreadable(StrEnum):
    """Why a file cannot become a picture."""

    EMPTY_FILE = "empty_file"
    TOO_LARGE = "file_too_large"
    NOT_A_PICTURE = "not_a_picture"
    TOO_MANY_PIXELS = "too_many_pixels"
    BROKEN = "picture_broken"
    LOCKED = "pdf_locked"
    NO_SCAN = "pdf_without_scan"
    TOO_MANY_PAGES = "pdf_too_long"


class Flaw(StrEnum):
    """Why a picture is not clear enough to be read by an officer."""

    SMALL = "picture_small"
    BLURRED = "picture_blurred"
    DARK = "picture_dark"
    PALE = "picture_pale"


class ScanError(Exception):
    """The file cannot become a picture; `why` says it."""

    def __init__(self, why: Unreadable) -> None:
        super().__init__(why.value)
        self.why = why


def read(data: bytes) -> list[Image.Image]:
    """The pages of an uploaded file, upright and in colour. Errors: ScanError."""
    if not data:
        raise ScanError(Unreadable.EMPTY_FILE)
    if len(data) > LARGEST_BYTES:
        raise ScanError(Unreadable.TOO_LARGE)
    if data[:1024].lstrip().startswith(b"%PDF-"):
        return list(_pages(data))
    return [_drawn(_opened(io.BytesIO(data)))]


def flaw_of(picture: Image.Image) -> Flaw | None:
    """What makes the picture hard to read; None when it is clear."""
    if min(picture.size) < SMALLEST_SIDE or max(picture.size) < SMALLEST_LONG_SIDE:
        return Flaw.SMALL
    grey = picture.convert("L")
    grey.thumbnail((MEASURED_SIDE, MEASURED_SIDE))
    dark, light = _percentile(grey, 0.01), _percentile(grey, 0.95)
    if light < DARKEST_LIGHT:
        return Flaw.DARK
    if dark > PALEST_INK:
        return Flaw.PALE
    return Flaw.BLURRED if sharpness(grey) < LEAST_SHARPNESS else None


def sharpness(grey: Image.Image) -> float:
    """The variance of the Laplacian: how much the picture consists of edges."""
    inside = grey.filter(_LAPLACIAN).crop((2, 2, grey.width - 2, grey.height - 2))
    return float(ImageStat.Stat(inside).var[0])


def kept(picture: Image.Image, watermark: str) -> bytes:
    """The picture as it is kept: bounded, marked with its purpose, without metadata."""
    bounded = picture.copy()
    bounded.thumbnail((LONGEST_SIDE, LONGEST_SIDE), Image.Resampling.LANCZOS)
    marked = _marked(bounded, watermark) if watermark else bounded
    made = io.BytesIO()
    marked.save(made, "JPEG", quality=QUALITY, optimize=True)
    return made.getvalue()


def _opened(file: io.BytesIO) -> Image.Image:
    try:
        picture = Image.open(file, formats=_PICTURES)
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as fault:
        why = Unreadable.NOT_A_PICTURE
        if isinstance(fault, Image.DecompressionBombError):
            why = Unreadable.TOO_MANY_PIXELS
        raise ScanError(why) from None
    if picture.width * picture.height > LARGEST_PIXELS:
        raise ScanError(Unreadable.TOO_MANY_PIXELS)
    return picture


def _drawn(picture: Image.Image) -> Image.Image:
    """The picture decoded to its last row, upright, on white, in colour."""
    try:
        picture.load()
        upright = ImageOps.exif_transpose(picture)
        if upright.mode in ("RGBA", "LA", "P", "PA"):
            clear = upright.convert("RGBA")
            ground = Image.new("RGBA", clear.size, "white")
            upright = Image.alpha_composite(ground, clear)
        plain = upright.convert("RGB")
        # Comments and profiles ride along in `info` and would be written again.
        plain.info.clear()
        return plain
    except (OSError, ValueError, SyntaxError, EOFError, MemoryError):
        raise ScanError(Unreadable.BROKEN) from None


def _pages(data: bytes) -> Iterator[Image.Image]:
    """The largest image of every page, as a scanner makes them."""
    try:
        with pikepdf.open(io.BytesIO(data)) as document:
            if len(document.pages) > PAGES_OF_A_PDF:
                raise ScanError(Unreadable.TOO_MANY_PAGES)
            for page in document.pages:
                yield _scan_of(page)
    except pikepdf.PasswordError:
        raise ScanError(Unreadable.LOCKED) from None
    except pikepdf.PikepdfError:
        raise ScanError(Unreadable.BROKEN) from None


def _scan_of(page: pikepdf.Page) -> Image.Image:
    try:
        images = [
            pikepdf.PdfImage(image)
            for image in page.get_images().values()
            if isinstance(image, pikepdf.Stream)
        ]
        found = max(images, key=lambda image: image.width * image.height, default=None)
        if found is None:
            raise ScanError(Unreadable.NO_SCAN)
        if found.width * found.height > LARGEST_PIXELS:
            raise ScanError(Unreadable.TOO_MANY_PIXELS)
        turned = int(page.obj.get("/Rotate", 0)) % 360
        return _drawn(found.as_pil_image()).rotate(-turned, expand=True)
    except (pikepdf.PikepdfError, OSError, ValueError, TypeError, NotImplementedError):
        raise ScanError(Unreadable.NO_SCAN) from None


def _percentile(grey: Image.Image, part: float) -> int:
    """The brightness below which this part of the picture lies."""
    wanted, seen = part * grey.width * grey.height, 0
    for brightness, count in enumerate(grey.histogram()):
        seen += count
        if seen >= wanted:
            return brightness
    return 255


@lru_cache(maxsize=8)
def _font(size: int) -> ImageFont.FreeTypeFont:
    path = str(pylopdf_fonts_zh_cn.sans_path())
    return ImageFont.truetype(path, size, layout_engine=ImageFont.Layout.BASIC)


def _marked(picture: Image.Image, watermark: str) -> Image.Image:
    """The words across the whole picture, so that no part can be cut out without them."""
    font = _font(max(18, max(picture.size) // 42))
    left, top, right, bottom = font.getbbox(watermark)
    gap = int(bottom - top) * 3
    tile = Image.new("L", (int(right - left) + gap, int(bottom - top) + gap), 0)
    ImageDraw.Draw(tile).text((gap // 2 - left, gap // 2 - top), watermark, font=font, fill=64)
    tile = tile.rotate(24, expand=True, resample=Image.Resampling.BILINEAR)
    mask = Image.new("L", picture.size, 0)
    for x in range(0, picture.width, tile.width):
        for y in range(0, picture.height, tile.height):
            mask.paste(tile, (x, y))
    return Image.composite(Image.new("RGB", picture.size, (70, 70, 110)), picture, mask)

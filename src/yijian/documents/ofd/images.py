"""图像与颜色: the images and colours inside a PDF as an OFD can hold them."""

import io
from typing import Any

import pikepdf

from yijian.documents.ofd.drawing import Colour

_COLOUR_PARTS = (1, 3, 4)  # grey; red, green, blue; cyan, magenta, yellow, black


class UndrawableError(ValueError):
    """The PDF shows something that our OFD writer cannot draw; the message names it."""


def image_file(image: Any) -> bytes:
    """An image as a JPEG or PNG file, with its transparency."""
    picture = pikepdf.PdfImage(image)
    if picture.image_mask:
        raise UndrawableError("a stencil")
    plain = "/SMask" not in image and "/Mask" not in image and "/Decode" not in image
    if plain and picture.filters == ["/DCTDecode"] and picture.mode in ("RGB", "L"):
        return bytes(image.read_raw_bytes())
    drawn_image = picture.as_pil_image()
    if "/SMask" in image:
        mask = pikepdf.PdfImage(image.SMask).as_pil_image().convert("L")
        drawn_image = drawn_image.convert("RGB")
        drawn_image.putalpha(mask.resize(drawn_image.size))
    elif drawn_image.mode not in ("RGB", "L", "1"):
        drawn_image = drawn_image.convert("RGB")
    file = io.BytesIO()
    drawn_image.save(file, "PNG", optimize=False)
    return file.getvalue()


def colour_of(*parts: Any) -> Colour:
    """The operands of a colour operator as red, green and blue."""
    if len(parts) not in _COLOUR_PARTS or isinstance(parts[-1], pikepdf.Name):
        raise UndrawableError("a pattern as colour")
    given = [min(1.0, max(0.0, float(part))) for part in parts]
    if len(given) == 1:
        given *= 3
    elif len(given) == 4:
        given = [(1 - part) * (1 - given[3]) for part in given[:3]]
    red, green, blue = (round(part * 255) for part in given)
    return (red, green, blue)

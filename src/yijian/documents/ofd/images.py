"""图像: the images inside a PDF as files that an OFD can hold."""

import io
from typing import Any

import pikepdf


class UndrawableError(ValueError):
    """The PDF shows something that our OFD writer cannot draw; the message names it."""


def image_file(image: Any) -> bytes:
    """An image as a JPEG or PNG file, with its transparency."""
    picture = pikepdf.PdfImage(image)
    if picture.image_mask:
        raise UndrawableError("a stencil")
    plain = "/SMask" not in image and "/Mask" not in image and "/Decode" not in image
    if plain and picture.filters == ["/DCTDecode"] and picture.mode in ("RGB", "L"):
        return image.read_raw_bytes()  # type: ignore[no-any-return]
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

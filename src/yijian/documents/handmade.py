"""手工文书: the scan of a document that was made by hand becomes a PDF, page by page.

The pictures have been drawn anew before; nothing else of what was uploaded is in the file.
"""

import io
from collections.abc import Sequence

import pikepdf
from pikepdf import Dictionary, Name
from PIL import Image

A4 = (595.276, 841.89)
MARGIN = 18.0


def pdf_of(pictures: Sequence[bytes], *, title: str) -> bytes:
    """A4 pages, each with one JPEG as large as it fits, upright or across as the picture is."""
    with pikepdf.new() as pdf:
        for picture in pictures:
            _add(pdf, picture)
        pdf.Root.ViewerPreferences = Dictionary(DisplayDocTitle=True)
        pdf.docinfo[Name.Title] = title
        made = io.BytesIO()
        pdf.save(made, deterministic_id=True)
    return made.getvalue()


def _add(pdf: pikepdf.Pdf, picture: bytes) -> None:
    with Image.open(io.BytesIO(picture)) as seen:
        (width, height), grey = seen.size, seen.mode == "L"
    page = A4 if height >= width else (A4[1], A4[0])
    scale = min((page[0] - 2 * MARGIN) / width, (page[1] - 2 * MARGIN) / height)
    wide, high = width * scale, height * scale
    left, bottom = (page[0] - wide) / 2, (page[1] - high) / 2
    drawing = f"q {wide:.3f} 0 0 {high:.3f} {left:.3f} {bottom:.3f} cm /Scan Do Q".encode()
    image = pikepdf.Stream(
        pdf,
        picture,
        Type=Name.XObject,
        Subtype=Name.Image,
        Width=width,
        Height=height,
        ColorSpace=Name.DeviceGray if grey else Name.DeviceRGB,
        BitsPerComponent=8,
        Filter=Name.DCTDecode,
    )
    new = pdf.add_blank_page(page_size=page)
    new.obj.Resources = Dictionary(XObject=Dictionary(Scan=image))
    new.obj.Contents = pdf.make_stream(drawing)

"""盖章外观: the seal's picture on a PDF page, as PDF/A and PDF/UA want it.

The picture becomes the appearance of the signature's field, and the field an element of the
document's structure, so that a screen reader says which organisation's seal stands there.
"""

from __future__ import annotations

import io
import zlib
from dataclasses import dataclass
from functools import lru_cache

from PIL import Image
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name, pdf_string
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

POINTS_PER_MM = 72 / 25.4
PRINTED = 4
LOCKED = 128


@dataclass(frozen=True, slots=True)
class _Dots:
    """A picture as PDF wants it: colours and depths apart, both deflated."""

    width: int
    height: int
    colours: bytes
    depths: bytes


def page_mm(page: generic.DictionaryObject) -> tuple[float, float]:
    """Width and height of a page."""
    left, bottom, right, top = (float(each) for each in _inherited(page, "/MediaBox"))
    return (right - left) / POINTS_PER_MM, (top - bottom) / POINTS_PER_MM


def points(
    page: generic.DictionaryObject, box: tuple[float, float, float, float]
) -> tuple[int, int, int, int]:
    """A box of millimetres from the upper left (x, y, width, height), in whole points of PDF."""
    left, _, _, top = (float(each) for each in _inherited(page, "/MediaBox"))
    x, y, width, height = (each * POINTS_PER_MM for each in box)
    left, bottom = round(left + x), round(top - y - height)
    return left, bottom, left + round(width), bottom + round(height)


def appearance(
    writer: IncrementalPdfFileWriter, png: bytes, size: tuple[int, int]
) -> generic.IndirectObject:
    """The appearance stream that shows the picture in so many points."""
    dots = _dots(png)
    image = _image(writer, dots)
    width, height = (generic.NumberObject(each) for each in size)
    drawn = b"q %d 0 0 %d 0 0 cm /Seal Do Q" % size
    form = generic.StreamObject(
        {
            pdf_name("/Type"): pdf_name("/XObject"),
            pdf_name("/Subtype"): pdf_name("/Form"),
            pdf_name("/BBox"): generic.ArrayObject(
                [generic.NumberObject(0), generic.NumberObject(0), width, height]
            ),
            pdf_name("/Resources"): generic.DictionaryObject(
                {
                    pdf_name("/XObject"): generic.DictionaryObject({pdf_name("/Seal"): image}),
                }
            ),
        },
        stream_data=drawn,
    )
    return writer.add_object(form)


def tag(
    writer: IncrementalPdfFileWriter,
    field: generic.IndirectObject,
    page: generic.IndirectObject,
    says: str,
) -> None:
    """Make the field an element of the structure tree, where the document has one."""
    if "/StructTreeRoot" not in writer.root:
        return
    tree = writer.root["/StructTreeRoot"]
    first = tree["/K"]
    whole_ref = first.raw_get(0) if isinstance(first, generic.ArrayObject) else tree.raw_get("/K")
    whole = whole_ref.get_object()
    element = writer.add_object(
        generic.DictionaryObject(
            {
                pdf_name("/Type"): pdf_name("/StructElem"),
                pdf_name("/S"): pdf_name("/Form"),
                pdf_name("/P"): whole_ref,
                pdf_name("/Pg"): page,
                pdf_name("/Alt"): pdf_string(says),
                pdf_name("/K"): generic.DictionaryObject(
                    {
                        pdf_name("/Type"): pdf_name("/OBJR"),
                        pdf_name("/Obj"): field,
                        pdf_name("/Pg"): page,
                    }
                ),
            }
        )
    )
    kids = whole["/K"]
    if not isinstance(kids, generic.ArrayObject):
        kids = whole[pdf_name("/K")] = generic.ArrayObject([whole.raw_get("/K")])
    kids.append(element)
    writer.update_container(kids)
    _count(writer, tree, field, element)


def _count(
    writer: IncrementalPdfFileWriter,
    tree: generic.DictionaryObject,
    field: generic.IndirectObject,
    element: generic.IndirectObject,
) -> None:
    """Give the field a number under which the parent tree finds its element."""
    numbers = tree["/ParentTree"]
    while "/Kids" in numbers:
        # The last leaf holds the highest numbers, and the new one is higher still.
        numbers = numbers["/Kids"][-1]
    pairs = numbers["/Nums"]
    number = max((int(pairs[at]) for at in range(0, len(pairs), 2)), default=-1) + 1
    pairs.append(generic.NumberObject(number))
    pairs.append(element)
    if "/Limits" in numbers:
        numbers["/Limits"][1] = generic.NumberObject(number)
        writer.update_container(numbers)
    writer.update_container(pairs)
    tree[pdf_name("/ParentTreeNextKey")] = generic.NumberObject(number + 1)
    writer.update_container(tree)
    field.get_object()[pdf_name("/StructParent")] = generic.NumberObject(number)


def _image(writer: IncrementalPdfFileWriter, dots: _Dots) -> generic.IndirectObject:
    mask = writer.add_object(_raster(dots, "/DeviceGray", dots.depths))
    image = _raster(dots, "/DeviceRGB", dots.colours)
    image[pdf_name("/SMask")] = mask
    return writer.add_object(image)


def _raster(dots: _Dots, colours: str, deflated: bytes) -> generic.StreamObject:
    return generic.StreamObject(
        {
            pdf_name("/Type"): pdf_name("/XObject"),
            pdf_name("/Subtype"): pdf_name("/Image"),
            pdf_name("/Width"): generic.NumberObject(dots.width),
            pdf_name("/Height"): generic.NumberObject(dots.height),
            pdf_name("/ColorSpace"): pdf_name(colours),
            pdf_name("/BitsPerComponent"): generic.NumberObject(8),
            pdf_name("/Filter"): pdf_name("/FlateDecode"),
        },
        encoded_data=deflated,
    )


@lru_cache(maxsize=256)
def _dots(png: bytes) -> _Dots:
    picture = Image.open(io.BytesIO(png), formats=["PNG"]).convert("RGBA")
    return _Dots(
        picture.width,
        picture.height,
        zlib.compress(picture.convert("RGB").tobytes(), 9),
        zlib.compress(picture.getchannel("A").tobytes(), 9),
    )


def _inherited(page: generic.DictionaryObject, key: str) -> generic.ArrayObject:
    """A page's own value, or that of the nearest folder of pages above it."""
    node = page
    while key not in node:
        node = node["/Parent"]
    found = node[key]
    assert isinstance(found, generic.ArrayObject)
    return found

"""Draws an OFD page with Pillow, from nothing but what stands in the file.

Knows what our own writer writes: letters with their own fonts, filled and stroked paths, images.
It shares no code with the writer, so that a picture of it beside the PDF's says something.
"""

import io
import zipfile
from itertools import pairwise
from xml.etree import ElementTree

from PIL import Image, ImageChops, ImageDraw, ImageFont

_OFD = "{http://www.ofdspec.org/2016}"
_CURVE_STEPS = 12

_Line = list[tuple[float, float]]


def picture_of(ofd: bytes, page: int = 0, dots_per_mm: float = 8.0) -> Image.Image:
    """One page, greyscale."""
    archive = zipfile.ZipFile(io.BytesIO(ofd))
    fonts = _fonts(archive)
    root = ElementTree.fromstring(archive.read(f"Doc_0/Pages/Page_{page}/Content.xml"))
    box = root.find(f"{_OFD}Area/{_OFD}PhysicalBox")
    assert box is not None and box.text is not None
    _, _, width, height = map(float, box.text.split())
    image = Image.new("L", (round(width * dots_per_mm), round(height * dots_per_mm)), 255)
    for mark in root.iter():
        if mark.tag == f"{_OFD}TextObject":
            _write(image, mark, archive, fonts, dots_per_mm)
        elif mark.tag == f"{_OFD}PathObject":
            _draw(image, mark, dots_per_mm)
    return image


def _fonts(archive: zipfile.ZipFile) -> dict[str, bytes]:
    root = ElementTree.fromstring(archive.read("Doc_0/PublicRes.xml"))
    return {
        font.attrib["ID"]: archive.read(f"Doc_0/Res/{font.findtext(f'{_OFD}FontFile')}")
        for font in root.iter(f"{_OFD}Font")
    }


def _write(
    image: Image.Image,
    mark: ElementTree.Element,
    archive: zipfile.ZipFile,
    fonts: dict[str, bytes],
    dots: float,
) -> None:
    assert "CTM" not in mark.attrib, "turned letters are drawn behind the page only"
    left, top, *_ = map(float, mark.attrib["Boundary"].split())
    code = mark.find(f"{_OFD}TextCode")
    assert code is not None and code.text is not None
    x, y = left + float(code.attrib["X"]), top + float(code.attrib["Y"])
    size = float(mark.attrib["Size"]) * dots
    file = io.BytesIO(fonts[mark.attrib["Font"]])
    font = ImageFont.truetype(file, size, layout_engine=ImageFont.Layout.BASIC)
    pen = ImageDraw.Draw(image)
    bold = float(mark.get("LineWidth", "0")) * dots / 2 if mark.get("Stroke") == "true" else 0.0
    steps = _steps(code.attrib.get("DeltaX", ""))
    for letter, step in zip(code.text, [*steps, 0.0], strict=True):
        at, grey = (x * dots, y * dots), _grey(mark, "Fill")
        pen.text(at, letter, font=font, fill=grey, anchor="ls", stroke_width=bold)
        x += step


def _steps(given: str) -> list[float]:
    parts, steps = given.split(), []
    while parts:
        if parts[0] == "g":
            steps += [float(parts[2])] * int(parts[1])
            del parts[:3]
        else:
            steps.append(float(parts.pop(0)))
    return steps


def _draw(image: Image.Image, mark: ElementTree.Element, dots: float) -> None:
    left, top, *_ = map(float, mark.attrib["Boundary"].split())
    lines = _flattened(mark.findtext(f"{_OFD}AbbreviatedData") or "")
    placed = [[((left + x) * dots, (top + y) * dots) for x, y in line] for line in lines]
    if mark.get("Fill") == "true":
        image.paste(_grey(mark, "Fill"), mask=_filled(placed, image.size))
    if mark.get("Stroke") != "false":
        width = max(1, round(float(mark.get("LineWidth", "0.353")) * dots))
        for line in placed:
            ImageDraw.Draw(image).line(line, fill=_grey(mark, "Stroke"), width=width)
            if mark.get("Cap") == "Round":
                for x, y in (line[0], line[-1]):
                    ends = (x - width / 2, y - width / 2, x + width / 2, y + width / 2)
                    ImageDraw.Draw(image).ellipse(ends, fill=_grey(mark, "Stroke"))


def _filled(lines: list[_Line], size: tuple[int, int]) -> Image.Image:
    """What lies inside: outlines that turn as the largest does add, the others take away."""
    areas = [sum(x * v - u * y for (x, y), (u, v) in pairwise([*line, line[0]])) for line in lines]
    outwards = max(areas, key=abs) > 0
    masks = [Image.new("1", size), Image.new("1", size)]
    for line, area in zip(lines, areas, strict=True):
        if len(line) > 2:
            ImageDraw.Draw(masks[(area > 0) != outwards]).polygon(line, fill=255)
    return ImageChops.logical_and(masks[0], ImageChops.invert(masks[1]))


def _flattened(data: str) -> list[_Line]:
    lines: list[_Line] = []
    parts = data.split()
    while parts:
        step = parts.pop(0)
        count = {"M": 2, "L": 2, "B": 6, "C": 0}[step]
        numbers = [float(part) for part in parts[:count]]
        del parts[:count]
        if step == "M":
            lines.append([(numbers[0], numbers[1])])
        elif step == "L":
            lines[-1].append((numbers[0], numbers[1]))
        elif step == "C":
            lines[-1].append(lines[-1][0])
        else:
            start = lines[-1][-1]
            for n in range(1, _CURVE_STEPS + 1):
                t = n / _CURVE_STEPS
                parted = ((1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t * t * (1 - t), t**3)
                lines[-1].append(
                    tuple(  # type: ignore[arg-type]
                        sum(w * v for w, v in zip(parted, (start[i], *numbers[i::2]), strict=True))
                        for i in (0, 1)
                    )
                )
    return lines


def _grey(mark: ElementTree.Element, which: str) -> int:
    colour = mark.find(f"{_OFD}{which}Color")
    red, green, blue = map(int, colour.attrib["Value"].split()) if colour is not None else (0, 0, 0)
    return round(0.299 * red + 0.587 * green + 0.114 * blue)

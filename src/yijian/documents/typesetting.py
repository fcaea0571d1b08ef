"""排版: a `Content` becomes a PDF/A-2a and PDF/UA-1 file; the same content, the same bytes.

A compiler is not shared between threads: each thread keeps its own and uses it again. What is said
reaches the templates as data, never as their source, so nothing in it can be markup.
"""

import json
import re
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta, timezone
from functools import lru_cache
from importlib.resources import files
from io import BytesIO
from pathlib import Path
from typing import Any, TypeVar

import pypdfium2
import typst

from yijian.documents import glyphs
from yijian.documents.drawings import DrawingError, qr_drawing, signature_svg
from yijian.documents.glyphs import OwnFonts
from yijian.domain.documents import Content, as_data, texts

TEMPLATES = Path(str(files("yijian.documents") / "templates"))
STANDARDS: list[Any] = ["a-2a", "ua-1"]
SHANGHAI = timezone(timedelta(hours=8))
CHARACTERS_AT_MOST = 400_000
LONGEST = {"title": 120, "number": 60, "footer": 200, "watermark": 200}
COLUMNS_UPRIGHT = 7
POINTS_PER_INCH = 72
ALT_OF_A_CODE, ALT_OF_A_SIGNATURE = "二维码 QR", "签名 signature"
QR_MODULE_MM = 0.55
QR_MM_AT_LEAST = 26.0
QR_MM_AT_MOST = 42.0

UNSHOWN = re.compile(r'the text `"(.*?)"` could not be displayed', re.DOTALL)
ESCAPED = re.compile(r"\\u\{([0-9a-f]{1,6})\}")
QUOTED = re.compile(r"`[^`]*`|\"[^\"]*\"")

_What = TypeVar("_What")
_Drawing = TypeVar("_Drawing")


class TypesettingError(Exception):
    """排版失败: the document cannot be set; says why, never what the document says."""


class MissingGlyphError(TypesettingError):
    """缺字: characters that no font here can show; a person must make this document."""

    def __init__(self, characters: str) -> None:
        self.characters = characters
        super().__init__(f"{len(characters)} characters have no glyph in the fonts of documents")


@dataclass(frozen=True, slots=True)
class PlacedSeal:
    """盖章位置: where on which page a seal goes, in millimetres from the upper left corner."""

    office: str
    on: str
    page: int
    x_mm: float
    y_mm: float
    width_mm: float
    height_mm: float


@dataclass(frozen=True, slots=True)
class Typeset:
    """成品文书: the file, how many pages it has, and where its seals go."""

    pdf: bytes
    pages: int
    seal_places: tuple[PlacedSeal, ...]


@lru_cache(maxsize=1)
def layouts() -> frozenset[str]:
    """The names a `Content` may give as its layout: one file each."""
    return frozenset(path.stem for path in (TEMPLATES / "layouts").glob("*.typ"))


def typeset(content: Content, *, fonts: Path | None = None) -> Typeset:
    """Set the document; `fonts` is a folder with the operator's own fonts for rare characters.

    Raises MissingGlyphError where a character would not be seen, TypesettingError where the layout
    is unknown, a drawing is none, or the text is longer than any document.
    """
    if content.layout not in layouts():
        raise TypesettingError(f"no layout named {content.layout!r}; there are {sorted(layouts())}")
    if not content.title.strip():
        raise TypesettingError("a document needs a title")
    if content.made_at.tzinfo is None:
        raise TypesettingError("made_at has no time zone")
    said = tuple(texts(content))
    if sum(map(len, said)) > CHARACTERS_AT_MOST:
        raise TypesettingError(f"more than {CHARACTERS_AT_MOST} characters in one document")
    for name, limit in LONGEST.items():
        if len(getattr(content, name)) > limit:
            raise TypesettingError(f"the {name} is longer than {limit} characters")
    own = glyphs.own_fonts(fonts)
    if absent := glyphs.missing(map(_with_line_ends, said), own):
        raise MissingGlyphError(absent)
    compiler = _compiler(own)
    try:
        pdf = compiler.compile(
            sys_inputs={"content": json.dumps(_prepared(content, own), ensure_ascii=False)},
            format="pdf",
            pdf_standards=STANDARDS,
            timestamp=content.made_at.astimezone(SHANGHAI).replace(microsecond=0),
        )
        seals = json.loads(compiler.query("<seal>", field="value"))
    except typst.TypstError as error:
        raise _refusal(error) from None
    except BaseException as error:
        if type(error).__name__ != "PanicException":
            raise
        # A bug inside of the compiler must cost one document and not the worker.
        _kept.compiler = None
        raise TypesettingError("the compiler gave up on this document") from None
    assert isinstance(pdf, bytes)
    with pypdfium2.PdfDocument(pdf) as read:
        pages = len(read)
    return Typeset(pdf, pages, tuple(_placed(each) for each in seals))


def png_of(pdf: bytes, page: int, *, dots_per_inch: int = 120) -> bytes:
    """A picture of one page, counted from 1, for a preview; a seal on it is seen too."""
    with pypdfium2.PdfDocument(pdf) as read:
        read.init_forms()
        drawn = read[page - 1].render(scale=dots_per_inch / POINTS_PER_INCH)
        picture = BytesIO()
        drawn.to_pil().save(picture, "PNG")
        return picture.getvalue()


class _Kept(threading.local):
    """The compiler of this thread and the fonts it was made with; other fonts, another compiler."""

    compiler: typst.Compiler | None = None
    own: OwnFonts | None = None


_kept = _Kept()


@lru_cache(maxsize=2)
def _fonts(own: OwnFonts | None) -> typst.Fonts:
    return typst.Fonts(
        include_system_fonts=False,
        include_embedded_fonts=False,
        font_paths=[str(folder) for folder in glyphs.font_folders(own)],
    )


def _compiler(own: OwnFonts | None) -> typst.Compiler:
    if _kept.compiler is None or _kept.own != own:
        _kept.own = own
        _kept.compiler = typst.Compiler(
            input=str(TEMPLATES / "main.typ"), root=str(TEMPLATES), font_paths=_fonts(own)
        )
    return _kept.compiler


def _with_line_ends(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ")


def _prepared(content: Content, own: OwnFonts | None) -> dict[str, Any]:
    """The data of the templates: with drawings, and headings that skip no level."""
    data = as_data(content)
    blocks = list(_blocks(data["blocks"]))
    code, version, digest = content.policy
    plain = _lines(
        {each: data[each] for each in ("layout", "title", "number", "watermark", "footer")}
    )
    return {
        **plain,
        "blocks": blocks,
        "language": "en" if content.language.startswith("en") else "zh",
        "keywords": [each for each in (content.kind, code, version, digest) if each],
        "families": list(glyphs.extra_families(own)),
        "landscape": any(
            max((len(row) for row in [each["head"], *each["rows"]]), default=0) > COLUMNS_UPRIGHT
            for each in blocks
            if each["block"] == "Rows"
        ),
    }


def _blocks(blocks: Sequence[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    level = 0
    after_sided = False
    for raw in blocks:
        block = _lines(raw)
        kind = block["block"]
        if kind == "Heading" and not block["text"].strip():
            continue
        if kind == "Heading":
            level = block["level"] = max(1, min(block["level"], level + 1, 6))
        elif kind == "Ticks":
            block["sided"] = after_sided
        elif kind == "Signatures":
            block["signed_by"] = [_signed(each) for each in block["signed_by"]]
        elif kind == "QrCode":
            code = _drawn(qr_drawing, raw["text"])
            side = min(QR_MM_AT_MOST, max(QR_MM_AT_LEAST, code.modules * QR_MODULE_MM))
            block = {
                **block,
                "drawing": code.svg,
                "side_mm": side,
                "alt": block["caption"].strip() or ALT_OF_A_CODE,
            }
        after_sided = (kind == "Ticks" and after_sided) or (
            kind == "Cells" and bool(block["title"])
        )
        yield block


def _signed(signed: dict[str, Any]) -> dict[str, Any]:
    strokes = tuple(tuple((x, y) for x, y in stroke) for stroke in signed.pop("strokes"))
    drawing = _drawn(signature_svg, strokes)
    whose = f"{signed['title']} {signed['name']}".strip()
    return {**signed, "drawing": drawing, "alt": whose or ALT_OF_A_SIGNATURE}


def _drawn(draw: Callable[[_What], _Drawing], what: _What) -> _Drawing:
    try:
        return draw(what)
    except DrawingError as error:
        raise TypesettingError(str(error)) from None


def _lines(value: Any) -> Any:
    """The same data with one kind of line end everywhere."""
    if isinstance(value, str):
        return _with_line_ends(value)
    if isinstance(value, dict):
        return {name: _lines(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_lines(each) for each in value]
    return value


def _refusal(error: typst.TypstError) -> TypesettingError:
    """What the compiler said, without the text it quotes, which may be a person's name."""
    if unshown := UNSHOWN.search(error.message):
        return MissingGlyphError(
            ESCAPED.sub(lambda found: chr(int(found[1], 16)), unshown[1].replace('\\"', '"'))
        )
    return TypesettingError(QUOTED.sub("…", error.message) or "the templates do not compile")


def _placed(seal: dict[str, Any]) -> PlacedSeal:
    return PlacedSeal(
        office=seal["office"],
        on=seal["on"],
        page=seal["page"],
        x_mm=round(seal["x"], 3),
        y_mm=round(seal["y"], 3),
        width_mm=seal["size"],
        height_mm=seal["size"],
    )

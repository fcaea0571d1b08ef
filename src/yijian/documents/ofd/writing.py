"""OFD 版式文件: the twin of a PDF by the national format: real text, its own fonts, its data.

The pages come from the PDF, so both say and show the same; what the document is (kind, number,
policy) comes from its content. Equal input gives equal bytes.
"""

import hashlib
import itertools
import json
from zoneinfo import ZoneInfo

from yijian.documents.ofd.drawing import PageDrawing
from yijian.documents.ofd.fonts import Face, Faces
from yijian.documents.ofd.marks import Numbered, Scribe, number
from yijian.documents.ofd.markup import escaped, file_of, tag, words
from yijian.documents.ofd.package import ENTRY, packed
from yijian.documents.ofd.pdf import drawn
from yijian.domain.documents import Content, as_data

ROOT = "Doc_0"
CREATOR = "Yijian"
_HERE = ZoneInfo("Asia/Shanghai")
_JPEG = b"\xff\xd8"


def ofd_of(pdf: bytes, content: Content) -> bytes:
    """The OFD twin of a PDF that was set from this content."""
    seen = drawn(pdf)
    ids = itertools.count(1)
    numbered: Numbered = ids.__next__
    images = {key: numbered() for key in seen.images}
    faces = Faces(seen.fonts)
    scribe = Scribe(faces, numbered, images)
    pages = [(numbered(), page) for page in seen.pages]
    parts: dict[str, bytes] = {ENTRY: _entry(content)}
    drawings = {
        f"{ROOT}/Pages/Page_{n}/Content.xml": _page(page, scribe, numbered)
        for n, (_, page) in enumerate(pages)
    }
    marked = [n for n, (_, page) in enumerate(pages) if page.background and content.watermark]
    notes = {
        f"{ROOT}/Pages/Page_{n}/Annotation.xml": _watermark(pages[n][1], content, numbered())
        for n in marked
    }
    listed = file_of(
        "Annotations",
        {},
        *(
            tag(
                "Page",
                {"PageID": pages[n][0]},
                words("FileLoc", f"/{ROOT}/Pages/Page_{n}/Annotation.xml"),
            )
            for n in marked
        ),
    )
    used = [face for face in faces.all() if face.name in scribe.font_ids]
    font_files = {f"{ROOT}/Res/font_{n}.ttf": face.file() for n, face in enumerate(used)}
    pictures = {
        f"{ROOT}/Res/image_{n}.{_kind(data)}": data for n, data in enumerate(seen.images.values())
    }
    parts[f"{ROOT}/Document.xml"] = _document(pages, next(ids) - 1, marked, pictures)
    parts[f"{ROOT}/PublicRes.xml"] = _fonts(used, scribe)
    if pictures:
        parts[f"{ROOT}/DocumentRes.xml"] = _media(list(images.values()), pictures)
    if marked:
        parts[f"{ROOT}/Annotations.xml"] = listed
    return packed(parts | drawings | notes | font_files | pictures)


def _entry(content: Content) -> bytes:
    data = json.dumps(as_data(content), ensure_ascii=False, sort_keys=True).encode()
    code, version, digest = content.policy
    custom = {
        "Kind": content.kind,
        "Number": content.number,
        "Language": content.language,
        "Policy": code,
        "PolicyVersion": version,
        "PolicyDigest": digest,
        "ContentDigest": "sha256:" + hashlib.sha256(data).hexdigest(),
        "Purpose": content.watermark,
    }
    info = tag(
        "DocInfo",
        {},
        words("DocID", hashlib.sha256(b"OFD " + data).hexdigest()[:32]),
        words("Title", content.title),
        words("CreationDate", _day(content)),
        words("Creator", CREATOR),
        tag(
            "CustomDatas",
            {},
            *(
                tag("CustomData", {"Name": name}, escaped(value))
                for name, value in custom.items()
                if value
            ),
        ),
    )
    body = tag("DocBody", {}, info, words("DocRoot", f"{ROOT}/Document.xml"))
    return file_of("OFD", {"Version": "1.0", "DocType": "OFD"}, body)


def _document(
    pages: list[tuple[int, PageDrawing]],
    last: int,
    marked: list[int],
    pictures: dict[str, bytes],
) -> bytes:
    common = tag(
        "CommonData",
        {},
        words("MaxUnitID", last),
        tag("PageArea", {}, _size(pages[0][1])),
        words("PublicRes", "PublicRes.xml"),
        words("DocumentRes", "DocumentRes.xml") if pictures else "",
    )
    listed = tag(
        "Pages",
        {},
        *(
            tag("Page", {"ID": id_, "BaseLoc": f"Pages/Page_{n}/Content.xml"})
            for n, (id_, _) in enumerate(pages)
        ),
    )
    notes = words("Annotations", "Annotations.xml") if marked else ""
    return file_of("Document", {}, common, listed, notes)


def _page(page: PageDrawing, scribe: Scribe, numbered: Numbered) -> bytes:
    layers = []
    if page.background:
        behind = {"ID": numbered(), "Type": "Background"}
        layers.append(tag("Layer", behind, scribe.outlines(page.background)))
    own = {"ID": numbered(), "Type": "Body"}
    layers.append(tag("Layer", own, scribe.objects(page.body)))
    return file_of("Page", {}, tag("Area", {}, _size(page)), tag("Content", {}, *layers))


def _watermark(page: PageDrawing, content: Content, id_: int) -> bytes:
    """Says what the watermark says; its ink is in the page's background layer.

    Readers treat the transparency of annotations in different ways, and some paint it over the
    text, so the annotation itself paints nothing.
    """
    return file_of(
        "PageAnnot",
        {},
        tag(
            "Annot",
            {
                "ID": id_,
                "Type": "Watermark",
                "Creator": CREATOR,
                "LastModDate": _day(content),
                "ReadOnly": "true",
            },
            words("Remark", content.watermark),
            tag("Parameters", {}, tag("Parameter", {"Name": "Layer"}, "Background")),
            tag("Appearance", {"Boundary": f"0 0 {number(page.width)} {number(page.height)}"}),
        ),
    )


def _fonts(faces: list[Face], scribe: Scribe) -> bytes:
    described = [
        tag(
            "Font",
            {
                "ID": scribe.font_ids[face.name],
                "FontName": face.name,
                "FamilyName": face.font.name,
                "Charset": "unicode",
                "Serif": "true" if face.font.serif else None,
                "Bold": "true" if face.font.bold else None,
                "Italic": "true" if face.font.italic else None,
            },
            words("FontFile", f"font_{n}.ttf"),
        )
        for n, face in enumerate(faces)
    ]
    return file_of("Res", {"BaseLoc": "Res"}, *([tag("Fonts", {}, *described)] if faces else []))


def _media(ids: list[int], pictures: dict[str, bytes]) -> bytes:
    listed = [
        tag(
            "MultiMedia",
            {"ID": id_, "Type": "Image", "Format": _kind(data).upper()},
            words("MediaFile", name.rpartition("/")[2]),
        )
        for id_, (name, data) in zip(ids, pictures.items(), strict=True)
    ]
    return file_of("Res", {"BaseLoc": "Res"}, tag("MultiMedias", {}, *listed))


def _size(page: PageDrawing) -> str:
    return words("PhysicalBox", f"0 0 {number(page.width)} {number(page.height)}")


def _day(content: Content) -> str:
    return content.made_at.astimezone(_HERE).date().isoformat()


def _kind(image: bytes) -> str:
    return "jpg" if image.startswith(_JPEG) else "png"

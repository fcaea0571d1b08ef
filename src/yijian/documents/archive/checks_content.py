"""内容检测: the files of a package: whether they are all there, open, and carry nothing else."""

import io
import json
import re
from collections.abc import Iterator, Mapping

import pikepdf
from asn1crypto import parser
from PIL import Image

from yijian.documents.archive.checks_metadata import basics_of
from yijian.documents.archive.eep import FORMATS, SPACE
from yijian.documents.archive.holdings import BASICS, CASE_FIXED, FIXED, PROCESS, README, Folder
from yijian.documents.offline_verifier import (
    CATALOGUE,
    EEP,
    LIST,
    PROOF,
    NotAPackageError,
    files_of,
    tree_of,
)

Files = Mapping[str, bytes]
_NAMED = re.compile(r"(\d{2,3})-.+\.([a-z]{3,4})")
_MAGIC = {
    "pdf": b"%PDF-",
    "ofd": b"PK\x03\x04",
    "ses": b"\x30",
    "jpg": b"\xff\xd8\xff",
    "png": b"\x89PNG\r\n\x1a\n",
    "xml": b"<?xml",
    "json": b"",
    "txt": b"",
}
_PROGRAMS = (b"MZ", b"\x7fELF", b"\xca\xfe\xba\xbe", b"\xcf\xfa\xed\xfe", b"#!")
_ACTIVE = ("/JavaScript", "/JS", "/Launch", "/EmbeddedFile", "/RichMedia", "/XFA")
_LARGEST_PICTURE = 80_000_000


def linked(files: Files) -> Iterator[str]:
    """Contents without an entry in the encapsulation, or the other way round."""
    if CATALOGUE in files or EEP not in files:
        return
    named = {
        each.findtext(f"{{{SPACE}}}计算机文件名") or ""
        for each in tree_of(files[EEP]).iter(f"{{{SPACE}}}电子属性")
    }
    contents = set(files) - {README, LIST, EEP}
    yield from (f"{name} 没有封装元数据" for name in sorted(contents - named))
    yield from (f"{EEP} 记载的 {name} 不存在" for name in sorted(named - contents))


def structure(files: Files) -> Iterator[str]:
    """What does not lie where the layout of a package has its place."""
    fixed = CASE_FIXED if CATALOGUE in files else FIXED
    yield from (f"缺少 {name}" for name in fixed if name not in files)
    folders = {folder.value for folder in Folder}
    for name in files:
        folder, _, rest = name.partition("/")
        if name in fixed:
            continue
        if CATALOGUE in files or folder not in folders or "/" in rest:
            yield f"{name} 不在规定的位置"
        elif not _NAMED.fullmatch(rest):
            yield f"{name} 命名不符"


def present(files: Files) -> Iterator[str]:
    """Listed contents that are not there, and empty files."""
    if LIST not in files:
        yield f"{LIST} 缺失"
        return
    for each in tree_of(files[LIST]).iter("文件"):
        name = each.findtext("名称") or ""
        if name not in files:
            yield f"{name} 缺失"
        elif not files[name]:
            yield f"{name} 为空"


def counted(files: Files) -> Iterator[str]:
    """Numbers of files that do not come out, and places that are left out."""
    if CATALOGUE in files:
        found = len(tree_of(files[CATALOGUE]).findall("归档信息包"))
    else:
        found = len(_contents(files))
    if basics_of(files).get("文件数量") != str(found):
        yield f"基本信息所载文件数量与实际 {found} 件不同"
    for folder in Folder:
        inside = [n.partition("/")[2] for n in _contents(files) if n.startswith(f"{folder.value}/")]
        places = sorted(int(m[1]) for n in inside if (m := _NAMED.fullmatch(n)))
        if places != list(range(1, len(inside) + 1)):
            yield f"{folder.value} 的编号不连续"


def formats(files: Files) -> Iterator[str]:
    """Contents that are of no format for keeping, or not of the one their name says."""
    for name, data in _contents(files).items():
        extension = name.rpartition(".")[2]
        if extension not in FORMATS:
            yield f"{name} 的格式不适于长期保存"
        elif not data.startswith(_MAGIC[extension]):
            yield f"{name} 的内容与扩展名不符"


def openable(files: Files) -> Iterator[str]:
    """Contents that cannot be opened."""
    for name, data in _contents(files).items():
        try:
            _open(name.rpartition(".")[2], data)
        except (NotAPackageError, ValueError, OSError, RecursionError, pikepdf.PdfError) as wrong:
            yield f"{name} 无法打开（{type(wrong).__name__}）"
        except Image.DecompressionBombError:
            yield f"{name} 的图像过大"


def harmless(files: Files) -> Iterator[str]:
    """Programs, and documents that do something when they are opened."""
    for name, data in files.items():
        if data.startswith(_PROGRAMS):
            yield f"{name} 是可执行程序"
        elif data.startswith(b"%PDF-"):
            yield from (f"{name} 含有{each}" for each in _actions(data))


def nothing_extra(files: Files) -> Iterator[str]:
    """Files that the signed list does not know."""
    if LIST not in files:
        yield f"{LIST} 缺失"
        return
    listed = {each.findtext("名称") for each in tree_of(files[LIST]).iter("文件")}
    yield from (f"{name} 多余" for name in sorted(set(files) - listed - {LIST}))


def _contents(files: Files) -> dict[str, bytes]:
    fixed = {README, BASICS, PROCESS, LIST, EEP, CATALOGUE, PROOF}
    return {name: data for name, data in files.items() if name not in fixed}


def _open(extension: str, data: bytes) -> None:
    if extension == "pdf":
        with pikepdf.open(io.BytesIO(data)) as opened:
            if not len(opened.pages):
                raise ValueError("no page")
    elif extension == "ofd":
        tree_of(files_of(data)["OFD.xml"]) if "OFD.xml" in files_of(data) else _no_ofd()
    elif extension in ("jpg", "png"):
        with Image.open(io.BytesIO(data)) as picture:
            if picture.width * picture.height > _LARGEST_PICTURE:
                raise Image.DecompressionBombError
            picture.verify()
    elif extension == "xml":
        tree_of(data)
    elif extension == "json":
        json.loads(data)
    elif extension == "ses":
        parser.parse(data, strict=True)
    else:
        data.decode("utf-8")


def _no_ofd() -> None:
    raise NotAPackageError("没有 OFD.xml")


def _actions(data: bytes) -> list[str]:
    """The active parts of a PDF, looked for in every object, packed ones too."""
    try:
        with pikepdf.open(io.BytesIO(data)) as opened:
            names = {
                str(key)
                for each in opened.objects
                if isinstance(each, pikepdf.Dictionary | pikepdf.Stream)
                for key in (*each.keys(), str(each.get("/S", "")))
            }
    except (pikepdf.PdfError, ValueError):
        return []
    return [name for name in _ACTIVE if name in names]

"""草稿的文件: a pack as texts by name, laid over a folder of packs as if it stood in it.

The folder itself is never written: a temporary one holds the texts, and links to everything else.
"""

import json
import re
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache
from hashlib import sha256
from pathlib import Path

from yijian.packs.examples import FOLDER
from yijian.packs.findings import Finding, PackError, Place, nearest
from yijian.packs.nodes import MAX_BYTES
from yijian.packs.reading import COLLECTIONS, FILES, OTHER_FILES

Files = Mapping[str, str]
"""One pack: whole texts by their names inside its folder."""

MAX_FILES = 400
MAX_TOTAL_BYTES = 4_000_000
_EXAMPLE = re.compile(rf"{FOLDER}/[a-z0-9][a-z0-9_-]{{0,80}}\.yaml")
_CODE = re.compile(r"[a-z0-9][a-z0-9-]{1,63}")


def names_of_files() -> tuple[str, ...]:
    """The names that a file of a pack may have, examples aside."""
    return (*COLLECTIONS, *FILES, *OTHER_FILES)


def files_of(packs_dir: Path, code: str) -> dict[str, str]:
    """The texts of the pack as it lies in a folder. Errors: PackError for one that is not text."""
    folder = packs_dir / code
    found: dict[str, str] = {}
    for path in sorted([*folder.glob("*.y*ml"), *(folder / FOLDER).glob("*.y*ml")]):
        name = path.relative_to(folder).as_posix()
        try:
            found[name] = path.read_bytes().decode("utf-8-sig")
        except UnicodeDecodeError:
            place = Place(f"{code}/{name}")
            raise PackError([Finding(place, "不是 UTF-8 文字，请另存为 UTF-8")]) from None
    return found


def digest_of_files(files: Files) -> str:
    """The SHA-256 of a pack's texts, whatever order they come in, in hex."""
    return _digest(dict(files))


def _digest(value: object) -> str:
    told = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return sha256(told.encode()).hexdigest()


def digest_of_folder(packs_dir: Path) -> str:
    """The SHA-256 of every pack in the folder, examples aside; a file is read when it changed."""
    paths = sorted(path for path in packs_dir.glob("*/*.*") if path.is_file())
    stats = [(path, path.stat()) for path in paths]
    return _of_content(tuple((path, one.st_mtime_ns, one.st_size) for path, one in stats))


@lru_cache(maxsize=4)
def _of_content(files: tuple[tuple[Path, int, int], ...]) -> str:
    return _digest([(path.parts[-2:], sha256(path.read_bytes()).hexdigest()) for path, *_ in files])


def check_files(code: str, files: Files) -> None:
    """Errors: PackError for a name that is no file of a pack, and for what is too large."""
    if not _CODE.fullmatch(code):
        raise PackError([Finding(Place(code), "政策包代码只用小写字母、数字和连字符")])
    known = names_of_files()
    problems = [
        Finding(Place(f"{code}/{name}"), f"不认识“{name}”这个文件{nearest(name, known)}")
        for name in files
        if name not in known and not _EXAMPLE.fullmatch(name)
    ]
    problems += [
        Finding(Place(f"{code}/{name}"), "含有不能使用的控制字符")
        for name, text in files.items()
        if "\0" in text or not _is_unicode(text)
    ]
    sizes = {name: len(text.encode(errors="replace")) for name, text in files.items()}
    problems += [
        Finding(Place(f"{code}/{name}"), f"文件超过 {MAX_BYTES // 1_000_000} MB，请拆分")
        for name, size in sizes.items()
        if size > MAX_BYTES
    ]
    if len(files) > MAX_FILES or sum(sizes.values()) > MAX_TOTAL_BYTES:
        sentence = f"一个政策包最多 {MAX_FILES} 个文件、{MAX_TOTAL_BYTES // 1_000_000} MB"
        problems.append(Finding(Place(f"{code}/pack.yaml"), sentence))
    if problems:
        raise PackError(problems)


def _is_unicode(text: str) -> bool:
    """Whether it can be written at all: half a surrogate pair cannot."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


@contextmanager
def laid_over(packs_dir: Path, packs: Mapping[str, Files]) -> Iterator[Path]:
    """A folder like `packs_dir`, in which the packs named have these texts instead of theirs.

    It is gone when the context ends. Errors: PackError as `check_files`.
    """
    for code, files in packs.items():
        check_files(code, files)
    with tempfile.TemporaryDirectory(prefix="yijian-packs-") as made:
        folder = Path(made)
        for path in packs_dir.iterdir():
            if path.name not in packs:
                (folder / path.name).symlink_to(path.resolve())
        for code, files in packs.items():
            write_out(files, folder / code)
        yield folder


def write_out(files: Files, folder: Path) -> None:
    """Write a pack's texts into a folder, as they are."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode())

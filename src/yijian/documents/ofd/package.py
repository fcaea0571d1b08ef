"""OFD 包: the zip around an OFD: packed to the same bytes every time, opened without trust.

Whoever sends a file decides what its directory claims; so nothing is inflated before the claims
are within limits, and nothing is inflated beyond what was claimed.
"""

import io
import stat
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence

LARGEST_FILE = 64 * 1024 * 1024
LARGEST_PART = 32 * 1024 * 1024
LARGEST_TOTAL = 96 * 1024 * 1024
MOST_PARTS = 4_000
LARGEST_RATIO = 200
_SMALL = 256 * 1024  # a part that stays this small may be squeezed as much as it likes
LONGEST_NAME = 240

ENTRY = "OFD.xml"
_ALWAYS = (1980, 1, 1, 0, 0, 0)
_LEVEL = 6
_ENCRYPTED = 1
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_LOCAL_HEADER = 30
_ENDING = 22  # bytes of the record at the end of a package without a comment
_SIZE_FOLLOWS = 1 << 3
_DESCRIPTOR = 16  # bytes after a part whose size its writer did not know in advance
_UNIX = 3


class OfdError(ValueError):
    """A file is not an OFD that can be read safely; the message names the first reason."""


def packed(parts: Mapping[str, bytes]) -> bytes:
    """The parts as one zip: `OFD.xml` first, then in their order, at a time that never moves."""
    order = sorted(parts, key=lambda name: name != ENTRY)
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name in order:
            entry = zipfile.ZipInfo(name, _ALWAYS)
            entry.create_system = _UNIX
            entry.external_attr = (stat.S_IFREG | 0o644) << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, parts[name], compresslevel=_LEVEL)
    return file.getvalue()


def parts(ofd: bytes) -> dict[str, bytes]:
    """Every part of the package by its name, or an `OfdError`."""
    with _opened(ofd) as archive:
        for complaint in complaints(ofd, archive):
            raise OfdError(complaint)
        return {entry.filename: _inflated(archive, entry) for entry in _files(archive)}


def package_faults(ofd: bytes) -> tuple[str, ...]:
    """Everything that is wrong with the zip itself, before anything in it is read."""
    try:
        with _opened(ofd) as archive:
            found = tuple(complaints(ofd, archive))
            if not found:
                for entry in _files(archive):
                    _inflated(archive, entry)
            return found
    except OfdError as fault:
        return (str(fault),)


def complaints(ofd: bytes, archive: zipfile.ZipFile) -> Iterator[str]:
    """What its directory claims that no honest package would claim."""
    entries = archive.infolist()
    if len(entries) > MOST_PARTS:
        yield f"it has {len(entries)} parts; {MOST_PARTS} are the most"
        return
    around = not ofd.startswith(b"PK\x03\x04") or ofd[-_ENDING:][:4] != b"PK\x05\x06"
    if around:
        yield "something stands before or after the package in the same file"
    seen: set[str] = set()
    for entry in entries:
        yield from _entry_complaints(entry)
        name = entry.filename.casefold()
        if name in seen:
            yield f"the part {_shown(entry.filename)} is there twice"
        seen.add(name)
    if sum(entry.file_size for entry in entries) > LARGEST_TOTAL:
        yield f"its parts would take more than {LARGEST_TOTAL} bytes"
    if not around:
        yield from _gaps(ofd, entries, archive.start_dir)


def _gaps(ofd: bytes, entries: Sequence[zipfile.ZipInfo], directory: int) -> Iterator[str]:
    """Parts follow each other without a gap: nothing overlaps, nothing is hidden between them."""
    at = 0
    slack = 0
    for entry in sorted(entries, key=lambda entry: entry.header_offset):
        start = entry.header_offset
        if start < at:
            yield "its parts overlap"
            return
        if start > at + slack:
            break
        header = ofd[start : start + _LOCAL_HEADER]
        if len(header) < _LOCAL_HEADER:
            break
        names = int.from_bytes(header[26:28], "little") + int.from_bytes(header[28:30], "little")
        at = start + _LOCAL_HEADER + names + entry.compress_size
        slack = _DESCRIPTOR if entry.flag_bits & _SIZE_FOLLOWS else 0
    else:
        if at <= directory <= at + slack:
            return
    yield "it hides something between its parts"


def _entry_complaints(entry: zipfile.ZipInfo) -> Iterator[str]:
    name = _shown(entry.filename)
    steps = entry.filename.rstrip("/").split("/")
    strange = any(char in '\\:*?"<>|' or char < " " for char in entry.orig_filename)
    if strange or not entry.filename or len(entry.filename) > LONGEST_NAME:
        yield f"the name {name} is not a name for a part"
    elif any(step in ("", ".", "..") for step in steps):
        yield f"the name {name} leads out of the package"
    if stat.S_ISLNK(entry.external_attr >> 16):
        yield f"the part {name} is a link"
    if entry.flag_bits & _ENCRYPTED:
        yield f"the part {name} is encrypted"
    elif entry.compress_type not in _METHODS:
        yield f"the part {name} is packed in a way that OFD does not know"
    if entry.file_size > LARGEST_PART:
        yield f"the part {name} would take {entry.file_size} bytes; {LARGEST_PART} are the most"
    elif entry.file_size > max(_SMALL, entry.compress_size * LARGEST_RATIO):
        yield f"the part {name} would grow more than {LARGEST_RATIO} times"


def _opened(ofd: bytes) -> zipfile.ZipFile:
    if len(ofd) > LARGEST_FILE:
        raise OfdError(f"it is larger than {LARGEST_FILE} bytes")
    try:
        return zipfile.ZipFile(io.BytesIO(ofd))
    except (zipfile.BadZipFile, ValueError, EOFError, OSError, NotImplementedError) as fault:
        raise OfdError(f"it is not a package: {fault}") from fault


def _files(archive: zipfile.ZipFile) -> Iterator[zipfile.ZipInfo]:
    return (entry for entry in archive.infolist() if not entry.is_dir())


def _inflated(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    try:
        with archive.open(entry) as stream:
            data = stream.read(entry.file_size + 1)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, RuntimeError) as fault:
        raise OfdError(f"the part {_shown(entry.filename)} is damaged") from fault
    if len(data) != entry.file_size:
        raise OfdError(f"the part {_shown(entry.filename)} is not as long as it claims")
    return data


def _shown(name: str) -> str:
    """A name as it may be printed: nothing in it acts on whoever reads it."""
    kept = "".join(char if char.isprintable() else "?" for char in name[:80])
    return f"“{kept}”"

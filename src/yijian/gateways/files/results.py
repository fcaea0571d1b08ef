"""收包: a result package, or a table alone, becomes lines; every line is read on its own.

A package is a ZIP with `results.csv` or `results.jsonl` and, when it is signed, `manifest.json` and
`manifest.sig`. Whatever is too large, too deep or unexpected is refused before it is opened.
"""

import base64
import binascii
import csv
import hashlib
import io
import json
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from yijian.domain.clocks import SHANGHAI
from yijian.gateways.files.complaints import Complaint
from yijian.gateways.files.packing import COLUMNS, MANIFEST, SIGNATURE
from yijian.gateways.files.tables import is_rounded, spelt, unguarded
from yijian.gateways.strictjson import NotStrictJsonError, loads

FORMAT = "yijian.results.v1"
TABLE, LINES = "results.csv", "results.jsonl"
LARGEST_PACKAGE = 8 * 2**20
LARGEST_FILE = 16 * 2**20
MOST_LINES = 5000
LONGEST_CELL = 2000
LONGEST_TEXT = 500
STATES: Mapping[str, str] = {
    "受理": "accepted", "不予受理": "declined", "补正": "correction_needed", "审核中": "in_review",
    "审核通过": "approved", "审核不通过": "rejected", "办结": "completed", "转线下": "offline",
}  # fmt: skip
_STATES = {**STATES, **{state: state for state in STATES.values()}}
_PREFIX = "result."
_NAMES = {title: name for name, title in COLUMNS.items()}


class UnreadablePackageError(Exception):
    """Nothing of a package is taken; `code` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class ResultLine:
    """结果行: what one line says about one task. `number` is its place in the file."""

    number: int
    task_id: UUID
    state: str
    case_number: str = ""
    newborn: int | None = None
    at: datetime | None = None
    round: int | None = None
    reason: str | None = None
    reason_text: str = field(default="", repr=False)
    fields: tuple[str, ...] = ()
    result: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class ResultFile:
    """结果包: its lines, the complaints about those that cannot be read, and who says so.

    `participant` and `sequence` are what the manifest claims; `signed` are the bytes that
    `signature` must be of. A table alone claims nothing.
    """

    digest: bytes
    lines: tuple[ResultLine, ...]
    complaints: tuple[Complaint, ...]
    participant: str = ""
    sequence: int | None = None
    signed: bytes = field(default=b"", repr=False)
    signature: bytes = field(default=b"", repr=False)


def read_results(data: bytes) -> ResultFile:
    """A result package or a table. Errors: UnreadablePackageError."""
    if len(data) > LARGEST_PACKAGE:
        raise UnreadablePackageError("too_large")
    digest = hashlib.sha256(data).digest()
    if not data.startswith(b"PK"):
        found = list(_of_table(data))
        return ResultFile(digest, _lines(found), _complaints(found))
    files = _unzipped(data)
    table, lines = files.get(TABLE), files.get(LINES)
    if (table is None) == (lines is None):
        raise UnreadablePackageError("one_results_file")
    found = list(_of_table(table) if table is not None else _of_lines(lines or b""))
    if MANIFEST not in files:
        return ResultFile(digest, _lines(found), _complaints(found))
    participant, sequence = _manifest(files)
    return ResultFile(
        digest, _lines(found), _complaints(found), participant, sequence,
        files[MANIFEST], _signature(files.get(SIGNATURE)),
    )  # fmt: skip


def _unzipped(data: bytes) -> dict[str, bytes]:
    known = {MANIFEST, SIGNATURE, TABLE, LINES}
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            entries = archive.infolist()
            names = [entry.filename for entry in entries]
            if len(names) > len(known) or len(set(names)) < len(names) or set(names) - known:
                raise UnreadablePackageError("unexpected_file")
            if sum(entry.file_size for entry in entries) > LARGEST_FILE:
                raise UnreadablePackageError("too_large")
            return {entry.filename: _read(archive, entry) for entry in entries}
    except (zipfile.BadZipFile, zlib.error, RuntimeError, NotImplementedError, EOFError, OSError):
        raise UnreadablePackageError("not_a_package") from None


def _read(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    """One file; the size that an archive claims is not believed."""
    with archive.open(entry) as file:
        data = file.read(LARGEST_FILE + 1)
    if len(data) > LARGEST_FILE:
        raise UnreadablePackageError("too_large")
    return data


def _manifest(files: Mapping[str, bytes]) -> tuple[str, int]:
    """Who made the package and its number; every file must be the one that is listed."""
    try:
        said = loads(files[MANIFEST])
    except NotStrictJsonError:
        raise UnreadablePackageError("wrong_manifest") from None
    if not isinstance(said, dict) or said.get("format") != FORMAT:
        raise UnreadablePackageError("wrong_manifest")
    participant, sequence, listed = (said.get(n) for n in ("participant", "sequence", "files"))
    if not isinstance(participant, str) or not participant or not isinstance(listed, list):
        raise UnreadablePackageError("wrong_manifest")
    if not isinstance(sequence, int) or isinstance(sequence, bool) or not 0 < sequence < 10**9:
        raise UnreadablePackageError("wrong_manifest")
    digests = {
        one["name"]: one["sha256"]
        for one in listed
        if isinstance(one, dict) and {"name", "sha256"} <= one.keys()
    }
    there = {
        name: hashlib.sha256(data).hexdigest()
        for name, data in files.items()
        if name not in (MANIFEST, SIGNATURE)
    }
    if digests != there:
        raise UnreadablePackageError("files_differ")
    return participant, sequence


def _signature(text: bytes | None) -> bytes:
    try:
        return base64.b64decode((text or b"").strip(), validate=True)
    except binascii.Error:
        return b""


def _of_table(data: bytes) -> Iterator[ResultLine | Complaint]:
    """The lines of a CSV file, in the encodings that spreadsheets write."""
    rows = _rows(_text(data))
    columns = [_column(cell) for cell in next(rows, [])]
    if "task_id" not in columns or "state" not in columns:
        raise UnreadablePackageError("no_header")
    if len(set(columns) - {""}) < len([name for name in columns if name]):
        raise UnreadablePackageError("column_twice")
    for number, row in enumerate(rows, start=2):
        if number > MOST_LINES + 1:
            raise UnreadablePackageError("too_many_lines")
        cells = dict(zip(columns, (unguarded(cell) for cell in row), strict=False))
        cells.pop("", None)
        if cells.get("state", "") or any(cells.get(name) for name in ("reason", "fields")):
            yield _line(number, cells)


def _of_lines(data: bytes) -> Iterator[ResultLine | Complaint]:
    """The lines of a JSON Lines file, with the same names."""
    for number, line in enumerate(data.splitlines(), start=1):
        if number > MOST_LINES:
            raise UnreadablePackageError("too_many_lines")
        if not line.strip():
            continue
        try:
            said = loads(line)
        except NotStrictJsonError:
            yield Complaint(number, "", "not_json")
            continue
        if not isinstance(said, dict):
            yield Complaint(number, "", "not_json")
            continue
        cells = {name: _cell(value) for name, value in said.items() if name != "result"}
        result = said.get("result", {})
        if isinstance(result, dict):
            cells |= {f"{_PREFIX}{name}": _cell(value) for name, value in result.items()}
        yield _line(number, cells)


def _line(number: int, cells: Mapping[str, str]) -> ResultLine | Complaint:
    """One line from its cells, by name; the first thing that is wrong with it."""
    for name, cell in cells.items():
        if name not in COLUMNS and not name.startswith(_PREFIX):
            return Complaint(number, name, "unknown_column")
        if len(cell) > LONGEST_CELL or "\0" in cell:
            return Complaint(number, name, "too_long")
        if name != "reason_text" and is_rounded(cell):
            return Complaint(number, name, "rounded_number")
    try:
        task_id = UUID(cells.get("task_id", ""))
    except ValueError:
        return Complaint(number, "task_id", "not_a_task")
    state = _STATES.get(cells.get("state", ""))
    if state is None:
        return Complaint(number, "state", "unknown_state")
    at = _moment(cells.get("at", ""))
    if cells.get("at") and at is None:
        return Complaint(number, "at", "not_a_time")
    counted = {name: _count(cells.get(name, "")) for name in ("round", "newborn")}
    for name, count in counted.items():
        if cells.get(name) and count is None:
            return Complaint(number, name, "not_a_number")
    return ResultLine(
        number=number,
        task_id=task_id,
        state=state,
        case_number=cells.get("case_number", ""),
        newborn=counted["newborn"],
        at=at,
        round=counted["round"],
        reason=_reason(cells),
        reason_text=cells.get("reason_text", "")[:LONGEST_TEXT],
        fields=tuple(cells.get("fields", "").replace(",", " ").replace("；", " ").split()),
        result={
            name.removeprefix(_PREFIX): cell
            for name, cell in cells.items()
            if name.startswith(_PREFIX) and cell
        },
    )


def _reason(cells: Mapping[str, str]) -> str | None:
    """The code; a line that gives a sentence alone has another reason than those with a code."""
    return cells.get("reason") or ("other" if cells.get("reason_text") else None)


def _moment(text: str) -> datetime | None:
    """A time; one without an offset is the local time of the office."""
    try:
        found = datetime.fromisoformat(spelt(text))
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=SHANGHAI)


def _count(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 4 else None


def _cell(value: object) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _column(cell: str) -> str:
    """The identifier of a column from its head: alone, after its Chinese title, or that title."""
    words = unguarded(cell).split()
    last = words[-1] if words else ""
    return _NAMES.get(last, last)


def _text(data: bytes) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise UnreadablePackageError("wrong_encoding")


def _rows(text: str) -> Iterator[list[str]]:
    """Rows with commas, or with tabs or semicolons where the head has those."""
    head = text.split("\n", 1)[0]
    delimiter = max((",", "\t", ";"), key=head.count)
    try:
        yield from csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    except csv.Error:
        raise UnreadablePackageError("not_a_table") from None


def _lines(found: Iterable[ResultLine | Complaint]) -> tuple[ResultLine, ...]:
    return tuple(one for one in found if isinstance(one, ResultLine))


def _complaints(found: Iterable[ResultLine | Complaint]) -> tuple[Complaint, ...]:
    return tuple(one for one in found if isinstance(one, Complaint))

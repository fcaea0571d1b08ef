"""出包: one package for one participant: a signed list of files, the tasks, their scanned pages.

The same contents always make the same bytes: names in order, no times of the machine, nothing
compressed (the pages are pictures), and a signature that has no chance in it.
"""

import base64
import hashlib
import io
import json
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from yijian.domain.envelopes import TASK_DISPATCHED, TASK_WITHDRAWN
from yijian.gateways.files import tables

FORMAT = "yijian.files.v1"
MANIFEST, SIGNATURE = "manifest.json", "manifest.sig"
TASKS, FOR_PEOPLE, TO_FILL_IN = "tasks.jsonl", "tasks.csv", "results.csv"
_ALWAYS_THE_SAME = (1980, 1, 1, 0, 0, 0)
COLUMNS: Mapping[str, str] = {
    "task_id": "子办件编号",
    "case_number": "办件编号",
    "item": "事项",
    "newborn": "新生儿",
    "round": "补正轮次",
    "state": "办理结果",
    "at": "办理时间",
    "reason": "原因代码",
    "reason_text": "原因说明",
    "fields": "需补正",
}
"""The columns of a table of results: their identifiers, and what people call them."""


@dataclass(frozen=True, slots=True)
class PackedTask:
    """包内子办件: one message of a package: its event, and what its results are called.

    `results` are the fields that may be filled in when the task is done, with their titles.
    """

    event: Mapping[str, object] = field(repr=False)
    title: str
    results: Mapping[str, str] = field(default_factory=dict)

    @property
    def said(self) -> Mapping[str, object]:
        """The payload of the event."""
        found = self.event["data"]
        return found if isinstance(found, Mapping) else {}


@dataclass(frozen=True, slots=True)
class Contents:
    """包内容: what a package says and holds. `previous` is the SHA-256 of the package before."""

    node: str
    participant: str
    day: date
    sequence: int
    previous: str
    tasks: Sequence[PackedTask]
    scans: Mapping[str, bytes] = field(default_factory=dict, repr=False)


def pack(contents: Contents, key: Ed25519PrivateKey) -> bytes:
    """The package as a ZIP file."""
    files = {
        TASKS: _lines(task.event for task in contents.tasks),
        FOR_PEOPLE: tables.written(_for_people(contents.tasks)),
        TO_FILL_IN: tables.written(_to_fill_in(contents.tasks)),
        **{f"scans/{name}": data for name, data in sorted(contents.scans.items())},
    }
    manifest = json.dumps(
        {
            "format": FORMAT,
            "node": contents.node,
            "participant": contents.participant,
            "day": contents.day.isoformat(),
            "sequence": contents.sequence,
            "previous": contents.previous,
            "files": [
                {"name": name, "size": len(data), "sha256": hashlib.sha256(data).hexdigest()}
                for name, data in files.items()
            ],
        },
        ensure_ascii=False,
        indent=1,
    ).encode()
    signature = base64.b64encode(key.sign(manifest)) + b"\n"
    return zipped({MANIFEST: manifest, SIGNATURE: signature, **files})


def zipped(files: Mapping[str, bytes]) -> bytes:
    """Files as a ZIP whose bytes depend on nothing else."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        for name, data in files.items():
            entry = zipfile.ZipInfo(name, _ALWAYS_THE_SAME)
            entry.create_system = 3
            entry.external_attr = 0o600 << 16
            archive.writestr(entry, data)
    return out.getvalue()


def _lines(events: Iterable[Mapping[str, object]]) -> bytes:
    return b"".join(
        json.dumps(event, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
        + b"\n"
        for event in events
    )


def _for_people(tasks: Sequence[PackedTask]) -> list[list[str]]:
    """One line a message, one column for every value that any of them has."""
    facts: dict[str, None] = {}
    for task in tasks:
        facts.update(dict.fromkeys(_fields(task)))
    header = ["消息 message", "子办件编号 task_id", "办件编号 case_number", "事项 item",
              "新生儿 newborn", "补正轮次 round", "承诺时间 promised_at", *facts]  # fmt: skip
    rows = [header]
    for task in tasks:
        said, fields = task.said, _fields(task)
        rows.append(
            [
                str(task.event["type"]),
                *(_text(said.get(name)) for name in ("task_id", "case_number")),
                task.title,
                *(_text(said.get(name)) for name in ("newborn", "round", "promised_at")),
                *(_text(fields.get(fact)) for fact in facts),
            ]
        )
    return rows


def _to_fill_in(tasks: Sequence[PackedTask]) -> list[list[str]]:
    """One line a task that is to be done, everything but its result filled in."""
    wanted: dict[str, str] = {}
    for task in tasks:
        wanted.update({name: title for name, title in task.results.items() if name not in wanted})
    header = [f"{title} {name}" for name, title in COLUMNS.items()]
    rows = [[*header, *(f"{title} result.{name}" for name, title in wanted.items())]]
    for task in _to_be_done(tasks):
        said = task.said
        known = {
            "task_id": _text(said.get("task_id")),
            "case_number": _text(said.get("case_number")),
            "item": task.title,
            "newborn": _text(said.get("newborn")),
            "round": _text(said.get("round")),
        }
        rows.append([*(known.get(name, "") for name in COLUMNS), *("" for _ in wanted)])
    return rows


def _to_be_done(tasks: Sequence[PackedTask]) -> Iterable[PackedTask]:
    """Each task once, as it was told last; none that was taken back in the same package."""
    found: dict[str, PackedTask] = {}
    for task in tasks:
        name, kind = _text(task.said.get("task_id")), task.event["type"]
        if kind == TASK_DISPATCHED:
            found[name] = task
        elif kind == TASK_WITHDRAWN:
            found.pop(name, None)
    return found.values()


def _fields(task: PackedTask) -> Mapping[str, object]:
    found = task.said.get("fields")
    return found if isinstance(found, Mapping) else {}


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False)

"""模拟节点: the node's own doors during a conformance run, as a WSGI application.

It answers like a node (tasks, files, feedback, reported events), remembers everything it heard and
every request that was not as agreed, and makes the trouble that a check has ordered.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl

from yijian.gateways.signatures import Message, SignatureRefusedError, content_digest, verify
from yijian.gateways.signatures.keys import split_keys
from yijian.gateways.strictjson import NotStrictJsonError, loads
from yijian.ops.conformance_shapes import faults_of

PAGE = 20
LARGEST = 2 * 1024 * 1024
ENDED = frozenset({"completed", "declined", "rejected", "offline", "withdrawn"})
PARAMETERS = frozenset({"state", "after", "limit"})
LOST = "lost"
"""The way of a report that was taken in and answered by 503."""
JSON_TYPE = "application/json"


@dataclass(frozen=True, slots=True)
class Heard:
    """One report as it came: by which way, in which order."""

    order: int
    way: str
    report: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Asked:
    """One request that came in, and what it was answered."""

    method: str
    path: str
    query: Mapping[str, str]
    status: int
    at: float


@dataclass(slots=True)
class Trouble:
    """What is ordered for one task: reports met by 503, taken and then lost, or refused."""

    unavailable: int = 0
    lost: int = 0
    refuse: bool = False
    spoilt_files: int = 0


class _Answered(Exception):
    def __init__(self, status: int, error: str) -> None:
        super().__init__(error)
        self.status = status


@dataclass
class Door:
    """The doors of a node that the vendor's system is pointed to."""

    address: str
    partner: str
    partner_key: bytes = field(repr=False)
    clock: Callable[[], float]
    tasks: dict[str, dict[str, Any]] = field(default_factory=dict)
    listed: list[str] = field(default_factory=list)
    files: dict[str, bytes] = field(default_factory=dict)
    trouble: dict[str, Trouble] = field(default_factory=dict)
    heard: list[Heard] = field(default_factory=list)
    met: list[tuple[str, str]] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    list_unavailable: int = 0
    pinned: set[str] = field(default_factory=set)
    _nonces: set[tuple[str, str]] = field(default_factory=set)
    _lock: threading.RLock = field(default_factory=threading.RLock)

    def reports_of(self, task_id: str) -> list[Mapping[str, Any]]:
        """What was heard of one task, in order, repeats included."""
        return [each.report for each in self.heard if each.report.get("task_id") == task_id]

    def end(self, task_ids: set[str]) -> None:
        """Let tasks that were kept in the list be seen as completed."""
        self.pinned -= task_ids
        for task_id in task_ids:
            self.tasks[task_id]["state"] = "completed"

    def fetches_of(self, path: str) -> list[Asked]:
        """The good answers that were given at one address."""
        return [each for each in self.asked if each.path == path and each.status == 200]

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[..., object]
    ) -> Iterable[bytes]:
        """Answer one request (WSGI)."""
        method, path = str(environ["REQUEST_METHOD"]), str(environ["PATH_INFO"])
        query = str(environ.get("QUERY_STRING") or "")
        length = int(environ.get("CONTENT_LENGTH") or 0)
        body = environ["wsgi.input"].read(length) if 0 < length <= LARGEST else b""
        with self._lock:
            try:
                if length > LARGEST:
                    raise _Answered(413, "too_large")
                self._check(environ, method, path, query, body)
                status, kind, content = 200, JSON_TYPE, self._answer(method, path, query, body)
                if isinstance(content, bytes):
                    kind = "image/jpeg"
            except _Answered as answered:
                status, kind, content = answered.status, JSON_TYPE, _error(str(answered))
            parameters = dict(parse_qsl(query))
            self.asked.append(Asked(method, path, parameters, status, self.clock()))
        raw = content if isinstance(content, bytes) else json.dumps(content).encode()
        headers = [("Content-Type", kind), ("Content-Length", str(len(raw)))]
        headers.append(("Content-Digest", content_digest(raw)))
        if status == 503:
            headers.append(("Retry-After", "1"))
        start_response(f"{status} -", headers)
        return [raw]

    def _check(
        self, environ: Mapping[str, Any], method: str, path: str, query: str, body: bytes
    ) -> None:
        if path == "/api/v1/health":
            return
        headers = {
            name[5:].replace("_", "-").lower(): str(value)
            for name, value in environ.items()
            if name.startswith("HTTP_")
        }
        if environ.get("CONTENT_TYPE"):
            headers["content-type"] = str(environ["CONTENT_TYPE"])
        url = self.address + path + (f"?{query}" if query else "")
        try:
            verify(
                Message(method, url, headers, body),
                public_keys=lambda code: (
                    split_keys(self.partner_key) if code == self.partner else ()
                ),
                spend_nonce=self._spend,
                now=datetime.now(UTC),
            )
        except SignatureRefusedError as refused:
            self.faults.append(f"{method} {path}: signature {refused.code}")
            raise _Answered(401, "signature_refused") from None

    def _spend(self, sender: str, nonce: str, _created: datetime) -> bool:
        new = (sender, nonce) not in self._nonces
        self._nonces.add((sender, nonce))
        return new

    def _answer(self, method: str, path: str, query: str, body: bytes) -> Any:
        parts = path.removeprefix("/api/v1/").split("/")
        if method == "GET":
            if parts == ["health"]:
                return {"node": "conformance", "version": "1", "time": _now()}
            if parts == ["tasks"]:
                return self._page(query)
            if parts[0] == "tasks" and len(parts) == 2:
                return self._task(parts[1])
            if parts[0] == "tasks" and len(parts) == 4 and parts[2] == "files":
                return self._file(parts[1], parts[3])
        if method == "POST" and parts[0] in ("feedback", "events"):
            return self._take(parts, body)
        self.faults.append(f"{method} {path}: no such address")
        raise _Answered(404, "not_found")

    def _page(self, query: str) -> Any:
        asked = parse_qsl(query, keep_blank_values=True)
        wanted = dict(asked)
        limit = wanted.get("limit", "100")
        unknown = set(wanted) - PARAMETERS or len(asked) != len(wanted)
        if unknown or not (limit.isdigit() and 1 <= int(limit) <= 100):
            self.faults.append(f"GET /api/v1/tasks?{query}: parameters")
            raise _Answered(422, "wrong_fields")
        if self.list_unavailable:
            self.list_unavailable -= 1
            raise _Answered(503, "out_of_order")
        after, state = wanted.get("after"), wanted.get("state")
        if after is not None and after not in self.listed:
            self.faults.append("GET /api/v1/tasks: after= was never a `next`")
            raise _Answered(422, "wrong_fields")
        rest = self.listed[self.listed.index(after) + 1 :] if after else self.listed
        shown = [self.tasks[task] for task in rest]
        shown = [
            task
            for task in shown
            if (task["state"] == state if state else task["state"] not in ENDED)
        ]
        page = shown[: min(PAGE, int(limit))]
        following = page[-1]["task_id"] if len(shown) > len(page) else None
        return {"tasks": page, "next": following}

    def _task(self, task_id: str) -> Any:
        if task_id not in self.tasks:
            raise _Answered(404, "not_found")
        return self.tasks[task_id]

    def _file(self, task_id: str, file: str) -> bytes:
        task = self.tasks.get(task_id, {})
        if file not in {scan["id"] for scan in task.get("scans", [])}:
            raise _Answered(404, "not_found")
        trouble = self.trouble.setdefault(task_id, Trouble())
        if trouble.spoilt_files:
            trouble.spoilt_files -= 1
            return b"\xff\xd8\xff not the page that the task lists"
        return self.files[file]

    def _take(self, parts: list[str], body: bytes) -> Any:
        try:
            value = loads(body)
        except NotStrictJsonError as error:
            self.faults.append(f"POST {'/'.join(parts)}: {error}")
            raise _Answered(400, "bad_json") from None
        reports = _reports_in(parts, value)
        faults = [f"{'/'.join(parts)}: {fault}" for each in reports for fault in faults_of(each)]
        if not 0 < len(reports) <= 500:
            faults.append(f"{'/'.join(parts)}: {len(reports)} reports, 1 to 500 are agreed")
        if faults:
            self.faults += faults
            raise _Answered(422, "wrong_fields")
        self._meet_trouble(reports)
        outcomes = [self._hear("/".join(parts), each) for each in reports]
        if parts[0] == "events":
            events = value if isinstance(value, list) else [value]
            ids = [event["id"] for event in events if isinstance(event, dict)]
            return {"accepted": ids, "refused": []}
        return {"outcomes": outcomes} if len(parts) == 2 else outcomes[0]

    def _meet_trouble(self, reports: list[Any]) -> None:
        """503 for what is ordered; what is lost was heard first and is answered by nothing."""
        ordered = [self.trouble[t] for r in reports if (t := r["task_id"]) in self.trouble]
        for trouble in ordered:
            if trouble.unavailable:
                trouble.unavailable -= 1
                self.met += [(r["task_id"], r["feedback_id"]) for r in reports]
                raise _Answered(503, "out_of_order")
        for trouble in ordered:
            if trouble.lost:
                trouble.lost -= 1
                for report in reports:
                    self._hear(LOST, report)
                raise _Answered(503, "out_of_order")

    def _hear(self, way: str, report: Mapping[str, Any]) -> dict[str, str]:
        name, task_id = str(report["feedback_id"]), str(report["task_id"])
        earlier = [each.report for each in self.heard if each.report["feedback_id"] == name]
        self.heard.append(Heard(len(self.heard), way, report))
        task = self.tasks.get(task_id)
        if task is None:
            self.faults.append(f"report about a task that was never given: {task_id}")
            return {"feedback_id": name, "outcome": "refused", "message": "unknown_task"}
        if earlier and earlier[0] != report:
            self.faults.append(f"feedback_id {name} was used for another report")
            return {"feedback_id": name, "outcome": "refused", "message": "contradicts_earlier"}
        if self.trouble.get(task_id, Trouble()).refuse:
            return {"feedback_id": name, "outcome": "refused", "message": "step_not_allowed"}
        if earlier:
            return {"feedback_id": name, "outcome": "duplicate", "message": ""}
        if report["round"] == task["round"] and task["state"] not in ENDED:
            if task_id not in self.pinned:
                task["state"] = report["state"]
            return {"feedback_id": name, "outcome": "applied", "message": ""}
        return {"feedback_id": name, "outcome": "late", "message": ""}


def _reports_in(parts: list[str], value: Any) -> list[Any]:
    if parts == ["feedback"]:
        return [value]
    if parts == ["feedback", "batch"]:
        found = value.get("feedback") if isinstance(value, dict) else None
        return found if isinstance(found, list) else []
    events = value if isinstance(value, list) else [value]
    return [event.get("data") if isinstance(event, dict) else None for event in events]


def _error(code: str) -> dict[str, Any]:
    return {"error": code, "message": "联调演练", "message_en": "conformance run", "fields": []}


def _now() -> str:
    return datetime.now(UTC).isoformat()

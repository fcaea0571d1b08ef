"""联调台: what a check has at hand: the vendor's system, the node's own doors, and made-up tasks.

The people in the tasks do not exist; their numbers fail no checksum and belong to nobody.
"""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import httpx

from yijian.ops.conformance import Steps, Until, Words, expect
from yijian.ops.conformance_door import Door
from yijian.ops.conformance_wire import BATCH, SINGLE, Answer, Faults, Identity, Sent, send, signed

DISPATCHED, WITHDRAWN = "yijian.task.dispatched.v1", "yijian.task.withdrawn.v1"
REPORTED = "yijian.task.reported.v1"
FIELDS: Mapping[str, str] = {
    "newborn_name": "联调宝宝",
    "newborn_sex": "1",
    "newborn_born_at": "2026-11-18T08:30:00+08:00",
    "mother_name": "演练母亲",
    "mother_id_number": "11010519491231002X",
}
MOST_PAGES = 400


@dataclass
class Rig:
    """The vendor's system at `base`, the node's doors, and time that passes by `pause`."""

    base: str
    identity: Identity
    client: httpx.Client
    door: Door
    pause: Callable[[float], None]
    clock: Callable[[], float]
    item: str = "social_security_card"
    office: str = "conformance"
    wait_seconds: float = 60.0
    settle_seconds: float = 3.0
    pulled: bool = False
    fields: Mapping[str, str] = field(default_factory=lambda: FIELDS)

    def task(self, check: str, *, rehearsal: str = "complete", **more: Any) -> dict[str, Any]:
        """A new task that the door knows; nobody has been told of it yet."""
        task_id = str(uuid.uuid4())
        data: dict[str, Any] = {
            "task_id": task_id,
            "case_number": f"LT-{check}-{rehearsal}"[:60],
            "item": self.item,
            "newborn": 1,
            "office": self.office,
            "promised_at": None,
            "round": 0,
            "fields": dict(self.fields),
            "materials": [],
            "scans": [],
            "certificates": [],
            "rehearsal": rehearsal,
        } | more
        state = {"state": "queued", "since": datetime.now(UTC).isoformat()}
        self.door.tasks[task_id] = data | state
        return data

    def scan(self, data: dict[str, Any], content: bytes) -> str:
        """Let a task list one scanned page; returns where it is fetched."""
        file = str(uuid.uuid4())
        page = {
            "id": file,
            "material": "conformance",
            "page": 1,
            "sha256": hashlib.sha256(content).hexdigest(),
        }
        data["scans"] = [page]
        self.door.tasks[data["task_id"]]["scans"] = [page]
        self.door.files[file] = content
        return f"/api/v1/tasks/{data['task_id']}/files/{file}"

    def event(
        self, data: Mapping[str, Any], kind: str = DISPATCHED, **more: object
    ) -> dict[str, Any]:
        """The CloudEvent that tells of a task, with a new id."""
        return {
            "specversion": "1.0",
            "id": str(uuid.uuid4()),
            "source": f"/nodes/{self.identity.participant}",
            "type": kind,
            "subject": data.get("task_id"),
            "time": datetime.now(UTC).isoformat(),
            "datacontenttype": "application/json",
            "data": dict(data),
        } | more

    def request(
        self,
        value: object,
        *,
        faults: Faults | None = None,
        identity: Identity | None = None,
        content_type: str | None = None,
    ) -> Sent:
        """A signed POST of events: one object goes as a single event, a list as a batch."""
        kind = content_type or (BATCH if isinstance(value, list) else SINGLE)
        body = value if isinstance(value, bytes) else json.dumps(value, ensure_ascii=False).encode()
        signer = identity or self.identity
        return signed(signer, "POST", f"{self.base}/events", body, content_type=kind, faults=faults)

    def post(self, value: object, **options: Any) -> Answer:
        """Send events and return the answer."""
        return send(self.client, self.request(value, **options))

    def get(self, path: str, faults: Faults | None = None) -> Answer:
        """A signed GET at the vendor's system."""
        return send(self.client, signed(self.identity, "GET", self.base + path, faults=faults))

    def give(self, *tasks: Mapping[str, Any]) -> None:
        """Bring tasks to the vendor's system: by events, or by listing them to be fetched."""
        if self.pulled:
            self.door.listed += [task["task_id"] for task in tasks]
            return
        events = [self.event(task) for task in tasks]
        self.taken(self.post(events), events)

    def taken(self, answer: Answer, events: Sequence[Mapping[str, Any]]) -> None:
        """Go on when an answer accepts all of these events and refuses none."""
        ids = {event["id"] for event in events}
        whole = answer.status == 202 and set(answer.accepted) == ids and not answer.refused
        got = f"{answer.status}, accepted {len(ids & set(answer.accepted))}/{len(ids)}"
        shown = "" if whole else f": {answer.shown}"
        expect(whole, f"回答 {got}{shown}", f"the answer is {got}{shown}")

    def states(self, data: Mapping[str, Any]) -> list[tuple[int, str]]:
        """Round and state of every report heard about a task, repeats included."""
        reports = self.door.reports_of(str(data["task_id"]))
        return [(report["round"], report["state"]) for report in reports]

    def until_reported(
        self, data: Mapping[str, Any], state: str = "completed", round_: int = 0
    ) -> Steps:
        """Wait until a task is reported in a state of a round; a check goes on only then."""
        met = yield Until(lambda: (round_, state) in self.states(data), self.wait_seconds)
        came = self.states(data) or "nothing"
        faults = "; ".join(dict.fromkeys(self.door.faults[-3:]))
        shown = f"{came}" + (f" ({faults})" if faults else "")
        expect(
            met,
            f"{self.wait_seconds:g} 秒内没有收到第 {round_} 轮 {state}；收到 {shown}",
            f"no {state} of round {round_} within {self.wait_seconds:g} s; heard {shown}",
        )
        return Words.same(f"{came}")

    def settle(self) -> Until:
        """A quiet while in which something that must not happen could happen."""
        return Until(lambda: False, self.settle_seconds)

    def feed(self, *, limit: int = 500, after: str = "") -> tuple[list[dict[str, Any]], str]:
        """Every report of the feed from a cursor on, page by page, and where it ended."""
        read: list[dict[str, Any]] = []
        for _ in range(MOST_PAGES):
            begin = f"&after={after}" if after else ""
            answer = self.get(f"/reports?limit={limit}{begin}")
            page, following = answer.body.get("reports"), answer.body.get("next")
            fine = answer.status == 200 and isinstance(page, list) and isinstance(following, str)
            expect(fine, f"回答 {answer.shown}", f"the answer is {answer.shown}")
            assert isinstance(page, list) and isinstance(following, str)
            expect(len(page) <= limit, f"一页 {len(page)} 条", f"a page of {len(page)}")
            if not page:
                return read, following
            read += page
            moved = following != after
            expect(moved, "游标没有前进", "the cursor does not move on")
            after = following
        raise AssertionError(f"the feed has more than {MOST_PAGES} pages")

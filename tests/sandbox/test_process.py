"""The real thing: its own process, killed and started again, talking to a node over HTTP."""

import base64
import hashlib
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, TypeVar

import httpx
import pytest
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from sandbox.keys import KeyFolder
from tests.sandbox.conftest import NODE, load_key, signed_headers

HR = "hr-340000"
BATCH = "application/cloudevents-batch+json"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


T = TypeVar("T")


def until(look: Callable[[], T | None], seconds: float = 30) -> T:
    """Return the first thing `look` finds; fail when it never does."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = look()
        if found:
            return found
        time.sleep(0.05)
    raise AssertionError("it did not happen in time")


class Hearing:
    """A node that checks each signature by hand, from the standard's text."""

    def __init__(self, keys: Path) -> None:
        self.keys = keys
        self.states: list[str] = []
        self.ids: set[str] = set()
        self.broken = False
        hearing = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                status, answer = hearing.hear(self, body)
                content = json.dumps(answer).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, format: str, *args: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        self.thread = threading.Thread(target=self.server.serve_forever)
        self.thread.start()

    def hear(self, request: BaseHTTPRequestHandler, body: bytes) -> tuple[int, dict[str, Any]]:
        self.check(request, body)
        if self.broken:
            return 503, {}
        given = json.loads(body)
        outcomes = []
        for row in given.get("feedback", [given]):
            outcome = "duplicate" if row["feedback_id"] in self.ids else "applied"
            if outcome == "applied":
                self.states.append(row["state"])
            self.ids.add(row["feedback_id"])
            outcomes.append({"feedback_id": row["feedback_id"], "outcome": outcome})
        return 200, {"outcomes": outcomes} if "feedback" in given else outcomes[0]

    def check(self, request: BaseHTTPRequestHandler, body: bytes) -> None:
        headers = request.headers
        digest = base64.b64encode(hashlib.sha256(body).digest()).decode()
        assert headers["Content-Digest"] == f"sha-256=:{digest}:"
        parameters = headers["Signature-Input"].removeprefix("sig1=")
        values = {
            "@method": "POST",
            "@target-uri": self.url + request.path,
            "content-digest": headers["Content-Digest"],
            "content-type": headers["Content-Type"],
        }
        covered = re.findall(r'"([^"]+)"', parameters.split(")")[0])
        assert set(covered) == set(values)
        lines = [f'"{name}": {values[name]}' for name in covered]
        base = "\n".join([*lines, f'"@signature-params": {parameters}'])
        signature = base64.b64decode(headers["Signature"].split(":")[1])
        key: Any = load_pem_public_key((self.keys / f"{HR}.pub.pem").read_bytes())
        key.verify(signature, base.encode())

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


class Sandbox:
    """The process under test."""

    def __init__(self, folder: Path, node_url: str) -> None:
        self.folder, self.port = folder, free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.command = [
            sys.executable, "-m", "sandbox", "--port", str(self.port),
            "--keys", str(folder / "keys"), "--node-url", node_url, "--make-keys",
            "--state", str(folder / "state.jsonl"), "--delay", "0.1-0.2", "--today", "2026-11-20",
        ]  # fmt: skip
        self.start()

    def start(self) -> None:
        with (self.folder / "log").open("a") as log:
            self.process = subprocess.Popen(self.command, stdout=log, stderr=log)
        until(self.is_up)

    def is_up(self) -> bool:
        try:
            return httpx.get(f"{self.url}/health", timeout=2, trust_env=False).is_success
        except httpx.HTTPError:
            return False

    def children(self) -> list[int]:
        path = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        return [int(pid) for pid in path.read_text().split()]

    def stop(self, with_signal: signal.Signals) -> int:
        self.process.send_signal(with_signal)
        return self.process.wait(timeout=20)

    def post(self, path: str, body: Any, content_type: str = "application/json") -> httpx.Response:
        content, url = json.dumps(body).encode(), self.url + path
        key = load_key(self.folder / "keys", NODE)
        headers = signed_headers("POST", url, content, key, content_type=content_type)
        return httpx.post(url, content=content, headers=headers, timeout=20, trust_env=False)


@pytest.fixture
def hearing(tmp_path: Path) -> Iterator[Hearing]:
    made = Hearing(tmp_path / "keys")
    yield made
    made.close()


@pytest.fixture
def sandbox(tmp_path: Path, hearing: Hearing) -> Iterator[Sandbox]:
    KeyFolder(tmp_path / "keys").make_missing([NODE, HR])
    made = Sandbox(tmp_path, hearing.url)
    yield made
    if made.process.poll() is None:
        made.stop(signal.SIGTERM)


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return Path(f"/proc/{pid}/stat").read_text().split(") ")[1][0] != "Z"


def card_event(id: str) -> dict[str, Any]:
    data = {"task_id": id, "item": "social_security_card", "round": 1, "fields": {}}
    return {
        "specversion": "1.0", "id": id, "source": "/nodes/yijian",
        "type": "yijian.task.dispatched.v1", "data": data,
    }  # fmt: skip


def test_killing_it_loses_nothing_and_leaves_nothing(sandbox: Sandbox, hearing: Hearing) -> None:
    hearing.broken = True
    message = {"message_id": "m1", "to": "19900000001", "text": "好"}
    assert sandbox.post("/sms", message).status_code == 202
    path = f"/departments/{HR}/events"
    sent = [card_event(f"e{number}") for number in range(5)]
    assert len(sandbox.post(path, sent, BATCH).json()["accepted"]) == 5
    workers = sandbox.children()
    assert workers
    sandbox.stop(signal.SIGKILL)
    until(lambda: not any(is_alive(worker) for worker in workers))
    hearing.broken = False
    sandbox.start()
    inbox = httpx.get(f"{sandbox.url}/sms.json", trust_env=False).json()
    assert [kept["message_id"] for kept in inbox["messages"]] == ["m1"]
    until(lambda: hearing.states.count("completed") == 5)
    assert len(hearing.ids) == 20
    assert sandbox.post(path, sent, BATCH).json()["accepted"] == [event["id"] for event in sent]


def test_asking_it_to_stop_ends_it_in_order(sandbox: Sandbox) -> None:
    workers = sandbox.children()
    assert sandbox.stop(signal.SIGTERM) == 0
    until(lambda: not any(is_alive(worker) for worker in workers))
    assert not sandbox.is_up()


def test_many_at_once_are_all_answered(sandbox: Sandbox) -> None:
    errors: list[str] = []

    def send(sender: int) -> None:
        for number in range(10):
            body = {"message_id": f"{sender}-{number}", "to": "19900000001", "text": "x"}
            response = sandbox.post("/sms", body)
            if response.status_code != 202:
                errors.append(response.text)

    threads = [threading.Thread(target=send, args=(sender,)) for sender in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    inbox = httpx.get(f"{sandbox.url}/sms.json", trust_env=False).json()
    assert len(inbox["messages"]) == 60

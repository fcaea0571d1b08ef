"""The machine door keeps what its own description promises: schemathesis asks it, for real.

The door is served on a port, as its partners reach it. Every request is signed on its way out by
`tests/api/signing.py`, so that what is tested lies behind the signature.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import uuid
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from tests.api.conftest import PARTNERS, feedback
from tests.ops.bench import Bench, made_bench, until
from yijian.gateways.signatures import Message, sign
from yijian.ops.ports import free_port

ROOT = Path(__file__).resolve().parents[2]
SECONDS = 150
KEEP_FAMILIES = (
    "from yijian.ops.command import use_django; use_django();"
    "from tests.api.conftest import FAMILIES, keep_family;"
    "[keep_family(name) for name in FAMILIES[:2]]"
)

pytestmark = pytest.mark.timeout(3 * SECONDS)


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    with made_bench(tmp_path_factory.mktemp("contract"), *PARTNERS) as bench:
        bench.settings["YIJIAN_PUBLIC_URL"] = f"http://127.0.0.1:{free_port('127.0.0.1')}"
        subprocess.run(
            [sys.executable, "-c", KEEP_FAMILIES], cwd=ROOT, env=bench.environment(), check=True
        )
        yield bench


@pytest.fixture(scope="module")
def served(bench: Bench) -> Iterator[str]:
    """The address of the pages and doors, served as in production."""
    address = bench.settings["YIJIAN_PUBLIC_URL"]
    with (bench.var_dir / "web.log").open("wb") as log:
        process = subprocess.Popen(
            [
                sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1",
                "--port", address.rpartition(":")[2], "--blocking-threads", "4", "--no-ws",
                "yijian.config.wsgi:application",
            ],
            env=bench.environment(),
            stdout=log,
            stderr=log,
            start_new_session=True,
        )  # fmt: skip
    try:
        until(lambda: _answers(address), (bench.var_dir / "web.log").read_text()[-3000:], 60)
        yield address
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _answers(address: str) -> bool:
    try:
        answer = httpx.get(f"{address}/api/v1/openapi.json", timeout=2, trust_env=False)
    except httpx.HTTPError:
        return False
    return answer.status_code == 200


def test_the_door_keeps_its_own_description(bench: Bench, served: str, tmp_path: Path) -> None:
    # One worker: Python 3.11 parses lambdas wrongly when two threads do it at once (SystemError).
    command = [
        sys.executable, "-m", "schemathesis.cli", "run", f"{served}/api/v1/openapi.json",
        "--phases", "coverage,fuzzing", "--max-examples", "25", "--seed", "1",
        "--checks", "not_a_server_error,status_code_conformance,content_type_conformance,"
        "response_schema_conformance,negative_data_rejection,ignored_auth,unsupported_method",
        "--request-timeout", "10", "--workers", "1", "--no-color",
    ]  # fmt: skip
    done = subprocess.run(
        command,
        cwd=tmp_path,
        env=bench.environment()
        | {
            "SCHEMATHESIS_HOOKS": "tests.api.signing",
            "PYTHONPATH": str(ROOT),
            "NO_PROXY": "127.0.0.1",
            "SIGN_AS": PARTNERS[0],
            "SIGN_WITH": str(bench.var_dir / "keys" / f"{PARTNERS[0]}.pem"),
        },
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
    described = httpx.get(f"{served}/api/v1/openapi.json", trust_env=False).json()["paths"]
    operations = sum(len(methods) for methods in described.values())
    assert f"Tested: {operations}" in done.stdout and "Fuzzing" in done.stdout
    assert "internal" not in (bench.var_dir / "web.log").read_text()


def send(bench: Bench, method: str, path: str, body: object = None) -> httpx.Response:
    """One signed request of the medical insurance department, whose tasks schemathesis leaves."""
    raw = b"" if body is None else json.dumps(body).encode()
    url = bench.settings["YIJIAN_PUBLIC_URL"] + path
    message = Message(method, url, {"Content-Type": "application/json"} if raw else {}, raw)
    headers = sign(
        message,
        participant=PARTNERS[1],
        private_pem=(bench.var_dir / "keys" / f"{PARTNERS[1]}.pem").read_bytes(),
        nonce=uuid.uuid4().hex,
        now=datetime.now(UTC),  # noqa: TID251 (the door has a clock)
    )
    return httpx.request(
        method, url, content=raw, headers=headers, timeout=30, trust_env=False, verify=False
    )


def test_of_the_same_report_sent_many_times_at_once_one_takes_effect(
    bench: Bench, served: str
) -> None:
    tasks = send(bench, "GET", "/api/v1/tasks").json()["tasks"]
    reports = [
        feedback(uuid.UUID(task["task_id"]), "accepted", round=task["round"]) for task in tasks
    ]
    batches = [{"feedback": reports}, {"feedback": reports[::-1]}] * 4
    assert len(reports) > 1
    with ThreadPoolExecutor(8) as pool:
        path = "/api/v1/feedback/batch"
        answers = list(pool.map(lambda batch: send(bench, "POST", path, batch), batches))
    # Two that lock each other out are both asked to come again, and nothing is half done.
    assert {answer.status_code for answer in answers} <= {200, 503}
    answers.append(send(bench, "POST", "/api/v1/feedback/batch", batches[0]))
    outcomes = Counter(
        (outcome["feedback_id"], outcome["outcome"])
        for answer in answers
        if answer.status_code == 200
        for outcome in answer.json()["outcomes"]
    )
    for report in reports:
        assert outcomes[report["feedback_id"], "applied"] == 1
        assert outcomes[report["feedback_id"], "refused"] == 0


def test_a_body_without_a_length_is_no_way_in(bench: Bench, served: str) -> None:
    """Chunked, so that nothing says beforehand how much will come."""

    def endless() -> Iterator[bytes]:
        for _ in range(64):
            yield b" " * 65_536

    answer = httpx.post(
        f"{served}/api/v1/feedback",
        content=endless(),
        headers={"Content-Type": "application/json"},
        timeout=30,
        trust_env=False,
    )
    assert answer.status_code in (401, 411, 413)

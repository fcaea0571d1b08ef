"""The conformance suite: green for systems that keep the contract, red by name for each that does
not, and never green by saying nothing."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import flask
import httpx
import pytest
from rich.console import Console
from typer import Typer
from typer.testing import CliRunner

from sandbox.app import create_app, world_of
from sandbox.feedback import send_due_feedback
from sandbox.fetching import fetch_due
from sandbox.pulling import pull_tasks
from sandbox.queues import take_due_steps
from sandbox.settings import Settings
from tests.ops.rehearsing import (
    BASE,
    CONNECTOR,
    DOOR,
    NODE,
    VENDOR,
    Application,
    connector_module,
    example,
    key_of,
    make_rig,
)
from yijian.ops import conformance_command
from yijian.ops.conformance import Check, Finding, Steps, Until, Words, good, run
from yijian.ops.conformance_command import PULLED, PUSHED, chosen
from yijian.ops.conformance_report import show, summary, write_junit
from yijian.ops.conformance_rig import Rig

HEAVY = {"batch-500", "too-many", "oversized"}
EARLY = [check for check in PUSHED if check.code not in HEAVY]


def failed(findings: list[Finding]) -> dict[str, str]:
    return {f.check.code: f.came.en for f in findings if f.verdict != "pass"}


@pytest.fixture
def department(tmp_path: Path) -> Iterator[Callable[..., Rig]]:
    """Makes a rig around the sandbox's department; `pull` for one that fetches its tasks."""
    opened: list[flask.Flask] = []

    def make(*, pull: bool = False) -> Rig:
        keys = tmp_path / "keys"
        keys.mkdir(exist_ok=True)
        for code in (NODE, VENDOR):
            (keys / f"{code}.pem").write_bytes(key_of(code)[0])
            (keys / f"{code}.pub.pem").write_bytes(key_of(code)[1])
        settings = Settings(keys=keys, node_url=DOOR, delay_seconds=(0.0, 0.0))
        app = create_app(settings)
        opened.append(app)

        def vendor(client: httpx.Client) -> tuple[Application, Callable[[], object]]:
            return app, lambda: _work(app, client, pull)

        return make_rig(vendor, base=f"{BASE}/departments/{VENDOR}", pulled=pull)

    yield make
    for app in opened:
        world_of(app).store.close()


def _work(app: flask.Flask, client: httpx.Client, pull: bool) -> None:
    here = world_of(app)
    for kind in ("feedback", "notified", "scans"):
        for row in here.store.open_documents(kind):  # Waiting is not what is tested here.
            key = {
                "feedback": row.get("feedback_id"),
                "notified": f"{VENDOR}/{row.get('event')}",
                "scans": f"{VENDOR}/{row.get('task_id')}/{row.get('file')}",
            }[kind]
            here.store.put(kind, str(key), row | {"next_at": 0.0})
    if pull:
        pull_tasks(here, VENDOR, client)
    fetch_due(here, VENDOR, client)
    take_due_steps(here)
    send_due_feedback(here, VENDOR, client)


def test_the_example_connector_keeps_the_contract() -> None:
    findings = run(example(), PUSHED)
    assert failed(findings) == {} and len(findings) == len(PUSHED) > 40
    assert good(findings)


def test_the_sandboxs_department_keeps_the_contract(department: Callable[..., Rig]) -> None:
    assert failed(run(department(), PUSHED)) == {}


def test_the_sandboxs_department_keeps_the_contract_when_it_pulls(
    department: Callable[..., Rig],
) -> None:
    assert failed(run(department(pull=True), PULLED)) == {}


def test_the_example_connector_is_short_and_in_one_file() -> None:
    lines = CONNECTOR.read_text("utf-8").splitlines()
    assert len([line for line in lines if line.strip()]) < 160

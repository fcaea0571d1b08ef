"""The conformance suite: green for systems that keep the contract, red by name for each that does
not, and never green by saying nothing."""

from __future__ import annotations

import ast
import json
import re
from collections import Counter
from collections.abc import Callable, Iterator
from io import StringIO
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import flask
import httpx
import pytest
from rich.console import Console
from typer import Typer
from typer.testing import CliRunner, Result

from sandbox.app import create_app, world_of
from sandbox.feedback import send_due_feedback
from sandbox.fetching import fetch_due
from sandbox.pulling import pull_tasks
from sandbox.queues import take_due_steps
from sandbox.settings import Settings
from tests.ops.faulty_vendors import FAULTS, PULLING_FAULTS, pulling, reversing
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

DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef)
HEAVY = {"batch-500", "too-many", "oversized"}


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
    tree = ast.parse(CONNECTOR.read_text("utf-8"))
    inside = [node for node in ast.walk(tree) if hasattr(node, "body")]
    words = [node.body[0] for node in inside if isinstance(node, DOCUMENTED) and node.body]
    texts = {id(word) for word in words if isinstance(word, ast.Expr)}
    code = {
        line
        for node in ast.walk(tree)
        if isinstance(node, ast.stmt) and id(node) not in texts
        for line in _own_lines(node)
    }
    assert 100 < len(code) < 150


def _own_lines(statement: ast.stmt) -> range:
    """The lines of a statement, of a compound one only its head."""
    body = getattr(statement, "body", None)
    end = body[0].lineno - 1 if body else statement.end_lineno
    return range(statement.lineno, max(int(end or 0), statement.lineno) + 1)


def test_reports_that_arrive_in_another_order_are_no_fault() -> None:
    """States only move on at the node: a department with several senders does nothing wrong."""
    rig = example(reversing(connector_module().Connector))
    assert failed(run(rig, [c for c in PUSHED if c.group in ("reports", "feed")])) == {}


@pytest.mark.parametrize("check", FAULTS)
def test_a_planted_fault_is_found_by_the_check_that_names_it(check: str) -> None:
    rig = example(FAULTS[check](connector_module().Connector))
    (named,) = (c for c in PUSHED if c.code == check)
    light = [c for c in PUSHED if c.code not in HEAVY and c.group in ("reports", named.group)]
    beside = light if named.group == "feed" else [named]
    assert check in failed(run(rig, {c.code: c for c in (*beside, named)}.values()))


def test_every_check_has_been_seen_to_fail() -> None:
    """A check that nobody has seen fail may be one that cannot."""
    assert {check.code for check in PUSHED} == FAULTS.keys()
    assert {check.code for check in PULLED if check.group == "pull"} <= PULLING_FAULTS.keys()


def test_a_connector_that_fetches_keeps_the_contract() -> None:
    rig = example(pulling(connector_module().Connector), pulled=True)
    assert failed(run(rig, PULLED)) == {}


@pytest.mark.parametrize("check", PULLING_FAULTS)
def test_a_planted_fault_of_fetching_is_found(check: str) -> None:
    rig = example(PULLING_FAULTS[check](connector_module().Connector), pulled=True)
    assert check in failed(run(rig, [c for c in PULLED if c.code == check]))


def _check(steps: Callable[[Rig], Steps], code: str = "made-up", stage: int = 1) -> Check:
    said = Words.same("-")
    return Check(code, "made", stage, said, said, said, steps)


def test_a_check_that_says_nothing_has_not_passed() -> None:
    def silent(_rig: Rig) -> Any:
        yield Until(lambda: True, 0)

    def broken(_rig: Rig) -> Steps:
        yield Until(lambda: True, 0)
        raise KeyError("no such thing")

    findings = run(example(), [_check(silent), _check(broken, "broken")])
    assert [finding.verdict for finding in findings] == ["fail", "fail"]
    assert "KeyError" in findings[1].came.en
    assert not good(findings)


def test_nothing_asked_is_nothing_passed() -> None:
    rig = example()
    assert not good([]) and not good(
        run(rig, [_check(lambda _: _pass())], without=frozenset({"made"}))
    )
    assert summary([]).en.endswith("the contract is not kept")


def _pass() -> Steps:
    yield Until(lambda: True, 0)
    return Words.same("ok")


def test_a_dead_system_fails_every_check_but_those_of_silence() -> None:
    """Whoever does not answer at all passes nothing."""

    def dead(_environ: Any, start_response: Any) -> list[bytes]:
        start_response("500 -", [])
        return []

    rig = make_rig(lambda _client: (dead, lambda: None), wait_seconds=0.5)
    passed = [f.check.code for f in run(rig, PUSHED) if f.verdict == "pass"]
    assert passed == []


def test_a_system_that_says_yes_to_everything_passes_little() -> None:
    def yes(environ: Any, start_response: Any) -> list[bytes]:
        raw = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        try:
            value = json.loads(raw)
        except ValueError:
            value = []
        ids = [event.get("id") for event in (value if isinstance(value, list) else [value])]
        start_response("202 -", [("Content-Type", "application/json")])
        return [json.dumps({"accepted": ids, "refused": []}).encode()]

    rig = make_rig(lambda _client: (yes, lambda: None), wait_seconds=0.5)
    assert [f.check.code for f in run(rig, PUSHED) if f.verdict == "pass"] == []


def test_the_report_says_what_to_do_next_in_both_languages(tmp_path: Path) -> None:
    rig = example(FAULTS["unknown-type"](connector_module().Connector))
    findings = run(rig, chosen(PUSHED, "unknown-type,single,health"), without=frozenset({"health"}))
    console = Console(width=160, record=True, file=StringIO())
    show(findings, console)
    page = console.export_text()
    for words in ("下一步：不认识的类型", "next: accept, keep and leave alone", "FAIL", "未测"):
        assert words in page
    assert "通过 1，不通过 1，未测 1：不符合约定" in page
    write_junit(findings, tmp_path / "found.xml")
    suite = ElementTree.parse(tmp_path / "found.xml").getroot()
    assert suite.attrib.items() >= {"tests": "3", "failures": "1", "skipped": "1"}.items()
    (case,) = suite.findall("testcase[@name='unknown-type']")
    failure = case.find("failure")
    assert failure is not None and "accepted 1/3" in failure.attrib["message"]


def test_every_word_of_a_check_is_there_in_both_languages() -> None:
    for check in (*PUSHED, *PULLED):
        for words in (check.did, check.expected, check.mend):
            assert words.zh and words.en.isascii(), check.code
    assert max(Counter(check.code for check in PUSHED).values()) == 1


@pytest.fixture
def keys(tmp_path: Path) -> Path:
    (tmp_path / "node.pem").write_bytes(key_of(NODE)[0])
    (tmp_path / "vendor.pub.pem").write_bytes(key_of(VENDOR)[1])
    return tmp_path


def ask(keys: Path, *arguments: str) -> Result:
    app = Typer()
    app.command()(conformance_command.command)
    given = ["--key", str(keys / "node.pem"), "--partner-key", str(keys / "vendor.pub.pem")]
    return CliRunner().invoke(app, [*arguments, *given])


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((BASE,), "--partner"),
        (("--partner", VENDOR), "URL"),
        ((BASE, "--partner", VENDOR, "--only", "nothing"), "--only"),
        ((BASE, "--partner", VENDOR, "--without", "refusals"), "--without"),
        ((BASE, "--partner", VENDOR, "--door", "here"), "--door"),
    ],
)
def test_an_order_that_cannot_be_meant_is_refused(
    keys: Path, arguments: tuple[str, ...], said: str
) -> None:
    result = ask(keys, *arguments)
    assert result.exit_code == 2 and said in re.sub(r"\s|│", "", result.output)


def test_a_key_that_is_none_is_refused(keys: Path) -> None:
    (keys / "node.pem").write_text("no key")
    assert ask(keys, BASE, "--partner", VENDOR).exit_code == 2

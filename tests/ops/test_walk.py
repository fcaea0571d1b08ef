"""Families go through the whole product over HTTP and come out as the pure core says they must."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from tests.ops.test_running import plain_environment
from tests.ops.walking import PACK, PACKS, Walked, invited, walk_together
from yijian.domain.context import Context
from yijian.ops.lively import lively
from yijian.ops.running import Platform
from yijian.ops.walk import difference
from yijian.ops.walk_families import Outcome
from yijian.ops.walk_pages import Browser, WalkError
from yijian.packs.examples import example_files, load_example
from yijian.packs.families import Family, complete
from yijian.packs.loading import load_context
from yijian.packs.rehearsal import begun, play

pytestmark = pytest.mark.timeout(300)

FAMILIES = (
    "01-ordinary-family",
    "02-twins",
    "11-police-decline",
    "12-hospital-corrects-once",
    "66-many-reasons-at-once",
    "72-family-withdraws",
    "73-late-record-arrives",
)


@pytest.fixture(scope="module")
def walked(town: Platform) -> dict[str, Walked]:
    return walk_together(town, invited(FAMILIES))


@pytest.mark.parametrize("name", FAMILIES)
def test_a_family_comes_out_as_the_core_says(walked: dict[str, Walked], name: str) -> None:
    one = walked[name]
    assert one.outcome is not None, one.failure
    assert difference(one.guest.expected, one.outcome) == ""


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("01-ordinary-family", "7 of 7 items finished"),
        ("02-twins", "7 of 7 items finished"),
        ("11-police-decline", "3 of 7 items finished (未受理、转到窗口)"),
        ("12-hospital-corrects-once", "7 of 7 items finished"),
        ("73-late-record-arrives", "7 of 7 items finished"),
    ],
)
def test_the_last_line_counts_as_the_document_does(
    walked: dict[str, Walked], name: str, line: str
) -> None:
    outcome = walked[name].outcome
    assert outcome is not None, walked[name].failure
    assert outcome.last_line == line


def test_a_refused_family_reads_every_reason_at_once(walked: dict[str, Walked]) -> None:
    outcome = walked["66-many-reasons-at-once"].outcome
    assert outcome is not None
    assert (outcome.kind, len(outcome.reasons)) == ("refused", 4)


def test_a_late_record_wakes_the_parked_case(walked: dict[str, Walked]) -> None:
    steps = walked["73-late-record-arrives"]
    assert steps.said("the case is kept and waits")
    assert steps.said("records the delivery late")


def test_a_correction_goes_to_the_mother_and_back(walked: dict[str, Walked]) -> None:
    steps = [what for _, what in walked["12-hospital-corrects-once"].told]
    asked = next(n for n, what in enumerate(steps) if "：correct（" in what)
    answered = next(n for n, what in enumerate(steps) if what.startswith("补正："))
    issued = next(n for n, what in enumerate(steps) if "《出生医学证明》签发：complete" in what)
    assert asked < answered < issued


def test_the_father_comes_by_the_link_of_his_message(walked: dict[str, Walked]) -> None:
    steps = [what for who, what in walked["01-ordinary-family"].told if who == "father"]
    assert steps[0].startswith("收到短信")
    assert any("passes the live-person check" in step for step in steps)


@pytest.mark.parametrize(
    ("family", "code", "line"),
    [("24", 0, "refused, with 1 reason: 父母民族相同"), ("9999", 2, "")],
)
def test_the_command_says_how_it_came_out(
    town: Platform, family: str, code: int, line: str
) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "yijian.ops", "walk", "--pack", PACK, "--family", family,
         "--url", town.address],
        env=plain_environment(),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )  # fmt: skip
    assert done.returncode == code, done.stderr
    assert (done.stdout.splitlines() or [""])[-1] == line


def test_a_walk_that_comes_out_otherwise_is_told_apart() -> None:
    wanted = Outcome("done", lines=(("出生登记", "已办结"),), finished=1, items=1)
    got = replace(wanted, lines=(("出生登记", "未受理"),), finished=0)
    assert "expected 出生登记：已办结 · got 出生登记：未受理" in difference(wanted, got)
    assert difference(wanted, replace(wanted, kind="refused")) != ""


def test_a_page_that_is_not_there_is_named(town: Platform) -> None:
    browser = Browser(town.address)
    try:
        with pytest.raises(WalkError, match=r"^/nothing/ \[404\] “.+”: .+"):
            browser.get("/nothing/")
        with pytest.raises(WalkError, match="no such form"):
            browser.get("/guide/").form(name="nobody")
    finally:
        browser.close()


def test_the_examples_are_on_the_demonstrations_page(town: Platform) -> None:
    browser = Browser(town.address)
    try:
        page = browser.get("/demo/")
        assert page.link("login_hint=01-ordinary-family", "mother")
        assert page.link("login_hint=staff-340104510000")
    finally:
        browser.close()


def test_every_example_means_the_same_today() -> None:
    context = load_context(PACKS, PACK)
    changed = []
    for number, path in enumerate(example_files(PACKS, PACK)):
        family = load_example(PACKS, path)
        moment = datetime.now(UTC).replace(hour=number % 24, minute=10)
        today = lively(family, moment, mark="test")
        assert complete(today)["applied_at"] == moment.isoformat()
        if _comes_to(family, context) != _comes_to(today, context):
            changed.append(path.stem)
    assert changed == []


def _comes_to(family: Family, context: Context) -> object:
    start, end = begun(family, context), play(family, context)
    verdict = start.context.judge(start.case, start.now)
    failed = sorted(one.rule.id for one in verdict.failed)
    return failed, end.case.stage, [(t.key, t.state) for t in end.case.tasks.values()]

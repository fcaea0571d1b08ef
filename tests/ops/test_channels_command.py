"""`yijian channels` and `yijian files`: what an operator types, and what then has happened."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from django.utils import timezone
from typer.testing import CliRunner

from tests.actions.cast import CERTIFICATE, Household, household
from tests.actions.test_file_exchange import inside, table
from yijian.actions import contexts, file_exchange
from yijian.domain.states import TaskState
from yijian.ops import channels_command, files_command
from yijian.ops.operator import operator
from yijian.records import cases as case_records
from yijian.records import channels
from yijian.records.models import FilePackage

pytestmark = pytest.mark.django_db
OFFICE = "H34010401"


@pytest.fixture
def family(now: datetime) -> Iterator[Household]:
    yield household(now).submit()
    contexts.forget()


@pytest.fixture
def node(now: datetime) -> Iterator[None]:
    """A node with offices and without families."""
    household(now)
    yield
    contexts.forget()


@pytest.fixture(autouse=True)
def today(monkeypatch: pytest.MonkeyPatch, now: datetime) -> None:
    monkeypatch.setattr(timezone, "now", lambda: now)


def typed(*words: str, expected: int = 0) -> str:
    commands = channels_command if words[0] == "channels" else files_command
    answer = CliRunner().invoke(commands.commands, list(words[1:]))
    assert answer.exit_code == expected, answer.output
    return answer.output


def set_file(*more: str) -> str:
    return typed("channels", "set", "--office", OFFICE, "--channel", "file",
                 "--participant", "h", *more)  # fmt: skip


def way(family: Household) -> str | None:
    return case_records.read(numbers=[family.number])[0].channels[CERTIFICATE]


def test_a_rule_that_is_typed_moves_tasks_and_can_be_ended(family: Household) -> None:
    before = way(family)
    assert "1 tasks moved" in set_file("--item", CERTIFICATE[0])
    assert way(family) == "file:h"
    (standing,) = channels.standing()
    assert standing.made_by == operator() != "operator:"
    listed = typed("channels", "list")
    assert str(standing.id) in listed and f"{OFFICE} / birth_certificate → file h" in listed
    assert f"{OFFICE}  desk" in typed("channels", "list", "--offices")
    typed("channels", "end", str(standing.id))
    assert way(family) == before
    assert str(standing.id) not in typed("channels", "list")
    assert str(standing.id) in typed("channels", "list", "--ended")
    assert "已经结束" in typed("channels", "end", str(standing.id), expected=2)


@pytest.mark.parametrize(
    "words",
    [
        ("--channel", "desk"),
        ("--channel", "desk", "--office", OFFICE, "--kind", "hospital"),
        ("--channel", "desk", "--office", "nowhere"),
        ("--channel", "desk", "--office", OFFICE, "--from", "tomorrow"),
        ("--channel", "desk", "--office", OFFICE, "--from", "2026-11-20"),
    ],
)
def test_what_cannot_be_meant_is_told_and_changes_nothing(
    node: None, words: tuple[str, ...]
) -> None:
    assert typed("channels", "set", *words, expected=2).strip()
    assert channels.standing() == []


def test_packages_are_carried_away_and_results_carried_back(
    family: Household, tmp_path: Path
) -> None:
    set_file()
    assert "h  还有未打包的" in typed("files", "list")
    assert "1 packages written" in typed("files", "pack", "--into", str(tmp_path / "out"))
    (path,) = (tmp_path / "out").iterdir()
    assert path.stat().st_mode & 0o077 == 0, "nobody else may read it"
    assert FilePackage.objects.get().fetched_by == operator()
    assert "0 packages written" in typed("files", "pack", "--into", str(tmp_path / "out"))
    first = path.read_bytes()
    path.unlink()
    typed("files", "pack", "--into", str(tmp_path / "out"), "--participant", "h", "--again", "1")
    assert path.read_bytes() == first and "manifest.sig" in inside(first)
    results = tmp_path / "results.csv"
    results.write_bytes(table(file_exchange.built("h", 1), state="受理"))
    assert "没有签名" in typed("files", "take", str(results), "--participant", "h", expected=1)
    typed("files", "take", str(results), "--participant", "h", "--unsigned")
    assert family.case.tasks[CERTIFICATE].state is TaskState.ACCEPTED


def test_lines_that_come_back_lie_beside_their_file(family: Household, tmp_path: Path) -> None:
    set_file()
    typed("files", "pack", "--into", str(tmp_path))
    results = tmp_path / "results.csv"
    results.write_bytes(table(file_exchange.built("h", 1), state="好了"))
    typed("files", "take", str(results), "--participant", "h", "--unsigned", expected=1)
    assert "办理结果不认识" in (tmp_path / "results.csv.errors.csv").read_text("utf-8-sig")


def test_only_a_sealing_key_seals(node: None, tmp_path: Path) -> None:
    key = tmp_path / "key.pem"
    key.write_text("no key")
    assert "X25519" in typed("files", "key", "h", str(key), expected=2)

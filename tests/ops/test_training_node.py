"""A node on which staff practise: what leaves it is marked, and it begins anew when asked."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar

import pytest
from django.conf import settings
from django.utils import timezone

from tests.api.conftest import keep_family
from tests.documents.papers import said_in
from tests.gateways.conftest import Outside
from tests.ops.test_jobs import keep_notices, take_message
from tests.records.test_documents import wanted
from yijian.gateways import starter
from yijian.ops import jobs, setting, training
from yijian.ops.keys import TRAINING_MARK
from yijian.ops.training import Training
from yijian.records import documents

AT = datetime(2026, 11, 21, 2, 0, tzinfo=UTC)


class Stage:
    """A platform without processes: what it is started with, and what lies in its folder."""

    plays: ClassVar[list[Stage]] = []

    def __init__(self, var_dir: Path, **given: Any) -> None:
        self.var_dir, self.running = var_dir, False
        self.settings: Mapping[str, str] = given["settings"]
        self.port, self.sandbox_port = given["port"] or 8201, given["sandbox_port"] or 8301
        self.found: set[str] = set()

    def start(self, *, unless: threading.Event | None = None) -> None:
        assert not any(one.running for one in self.plays), "two would fight over one database"
        self.found = {path.name for path in self.var_dir.iterdir()}
        (self.var_dir / "keys").mkdir(exist_ok=True)
        (self.var_dir / "postgres").mkdir()
        (self.var_dir / "sandbox.jsonl").write_text("accounts")
        self.plays.append(self)
        self.running = True

    def stop(self) -> None:
        assert (self.var_dir / "postgres").is_dir(), "its folder is emptied when it has stopped"
        self.running = False


@pytest.fixture
def stages(monkeypatch: pytest.MonkeyPatch) -> list[Stage]:
    monkeypatch.setattr(training, "Platform", Stage)
    monkeypatch.setattr(Stage, "plays", [])
    return Stage.plays


def test_what_is_asked_on_the_page_lets_the_node_begin_anew_where_it_was(
    tmp_path: Path, stages: list[Stage]
) -> None:
    folder, ending = tmp_path / "training", threading.Event()
    told: list[str] = []
    node = Training(folder, port=0, sandbox_port=0, tell=told.append)
    node.start()
    (folder / "postgres" / "practised").touch()
    starter.ask(folder, by="staff-1", now=AT)
    obeying = threading.Thread(target=node.obey, args=(ending,))
    obeying.start()
    until = time.monotonic() + 30
    while not node.times_reset and time.monotonic() < until:
        time.sleep(0.01)
    ending.set()
    obeying.join(10)
    first, second = stages
    assert (first.running, second.running, told) == (False, True, ["reset"])
    assert (second.port, second.sandbox_port) == (first.port, first.sandbox_port) == (8201, 8301)
    assert first.settings["TRAINING"] == second.settings["TRAINING"] == "yes"
    assert second.found == {TRAINING_MARK, "keys", starter.DONE}, "as new, and with its keys"
    assert not (folder / "postgres" / "practised").exists()
    assert [one.by for one in starter.resets(folder)] == ["staff-1"]
    node.stop()
    assert not second.running


@pytest.fixture
def practising(monkeypatch: pytest.MonkeyPatch) -> None:
    """This node is one for training."""
    changed = settings.YIJIAN.model_copy(update={"training": True})
    monkeypatch.setattr(settings, "YIJIAN", changed)


@pytest.mark.django_db
def test_what_is_set_on_a_training_node_says_so_on_its_page(node: None, practising: None) -> None:
    loaded = keep_family()
    documents.ask([wanted(loaded, "certificate:1:front")], now=timezone.now())
    assert setting.set_documents() == 1
    (found,) = documents.of_case(loaded.id)
    assert loaded.key is not None
    pdf = documents.file_of(key=loaded.key, document_id=found.id, format="pdf")
    assert pdf is not None
    said = said_in(pdf)
    assert "【演练】受理通知书" in said and "演练TRAINING无效仅用于测试" in said


@pytest.mark.django_db
def test_every_text_of_a_training_node_says_so_first(
    node: None, practising: None, world: Outside, now: datetime
) -> None:
    keep_notices(keep_family(), 2, now)
    world.answers["sms"] = take_message
    assert jobs.send_messages() == 2
    assert sorted(world.body(n)["text"] for n in range(2)) == ["【演练】第0条", "【演练】第1条"]

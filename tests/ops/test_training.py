"""A training node keeps to its own folder, begins anew when asked, and says what it is."""

from __future__ import annotations

import base64
from datetime import UTC, datetime
from pathlib import Path

import pytest

from yijian.config import environment
from yijian.config.refusals import UnusableSettings
from yijian.documents.marking import MARK, practised
from yijian.domain.documents import Content
from yijian.gateways import starter
from yijian.ops import training
from yijian.ops.keys import TRAINING_MARK
from yijian.ops.training import NotForTraining

AT = datetime(2026, 11, 21, 2, 0, tzinfo=UTC)
SANDBOX = "http://127.0.0.1:8300"


def test_a_folder_with_other_data_is_neither_taken_nor_emptied(tmp_path: Path) -> None:
    (tmp_path / "postgres").mkdir()
    with pytest.raises(NotForTraining):
        training.mark(tmp_path)
    with pytest.raises(NotForTraining):
        training.empty(tmp_path)
    assert (tmp_path / "postgres").is_dir()


def test_emptying_keeps_keys_and_who_asked(tmp_path: Path) -> None:
    folder = tmp_path / "training"
    training.mark(folder)
    training.mark(folder)
    for name in ("postgres", "secrets", "keys", "seals"):
        (folder / name).mkdir()
    (folder / "sandbox.jsonl").write_text("{}")
    (tmp_path / "elsewhere").mkdir()
    (folder / "link").symlink_to(tmp_path / "elsewhere")
    starter.ask(folder, by="staff-1", now=AT)
    training.empty(folder)
    left = {path.name for path in folder.iterdir()}
    assert left == {TRAINING_MARK, "secrets", "keys", starter.ASKED}
    assert (tmp_path / "elsewhere").is_dir()


def test_what_was_asked_is_told_once_it_is_done(tmp_path: Path) -> None:
    assert starter.asked(tmp_path) is None and starter.resets(tmp_path) == []
    starter.ask(tmp_path, by="staff-1", now=AT)
    asked = starter.asked(tmp_path)
    assert asked is not None and asked.by == "staff-1"
    starter.done(tmp_path, asked)
    assert starter.asked(tmp_path) is None
    assert starter.resets(tmp_path) == [asked]


def test_a_document_of_training_says_so_in_title_and_across_the_page() -> None:
    content = Content(
        "k", "letter", "受理通知书", "1", "zh-hans", (), "仅供办理", "", ("p", "1", "d"), AT
    )
    marked = practised(content)
    assert marked.title == "【演练】受理通知书"
    assert marked.watermark == f"{MARK} 仅供办理"


@pytest.fixture
def node(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The settings of a training node as `yijian training run` gives them."""
    folder = tmp_path / "training"
    training.mark(folder)
    given = {
        "TRAINING": "yes", "DEMO": "yes", "VAR_DIR": str(folder), "SECRET_KEY": "x" * 50,
        "MASTER_KEY": base64.b64encode(b"a" * 32).decode(),
        "INDEX_KEY": base64.b64encode(b"b" * 32).decode(),
        "IDENTITY_ISSUER": f"{SANDBOX}/identity", "SMS_URL": f"{SANDBOX}/sms",
        "SANDBOX_URL": SANDBOX,
    }  # fmt: skip
    for name in list(environment.os.environ):
        if name.startswith("YIJIAN_"):
            monkeypatch.delenv(name)
    for name, value in given.items():
        monkeypatch.setenv(f"YIJIAN_{name}", value)
    return folder


def test_a_training_node_starts_with_its_own_sandbox_alone(node: Path) -> None:
    assert environment.load().training


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("SMS_URL", "https://sms.example.org", "自己的沙箱"),
        ("SEALS_URL", "https://seals.example.org", "自己的沙箱"),
        ("SMS_URL", f"{SANDBOX}.example.org/sms", "自己的沙箱"),
        ("DATABASE_URL", "postgresql://db/real", "自带数据库"),
        ("DEMO", "no", "yijian training run"),
        ("TRAINING", "no", "演练数据"),
    ],
)
def test_anything_else_is_refused_before_the_node_starts(
    node: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: str, said: str
) -> None:
    monkeypatch.setenv(f"YIJIAN_{name}", value)
    with pytest.raises(UnusableSettings, match=said):
        environment.load()


def test_a_folder_that_training_did_not_make_is_refused(node: Path) -> None:
    (node / TRAINING_MARK).unlink()
    with pytest.raises(UnusableSettings, match="yijian training run"):
        environment.load()

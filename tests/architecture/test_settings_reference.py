"""The documents about settings and commands say what the program does."""

from __future__ import annotations

from tests.architecture.tree import ROOT
from yijian.config.reference import render
from yijian.ops.command import SUB_COMMANDS


def test_the_settings_page_is_written_from_the_model() -> None:
    page = ROOT / "docs" / "reference" / "settings.md"
    assert page.read_text(encoding="utf-8") == render(), (
        "run: .venv/bin/python -m yijian.config.reference > docs/reference/settings.md"
    )


def test_every_sub_command_is_documented() -> None:
    page = (ROOT / "docs" / "reference" / "commands.md").read_text(encoding="utf-8")
    missing = [name for name in SUB_COMMANDS if f"`yijian {name}" not in page]
    assert missing == []

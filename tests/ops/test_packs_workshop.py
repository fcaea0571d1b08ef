"""What the workshop of a node has, on the command line: versions, drafts, and files of both."""

import json
from datetime import datetime
from pathlib import Path

import pytest
from django.conf import settings
from typer.testing import CliRunner

from tests.actions.cast_policy import Workshop, make_workshop
from tests.packs.edited import SMALL, TOWN
from yijian.actions import contexts, setup
from yijian.ops.packs_command import commands
from yijian.packs.offices import load_directory
from yijian.records import people

pytestmark = pytest.mark.django_db
GROUND = "100000-ground"


@pytest.fixture
def shop(now: datetime, monkeypatch: pytest.MonkeyPatch) -> Workshop:
    chosen = settings.YIJIAN.model_copy(update={"packs_dir": SMALL, "packs": TOWN})
    monkeypatch.setattr(settings, "YIJIAN", chosen)
    contexts.forget()
    people.put_offices(setup.merged(load_directory(SMALL, TOWN).offices))
    return make_workshop(now, TOWN)


def run(*words: str) -> tuple[int, str]:
    result = CliRunner().invoke(commands, list(words))
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.output


def test_a_version_is_exported_as_it_was_published_and_can_be_checked(
    shop: Workshop, tmp_path: Path
) -> None:
    code, said = run("export", TOWN, "--into", str(tmp_path))
    assert code == 0 and said.split() == [str(tmp_path / GROUND), str(tmp_path / TOWN)]
    for path in (SMALL / TOWN).rglob("*.yaml"):
        assert (tmp_path / path.relative_to(SMALL)).read_bytes() == path.read_bytes()
    assert run("check", TOWN, "--packs-dir", str(tmp_path))[0] == 0
    code, said = run("export", TOWN, "6", "--into", str(tmp_path))
    assert code == 1 and "6" in said


def test_a_draft_is_listed_and_exported_with_what_was_changed(
    shop: Workshop, tmp_path: Path
) -> None:
    draft = shop.set(shop.open(), ("items", "card", "choice"), "always")
    code, said = run("drafts", TOWN, "--json")
    (row,) = json.loads(said)
    assert (code, row["id"], row["state"], row["based_on"]) == (0, str(draft.id), "draft", "7")
    assert run("drafts")[1].startswith(f"{draft.id}  {TOWN}  7 → …  draft")
    assert run("export", TOWN, "--draft", str(draft.id), "--into", str(tmp_path))[0] == 0
    assert "choice: always\n  needs: [registration]" in (tmp_path / TOWN / "items.yaml").read_text()
    assert run("export", TOWN, "--draft", "nothing", "--into", str(tmp_path))[0] == 1


def test_versions_are_listed_with_the_one_in_force_marked(shop: Workshop) -> None:
    shop.approve(shop.submit(shop.set(shop.open(), ("pack", "precedence"), 9)), reason="试行")
    code, said = run("versions", TOWN, "--json")
    rows = json.loads(said)
    assert code == 0 and [(row["version"], row["origin"]) for row in rows] == [
        ("7", "folder"), ("2026.11.1", "workshop"),
    ]  # fmt: skip
    lines = run("versions", TOWN)[1].splitlines()
    assert len(lines) == 2 and sum(line.startswith("*") for line in lines) == 1
    assert run("versions", "no-such-pack")[0] == 1

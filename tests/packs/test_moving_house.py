"""另一件事：搬家。A sixth pack for another event of life, written in an hour, by YAML alone."""

import hashlib
import json
import shutil
from datetime import date
from pathlib import Path

import pytest
from typer.testing import CliRunner

from yijian.ops.packs_command import commands
from yijian.packs import load_folder
from yijian.packs.examples import example_files

HOW_TO = Path(__file__).parents[2] / "docs" / "how-to"
PACKS = HOW_TO / "packs"
CODE = "moving-house"
HERE = ["--packs-dir", str(PACKS)]
STEPS = (
    ["pack.yaml"],
    ["sources.yaml"],
    ["facts.yaml", "codes.yaml"],
    ["offices.yaml", "calendar.yaml", "items.yaml"],
    ["rules.yaml", "form.yaml"],
)
"""What the how-to writes between two checks whose answer it prints."""


def run(*words: str) -> tuple[int, str]:
    result = CliRunner().invoke(commands, list(words))
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.output


def how_to() -> str:
    return (HOW_TO / "write-a-pack.md").read_text(encoding="utf-8")


def test_nothing_is_wrong_with_a_pack_that_stands_alone() -> None:
    assert run("check", CODE, *HERE) == (0, "1 个政策包，0 处错误，0 处提醒\n")


def test_its_five_families_come_out_as_expected() -> None:
    code, said = run("test", CODE, *HERE)
    assert (code, said.splitlines()[-1]) == (0, "5 个样例，0 个不符")


def test_it_has_three_items_four_rules_and_six_fields_of_another_event() -> None:
    _, pack = load_folder(PACKS, CODE)
    assert list(pack.items) == ["hukou_move", "school_place", "utility_accounts"]
    assert (len(pack.rules), len(pack.fields())) == (4, 6)
    assert list(pack.roles) == ["mover"]
    named = [*pack.facts, *pack.items, *pack.registers]
    assert not any(name.startswith(("newborn", "mother", "father", "birth")) for name in named)


def test_its_evidence_is_the_text_beside_it() -> None:
    _, pack = load_folder(PACKS, CODE)
    text = (PACKS / CODE / "document.txt").read_bytes()
    assert pack.sources["move-2026"].sha256 == hashlib.sha256(text).hexdigest()
    assert pack.sources["move-2026"].issued_on == date(2026, 1, 5)


def test_a_family_is_explained_with_every_reason_and_the_way_on() -> None:
    code, said = run("explain", "04-four-reasons-at-once", "--pack", CODE, *HERE)
    assert code == 0
    assert "租赁还没有备案" in said and "搬入已经超过六个月" in said
    assert "请到各个窗口分开办" in said
    code, said = run("explain", "04-four-reasons-at-once", "--pack", CODE, *HERE, "--json")
    assert (code, json.loads(said)["eligible"]) == (0, "no")


@pytest.mark.parametrize("language", [[], ["--english"]])
def test_an_accepted_family_is_told_offices_and_limits(language: list[str]) -> None:
    code, said = run("explain", "01-whole-family", "--pack", CODE, *HERE, *language)
    assert code == 0 and "110101510000" in said
    assert ("Moving the hukou" in said) is bool(language)


def test_a_family_is_played_to_its_end_with_its_messages() -> None:
    code, said = run("play", "01-whole-family", "--pack", CODE, *HERE, "--json")
    told = json.loads(said)
    assert (code, told["end"]["stage"]) == (0, "closed")
    code, said = run("play", "05-police-decline", "--pack", CODE, *HERE)
    assert code == 0 and "结束 closed" in said


@pytest.mark.parametrize("kind", ["notice", "service", "staff", "questions", "messages", "chart"])
def test_every_paper_is_made_of_it_in_both_languages(kind: str) -> None:
    code, said = run("guide", CODE, *HERE, "--kind", kind)
    assert code == 0 and "搬家" in said
    code, said = run("guide", CODE, *HERE, "--kind", kind, "--english")
    assert code == 0 and "Moving house" in said
    assert "宝宝" not in said and "baby" not in said


def test_the_how_to_prints_what_the_check_says_at_each_step(tmp_path: Path) -> None:
    folder = tmp_path / CODE
    folder.mkdir()
    said = ""
    for files in STEPS:
        for file in files:
            shutil.copy(PACKS / CODE / file, folder / file)
        code, said = run("check", CODE, "--packs-dir", str(tmp_path))
        assert f"```\n{said}```" in how_to(), said
    assert (code, said) == (0, "1 个政策包，0 处错误，0 处提醒\n")


def test_the_how_to_prints_what_the_other_commands_say() -> None:
    for words, above in (
        (["test", CODE], 0),
        (["explain", "04-four-reasons-at-once", "--pack", CODE], 3),
        (["play", "05-police-decline", "--pack", CODE], 0),
    ):
        _, said = run(*words, *HERE)
        printed = "\n".join(said.strip().splitlines()[above:])
        assert f"```\n{printed}\n```" in how_to(), words


def test_the_how_to_shows_an_expectation_that_is_wrong(tmp_path: Path) -> None:
    folder = tmp_path / CODE
    shutil.copytree(PACKS / CODE, folder)
    for path in example_files(tmp_path, CODE):
        if not path.stem.startswith("02"):
            path.unlink()
    example = next(iter(example_files(tmp_path, CODE)))
    text = example.read_text(encoding="utf-8")
    wrong = text.replace("{hukou_move: 1,", "{hukou_move: 1, school_place: 1,")
    assert wrong != text
    example.write_text(wrong, encoding="utf-8")
    code, said = run("test", CODE, "--packs-dir", str(tmp_path))
    assert code == 1
    assert f"```\n{said.strip()}\n```" in how_to()

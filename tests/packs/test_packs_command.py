"""`yijian packs` on the command line."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tests.packs.edited import SMALL, TOWN, edited
from yijian.ops.packs_command import commands

HERE = ["--packs-dir", str(SMALL)]
ROOT = Path(__file__).parents[2]


def run(*words: str) -> tuple[int, str]:
    result = CliRunner().invoke(commands, list(words))
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.output


def test_check_ends_with_zero_when_nothing_is_wrong() -> None:
    code, said = run("check", *HERE)
    assert (code, said) == (0, "2 个政策包，0 处错误，0 处提醒\n")


def test_check_names_file_line_and_column_and_ends_with_one(tmp_path: Path) -> None:
    folder = edited(tmp_path, (f"{TOWN}/rules.yaml", "kind: window", "kind: windw"))
    code, said = run("check", TOWN, "--packs-dir", str(folder))
    assert code == 1
    assert said.startswith(f"{TOWN}/rules.yaml:20:9: “kind”只能是")
    code, said = run("check", TOWN, "--packs-dir", str(folder), "--json")
    finding = json.loads(said)[0]
    assert (code, finding["line"], finding["column"]) == (1, 20, 9)


def test_a_warning_alone_is_no_failure(tmp_path: Path) -> None:
    folder = edited(tmp_path, (f"{TOWN}/pack.yaml", "workdays: 8,", "workdays: 9, decision: D1,"))
    code, said = run("check", TOWN, "--packs-dir", str(folder))
    assert code == 0
    assert "（提醒）" in said and "1 处提醒" in said


def test_an_unknown_pack_is_answered_with_the_nearest() -> None:
    code, said = run("check", "110000-twon", *HERE)
    assert code == 1
    assert "是不是“110000-town”？" in said


def test_examples_are_run_and_counted(tmp_path: Path) -> None:
    code, said = run("test", *HERE)
    assert (code, said.splitlines()[-1]) == (0, "3 个样例，0 个不符")
    folder = edited(
        tmp_path, (f"{TOWN}/examples/ordinary.yaml", "stage: closed", "stage: submitted")
    )
    code, said = run("test", TOWN, "--packs-dir", str(folder))
    assert code == 1
    assert "stage 应为 submitted，得到 closed" in said
    code, said = run("test", TOWN, "--packs-dir", str(folder), "--json")
    assert code == 1
    assert json.loads(said)[TOWN]["ordinary.yaml"][0]["line"] == 12


@pytest.mark.parametrize("language", [[], ["--english"]])
def test_a_family_is_explained_in_either_language(language: list[str]) -> None:
    code, said = run("explain", "ordinary", *HERE, *language)
    assert code == 0
    assert "110101510000" in said and "same_ethnicity" in said
    assert ("Birth certificate" in said) is bool(language)


def test_a_family_is_played_to_its_end() -> None:
    code, said = run("play", "ordinary", *HERE)
    assert code == 0
    assert "结束 closed" in said
    code, said = run("play", "ordinary", *HERE, "--json")
    told = json.loads(said)
    assert told["end"]["stage"] == "closed"
    assert told["events"][0]["event"] == "case_started"


def test_an_explanation_is_also_data() -> None:
    code, said = run("explain", "ordinary", *HERE, "--json")
    assert code == 0
    assert json.loads(said)["eligible"] == "yes"


def test_a_missing_family_is_said_and_not_a_crash() -> None:
    code, said = run("explain", "nobody.yaml", *HERE)
    assert code == 1
    assert "没有这个家庭文件" in said


def test_the_guide_is_printed_as_text_or_page() -> None:
    code, said = run("guide", TOWN, *HERE)
    assert code == 0 and "一次性告知" in said
    code, said = run("guide", TOWN, *HERE, "--html", "--english")
    assert code == 0 and said.startswith("<!doctype html>") and 'lang="en"' in said


def test_packs_are_listed_with_their_digest() -> None:
    code, said = run("list", *HERE)
    assert code == 0 and said.startswith(f"{TOWN}  7  ")
    code, said = run("list", *HERE, "--json")
    assert json.loads(said)[0]["code"] == TOWN


def test_a_folder_without_packs_says_so(tmp_path: Path) -> None:
    code, said = run("check", "--packs-dir", str(tmp_path))
    assert code == 1 and "里没有政策包" in said


def test_two_packs_are_compared_for_families(tmp_path: Path) -> None:
    folder = edited(
        tmp_path,
        (f"{TOWN}/rules.yaml", 'hukou_household_kind == "family"', "newborn_count > 1"),
        (f"{TOWN}/items.yaml", "workdays: 4", "workdays: 9"),
        (f"{TOWN}/form.yaml", "newborn_name: {typed: true,", "newborn_name: {"),
    )
    code, said = run("diff", TOWN, str(folder / TOWN), *HERE, "--families", "40", "--json")
    told = json.loads(said)
    assert code == 0
    assert told["families"] == [
        {
            "family": family,
            "before": {"eligible": "yes", "failed": []},
            "after": {"eligible": "no", "failed": ["family_household"]},
        }
        for family in ("day-30", "ordinary")
    ]
    counts = told["population"]
    assert counts["families"] == 40
    assert counts["fit_before"] == counts["lost"] > 0
    assert counts["gained"] == counts["fit_after"] == 0
    by_rule = {row["rule"]: row for row in counts["by_rule"]}
    assert by_rule["family_household"]["refuses_after"] == 40
    assert by_rule["in_time"]["refuses_before"] == by_rule["in_time"]["refuses_after"]
    assert [row["rule"] for row in told["rules"]] == ["family_household"]
    assert told["clocks"] == [{"item": "card", "before": {"workdays": 4}, "after": {"workdays": 9}}]
    assert [row["fact"] for row in told["asked"]] == ["newborn_name"]
    assert {row["path"] for row in told["values"]} == {
        "rules.family_household.condition",
        "items.card.limits.0.workdays",
        "sections.naming.fields.newborn_name.typed",
    }
    code, said = run("diff", TOWN, str(folder / TOWN), *HERE, "--families", "40")
    assert code == 0 and "资格不同的样例 2" in said
    assert "合成家庭 40 个" in said


def test_a_saved_document_is_compared_with_its_folder(tmp_path: Path) -> None:
    code, said = run("document", TOWN, *HERE)
    assert code == 0
    saved = tmp_path / "saved.json"
    saved.write_text(said, encoding="utf-8")
    code, said = run("diff", str(saved), TOWN, *HERE, "--families", "5", "--json")
    told = json.loads(said)
    assert code == 0
    assert told["before"] == told["after"]
    assert told["values"] == told["families"] == []


def test_a_family_is_held_against_every_pack(tmp_path: Path) -> None:
    code, said = run("match", f"{TOWN}/ordinary", *HERE, "--json")
    told = json.loads(said)
    assert code == 0
    assert (told["leading"], told["fits"], told["choice"]) == (TOWN, [TOWN], False)
    code, said = run("match", f"{TOWN}/day-31-refused", *HERE)
    assert code == 0
    assert "✗ 110000-town" in said and "父母民族不同" in said


def test_the_reference_of_every_key_is_current() -> None:
    """Rewrite it with `yijian packs schema --into docs/reference/pack-schema.md`."""
    kept = ROOT / "docs" / "reference" / "pack-schema.md"
    code, said = run("schema")
    assert code == 0
    assert kept.read_text(encoding="utf-8") == said


def test_papers_of_a_family_are_written_in_order_of_time(tmp_path: Path) -> None:
    packs = ["--pack", "340000-anhui", "--packs-dir", str(ROOT / "packs")]
    code, said = run("papers", "01-ordinary-family", *packs, "--into", str(tmp_path))
    written = sorted(path.name for path in tmp_path.iterdir())
    assert code == 0
    assert [line.split()[0] for line in said.splitlines()] == [
        str(tmp_path / name) for name in written
    ]
    assert written[0] == "01-application_form.pdf"
    assert all(path.read_bytes().startswith(b"%PDF-1.7") for path in tmp_path.iterdir())


def test_a_name_that_cannot_be_printed_is_said_and_fails(tmp_path: Path) -> None:
    packs = ["--pack", "340000-anhui", "--packs-dir", str(ROOT / "packs")]
    family = ROOT / "packs/340000-anhui/examples/56-beyond-the-basic-plane.yaml"
    rare = tmp_path / "rare.yaml"
    rare.write_text(family.read_text("utf-8").replace("𬭎", "\U00020000"), "utf-8")
    code, said = run("papers", str(rare), *packs, "--into", str(tmp_path / "papers"))
    assert code == 1
    assert "字体里没有这些字：\U00020000" in said

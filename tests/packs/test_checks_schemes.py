"""What `packs check` finds about people, switches, order, the base and the examples themselves."""

from pathlib import Path

import pytest

from tests.packs.edited import GROUND, TOWN, edited, lines
from yijian.packs.checks import check

PACK = f"{TOWN}/pack.yaml"
ITEMS = f"{TOWN}/items.yaml"
RULES = f"{TOWN}/rules.yaml"
FORM = f"{TOWN}/form.yaml"
FORCE = "precedence: 5\n"


def found(tmp_path: Path, *changes: tuple[str, str, str]) -> str:
    return "\n".join(lines(check(edited(tmp_path, *changes), TOWN)))


def switch(words: str) -> tuple[str, str, str]:
    text = f"switches:\n  later: {{from: 2026-01-01, text: 未开通, decision: D1, {words}}}\n"
    return (PACK, FORCE, FORCE + text)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("until: 2026-01-01", "开关结束（until）不晚于开始（from）"),
        ("from: 2023-01-01, until: 2024-01-01", "“from”在第"),
        ('divisions: ["350302"]', "“350302”不在本方案的范围（divisions）里"),
        ("items: [crd]", "没有叫“crd”的事项，是不是“card”？"),
    ],
)
def test_a_switch_that_switches_nothing_is_found(tmp_path: Path, words: str, sentence: str) -> None:
    assert sentence in found(tmp_path, switch(words))


def test_a_switch_that_rests_on_nothing_is_refused(tmp_path: Path) -> None:
    text = FORCE + "switches:\n  later: {from: 2026-01-01, text: 未开通}\n"
    assert "basis、decision 至少写一个" in found(tmp_path, (PACK, FORCE, text))


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        ("alongside:\n  110000-town: {leads: true, reason: 我}\n", "自己和自己不用比先后"),
        ("alongside:\n  nowhere: {leads: true, reason: 我}\n", "没有“nowhere”这个政策包"),
        ("fills: [fathr]\n", "没有叫“fathr”的角色，是不是“father”？"),
        ("arrivals: {representative: {basis: [town, 一]}}\n", "但既不填表也不签名"),
        ("item_order: [crd]\n", "没有叫“crd”的事项"),
        ("anchors: {birth: newborn_bron}\n", "没有叫“newborn_bron”的事实"),
    ],
)
def test_people_and_neighbours_that_lead_nowhere_are_found(
    tmp_path: Path, more: str, sentence: str
) -> None:
    assert sentence in found(tmp_path, (PACK, FORCE, FORCE + more))


def test_who_signs_a_paper_must_sign_at_all(tmp_path: Path) -> None:
    paper = (
        "statements:\n  letter:\n    title: 信\n    signed_by: [representative]\n"
        "    text: '{mother_name}'\n    basis: [town, 一]\n"
    )
    told = found(tmp_path, (FORM, "pages:\n", paper + "pages:\n"))
    assert "“representative”要签这份材料，但签名步骤（signing）里没有" in told


def test_a_rule_that_no_example_answers_both_ways_is_found(tmp_path: Path) -> None:
    folder = edited(tmp_path)
    (folder / TOWN / "examples" / "day-31-refused.yaml").unlink()
    told = "\n".join(lines(check(folder, TOWN)))
    assert "没有一个样例不符合规则“same_ethnicity”" in told
    assert "没有一个样例正好在“in_time”的过了一天" in told
    assert "正好在“in_time”的最后一天" not in told


def test_a_limit_that_is_only_tried_far_away_is_found(tmp_path: Path) -> None:
    folder = edited(
        tmp_path, (f"{TOWN}/examples/day-30.yaml", "2026-10-20T23:00", "2026-10-25T23:00")
    )
    assert "没有一个样例正好在“in_time”的最后一天" in "\n".join(lines(check(folder, TOWN)))


def test_an_item_that_requires_itself_round_a_ring_is_found(tmp_path: Path) -> None:
    told = found(
        tmp_path,
        (ITEMS, "card:\n", "card:\n  requires: [registration]\n"),
        (ITEMS, "registration:\n", "registration:\n  requires: [card]\n"),
    )
    assert "绕了一圈：" in told


def test_a_fact_must_not_change_its_nature(tmp_path: Path) -> None:
    own = "facts:\n  mother_ethnicity: {kind: text}\n"
    told = found(tmp_path, (f"{TOWN}/facts.yaml", "", own))
    assert f"{TOWN}/facts.yaml:2:28: 底包里“mother_ethnicity”的类型是 code" in told


def test_a_rule_that_rests_on_a_document_is_dropped_only_by_a_decision(tmp_path: Path) -> None:
    rule = (
        "born_here:\n  kind: condition\n  title: 生\n  condition: newborn_count > 0\n  met: 是\n"
        "  failed: 否\n  way_on: 窗口\n  basis: [[town, 一]]\n"
    )
    changes = (
        (f"{GROUND}/rules.yaml", "", rule),
        (RULES, "same_ethnicity:\n", "born_here: null\nsame_ethnicity:\n"),
    )
    told = found(tmp_path, *changes)
    assert "底包的规则“born_here”有依据，去掉它要有一个决定" in told


def test_a_longer_limit_than_the_bases_needs_its_own_reason(tmp_path: Path) -> None:
    limit = "  limits: [{workdays: 2, from: 2024-01-01, basis: [town, 二]}]\n"
    told = found(
        tmp_path,
        (f"{GROUND}/items.yaml", "card:\n", "card:\n" + limit),
    )
    assert "底包的时限是 2，放宽到 4 要有自己的依据或决定" in told


def test_a_result_check_names_the_facts_it_compares_with(tmp_path: Path) -> None:
    told = found(
        tmp_path,
        (
            f"{GROUND}/items.yaml",
            "check: newborn_id_number",
            "check: newborn_id_number, check_with: {born_at: newborn_born_at}",
        ),
    )
    assert "要写和哪个事实比（check_with.sex）" in told


def test_an_order_names_only_what_there_is(tmp_path: Path) -> None:
    pages = found(tmp_path / "1", (FORM, "pages:\n", "page_order: [baby, hme]\npages:\n"))
    assert "没有叫“hme”的页面，是不是“home”？" in pages
    sections = found(tmp_path / "2", (FORM, "section_order: [", "section_order: [namin, "))
    assert "没有叫“namin”的栏目，是不是“naming”？" in sections

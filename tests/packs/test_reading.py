"""Folders become checked documents; what is wrong is said with file, line and nearest word."""

from pathlib import Path

import pytest

from tests.packs.edited import GROUND, SMALL, TOWN, edited, sentences
from yijian.domain.wording import Text
from yijian.packs import PackError, load_folder
from yijian.packs.building import build_source
from yijian.packs.reading import base_findings, codes_in, is_base, read_folder

RULES = f"{TOWN}/rules.yaml"
ITEMS = f"{TOWN}/items.yaml"


@pytest.mark.parametrize(
    ("file", "old", "new", "sentence"),
    [
        (RULES, "failed: 父母", "fialed: 父母",
         f"{TOWN}/rules.yaml:6:3: 不认识“fialed”这个键，是不是“failed”？"),
        (RULES, "kind: window", "kind: windw",
         f"{TOWN}/rules.yaml:20:9: “kind”只能是 condition、exclusion、window、readiness"
         "（写的是“windw”，是不是“window”？）"),
        (RULES, "mother_ethnicity ==", "mother_ethnicty ==",
         f"{TOWN}/rules.yaml:4:14: 没有叫“mother_ethnicty”的事实或函数，是不是“mother_ethnicity”？"),
        (RULES, "today) <= 30", "today) <= '30'",
         f"{TOWN}/rules.yaml:23:51: “<=”不能用于整数与文字"),
        (RULES, "[[town, 一]]", "[[town, 三]]",
         f"{TOWN}/rules.yaml:8:18: 文件“town”的提纲里没有条款“三”"),
        (RULES, "[[town, 一]]", "[[twon, 一]]",
         f"{TOWN}/rules.yaml:8:12: sources.yaml 里没有文件“twon”，是不是“town”？"),
        (RULES, "registers: [delivery]", "registers: [delivry]",
         f"{TOWN}/rules.yaml:28:15: 没有叫“delivry”的登记库，是不是“delivery”？"),
        (ITEMS, "needs: [certificate]", "needs: [certficate]",
         f"{TOWN}/items.yaml:10:11: 没有叫“certficate”的事项，是不是“certificate”？"),
        (ITEMS, "newborn_name, newborn_sex", "newborn_nme, newborn_sex",
         f"{TOWN}/items.yaml:3:26: 没有叫“newborn_nme”的事实，是不是“newborn_name”？"),
        (ITEMS, "workdays: 1,", "workdays: one,",
         f"{TOWN}/items.yaml:5:18: “workdays”应为整数（写的是“one”）"),
        (ITEMS, "{workdays: 1, from: 2024-01-01,", "{workdays: 1, days: 2, from: 2024-01-01,",
         f"{TOWN}/items.yaml:5:7: workdays、days、hours 三者只写一个"),
        (ITEMS, "from: 2024-01-01", "from: 2024-13-01",
         f"{TOWN}/items.yaml:5:27: “from”应为日期，写成 2024-06-07（写的是“2024-13-01”）"),
        (ITEMS, "from: 2024-01-01, basis", "basis",
         f"{TOWN}/items.yaml:5:7: 缺少“from”"),
        (ITEMS, "decision: D1", "decision: D2",
         f"{TOWN}/items.yaml:14:67: 没有叫“D2”的决定"),
        (ITEMS, "choice: always\n  payload", "choice: always\n  needs: [card]\n  payload",
         f"{TOWN}/items.yaml:3:10: 绕了一圈：certificate → card → registration"),
        (f"{TOWN}/pack.yaml", 'version: "7"', "version: 7",
         f"{TOWN}/pack.yaml:2:10: “version”应为文字，请加引号：\"7\""),
        (f"{TOWN}/pack.yaml", 'divisions: ["110000"]', 'divisions: ["11"]',
         f"{TOWN}/pack.yaml:5:13: “11”应为六位行政区划代码，加引号"),
        (f"{TOWN}/pack.yaml", "after: [mother]", "after: [fahter]",
         f"{TOWN}/pack.yaml:11:50: 没有叫“fahter”的签名人，是不是“father”？"),
        (f"{TOWN}/pack.yaml", "base: 100000-ground", "base: 100000-grund",
         f"{TOWN}/pack.yaml:3:7: 没有“100000-grund”这个政策包，是不是“100000-ground”？"),
        (f"{TOWN}/form.yaml", "page: home", "page: hme",
         f"{TOWN}/form.yaml:12:11: 没有叫“hme”的页面，是不是“home”？"),
        (f"{TOWN}/form.yaml", "default: '\"collect\"'", "default: '1 + 1'",
         f"{TOWN}/form.yaml:15:66: 结果应为文字，这里得到整数"),
        (f"{TOWN}/form.yaml", "pages:", "pags:",
         f"{TOWN}/form.yaml:1:1: 不认识“pags”这个键，是不是“pages”？"),
        (f"{TOWN}/delivery.yaml", "fact: card_delivery", "fact: card_delivry",
         f"{TOWN}/delivery.yaml:3:11: 没有叫“card_delivry”的表单字段，是不是“card_delivery”？"),
    ],
)  # fmt: skip
def test_each_mistake_is_said_at_its_place(
    tmp_path: Path, file: str, old: str, new: str, sentence: str
) -> None:
    with pytest.raises(PackError) as caught:
        load_folder(edited(tmp_path, (file, old, new)), TOWN)
    assert any(said.startswith(sentence) for said in sentences(caught.value)), str(caught.value)


def test_several_mistakes_are_said_at_once_in_reading_order(tmp_path: Path) -> None:
    folder = edited(
        tmp_path, (RULES, "met: 相同", "mett: 相同"), (RULES, "way_on: 请", "way_onn: 请")
    )
    with pytest.raises(PackError) as caught:
        load_folder(folder, TOWN)
    places = [finding.place for finding in caught.value.findings]
    assert len(places) == 4  # Two unknown keys, and the two that are then missing.
    assert places == sorted(places)


def test_a_file_with_a_wrong_name_is_noticed(tmp_path: Path) -> None:
    folder = edited(tmp_path, (f"{TOWN}/item.yaml", "", "a: {}\n"))
    with pytest.raises(PackError, match=r"不认识“item\.yaml”这个文件，是不是“items\.yaml”？"):
        load_folder(folder, TOWN)


def test_bases_that_stand_on_each_other_are_refused(tmp_path: Path) -> None:
    folder = edited(tmp_path, (f"{GROUND}/pack.yaml", "runs: false", f"runs: false\nbase: {TOWN}"))
    with pytest.raises(PackError, match="基础包绕了一圈"):
        load_folder(folder, TOWN)


def test_a_code_other_than_the_folder_is_refused(tmp_path: Path) -> None:
    folder = edited(tmp_path, (f"{TOWN}/pack.yaml", f"code: {TOWN}", "code: 110001-town"))
    with pytest.raises(PackError, match="应与文件夹名“110000-town”一致"):
        load_folder(folder, TOWN)


def test_a_base_may_leave_things_out_but_not_misspell_them(tmp_path: Path) -> None:
    assert is_base(SMALL, GROUND)
    assert base_findings(SMALL, GROUND) == []
    folder = edited(tmp_path, (f"{GROUND}/items.yaml", "summary", "sumary"))
    assert "不认识“sumary”" in str(base_findings(folder, GROUND)[0])
    with pytest.raises(PackError, match="只是基础包"):
        load_folder(SMALL, GROUND)


def test_what_a_pack_does_not_say_comes_from_its_base() -> None:
    _, pack = load_folder(SMALL, TOWN)
    assert pack.items["certificate"].title == Text("出生证明", "Birth certificate")
    assert pack.words["entrance"].zh == "在手机上办。"
    assert pack.words["welcome"] == Text("小城欢迎您", "Welcome to town")
    assert pack.lead_office_kind == "hospital"
    assert pack.in_force_until is None


def test_every_value_says_which_file_it_came_from() -> None:
    _, pack = load_folder(SMALL, TOWN)
    assert pack.origins["items.certificate.title"] == f"{GROUND}/items.yaml:2"
    assert pack.origins["items.certificate.choice"] == f"{TOWN}/items.yaml:2"
    assert pack.origins["items.registration.limits.1.workdays"] == f"{TOWN}/items.yaml:14"
    assert pack.origins["words.welcome"] == f"{TOWN}/words.yaml:2"


def test_null_removes_what_the_base_has(tmp_path: Path) -> None:
    folder = edited(tmp_path, (f"{TOWN}/words.yaml", "words:\n", "words:\n  entrance: null\n"))
    assert "entrance" not in load_folder(folder, TOWN)[1].words


def test_plain_strings_find_their_english_in_the_base_or_the_pack() -> None:
    source = read_folder(SMALL, TOWN)
    assert source.untranslated == ()
    pack = build_source(source)
    assert pack.items["certificate"].results[0].title == Text("编号", "Number")
    assert pack.rules[0].failed == Text("父母民族不同", "They differ")


def test_a_missing_english_is_known_and_shown_in_chinese_meanwhile(tmp_path: Path) -> None:
    folder = edited(tmp_path, (f"{TOWN}/words.yaml", "  我确认: I confirm\n", ""))
    source = read_folder(folder, TOWN)
    assert source.untranslated == (("pack", "signing", "mother", "text"),)
    step = build_source(source).signing_step("mother")
    assert step is not None and step.text == Text("我确认", "我确认")


def test_sections_and_fields_stand_in_the_order_the_pack_asks_for() -> None:
    _, pack = load_folder(SMALL, TOWN)
    assert [section.id for section in pack.form] == ["household", "naming"]
    fields = [field.fact for field in pack.form[0].fields]
    assert fields == ["hukou_follows", "card_delivery", "home_address"]


def test_signers_stand_in_the_order_in_which_they_sign(tmp_path: Path) -> None:
    pack_file = f"{TOWN}/pack.yaml"
    folder = edited(
        tmp_path,
        (pack_file, "after: [],", "after: [father],"),
        (pack_file, "after: [mother],", "after: [],"),
    )
    _, pack = load_folder(folder, TOWN)
    assert [step.role for step in pack.signing] == ["father", "mother"]


def test_derived_facts_follow_what_they_are_derived_from() -> None:
    _, pack = load_folder(SMALL, TOWN)
    ids = list(pack.facts)
    assert ids.index("hukou_household_kind") > ids.index("hukou_follows")
    assert ids[-2:] == ["hukou_household_kind", "hukou_police_station"]


def test_a_folder_lists_its_packs() -> None:
    assert codes_in(SMALL) == (GROUND, TOWN)

"""What `packs check` finds: each rule for packs, broken once."""

from pathlib import Path

import pytest

from tests.packs.edited import GROUND, SMALL, TOWN, edited, lines
from yijian.packs.checks import check
from yijian.packs.findings import Severity

RULES = f"{TOWN}/rules.yaml"
ITEMS = f"{TOWN}/items.yaml"
FORM = f"{TOWN}/form.yaml"
WORDS = f"{TOWN}/words.yaml"
PACK = f"{TOWN}/pack.yaml"


def found(tmp_path: Path, *changes: tuple[str, str, str]) -> list[str]:
    return lines(check(edited(tmp_path, *changes), TOWN))


@pytest.mark.parametrize("code", [GROUND, TOWN])
def test_the_small_packs_have_nothing_to_be_found(code: str) -> None:
    assert check(SMALL, code) == ()


@pytest.mark.parametrize(
    ("file", "old", "new", "sentence"),
    [
        # Rules
        (RULES, "failed: 父母民族不同", "failed: ''", "规则“same_ethnicity”没有写 failed"),
        (RULES, "way_on: 请到派出所", "way_on: ''", "规则“same_ethnicity”没有写 way_on"),
        (RULES, "basis: [[town, 一]]", "basis: []", "“basis”至少 1 项"),
        (RULES, 'hukou_household_kind == "family"', "mother_ethnicity  ==  father_ethnicity",
         "条件与规则“same_ethnicity”完全一样，只留一条"),
        (RULES, 'hukou_household_kind == "family"', "1 < 2",
         "这个条件不看任何事实，永远是同一个答案"),
        (RULES, '== "family"', '== "famly"', "代码表“household”里没有“famly”，是不是“family”？"),
        (RULES, "mother_ethnicity == father_ethnicity", 'welcome == "x"', "没有叫“welcome”的事实"),
        # Items
        (ITEMS, "from: 2025-01-01", "from: 2024-01-01",
         "2024-01-01 起已经有一个时限，两个不能同时有效"),
        (ITEMS, "workdays: 1, from: 2024-01-01", "workdays: 1, from: 2024-03-01",
         "从 2024-01-01 到 2024-03-01 没有时限"),
        (ITEMS, "  needs: [certificate]\n", "",
         "“newborn_certificate_number”由事项“certificate”给出，但本事项不在它之后（needs）"),
        (f"{GROUND}/items.yaml", "check: newborn_id_number", "check: newborn_id_numbr",
         "没有叫“newborn_id_numbr”的核对方法，是不是“newborn_id_number”？"),
        (f"{GROUND}/items.yaml", "office_kind: hospital", "office_kind: clinic",
         "offices.yaml 里没有种类为“clinic”的机构"),
        # The promise is the longest chain: 1 + 3 + 4 on the day the pack begins.
        (PACK, "promise: {workdays: 8", "promise: {workdays: 9",
         "承诺 9 个工作日，各事项时限最长一串加起来是 8 个"),
        # Signing
        (PACK, "applicants: [mother]", "applicants: []", "没有写谁申请（applicants）"),
        (PACK, "applicants: [mother]", "applicants: [representative]",
         "“representative”申请却不签名"),
        # The form: ask only what is needed
        (ITEMS, "card_delivery, home_address]", "card_delivery]",
         "事项“card”的机构收不到“收件地址”（payload），不必要"),
        (FORM, "{items: [card], required: false, basis", "{required: false, basis",
         "没有事项、规则或官方表格需要“收件地址”，不能向家庭要"),
        # The official form loses nothing
        (FORM, "  姓名: newborn_name\n", "", "“婴儿姓名”标为官方表格的格子，但 official 里没有它"),
        (FORM, "户口随: hukou_follows", "户口随: mother_ethnicity",
         "官方表格的“户口随”在表单里没有（mother_ethnicity），也没有决定"),
        (FORM, "page: home", "page: baby", "这一页没有任何表单内容"),
        (FORM, "title: 取名\n    page: baby\n    fields:\n",
         "title: 取名\n    page: baby\n    fields:\n"
         "      hukou_follows: {official: true, basis: [town, 一]}\n",
         "“hukou_follows”在“household”里已经问过"),
        (FORM, "'\"father\"'", "'\"fathr\"'", "代码表“parent”里没有“fathr”"),
        # Delivery
        (f"{TOWN}/delivery.yaml", "      mail: {", "      post: {",
         "送达方式与代码表“way”对不上：mail、post"),
        (f"{TOWN}/delivery.yaml", "    fact: card_delivery\n", "",
         "有几种送达方式时要写由哪个字段选择（fact）"),
        # Words
        (WORDS, "  我确认: I confirm\n", "", "缺少英文：“我确认”"),
        (WORDS, "请签名 {link}", "请签名 {lnk}", "没有叫“lnk”的变量，是不是“link”？"),
        (WORDS, "请签名 {link}", "请签名 {link", "花括号没有成对"),
        (WORDS, "on: signed:mother", "on: sined:mother", "没有叫“sined”的事件，是不是“signed”？"),
        (WORDS, "registration:completed", "registraton:completed",
         "没有叫“registraton”的事项，是不是“registration”？"),
        (WORDS, "registration:completed", "registration:complete",
         "事件“task_moved”没有“complete”，是不是“completed”？"),
        (WORDS, "to: [father]", "to: [fathr]", "没有叫“fathr”的收信人，是不是“father”？"),
        (WORDS, "请签名 {link}", "请签名，" * 20 + "{link}", "短信约 104 字，超过一条的 70 字"),
        (WORDS, "words:\n", "words:\n  refusal_crd_1: {zh: 否, en: 'no'}\n",
         "没有叫“crd”的事项，这句话没有人读，是不是“card”？"),
        (WORDS, "words:\n", "words:\n  status.acepted: {zh: 受理, en: in}\n",
         "没有“acepted”这个状态，是不是“accepted”？"),
        (WORDS, "words:\n", "words:\n  duty.limit: {zh: '{office}有{cuont}项', en: '{count}'}\n",
         "没有叫“cuont”的变量，是不是“count”？"),
        (WORDS, "words:\n", "words:\n  duty.urged: {zh: '{office}', en: '{link}'}\n",
         "没有叫“link”的变量"),
        (WORDS, "words:\n", "words:\n  duty.limit: {zh: '{office', en: '{office}'}\n",
         "花括号写得不对"),
        # Offices and calendar
        (f"{TOWN}/offices.yaml", "kind: hospital", "kind: hosptal",
         "没有叫“hosptal”的机构种类，是不是“hospital”？"),
        (f"{TOWN}/offices.yaml", "{kind: hospital", "{{kind: hospital",
         "offices.yaml:3:3: 括号里各项之间要用半角逗号，最后要有右括号"),
        (f"{TOWN}/offices.yaml", ", participant: police-110000", "",
         "渠道 system 要写 participant"),
        (f"{GROUND}/calendar.yaml", "2026-10-02]", "2026-10-03]",
         "2026-10-03 是周末，本来就休息，不写进 off"),
        (f"{GROUND}/calendar.yaml", "2026-10-02]", "2025-10-02]", "2025-10-02 不在 2026 年"),
    ],
)  # fmt: skip
def test_each_broken_rule_for_packs_is_found(
    tmp_path: Path, file: str, old: str, new: str, sentence: str
) -> None:
    told = found(tmp_path, (file, old, new))
    assert any(sentence in line for line in told), "\n".join(told) or "nothing was found"


def test_a_fact_that_nothing_gives_is_found(tmp_path: Path) -> None:
    facts = f"{GROUND}/facts.yaml"
    told = found(
        tmp_path,
        (facts, "kind: name, register: identity", "kind: name"),
        (RULES, "mother_ethnicity == father_ethnicity", 'mother_name == "王芳"'),
    )
    assert any("事实“mother_name”没有来处" in line for line in told)


def test_a_promise_that_a_decision_explains_is_only_a_warning(tmp_path: Path) -> None:
    folder = edited(
        tmp_path, (PACK, "promise: {workdays: 8,", "promise: {workdays: 9, decision: D1,")
    )
    findings = check(folder, TOWN)
    assert [finding.severity for finding in findings] == [Severity.WARNING]
    assert "（提醒）" in str(findings[0])


def test_findings_point_at_the_place_that_must_change(tmp_path: Path) -> None:
    told = found(tmp_path, (PACK, "promise: {workdays: 8", "promise: {workdays: 9"))
    assert told == [f"{TOWN}/pack.yaml:12:21: 承诺 9 个工作日，各事项时限最长一串加起来是 8 个"]


def test_a_reminder_must_be_one_that_time_can_bring(tmp_path: Path) -> None:
    on = "on: signed:mother"
    assert found(tmp_path / "1", (WORDS, on, "on: after:started:3d:draft")) == []
    wrong = found(tmp_path / "2", (WORDS, on, "on: after:started:three:draft"))
    assert "不是提醒的写法" in wrong[0]
    unknown = found(tmp_path / "3", (WORDS, on, "on: after:signed:48h:sining"))
    assert "没有叫“sining”的阶段或事项，是不是“signing”？" in unknown[0]


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("answers: {newborn_nme: 李一}", "没有叫“newborn_nme”的表单字段，是不是“newborn_name”？"),
        ("answers: {items: [crd]}", "没有叫“crd”的事项，是不是“card”？"),
        ("script: [{item: crd, do: completed}]", "没有叫“crd”的事项，是不是“card”？"),
        ("script: [{item: card, do: completed, result: {n: 1}}]", "没有叫“n”的办理结果"),
        ("expect: {failed: [in_tme]}", "没有叫“in_tme”的规则，是不是“in_time”？"),
        ("expect: {states: {crd: completed}}", "没有叫“crd”的事项，是不是“card”？"),
        ("expect: {notices: [invitd]}", "没有叫“invitd”的消息，是不是“invited”？"),
        ("expct: {}", "不认识“expct”这个键，是不是“expect”？"),
    ],
)
def test_an_example_names_only_what_its_pack_has(tmp_path: Path, line: str, sentence: str) -> None:
    folder = edited(tmp_path, (f"{TOWN}/examples/second.yaml", "", f"title: 第二家\n{line}\n"))
    told = lines(check(folder, TOWN))
    assert len(told) == 1
    assert told[0].startswith(f"{TOWN}/examples/second.yaml:2:") and sentence in told[0]


def test_a_pack_that_cannot_be_read_is_reported_and_not_raised(tmp_path: Path) -> None:
    told = found(tmp_path, (RULES, "same_ethnicity:", "same_ethnicity"))
    assert told and told[0].startswith(f"{TOWN}/rules.yaml:2:")

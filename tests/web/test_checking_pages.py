"""Checking, waiting and refusing: each register with its state, each reason with its way on."""

from datetime import datetime

import pytest

from tests.web import cast
from yijian.actions import verification
from yijian.domain.cases import CheckState
from yijian.domain.context import Context
from yijian.gateways.registers import Answer
from yijian.web.applicant.checking import PATIENCE

pytestmark = pytest.mark.django_db

REFUSED = [
    "20-born-outside-anhui", "21-mother-outside", "22-father-outside", "23-both-outside",
    "24-different-ethnic-groups", "25-not-married", "26-divorced", "28-spouse-is-someone-else",
    "31-both-collective", "34-father-not-recorded", "38-certificate-collected",
    "39-no-marriage-licence", "40-no-id-licence", "41-mothers-id-expired",
    "42-fathers-id-expired",
]  # fmt: skip


def test_the_checking_page_lists_every_register_and_renews_itself(family: cast.Household) -> None:
    family.open()
    page = family.mother.get(family.url("checking/"))
    text = page.content.decode()
    assert 'http-equiv="refresh" content="2"' in text
    assert 'data-refresh="2"' in text
    states = {row["title"]: row["answer"] for row in page.context["conditions"]}
    assert len(states) == 6
    assert sorted(set(states.values())) == ["busy", "yes"]


def test_the_checking_page_goes_on_when_all_have_answered(family: cast.Household) -> None:
    family.open().answer()
    answer = family.mother.get(family.url("checking/"))
    assert answer["Location"] == family.url()
    assert family.mother.get(family.url())["Location"] == family.url("form/baby/")


def test_a_late_record_parks_the_case_and_wakes_it(family: cast.Household) -> None:
    family.open()
    empty = Answer("delivery", CheckState.EMPTY, values=(), receipts=())
    verification.record(family.id, empty, now=family.now)
    family.answer(["hukou", "marriage", "certificates", "maternity"])
    page = family.mother.get(family.url(), follow=True)
    assert page.redirect_chain[-1][0].endswith("/parked/")
    text = page.content.decode()
    assert "8小时" in text and "短信" in text and "可以离开" in text
    assert family.mother.post(family.url("recheck/"))["Location"] == family.url()
    family.answer(["delivery"])
    assert family.mother.get(family.url("parked/"))["Location"] == family.url()
    page = family.mother.get(family.url(), follow=True)
    assert page.redirect_chain[-1][0].endswith("/form/baby/")


@pytest.mark.parametrize("state", [CheckState.FAILED, CheckState.CONFLICT])
def test_a_register_that_fails_or_contradicts_is_no_dead_end(
    family: cast.Household, state: CheckState
) -> None:
    family.open().answer(["delivery", "hukou", "certificates", "maternity"])
    verification.record(
        family.id, Answer("marriage", state, values=(), receipts=()), now=family.now
    )
    page = family.mother.get(family.url(), follow=True)
    assert page.redirect_chain[-1][0].endswith("/parked/")
    text = page.content.decode()
    words = {CheckState.FAILED: "正在重试", CheckState.CONFLICT: "工作人员会核对"}
    assert words[state] in text
    assert family.url("recheck/") in text and family.url("packet/") in text


@pytest.mark.parametrize("name", REFUSED)
def test_every_refused_family_reads_why_on_what_basis_and_where_to_go(
    published: Context,
    fixed_now: datetime,
    name: str,
) -> None:
    house = cast.household(cast.example(name), published, fixed_now)
    house.open().answer()
    page = house.mother.get(house.url(), follow=True)
    assert page.redirect_chain[-1][0].endswith("/refused/"), name
    failed = page.context["failed"]
    assert failed
    for condition in failed:
        assert condition["reason"] and condition["way_on"]
        assert "皖卫妇幼秘〔2024〕51号" in condition["basis"]
        assert condition["reason"] in page.content.decode()
    packet = house.mother.get(house.url("packet/"))
    assert packet.status_code == 200
    words = packet.content.decode()
    assert failed[0]["reason"] in words
    assert house.facts.family["mother"]["name"] in words
    assert "0551-" in words


def test_one_tap_turns_a_choice_that_made_the_family_fail(
    published: Context,
    fixed_now: datetime,
) -> None:
    house = cast.household(cast.example("32-chosen-parent-collective"), published, fixed_now)
    house.open().answer()
    data = cast.posted(house.mother.get(house.url("form/household/")).context["form"])
    house.mother.post(house.url("form/household/"), data | {"hukou_follows": "father"})
    page = house.mother.get(house.url(), follow=True)
    assert page.redirect_chain[-1][0].endswith("/refused/")
    (repair,) = page.context["repairs"]
    assert "随母亲" in repair["label"]
    house.mother.post(house.url("repair/"), {"fact": repair["fact"], "value": repair["value"]})
    assert house.case.answers["hukou_follows", 0].value == "mother"
    assert "/form/" in house.mother.get(house.url())["Location"]


def test_a_repair_that_was_not_offered_changes_nothing(family: cast.Household) -> None:
    family.open().answer()
    family.mother.post(family.url("repair/"), {"fact": "hukou_follows", "value": "father"})
    family.mother.post(family.url("repair/"), {"fact": "newborn_sex", "value": "1"})
    assert family.case.answers == {}


def test_twins_that_fail_alike_read_the_reason_once(
    published: Context,
    fixed_now: datetime,
) -> None:
    old = cast.TWINS.replace("2026-11-18", "2026-10-01")
    house = cast.household(old, published, fixed_now)
    house.open().answer()
    page = house.mother.get(house.url("refused/"))
    titles = [row["title"] for row in page.context["failed"]]
    assert titles == ["出生30天以内"]


def test_grief_is_met_with_one_quiet_sentence(
    published: Context,
    fixed_now: datetime,
) -> None:
    sad = cast.ORDINARY.replace('{sex: "2",', '{sex: "2", alive: false,')
    house = cast.household(sad, published, fixed_now)
    house.open().answer()
    page = house.mother.get(house.url("refused/"))
    text = page.content.decode()
    assert page.status_code == 200
    assert "不符合" not in text and "再核验" not in text and "打印" not in text
    assert "健在" not in text


def test_whether_the_child_lives_is_never_listed_among_the_checks(
    published: Context,
    fixed_now: datetime,
) -> None:
    house = cast.household(cast.example("25-not-married"), published, fixed_now)
    house.open().answer()
    assert "健在" not in house.mother.get(house.url("refused/")).content.decode()


def test_a_father_who_starts_is_told_that_the_mother_applies(family: cast.Household) -> None:
    page = family.father.post("/my/new/")
    assert page.status_code == 409
    assert "要由孩子的另一位家长先填写" in page.content.decode()


def test_registers_that_stay_silent_let_the_family_go(
    family: cast.Household, monkeypatch: pytest.MonkeyPatch
) -> None:
    family.open()
    later = family.now + 2 * PATIENCE
    monkeypatch.setattr("django.utils.timezone.now", lambda: later)
    text = family.mother.get(family.url("checking/")).content.decode()
    assert "可以先离开，查好后会发短信" in text
    assert family.url("recheck/") in text and family.url("packet/") in text
    assert family.mother.get(family.url("packet/")).status_code == 200

"""The review page: what a clerk sees of one task, what first, and what never."""

import re
from datetime import datetime

import pytest

from tests.web import cast, cast_desk, cast_offices
from yijian.actions import cases
from yijian.domain.context import Context
from yijian.domain.states import TaskState
from yijian.web.applicant.values import worded

pytestmark = pytest.mark.django_db


def shown(family: cast.Household, item: str, query: str = "") -> str:
    """The review page of a task at its own office."""
    clerk = cast_desk.clerk(cast_desk.office_of(family, item), username=f"test:{item}{query}")
    page = clerk.get(cast_desk.url_of(family, item) + query)
    assert page.status_code == 200
    return page.content.decode()


def test_the_page_shows_the_payload_of_the_item_and_no_other_field(
    family: cast.Household, published: Context
) -> None:
    family.submit()
    page = shown(family, "vaccination_booklet")
    payload = set(published.pack.items["vaccination_booklet"].payload)
    for fact in payload:
        assert worded(published.pack.facts[fact].title) in page or fact in page, fact
    endings = ("_name", "_address", "_phone", "_id_number")
    values = {
        fact: str(known.value)
        for (fact, _), known in family.case.verified.items()
        if fact.endswith(endings) and known.value
    }
    others = {value for fact, value in values.items() if fact not in payload}
    others -= {value for fact, value in values.items() if fact in payload}
    assert len(others) >= 5
    assert [value for value in others if value in page] == []
    assert "李小满" not in page and "李强" not in page


def test_what_the_family_disputes_stands_first_with_the_characters_marked(
    family: cast.Household, fixed_now: datetime
) -> None:
    family.open().answer()
    address = str(family.case.verified["mother_hukou_address", 0].value)
    cases.dispute_value(
        by=family.mother_user,
        number=family.number,
        fact="mother_hukou_address",
        subject=0,
        text=address[:-1] + "户",
        now=fixed_now,
    )
    family.fill().freeze().sign(family.mother).meet_father().sign(family.father)
    page = shown(family, "birth_certificate")
    first = page[page.index("<tbody>") : page.index("</tr>", page.index("<tbody>"))]
    assert "家庭有异议" in first and "is-different" in first
    assert "<mark>户</mark>" in first and f"<mark>{address[-1]}</mark>" in first


def test_nothing_undisputed_is_marked_as_different(family: cast.Household) -> None:
    family.submit()
    page = shown(family, "birth_certificate")
    assert "is-different" not in page and "没有异议" in page
    assert "李小满" in page and "家庭填写" in page


def test_id_numbers_are_masked_until_the_clerk_asks(family: cast.Household) -> None:
    family.submit()
    number = family.facts.family["mother"]["id_number"]
    page = shown(family, "birth_certificate")
    assert number not in page and number[-4:] in page
    assert number in shown(family, "birth_certificate", "?numbers=full")


def test_checks_signatures_materials_and_points_stand_beside_the_rows(
    family: cast.Household,
) -> None:
    family.submit()
    page = shown(family, "birth_certificate")
    for words in ("母亲签名", "父亲人脸核验", "父亲签名", "结婚证", "免提交", "电子证照库"):
        assert words in page, words
    assert "婴儿姓名随父姓或母姓，用字规范" in page
    assert "宝宝出生时父母已登记结婚" in page


def test_a_registration_says_that_the_family_confirms_before_it_ends(
    family: cast.Household,
) -> None:
    family.submit()
    cast_offices.finish_certificate(family)
    page = shown(family, "hukou_registration")
    assert "先通过；家庭确认以后" in page
    assert 'value="complete"' not in page and 'value="approve"' in page
    assert "Z340000001" in page


def test_an_approved_registration_waits_for_the_family_and_then_takes_the_number(
    family: cast.Household, fixed_now: datetime
) -> None:
    family.submit()
    cast_offices.finish_certificate(family)
    cast_offices.office(family, "hukou_registration", TaskState.APPROVED)
    waiting = shown(family, "hukou_registration")
    assert "等待家庭确认" in waiting and 'value="complete"' not in waiting
    cases.answer_ask(
        by=family.mother_user,
        number=family.number,
        item="hukou_registration",
        newborn=1,
        ask="confirm_register_form",
        now=fixed_now,
    )
    ready = shown(family, "hukou_registration", "?again=1")
    assert 'name="result_citizen_id_number"' in ready
    assert re.search(r'value="complete" data-key="a"', ready)


def test_a_correction_round_is_told_as_a_history(
    family: cast.Household, fixed_now: datetime
) -> None:
    family.submit()
    cast_offices.office(
        family,
        "birth_certificate",
        TaskState.CORRECTION_NEEDED,
        reason="name",
        reason_text="有一个字系统里没有",
        correct=("newborn_name",),
    )
    waiting = shown(family, "birth_certificate")
    assert "等待家庭补正：婴儿姓名" in waiting and "有一个字系统里没有" in waiting
    assert 'value="approve"' not in waiting and 'value="offline"' in waiting
    cases.correct_task(
        by=family.mother_user,
        number=family.number,
        item="birth_certificate",
        newborn=1,
        answers={("newborn_name", 1): "李小曼"},
        now=fixed_now,
    )
    back = shown(family, "birth_certificate", "?again=1")
    assert "请家庭补正：婴儿姓名" in back and "家庭已补正：婴儿姓名" in back
    assert "李小曼" in back and 'value="approve"' in back


def test_a_finished_task_can_be_read_and_not_changed(family: cast.Household) -> None:
    family.submit()
    cast_offices.finish_certificate(family)
    page = shown(family, "birth_certificate")
    assert "Z340000001" in page and 'class="dock"' not in page


def test_one_of_twins_says_which_one_it_is(published: Context, fixed_now: datetime) -> None:
    twins = cast.household(cast.TWINS, published, fixed_now).submit()
    clerk = cast_desk.clerk(cast_desk.office_of(twins, "birth_certificate"))
    second = clerk.get(cast_desk.url_of(twins, "birth_certificate", 2)).content.decode()
    assert "第 2 个宝宝，共 2 个" in second
    assert "李小满二" in second and "03:39" in second and "03:27" not in second
    lines = clerk.get("/desk/tasks/").content.decode()
    assert lines.count("李** 1/2") == lines.count("李*** 2/2") == 2


def test_a_colleague_who_looks_at_the_same_task_is_mentioned(family: cast.Household) -> None:
    family.submit()
    office = cast_desk.office_of(family, "birth_certificate")
    url = cast_desk.url_of(family, "birth_certificate")
    first, second = cast_desk.clerk(office), cast_desk.clerk(office, name="赵医生")
    assert "另一位同事" not in first.get(url).content.decode()
    assert "另一位同事" in second.get(url).content.decode()


def test_every_button_has_its_own_place_and_keys_are_named_once(family: cast.Household) -> None:
    family.submit()
    page = shown(family, "birth_certificate")
    keys = re.findall(r'data-key="(\w)"', page)
    assert keys.count("a") == keys.count("r") == keys.count("t") == 1
    ids = re.findall(r' id="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    for word in ("accept", "approve", "complete", "correct", "decline", "offline", "transfer"):
        assert f'value="{word}"' in page, word

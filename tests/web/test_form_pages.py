"""Form pages: what is known is not asked, what is typed is not lost, what is wrong is named."""

import gzip

import pytest

from tests.web import cast
from yijian.actions import cases
from yijian.domain.context import Context

pytestmark = pytest.mark.django_db

BAD_NAMES = {
    "": "请填写宝宝姓名",
    "李": "姓名至少两个字",
    "李" * 31: "30",
    "Li小满": "姓名只能用汉字",
    "李7": "姓名只能用汉字",
    "李\ue000满": "自造字",
    "李\uf900满": "兼容汉字",
    "·李满": "“·”只能放在名字中间",
    "李<b>满": "姓名只能用汉字",
}


def test_what_a_register_knows_is_shown_with_its_source_and_not_asked(
    family: cast.Household,
) -> None:
    family.open().answer()
    page = family.mother.get(family.url("form/baby/"))
    assert not page.context["form"].fields
    text = page.content.decode()
    assert "王芳" in text and "李强" in text
    assert "分娩登记（卫生健康部门）" in text and "户籍信息（公安部门）" in text
    assert "信息不对？" in text


def test_each_field_of_the_form_is_asked_at_most_once(family: cast.Household) -> None:
    family.open().answer().fill()
    asked: list[str] = []
    for page in family.mother.get(family.url("check/")).context["sections"]:
        assert page.rows
    for name in ("baby", "name", "household", "items", "choices", "delivery"):
        asked += list(family.mother.get(family.url(f"form/{name}/")).context["form"].fields)
    assert len(asked) == len(set(asked))


@pytest.mark.parametrize("name", sorted(BAD_NAMES))
def test_a_name_that_cannot_be_registered_is_refused_with_a_reason(
    family: cast.Household, name: str
) -> None:
    family.open().answer()
    page = family.mother.post(family.url("form/name/"), {"newborn_name__1": name})
    assert page.status_code == 422
    text = page.content.decode()
    assert BAD_NAMES[name] in text
    assert 'href="#id_newborn_name__1"' in text
    assert page.context["form"]["newborn_name__1"].value() == name
    assert ("newborn_name", 1) not in family.case.answers


@pytest.mark.parametrize("name", ["李小满", "买买提·艾力", "李𠮷满", "李玥", "欧阳一二三四"])
def test_a_name_that_can_be_registered_is_shown_large(family: cast.Household, name: str) -> None:
    family.open().answer()
    assert family.mother.post(family.url("form/name/"), {"newborn_name__1": name})[
        "Location"
    ].endswith("/name/")
    page = family.mother.get(family.url("name/")).content.decode()
    for character in name:
        assert f'<span class="glyph-box">{character}</span>' in page
    assert ("生僻字" in page) == ("𠮷" in name)
    assert ("U+20BB7" in page) == ("𠮷" in name)


def test_a_surname_of_neither_parent_is_a_warning_and_no_refusal(family: cast.Household) -> None:
    family.open().answer()
    family.mother.post(family.url("form/name/"), {"newborn_name__1": "赵小满"})
    assert "都不一样" in family.mother.get(family.url("name/")).content.decode()
    family.mother.post(family.url("form/name/"), {"newborn_name__1": "王小满"})
    assert "都不一样" not in family.mother.get(family.url("name/")).content.decode()


def test_wrong_input_of_one_field_loses_nothing_of_the_others(family: cast.Household) -> None:
    family.open().answer()
    data = cast.posted(family.mother.get(family.url("form/household/")).context["form"])
    data |= {"residence_address": "长江路 1 号", "newborn_native_place__1": "火星市"}
    page = family.mother.post(family.url("form/household/"), data)
    assert page.status_code == 422
    text = page.content.decode()
    assert "没有找到“火星市”" in text
    assert page.context["form"]["residence_address"].value() == "长江路 1 号"
    assert 'value="火星市"' in text


@pytest.mark.parametrize(
    ("typed", "code"),
    [("合肥市庐阳区", "340103"), ("340104", "340104"), ("安徽省合肥市蜀山区", "340104")],
)
def test_a_place_is_typed_by_name_and_kept_by_code(
    family: cast.Household, typed: str, code: str
) -> None:
    family.open().answer()
    data = cast.posted(family.mother.get(family.url("form/household/")).context["form"])
    data["newborn_native_place__1"] = typed
    assert family.mother.post(family.url("form/household/"), data).status_code == 302
    assert family.case.answers["newborn_native_place", 1].value == code


def test_a_name_shared_by_several_places_is_asked_again(family: cast.Household) -> None:
    family.open().answer()
    data = cast.posted(family.mother.get(family.url("form/household/")).context["form"])
    data["newborn_native_place__1"] = "鼓楼区"
    page = family.mother.post(family.url("form/household/"), data).content.decode()
    assert "有几个地方都叫“鼓楼区”" in page


@pytest.mark.parametrize("value", ["grandmother", "", "<script>", "x" * 9000, "father\x00"])
def test_a_choice_that_was_never_offered_is_refused(family: cast.Household, value: str) -> None:
    family.open().answer()
    data = cast.posted(family.mother.get(family.url("form/household/")).context["form"])
    data["hukou_follows"] = value
    page = family.mother.post(family.url("form/household/"), data)
    assert page.status_code == 422
    assert "户口随谁" in page.content.decode()


def test_items_that_are_not_wanted_take_their_fields_with_them(family: cast.Household) -> None:
    family.open().answer()
    family.mother.post(family.url("form/baby/"))
    family.mother.post(family.url("form/items/"), {"items": ["medical_insurance_enrolment"]})
    case = family.case
    assert "social_security_card" not in case.items
    assert {"birth_certificate", "hukou_registration"} <= set(case.items)
    fields = family.mother.get(family.url("form/choices/")).context["form"].fields
    assert "card_bank" not in fields and "insurance_division" in fields
    assert (
        "card_delivery"
        not in family.mother.get(family.url("form/delivery/")).context["form"].fields
    )


def test_an_unknown_item_is_refused_by_name(family: cast.Household) -> None:
    family.open().answer()
    page = family.mother.post(family.url("form/items/"), {"items": ["free_money"]})
    assert page.status_code == 422
    assert family.case.items == ()


def test_choosing_mail_asks_for_the_address_with_the_known_one_filled_in(
    family: cast.Household,
) -> None:
    family.open().answer().fill()
    data = cast.posted(family.mother.get(family.url("form/delivery/")).context["form"])
    data["certificate_delivery"] = "mail"
    family.mother.post(family.url("form/delivery/"), data)
    form = family.mother.get(family.url("form/delivery/")).context["form"]
    assert form["recipient_name"].value() == "王芳"
    assert form["recipient_address"].value()


def test_typing_is_saved_in_the_background(family: cast.Household) -> None:
    family.open().answer()
    answer = family.mother.post(
        family.url("form/name/"), {"newborn_name__1": "李小满"}, headers={"X-Autosave": "1"}
    )
    assert answer.status_code == 204
    assert answer["X-Saved-At"] == "10:00"
    assert family.case.answers["newborn_name", 1].value == "李小满"


def test_half_a_page_is_saved_in_the_background_without_complaint(
    family: cast.Household,
) -> None:
    family.open().answer()
    data = cast.posted(family.mother.get(family.url("form/household/")).context["form"])
    data |= {"residence_address": "长江路 1 号", "newborn_native_place__1": "还没打完"}
    answer = family.mother.post(family.url("form/household/"), data, headers={"X-Autosave": "1"})
    assert answer.status_code == 204
    assert family.case.answers["residence_address", 0].value == "长江路 1 号"
    assert ("newborn_native_place", 1) not in family.case.answers


def test_two_people_editing_one_page_see_both_values(family: cast.Household) -> None:
    family.open().answer()
    page = family.mother.get(family.url("form/name/"))
    version = page.context["form_version"]
    case = cases.save_answers(
        by=family.mother_user,
        number=family.number,
        answers={("newborn_name", 1): "李先到"},
        now=family.now,
    )
    _as_if_the_father_had_saved(family)
    answer = family.mother.post(
        family.url("form/name/"), {"newborn_name__1": "李后到", "form_version": version}
    )
    assert answer.status_code == 409
    text = answer.content.decode()
    assert "李先到" in text and "李后到" in text
    assert answer.context["form"]["newborn_name__1"].value() == "李后到"
    assert answer.context["form_version"] == case.form_version
    again = {"newborn_name__1": "李后到", "form_version": case.form_version}
    assert family.mother.post(family.url("form/name/"), again).status_code == 302
    assert family.case.answers["newborn_name", 1].value == "李后到"


def _as_if_the_father_had_saved(family: cast.Household) -> None:
    """A scheme in which both apply; this one lets only the mother fill in."""
    from dataclasses import replace

    from yijian.domain.events import Event, EventKind

    saved = Event(
        EventKind.ANSWERS_SAVED,
        family.now,
        "father",
        public={"fields": ["newborn_name"], "form_version": family.case.form_version},
        sealed={"values": [("newborn_name", 1, "李先到")]},
    )
    from yijian.actions import changes

    changes.change(
        lambda case, context: [replace(saved)], changes.load_one(family.id), now=family.now
    )


@pytest.mark.parametrize("version", ["", "x", "-1", "9" * 30, "²"])
def test_a_made_up_form_version_breaks_nothing(family: cast.Household, version: str) -> None:
    family.open().answer()
    data = {"newborn_name__1": "李小满", "form_version": version}
    assert family.mother.post(family.url("form/name/"), data).status_code == 302


def test_a_page_that_the_form_does_not_have_is_not_found(family: cast.Household) -> None:
    family.open().answer()
    assert family.mother.get(family.url("form/secrets/")).status_code == 404
    assert family.mother.get(family.url("dispute/secrets/")).status_code == 404


def test_a_wrong_record_is_reported_and_shown_as_reported(family: cast.Household) -> None:
    family.open().answer()
    page = family.mother.get(family.url("dispute/newborn/"))
    assert page.status_code == 200
    empty = family.mother.post(family.url("dispute/newborn/"), {"fact": "newborn_sex__1"})
    assert empty.status_code == 422 and "请写下正确的内容" in empty.content.decode()
    wrong = {"fact": "newborn_sex__1", "text": "是男孩"}
    done = family.mother.post(family.url("dispute/newborn/"), wrong, follow=True)
    assert "已经记下" in done.content.decode()
    assert family.case.disputes["newborn_sex", 1] == "是男孩"
    assert "您已反映不对" in family.mother.get(family.url("form/baby/")).content.decode()
    family.fill()
    assert "您家反映：是男孩" in family.mother.get(family.url("check/")).content.decode()


def test_a_known_fact_cannot_be_overwritten_by_a_forged_field(family: cast.Household) -> None:
    family.open().answer()
    family.mother.post(family.url("form/baby/"), {"newborn_sex__1": "1", "mother_name": "别人"})
    assert ("newborn_sex", 1) not in family.case.answers
    assert ("mother_name", 0) not in family.case.answers


def test_mixed_parents_or_one_group_decide_whether_ethnicity_is_asked(
    published: Context, family: cast.Household
) -> None:
    family.open().answer()
    fields = family.mother.get(family.url("form/household/")).context["form"].fields
    assert "newborn_ethnicity__1" not in fields


@pytest.mark.parametrize("address", ["form/baby/", "form/household/", "form/choices/", "check/"])
def test_a_page_stays_small_enough_for_a_bad_network(family: cast.Household, address: str) -> None:
    family.open().answer().fill()
    page = family.mother.get(family.url(address))
    assert page.status_code == 200
    assert len(gzip.compress(page.content)) < 12_000


def test_a_request_with_a_thousand_fields_is_turned_away_politely(
    family: cast.Household,
) -> None:
    family.open().answer()
    page = family.mother.post(family.url("form/name/"), {f"x{n}": "1" for n in range(600)})
    assert page.status_code == 400
    assert "没有看懂这次请求" in page.content.decode()

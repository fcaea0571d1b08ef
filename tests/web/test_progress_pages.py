"""After submission: who has it, what the family must do, what they keep."""

from datetime import datetime
from typing import Any

import pytest

from tests.web import cast
from tests.web.cast_offices import finish_certificate, office, registration
from yijian.domain.context import Context
from yijian.domain.documents import QrCode, texts
from yijian.domain.states import Stage, TaskState
from yijian.ops import setting
from yijian.records import cases as case_records
from yijian.records import documents

pytestmark = pytest.mark.django_db


@pytest.fixture
def submitted(family: cast.Household) -> cast.Household:
    """Everything is signed and at the offices."""
    return family.submit()


def shown(house: cast.Household) -> dict[str, Any]:
    """The timeline by title."""
    page = house.mother.get(house.url("progress/"))
    assert page.status_code == 200
    return {stage.title: stage for stage in page.context["stages"]}


def test_the_progress_page_counts_items_as_the_document_does(submitted: cast.Household) -> None:
    page = submitted.mother.get(submitted.url("progress/"))
    assert page.context["total"] == 7
    assert len(page.context["stages"]) == 7
    assert "7 项中已办好 1 项" in page.content.decode(), "settled reimbursement is not needed"


def test_each_item_names_its_office_its_phone_and_its_day(submitted: cast.Household) -> None:
    stage = shown(submitted)["《出生医学证明》签发"]
    assert stage.office and stage.phone.startswith("0551-")
    assert stage.since and "2026年11月23日" in stage.due
    waiting = shown(submitted)["出生登记"]
    assert "《出生医学证明》签发" in waiting.note
    assert "自动开始" in waiting.note


def test_what_is_not_needed_says_why_and_how_much_was_paid(submitted: cast.Household) -> None:
    stage = shown(submitted)["生育医疗费用报销"]
    assert stage.tag == "无需办理"
    assert "直接结算" in stage.note and "元" in stage.note


def test_a_finished_item_shows_its_result_masked_and_where_to_get_it(
    submitted: cast.Household,
) -> None:
    finish_certificate(submitted)
    stage = shown(submitted)["《出生医学证明》签发"]
    assert stage.state == "done"
    assert "Z34*****01" in stage.note and "Z340000001" not in stage.note
    assert "带上" in stage.note


def test_a_correction_asks_for_the_named_fields_and_nothing_else(
    submitted: cast.Household,
) -> None:
    office(
        submitted, "birth_certificate", TaskState.CORRECTION_NEEDED,
        reason="name", reason_text="名字里的字请再确认", correct=("newborn_name",),
    )  # fmt: skip
    page = submitted.mother.get(submitted.url("progress/")).content.decode()
    assert "名字里的字请再确认" in page and "去补正" in page
    address = submitted.url("correct/birth_certificate/1/")
    form = submitted.mother.get(address)
    assert list(form.context["form"].fields) == ["newborn_name__1"]
    assert form.context["form"]["newborn_name__1"].value() == "李小满"
    wrong = submitted.mother.post(address, {"newborn_name__1": "L"})
    assert wrong.status_code == 422 and "姓名只能用汉字" in wrong.content.decode()
    forged = {"newborn_name__1": "李晓满", "residence_address": "别处"}
    assert submitted.mother.post(address, forged).status_code == 302
    case = submitted.case
    assert case.tasks["birth_certificate", 1].state is TaskState.IN_REVIEW
    assert case.answers["newborn_name", 1].value == "李晓满"
    assert case.answers["residence_address", 0].value != "别处"
    again = submitted.mother.post(address, {"newborn_name__1": "李晓满"}, follow=True)
    assert "现在不用补正" in again.content.decode()


def test_the_register_form_is_read_and_confirmed_once(submitted: cast.Household) -> None:
    finish_certificate(submitted)
    office(submitted, "hukou_registration", TaskState.APPROVED)
    page = submitted.mother.get(submitted.url("progress/")).content.decode()
    assert "核对《常住人口登记表》" in page
    address = submitted.url("asks/hukou_registration/1/confirm_register_form/")
    form = submitted.mother.get(address).content.decode()
    assert "李小满" in form and "没有错，签字确认" in form
    person = submitted.facts.family["mother"]["id_number"]
    assert person not in form, "numbers are masked"
    assert submitted.mother.post(address).status_code == 302
    assert "confirm_register_form" in submitted.case.tasks["hukou_registration", 1].answered
    again = submitted.mother.post(address, follow=True)
    assert "已经做过了" in again.content.decode()
    office(submitted, "hukou_registration", TaskState.COMPLETED, result=registration())
    stage = shown(submitted)["出生登记"]
    assert "340***********" in stage.note


def test_the_premium_is_paid_on_the_tax_departments_page(submitted: cast.Household) -> None:
    finish_certificate(submitted)
    office(submitted, "hukou_registration", TaskState.APPROVED)
    submitted.mother.post(submitted.url("asks/hukou_registration/1/confirm_register_form/"))
    office(submitted, "hukou_registration", TaskState.COMPLETED, result=registration())
    office(submitted, "medical_insurance_enrolment", TaskState.COMPLETED)
    page = submitted.mother.get(submitted.url("progress/")).content.decode()
    assert "待您缴费" in page
    ask = submitted.mother.get(submitted.url("asks/medical_insurance_payment/1/pay_premium/"))
    url = ask.context["pay_url"]
    assert url.startswith("http://127.0.0.1:9/payment?task=")
    assert "year=2026%2C2027" in url and submitted.number in url
    guide = ask.context["guide"]
    assert any("两年" in line for line in guide), "born in November, both years may be paid"
    for secret in ("王芳", "李小满", submitted.facts.family["mother"]["id_number"]):
        assert secret not in url
    paid = {"paid_on": "2026-11-21"}
    office(submitted, "medical_insurance_payment", TaskState.COMPLETED, result=paid)
    assert "待您缴费" not in submitted.mother.get(submitted.url("progress/")).content.decode()


def test_an_ask_that_was_never_made_is_not_found(submitted: cast.Household) -> None:
    for tail in (
        "asks/hukou_registration/1/confirm_register_form/",
        "asks/hukou_registration/9/confirm_register_form/",
        "asks/nothing/1/at_all/",
        "correct/nothing/1/",
    ):
        assert submitted.mother.get(submitted.url(tail)).status_code == 404, tail


def test_a_refused_item_says_why_and_where_to_go_and_the_rest_is_handed_over(
    submitted: cast.Household,
) -> None:
    office(
        submitted, "birth_certificate", TaskState.DECLINED,
        reason="papers", reason_text="身份证照片与本人不符",
    )  # fmt: skip
    stages = shown(submitted)
    stage = stages["《出生医学证明》签发"]
    assert stage.state == "stopped"
    assert "身份证照片与本人不符" in stage.note and "窗口" in stage.note
    assert stages["出生登记"].tag == "转到窗口"


def test_twins_have_one_line_each_and_are_told_apart_by_name(
    published: Context,
    fixed_now: datetime,
) -> None:
    twins = cast.household(cast.TWINS, published, fixed_now).submit()
    titles = list(shown(twins))
    assert "出生登记（李小满）" in titles and "出生登记（李小满二）" in titles
    assert titles.count("生育医疗费用报销") == 1
    page = twins.mother.get(twins.url("progress/")).content.decode()
    assert "7 项中" in page
    finish_certificate(twins, 1)
    assert shown(twins)["《出生医学证明》签发（李小满）"].state == "done"
    assert shown(twins)["《出生医学证明》签发（李小满二）"].state == "current"


def test_messages_are_listed_without_the_link_to_the_same_page(
    submitted: cast.Household,
) -> None:
    page = submitted.mother.get(submitted.url("letters/"))
    texts = [letter.text for letter in page.context["letters"]]
    assert any("已提交" in text for text in texts)
    assert all("http" not in text for text in texts)
    assert any("办理进度页" in text for text in texts)
    assert len(texts) == len(set(texts)), "two channels, one line"


def test_a_draft_is_withdrawn_after_one_question(family: cast.Household) -> None:
    family.open().answer()
    assert "要撤回申请吗" in family.mother.get(family.url("withdraw/")).content.decode()
    assert family.mother.post(family.url("withdraw/"))["Location"] == "/my/"
    assert family.case.stage is Stage.WITHDRAWN
    assert "已撤回" in family.mother.get("/my/").content.decode()
    page = family.mother.get(family.url("progress/"))
    assert "申请已撤回" in page.content.decode()


def test_withdrawing_after_submission_says_what_stops_and_what_stays(
    submitted: cast.Household,
) -> None:
    finish_certificate(submitted)
    page = submitted.mother.get(submitted.url("withdraw/"))
    assert "出生登记" in page.context["stops"]
    assert "《出生医学证明》签发" in page.context["stays"]
    submitted.mother.post(submitted.url("withdraw/"))
    case = submitted.case
    assert case.tasks["birth_certificate", 1].state is TaskState.COMPLETED
    assert case.tasks["hukou_registration", 1].state is TaskState.WITHDRAWN


def test_the_receipt_can_be_printed_again_at_any_time(submitted: cast.Household) -> None:
    setting.set_documents()
    for parent in (submitted.mother, submitted.father):
        text = parent.get(submitted.url("documents/")).content.decode()
        assert f"{submitted.number}-E" in text and "申请回执" in text
    (loaded,) = case_records.read(numbers=[submitted.number])
    found = next(d for d in documents.of_case(loaded.id) if d.kind == "family_receipt")
    assert loaded.key is not None
    content = documents.said(key=loaded.key, ids=[found.id])[found.id]
    said = "\n".join(texts(content))
    assert submitted.number in said and "2026年12月16日" in said
    assert any(isinstance(block, QrCode) for block in content.blocks)


def test_a_draft_has_no_receipt_and_no_dates(family: cast.Household) -> None:
    family.open().answer()
    assert "申请回执" not in family.mother.get(family.url("documents/")).content.decode()
    assert family.mother.get(family.url("deadlines.ics")).status_code == 404


def test_the_calendar_file_holds_the_premium_day_and_nobodys_name(
    submitted: cast.Household,
) -> None:
    answer = submitted.mother.get(submitted.url("deadlines.ics"))
    assert answer["Content-Type"].startswith("text/calendar")
    text = answer.content.decode()
    assert text.startswith("BEGIN:VCALENDAR\r\n") and text.endswith("END:VCALENDAR\r\n")
    assert "DTSTART;VALUE=DATE:20270216" in text, "90 days after 18 November 2026"
    assert "DTSTART;VALUE=DATE:20261123" in text, "one working day for the certificate"
    assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))
    for secret in ("王芳", "李强", "李小满"):
        assert secret not in text


def test_the_father_follows_the_same_progress(submitted: cast.Household) -> None:
    page = submitted.father.get(submitted.url(), follow=True)
    assert page.redirect_chain[-1][0].endswith("/progress/")
    assert "李小满" in page.content.decode()


def test_an_old_correction_is_no_longer_quoted_once_it_is_done(
    submitted: cast.Household,
) -> None:
    office(
        submitted, "birth_certificate", TaskState.CORRECTION_NEEDED,
        reason="name", reason_text="名字里的字请再确认", correct=("newborn_name",),
    )  # fmt: skip
    address = submitted.url("correct/birth_certificate/1/")
    submitted.mother.post(address, {"newborn_name__1": "李晓满"})
    finish_certificate(submitted)
    page = submitted.mother.get(submitted.url("progress/"))
    certificate = page.context["stages"][0]
    assert certificate.state == "done" and "请再确认" not in certificate.note


def test_paying_comes_first_and_names_its_last_day(submitted: cast.Household) -> None:
    finish_certificate(submitted)
    office(submitted, "hukou_registration", TaskState.APPROVED)
    submitted.mother.post(submitted.url("asks/hukou_registration/1/confirm_register_form/"))
    office(submitted, "hukou_registration", TaskState.COMPLETED, result=registration())
    office(submitted, "medical_insurance_enrolment", TaskState.COMPLETED)
    calls = submitted.mother.get(submitted.url("progress/")).context["calls"]
    assert calls[0].kind == "pay" and calls[0].due == "2027年2月16日前"
    assert {call.kind for call in calls[1:]} == {"collect"}


def test_what_goes_to_the_counter_has_a_list_with_reason_place_and_paper(
    submitted: cast.Household,
) -> None:
    finish_certificate(submitted)
    office(
        submitted, "hukou_registration", TaskState.DECLINED,
        reason="moving", reason_text="入户的这一户正在办理迁移",
    )  # fmt: skip
    page = submitted.mother.get(submitted.url("progress/")).content.decode()
    assert submitted.url("packet/") in page
    sheet = submitted.mother.get(submitted.url("packet/"))
    places = {place["title"]: place for place in sheet.context["places"]}
    assert places["出生登记"]["why"] == "入户的这一户正在办理迁移"
    assert "前面一项没有办成" in places["社会保障卡申领"]["why"]
    assert all(place["way"] for place in places.values())
    assert "《出生医学证明》签发" not in places
    text = sheet.content.decode()
    assert "《出生医学证明》签发" in sheet.context["done"] and "已经办好的" in text
    given = [line for line in sheet.context["sheets"] if "副页" in line]
    assert len(given) == 1 and "家长" in given[0], "without registration the family needs it"


def test_why_an_item_stopped_is_said_in_english_too(submitted: cast.Household) -> None:
    finish_certificate(submitted)
    office(submitted, "hukou_registration", TaskState.DECLINED, reason="moving", reason_text="迁移")
    address = submitted.url("packet/")
    sheet = submitted.mother.get(address, headers={"accept-language": "en"}).content.decode()
    assert "What comes before was not done" in sheet


def test_a_family_with_nothing_at_the_counter_is_told_of_no_list(
    submitted: cast.Household,
) -> None:
    assert (
        submitted.url("packet/")
        not in submitted.mother.get(submitted.url("progress/")).content.decode()
    )

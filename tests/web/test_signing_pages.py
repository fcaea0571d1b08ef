"""Signing: what was shown is what is signed, in turn, by the right person, once."""

import pytest

from tests.web import cast
from yijian.actions import live_checks
from yijian.domain.states import Stage
from yijian.web.applicant.signing import PATIENCE

pytestmark = pytest.mark.django_db


@pytest.fixture
def checked(family: cast.Household) -> cast.Household:
    """The form is filled in and frozen; the mother signs next."""
    return family.open().answer().fill().freeze()


def test_the_sign_page_shows_the_promise_and_everything_that_is_signed(
    checked: cast.Household,
) -> None:
    text = checked.mother.get(checked.url("sign/")).content.decode()
    assert "申请确认及告知承诺书" in text and "李小满" in text
    assert "我是宝宝的妈妈" in text
    assert "data-signature" in text and 'name="signature_typed"' in text


def test_a_form_without_a_signature_is_not_signed(checked: cast.Household) -> None:
    digest = checked.mother.get(checked.url("sign/")).context["form"]["digest"].value()
    page = checked.mother.post(checked.url("sign/"), {"digest": digest})
    assert page.status_code == 422
    assert "请签名" in page.content.decode()
    assert checked.case.signatures == {}


@pytest.mark.parametrize(
    ("typed", "signed"), [("王芳", True), (" 王 芳 ", True), ("李强", False), ("王芳芳", False)]
)
def test_a_typed_name_must_be_the_signers_own(
    checked: cast.Household, typed: str, signed: bool
) -> None:
    digest = checked.mother.get(checked.url("sign/")).context["form"]["digest"].value()
    answer = checked.mother.post(checked.url("sign/"), {"signature_typed": typed, "digest": digest})
    assert (answer.status_code == 302) is signed
    assert ("mother" in checked.case.signatures) is signed
    if not signed:
        assert "实名一致" in answer.content.decode()
        assert typed in answer.content.decode(), "what was typed stays"


@pytest.mark.parametrize("strokes", ["nonsense", "300x190|1,1", "<svg>", "300x190|" + "9" * 50000])
def test_a_scribble_that_is_no_signature_is_refused_with_a_sentence(
    checked: cast.Household, strokes: str
) -> None:
    digest = checked.mother.get(checked.url("sign/")).context["form"]["digest"].value()
    page = checked.mother.post(checked.url("sign/"), {"signature_drawn": strokes, "digest": digest})
    assert page.status_code == 422
    assert "重新签写" in page.content.decode()


@pytest.mark.parametrize("digest", ["", "0" * 64, "x"])
def test_a_signature_on_something_else_is_asked_for_again(
    checked: cast.Household, digest: str
) -> None:
    page = checked.mother.post(
        checked.url("sign/"), {"signature_drawn": cast.STROKES, "digest": digest}
    )
    assert page.status_code == 422
    assert "再看一遍后签名" in page.content.decode()
    fresh = page.context["form"]["digest"].value()
    again = {"signature_drawn": cast.STROKES, "digest": fresh}
    assert checked.mother.post(checked.url("sign/"), again).status_code == 302


def test_signing_twice_by_a_double_press_signs_once(checked: cast.Household) -> None:
    digest = checked.mother.get(checked.url("sign/")).context["form"]["digest"].value()
    data = {"signature_drawn": cast.STROKES, "digest": digest}
    first = checked.mother.post(checked.url("sign/"), data)
    second = checked.mother.post(checked.url("sign/"), data)
    assert (first.status_code, second.status_code) == (302, 302)
    assert checked.mother.get(checked.url())["Location"] == checked.url("waiting/")
    assert list(checked.case.signatures) == ["mother"]


def test_the_waiting_page_gives_the_father_a_code_to_scan(checked: cast.Household) -> None:
    checked.sign(checked.mother)
    text = checked.mother.get(checked.url("waiting/")).content.decode()
    assert "<svg" in text
    assert f"http://testserver{checked.url()}" in text
    assert "孩子爸爸" in text


def test_the_father_cannot_sign_before_the_face_check(checked: cast.Household) -> None:
    checked.sign(checked.mother)
    checked.father.post(checked.url("notice/"))
    assert checked.father.get(checked.url("sign/"))["Location"] == checked.url()
    forged = {"signature_drawn": cast.STROKES, "digest": "0" * 64}
    checked.father.post(checked.url("sign/"), forged)
    assert "father" not in checked.case.signatures


def test_the_face_check_waits_for_the_server_and_not_for_the_browser(
    checked: cast.Household,
) -> None:
    checked.sign(checked.mother)
    sent = checked.father.post(checked.url("notice/"))["Location"]
    state = sent.split("state=")[1].split("&")[0]
    back = f"live-check/return/?state={state}&code=abc"
    assert checked.father.get(checked.url(back))["Location"] == checked.url("live-check/")
    page = checked.father.get(checked.url("live-check/"))
    assert page.context["waiting"] and 'http-equiv="refresh"' in page.content.decode()
    live_checks.answered(
        case_id=checked.id, role="father", passed=True, receipt="r", now=checked.now
    )
    assert checked.father.get(checked.url("live-check/"))["Location"] == checked.url()
    assert checked.father.get(checked.url())["Location"] == checked.url("sign/")


def test_a_failed_face_check_offers_another_try(checked: cast.Household) -> None:
    checked.sign(checked.mother)
    checked.father.post(checked.url("notice/"))
    live_checks.answered(
        case_id=checked.id, role="father", passed=False, receipt="r", now=checked.now
    )
    page = checked.father.get(checked.url("live-check/"))
    assert "没有通过" in page.content.decode()
    assert checked.father.post(checked.url("live-check/"))["Location"].startswith("http")


def test_a_face_check_without_an_answer_ends_its_wait(
    checked: cast.Household, monkeypatch: pytest.MonkeyPatch
) -> None:
    checked.sign(checked.mother)
    sent = checked.father.post(checked.url("notice/"))["Location"]
    state = sent.split("state=")[1].split("&")[0]
    checked.father.get(checked.url(f"live-check/return/?state={state}&code=abc"))
    later = checked.now + 2 * PATIENCE
    monkeypatch.setattr("django.utils.timezone.now", lambda: later)
    page = checked.father.get(checked.url("live-check/"))
    assert page.context["no_answer"] and "再试一次" in page.content.decode()


@pytest.mark.parametrize(
    "query",
    ["", "?state=x", "?code=x", "?state=x&code=y", "?state=%00&code=1", "?state=x&code=%00"],
)
def test_a_forged_return_from_the_face_check_proves_nothing(
    checked: cast.Household, query: str
) -> None:
    checked.sign(checked.mother)
    checked.father.post(checked.url("notice/"))
    answer = checked.father.get(checked.url(f"live-check/return/{query}"))
    assert answer.status_code == 302
    assert checked.case.live_check("father") is None


def test_the_father_reads_what_the_mother_chose_before_he_signs(checked: cast.Household) -> None:
    checked.sign(checked.mother).meet_father()
    page = checked.father.get(checked.url("sign/"))
    titles = [section.title for section in page.context["sections"] if section.answered]
    assert "宝宝姓名" in titles
    assert "我是宝宝的爸爸" in page.content.decode()


def test_a_change_after_signing_needs_both_signatures_again(checked: cast.Household) -> None:
    checked.sign(checked.mother)
    listed = checked.mother.get(checked.url("reopen/")).content.decode()
    assert "已经签的名作废" in listed and checked.url("form/name/") in listed
    checked.mother.post(checked.url("form/name/"), {"newborn_name__1": "李大满"})
    case = checked.case
    assert case.stage is Stage.DRAFT and case.signatures == {}


def test_opening_a_page_again_without_a_change_keeps_the_signature(
    checked: cast.Household,
) -> None:
    checked.sign(checked.mother)
    checked.mother.post(checked.url("form/name/"), {"newborn_name__1": "李小满"})
    assert "mother" in checked.case.signatures


def test_a_submitted_form_cannot_be_changed_any_more(family: cast.Household) -> None:
    family.submit()
    answer = family.mother.post(family.url("form/name/"), {"newborn_name__1": "李大满"})
    assert answer.status_code == 302
    assert family.case.answers["newborn_name", 1].value == "李小满"

"""The whole way through the parents' door, request by request, and what a parent pays in taps."""

import re
from datetime import datetime

import pytest

from tests.web import cast
from yijian.domain.context import Context
from yijian.domain.states import Stage

pytestmark = pytest.mark.django_db

BUDGET_FIRST = 15
BUDGET_SECOND = 5


def test_a_family_walks_from_the_notice_to_the_submitted_case(family: cast.Household) -> None:
    family.submit()
    assert family.case.stage is Stage.SUBMITTED
    page = family.mother.get(family.url("progress/"))
    assert "李小满" in page.content.decode()


def test_twins_get_one_name_field_each_and_one_case(
    published: Context, fixed_now: datetime
) -> None:
    twins = cast.household(cast.TWINS, published, fixed_now)
    twins.open().answer()
    page = twins.mother.get(twins.url("form/name/"))
    assert list(page.context["form"].fields) == ["newborn_name__1", "newborn_name__2"]
    assert "老大，男，03:27 出生" in page.content.decode()
    twins.fill().freeze().sign(twins.mother).meet_father().sign(twins.father)
    names = {s: f.value for (n, s), f in twins.case.answers.items() if n == "newborn_name"}
    assert names == {1: "李小满", 2: "李小满二"}
    assert len(twins.case.tasks_of("birth_certificate")) == 2


def test_the_first_parent_types_one_field_and_stays_within_the_budget(
    family: cast.Household,
) -> None:
    """Start, log in, agree, one press per page, the second look, check, one stroke, submit."""
    taps = ["start", "login", "agree"]
    typed = set()
    family.open().answer()
    for _ in range(20):
        page = family.mother.get(family.url(), follow=True)
        address = page.redirect_chain[-1][0]
        if "/form/" not in address:
            break
        data = cast.posted(page.context["form"])
        for name in page.context["form"].fields:
            if name not in data and name != "items":
                typed.add(name)
                data[name] = "李小满"
        saved = family.mother.post(address, data)
        taps.append(address)
        if saved["Location"].endswith("/name/"):
            taps.append("this is the name")
    family.freeze().sign(family.mother)
    taps += ["check", "stroke", "submit"]
    assert typed == {"newborn_name__1"}
    assert len(taps) <= BUDGET_FIRST, taps


def test_the_second_parent_types_nothing_and_taps_five_times(family: cast.Household) -> None:
    family.open().answer().fill().freeze().sign(family.mother)
    taps = ["link"]
    arrived = family.father.get(family.url(), follow=True)
    assert arrived.redirect_chain[-1][0].endswith("/notice/")
    agreed = family.father.post(family.url("notice/"))
    assert agreed["Location"].startswith("http://127.0.0.1:9/face?"), "agreeing leads to the check"
    taps += ["agree", "face"]
    family.meet_father()
    page = family.father.get(family.url(), follow=True)
    assert page.redirect_chain[-1][0].endswith("/sign/")
    boxes = re.findall(r"<(?:input|select|textarea)[^>]*required", page.content.decode())
    assert boxes == [], "nothing has to be typed"
    family.sign(family.father)
    taps += ["stroke", "submit"]
    assert len(taps) <= BUDGET_SECOND, taps


def test_one_birth_has_one_draft_however_often_it_is_started(family: cast.Household) -> None:
    family.open()
    again = family.mother.post("/my/new/")
    assert again["Location"] == family.url()
    assert family.mother.get("/my/new/")["Location"] == family.url()


def test_a_draft_goes_on_where_it_stopped_in_another_browser(family: cast.Household) -> None:
    family.open().answer()
    family.mother.post(family.url("form/baby/"))
    family.mother.post(family.url("form/name/"), {"newborn_name__1": "李小满"})
    elsewhere = cast.client_of(family.mother_user)
    page = elsewhere.get(family.url(), follow=True)
    assert page.redirect_chain[-1][0].endswith("/form/household/")


def test_going_back_to_a_page_shows_what_was_saved_there(family: cast.Household) -> None:
    family.open().answer().fill()
    page = family.mother.get(family.url("form/name/"))
    assert page.context["form"]["newborn_name__1"].value() == "李小满"


def test_a_change_from_the_check_page_comes_back_to_it(family: cast.Household) -> None:
    family.open().answer().fill()
    family.mother.post(family.url("form/name/"), {"newborn_name__1": "李大满"})
    assert family.mother.post(family.url("name/")).status_code == 302
    page = family.mother.get(family.url(), follow=True)
    assert page.redirect_chain[-1][0].endswith("/check/")
    assert "李大满" in page.content.decode()


def test_a_page_of_a_later_step_leads_back_to_the_present_one(family: cast.Household) -> None:
    family.open()
    for page in ("form/name/", "check/", "sign/", "live-check/", "waiting/", "progress/"):
        assert family.mother.get(family.url(page))["Location"] == family.url(), page


def test_my_applications_lists_the_case_to_both_parents(family: cast.Household) -> None:
    family.open().answer().fill().freeze().sign(family.mother)
    assert "等待签名" in family.mother.get("/my/").content.decode()
    page = family.father.get("/my/").content.decode()
    assert "去签名" in page and "李小满" in page

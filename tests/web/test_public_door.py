"""The public door: answers with their clauses, a status without a login, nobody named."""

import re
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.core.handlers.wsgi import WSGIRequest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.web import cast
from yijian.records import status_doors
from yijian.records.access import Refused
from yijian.records.models import StatusDoor, StatusTry

pytestmark = pytest.mark.django_db
WRONG = "AAAA-AAAA"
ENGLISH: Any = {"headers": {"accept-language": "en"}}


@pytest.fixture
def submitted(family: cast.Household) -> cast.Household:
    family.open().answer().fill().submit()
    return family


def look(number: str, code: str) -> tuple[int, str]:
    response = Client().post("/status/", {"number": number, "code": code})
    assert isinstance(response.wsgi_request, WSGIRequest)
    return response.status_code, response.content.decode()


def without_token(page: str) -> str:
    return re.sub(r'name="csrfmiddlewaretoken" value="[^"]*"', "", page)


def test_a_question_is_answered_with_the_clause_it_rests_on(published: object) -> None:
    page = Client().get("/ask/", {"q": "上户口要多久"}).content.decode()
    assert "2 个工作日内" in page and "附件2 二.3" in page and "依据：" in page
    english = Client().get("/ask/", {"q": "how long does hukou take"}, **ENGLISH)
    assert "within 2 working days" in english.content.decode()


@pytest.mark.parametrize("question", ["今天天气怎么样", "<script>alert(1)</script>", "%00", "'"])
def test_what_no_clause_says_is_left_to_people(published: object, question: str) -> None:
    page = Client().get("/ask/", {"q": question}).content.decode()
    assert "政策里没有找到答案" in page and "依据：" not in page
    assert "<script>alert" not in page


def test_a_scheme_that_does_not_exist_is_no_choice(published: object) -> None:
    response = Client().get("/ask/", {"q": "上户口要多久", "pack": "../000000-base"})
    assert response.status_code == 200 and "2 个工作日内" in response.content.decode()


def test_number_and_code_show_items_and_nobody(submitted: cast.Household) -> None:
    code = status_doors.code_of(submitted.id)
    shown = submitted.mother.get(submitted.url("progress/")).content.decode()
    assert code in shown
    status, page = look(submitted.number.lower(), f" {code.lower().replace('-', ' ')} ")
    assert status == 200
    assert submitted.number in page and "出生登记" in page
    for personal in ("王芳", "李强", "李小满", code):
        assert personal not in page
    assert not StatusDoor.objects.exists()


def test_wrong_codes_and_unknown_numbers_look_the_same(submitted: cast.Household) -> None:
    there = look(submitted.number, WRONG)
    absent = look(submitted.number[:-1] + "X", WRONG)
    assert there[0] == absent[0] == 404
    assert without_token(there[1]).replace(submitted.number, "") == without_token(
        absent[1]
    ).replace(submitted.number[:-1] + "X", "")
    assert submitted.number not in Client().get("/status/").wsgi_request.get_full_path()


def knock(family: cast.Household, code: str, sender: str, now: datetime) -> bool:
    """Whether the door opens to this code from this sender."""
    try:
        found = status_doors.access_status(number=family.number, code=code, sender=sender, now=now)
    except Refused:
        return False
    assert found.number == family.number and found.lines
    return True


def test_after_too_many_wrong_codes_a_sender_waits_an_hour_and_nobody_else(
    submitted: cast.Household, now: datetime
) -> None:
    code = status_doors.code_of(submitted.id)
    for _ in range(status_doors.SENDER_LIMIT):
        assert not knock(submitted, WRONG, "9.9.9.9", now)
    assert not knock(submitted, code, "9.9.9.9", now + timedelta(minutes=59))
    assert knock(submitted, code, "8.8.8.8", now) and knock(submitted, code, "", now)
    assert knock(submitted, code, "9.9.9.9", now + timedelta(minutes=61))


def test_wrong_codes_for_other_numbers_shut_nobody_out_who_shares_the_address(
    submitted: cast.Household, now: datetime
) -> None:
    for place in range(status_doors.SENDER_LIMIT * 2):
        for number in ("absent", f"absent{place}"):
            with pytest.raises(Refused):
                status_doors.access_status(number=number, code=WRONG, sender="9.9.9.9", now=now)
    assert not knock(submitted, WRONG, "9.9.9.9", now)
    assert knock(submitted, status_doors.code_of(submitted.id), "9.9.9.9", now)


def test_a_number_tried_by_many_is_shut_but_not_to_the_family(
    submitted: cast.Household, now: datetime
) -> None:
    code = status_doors.code_of(submitted.id)
    for _ in range(status_doors.NUMBER_LIMIT):
        assert not knock(submitted, WRONG, "", now)
    assert not knock(submitted, code, "", now)
    assert not knock(submitted, WRONG, "8.8.8.8", now)
    assert not knock(submitted, code, "8.8.8.8", now)
    assert knock(submitted, code, "7.7.7.7", now)
    assert knock(submitted, code, "", now + timedelta(minutes=61))


def test_an_absent_number_costs_the_same_work_and_the_same_write(
    submitted: cast.Household, now: datetime
) -> None:
    work = []
    for number in (submitted.number, submitted.number[:-1] + "X"):
        with CaptureQueriesContext(connection) as done, pytest.raises(Refused):
            status_doors.access_status(number=number, code=WRONG, sender="9.9.9.9", now=now)
        said = [each["sql"] for each in done.captured_queries]
        work.append([re.sub(r"'.*?'|s[0-9]+_x[0-9]+", "", one) for one in said])
    assert work[0] == work[1]
    assert StatusTry.objects.count() == 4
    for row in StatusTry.objects.all():
        assert submitted.number.encode() not in bytes(row.key) and b"9.9.9.9" not in bytes(row.key)


def test_who_looked_is_forgotten_once_it_counts_no_more(
    submitted: cast.Household, now: datetime
) -> None:
    assert knock(submitted, status_doors.code_of(submitted.id), "8.8.8.8", now)
    assert not StatusTry.objects.exists()
    assert not knock(submitted, WRONG, "9.9.9.9", now)
    assert status_doors.forget_tries(now=now + timedelta(minutes=59)) == 0
    assert status_doors.forget_tries(now=now + timedelta(minutes=60)) == 2


def test_whoever_finds_nothing_reads_of_the_other_ways(submitted: cast.Household) -> None:
    page = look(submitted.number, WRONG)[1]
    assert 'href="/my/"' in page and "窗口" in page and "12345" in page


def test_a_right_code_forgets_the_wrong_ones(submitted: cast.Household, now: datetime) -> None:
    for _ in range(status_doors.NUMBER_LIMIT - 1):
        assert not knock(submitted, WRONG, "", now)
    code = status_doors.code_of(submitted.id)
    assert knock(submitted, code, "", now)
    assert not knock(submitted, WRONG, "", now)
    assert knock(submitted, code, "", now)


def test_another_code_closes_the_door_of_the_one_before(submitted: cast.Household) -> None:
    before = status_doors.code_of(submitted.id)
    response = submitted.mother.post(submitted.url("status-code/"))
    assert response.status_code == 302
    after = status_doors.code_of(submitted.id)
    assert after != before
    assert look(submitted.number, before)[0] == 404
    assert look(submitted.number, after)[0] == 200


def test_a_draft_has_no_code_to_change(family: cast.Household) -> None:
    family.open()
    family.mother.post(family.url("status-code/"))
    assert not StatusDoor.objects.exists()


@pytest.mark.parametrize("typed", ["", "    ", "é" * 40, "１２３４５６７８", "\x00", "A" * 4000])
def test_whatever_is_typed_as_a_code_is_only_wrong(submitted: cast.Household, typed: str) -> None:
    assert look(submitted.number, typed)[0] == 404
    assert look("\x00", typed)[0] == 404
    assert status_doors.code_of(UUID(int=1)) != status_doors.code_of(UUID(int=2))


def test_the_accessibility_statement_says_what_does_not_work(published: object) -> None:
    page = Client().get("/accessibility/").content.decode()
    assert "还做不到的" in page and "WCAG" in page
    assert "/accessibility/" in Client().get("/").content.decode()

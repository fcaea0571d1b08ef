"""The desk's certificates: shown instead of paper, and ended by two people of the issuer."""

from datetime import datetime
from uuid import uuid4

import pytest
from django.test import Client

from tests.actions import cast as actions_cast
from tests.actions.cast import CERTIFICATE, Household
from tests.actions.test_certificates import NUMBER, issue
from tests.actions.test_fetched_certificates import PDF, answered, given
from tests.web import cast_desk
from yijian.domain.certificates import CertificateState
from yijian.records import certificates as records

pytestmark = pytest.mark.django_db
ITEM = "birth_certificate"


@pytest.fixture
def family(published: object, now: datetime) -> Household:
    return actions_cast.household(now).submit()


def text(response: object) -> str:
    return response.content.decode()  # type: ignore[attr-defined]


def page_of(family: Household, client: Client, key: tuple[str, int]) -> str:
    return text(client.get(f"/desk/tasks/{family.task(key)}/"))


def test_the_police_see_the_certificate_instead_of_paper(family: Household) -> None:
    standing = issue(family)
    police = cast_desk.clerk(str(family.case.tasks["hukou_registration", 1].office))
    page = page_of(family, police, ("hukou_registration", 1))
    assert standing.identifier in page and standing.digest[:16] in page
    assert f"/desk/certificates/{standing.id}/" not in page
    assert police.get(f"/desk/certificates/{standing.id}/").status_code == 404


def test_the_hospital_takes_the_file_that_the_register_gave(family: Household) -> None:
    answered(family, given())
    (fetched,) = records.fetched_of([family.id])[family.id]
    office = str(family.case.tasks[CERTIFICATE].office)
    hospital = cast_desk.clerk(office)
    address = f"/desk/tasks/{family.task(CERTIFICATE)}/certificates/{fetched.id}/"
    assert address in page_of(family, hospital, CERTIFICATE)
    response = hospital.get(address)
    assert response.content == PDF and response["Content-Type"] == "application/pdf"
    assert response["Content-Disposition"].startswith("attachment")
    assert response["Cache-Control"] == "no-store, private"
    absent = hospital.get(address.replace(str(fetched.id), str(uuid4())))
    assert absent.status_code == 404


def test_two_people_replace_a_certificate_at_the_desk(family: Household) -> None:
    standing = issue(family)
    first = cast_desk.clerk(standing.office, name="陈静")
    second = cast_desk.clerk(standing.office, name="林敏")
    address = f"/desk/certificates/{standing.id}/"
    page = text(first.get(address))
    assert NUMBER in page and "李小满" in page
    asked = {"do": "ask", "kind": "replace", "reason": "paper_damaged", "number": "Z340000002"}
    assert "请另一位同事复核" in text(first.post(address, asked, follow=True))
    assert "自己提出的不能自己复核" in text(first.post(address, {"do": "confirm"}, follow=True))
    assert address in text(second.get("/desk/certificates/"))
    assert "已经生效" in text(second.post(address, {"do": "confirm"}, follow=True))
    old, new = records.of_cases([family.id])[family.id]
    assert (old.state, new.version) == (CertificateState.REPLACED, 2)
    page = text(second.get(f"/desk/certificates/{new.id}/"))
    assert "Z340000002" in page and "第 1 版" in page


def test_a_wrong_number_says_so_and_asks_nothing(family: Household) -> None:
    standing = issue(family)
    first = cast_desk.clerk(standing.office)
    address = f"/desk/certificates/{standing.id}/"
    wrong = {"do": "ask", "kind": "replace", "reason": "paper_lost", "number": "12"}
    assert "对不上" in text(first.post(address, wrong))
    assert text(first.post(address, {"do": "ask", "kind": "x", "reason": ""})).count("error")
    assert "没有等待复核的" in text(first.get("/desk/certificates/"))

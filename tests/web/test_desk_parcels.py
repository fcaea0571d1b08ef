"""The desk's parcels and the family's cards about them."""

import pytest

from tests.web import cast, cast_desk
from tests.web.cast_offices import finish_certificate
from yijian.domain.cases import ParcelState
from yijian.records.models import ParcelRow

pytestmark = pytest.mark.django_db


@pytest.fixture
def issued(family: cast.Household) -> cast.Household:
    return finish_certificate(family.submit())


def address(family: cast.Household) -> str:
    row = ParcelRow.objects.get(case_id=family.id, item="birth_certificate")
    return f"/desk/parcels/{row.id}/"


def test_the_hospital_sees_what_lies_there_with_masked_names(issued: cast.Household) -> None:
    desk = cast_desk.clerk(cast_desk.office_of(issued, "birth_certificate"))
    page = desk.get("/desk/parcels/").content.decode()
    assert issued.number in page and "待领取" in page
    assert "王芳" not in page and "李小满" not in page
    other = cast_desk.clerk(cast_desk.office_of(issued, "hukou_registration"), username="other")
    assert issued.number not in other.get("/desk/parcels/").content.decode()
    assert other.get(address(issued)).status_code == 404


def test_a_wrong_card_is_refused_and_what_was_typed_stays(issued: cast.Household) -> None:
    desk = cast_desk.clerk(cast_desk.office_of(issued, "birth_certificate"))
    typed = {"do": "hand_over", "name": "赵敏", "id_number": "340104199001011240", "on_paper": "on"}
    page = desk.post(address(issued), typed)
    assert page.status_code == 422
    text = page.content.decode()
    assert "不是可以领取的人" in text and "赵敏" in text
    unsigned = desk.post(address(issued), typed | {"on_paper": ""})
    assert unsigned.status_code == 422 and "签名" in unsigned.content.decode()
    assert issued.case.parcels["birth_certificate", 1].state is ParcelState.READY


def test_the_right_card_hands_it_over_and_the_family_sees_it(issued: cast.Household) -> None:
    mother = issued.facts.family["mother"]
    before = issued.mother.get(issued.url("progress/")).content.decode()
    assert "拿到证件" in before and "请来领取" in before
    desk = cast_desk.clerk(cast_desk.office_of(issued, "birth_certificate"))
    given = {
        "do": "hand_over", "name": mother["name"], "id_number": mother["id_number"],
        "on_paper": "on",
    }  # fmt: skip
    assert desk.post(address(issued), given).status_code == 302
    assert desk.post(address(issued), given).status_code == 302, "sent twice, done once"
    assert issued.case.parcels["birth_certificate", 1].state is ParcelState.DELIVERED
    cards = issued.mother.get(issued.url("progress/")).context["parcels"]
    assert [card.arrived for card in cards] == [True]


def test_what_an_office_may_not_say_changes_nothing(issued: cast.Household) -> None:
    desk = cast_desk.clerk(cast_desk.office_of(issued, "birth_certificate"))
    for do in ("under_way", "delivered", "posting", "returned", ""):
        assert desk.post(address(issued), {"do": do}).status_code == 422
    assert issued.case.parcels["birth_certificate", 1].state is ParcelState.READY

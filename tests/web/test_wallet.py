"""The family's certificates: seen, lent by a code, taken back; nobody else sees them."""

import re
from datetime import datetime

import pytest

from tests.actions import cast as actions_cast
from tests.actions.cast import Household
from tests.actions.test_certificates import NUMBER, issue
from tests.web import cast
from yijian.actions import certificate_library

pytestmark = pytest.mark.django_db


@pytest.fixture
def family(published: object, now: datetime) -> Household:
    return actions_cast.household(now).submit()


def url(family: Household) -> str:
    return f"/my/cases/{family.number}/certificates/"


def page(family: Household, **posted: str) -> str:
    client = cast.client_of(family.mother)
    response = client.post(url(family), posted, follow=True) if posted else client.get(url(family))
    assert response.status_code == 200
    return response.content.decode()


def test_the_wallet_is_empty_until_the_first_certificate(family: Household) -> None:
    assert "还没有电子证照" in page(family)
    standing = issue(family)
    shown = page(family)
    assert standing.identifier in shown and "出生医学证明" in shown and "有效" in shown
    assert NUMBER not in shown


def test_a_parent_lends_a_certificate_and_takes_the_code_back(
    family: Household, now: datetime
) -> None:
    standing = issue(family)
    shown = page(family, certificate=str(standing.id), purpose="办理入托登记")
    (code,) = re.findall(r"<strong>([0-9A-Z]{5}-[0-9A-Z]{5})</strong>", shown)
    again = page(family)
    assert code not in again and "办理入托登记" in again
    (grant,) = certificate_library.wallet(by=family.mother, number=family.number, now=now).grants
    assert "已经收回" in page(family, withdraw=str(grant.id))
    assert "还有效的授权码" not in page(family)


def test_an_empty_purpose_is_said_in_words(family: Household) -> None:
    standing = issue(family)
    assert "请选择一个理由" in page(family, certificate=str(standing.id), purpose=" ")


ABSENT = "01890000-0000-7000-8000-000000000000"


@pytest.mark.parametrize(
    "posted", [{}, {"certificate": "x"}, {"withdraw": "x"}, {"certificate": ABSENT}]
)
def test_what_is_not_the_familys_is_not_there(
    family: Household, posted: dict[str, str], now: datetime
) -> None:
    issue(family)
    stranger = cast.stranger(now)
    assert stranger.post(url(family), posted).status_code == 404
    if posted:
        mine = cast.client_of(family.mother).post(url(family), {**posted, "purpose": "x"})
        assert mine.status_code == 404

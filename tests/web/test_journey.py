"""The whole way through the parents' door, request by request."""

import pytest

from tests.web import cast
from yijian.domain.states import Stage

pytestmark = pytest.mark.django_db


def test_a_family_walks_from_the_notice_to_the_submitted_case(family: cast.Household) -> None:
    family.submit()
    assert family.case.stage is Stage.SUBMITTED
    page = family.mother.get(family.url("progress/"))
    assert "李小满" in page.content.decode()

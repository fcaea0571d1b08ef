"""What supervisors read of ratings: whoever subtracts tables finds no family."""

import pytest

from tests.web import cast_desk
from yijian.domain.context import Context
from yijian.records import ratings as records
from yijian.records.people import StaffRole
from yijian.records.ratings import RatingCount

pytestmark = pytest.mark.django_db


def test_no_table_of_a_supervisor_tells_one_family_from_none(
    published: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    office = cast_desk.clerk("340100WJ", StaffRole.SUPERVISOR)

    def kept(*lines: tuple[str, int, int]) -> str:
        found = [RatingCount(item, "O", "340104", level, count) for item, level, count in lines]
        monkeypatch.setattr(records, "counts", lambda **_asked: found)
        address = "/console/orders/figures/"
        pages = [address, f"{address}?csv=items", f"{address}?csv=offices"]
        return "".join(office.get(page).content.decode().split("<main")[-1] for page in pages)

    before = kept(("a", 1, 51), ("a", 5, 2), ("b", 1, 20))
    assert before == kept(("a", 1, 51), ("a", 5, 3), ("b", 1, 20), ("b", 5, 1))
    assert "少于5" in before and "≥93.3%" in before
    assert "94.7%" in kept(("a", 1, 90), ("a", 5, 7))

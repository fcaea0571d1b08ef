"""What supervisors read of ratings: whoever subtracts tables finds no family."""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from uuid import uuid4

import pytest

from tests.web import cast_desk
from yijian.domain.context import Context
from yijian.records import ratings as records
from yijian.records.models import WorkOrderRow
from yijian.records.people import StaffRole
from yijian.records.ratings import RatingCount
from yijian.web.console.grids import streamed_csv

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


def test_an_order_that_lapsed_is_counted_and_no_longer_late(
    published: Context, fixed_now: datetime
) -> None:
    hour = timedelta(hours=1)
    row = WorkOrderRow.objects.create(
        number="lapsed", kind="complaint", state="closed", channel="pc", case_id=uuid4(),
        opened_at=fixed_now - 9 * hour, assign_due_at=fixed_now - hour, due_at=fixed_now - hour,
        closed_at=fixed_now - 2 * hour, outcome="forgotten", sealed=b"",
    )  # fmt: skip
    desk = cast_desk.clerk("340100WJ", StaffRole.COMPLAINTS)
    listed = desk.get("/console/orders/?group=closed").content.decode()
    assert row.number in listed and "已超期" not in listed.split("<table")[1]
    counted = desk.get("/console/orders/figures/").content.decode()
    cells = re.findall(r"<td[^>]*>(.*?)</td>", counted.split("资料已删除，不再答复")[1])
    assert cells[1:7] == ["1", "0", "0", "0", "0", "1"]


def test_a_table_that_breaks_off_says_so_in_its_last_line(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def rows(count: int, fault: bool) -> Iterator[list[str]]:
        for place in range(count):
            yield [f"方一诺 {place}"]
        if fault:
            raise RuntimeError("方一诺")

    def told(count: int, *, fault: bool) -> str:
        return streamed_csv(["谁"], rows(count, fault), "t").getvalue().decode()

    assert told(300, fault=False).endswith("方一诺 299\r\n")
    broken = told(300, fault=True)
    assert "方一诺 199" in broken and broken.endswith("\r\n文件没有写完，请重新下载\r\n")
    assert "RuntimeError" in caplog.text and "方一诺" not in caplog.text

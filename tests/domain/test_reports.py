"""The words and numbers of a monthly report."""

from datetime import datetime, timedelta

from tests.domain.cast import pack
from yijian.domain.clocks import SHANGHAI
from yijian.domain.reports import (
    ItemCount,
    Month,
    MonthCounts,
    given_of,
    last_months,
    made_at,
    month_of,
)
from yijian.domain.wording import Text

OCTOBER = Month(2026, 10)
AFTER = datetime(2026, 11, 3, 8, tzinfo=SHANGHAI)
WORDS = {"a": "甲", "b": "乙", "c": "丙"}


def told(
    *tasks: ItemCount,
    reasons: dict[tuple[str, str], tuple[int, int]] | None = None,
    now: datetime = AFTER,
) -> dict[str, object]:
    return dict(
        given_of(
            MonthCounts(7, 3, 1, tasks, reasons or {}),
            pack(),
            OCTOBER,
            now,
            "zh",
            place="某市",
            offices={"H01": Text("医院", "Hospital")},
            worded=lambda item, code: WORDS.get(code, "其他"),
        )
    )


def test_a_month_begins_and_ends_in_shanghai() -> None:
    assert month_of(datetime.fromisoformat("2026-10-31T16:00:00+00:00")) == Month(2026, 11)
    assert month_of(datetime.fromisoformat("2026-10-31T15:59:59+00:00")) == OCTOBER
    assert OCTOBER.ends_at == Month(2026, 11).starts_at
    assert [str(month) for month in last_months(AFTER, 12)][::10] == ["2026-11", "2026-01"]


def test_the_report_of_a_past_month_bears_the_same_date_for_ever() -> None:
    assert made_at(OCTOBER, AFTER) == made_at(OCTOBER, AFTER + timedelta(days=999))
    assert made_at(OCTOBER, AFTER) == datetime(2026, 11, 1, tzinfo=SHANGHAI)
    running = datetime(2026, 10, 22, 9, tzinfo=SHANGHAI)
    assert made_at(OCTOBER, running) == running
    assert told()["period"] == "2026年10月"
    assert told(now=running)["period"] == "2026年10月（截至2026年10月22日）"


def test_offices_of_one_item_are_added_up() -> None:
    rows = told(
        ItemCount("certificate", "H01", 5, 3, 1, 1, 4, 4, 86400.0),
        ItemCount("certificate", "H02", 1, 1, 0, 0, 1, 1, 4 * 86400.0),
    )
    items = rows["items"]
    assert isinstance(items, list)
    assert items[0] == ("certificate", "6", "4", "1", "1", "1.0 天")
    assert items[1] == ("registration", "0", "0", "0", "0", "/")
    assert rows["offices"] == [("医院", "5", "3", "1"), ("H02", "1", "1", "0")]
    assert rows["on_time"] == "80.0%"


def test_a_share_is_rounded_down_so_that_only_all_of_them_are_100_percent() -> None:
    assert told(ItemCount("certificate", "H01", late=1, limited=3000))["on_time"] == "99.9%"
    assert told(ItemCount("certificate", "H01", late=0, limited=3))["on_time"] == "100.0%"
    assert told(ItemCount("certificate", "H01"))["on_time"] == "/"


def test_a_rare_reason_is_not_counted_out() -> None:
    rows = told(
        reasons={
            ("certificate", "a"): (4, 4),
            ("certificate", "b"): (6, 5),
            ("card", "b"): (1, 1),
            ("card", "c"): (1, 1),
            ("card", "from-elsewhere"): (9, 8),
        }
    )
    assert rows["reasons"] == [("其他", "9"), ("乙", "7"), ("丙", "<5"), ("甲", "<5")]


def test_one_family_with_many_refused_items_is_still_one_family() -> None:
    items = ("certificate", "registration", "card", "claim", "guidance", "booklet")
    rows = told(reasons={(item, "a"): (1, 1) for item in items})
    assert rows["reasons"] == [("甲", "<5")]
    twins = told(reasons={("certificate", "a"): (6, 3)})
    assert twins["reasons"] == [("甲", "<5")]

"""What the console works out from cells of the rollup: every number by hand once."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from typing import NamedTuple

from hypothesis import given
from hypothesis import strategies as st

from yijian.domain.efficacy import (
    Tally,
    answers,
    forecast,
    funnel,
    kept,
    last_days,
    late_of,
    lights,
    open_by_due,
    pareto,
    share,
)
from yijian.domain.measures import NEVER, Measure

TODAY = date(2026, 11, 20)
A_FRIDAY_AND_ON = [TODAY + timedelta(days=n) for n in (0, 3, 4, 5, 6, 7, 10, 11)]


class FigureCount(NamedTuple):
    """A cell as the rollup hands it out."""

    scope: str
    measure: str
    day: date
    pack: str
    item: str
    detail: str
    number: int

    @property
    def count(self) -> int:  # type: ignore[override]
        return self.number


def cell(
    measure: Measure, count: int, *, day: date = TODAY, item: str = "", detail: str = "",
    scope: str = "34",
) -> FigureCount:  # fmt: skip
    return FigureCount(scope, measure.value, day, "p", item, detail, count)


def ago(days: int) -> date:
    return TODAY - timedelta(days=days)


def test_lights_stand_in_the_column_of_the_days_past_the_due_day() -> None:
    standing = Tally(
        [
            cell(Measure.OPEN, 7, day=NEVER, item="card", detail="queued"),
            cell(Measure.OPEN, 6, day=ago(-1), item="card", detail="queued"),
            cell(Measure.OPEN, 5, day=TODAY, item="card", detail="accepted"),
            cell(Measure.OPEN, 4, day=ago(1), item="card", detail="accepted"),
            cell(Measure.OPEN, 3, day=ago(3), item="card", detail="queued"),
            cell(Measure.OPEN, 2, day=ago(4), item="card", detail="queued"),
            cell(Measure.OPEN, 1, day=ago(9), item="card", detail="correction_needed"),
        ]
    )
    ended = Tally(
        [
            cell(Measure.ENDED_IN_TIME, 9, item="card", detail="completed"),
            cell(Measure.ENDED_LATE, 1, item="card", detail="rejected"),
            cell(Measure.WAITED, 4, item="card", detail="whole:20"),
            cell(Measure.WAITED, 4, item="card", detail="accept:11"),
            cell(Measure.ENDED_IN_TIME, 2, item="other", detail="completed"),
        ]
    )
    first, second = lights(standing, ended, TODAY, lambda one: one.item)
    assert (first.key, first.open, first.with_family) == ("card", 28, 1)
    assert (first.due_today, first.late_1, first.late_3, first.late_more) == (5, 4, 3, 2)
    assert (first.late, first.in_time_share) == (9, 0.9)
    assert first.waits == {20: 4}
    assert (second.key, second.open, second.in_time_share) == ("other", 0, 1.0)


def test_what_waits_for_its_family_is_late_for_nobody() -> None:
    standing = Tally(
        [
            cell(Measure.OPEN, 2, day=ago(1), item="card", detail="queued", scope="3401"),
            cell(Measure.OPEN, 5, day=ago(1), item="card", detail="correction_needed"),
        ]
    )
    assert late_of(standing, TODAY, lambda one: one.scope) == {"3401": 2}
    assert open_by_due(standing) == {"card": {ago(1): 2}}


def test_funnel_has_the_application_first_then_items_by_how_many_then_the_end() -> None:
    days = last_days(TODAY, 30)
    counts = {"opened": 10, "eligible": 8, "signed": 6, "submitted": 5, "closed": 2}
    items = {"card": 3, "birth_certificate": 4}
    tally = Tally(
        [
            *(cell(Measure.FUNNEL, n, detail=code) for code, n in (counts | items).items()),
            cell(Measure.FUNNEL, 99, day=ago(31), detail="opened"),
        ]
    )
    stages = funnel(tally, days)
    assert [(one.code, one.cases) for one in stages] == [
        ("opened", 10), ("eligible", 8), ("signed", 6), ("submitted", 5),
        ("birth_certificate", 4), ("card", 3), ("closed", 2),
    ]  # fmt: skip
    assert stages[0].of_before is None and stages[1].of_before == 0.8
    assert stages[-1].of_first == 0.2


def test_funnel_of_nothing_has_no_shares() -> None:
    assert {one.of_first for one in funnel(Tally([]), last_days(TODAY, 30))} == {None}


def test_reasons_stand_by_how_often_and_add_up_to_all() -> None:
    found = pareto({"blurred": 6, "name": 3, "seal": 1, "never": 0})
    assert [(one.key, one.times, one.so_far) for one in found] == [
        ("blurred", 6, 0.6), ("name", 3, 0.9), ("seal", 1, 1.0),
    ]  # fmt: skip


def test_a_register_that_did_not_answer_is_no_miss() -> None:
    said = {"found": 80, "empty": 19, "failed": 100, "conflict": 1}
    (hukou,) = answers(
        Tally([cell(Measure.ASKED, n, item="hukou", detail=d) for d, n in said.items()])
    )
    assert (hukou.asked, hukou.hit_share, hukou.failed_share) == (200, 0.81, 0.5)


def test_places_that_keep_their_time_least_stand_first() -> None:
    tally = Tally(
        [
            cell(Measure.DELIVERY_IN_TIME, 9, scope="H1", detail="yes"),
            cell(Measure.DELIVERY_IN_TIME, 1, scope="H1", detail="no"),
            cell(Measure.DELIVERY_IN_TIME, 1, scope="H2", detail="yes"),
            cell(Measure.DELIVERY_IN_TIME, 1, scope="H2", detail="no"),
        ]
    )
    found = kept(tally, Measure.DELIVERY_IN_TIME, lambda one: one.scope)
    assert [(one.key, one.kept, one.missed, one.kept_share) for one in found] == [
        ("H2", 1, 1, 0.5), ("H1", 9, 1, 0.9),
    ]  # fmt: skip


def test_what_more_is_due_than_can_be_done_will_be_late() -> None:
    due = {"card": Counter({ago(2): 3, TODAY: 4, A_FRIDAY_AND_ON[1]: 4, NEVER: 5})}
    (card,) = forecast(due, {"card": 100}, 20, TODAY, A_FRIDAY_AND_ON)
    # Five a day: of today's five, three are late already; two of the four due today are left,
    # and Monday's four begin behind seven others.
    assert (card.open, card.late, card.per_workday) == (16, 3, 5.0)
    assert card.will_be_late == 2 + 1
    assert card.clear_after == 4


def test_nothing_is_foretold_for_an_item_that_nobody_works_on() -> None:
    (card,) = forecast({"card": Counter({TODAY: 2})}, {}, 20, TODAY, A_FRIDAY_AND_ON)
    assert (card.clear_after, card.will_be_late) == (None, 2)


def test_share_of_nothing_is_not_known() -> None:
    assert share(0, 0) is None
    assert share(0, 3) == 0.0


@given(
    st.dictionaries(st.integers(-30, 30), st.integers(1, 50), max_size=6),
    st.integers(0, 500),
)
def test_forecasts_never_lose_or_invent_a_task(days: dict[int, int], ended: int) -> None:
    due = Counter({ago(-n): count for n, count in days.items()})
    for one in forecast({"card": due}, {"card": ended}, 20, TODAY, A_FRIDAY_AND_ON):
        assert one.open == sum(days.values())
        assert one.late == sum(count for n, count in days.items() if n < 0)
        assert 0 <= one.will_be_late <= one.open - one.late


def test_one_in_so_many_days_takes_exactly_so_many_days() -> None:
    many = [TODAY + timedelta(days=n) for n in range(60)]
    for workdays in range(1, 61):
        due = {"card": Counter({TODAY: 1})}
        (card,) = forecast(due, {"card": 1}, workdays, TODAY, many)
        assert card.clear_after == workdays


@given(st.lists(st.tuples(st.integers(-9, 9), st.sampled_from(["queued", "correction_needed"]),
                          st.integers(1, 9))))  # fmt: skip
def test_every_open_task_stands_in_one_column_of_the_lights(
    rows: list[tuple[int, str, int]],
) -> None:
    cells = [cell(Measure.OPEN, n, day=ago(d), item="card", detail=s) for d, s, n in rows]
    for one in lights(Tally(cells), Tally([]), TODAY, lambda found: found.item):
        later = sum(n for d, s, n in rows if d < 0 and s == "queued")
        assert one.open == one.with_family + one.due_today + one.late + later
        assert one.late == late_of(Tally(cells), TODAY, lambda found: found.item)["card"]

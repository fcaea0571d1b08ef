"""What one case counts for, by its public journal alone."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.domain.cast import NOW
from yijian.domain.answers import recorded
from yijian.domain.durations import bucket_of, lower_end, quantile
from yijian.domain.events import Event, EventKind, TaskKey
from yijian.domain.figure_lives import offices_named
from yijian.domain.figures import contributions
from yijian.domain.measures import NEVER, UNROUTED, CaseFacts, Measure

PLACES = {"H01": "340103", "P01": "340104", "B01": "340000"}
ABOUT = CaseFacts("340000", "test", PLACES)
KEY = ("certificate", 1)


def event(kind: EventKind, task: TaskKey | None = None, hours: float = 0, **public) -> Event:
    return Event(kind, NOW + timedelta(hours=hours), "system", task, public)


def started(**public) -> Event:
    return event(EventKind.CASE_STARTED, pack="test", channel="online", **public)


def planned(office: str | None = "H01", **more) -> Event:
    row = {"item": KEY[0], "newborn": 1, "state": "waiting", "office": office, "reason": None}
    return event(EventKind.CASE_SUBMITTED, tasks=[{**row, **more}])


def moved(to: str, hours: float = 0, **public) -> Event:
    return event(EventKind.TASK_MOVED, KEY, hours, **{"from": "", "to": to, **public})


def counted(
    events: list[Event], measure: Measure, scope: str = "", about: CaseFacts = ABOUT
) -> Counter[tuple[str, str]]:
    found: Counter[tuple[str, str]] = Counter()
    for figure, count in contributions(events, about).items():
        if (figure.measure, figure.scope) == (measure, scope):
            found[figure.item, figure.detail] += count
    return found


def scopes(events: list[Event], measure: Measure, about: CaseFacts = ABOUT) -> set[str]:
    return {one.scope for one in contributions(events, about) if one.measure == measure}


def test_a_draft_counts_where_its_number_says() -> None:
    assert scopes([started()], Measure.STARTED) == {"", "34"}


def test_a_submitted_case_counts_where_its_first_office_is() -> None:
    assert scopes([started(), planned()], Measure.STARTED) == {"", "34", "3401", "340103"}


def test_a_case_of_a_window_counts_there_and_for_its_office() -> None:
    at_window = CaseFacts("340000", "test", PLACES, "P01")
    assert scopes([started(), planned()], Measure.STARTED, at_window) == {
        "", "34", "3401", "340104", "P01",
    }  # fmt: skip


def test_a_case_counts_at_each_window_only_once_it_lies_there() -> None:
    begun = [started(), planned(office="B01")]
    first = event(EventKind.CASE_HANDED_OVER, **{"from": "online", "to": "P01"})
    then = event(EventKind.CASE_HANDED_OVER, **{"from": "P01", "to": "H01"})
    assert scopes(begun, Measure.STARTED) == {"", "34"}
    assert scopes([*begun, first], Measure.STARTED) == {"", "34", "3401", "340104", "P01"}
    assert scopes([*begun, first, then], Measure.STARTED) == {"", "34", "3401", "340103", "H01"}


def test_a_case_leaves_the_window_at_which_it_was_opened() -> None:
    at_window = CaseFacts("340000", "test", PLACES, "P01")
    over = event(EventKind.CASE_HANDED_OVER, **{"from": "P01", "to": "H01"})
    assert scopes([started(), over], Measure.STARTED, at_window) == {
        "", "34", "3401", "340103", "H01",
    }  # fmt: skip


def test_the_window_that_a_case_is_handed_to_is_named() -> None:
    over = event(EventKind.CASE_HANDED_OVER, **{"from": "online", "to": "H01"})
    assert offices_named([started(), over, moved("queued")]) == {"H01"}


def test_a_task_counts_for_its_office_and_all_around_it() -> None:
    events = [started(), planned(), moved("queued", office="B01")]
    assert scopes(events, Measure.QUEUED) == {"", "34", "B01"}


def test_a_task_without_an_office_waits_for_a_person_where_its_case_is() -> None:
    events = [started(), planned(office="P01"), moved("queued", office=None)]
    assert counted(events, Measure.OPEN, "340104") == {("certificate", UNROUTED): 1}
    assert {one.day for one in contributions(events, ABOUT) if one.measure == Measure.OPEN} == {
        NEVER
    }


def test_a_deadline_is_kept_to_its_last_moment() -> None:
    due_at = (NOW + timedelta(hours=8)).isoformat()
    begun = [started(), planned(), moved("queued", office="H01", due_at=due_at)]
    assert counted([*begun, moved("completed", 8)], Measure.ENDED_IN_TIME).total() == 1
    assert counted([*begun, moved("completed", 8.01)], Measure.ENDED_LATE).total() == 1


def told(due_at: str, why: str = "limit_80", hours: float = 2) -> Event:
    return event(EventKind.TASK_URGED, KEY, hours, why=why, office="H01", due_at=due_at, tell=[])


def test_a_task_is_warned_of_from_when_its_office_is_told_of_this_deadline() -> None:
    due_at, later = ((NOW + timedelta(days=days)).isoformat() for days in (5, 6))
    begun = [started(), planned(), moved("queued", office="H01", due_at=due_at)]
    assert counted(begun, Measure.WARNED).total() == 0
    assert counted([*begun, told(due_at, "urged")], Measure.WARNED).total() == 0
    events = [*begun, told(due_at)]
    (warned,) = {one.day for one in contributions(events, ABOUT) if one.measure == Measure.WARNED}
    assert warned == (NOW + timedelta(days=5)).date()
    assert counted(events, Measure.WARNED) == {("certificate", "queued"): 1}
    shifted = event(EventKind.DUE_MOVED, KEY, 3, due_at=later, due_provisional=False)
    assert counted([*events, shifted], Measure.WARNED).total() == 0
    assert counted([*events, shifted, told(later, hours=4)], Measure.WARNED).total() == 1


def test_a_clock_that_stands_still_warns_nobody() -> None:
    due_at = (NOW + timedelta(days=5)).isoformat()
    begun = [started(), planned(), moved("queued", office="H01", due_at=due_at)]
    paused = [*begun, told(due_at, hours=0.5), moved("correction_needed", 1, reason="relation")]
    assert counted(paused, Measure.WARNED).total() == 0
    assert counted(paused, Measure.OPEN) == {("certificate", "correction_needed"): 1}
    assert counted(paused, Measure.RETURNED) == {("certificate", "relation"): 1}


def test_what_takes_a_family_somewhere_is_no_zero_trip() -> None:
    ended = [started(), planned(), moved("completed", 1), event(EventKind.CASE_CLOSED, hours=1)]
    ready = event(EventKind.PARCEL_MOVED, KEY, 1, to="ready")
    posted = event(EventKind.PARCEL_MOVED, KEY, 1, to="posting")
    assert counted(ended, Measure.ZERO_TRIP) == {("", "yes"): 1}
    assert counted([*ended, posted], Measure.ZERO_TRIP) == {("", "yes"): 1}
    assert counted([*ended, ready], Measure.ZERO_TRIP) == {("", "no"): 1}
    seen = [started(witnessed=True), *ended[1:]]
    assert counted(seen, Measure.ZERO_TRIP) == {("", "no"): 1}


def refused(*rules: str, hours: float = 0, pack: str = "test") -> Event:
    return event(EventKind.TURNED_AWAY, hours=hours, rules=list(rules), pack=pack)


def test_a_rule_that_keeps_out_alone_is_told_from_one_among_others() -> None:
    events = [started(), refused("married", "same_ethnic_group")]
    assert counted(events, Measure.TURNED_AWAY) == {
        ("", "married"): 1, ("", "same_ethnic_group"): 1,
    }  # fmt: skip
    assert counted(events, Measure.TURNED_AWAY_ALONE) == {}
    assert counted(events, Measure.MET_LATER) == {}
    events += [refused("married"), refused("married")]
    assert counted(events, Measure.TURNED_AWAY) == {("", "married"): 1}
    assert counted(events, Measure.TURNED_AWAY_ALONE) == {("", "married"): 1}
    assert counted(events, Measure.MET_LATER) == {("", "same_ethnic_group"): 1}
    assert counted(events, Measure.ELIGIBLE) == {("", "no"): 1}


@pytest.mark.parametrize(
    ("later", "verdict"),
    [
        (event(EventKind.REFUSAL_LIFTED, hours=30, pack="test"), {}),
        (event(EventKind.SIGNING_OPENED, hours=30), {("", "yes"): 1}),
        (event(EventKind.CASE_SUBMITTED, hours=30, tasks=[]), {("", "yes"): 1}),
    ],
)
def test_a_family_that_is_let_in_later_is_refused_no_more(
    later: Event, verdict: dict[tuple[str, str], int]
) -> None:
    events = [started(), refused("married"), later]
    assert counted(events, Measure.TURNED_AWAY) == counted(events, Measure.TURNED_AWAY_ALONE) == {}
    assert counted(events, Measure.MET_LATER) == {("", "married"): 1}
    assert counted(events, Measure.ELIGIBLE) == verdict
    again = [*events, refused("married", hours=60)]
    assert counted(again, Measure.TURNED_AWAY) == {("", "married"): 1}
    assert counted(again, Measure.MET_LATER) == {}
    days = {one.day for one in contributions(again, ABOUT) if one.measure == Measure.TURNED_AWAY}
    assert days == {(NOW + timedelta(hours=60)).date()}


def test_a_refusal_stays_with_the_scheme_that_spoke_it() -> None:
    chosen = event(EventKind.SCHEME_CHOSEN, pack="other")
    events = [started(), refused("married"), chosen]
    told = {
        (one.pack, one.detail)
        for one in contributions(events, ABOUT) if one.measure == Measure.MET_LATER
    }  # fmt: skip
    assert told == {("test", "married")}
    assert counted(events, Measure.TURNED_AWAY) == counted(events, Measure.ELIGIBLE) == {}
    there = [*events, refused("of_age", pack="other")]
    assert {
        (one.pack, one.detail, one.measure)
        for one in contributions(there, ABOUT)
        if one.scope == "" and one.detail == "of_age"
    } == {("other", "of_age", Measure.TURNED_AWAY), ("other", "of_age", Measure.TURNED_AWAY_ALONE)}
    same = [started(), refused("married"), event(EventKind.SCHEME_CHOSEN, pack="test")]
    assert counted(same, Measure.TURNED_AWAY) == {("", "married"): 1}


def test_the_last_word_of_a_family_is_its_rating() -> None:
    events = [started(), planned(), moved("completed", 1), rated(5, "certificate", "slow")]
    assert counted(events, Measure.RATED, "H01") == {("certificate", "5"): 1}
    assert counted(events, Measure.RATED_FOR, "H01") == {("certificate", "slow"): 1}
    events += [rated(2, "certificate"), rated(1, "")]
    assert counted(events, Measure.RATED) == {("certificate", "2"): 1, ("", "1"): 1}
    assert counted(events, Measure.RATED_FOR) == {}


def rated(level: int, item: str, *reasons: str) -> Event:
    newborn = 1 if item else 0
    return event(
        EventKind.RATED, level=level, item=item, newborn=newborn, channel="mobile",
        reasons=list(reasons),
    )  # fmt: skip


@pytest.mark.parametrize("item", ["certificate", ""])
@pytest.mark.parametrize("again", [(), (2,)])
def test_a_rating_that_was_excluded_counts_no_more_whatever_the_family_says_then(
    item: str, again: tuple[int, ...]
) -> None:
    other = "" if item else "certificate"
    events = [
        started(), planned(), moved("completed", 1), rated(1, other), rated(5, item, "slow"),
        *(rated(level, item) for level in again),
    ]  # fmt: skip
    out = event(EventKind.RATING_EXCLUDED, level=5, item=item, newborn=1 if item else 0)
    assert counted(events, Measure.RATED).total() == 2
    for after in ([], [rated(2, item)], [out]):
        told = [*events, out, *after]
        assert counted(told, Measure.RATED) == {(other, "1"): 1}
        assert counted(told, Measure.RATED_VIA) == {(other, "mobile"): 1}
        assert counted(told, Measure.RATED_FOR) == {}


def test_a_deadline_that_moves_moves_what_is_open() -> None:
    first, then = ((NOW + timedelta(days=days)).isoformat() for days in (5, 9))
    events = [started(), planned(), moved("queued", office="H01", due_at=first)]
    urged = event(EventKind.TASK_URGED, KEY, 1, why="limit_80", office="B01", due_at=first)
    later = event(EventKind.DUE_MOVED, KEY, 2, due_at=then, due_provisional=False)
    told = contributions([*events, urged, later], ABOUT)
    (open_on,) = {one.day for one in told if one.measure == Measure.OPEN}
    assert open_on == (NOW + timedelta(days=9)).date()
    assert counted([*events, urged], Measure.URGED, "H01") == {("certificate", "limit_80"): 1}
    assert counted([*events, urged], Measure.URGED, "B01") == {}


def test_materials_that_nobody_brought_are_counted_at_submission() -> None:
    assert counted([started(), planned(saved=3)], Measure.MATERIALS_SAVED) == {
        ("certificate", ""): 3,
    }  # fmt: skip


def test_a_record_says_its_hospital_and_whether_it_came_in_time() -> None:
    record = [
        ("institution_code", 0, "H01"),
        ("newborn_born_at", 1, NOW),
        ("newborn_born_at", 2, NOW + timedelta(minutes=9)),
        ("delivery_recorded_at", 0, NOW + timedelta(hours=8, minutes=5)),
    ]
    assert recorded(record, 8) == {"institution": "H01", "recorded_in_time": False}
    assert recorded(record, 9) == {"institution": "H01", "recorded_in_time": True}
    assert recorded(record, None) == {"institution": "H01"}
    assert recorded([("institution_code", 0, "王芳家里")], 8) == {}
    told = event(EventKind.REGISTER_ANSWERED, register="delivery", state="found",
                 **recorded(record, 8))  # fmt: skip
    assert counted([started(), told], Measure.DELIVERY_IN_TIME, "H01") == {("", "no"): 1}
    assert scopes([started(), told], Measure.STARTED) == {"", "34", "3401", "340103"}


@given(st.lists(st.integers(0, 10**6), min_size=1), st.floats(0.01, 1))
def test_a_quantile_lies_in_the_class_of_the_one_it_stands_for(
    minutes: list[int], share: float
) -> None:
    times = sorted(timedelta(minutes=each) for each in minutes)
    found = quantile(Counter(bucket_of(each) for each in times), share)
    rank = next(n for n in range(len(times)) if n + 1 >= len(times) * share)
    bucket = bucket_of(times[rank])
    assert found is not None
    assert lower_end(bucket) <= found <= lower_end(bucket + 1)

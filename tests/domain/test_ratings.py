"""Ratings: five grades for what has ended, once, in time; the office is told nothing of who."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.domain import cast
from yijian.domain.archiving import belongs
from yijian.domain.cases import Case
from yijian.domain.context import RefusedError
from yijian.domain.history import apply_all
from yijian.domain.ratings import (
    WHOLE,
    Dimension,
    Level,
    Opinion,
    RatedThing,
    RatingChannel,
    RatingReason,
    RatingRules,
    may_append,
    ratable,
    rate,
    rate_again,
    satisfied_share,
    shown_count,
    thing_of,
)
from yijian.domain.states import Stage, TaskState

RULES = RatingRules(
    levels={level: cast.words(level.name) for level in Level},
    reasons={"too_slow": RatingReason("too_slow", cast.words("慢"))},
    dimensions=(
        Dimension("usability", cast.words("好操作"), online=True, at_window=False),
        Dimension("attitude", cast.words("态度"), online=False, at_window=True),
    ),
    open_days=90,
    append_days=30,
)
THING = RatedThing("certificate", 1, "H01", cast.NOW)


def opinion(level: Level = Level.UNSATISFIED, **more: object) -> Opinion:
    return Opinion(level, RatingChannel.MOBILE, **more)  # type: ignore[arg-type]


def ended(state: TaskState, *, stage: Stage = Stage.SUBMITTED) -> Case:
    case = cast.submitted()
    key = next(iter(case.tasks))
    task = replace(case.tasks[key], state=state, since=cast.NOW, office="H01")
    return replace(case, stage=stage, tasks={**case.tasks, key: task})


def test_only_what_an_office_has_ended_may_be_rated() -> None:
    context = cast.context()
    assert ratable(cast.submitted(), context) == []
    for state in (TaskState.COMPLETED, TaskState.REJECTED, TaskState.DECLINED, TaskState.OFFLINE):
        assert [thing.office for thing in ratable(ended(state), context)] == ["H01"]
    for state in (TaskState.NOT_NEEDED, TaskState.WITHDRAWN, TaskState.IN_REVIEW):
        assert ratable(ended(state), context) == []


def test_the_whole_may_be_rated_when_the_case_is_closed() -> None:
    closed = ended(TaskState.COMPLETED, stage=Stage.CLOSED)
    assert [thing.item for thing in ratable(closed, cast.context())][-1] == WHOLE
    with pytest.raises(RefusedError, match="not_ratable"):
        thing_of(ended(TaskState.COMPLETED), cast.context(), WHOLE, 0)


def test_a_rating_holds_codes_and_never_the_familys_words() -> None:
    said = opinion(reasons=("too_slow",), words="王芳等了三天")
    (event,) = rate(THING, said, RULES, cast.NOW)
    assert event.public == {
        "level": 4, "item": "certificate", "newborn": 1, "office": "H01",
        "channel": "mobile", "reasons": ["too_slow"],
    }  # fmt: skip
    assert not event.sealed and "王芳" not in repr(said)


def test_a_rating_tells_nobody_which_parent_gave_it() -> None:
    better = opinion(Level.SATISFIED)
    first, again = rate(THING, opinion(), RULES, cast.NOW) + rate_again(
        THING, better, Level.UNSATISFIED, RULES, cast.NOW
    )
    assert first.by == again.by == "family"


def test_no_package_of_an_office_tells_a_rating() -> None:
    (event,) = rate(THING, opinion(), RULES, cast.NOW)
    assert not belongs(event, ("certificate", 1)) and not belongs(event, None)


def test_rating_changes_nothing_about_the_case() -> None:
    case = ended(TaskState.COMPLETED)
    after = apply_all(case, rate(THING, opinion(), RULES, cast.NOW))
    assert replace(after, version=case.version) == case


@pytest.mark.parametrize(("days", "accepted"), [(90, True), (91, False)])
def test_a_rating_may_be_given_for_so_many_days(days: int, accepted: bool) -> None:
    now = cast.NOW + timedelta(days=days)
    if accepted:
        assert rate(THING, opinion(), RULES, now)
    else:
        with pytest.raises(RefusedError, match="rating_too_late"):
            rate(THING, opinion(), RULES, now)


@pytest.mark.parametrize(
    "wrong",
    [
        opinion(reasons=("invented",)),
        opinion(Level.SATISFIED, reasons=("too_slow",)),
        opinion(dimensions={"attitude": 1}),  # Asked at a window, not online.
        opinion(dimensions={"usability": 9}),
    ],
)
def test_reasons_and_dimensions_are_those_that_were_offered(wrong: Opinion) -> None:
    with pytest.raises(RefusedError, match="unknown_reason"):
        rate(THING, wrong, RULES, cast.NOW)


def test_words_have_an_end() -> None:
    with pytest.raises(RefusedError, match="words_too_long"):
        rate(THING, opinion(words="长" * 501), RULES, cast.NOW)


def test_a_second_rating_names_the_grade_it_stands_beside() -> None:
    better = opinion(Level.SATISFIED)
    (event,) = rate_again(THING, better, Level.UNSATISFIED, RULES, cast.NOW)
    assert (event.public["level"], event.public["replaces"]) == (2, 4)


@pytest.mark.parametrize(
    ("days", "appended", "may"), [(0, False, True), (30, False, True), (31, False, False),
                                  (1, True, False)],
)  # fmt: skip
def test_words_may_be_added_once_for_some_days(days: int, appended: bool, may: bool) -> None:
    assert may_append(cast.NOW, appended, RULES, cast.NOW + timedelta(days=days)) is may


def test_small_counts_are_not_shown_and_none_is() -> None:
    assert [shown_count(n) for n in (0, 1, 4, 5)] == [0, None, None, 5]
    assert satisfied_share([]) is None
    assert [level.stars for level in Level] == [5, 4, 3, 2, 1]

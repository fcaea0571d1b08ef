"""Two sides of a task agree, or the difference has exactly one meaning and one way to heal."""

from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yijian.domain.parity import (
    COARSE,
    FINE,
    SharedTask,
    Standing,
    buckets_of,
    compared,
    differing,
    result_digest,
    standing,
)
from yijian.domain.states import RANK, TERMINAL, TaskState

TASK = "019a1b2c-3d4e-7000-8000-000000000001"
OTHER = "019a1b2c-3d4e-7000-8000-000000000002"
S = TaskState
ONCE_SENT = sorted(frozenset(S) - {S.WAITING, S.NOT_NEEDED})


def line(state: TaskState, round: int = 0, result: str = "", task: str = TASK) -> SharedTask:
    return SharedTask(task, round, state, result)


@pytest.mark.parametrize("state", ONCE_SENT)
def test_two_sides_that_tell_the_same_agree(state: TaskState) -> None:
    assert standing(line(state), line(state)) is Standing.SAME


@pytest.mark.parametrize("state", ONCE_SENT)
def test_a_task_that_downstream_lacks_is_taken_in_unless_it_was_stopped(state: TaskState) -> None:
    wanted = Standing.SAME if state in (S.WITHDRAWN, S.OFFLINE) else Standing.DOWNSTREAM_LACKS
    assert standing(line(state), None) is wanted


def test_a_task_that_upstream_has_forgotten_goes_to_a_person() -> None:
    assert standing(None, line(S.ACCEPTED)) is Standing.UPSTREAM_LACKS


def test_a_lost_report_is_sent_again() -> None:
    assert standing(line(S.QUEUED), line(S.COMPLETED)) is Standing.UPSTREAM_BEHIND
    assert standing(line(S.IN_REVIEW), line(S.CORRECTION_NEEDED)) is Standing.UPSTREAM_BEHIND


def test_a_restored_office_takes_what_upstream_recorded() -> None:
    assert standing(line(S.COMPLETED, result="a"), line(S.QUEUED)) is Standing.DOWNSTREAM_BEHIND
    assert standing(line(S.IN_REVIEW, 1), line(S.CORRECTION_NEEDED)) is Standing.DOWNSTREAM_BEHIND


def test_an_answer_that_did_not_arrive_is_fetched() -> None:
    answered, open_ = SharedTask(TASK, 0, S.APPROVED, "", 1), SharedTask(TASK, 0, S.APPROVED)
    assert standing(answered, open_) is Standing.DOWNSTREAM_BEHIND
    assert standing(open_, answered) is Standing.SAME
    assert answered.text != open_.text
    done = SharedTask(TASK, 0, S.COMPLETED, "", 1)
    assert done.text == line(S.COMPLETED).text


def test_what_was_withdrawn_upstream_is_withdrawn_downstream() -> None:
    for state in (S.QUEUED, S.ACCEPTED, S.IN_REVIEW, S.CORRECTION_NEEDED):
        assert standing(line(S.WITHDRAWN), line(state)) is Standing.WITHDRAWN_UPSTREAM
        assert standing(line(S.OFFLINE), line(state)) is Standing.WITHDRAWN_UPSTREAM


def test_what_was_approved_is_a_legal_act_that_no_withdrawal_undoes() -> None:
    assert standing(line(S.WITHDRAWN), line(S.APPROVED)) is Standing.CONFLICT


def test_withdrawn_and_handed_over_are_stopped_alike() -> None:
    assert standing(line(S.WITHDRAWN), line(S.OFFLINE)) is Standing.SAME
    assert line(S.WITHDRAWN).text == line(S.OFFLINE).text != line(S.DECLINED).text


def test_two_different_endings_are_a_conflict() -> None:
    for above, below in product(sorted(TERMINAL), repeat=2):
        stopped = {above, below} <= {S.WITHDRAWN, S.OFFLINE}
        if S.NOT_NEEDED in (above, below) or above is below or stopped:
            continue
        assert standing(line(above), line(below)) is Standing.CONFLICT


def test_two_different_results_are_a_conflict() -> None:
    assert standing(line(S.COMPLETED, result="a"), line(S.COMPLETED, result="b")) is (
        Standing.CONFLICT
    )
    assert standing(line(S.COMPLETED, result="a"), line(S.COMPLETED)) is Standing.SAME


def test_what_only_upstream_can_do_and_has_forgotten_is_a_conflict() -> None:
    assert standing(line(S.CORRECTION_NEEDED), line(S.IN_REVIEW, 1)) is Standing.CONFLICT
    assert standing(line(S.ACCEPTED), line(S.WITHDRAWN)) is Standing.CONFLICT


def test_lines_of_two_tasks_are_not_compared() -> None:
    with pytest.raises(ValueError, match="two tasks"):
        standing(line(S.QUEUED), line(S.QUEUED, task=OTHER))
    with pytest.raises(ValueError, match="neither"):
        standing(None, None)


LINES = st.builds(
    SharedTask,
    st.integers(0, 2**16).map(lambda n: f"019a{n:04x}-0000-7000-8000-000000000000"),
    st.integers(0, 2),
    st.sampled_from(ONCE_SENT),
    st.sampled_from(["", "a"]),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(LINES, unique_by=lambda each: each.task, max_size=40), st.data())
def test_equal_buckets_mean_equal_lines(lines: list[SharedTask], data: st.DataObject) -> None:
    others = [each for each in lines if data.draw(st.booleans()) or data.draw(st.booleans())]
    for width in (COARSE, FINE):
        found = differing(buckets_of(lines, width), buckets_of(reversed(others), width))
        changed = {each.task[:width] for each in lines if each not in others}
        assert found == sorted(changed)


@settings(max_examples=60, deadline=None)
@given(LINES, LINES)
def test_no_difference_is_healed_by_both_sides_at_once(one: SharedTask, two: SharedTask) -> None:
    """Upstream behind read from the other side is downstream behind, unless somebody stopped it."""
    above = SharedTask(TASK, 0, one.state)
    below = SharedTask(TASK, 0, two.state)
    found = standing(above, below)
    if found is Standing.UPSTREAM_BEHIND:
        assert RANK[below.state] >= RANK[above.state]
    if found is Standing.DOWNSTREAM_BEHIND:
        assert RANK[above.state] >= RANK[below.state]


def test_a_result_is_told_by_its_digest_and_bound_to_its_task() -> None:
    told = result_digest(TASK, {"number": "Y340000001"})
    assert len(told) == 64
    assert told != result_digest(OTHER, {"number": "Y340000001"})
    assert result_digest(TASK, {}) == result_digest(TASK, None) == ""


def test_every_task_of_either_side_is_compared_once() -> None:
    found = compared([line(S.QUEUED), line(S.WAITING, task="019b")], [line(S.ACCEPTED, task=OTHER)])
    assert found == {TASK: Standing.DOWNSTREAM_LACKS, OTHER: Standing.UPSTREAM_LACKS}

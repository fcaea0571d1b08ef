"""归档: every step has its words, and what is archived follows from how an item ended."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.conftest import NOW
from yijian.domain.archiving import archive_year, is_archived, step_title
from yijian.domain.cases import Task
from yijian.domain.events import Event, EventKind
from yijian.domain.states import STEPS, TERMINAL, Step, TaskState


@pytest.mark.parametrize("kind", EventKind)
def test_every_kind_of_event_is_told_in_chinese_words(kind: EventKind) -> None:
    title = step_title(Event(kind, NOW, "system"))
    assert title
    assert not title.isascii()


@pytest.mark.parametrize("step", STEPS)
def test_a_step_of_a_task_is_told_in_its_own_sentence(step: Step) -> None:
    public = {"from": step.before.value, "to": step.after.value}
    event = Event(EventKind.TASK_MOVED, NOW, "system", ("card", 1), public)
    assert step_title(event) == step.sentence


@pytest.mark.parametrize("state", TaskState)
@pytest.mark.parametrize("begun", [True, False])
@pytest.mark.parametrize("office", ["P01", None])
def test_only_what_an_office_had_in_its_hands_leaves_a_package(
    state: TaskState, begun: bool, office: str | None
) -> None:
    task = Task("card", 1, state, office, NOW, started_at=NOW if begun else None)
    decided = state in (TaskState.COMPLETED, TaskState.REJECTED, TaskState.DECLINED)
    assert is_archived(task) == (state in TERMINAL and office is not None and (decided or begun))


def test_the_year_of_an_archive_is_the_local_one() -> None:
    new_year = NOW.replace(month=12, day=31, hour=23, minute=59)
    assert archive_year(new_year) == 2026
    assert archive_year(new_year + timedelta(minutes=1)) == 2027

"""A partner compares the tasks it shares with this node, and sees nothing of anybody else's."""

from __future__ import annotations

import uuid

import pytest

from tests.api.conftest import CARD, ENROLMENT, Door, card_of
from yijian.actions import pairs
from yijian.actions.changes import Happened
from yijian.actions.contexts import context_of
from yijian.domain.events import Event, EventKind
from yijian.domain.parity import SharedTask, buckets_of
from yijian.domain.states import TaskState
from yijian.records import convergence
from yijian.records.mapping import LoadedCase
from yijian.records.models import AccessEntry, Partner


@pytest.fixture
def shared(family: LoadedCase) -> LoadedCase:
    """The family's tasks as their partners are told of them."""
    events = [
        Event(EventKind.TASK_MOVED, family.case.tasks[key].since, "system", key, {"to": "queued"})
        for key in (CARD, ENROLMENT)
    ]
    happened = Happened(family, events, family.case, context_of(family.case))
    pairs.follow([happened], events[-1].at)
    return family


def test_a_partner_is_told_the_buckets_of_its_own_tasks(shared: LoadedCase, hr: Door) -> None:
    mine = SharedTask(str(card_of(shared)), 0, TaskState.QUEUED)
    for width in ("5", "7"):
        answer = hr.get("/parity", side="sent", width=width)
        assert answer.status_code == 200, answer.content
        told = buckets_of([mine], int(width))
        assert answer.json()["buckets"] == [
            {"bucket": prefix, "count": each.count, "digest": each.digest}
            for prefix, each in told.items()
        ]
    within = hr.get("/parity", side="sent", width="7", within=mine.task[:5]).json()
    assert len(within["buckets"]) == 1
    assert hr.get("/parity", side="received").json() == {"buckets": []}


def test_lines_tell_state_and_digest_and_nobodys_name(
    shared: LoadedCase, hr: Door, insurance: Door
) -> None:
    task = str(card_of(shared))
    (line,) = hr.get("/parity/lines", side="sent", within=task[:7]).json()["lines"]
    assert (line["task_id"], line["state"], line["round"]) == (task, "queued", 0)
    assert set(line) == {
        "task_id", "round", "state", "result", "answered", "changed_at", "case_number", "item",
    }  # fmt: skip
    (other,) = insurance.get("/parity/lines", side="sent", within=task[:7]).json()["lines"]
    assert other["task_id"] != task


def test_a_lost_task_is_told_again_to_whoever_has_it(
    shared: LoadedCase, hr: Door, insurance: Door
) -> None:
    task = card_of(shared)
    told = hr.get(f"/parity/tasks/{task}").json()
    assert (told["task_id"], told["state"], told["result"]) == (str(task), "queued", {})
    assert told["task"]["case_id"] == str(shared.id)
    assert told["task"]["intent"] == "dispatched"
    item = context_of(shared.case).pack.items[CARD[0]]
    assert set(told["task"]["fields"]) <= set(item.payload)
    read = AccessEntry.objects.get(case_id=shared.id)
    assert (read.staff, read.what, read.task_id) == ("hr-340000", "task", task)
    Partner.objects.filter(code="hr-340000").update(items=[])
    assert hr.get(f"/parity/tasks/{task}").status_code == 404
    absent = insurance.get(f"/parity/tasks/{uuid.uuid4()}")
    theirs = insurance.get(f"/parity/tasks/{task}")
    assert (theirs.status_code, theirs.json()) == (404, absent.json())


def test_a_task_that_was_taken_away_is_told_without_its_family(
    shared: LoadedCase, hr: Door
) -> None:
    line = convergence.line_of(partner=hr.code, side="sent", task_id=card_of(shared))
    assert line is not None
    convergence.share(
        [
            convergence.ToShare(
                hr.code,
                "sent",
                card_of(shared),
                shared.id,
                0,
                TaskState.WITHDRAWN,
                "",
                0,
                shared.case.started_at,
            )
        ]
    )
    told = hr.get(f"/parity/tasks/{card_of(shared)}").json()
    assert told["state"] == "withdrawn"
    assert told["task"] == {"case_id": str(shared.id)}


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("/parity", {"side": "all"}),
        ("/parity", {"side": "sent", "width": "6"}),
        ("/parity", {"side": "sent", "within": "x"}),
        ("/parity", {}),
        ("/parity/lines", {"side": "sent", "within": "0"}),
        ("/parity/lines", {"side": "sent", "within": "0123456", "after": "1"}),
    ],
)
def test_a_question_without_meaning_is_refused(
    node: None, hr: Door, path: str, query: dict[str, str]
) -> None:
    assert hr.get(path, **query).status_code == 422

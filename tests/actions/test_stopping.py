"""An office whose task is taken from it by the system hears of that, and of nothing personal."""

from dataclasses import replace
from uuid import UUID

from tests.domain.cast import CERTIFICATE, OFFICES, REGISTRATION, later
from tests.domain.test_stopping import BOOKLET, STOPPING, certified, scheme
from yijian.actions.changes import dispatches
from yijian.domain.cases import Case
from yijian.domain.context import Context
from yijian.domain.handling import OfficeDecision, decide
from yijian.domain.history import apply_all
from yijian.domain.policy import ServiceItem
from yijian.domain.routing import Directory
from yijian.domain.states import TaskState

SYSTEM = tuple(
    replace(office, channel="system", participant="health") if office.code == "H01" else office
    for office in OFFICES.offices
)


def refused(registration: ServiceItem) -> tuple[Case, list[str], Context]:
    """What offices hear when the registration is declined while the hospital has the booklet."""
    ctx = replace(scheme(CERTIFICATE, registration, BOOKLET), directory=Directory(SYSTEM))
    case = replace(certified(ctx), id=str(UUID(int=1)))
    decision = OfficeDecision(TaskState.DECLINED, reason="moved", reason_text="迁")
    events = decide(case, ("registration", 1), decision, "staff:1", ctx, later(hours=2))
    case = apply_all(case, events)
    told = dispatches(case, events, ctx, later(hours=2))
    return case, [f"{message.kind} {message.payload['item']}" for message in told], ctx


def test_a_stopped_task_is_withdrawn_from_its_office() -> None:
    case, told, _ = refused(STOPPING)
    assert case.tasks["booklet", 1].state is TaskState.OFFLINE
    assert told == ["yijian.task.withdrawn.v1 booklet"]


def test_a_task_that_goes_on_is_not_withdrawn() -> None:
    case, told, _ = refused(REGISTRATION)
    assert case.tasks["booklet", 1].state is TaskState.QUEUED
    assert told == []

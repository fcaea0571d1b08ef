"""What departments report, with rows: repeated, reordered, late, forged, in one commit or none."""

import uuid
from datetime import timedelta

import pytest

from tests.actions.cast import CARD, ENROLMENT, Household
from tests.actions.test_tasks import issue, register
from yijian.actions import cases
from yijian.actions.feedback import Feedback, receive
from yijian.domain.context import RefusedError
from yijian.domain.states import TaskState
from yijian.records import exchange
from yijian.records.models import InboxMessage, Partner

pytestmark = pytest.mark.django_db
KEY = """-----BEGIN PUBLIC KEY-----
MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=
-----END PUBLIC KEY-----
"""


@pytest.fixture
def registered(submitted: Household) -> Household:
    """A family whose child is registered: the departments' systems have their tasks."""
    for code, items in (
        ("hr-340000", ["social_security_card"]),
        ("insurance-340000", ["medical_insurance_enrolment", "maternity_reimbursement"]),
    ):
        Partner.objects.create(code=code, public_key=KEY, items=items)
    issue(submitted)
    register(submitted)
    submitted.now += timedelta(minutes=1)
    return submitted


def report(family: Household, state: TaskState, **more: object) -> Feedback:
    values: dict[str, object] = {
        "feedback_id": str(uuid.uuid4()), "task_id": family.task(CARD), "state": state,
        "at": family.now,
    }  # fmt: skip
    return Feedback(**(values | more))  # type: ignore[arg-type]


def outcomes(family: Household, *reports: Feedback, sender: str = "hr-340000") -> list[str]:
    return [o.outcome for o in receive(sender, reports, now=family.now)]


def test_a_report_moves_the_task_and_its_repetition_changes_nothing(
    registered: Household,
) -> None:
    accepted = report(registered, TaskState.ACCEPTED)
    assert outcomes(registered, accepted) == ["applied"]
    version = registered.case.version
    assert outcomes(registered, accepted) == ["duplicate"]
    assert registered.case.version == version


def test_the_same_id_for_another_report_is_refused(registered: Household) -> None:
    accepted = report(registered, TaskState.ACCEPTED)
    other = report(registered, TaskState.APPROVED, feedback_id=accepted.feedback_id)
    assert outcomes(registered, accepted, other) == ["applied", "refused"]


def test_reordered_reports_end_in_the_same_state(registered: Household) -> None:
    later = report(registered, TaskState.APPROVED)
    earlier = report(registered, TaskState.ACCEPTED)
    assert outcomes(registered, later, earlier) == ["applied", "late"]
    assert registered.case.tasks[CARD].state is TaskState.APPROVED


def test_a_report_about_somebody_elses_task_changes_nothing_and_is_recorded(
    registered: Household,
) -> None:
    version = registered.case.version
    foreign = report(registered, TaskState.ACCEPTED, task_id=registered.task(ENROLMENT))
    assert outcomes(registered, foreign) == ["refused"]
    assert registered.case.version == version
    row = InboxMessage.objects.get(message_id=foreign.feedback_id)
    assert (row.outcome, row.detail) == ("refused", "unknown_task")


def test_an_unknown_task_reads_like_a_foreign_one(registered: Household) -> None:
    unknown = report(registered, TaskState.ACCEPTED, task_id=uuid.uuid4())
    foreign = report(registered, TaskState.ACCEPTED, task_id=registered.task(ENROLMENT))
    codes = {o.code for o in receive("hr-340000", [unknown, foreign], now=registered.now)}
    assert codes == {"unknown_task"}


def test_an_unknown_sender_is_refused_whole(registered: Household) -> None:
    with pytest.raises(RefusedError, match="unknown_sender"):
        outcomes(registered, report(registered, TaskState.ACCEPTED), sender="hr-350000")


def test_a_batch_takes_a_task_all_the_way_in_one_commit(registered: Household) -> None:
    states = (TaskState.ACCEPTED, TaskState.IN_REVIEW, TaskState.APPROVED)
    reports = [report(registered, state) for state in states]
    assert outcomes(registered, *reports) == ["applied"] * 3
    assert registered.case.tasks[CARD].state is TaskState.APPROVED


def test_one_impossible_report_stops_no_other(registered: Household) -> None:
    unreasoned = report(registered, TaskState.DECLINED)
    fine = report(registered, TaskState.ACCEPTED)
    assert outcomes(registered, unreasoned, fine) == ["refused", "applied"]
    assert registered.case.tasks[CARD].state is TaskState.ACCEPTED


def test_more_than_five_hundred_reports_are_too_many(registered: Household) -> None:
    with pytest.raises(ValueError, match="500"):
        outcomes(registered, *[report(registered, TaskState.ACCEPTED)] * 501)


def test_an_office_that_hears_of_a_withdrawal_receives_no_personal_field(
    registered: Household,
) -> None:
    cases.withdraw(by=registered.mother, number=registered.number, now=registered.now)
    sent = exchange.claim_messages(
        destination="hr-340000", limit=10, now=registered.now + timedelta(minutes=1)
    )
    exchange.settle_messages(delivered=[m.id for m in sent], now=registered.now)
    (told,) = exchange.claim_messages(
        destination="hr-340000", limit=10, now=registered.now + timedelta(minutes=1)
    )
    assert (told.kind, told.payload["fields"]) == ("yijian.task.withdrawn.v1", {})

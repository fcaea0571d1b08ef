"""反馈: what departments report about their tasks, one or many at once."""

from __future__ import annotations

from collections.abc import Sequence

from django.http import HttpRequest
from django.utils import timezone
from ninja import Router

from yijian.actions import feedback as actions
from yijian.actions.feedback import Feedback, Outcome
from yijian.api.errors import Error, RefusedRequestError
from yijian.api.senders import sender_of
from yijian.api.shapes import FeedbackBatchIn, FeedbackIn, OutcomeOut, OutcomesOut
from yijian.domain.states import TaskState

router = Router(tags=["feedback"])
ANOTHER_REPORT = "id_used_for_another_report"


@router.post(
    "/feedback",
    response={200: OutcomeOut, 400: Error, 401: Error, 409: Error, 413: Error, 422: Error},
    operation_id="reportFeedback",
    summary="反馈一条办理结果 · Report about one task",
)
def report_feedback(request: HttpRequest, feedback: FeedbackIn) -> OutcomeOut:
    """Repeating a report changes nothing. An id that was used for another report answers 409."""
    (outcome,) = _received(request, [feedback])
    if outcome.code == ANOTHER_REPORT:
        raise RefusedRequestError("contradicts_earlier")
    return _out(outcome)


@router.post(
    "/feedback/batch",
    response={200: OutcomesOut, 400: Error, 401: Error, 413: Error, 422: Error},
    operation_id="reportFeedbackBatch",
    summary="批量反馈，最多 500 条 · Report about up to 500 tasks",
)
def report_batch(request: HttpRequest, batch: FeedbackBatchIn) -> OutcomesOut:
    """Every report has its own outcome, in the order given; a refused one stops no other."""
    return OutcomesOut(outcomes=[_out(each) for each in _received(request, batch.feedback)])


def _received(request: HttpRequest, reports: Sequence[FeedbackIn]) -> list[Outcome]:
    said = [_said(report) for report in reports]
    return actions.receive(sender_of(request).code, said, now=timezone.now())


def _said(report: FeedbackIn) -> Feedback:
    return Feedback(
        feedback_id=report.feedback_id,
        task_id=report.task_id,
        state=TaskState(report.state),
        at=report.at,
        round=report.round,
        reason=report.reason.code if report.reason else None,
        reason_text=report.reason.text if report.reason else "",
        fields=tuple(report.fields),
        result=dict(report.result),
    )


def _out(outcome: Outcome) -> OutcomeOut:
    message = f"{outcome.code}: {outcome.field}" if outcome.field else outcome.code
    return OutcomeOut(
        feedback_id=outcome.feedback_id,
        outcome=outcome.outcome,
        message=message,
    )

"""反馈: what departments' systems report, one or many at once, in one transaction.

Every report is kept in the inbox for ever by its sender and its id. A repeated report changes
nothing and is told its first outcome; a late one changes nothing; one about a task that is not the
sender's changes nothing and is recorded.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.db import transaction

from yijian.actions import certificates, changes, contexts, number_stock
from yijian.actions.batches import Batch
from yijian.domain import handling
from yijian.domain.context import RefusedError
from yijian.domain.handling import AlreadyDoneError, OfficeDecision, TooLateError
from yijian.domain.signing import canonical_json
from yijian.domain.states import TaskState
from yijian.records import cases as case_records
from yijian.records import crypto, exchange
from yijian.records.exchange import Received
from yijian.records.mapping import LoadedCase
from yijian.records.models import Partner

LARGEST_BATCH = 500


@dataclass(frozen=True, slots=True)
class Feedback:
    """One report of a department about one task."""

    feedback_id: str
    task_id: UUID
    state: TaskState
    at: datetime
    round: int | None = None
    reason: str | None = None
    reason_text: str = ""
    fields: tuple[str, ...] = ()
    result: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one report: applied, duplicate, late or refused, with a code."""

    feedback_id: str
    outcome: str
    code: str = ""
    field: str | None = None


def receive(sender: str, reports: Sequence[Feedback], *, now: datetime) -> list[Outcome]:
    """Take in a department's reports, in the order given. One outcome for each.

    Errors: ValueError for more than 500 reports; RefusedError `unknown_sender`.
    """
    if len(reports) > LARGEST_BATCH:
        raise ValueError(f"a batch has at most {LARGEST_BATCH} reports, not {len(reports)}")
    with transaction.atomic():
        partner = exchange.partner(sender)
        if partner is None:
            raise RefusedError("unknown_sender")
        loaded = case_records.load(task_ids=[report.task_id for report in reports])
        fresh = _remember(sender, reports, now)
        known = exchange.received(sender=sender, message_ids=[r.feedback_id for r in reports])
        batch = Batch(loaded)
        tasks = {case.task_id(key): case for case in loaded for key in case.case.tasks}
        outcomes = []
        for report in reports:
            if report.feedback_id in fresh:
                fresh.remove(report.feedback_id)
                outcome = _apply(partner, report, tasks.get(report.task_id), batch, now)
                known[report.feedback_id] = (_digest(report), outcome.outcome, outcome.code)
            else:
                outcome = _repeated(known[report.feedback_id], report)
            outcomes.append(outcome)
        settled = {id: (outcome, code) for id, (_, outcome, code) in known.items()}
        exchange.set_outcomes(sender=sender, outcomes=settled)
        changes.commit(batch.decided(), now=now)
        return outcomes


def _remember(sender: str, reports: Sequence[Feedback], now: datetime) -> set[str]:
    """Put the reports into the inbox, each id once; the ids never seen before."""
    first = {report.feedback_id: report for report in reversed(reports)}
    messages = [Received(id, _digest(report), report.task_id) for id, report in first.items()]
    return exchange.receive(sender=sender, messages=messages, now=now)


def _repeated(known: tuple[bytes, str, str], report: Feedback) -> Outcome:
    digest, outcome, code = known
    if digest != _digest(report):
        return Outcome(report.feedback_id, "refused", "id_used_for_another_report")
    if outcome == "refused":
        return Outcome(report.feedback_id, "refused", code)
    return Outcome(report.feedback_id, "duplicate")


def _apply(
    partner: Partner,
    report: Feedback,
    loaded: LoadedCase | None,
    batch: Batch,
    now: datetime,
) -> Outcome:
    if loaded is None:
        return Outcome(report.feedback_id, "refused", "unknown_task")
    key = loaded.task_key(report.task_id)
    case = batch.case(loaded.id)
    context = contexts.context_of(case)
    office = context.directory.office(case.tasks[key].office or "")
    if office is None or office.participant != partner.code or key[0] not in partner.items:
        return Outcome(report.feedback_id, "refused", "unknown_task")
    decision = OfficeDecision(
        report.state, report.reason, report.reason_text, report.fields, report.result, report.round
    )
    try:
        events = handling.decide(case, key, decision, f"partner:{partner.code}", context, now)
        certificates.check_unused(events, context)
        number_stock.take(events, case, context, now=now)
        batch.add(loaded.id, events)
    except AlreadyDoneError:
        return Outcome(report.feedback_id, "duplicate")
    except TooLateError:
        return Outcome(report.feedback_id, "late")
    except RefusedError as refused:
        return Outcome(report.feedback_id, "refused", refused.code, refused.field)
    return Outcome(report.feedback_id, "applied")


def _digest(report: Feedback) -> bytes:
    """A keyed digest: the report's result may hold a number that could otherwise be guessed."""
    said = {
        "task": str(report.task_id),
        "state": report.state.value,
        "round": report.round,
        "reason": [report.reason, report.reason_text],
        "fields": list(report.fields),
        "result": dict(report.result),
    }
    return crypto.answer_digest([("report", 0, canonical_json(said).decode())])

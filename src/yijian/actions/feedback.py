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
from yijian.actions.dispatching import reach_of
from yijian.domain import handling, returned
from yijian.domain.cases import Case
from yijian.domain.context import Context, RefusedError
from yijian.domain.envelopes import CloudEvent
from yijian.domain.events import Event, TaskKey
from yijian.domain.handling import AlreadyDoneError, OfficeDecision, TooLateError
from yijian.domain.history import apply_all
from yijian.domain.routing import NODE, Reach
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
    office: str | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one report: applied, duplicate, late or refused, with a code."""

    feedback_id: str
    outcome: str
    code: str = ""
    field: str | None = None


def receive(
    sender: str, reports: Sequence[Feedback], *, now: datetime, partner: Partner | None = None
) -> list[Outcome]:
    """Take in a department's reports, in the order given. One outcome for each.

    `partner` is who speaks when that is no other system, and is known in another way.

    Errors: ValueError for more than 500 reports; RefusedError `unknown_sender`.
    """
    if len(reports) > LARGEST_BATCH:
        raise ValueError(f"a batch has at most {LARGEST_BATCH} reports, not {len(reports)}")
    with transaction.atomic():
        partner = partner or exchange.partner(sender)
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
                outcome = take(partner, report, tasks.get(report.task_id), batch, now)
                known[report.feedback_id] = (digest_of(report), outcome.outcome, outcome.code)
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
    messages = [Received(id, digest_of(report), report.task_id) for id, report in first.items()]
    return exchange.receive(sender=sender, messages=messages, now=now)


def _repeated(known: tuple[bytes, str, str], report: Feedback) -> Outcome:
    digest, outcome, code = known
    if digest != digest_of(report):
        return Outcome(report.feedback_id, "refused", "id_used_for_another_report")
    if outcome == "refused":
        return Outcome(report.feedback_id, "refused", code)
    return Outcome(report.feedback_id, "duplicate")


def take(
    partner: Partner,
    report: Feedback,
    loaded: LoadedCase | None,
    batch: Batch,
    now: datetime,
) -> Outcome:
    """Decide about one report that was not received before; nothing is written yet."""
    if loaded is None:
        return Outcome(report.feedback_id, "refused", "unknown_task")
    key = batch.key_of(loaded.id, report.task_id)
    case = batch.case(loaded.id)
    reach = _reach(partner, loaded, case, key, now)
    if reach is None:
        return Outcome(report.feedback_id, "refused", "unknown_task")
    context = contexts.context_of(case)
    elsewhere = reach.channel == NODE
    decision = OfficeDecision(
        report.state,
        report.reason,
        report.reason_text,
        report.fields,
        report.result,
        report.round,
        elsewhere,
    )
    by = f"partner:{partner.code}"
    try:
        moved = _elsewhere_first(report, case, key, by, context, now) if elsewhere else []
        there = apply_all(case, moved)
        events = [*moved, *handling.decide(there, key, decision, by, context, now)]
        certificates.check_unused(events, context, loaded.id)
        if not elsewhere:
            number_stock.take(events, case, context, now=now)
        batch.add(loaded.id, events)
    except AlreadyDoneError:
        return Outcome(report.feedback_id, "duplicate")
    except TooLateError:
        return Outcome(report.feedback_id, "late")
    except RefusedError as refused:
        return Outcome(report.feedback_id, "refused", refused.code, refused.field)
    return Outcome(report.feedback_id, "applied")


def _reach(
    partner: Partner, loaded: LoadedCase, case: Case, key: TaskKey, now: datetime
) -> Reach | None:
    """How the task reached this partner; None when it did not, or is none of its items."""
    reach = reach_of(case, key, contexts.context_of(case), now, loaded.channels)
    mine = reach is not None and reach.participant == partner.code and key[0] in partner.items
    return reach if mine else None


def is_with(partner: Partner, loaded: LoadedCase, case: Case, key: TaskKey, now: datetime) -> bool:
    """Whether a task was given to this partner."""
    return _reach(partner, loaded, case, key, now) is not None


def _elsewhere_first(
    report: Feedback, case: Case, key: TaskKey, by: str, context: Context, now: datetime
) -> list[Event]:
    """Another node says which of its offices acts; one that is not known here is not kept."""
    if report.office is None or report.office == case.tasks[key].office:
        return []
    if context.reach(report.office, key[0], now) != context.reach(
        case.tasks[key].office, key[0], now
    ):
        return []
    try:
        return handling.transfer(case, key, report.office, by, context, now)
    except (RefusedError, AlreadyDoneError):
        return []


def moved_within(
    partner: Partner,
    office: str,
    loaded: LoadedCase,
    key: TaskKey,
    batch: Batch,
    now: datetime,
) -> tuple[str, str]:
    """A task goes to another office of the same participant: outcome and code.

    An office that is not known here changes nothing: who acts there is that node's to say.
    """
    case = batch.case(loaded.id)
    context = contexts.context_of(case)
    reach = context.reach(office, key[0], now)
    if reach is None:
        return "applied", "office_not_known_here"
    if reach.participant != partner.code:
        raise RefusedError("not_an_office", "office")
    try:
        events = handling.transfer(case, key, office, f"partner:{partner.code}", context, now)
    except AlreadyDoneError:
        return "duplicate", ""
    except RefusedError as refused:
        if case.tasks[key].ended:
            return "late", refused.code
        raise
    batch.add(loaded.id, events)
    return "applied", ""


def read_report(event: CloudEvent) -> Feedback:
    """The report in a message. Errors: RefusedError `wrong_data`."""
    report = returned.read_report(event.data)
    try:
        task = UUID(report.task_id)
    except ValueError:
        raise RefusedError("wrong_data", "task_id") from None
    decision = report.decision
    return Feedback(
        event.id,
        task,
        decision.to,
        report.at,
        decision.round,
        decision.reason,
        decision.reason_text,
        decision.correct,
        decision.result or {},
        report.office,
    )


def digest_of(report: Feedback) -> bytes:
    """A keyed digest: the report's result may hold a number that could otherwise be guessed."""
    said = {
        "task": str(report.task_id),
        "state": report.state.value,
        "round": report.round,
        "reason": [report.reason, report.reason_text],
        "fields": list(report.fields),
        "result": dict(report.result),
    }
    if report.office is not None:
        said["office"] = report.office
    return crypto.answer_digest([("report", 0, canonical_json(said).decode())])

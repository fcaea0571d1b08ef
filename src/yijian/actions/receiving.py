"""接收: taking in what other nodes send about tasks, one or many messages at once.

Downwards come tasks of another node's cases; upwards come the reports about this node's own tasks
that were sent to others. A message of somebody whose task it is not changes nothing. The caller
keeps the messages themselves (each once and for ever) and what became of them.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from yijian.actions import changes, contexts, feedback, results, waking
from yijian.actions.batches import Batch
from yijian.actions.results import Told
from yijian.domain import envelopes, receiving
from yijian.domain.cases import Case
from yijian.domain.context import RefusedError
from yijian.domain.envelopes import CloudEvent
from yijian.domain.events import Event, TaskKey
from yijian.domain.history import apply_all
from yijian.domain.receiving import CaseOpenError
from yijian.domain.sent import read_sent
from yijian.domain.states import TaskState
from yijian.records import cases as case_records
from yijian.records import exchange, federation
from yijian.records.identifiers import task_id
from yijian.records.mapping import LoadedCase
from yijian.records.models import Partner

APPLIED, DUPLICATE, LATE, PARKED, REFUSED = "applied", "duplicate", "late", "parked", "refused"
PACK_UNKNOWN, CASE_OPEN, NOT_HERE = "pack_unknown", "case_open", "task_not_here"
NOT_KNOWN = "unknown_type"
WAITS = (PACK_UNKNOWN, CASE_OPEN, NOT_HERE)
"""What a parked message waits for that comes by itself, most of the time."""


class NotHereYetError(Exception):
    """A message is about a task that has not come; it may have been overtaken."""


@dataclass(frozen=True, slots=True)
class Taken:
    """收件结果: what became of one message: applied, duplicate, late, parked or refused."""

    id: str
    outcome: str
    code: str = ""


@dataclass(frozen=True, slots=True)
class Around:
    """What is here already around the cases of a batch: their numbers, and their mothers' cases."""

    numbers: frozenset[str]
    others: Mapping[str, Sequence[Case]]

    def has_another(self, case: Case, newborn: int) -> bool:
        """Whether another case of this node has the newborn, or one of them, in hand."""
        newborns = [newborn] if newborn else range(1, case.newborns + 1)
        return any(
            receiving.same_newborn(case, number, other)
            for other in self.others.get(receiving.mother_of(case), ())
            for number in newborns
            if other.id != case.id and receiving.in_hand(other)
        )


@dataclass
class Intake:
    """One message being taken in: who sent it, the locked cases of its batch, and what is near."""

    partner: Partner
    event: CloudEvent
    batch: Batch
    around: Around
    now: datetime

    def taken(self, outcome: str, code: str = "") -> Taken:
        """What became of it."""
        return Taken(self.event.id, outcome, code)


Take = Callable[[Intake], Taken]


def receive_events(sender: str, events: Sequence[CloudEvent], *, now: datetime) -> list[Taken]:
    """Take in messages that have not been received before, in the order given.

    Errors: RefusedError `unknown_sender`.
    """
    with transaction.atomic():
        partner = exchange.partner(sender)
        if partner is None:
            raise RefusedError("unknown_sender")
        batch = Batch(_locked(events))
        around = _around(events, batch)
        taken = [_take(Intake(partner, event, batch, around, now)) for event in events]
        changes.commit(batch.decided(), now=now)
        return taken


def _locked(events: Sequence[CloudEvent]) -> list[LoadedCase]:
    """The cases the messages are about, locked; those that are not here yet are reserved first.

    Two workers that hear of a new case at once make it once.
    """
    cases = {found for event in events if (found := _identifier(event, "case_id"))}
    tasks = {found for event in events if (found := _identifier(event, "task_id"))}
    federation.reserve(cases)
    return case_records.load(ids=cases, task_ids=tasks)


def _around(events: Sequence[CloudEvent], batch: Batch) -> Around:
    """What tasks that come for the first time have to be compared with; three statements at most.

    Nothing is believed of a message here: it only says what to look at.
    """
    numbers, mothers = set(), set()
    for event in events:
        if event.type != envelopes.TASK_DISPATCHED:
            continue
        case_id, task = _identifier(event, "case_id"), _identifier(event, "task_id")
        if case_id is not None and batch.find(case_id) is None:
            numbers.add(str(event.data.get("case_number")))
        fields = event.data.get("fields")
        if task is not None and batch.place_of(task) is None and isinstance(fields, Mapping):
            mothers.add(str(fields.get("mother_id_number") or ""))
    found = federation.submitted_of(id_numbers=mothers - {""})
    cases = {case.id: case.case for case in case_records.read(ids={i for _, i in found})}
    others: dict[str, list[Case]] = {}
    for number, identifier in found:
        others.setdefault(number, []).append(cases[identifier])
    return Around(federation.numbers_known(numbers), others)


def _identifier(event: CloudEvent, name: str) -> UUID | None:
    value = event.data.get(name)
    try:
        return UUID(value) if isinstance(value, str) and len(value) == 36 else None
    except ValueError:
        return None


def _take(intake: Intake) -> Taken:
    take = TAKERS.get(intake.event.type)
    if take is None:
        return intake.taken(PARKED, NOT_KNOWN)
    if not envelopes.may_send(intake.partner.kind, intake.event.type):
        return intake.taken(REFUSED, "not_yours_to_say")
    try:
        return take(intake)
    except RefusedError as refused:
        return intake.taken(REFUSED, refused.code)
    except NotHereYetError:
        return intake.taken(PARKED, NOT_HERE)


def _dispatched(intake: Intake) -> Taken:
    """A task of another node's case, for the first time, once more, or with news."""
    sent, now = read_sent(intake.event.data), intake.now
    case_id = _identifier(intake.event, "case_id")
    if case_id is None or str(task_id(case_id, sent.key)) != sent.task_id:
        raise RefusedError("wrong_data", "task_id")
    if sent.key[0] not in intake.partner.items:
        raise RefusedError("item_not_agreed")
    known = intake.batch.find(case_id)
    if known is not None and known.origin != intake.partner.code:
        raise RefusedError("unknown_task")
    if intake.batch.is_forgotten(case_id):
        raise RefusedError("case_forgotten")
    try:
        contexts.pack_of(sent.pack.digest)
    except contexts.NoPackError:
        waking.wake_pack_fetcher(intake.partner.code, sent.pack.digest)
        return intake.taken(PARKED, PACK_UNKNOWN)
    first = [receiving.case_received(sent, intake.partner.code, now)]
    case = known or apply_all(receiving.new_case(sent, now), first)
    if known is None and sent.case_number in intake.around.numbers:
        raise RefusedError("number_taken")
    context = contexts.context_of(case)
    events = receiving.task_received(case, sent, intake.event.id, context, now)
    if not events:
        return intake.taken(DUPLICATE)
    after = apply_all(case, events)
    if sent.key not in case.tasks and intake.around.has_another(after, sent.key[1]):
        events = [receiving.unplaced(event) for event in events]
        events.append(receiving.declined(apply_all(case, events), sent.key, context, now))
    if known is None:
        intake.batch.begin(case, first)
    intake.batch.add(case_id, events)
    return intake.taken(APPLIED)


def _withdrawn(intake: Intake) -> Taken:
    """A task is taken back by the node it came from."""
    case, key = _of_upstream(intake)
    if key is None:
        raise NotHereYetError
    said = str(intake.event.data.get("state") or TaskState.WITHDRAWN.value)
    state = TaskState(said) if said in set(TaskState) else TaskState.WITHDRAWN
    events = receiving.task_withdrawn(case, key, state, intake.now)
    intake.batch.add(UUID(case.id), events)
    return intake.taken(APPLIED if events else DUPLICATE)


def _closed(intake: Intake) -> Taken:
    """The upstream has closed its case; what is still open here is waited for."""
    case, _ = _of_upstream(intake)
    try:
        events = receiving.case_closed(case, intake.now)
    except CaseOpenError:
        return intake.taken(PARKED, CASE_OPEN)
    intake.batch.add(UUID(case.id), events)
    return intake.taken(APPLIED if events else DUPLICATE)


def _of_upstream(intake: Intake) -> tuple[Case, TaskKey | None]:
    """The received case of this sender, and the task when one is named.

    Errors: NotHereYetError when the case has not come, RefusedError for somebody else's.
    """
    task = _identifier(intake.event, "task_id")
    case_id = _identifier(intake.event, "case_id")
    place = intake.batch.place_of(task) if task else None
    named = place[0] if place else case_id
    case = intake.batch.find(named) if named else None
    if case is None:
        raise NotHereYetError
    if case.origin != intake.partner.code:
        raise RefusedError("unknown_task")
    if intake.batch.is_forgotten(UUID(case.id)):
        raise RefusedError("case_forgotten")
    return case, place[1] if place else None


def of_downstream(intake: Intake) -> tuple[LoadedCase, TaskKey]:
    """The task that this sender was given and speaks about, whosoever case it is.

    Errors: RefusedError `unknown_task`.
    """
    task = _identifier(intake.event, "task_id")
    loaded = intake.batch.of_task(task) if task else None
    if loaded is None or task is None:
        raise RefusedError("unknown_task")
    key = intake.batch.key_of(loaded.id, task)
    if not feedback.is_with(intake.partner, loaded, intake.batch.case(loaded.id), key, intake.now):
        raise RefusedError("unknown_task")
    return loaded, key


def _reported(intake: Intake) -> Taken:
    """What a department or another node says about a task it was given."""
    report = feedback.read_report(intake.event)
    task = intake.batch.of_task(report.task_id)
    outcome = feedback.take(intake.partner, report, task, intake.batch, intake.now)
    return intake.taken(outcome.outcome, outcome.code)


def _routed(intake: Intake) -> Taken:
    """Another node has given a task to another of its offices."""
    loaded, key = of_downstream(intake)
    outcome, code = feedback.moved_within(
        intake.partner, str(intake.event.data.get("office")), loaded, key, intake.batch, intake.now
    )
    return intake.taken(outcome, code)


def _told(intake: Intake) -> Told:
    """What is said about a task that this sender was given, or about certificates of one that it
    sent here itself."""
    task = _identifier(intake.event, "task_id")
    found = intake.batch.of_task(task) if task else None
    theirs = found is not None and found.case.origin == intake.partner.code
    if theirs and intake.event.type != envelopes.PARCEL_MOVED and found and task:
        loaded, key = found, intake.batch.key_of(found.id, task)
    else:
        loaded, key = of_downstream(intake)
    case = intake.batch.case(loaded.id)
    context = contexts.context_of(case)
    return Told(intake.partner.code, intake.event.data, loaded, case, key, context, intake.now)


def _results(take: Callable[[Told], list[Event]]) -> Take:
    """Certificates and parcels: the events that follow from what another node says of them."""

    def taken(intake: Intake) -> Taken:
        if intake.partner.kind != envelopes.NODE:
            # A department's results become certificates here; it reports hand-overs by themselves.
            raise RefusedError("not_yours_to_say")
        told = _told(intake)
        events = take(told)
        intake.batch.add(told.loaded.id, events)
        return intake.taken(APPLIED if events or "files" in told.data else DUPLICATE)

    return taken


def _certificate_changed(told: Told) -> list[Event]:
    own = told.case.origin == told.partner
    return results.heard_of_change(told) if own else results.certificate_changed(told)


TAKERS: dict[str, Take] = {
    envelopes.TASK_DISPATCHED: _dispatched,
    envelopes.TASK_WITHDRAWN: _withdrawn,
    envelopes.CASE_CLOSED: _closed,
    envelopes.TASK_REPORTED: _reported,
    envelopes.TASK_ROUTED: _routed,
    envelopes.PARCEL_MOVED: _results(results.parcel_moved),
    envelopes.CERTIFICATE_ISSUED: _results(results.certificate_issued),
    envelopes.CERTIFICATE_CHANGED: _results(_certificate_changed),
}
"""What takes in which type."""

"""接收: what another node sends about its case, and what that does to the part of it kept here.

A received case (转来办件) carries the same id and number as at the node it comes from, its upstream
(上级节点). It holds only the tasks sent here and the facts that came with them. It is handled like
any other; but it plans nothing, asks its family nothing, and closes when its upstream says so.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import cast

from yijian.domain.cases import Case, Task
from yijian.domain.context import Context, RefusedError
from yijian.domain.events import Event, EventKind, TaskKey
from yijian.domain.facts import FAMILY
from yijian.domain.history import apply_all
from yijian.domain.parcels import said_collected
from yijian.domain.policy import Pack, ServiceItem
from yijian.domain.sent import SentTask, Triple, value_of
from yijian.domain.states import ALLOWED, REFUSED, Stage, TaskState

NEWBORN_HAS_CASE = "newborn_has_case"
"""Why a task is declined when another case here has the same newborn in hand."""
SAID_OF_NEWBORN = "宝宝在办理地已有一份正在办理的申请，请在那里继续办，或先撤回那一份再来办这一项。"
"""What the family reads then, unless the pack has its own words."""
TAKEN_BACK = "taken_back_upstream"
DISPATCHED = "dispatched"


class CaseOpenError(Exception):
    """A case is to be closed while tasks of it are still open here; it may be tried again."""


def new_case(sent: SentTask, now: datetime) -> Case:
    """The case before anything of it has been received."""
    return Case(
        id=sent.case_id,
        number=sent.case_number,
        pack=sent.pack.code,
        pack_version=sent.pack.version,
        pack_digest=sent.pack.digest,
        channel=sent.channel,
        started_at=now,
    )


def case_received(sent: SentTask, origin: str, now: datetime) -> Event:
    """The first event of a received case."""
    public: dict[str, object] = {"origin": origin, "applicant": sent.applicant}
    if sent.applied_at is not None:
        public["applied_at"] = sent.applied_at.isoformat()
    return Event(EventKind.CASE_RECEIVED, now, by_node(origin), public=public)


def by_node(code: str) -> str:
    """Who has acted when another node has, as the journal names it.

    >>> by_node("hub")
    'node:hub'
    """
    return f"node:{code}"


def task_received(
    case: Case, sent: SentTask, message: str, context: Context, now: datetime
) -> list[Event]:
    """What a dispatched task does here; nothing when it was known already.

    The message is a whole picture of the task, so that whatever was lost before it is made up for.
    `message` is its id. Errors: RefusedError `field_not_listed`, `material_not_listed`,
    `wrong_field`, `pack_changed`, `unknown_item`.
    """
    if sent.pack.digest != case.pack_digest:
        raise RefusedError("pack_changed")
    item = _listed(sent, context.pack)
    triples = [
        (*context.key(fact, sent.key[1]), value_of(context.pack, fact, value))
        for fact, value in sent.fields.items()
        if fact in context.pack.facts
    ]
    known = case.tasks.get(sent.key)
    if known is None or known.ended:
        if known is not None and not _sent_again(known, sent):
            # What was done here stays done; that the family has collected it is news all the same.
            return _answered(case, known, sent, context, now)
        return [_received(case, sent, item, triples, message, context, now)]
    if sent.round > known.round:
        if known.state is TaskState.CORRECTION_NEEDED and sent.round == known.round + 1:
            return [_corrected(case, known, sent, triples, now)]
        return [_received(case, sent, item, triples, message, context, now)]
    if sent.round < known.round:
        return []
    return [
        *_answered(case, known, sent, context, now),
        *_rerouted(case, known, sent, item, context, now),
    ]


def _sent_again(known: Task, sent: SentTask) -> bool:
    """Whether a task that has ended here begins anew: only when it had been taken back before."""
    return known.state is TaskState.WITHDRAWN and (sent.intent, sent.round) != (
        DISPATCHED,
        known.round,
    )


def _listed(sent: SentTask, pack: Pack) -> ServiceItem:
    """The item, once nothing was sent that its policy does not list."""
    item = pack.items.get(sent.key[0])
    if item is None:
        raise RefusedError("unknown_item")
    for fact in sent.fields:
        if fact not in item.payload:
            raise RefusedError("field_not_listed", fact)
    materials = {material.id for material in item.materials}
    for scan in cast(Iterable[object], sent.more.get("scans") or ()):
        if not isinstance(scan, Mapping) or scan.get("material") not in materials:
            raise RefusedError("material_not_listed")
    # These become public: what is no word of the policy could be anything.
    if not {ask.id for ask in item.asks}.issuperset(sent.answered):
        raise RefusedError("wrong_data", "answered")
    if sent.applicant and sent.applicant not in pack.roles:
        raise RefusedError("wrong_data", "applicant")
    return item


def _received(
    case: Case,
    sent: SentTask,
    item: ServiceItem,
    triples: Sequence[Triple],
    message: str,
    context: Context,
    now: datetime,
) -> Event:
    known = case.tasks.get(sent.key)
    goes_on = known is not None and not known.ended
    public: dict[str, object] = {
        "origin": case.origin,
        "goes_on": goes_on,
        "message": message,
        "intent": sent.intent,
        "named": sent.office,
        "round": sent.round,
        "office": known.office if known and goes_on else None,
        "newborns": sent.newborns,
        "answered": list(sent.answered),
        "due_at": sent.due_at.isoformat() if sent.due_at else None,
        "due_provisional": sent.due_provisional,
    }
    sealed: dict[str, object] = {
        "declared": [t for t in triples if t[0] not in sent.verified],
        "verified": [t for t in triples if t[0] in sent.verified],
        "received": dict(sent.more),
    }
    event = Event(
        EventKind.TASK_RECEIVED, now, by_node(case.origin), sent.key, public=public, sealed=sealed
    )
    if public["office"] is None:
        after = apply_all(case, [event])
        public["office"] = office_for(after, sent, item, context, now)
    return event


def office_for(
    case: Case, sent: SentTask, item: ServiceItem, context: Context, now: datetime
) -> str | None:
    """The office that acts here: the one named, else the one routing finds, else a person says.

    An office that is reached through the very node the task came from does not act here.
    """
    named = context.directory.office(sent.office) if sent.office else None
    if named is None or named.kind != item.office_kind:
        named = context.directory.route(item, context.values(case, sent.key[1], now))
    reach = context.reach(named.code, item.code, now) if named else None
    if named is None or (reach is not None and reach.participant == case.origin):
        return None
    return named.code


def _corrected(
    case: Case, known: Task, sent: SentTask, triples: Sequence[Triple], now: datetime
) -> Event:
    """The family has corrected, at the upstream, what was asked for here."""
    values = [
        triple
        for triple in triples
        if triple[0] in known.correct and triple[0] not in sent.verified
    ]
    public: dict[str, object] = {
        "from": known.state.value,
        "to": TaskState.IN_REVIEW.value,
        "fields": sorted({fact for fact, _, _ in values}),
    }
    if sent.due_at is not None:
        public["due_at"] = sent.due_at.isoformat()
    return Event(
        EventKind.TASK_MOVED,
        now,
        by_node(case.origin),
        known.key,
        public=public,
        sealed={"values": values},
    )


def _answered(
    case: Case, known: Task, sent: SentTask, context: Context, now: datetime
) -> list[Event]:
    """What the family has done at the upstream since: confirmed, paid, collected."""
    events: list[Event] = []
    for ask in sent.answered:
        if ask in known.answered:
            continue
        public: dict[str, object] = {"ask": ask, "digest": ""}
        if sent.due_at is not None:
            public["due_at"] = sent.due_at.isoformat()
        by = by_node(case.origin)
        events.append(Event(EventKind.ASK_ANSWERED, now, by, known.key, public=public))
        events += said_collected(apply_all(case, events), known.key, ask, by, context, now)
    return events


def _rerouted(
    case: Case, known: Task, sent: SentTask, item: ServiceItem, context: Context, now: datetime
) -> list[Event]:
    """The upstream has said anew which office acts."""
    if not sent.intent.startswith("routed-") or sent.office == known.office:
        return []
    to = context.directory.office(sent.office or "")
    if to is None or to.kind != item.office_kind:
        return []
    public = {"office": to.code, "from": known.office}
    return [Event(EventKind.TASK_ROUTED, now, by_node(case.origin), known.key, public=public)]


def unplaced(event: Event) -> Event:
    """The same event without an office: nobody is to act."""
    return replace(event, public={**event.public, "office": None})


def declined(case: Case, key: TaskKey, context: Context, now: datetime) -> Event:
    """A task that has just come is declined: another case here has the newborn in hand."""
    said = context.pack.words.get(NEWBORN_HAS_CASE)
    return Event(
        EventKind.TASK_MOVED,
        now,
        "system",
        key,
        public={
            "from": case.tasks[key].state.value,
            "to": TaskState.DECLINED.value,
            "reason": NEWBORN_HAS_CASE,
        },
        sealed={"reason": said.zh if said else SAID_OF_NEWBORN},
    )


def same_newborn(case: Case, newborn: int, other: Case) -> bool:
    """Whether another case is about this child: one mother, one moment of birth, one order."""
    mother, born_at = mother_of(case), _known(case, "newborn_born_at", newborn)
    if not mother or born_at is None or mother != mother_of(other):
        return False
    order = _known(case, "newborn_order", newborn) or newborn
    return any(
        _known(other, "newborn_born_at", n) == born_at
        and (_known(other, "newborn_order", n) or n) == order
        for n in range(1, other.newborns + 1)
    )


def in_hand(case: Case) -> bool:
    """Whether anything of a case is still to be done, or was: not everything was given up."""
    given_up = REFUSED | {TaskState.NOT_NEEDED}
    return any(task.state not in given_up for task in case.tasks.values())


def mother_of(case: Case) -> str:
    """The mother's number as it is known; empty when it is not."""
    return str(_known(case, "mother_id_number", FAMILY) or "")


def task_withdrawn(case: Case, key: TaskKey, state: TaskState, now: datetime) -> list[Event]:
    """The upstream takes a task back; `state` is where it stands there.

    What has been decided here is a legal act and stays. Errors: RefusedError
    `too_late_to_withdraw`, `unknown_task`.
    """
    task = case.tasks.get(key)
    if task is None:
        raise RefusedError("unknown_task")
    if task.state in REFUSED:
        return []  # The two have met on the way: it is not being done here either.
    wanted = (state, TaskState.WITHDRAWN, TaskState.OFFLINE)
    to = next((s for s in wanted if s in _TAKEN_BACK and (task.state, s) in ALLOWED), None)
    if to is None or task.state is TaskState.APPROVED:
        raise RefusedError("too_late_to_withdraw")
    public = {"from": task.state.value, "to": to.value, "reason": TAKEN_BACK}
    return [Event(EventKind.TASK_MOVED, now, by_node(case.origin), key, public=public)]


_TAKEN_BACK = frozenset({TaskState.WITHDRAWN, TaskState.OFFLINE})


def case_closed(case: Case, now: datetime) -> list[Event]:
    """The upstream has closed its case. Errors: CaseOpenError while tasks of it are open here."""
    if case.stage is Stage.CLOSED:
        return []
    if not case.tasks or not all(task.ended for task in case.tasks.values()):
        raise CaseOpenError
    return [Event(EventKind.CASE_CLOSED, now, by_node(case.origin))]


def _known(case: Case, fact: str, subject: int) -> object | None:
    found = case.verified.get((fact, subject)) or case.answers.get((fact, subject))
    return None if found is None else found.value

"""回传: whatever an office here does with a task of another node's case is told to that node.

What becomes of results is told by `result_reports`. The messages lie in the outbox in the very
commit of what they tell. What that node did itself is not told back to it.
"""

from collections.abc import Iterator, Sequence

from yijian.domain.cases import Case
from yijian.domain.envelopes import CASE_CLOSED, TASK_REPORTED, TASK_ROUTED
from yijian.domain.events import Event, EventKind, TaskKey
from yijian.domain.receiving import by_node
from yijian.domain.returned import report_of, to_tell
from yijian.records import federation
from yijian.records.cases import Outgoing
from yijian.records.identifiers import new_id, task_id

CLOSED = "closed"


def to_origin(before: Case, events: Sequence[Event], after: Case) -> list[Outgoing]:
    """What the node a case comes from is told about these events, in their order."""
    if not after.origin:
        return []
    own = [event for event in events if event.by != by_node(after.origin)]
    told = [(place, event, _report) for place, event in to_tell(own)]
    for place, event in enumerate(own):
        if event.kind is EventKind.TASK_ROUTED:
            told.append((place, event, _routing))
    seqs = {id(event): before.version + n for n, event in enumerate(events, start=1)}
    told.sort(key=lambda each: each[0])
    found = [word(event, seqs[id(event)], after) for _, event, word in told if event.task]
    return [*_placed(before, events, after), *found]


def to_nodes(happened: Sequence[tuple[Case, Sequence[Event]]]) -> dict[str, list[Outgoing]]:
    """Every node that was given a part of a case hears that it is closed; one statement for all."""
    ended = {
        case.id: (case, case.version + len(events))
        for case, events in happened
        if any(event.kind is EventKind.CASE_CLOSED for event in events)
    }
    if not ended:
        return {}
    return {
        case_id: [_closing(*ended[case_id], node) for node in nodes]
        for case_id, nodes in federation.nodes_told(case_ids=ended).items()
    }


def _closing(case: Case, version: int, node: str) -> Outgoing:
    payload = {"case_number": case.number, "case_id": case.id}
    return Outgoing(node, CASE_CLOSED, f"{CLOSED}-{version}", payload)


def _report(event: Event, seq: int, case: Case) -> Outgoing:
    key, identifier = _key(event), new_id()
    data = report_of(
        event,
        id=str(identifier),
        task_id=str(task_id(case.id, key)),
        round=_round_of(event, case),
        office=case.tasks[key].office,
    )
    return Outgoing(case.origin, TASK_REPORTED, f"reported-{seq}", data, key, id=identifier)


def _round_of(event: Event, case: Case) -> int:
    """The correction round a move belongs to: rounds begin with what the family sends."""
    return case.tasks[_key(event)].round


def _routing(event: Event, seq: int, case: Case) -> Outgoing:
    key = _key(event)
    data = {
        "task_id": str(task_id(case.id, key)),
        "office": event.public["office"],
        "at": event.at,
    }
    return Outgoing(case.origin, TASK_ROUTED, f"routed-{seq}", data, key)


def _placed(before: Case, events: Sequence[Event], after: Case) -> Iterator[Outgoing]:
    """The office that took a task when it is not the one that was named."""
    for seq, event in enumerate(events, start=before.version + 1):
        if event.kind is EventKind.TASK_RECEIVED and event.public["office"] is not None:
            if event.public["office"] != event.public.get("named"):
                yield _routing(event, seq, after)


def _key(event: Event) -> TaskKey:
    assert event.task is not None
    return event.task

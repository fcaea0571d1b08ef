"""Two nodes compare what they share: the missing is taken over, the differing goes to a person."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, cast
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import pytest
from django.utils.timezone import now as real_now  # noqa: TID251 (comparing has a clock)

from tests.actions.cast import CERTIFICATE, Household, clerk
from tests.actions.cast_nodes import HUB, Sent, sent_by_hub
from yijian.actions import parity, tasks
from yijian.domain.handling import OfficeDecision
from yijian.domain.parity import SharedTask, Standing, buckets_of, result_digest
from yijian.domain.states import TaskState
from yijian.gateways.calls import Caller, CallFailedError
from yijian.ops import converging, verify
from yijian.records import convergence, journal
from yijian.records.convergence import RECEIVED, SENT
from yijian.records.models import DisagreementRow, OutboxMessage, ParityRun, SharedTaskRow

pytestmark = pytest.mark.django_db
S = TaskState


@dataclass
class OtherNode:
    """The hub as this node hears it: lines, records, reports. Handed in as the caller."""

    lines: list[SharedTask] = field(default_factory=list)
    records: dict[str, Mapping[str, object]] = field(default_factory=dict)
    reports: list[dict[str, object]] = field(default_factory=list)
    changed_at: str = "2026-11-20T10:00:00+08:00"
    asked: list[str] = field(default_factory=list)
    broken: str = ""

    def get(self, url: str) -> dict[str, object]:
        """What the hub answers at one address."""
        path, query = urlsplit(url).path.removeprefix("/api/v1"), parse_qs(urlsplit(url).query)
        self.asked.append(path)
        if self.broken:
            raise CallFailedError(self.broken)
        said = {name: values[0] for name, values in query.items()}
        if path == "/reports":
            after = int(said.get("after", "0"))
            page = [r for r in self.reports if int(str(r["cursor"])) > after]
            return {"reports": page, "next": str(page[-1]["cursor"] if page else after)}
        if found := re.fullmatch(r"/parity/tasks/(.+)", path):
            if found[1] not in self.records:
                raise CallFailedError("status_404", passing=False)
            return dict(self.records[found[1]])
        mine = [each for each in self.lines if said.get("side") == SENT]
        mine = [each for each in mine if each.task.startswith(said.get("within", ""))]
        if path == "/parity/lines":
            return {"lines": [self._line(each) for each in mine], "next": None}
        told = buckets_of(mine, int(said["width"]))
        return {
            "buckets": [
                {"bucket": prefix, "count": each.count, "digest": each.digest}
                for prefix, each in told.items()
            ]
        }

    def _line(self, line: SharedTask) -> dict[str, object]:
        return {
            "task_id": line.task,
            "round": line.round,
            "state": line.state.value,
            "result": line.result,
            "answered": line.answered,
            "changed_at": self.changed_at,
            "case_number": "N",
            "item": CERTIFICATE[0],
        }

    def compare(self, *, repair: bool = True) -> list[converging.Comparison]:
        """This node compares with the hub, even what is under way; both of its sides."""
        return converging.converge(
            only=HUB, repair=repair, everything=True, ours=cast(Caller, self)
        )


@pytest.fixture
def hub(family: Household) -> Sent:
    """A family that applied at the hub; the certificate is to be issued at this node."""
    return sent_by_hub(family, CERTIFICATE)


def task_of(hub: Sent) -> str:
    return str(hub.payloads[CERTIFICATE]["task_id"])


def kept(hub: Sent) -> SharedTask:
    found = convergence.line_of(partner=HUB, side=RECEIVED, task_id=UUID(task_of(hub)))
    assert found is not None
    return found


def record(hub: Sent, state: TaskState, **more: object) -> dict[str, object]:
    task = {**hub.payloads[CERTIFICATE], "intent": "dispatched"}
    return {"task_id": task_of(hub), "state": state.value, "round": 0, "task": task} | more


def test_what_both_tell_is_kept_with_every_change(hub: Sent) -> None:
    hub.take(hub.event(CERTIFICATE))
    assert kept(hub) == SharedTask(task_of(hub), 0, S.QUEUED)
    _decide(hub, S.ACCEPTED)
    assert kept(hub) == SharedTask(task_of(hub), 0, S.ACCEPTED)


def _decide(hub: Sent, to: TaskState, **more: Any) -> None:
    task = hub.case.tasks[CERTIFICATE]
    assert task.office is not None
    hub.now += timedelta(hours=1)
    tasks.decide(
        by=clerk(task.office),
        task_id=UUID(task_of(hub)),
        version=task.version,
        decision=OfficeDecision(to, **more),
        now=hub.now,
    )
    tasks.apply_due_decisions(now=hub.now + timedelta(seconds=11))


def test_the_database_digests_buckets_as_the_domain_does(hub: Sent) -> None:
    hub.take(hub.event(CERTIFICATE))
    _decide(hub, S.ACCEPTED)
    for width in (5, 7):
        told = convergence.buckets(partner=HUB, side=RECEIVED, width=width)
        assert told == buckets_of([kept(hub)], width)
    prefix = task_of(hub)[:7]
    assert [each.line for each in convergence.lines(partner=HUB, side=RECEIVED, within=prefix)] == [
        kept(hub)
    ]
    assert convergence.buckets(partner="another", side=RECEIVED, width=5) == {}
    with pytest.raises(ValueError, match="beginning"):
        convergence.buckets(partner=HUB, side=RECEIVED, width=5, within="x")


def test_sides_that_agree_cost_two_questions(hub: Sent) -> None:
    hub.take(hub.event(CERTIFICATE))
    other = OtherNode([kept(hub)])
    sent, received = other.compare()
    assert (received.compared, received.same, received.found) == (1, 1, [])
    assert other.asked.count("/parity") == 2
    assert "/parity/lines" not in other.asked
    assert sent.problem == ""
    assert ParityRun.objects.count() == 2


def test_a_task_that_never_arrived_is_taken_in_as_if_dispatched(hub: Sent) -> None:
    other = OtherNode([SharedTask(task_of(hub), 0, S.QUEUED)])
    other.records[task_of(hub)] = record(hub, S.QUEUED)
    _, received = other.compare()
    assert [(f.standing, f.outcome) for f in received.found] == [
        (Standing.DOWNSTREAM_LACKS, "healed")
    ]
    assert hub.case.tasks[CERTIFICATE].state is S.QUEUED
    (again,) = other.compare()[1:]
    assert (again.same, again.healed) == (1, 0)
    assert verify.verify(public_keys={}).faults == []


def test_a_restored_node_takes_state_and_result_and_the_journal_says_from_whom(
    hub: Sent,
) -> None:
    hub.take(hub.event(CERTIFICATE))
    result = {"certificate_number": "Y340000123", "issued_on": "2026-11-20"}
    done = SharedTask(task_of(hub), 0, S.COMPLETED, result_digest(task_of(hub), result))
    other = OtherNode([done], {task_of(hub): record(hub, S.COMPLETED, result=result)})
    _, received = other.compare()
    assert [f.outcome for f in received.found] == ["healed"], received.found
    assert hub.case.tasks[CERTIFICATE].state is S.COMPLETED
    assert dict(hub.case.results[CERTIFICATE])["certificate_number"] == "Y340000123"
    moved = [e for e in journal.entries_of(hub.id) if e.kind == "task_moved"]
    assert moved and all(e.event_body["taken_over_from"] == HUB for e in moved)
    assert all(e.actor == f"node:{HUB}" for e in moved)
    kinds = {e.kind for e in journal.entries_of(hub.id)}
    assert "certificate_kept" not in kinds, "no certificate is issued a second time"
    reported = OutboxMessage.objects.filter(destination=HUB, kind="yijian.task.reported.v1")
    assert not reported.exists(), "what upstream knows is not told back to it"
    assert verify.verify(public_keys={}).faults == []


def test_what_was_withdrawn_upstream_stops_here(hub: Sent) -> None:
    hub.take(hub.event(CERTIFICATE))
    other = OtherNode([SharedTask(task_of(hub), 0, S.WITHDRAWN)])
    other.records[task_of(hub)] = record(hub, S.WITHDRAWN)
    _, received = other.compare()
    assert [(f.standing, f.outcome) for f in received.found] == [
        (Standing.WITHDRAWN_UPSTREAM, "healed")
    ]
    assert hub.case.tasks[CERTIFICATE].state is S.WITHDRAWN


def test_a_lost_report_goes_again_under_its_own_id(hub: Sent) -> None:
    hub.take(hub.event(CERTIFICATE))
    _decide(hub, S.ACCEPTED)
    (row,) = OutboxMessage.objects.filter(destination=HUB, kind="yijian.task.reported.v1")
    OutboxMessage.objects.filter(id=row.id).update(state="delivered")
    other = OtherNode([SharedTask(task_of(hub), 0, S.QUEUED)], changed_at=real_now().isoformat())
    _, received = other.compare()
    assert [(f.standing, f.outcome) for f in received.found] == [
        (Standing.UPSTREAM_BEHIND, "asked")
    ]
    row.refresh_from_db()
    assert row.state == "waiting"
    assert OutboxMessage.objects.filter(destination=HUB).count() == 1
    other.changed_at = "2026-11-01T10:00:00+08:00"
    _, received = other.compare()
    assert received.open == 1, "what no message has healed for hours is a person's"


def test_a_task_that_upstream_has_forgotten_is_a_persons(hub: Sent) -> None:
    hub.take(hub.event(CERTIFICATE))
    other = OtherNode()
    for _ in range(2):
        _, received = other.compare()
        assert received.open == 1
    (row,) = convergence.open_disagreements()
    assert (row.kind, row.item) == ("upstream_lacks", CERTIFICATE[0])
    assert row.owner == hub.case.tasks[CERTIFICATE].office
    assert row.case_number == hub.case.number
    assert row.due_at == row.found_at + timedelta(days=1)
    other.lines = [kept(hub)]
    other.compare()
    (row,) = DisagreementRow.objects.all()
    assert (row.settled, row.settled_by) == ("healed", "system")


def test_a_person_settles_a_conflict_with_a_reason(hub: Sent, now: datetime) -> None:
    hub.take(hub.event(CERTIFICATE))
    _decide(hub, S.DECLINED, reason="other", reason_text="无法办理")
    other = OtherNode([SharedTask(task_of(hub), 0, S.COMPLETED, "ab" * 32)])
    _, received = other.compare()
    assert [(f.standing, f.outcome) for f in received.found] == [(Standing.CONFLICT, "open")]
    (row,) = convergence.open_disagreements()
    assert (row.ours, row.theirs) == ("declined/0", "completed/0")
    with pytest.raises(ValueError, match="says how"):
        parity.settle(by="operator", disagreement=row.id, reason=" ", now=now)
    assert parity.settle(by="operator", disagreement=row.id, reason="电话核实", now=now)
    assert not parity.settle(by="operator", disagreement=row.id, reason="again", now=now)
    sealed = DisagreementRow.objects.get(id=row.id).sealed
    assert sealed and "电话核实".encode() not in bytes(sealed)
    assert convergence.open_disagreements() == []


def test_looking_alone_changes_nothing(hub: Sent) -> None:
    other = OtherNode([SharedTask(task_of(hub), 0, S.QUEUED)])
    other.records[task_of(hub)] = record(hub, S.QUEUED)
    _, received = other.compare(repair=False)
    assert [f.outcome for f in received.found] == ["seen"]
    assert not SharedTaskRow.objects.exists()
    assert convergence.open_disagreements() == []


def test_what_may_be_on_its_way_is_left_alone(hub: Sent) -> None:
    other = OtherNode([SharedTask(task_of(hub), 0, S.QUEUED)], changed_at="2100-01-01T00:00:00Z")
    _, received = converging.converge(only=HUB, ours=cast(Caller, other))
    assert (received.waiting, received.found) == (1, [])


@pytest.mark.parametrize(
    ("reason", "problem"), [("status_404", "not_offered"), ("timeout", "timeout")]
)
def test_a_node_that_does_not_answer_is_said_so(hub: Sent, reason: str, problem: str) -> None:
    other = OtherNode(broken=reason)
    assert [each.problem for each in other.compare()] == [problem, problem]
    assert [run.problem for run in convergence.last_runs()] == [problem, problem]


@pytest.mark.parametrize(
    "change", [{"state": "sleeping"}, {"task": []}, {"task_id": "x"}, {"round": "a"}]
)
def test_a_record_that_makes_no_sense_changes_nothing(hub: Sent, change: dict[str, object]) -> None:
    other = OtherNode([SharedTask(task_of(hub), 0, S.QUEUED)])
    other.records[task_of(hub)] = record(hub, S.QUEUED) | change
    _, received = other.compare()
    assert received.open == 1
    assert not SharedTaskRow.objects.exists()


def test_reports_are_read_once_and_from_where_one_left_off(
    hub: Sent, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken: list[str] = []

    def take_in(sender: str, events: Iterable[Any], *, now: datetime) -> None:
        assert sender == HUB
        taken.extend(event.id for event in events)

    monkeypatch.setattr(converging, "take_in", take_in)
    data = {"task_id": task_of(hub), "state": "accepted"}
    first = {"type": "yijian.task.reported.v1", "id": "r1", "cursor": "1", "data": data}
    other = OtherNode(reports=[first, first | {"id": "r2", "cursor": "2"}])
    (partner,) = [p for p in convergence.pairs() if p.code == HUB]
    assert converging.read_reports(partner, ours=cast(Caller, other)) == 2
    assert converging.read_reports(partner, ours=cast(Caller, other)) == 0
    other.reports.append(first | {"id": "r3", "cursor": "3"})
    assert converging.read_reports(partner, ours=cast(Caller, other)) == 1
    assert taken == ["r1", "r2", "r3"]
    assert convergence.cursor_of(partner=HUB) == "3"


def test_what_was_missed_is_told_by_case(hub: Sent) -> None:
    other = OtherNode([SharedTask(task_of(hub), 0, S.QUEUED)])
    other.records[task_of(hub)] = record(hub, S.QUEUED)
    (missed,) = converging.missed(other.compare())
    assert (missed.case_number, missed.item, missed.ours, missed.theirs) == (
        "N", CERTIFICATE[0], "", "queued/0",
    )  # fmt: skip

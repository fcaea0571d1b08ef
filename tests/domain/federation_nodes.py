"""A node of the federation and a department's own system, as values with transactions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any
from uuid import UUID

from tests.domain.cast import NEWBORN_ID
from tests.domain.federation_cast import (
    HUB,
    MINUTE,
    Killed,
    Letter,
    Waiting,
    Work,
    application,
    context_for,
    plain,
)
from yijian.actions.dispatching import dispatches, reached_by
from yijian.actions.parity import Recorded, advanced
from yijian.actions.reporting import to_origin
from yijian.domain import handling, receiving
from yijian.domain.cases import Case
from yijian.domain.context import RefusedError
from yijian.domain.envelopes import CASE_CLOSED, TASK_DISPATCHED, TASK_REPORTED, TASK_WITHDRAWN
from yijian.domain.events import Event, EventKind, TaskKey
from yijian.domain.handling import AlreadyDoneError, OfficeDecision, TooLateError
from yijian.domain.history import apply_all
from yijian.domain.notices import messages
from yijian.domain.parity import STOPPED, SharedTask, Standing, compared, result_digest
from yijian.domain.returned import read_report
from yijian.domain.routing import read_reach
from yijian.domain.sent import read_sent
from yijian.domain.states import TERMINAL, UNDER_WAY, TaskState
from yijian.records.identifiers import task_id

if TYPE_CHECKING:
    from tests.domain.federation_world import World

UNSEEN = (TaskState.WAITING, TaskState.NOT_NEEDED)
REPORTABLE = frozenset(TaskState) - {TaskState.QUEUED, TaskState.WITHDRAWN, *UNSEEN}
S = TaskState


@dataclass
class Rows:
    """Everything a node has committed; a backup is a copy of it."""

    cases: dict[str, Case] = field(default_factory=dict)
    blanks: dict[str, Case] = field(default_factory=dict)
    journal: dict[str, list[Event]] = field(default_factory=dict)
    reached: dict[str, dict[TaskKey, str]] = field(default_factory=dict)
    tasks: dict[str, tuple[str, TaskKey]] = field(default_factory=dict)
    outbox: list[Waiting] = field(default_factory=list)
    inbox: dict[tuple[str, str], str] = field(default_factory=dict)
    cursors: dict[str, int] = field(default_factory=dict)
    numbers: set[str] = field(default_factory=set)

    def backup(self) -> Rows:
        """What is on tape after this moment."""
        return Rows(
            dict(self.cases),
            dict(self.blanks),
            {id: list(events) for id, events in self.journal.items()},
            {id: dict(reached) for id, reached in self.reached.items()},
            dict(self.tasks),
            [copy(row) for row in self.outbox],
            dict(self.inbox),
            dict(self.cursors),
            set(self.numbers),
        )


class Node:
    """节点: one installation. Its rows change only in `commit`."""

    def __init__(self, world: World, name: str) -> None:
        self.world, self.name, self.rows = world, name, Rows()
        self.context = context_for(world.provinces, name)
        self.refused: list[tuple[str, str]] = []
        self.tape = self.rows.backup()
        self.catching_up = False

    def commit(
        self,
        case: Case,
        events: Sequence[Event],
        letter: Letter | None = None,
        outcome: str = "applied",
    ) -> None:
        """One transaction: rows, journal, outbox and inbox; killed before or after."""
        rows, world = self.rows, self.world
        if letter is not None and world.bug("inbox_before_the_effect"):
            rows.inbox[letter.sender, letter.id] = outcome
        before, known = rows.cases.get(case.id, case), rows.reached.get(case.id, {})
        outgoing: list[Waiting] = []
        after, reached = case, known
        if events:
            after = apply_all(before, events)
            reached = dict(reached_by(after, events, self.context, known))
            outgoing = self._outgoing(before, events, after, reached, known)
        if world.chance("killed"):
            raise Killed
        if events:
            rows.cases[case.id] = after
            rows.journal.setdefault(case.id, []).extend(events)
            rows.reached[case.id] = reached
            rows.numbers |= {str(r["number"]) for r in after.results.values() if "number" in r}
            rows.tasks |= {str(task_id(case.id, key)): (case.id, key) for key in after.tasks}
        if world.bug("outbox_after_the_commit") and world.chance("killed"):
            raise Killed
        rows.outbox += outgoing
        if letter is not None:
            rows.inbox[letter.sender, letter.id] = outcome
        if events and self.name == HUB:
            self._tell(events, after)
        if world.chance("killed"):
            raise Killed
        for to in dict.fromkeys(row.letter.to for row in outgoing):
            world.at(MINUTE, lambda to=to: self.pump(to))  # type: ignore[misc]

    def _tell(self, events: Sequence[Event], after: Case) -> None:
        for message in messages(after, events, self.context, self.world.now):
            self.world.told[after.id, message.about] += 1

    def _outgoing(
        self,
        before: Case,
        events: Sequence[Event],
        after: Case,
        reached: Mapping[TaskKey, str],
        known: Mapping[TaskKey, str],
    ) -> list[Waiting]:
        now, found = self.world.now, []
        sent = [
            *dispatches(after, events, self.context, now, (), (), known),
            *to_origin(before, events, after),
        ]
        for each in sent:
            if each.kind == TASK_WITHDRAWN and self.world.bug("withdrawal_is_not_sent"):
                continue
            task = str(task_id(after.id, each.task)) if each.task else ""
            round = after.tasks[each.task].round if each.task else 0
            data = plain(each.payload) | {"unheard_of": self.name}
            if self.world.bug("unknown_fields_are_dropped"):
                del data["unheard_of"]
            letter = Letter(
                str(each.id), self.name, each.destination, each.kind, each.intent, round, task, data
            )
            found.append(Waiting(letter, self.world.next()))
        if any(e.kind is EventKind.CASE_CLOSED for e in events) and not after.origin:
            for to in sorted({str(read_reach(r).participant) for r in reached.values()}):
                data = {"case_id": after.id, "case_number": after.number}
                id = f"closed-{after.id}-{to}-{after.version}"
                letter = Letter(id, self.name, to, CASE_CLOSED, id, 0, "", data)
                found.append(Waiting(letter, self.world.next()))
        return found

    def pump(self, to: str) -> None:
        """Empty the outbox of one destination, each task's letters in their order."""
        if self.world.is_down(self.name):
            return
        stuck: set[str] = set()
        for row in self.rows.outbox:
            letter = row.letter
            if letter.to != to or row.state != "waiting":
                continue
            if letter.task and letter.task in stuck:
                continue
            if self.world.bug("new_id_at_every_attempt"):
                letter = replace(letter, id=f"{letter.id}-{self.world.random.random()}")
            acknowledged = self.world.send(letter)
            if acknowledged or self.world.bug("sent_is_taken_for_delivered"):
                row.state = "delivered"
            else:
                stuck.add(letter.task)
        if stuck and not self.world.bug("nobody_tries_again"):
            self.world.at(MINUTE * self.world.random.randint(2, 40), lambda: self.pump(to))

    def sweep(self) -> None:
        """Find what nobody was woken for."""
        if not self.world.bug("nobody_tries_again"):
            for to in sorted({r.letter.to for r in self.rows.outbox if r.state == "waiting"}):
                self.pump(to)

    def submit(self, case_id: str, number: str, province: str) -> None:
        """A family applies at the hub."""
        ready, events = application(self.world.provinces, province)
        case = replace(ready, id=case_id, number=number)
        self.rows.blanks[case_id] = case
        self.commit(case, [replace(e, at=self.world.now) for e in events])

    def restore(self) -> None:
        """Come back as yesterday; the desks stay closed until the others have told the rest."""
        self.rows = self.tape.backup()
        self.catching_up = not self.world.bug("desks_open_before_catching_up")

    def take(self, letter: Letter) -> None:
        """A letter arrives; each counts once and for ever."""
        known = (letter.sender, letter.id) in self.rows.inbox
        if known and not self.world.bug("no_inbox"):
            self.world.sometimes["a letter came twice"] += 1
            return
        try:
            case, events = self._effect(letter)
        except (AlreadyDoneError, TooLateError):
            self.world.sometimes["a letter came too late"] += 1
            self.rows.inbox[letter.sender, letter.id] = "late"
            return
        except RefusedError as refused:
            self.refused.append((letter.sender, refused.code))
            self.rows.inbox[letter.sender, letter.id] = refused.code
            return
        self.commit(case, events, letter)

    def _effect(self, letter: Letter) -> tuple[Case, list[Event]]:
        if letter.kind == TASK_DISPATCHED:
            return self.dispatched(letter)
        if letter.kind == TASK_REPORTED:
            return self.reported(letter)
        case_id, key = self.rows.tasks.get(letter.task, (str(letter.data.get("case_id")), None))
        case = self.rows.cases.get(case_id)
        if case is None or case.origin != letter.sender:
            raise RefusedError("unknown_task")
        now = self.world.now
        if letter.kind == CASE_CLOSED:
            try:
                return case, receiving.case_closed(case, now)
            except receiving.CaseOpenError:
                raise RefusedError("case_open") from None
        if key is None:
            raise RefusedError("unknown_task")
        return case, receiving.task_withdrawn(case, key, TaskState(letter.data["state"]), now)

    def dispatched(self, letter: Letter) -> tuple[Case, list[Event]]:
        """A task of the upstream's case, as `actions.receiving` takes it in."""
        sent, now = read_sent(letter.data), self.world.now
        if str(task_id(UUID(sent.case_id), sent.key)) != sent.task_id:
            raise RefusedError("wrong_data", "task_id")
        case = self.rows.cases.get(sent.case_id)
        if case is not None and case.origin != letter.sender:
            raise RefusedError("unknown_task")
        first: list[Event] = []
        if case is None:
            case = receiving.new_case(sent, now)
            self.rows.blanks.setdefault(case.id, case)
            first = [receiving.case_received(sent, letter.sender, now)]
        after = apply_all(case, first)
        events = receiving.task_received(after, sent, letter.id, self.context, now)
        return case, [*first, *events] if events else []

    def reported(self, letter: Letter) -> tuple[Case, list[Event]]:
        """What the downstream says, as `actions.feedback` takes it."""
        report = read_report(letter.data)
        case_id, key = self.rows.tasks.get(report.task_id, ("", ("", 0)))
        case = self.rows.cases.get(case_id)
        if case is None or key not in case.tasks:
            raise RefusedError("unknown_task")
        kept = self.rows.reached[case_id].get(key)
        reach = read_reach(kept) if kept else None
        theirs = reach is not None and reach.participant == letter.sender
        if not theirs and not self.world.bug("any_sender_may_report"):
            raise RefusedError("unknown_task")
        decision = replace(report.decision, elsewhere=bool(reach and reach.channel == "node"))
        if self.world.bug("the_round_is_not_looked_at"):
            decision = replace(decision, round=None)
        number = (decision.result or {}).get("number")
        given = case.results.get(key, {}).get("number")
        if number in self.rows.numbers and number != given:
            raise RefusedError("number_used")
        return case, self.decided(case, key, decision, f"partner:{letter.sender}")

    def decided(self, case: Case, key: TaskKey, said: OfficeDecision, by: str) -> list[Event]:
        """What an office's decision causes; a bug may forget that states only move forward."""
        task = case.tasks[key]
        behind = task.state in TERMINAL or handling.RANK[said.to] < handling.RANK[task.state]
        if behind and task.state is not said.to and self.world.bug("states_may_go_back"):
            public = {"from": task.state.value, "to": said.to.value}
            return [Event(EventKind.TASK_MOVED, self.world.now, by, key, public=public)]
        return handling.decide(case, key, said, by, self.context, self.world.now)

    def lines(self, partner: str, side: str) -> list[SharedTask]:
        """What this node tells a partner, as `actions.pairs` keeps it."""
        told, rows = [], self.rows
        for id, (case_id, key) in rows.tasks.items():
            case = rows.cases[case_id]
            task, kept = case.tasks[key], rows.reached[case_id].get(key)
            if side == "received":
                shared = case.origin == partner
            else:
                shared = kept is not None and read_reach(kept).participant == partner
            if task.state not in UNSEEN and shared:
                digest = result_digest(id, case.results.get(key))
                unseen = self.world.bug("answers_are_not_compared")
                answered = 0 if unseen else len(task.answered)
                told.append(SharedTask(id, task.round, task.state, digest, answered))
        return told

    def desks(self) -> None:
        """Clerks at the desks of this node decide what lies there, once it has caught up."""
        if self.world.is_down(self.name) or self.catching_up:
            return
        for case_id, case in list(self.rows.cases.items()):
            for key, task in case.tasks.items():
                desk = case.origin and self.rows.reached[case_id].get(key) == "desk"
                if desk and task.state in UNDER_WAY and self.world.random.random() < 0.4:
                    self._clerk(case_id, key)

    def _clerk(self, case_id: str, key: TaskKey) -> None:
        case, some = self.rows.cases[case_id], self.world.random
        task = case.tasks[key]
        result: dict[str, object] = {}
        said = {S.QUEUED: S.ACCEPTED, S.APPROVED: S.COMPLETED}.get(task.state, S.APPROVED)
        if task.state is S.CORRECTION_NEEDED:
            return
        if said is S.APPROVED and task.round == 0 and some.random() < 0.25:
            said = S.CORRECTION_NEEDED
        if said is S.COMPLETED:
            free = (f"Y34000{self.name[-1]}{n:03d}" for n in range(1000))
            result["number"] = next(n for n in free if n not in self.rows.numbers)
            self.world.given(self.name, self.world.nodes[HUB], str(task_id(case_id, key)))
        decision = OfficeDecision(said, "wrong", "错", ("newborn_name",), result)
        try:
            self.commit(case, self.decided(case, key, decision, "staff:1"))
        except (RefusedError, AlreadyDoneError, TooLateError):
            self.world.sometimes["a clerk was told no"] += 1
        except Killed:
            self.world.stumble(self.name)

    def families(self) -> None:
        """Families at the hub do what is asked of them; a few change their minds."""
        if self.world.is_down(self.name):
            return
        for case in list(self.rows.cases.values()):
            try:
                events = self._family(case)
                if events:
                    self.commit(case, events)
            except (RefusedError, AlreadyDoneError, TooLateError):
                self.world.sometimes["a family was told no"] += 1
            except Killed:
                self.world.stumble(self.name)
                return

    def _family(self, case: Case) -> list[Event]:
        now, some = self.world.now, self.world.random
        for key, task in case.tasks.items():
            if task.state is S.CORRECTION_NEEDED and some.random() < 0.3:
                answers = {("newborn_name", 1): some.choice(("李改", "李又改"))}
                return handling.correct(case, key, answers, "mother", "d", self.context, now)
            if task.open_asks and not task.ended and some.random() < 0.3:
                ask = task.open_asks[0]
                return handling.answer_ask(case, key, ask, "mother", "d", self.context, now)
        if some.random() < self.world.weather["minds"] and case.stage.value == "submitted":
            return handling.withdraw(case, "mother", self.context, now)
        return []

    def poll(self, name: str) -> None:
        """Read what a downstream has reported since the last time."""
        world = self.world
        if world.is_down(self.name) or not world.reachable(name) or world.bug("nobody_polls"):
            return
        other = world.everybody[name]
        feed = other.rows.outbox if isinstance(other, Node) else other.reports
        after = self.rows.cursors.get(name, 0)
        new = [r for r in feed if r.seq > after and r.letter.to == self.name]
        if world.bug("the_cursor_moves_first") and new:
            self.rows.cursors[name] = new[-1].seq
        try:
            for row in new:
                if row.letter.kind == TASK_REPORTED:
                    self.take(row.letter)
                self.rows.cursors[name] = row.seq
        except Killed:
            world.stumble(self.name)

    def adopt(self, upstream: Node, task: str) -> bool:
        """Take over what the upstream recorded, as `actions.parity.adopt` does."""
        case_id, key = upstream.rows.tasks[task]
        theirs = upstream.rows.cases[case_id]
        current = theirs.tasks[key]
        known = self.rows.tasks.get(task)
        mine = self.rows.cases[known[0]].tasks[known[1]] if known else None
        found = upstream.letter_about(task, self.name)
        try:
            if current.state in STOPPED:
                data = {**found.data, "state": current.state.value}
                self._take_again(replace(found, kind=TASK_WITHDRAWN, data=data))
                return True
            behind = mine is None or mine.round < current.round
            if behind or (mine and not set(current.answered) <= set(mine.answered)):
                self._take_again(found)
            if current.state is not S.QUEUED:
                decision = OfficeDecision(
                    current.state,
                    current.reason,
                    "",
                    current.correct,
                    dict(theirs.results.get(key, {})),
                )
                told = Recorded(UUID(task), current.state, current.round, decision, {})
                case = self.rows.cases[case_id]
                now = self.world.now
                events = advanced(case, key, told, upstream.name, self.context, now)
                self.commit(case, events)
        except (AlreadyDoneError, TooLateError):
            return True
        except RefusedError:
            return False
        return True

    def _take_again(self, letter: Letter) -> None:
        case, events = self._effect(letter)
        if events:
            self.commit(case, events)

    def letter_about(self, task: str, to: str) -> Letter:
        """The task as it would be dispatched now."""
        case_id, key = self.rows.tasks[task]
        case, context, now = self.rows.cases[case_id], self.context, self.world.now
        event = Event(EventKind.TASK_MOVED, now, "system", key, public={"from": "", "to": "queued"})
        (sent,) = dispatches(case, [event], context, now, (), (), {})
        data = plain(sent.payload) | {"unheard_of": self.name}
        id = f"parity:{task}:{self.world.random.random()}"
        return Letter(id, self.name, to, TASK_DISPATCHED, "parity", 0, task, data)

    def send_again(self, task: str, to: str) -> bool:
        """Let the reports about a task go again with their own ids; whether there were any."""
        rows = [r for r in self.rows.outbox if r.letter.to == to and r.letter.task == task]
        for row in rows:
            row.state = "waiting"
        if rows:
            self.world.at(MINUTE, lambda: self.pump(to))
        return bool(rows)


class Department:
    """部门系统: works through its tasks and repeats every report until it is acknowledged."""

    def __init__(self, world: World, name: str, node: str) -> None:
        self.world, self.name, self.node = world, name, node
        self.works: dict[str, Work] = {}
        self.inbox: set[str] = set()
        self.reports: list[Waiting] = []
        self.tape: tuple[dict[str, Work], set[str], int] = ({}, set(), 0)

    def backup(self) -> None:
        """What is on tape after this moment."""
        works = {task: copy(work) for task, work in self.works.items()}
        self.tape = (works, set(self.inbox), len(self.reports))

    def restore(self) -> None:
        """Come back as yesterday; what was reported since is forgotten."""
        works, inbox, reports = self.tape
        self.works = {task: copy(work) for task, work in works.items()}
        self.inbox, self.reports = set(inbox), self.reports[:reports]

    def take(self, letter: Letter) -> None:
        """A letter from the node."""
        if letter.id in self.inbox:
            return
        if self.world.chance("killed"):
            raise Killed
        self.inbox.add(letter.id)
        work, data = self.works.get(letter.task), letter.data
        if letter.kind == TASK_WITHDRAWN:
            if work and work.state in UNDER_WAY and work.state is not S.APPROVED:
                work.state = S.WITHDRAWN
        elif letter.kind == TASK_DISPATCHED:
            round, answered = int(data["round"]), tuple(data["answered"])
            if work is None:
                confirmed = data["item"] == "registration"
                self.works[letter.task] = Work(round, needs_confirmation=confirmed)
                self._work_on(letter.task)
            elif round > work.round and work.state is S.CORRECTION_NEEDED:
                work.round, work.state = round, S.IN_REVIEW
                self._work_on(letter.task)
            self.works[letter.task].answered = answered

    def _work_on(self, task: str) -> None:
        pause = MINUTE * self.world.random.randint(5, 10 * 60)
        self.world.at(pause, lambda: self.step(task))

    def step(self, task: str) -> None:
        """The next decision about a task, and its report."""
        work, some = self.works.get(task), self.world.random
        if work is None or work.state in TERMINAL or work.state is S.CORRECTION_NEEDED:
            return
        if self.world.is_down(self.name):
            return self._work_on(task)
        if work.state is S.QUEUED:
            work.state = S.ACCEPTED
        elif work.state in (S.ACCEPTED, S.IN_REVIEW):
            asks = work.round == 0 and some.random() < 0.25
            work.state = S.CORRECTION_NEEDED if asks else S.APPROVED
        elif work.needs_confirmation and "confirm" not in work.answered:
            return self._work_on(task)
        else:
            work.state, work.result = S.COMPLETED, self._result(task)
        self._report(task, work)
        return self._work_on(task)

    def _result(self, task: str) -> Mapping[str, object]:
        self.world.given(self.name, self.world.nodes[self.node], task)
        return {"id_number": NEWBORN_ID} if self.works[task].needs_confirmation else {}

    def _report(self, task: str, work: Work) -> None:
        id = f"{self.name}-{len(self.reports)}-{self.world.random.randrange(1 << 40)}"
        data: dict[str, Any] = {
            "feedback_id": id,
            "task_id": task,
            "round": work.round,
            "state": work.state.value,
            "at": self.world.now.isoformat(),
            "fields": ["newborn_name"] if work.state is S.CORRECTION_NEEDED else [],
            "result": dict(work.result),
        }
        if work.state is S.CORRECTION_NEEDED:
            data["reason"] = {"code": "wrong", "text": "错"}
        letter = Letter(
            id, self.name, self.node, TASK_REPORTED, work.state.value, work.round, task, data
        )
        self.reports.append(Waiting(letter, self.world.next()))
        self.push()

    def push(self) -> None:
        """Push what is not acknowledged; a real sender gives up after a while, polling does not."""
        if self.world.is_down(self.name):
            return
        for row in self.reports:
            if row.state != "waiting":
                continue
            if self.world.send(row.letter):
                row.state = "delivered"
            elif self.world.chance("deaf"):
                row.state = "given_up"

    def lines(self) -> list[SharedTask]:
        """What the department tells of its tasks."""
        return [
            SharedTask(
                task, work.round, work.state, result_digest(task, work.result), len(work.answered)
            )
            for task, work in self.works.items()
        ]

    def learn(self, node: Node) -> None:
        """After a restore: take what the node has recorded, and go on from there."""
        theirs = {line.task: line for line in node.lines(self.name, "sent")}
        for task, line in theirs.items():
            case_id, key = node.rows.tasks[task]
            case, work = node.rows.cases[case_id], self.works.get(task)
            found = compared([line], [] if work is None else [self._line(task, work)])[task]
            if found in (Standing.SAME, Standing.UPSTREAM_BEHIND):
                continue
            answered = case.tasks[key].answered
            result = dict(case.results.get(key, {}))
            confirmed = key[0] == "registration"
            self.works[task] = Work(line.round, line.state, answered, result, confirmed)
            self._work_on(task)

    def _line(self, task: str, work: Work) -> SharedTask:
        return SharedTask(
            task, work.round, work.state, result_digest(task, work.result), len(work.answered)
        )

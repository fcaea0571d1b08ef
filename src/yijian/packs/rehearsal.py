"""预演: a family goes through a pack in the pure core, without database, offices or waiting.

`begun` is the case with every register's answer; `play` takes it to its end: both parents sign,
offices do what the script says and otherwise complete, and the family does what it is asked.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from yijian.domain import applying, handling
from yijian.domain.arriving import awaited, filler, noting_arrivals, opens_first
from yijian.domain.cases import Case, CheckState, Task
from yijian.domain.clocks import local_day
from yijian.domain.context import Context, RefusedError
from yijian.domain.events import Event, EventKind, TaskKey
from yijian.domain.facts import FAMILY, FactKey
from yijian.domain.handling import OfficeDecision
from yijian.domain.history import apply_all
from yijian.domain.matching import service_switch
from yijian.domain.materials import missing_scans
from yijian.domain.notices import Message, messages
from yijian.domain.numbers import case_number
from yijian.domain.papers import signed_digest
from yijian.domain.paperwork import DueDocument, due_documents
from yijian.domain.plan import ONLINE, make_plan
from yijian.domain.policy import Pack, Scope
from yijian.domain.signing import next_signers, text_digest
from yijian.domain.states import UNDER_WAY, Stage, TaskState
from yijian.domain.turning_away import turned_away
from yijian.packs.expressions import remembering
from yijian.packs.families.answering import FamilyFacts, facts_of
from yijian.packs.families.reading import Family
from yijian.packs.families.schema import ReasonSchema, StepSchema
from yijian.packs.made_up import made_up

BETWEEN_STEPS = timedelta(minutes=60)
MOST_STEPS = 500
USUAL_WAY = (TaskState.ACCEPTED, TaskState.APPROVED, TaskState.COMPLETED)
LINK = "https://example.cn/y"


@dataclass
class Rehearsal:
    """预演过程: the case as it stands, the time, and everything that happened on the way.

    `documents` stand beside the case as it was when they became due. `refused` says why it cannot
    go on; `unused` are steps of the script that never came to pass.
    """

    context: Context
    facts: FamilyFacts
    case: Case
    now: datetime
    events: list[Event] = field(default_factory=list)
    messages: list[Message] = field(default_factory=list)
    documents: list[tuple[DueDocument, Case]] = field(default_factory=list)
    refused: str | None = None
    unused: list[StepSchema] = field(default_factory=list)

    def take(self, events: Sequence[Event]) -> None:
        """Let events happen, with the messages and documents that follow from them."""
        self.case = apply_all(self.case, events)
        self.events.extend(events)
        self.messages.extend(messages(self.case, events, self.context, self.now, link=LINK))
        due = due_documents(self.case, events, self.context, self.now)
        self.documents.extend((document, self.case) for document in due)


def begun(family: Family, context: Context) -> Rehearsal:
    """The family's case when every register that can answer has answered."""
    with remembering():
        return _begun(family, context)


def _begun(family: Family, context: Context) -> Rehearsal:
    facts = facts_of(family, context.pack)
    now, model = facts.applied_at, family.model
    division = (context.pack.divisions or ("000000",))[0]
    case = Case(
        id="rehearsal",
        number=case_number(division, local_day(now), "X", 1),
        pack=context.pack.code,
        pack_version=context.pack.version,
        pack_digest=context.pack.digest,
        channel=model.channel or (context.pack.channels or ("online",))[0],
        started_at=now,
    )
    rehearsal = Rehearsal(context, facts, case, now)
    rehearsal.take(applying.start(case, model.applicant or opens_first(context.pack), context, now))
    for register, answer in facts.registers.items():
        rehearsal.take(
            applying.register_answered(
                rehearsal.case,
                register,
                answer.state,
                answer.values,
                now,
                newborns=answer.newborns,
                record_hours=context.pack.delivery_record_hours,
            )
        )
    _consent_and_answer(rehearsal)
    closed = [id_ for id_ in switched_off_by(rehearsal) if _closes_the_service(context.pack, id_)]
    if closed:
        rehearsal.refused = f"switched_off:{closed[0]}"
    return rehearsal


def switched_off_by(rehearsal: Rehearsal) -> tuple[str, ...]:
    """The switches that keep this family's service or an item of it from being online."""
    context, case, now = rehearsal.context, rehearsal.case, rehearsal.now
    found = set()
    if can_be_planned(case, context):
        plan = make_plan(context, case, now)
        found = {task.switch.id for task in plan if task.switch is not None}
    values = context.values(case, FAMILY, now)
    place = values.get(context.pack.place_fact or "")
    off = service_switch(context.pack, str(place) if place else None, local_day(now))
    if off is not None and case.channel == ONLINE:
        found.add(off.id)
    return tuple(sorted(found))


def _closes_the_service(pack: Pack, switch_id: str) -> bool:
    return any(switch.id == switch_id and not switch.items for switch in pack.switches)


def can_be_planned(case: Case, context: Context) -> bool:
    """Whether it is known for whom things are to be done: a birth waits for its record."""
    return bool(case.newborns) or all(
        item.scope is Scope.FAMILY for item in context.pack.items.values()
    )


def _arrive(rehearsal: Rehearsal, role: str, *, live_check: bool) -> None:
    """The role logs in, agrees, and passes the live-person check where one is wanted."""
    digest, now = text_digest("notice"), rehearsal.now
    case, context = rehearsal.case, rehearsal.context
    events = applying.give_consent(case, role, "user_notice", digest, now)
    if live_check and not case.live_checked(role):
        events += applying.live_checked(case, role, CheckState.FOUND, now)
    rehearsal.take(noting_arrivals(case, events, context, now))


def _consent_and_answer(rehearsal: Rehearsal) -> None:
    context, now = rehearsal.context, rehearsal.now
    _arrive(rehearsal, rehearsal.case.applicant, live_check=False)
    for step in awaited(rehearsal.case, context):
        _arrive(rehearsal, step.role, live_check=step.live_check)
    role = filler(rehearsal.case, context)
    _arrive(rehearsal, role, live_check=False)
    asked = {field.fact for field in context.pack.fields()}
    answers = {
        key: value
        for key, value in rehearsal.facts.answers.items()
        if key[0] in asked and key[1] <= max(rehearsal.case.newborns, 1)
    }
    items = rehearsal.facts.items
    try:
        rehearsal.take(
            applying.save_answers(rehearsal.case, role, answers, context, now, items=items)
        )
    except RefusedError as error:
        rehearsal.refused = _code(error)


def play(family: Family, context: Context) -> Rehearsal:
    """The family's case at its end, or where it cannot go on (`refused` says why)."""
    with remembering():
        rehearsal = begun(family, context)
        _late_record(family, rehearsal)
        rehearsal.take(turned_away(rehearsal.case, context, rehearsal.now))
        if rehearsal.refused is None:
            _sign(rehearsal)
        if rehearsal.case.stage is Stage.SUBMITTED:
            _work(family, rehearsal)
    return rehearsal


def _late_record(family: Family, rehearsal: Rehearsal) -> None:
    """A delivery that is recorded later wakes the parked case."""
    delivery = family.model.delivery
    minutes = delivery.appears_after_minutes if delivery is not None else None
    if minutes is None or rehearsal.case.newborns:
        return
    rehearsal.now += timedelta(minutes=minutes)
    recorded = facts_of(_recorded(family, rehearsal.now), rehearsal.context.pack)
    for register in ("delivery", "hukou", "certificates"):
        answer = recorded.registers[register]
        rehearsal.take(
            applying.register_answered(
                rehearsal.case,
                register,
                answer.state,
                answer.values,
                rehearsal.now,
                newborns=answer.newborns,
                record_hours=rehearsal.context.pack.delivery_record_hours,
            )
        )
    _consent_and_answer(rehearsal)


def _recorded(family: Family, at: datetime) -> Family:
    assert family.model.delivery is not None
    delivery = family.model.delivery.model_copy(update={"recorded_at": at})
    return Family(family.model.model_copy(update={"delivery": delivery}), family.tree)


def _sign(rehearsal: Rehearsal) -> None:
    context = rehearsal.context
    role = filler(rehearsal.case, context)
    try:
        _bring_scans(rehearsal, role)
        rehearsal.take(applying.open_signing(rehearsal.case, role, context, rehearsal.now))
        while steps := next_signers(rehearsal.case, context, rehearsal.now):
            step = steps[0]
            now = rehearsal.now = rehearsal.now + timedelta(minutes=5)
            _arrive(rehearsal, step.role, live_check=step.live_check)
            shown = signed_digest(rehearsal.case, context, now, step.text.zh, step.role)
            rehearsal.take(
                applying.sign(rehearsal.case, step.role, shown, "rehearsal", context, now)
            )
            if rehearsal.case.stage is Stage.SUBMITTED:
                return
    except RefusedError as error:
        rehearsal.refused = _code(error)


def _bring_scans(rehearsal: Rehearsal, role: str) -> None:
    """The family brings every picture it is asked for."""
    for asked in missing_scans(rehearsal.context, rehearsal.case, rehearsal.now):
        public = {"material": asked.material.id, "digest": ["rehearsed"], "pages": 1}
        event = Event(EventKind.MATERIAL_KEPT, rehearsal.now, role, public=public)
        rehearsal.take([event])


def _code(error: RefusedError) -> str:
    return f"{error.code}:{error.field}" if error.field else error.code


def _work(family: Family, rehearsal: Rehearsal) -> None:
    script = rehearsal.unused = list(family.model.script)
    for _ in range(MOST_STEPS):
        _answer_asks(rehearsal)
        if rehearsal.case.stage is not Stage.SUBMITTED:
            return
        under_way = [t for t in rehearsal.case.tasks.values() if t.state in UNDER_WAY and t.office]
        if not under_way:
            return
        task = _concerned(script, under_way)
        step = _next_step(script, task, rehearsal.case)
        if step is not None and step.do == "withdraw":
            _withdraw(rehearsal, step)
        else:
            _decide(rehearsal, task, step)
        if rehearsal.refused is not None:
            return


def _concerned(script: list[StepSchema], under_way: list[Task]) -> Task:
    """The task that the first step which can be taken now concerns; else the first of all."""
    for step in script:
        for task in under_way:
            if step.item in (None, task.item) and step.newborn in (None, task.newborn):
                return task
    return under_way[0]


def _next_step(script: list[StepSchema], task: Task, case: Case) -> StepSchema | None:
    """The next step of the script that concerns this task; it is used up with its last newborn."""
    for index, step in enumerate(script):
        if step.item not in (None, task.item) or step.newborn not in (None, task.newborn):
            continue
        several = step.newborn is None and len(case.tasks_of(task.item)) > 1
        if several and step.do != "withdraw":
            rest = [
                step.model_copy(update={"newborn": other.newborn})
                for other in case.tasks_of(task.item)
                if other.newborn != task.newborn
            ]
            script[index : index + 1] = rest
        else:
            del script[index]
        return step
    return None


def _withdraw(rehearsal: Rehearsal, step: StepSchema) -> None:
    rehearsal.now += timedelta(minutes=step.after_minutes or 1)
    role = filler(rehearsal.case, rehearsal.context)
    try:
        rehearsal.take(handling.withdraw(rehearsal.case, role, rehearsal.context, rehearsal.now))
    except RefusedError as error:
        rehearsal.refused = _code(error)


def _decide(rehearsal: Rehearsal, task: Task, step: StepSchema | None) -> None:
    """One decision of the task's office; a long way is walked state by state."""
    wanted = TaskState(step.do) if step is not None else None
    way = _way(task.state, wanted)
    pause = timedelta(minutes=step.after_minutes) if step and step.after_minutes else BETWEEN_STEPS
    rehearsal.now += pause
    for state in way:
        last = state is way[-1] and step is not None
        decision = OfficeDecision(
            to=state,
            reason=_reason(step)[0] if last and step else None,
            reason_text=_reason(step)[1] if last and step else "",
            correct=tuple(step.fields) if last and step else (),
            result=_result(rehearsal, task, step) if state is TaskState.COMPLETED else None,
        )
        now, context = rehearsal.now, rehearsal.context
        try:
            rehearsal.take(
                handling.decide(rehearsal.case, task.key, decision, task.office or "", context, now)
            )
        except (RefusedError, handling.TooLateError, handling.AlreadyDoneError) as error:
            code = _code(error) if isinstance(error, RefusedError) else type(error).__name__
            rehearsal.refused = f"{task.item}.{task.newborn}: {state.value}: {code}"
            return
        _answer_asks(rehearsal)
        if state is TaskState.CORRECTION_NEEDED:
            _correct(rehearsal, task.key)


def _way(state: TaskState, wanted: TaskState | None) -> tuple[TaskState, ...]:
    """The states an office reports on the way to `wanted`, or one step of the usual way."""
    rest = [s for s in USUAL_WAY if USUAL_WAY.index(s) >= _passed(state)]
    if wanted is None:
        return (rest[0],)
    if wanted in USUAL_WAY:
        return tuple(rest[: rest.index(wanted) + 1]) if wanted in rest else (wanted,)
    if wanted in (TaskState.REJECTED, TaskState.IN_REVIEW) and state is TaskState.QUEUED:
        return (TaskState.ACCEPTED, wanted)
    return (wanted,)


def _passed(state: TaskState) -> int:
    passed = {TaskState.ACCEPTED: 1, TaskState.IN_REVIEW: 1, TaskState.APPROVED: 2}
    return passed.get(state, 0)


def _reason(step: StepSchema) -> tuple[str | None, str]:
    if isinstance(step.reason, ReasonSchema):
        return step.reason.code, step.reason.text
    return (step.reason, step.reason) if step.reason else ("rehearsed", "预演")


def _answer_asks(rehearsal: Rehearsal) -> None:
    role = filler(rehearsal.case, rehearsal.context)
    for task in tuple(rehearsal.case.tasks.values()):
        for ask in task.open_asks:
            digest = text_digest(f"{task.item}/{ask}")
            rehearsal.take(
                handling.answer_ask(
                    rehearsal.case, task.key, ask, role, digest, rehearsal.context, rehearsal.now
                )
            )


def _correct(rehearsal: Rehearsal, key: TaskKey) -> None:
    """The family confirms what it had answered: a rehearsal knows no better value."""
    context, case = rehearsal.context, rehearsal.case
    role = filler(case, context)
    rehearsal.now += timedelta(minutes=10)
    answers: dict[FactKey, object] = {}
    for fact in case.tasks[key].correct:
        for subject in context.subjects(case, fact):
            answers[fact, subject] = context.filled(case, subject, rehearsal.now).get(fact)
    digest = signed_digest(case, context, rehearsal.now, "correction")
    try:
        rehearsal.take(handling.correct(case, key, answers, role, digest, context, rehearsal.now))
    except RefusedError as error:
        rehearsal.refused = _code(error)


def _result(rehearsal: Rehearsal, task: Task, step: StepSchema | None) -> dict[str, object]:
    """The office's result: what the script says, and valid values for the rest."""
    context, now = rehearsal.context, rehearsal.now
    values = context.values(rehearsal.case, task.newborn, now)
    seed = f"{rehearsal.facts.family['id']}/{task.item}/{task.newborn}"
    made = made_up(context.pack, task.item, values, seed, now)
    return {**made, **(step.result if step is not None else {})}

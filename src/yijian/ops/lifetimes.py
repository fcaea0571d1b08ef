"""演练人生: one made-up family's case from its first page to its end, with times as life has them.

The pure core decides everything; what is drawn is who hesitates, how long an office takes, what it
finds. Offices keep their hours, some are slower than others, and a share of tasks is corrected,
refused, sent to the counter or late. The same seed gives the same life.
"""

from __future__ import annotations

import heapq
import zlib
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from random import Random

from yijian.domain import applying, handling
from yijian.domain.arriving import awaited, filler, noting_arrivals, opens_first
from yijian.domain.cases import Case, CheckState, Task
from yijian.domain.clocks import local_day
from yijian.domain.context import Context, RefusedError
from yijian.domain.events import Event, EventKind, TaskKey
from yijian.domain.facts import FactKey
from yijian.domain.handling import AlreadyDoneError, TooLateError
from yijian.domain.materials import missing_scans
from yijian.domain.papers import signed_digest
from yijian.domain.ratings import RatingRules, rate, thing_of
from yijian.domain.signing import next_signers, text_digest
from yijian.domain.states import UNDER_WAY, Stage, TaskState
from yijian.domain.turning_away import noting_refusals
from yijian.ops.deciding import decision
from yijian.ops.errands import follow_limits, follow_parcels
from yijian.ops.living import Chances, Lifetime
from yijian.ops.opinions import opinion
from yijian.ops.waking_hours import at_work, awake, slowness
from yijian.packs.expressions import remembering
from yijian.packs.families.answering import facts_of
from yijian.packs.families.reading import Family

LONGEST = timedelta(days=120)
ROUTING = "S-0003"
SILENT_HOURS = 24 * 16
"""How long families that forget what they are asked for take, about."""
UNWELL = (0.1, 0.3, 1.0, 2.6)
"""How much more often than usual a register fails."""
_REFUSED = (RefusedError, TooLateError, AlreadyDoneError)


def _look(life: Lifetime, now: datetime) -> None:
    """See what is next of every task."""
    for task in life.case.tasks.values():
        _look_at(life, task, now)


def _look_at(life: Lifetime, task: Task, now: datetime) -> None:
    stands = (task.state, task.round, len(task.open_asks), task.office or "")
    before = life.seen.get(task.key)
    if before == stands:
        return
    life.seen[task.key] = stands
    if before is None or len(task.open_asks) > before[2]:
        for ask in task.open_asks:
            silent = life.happens(life.chances.silent / 2)
            hours = life.hours(SILENT_HOURS, 0.4) if silent else life.hours(7, 1.1)
            life.later(awake(now + hours), _answers(life, task.key, ask))
    if before is not None and (*before[:2], before[3]) == (*stands[:2], stands[3]):
        return
    if task.state is TaskState.COMPLETED and life.rules and life.happens(life.chances.rates):
        life.later(awake(now + life.hours(9, 1.0)), partial(_rates, life, task.key))
    elif task.state is TaskState.CORRECTION_NEEDED:
        silent = life.happens(life.chances.silent)
        hours = life.hours(SILENT_HOURS, 0.4) if silent else life.hours(20, 0.9)
        life.later(awake(now + hours), _corrects(life, task.key))
    elif task.state in UNDER_WAY and task.office is not None:
        at = _at_office(life, task, now + _pace(life, task, now))
        life.later(at, _decides(life, task.key, task.state))
    elif task.state in UNDER_WAY:
        at = at_work(now + life.hours(9), life.draw, life.works)
        life.later(at, partial(_routes, life, task.key))


def _routes(life: Lifetime, key: TaskKey, now: datetime) -> None:
    """A person says which office acts: one of its kind that is near to the place of birth."""
    kind = life.context.pack.items[key[0]].office_kind
    place = str(life.context.values(life.case, key[1], now).get("born_division") or "")
    offices = [one for one in life.context.directory.offices if one.kind == kind]
    near = [one for end in (6, 4, 2) for one in offices if one.division[:end] == place[:end]]
    task = life.case.tasks[key]
    if near and task.office is None and task.state in UNDER_WAY:
        code = near[0].code
        life.take(handling.transfer(life.case, key, code, ROUTING, life.context, now), now)


def _pace(life: Lifetime, task: Task, now: datetime) -> timedelta:
    """How long the office takes for its next step: the longer its limit, the longer."""
    slow = slowness(life.context.directory.office(task.office or ""))
    if life.happens(life.chances.lies_forgotten):
        return life.hours(400)
    if task.state is TaskState.QUEUED:
        return life.hours(2 * slow)
    if task.state is TaskState.APPROVED:
        return life.hours(1.2 * slow)
    limit = life.context.pack.items[task.item].limit_on(local_day(now))
    workdays = limit.workdays or limit.days or 1 if limit is not None else 2
    return life.hours(4.5 * workdays * slow, 0.6)


def _at_office(life: Lifetime, task: Task, at: datetime) -> datetime:
    """The next moment at which the office works; where children are born it is every day."""
    item = life.context.pack.items[task.item]
    every_day = item.office_fact == "institution_code"
    return at_work(at, life.draw, lambda day: every_day or life.works(day))


def lived(
    family: Family,
    context: Context,
    *,
    channel: str,
    number: str,
    seed: str,
    chances: Chances | None = None,
    rules: RatingRules | None = None,
) -> Lifetime:
    """The whole life of a family's case; it begins when the family says it applied."""
    facts = facts_of(family, context.pack)
    case = Case(
        id=seed,
        number=number,
        pack=context.pack.code,
        pack_version=context.pack.version,
        pack_digest=context.pack.digest,
        channel=channel,
        started_at=facts.applied_at,
    )
    draw = Random(seed)  # noqa: S311 (made-up families, and the same ones again)
    life = Lifetime(context, facts, case, draw, chances or Chances(), rules)
    life.watchers = (_look, follow_limits, follow_parcels)
    with remembering():
        _opens(life, family.model.applicant or opens_first(context.pack), facts.applied_at)
        ends = facts.applied_at + LONGEST
        while life.due:
            at, _, do = heapq.heappop(life.due)
            if at > ends:
                break
            do(at)
    return life


def _opens(life: Lifetime, role: str, now: datetime) -> None:
    life.take(applying.start(life.case, role, life.context, now, witness=life.witness), now)
    late = life.happens(life.chances.record_comes_late)
    for register in life.facts.registers:
        if register == "delivery" and late:
            life.take(
                applying.register_answered(life.case, register, CheckState.EMPTY, (), now), now
            )
            life.later(now + life.hours(6), partial(_hears, life, "delivery"))
        elif register != applying.IDENTITY and life.happens(_fails(life, register)):
            life.take(
                applying.register_answered(life.case, register, CheckState.FAILED, (), now), now
            )
            life.later(now + life.hours(0.3), partial(_hears, life, register))
        else:
            _hears(life, register, now)
    if life.happens(life.chances.hesitates):
        if life.happens(life.chances.gives_up * 10):
            life.later(awake(now + life.hours(60)), partial(_withdraws, life))
        return
    life.later(now + life.hours(0.1), lambda at: _fills_in(life, at, 0))


def _fails(life: Lifetime, register: str) -> float:
    """How often a register does not answer: some are always there, one hardly copes."""
    return life.chances.register_fails * UNWELL[zlib.crc32(register.encode()) % len(UNWELL)]


def _hears(life: Lifetime, register: str, now: datetime) -> None:
    answer = life.facts.registers[register]
    if life.case.stage not in applying.OPEN_STAGES:
        return
    events = applying.register_answered(
        life.case,
        register,
        answer.state,
        answer.values,
        now,
        newborns=answer.newborns,
        record_hours=life.context.pack.delivery_record_hours,
    )
    life.take(noting_refusals(life.case, events, life.context, now), now)


def _arrives(life: Lifetime, role: str, now: datetime, *, live_check: bool) -> None:
    case, context = life.case, life.context
    events = applying.give_consent(
        case, role, "user_notice", text_digest("notice"), now, witness=life.witness
    )
    if live_check and life.witness is None and not case.live_checked(role):
        events += applying.live_checked(case, role, CheckState.FOUND, now)
    life.take(noting_arrivals(case, events, context, now), now)


def _fills_in(life: Lifetime, now: datetime, tries: int) -> None:
    """The family agrees, answers and opens the signing, or comes back when it cannot yet."""
    context = life.context
    if life.case.stage is not Stage.DRAFT:
        return
    for step in awaited(life.case, context):
        _arrives(life, step.role, now, live_check=step.live_check)
    role = filler(life.case, context)
    _arrives(life, role, now, live_check=False)
    asked = {one.fact for one in context.pack.fields()}
    answers = {
        key: value
        for key, value in life.facts.answers.items()
        if key[0] in asked and key[1] <= max(life.case.newborns, 1)
    }
    try:
        saved = applying.save_answers(
            life.case, role, answers, context, now, items=life.facts.items, witness=life.witness
        )
        life.take(noting_refusals(life.case, saved, context, now), now)
        for scan in missing_scans(context, life.case, now) if life.witness is None else ():
            public = {"material": scan.material.id, "digest": ["made up"], "pages": 1}
            life.take([Event(EventKind.MATERIAL_KEPT, now, role, public=public)], now)
        opened = applying.open_signing(life.case, role, context, now, witness=life.witness)
        life.take(opened, now)
    except RefusedError as refused:
        if refused.code != "not_eligible" and tries < 3:
            life.later(awake(now + life.hours(9)), lambda at: _fills_in(life, at, tries + 1))
        elif life.happens(0.3):
            life.later(awake(now + life.hours(30)), partial(_withdraws, life))
        return
    life.later(now + life.hours(0.08), partial(_signs, life))


def _signs(life: Lifetime, now: datetime) -> None:
    context = life.context
    steps = next_signers(life.case, context, now) if life.case.stage is Stage.SIGNING else ()
    if not steps:
        return
    step = steps[0]
    try:
        _arrives(life, step.role, now, live_check=step.live_check)
        shown = signed_digest(life.case, context, now, step.text.zh, step.role)
        method = "drawn" if life.witness is None else "tablet"
        life.take(
            applying.sign(life.case, step.role, shown, method, context, now, witness=life.witness),
            now,
        )
    except RefusedError:
        return
    if life.case.stage is Stage.SIGNING:
        if life.happens(life.chances.partner_never_signs):
            return
        wait = life.hours(0.1) if life.witness else life.hours(2.5, 1.3)
        life.later(awake(now + wait), partial(_signs, life))
    elif life.happens(life.chances.withdraws):
        life.later(awake(now + life.hours(5)), partial(_withdraws, life))


def _withdraws(life: Lifetime, now: datetime) -> None:
    try:
        role = filler(life.case, life.context)
        life.take(handling.withdraw(life.case, role, life.context, now), now)
    except RefusedError:
        return


def _rates(life: Lifetime, key: TaskKey, now: datetime) -> None:
    task = life.case.tasks[key]
    assert life.rules is not None
    late = task.due_at is not None and task.since > task.due_at
    said = opinion(life.draw, life.rules, late=late, at_window=life.witness is not None)
    thing = thing_of(life.case, life.context, *key)
    life.take(rate(thing, said, life.rules, now), now)


def _answers(life: Lifetime, key: TaskKey, ask: str) -> Callable[[datetime], None]:
    def does(now: datetime) -> None:
        role, digest = filler(life.case, life.context), text_digest(f"{key[0]}/{ask}")
        if (
            life.case.tasks[key].state in UNDER_WAY
            or life.case.tasks[key].state.value == "completed"
        ):
            try:
                life.take(
                    handling.answer_ask(life.case, key, ask, role, digest, life.context, now), now
                )
            except RefusedError:
                return

    return does


def _corrects(life: Lifetime, key: TaskKey) -> Callable[[datetime], None]:
    def does(now: datetime) -> None:
        case, context = life.case, life.context
        if case.tasks[key].state is not TaskState.CORRECTION_NEEDED:
            return
        answers: dict[FactKey, object] = {}
        for fact in case.tasks[key].correct:
            for subject in context.subjects(case, fact):
                answers[fact, subject] = context.filled(case, subject, now).get(fact)
        digest = signed_digest(case, context, now, "correction")
        role = filler(case, context)
        try:
            life.take(handling.correct(case, key, answers, role, digest, context, now), now)
        except RefusedError:
            return

    return does


def _decides(life: Lifetime, key: TaskKey, state: TaskState) -> Callable[[datetime], None]:
    def does(now: datetime) -> None:
        task = life.case.tasks[key]
        if task.state is not state or task.office is None:
            return
        decided = decision(life, task, now)
        try:
            events = handling.decide(life.case, key, decided, task.office, life.context, now)
        except RefusedError as refused:
            if refused.code == "ask_open":
                life.later(at_work(now + timedelta(days=1), life.draw, life.works), does)
            return
        except _REFUSED:
            return
        life.take(events, now)

    return does

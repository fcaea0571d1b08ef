"""申请: from the first page to submission. Each function returns the events a command causes."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from yijian.domain.answers import Triple, changed_answers
from yijian.domain.cases import Case, CheckState, live_register
from yijian.domain.context import Context, RefusedError
from yijian.domain.eligibility import Answer
from yijian.domain.events import Event, EventKind
from yijian.domain.facts import FactKey
from yijian.domain.handling import consequences
from yijian.domain.history import apply, apply_all
from yijian.domain.plan import make_plan
from yijian.domain.policy import Choice
from yijian.domain.signing import fully_signed, next_signers, valid_signatures
from yijian.domain.states import Stage, TaskState

OPEN_STAGES = frozenset({Stage.DRAFT, Stage.SIGNING})


def start(case: Case, role: str, context: Context, now: datetime) -> list[Event]:
    """A family opens its case. Errors: `not_an_applicant` for a role the pack does not name."""
    if role not in context.pack.applicants:
        raise RefusedError("not_an_applicant")
    public = {"pack": case.pack, "version": case.pack_version, "channel": case.channel}
    return [Event(EventKind.CASE_STARTED, now, role, public=public)]


def register_answered(
    case: Case,
    register: str,
    state: CheckState,
    values: Iterable[Triple],
    now: datetime,
    *,
    receipt: str | None = None,
    newborns: int | None = None,
) -> list[Event]:
    """A register answered, or failed to. After submission its answers no longer change the form."""
    if case.stage not in OPEN_STAGES:
        return []
    public: dict[str, object] = {"register": register, "state": state.value, "receipt": receipt}
    if newborns is not None:
        public["newborns"] = newborns
    before = case.checks.get(register)
    if before is not None and before.state is CheckState.EMPTY and state is CheckState.FOUND:
        public["arrived"] = True
    values = list(values)
    answered = Event(
        EventKind.REGISTER_ANSWERED, now, register, public=public, sealed={"values": values}
    )
    changed = any(
        (fact, subject) not in case.verified or case.verified[fact, subject].value != value
        for fact, subject, value in values
    )
    if case.stage is Stage.SIGNING and changed:
        return [_reopened(case, register, now), answered]
    return [answered]


def give_consent(case: Case, role: str, notice: str, digest: str, now: datetime) -> list[Event]:
    """A parent agrees to the user notice exactly as shown; agreeing twice changes nothing."""
    if any((c.role, c.notice, c.digest) == (role, notice, digest) for c in case.consents):
        return []
    public = {"role": role, "notice": notice, "digest": digest}
    return [Event(EventKind.CONSENT_GIVEN, now, role, public=public)]


def save_answers(
    case: Case,
    role: str,
    answers: Mapping[FactKey, object],
    context: Context,
    now: datetime,
    *,
    items: tuple[str, ...] | None = None,
) -> list[Event]:
    """What a parent filled in. Unchanged answers cause nothing; a change voids signatures.

    Errors: `already_submitted`, `unknown_field`, `not_an_option`, `name_not_allowed`,
    `unknown_item` with the field at fault.
    """
    if case.stage not in OPEN_STAGES:
        raise RefusedError("already_submitted")
    changed = changed_answers(case, answers, context, now)
    new_items = _items(case, items, context)
    if not changed and new_items is None:
        return []
    public: dict[str, object] = {
        "fields": sorted({fact for fact, _, _ in changed}),
        "form_version": case.form_version + 1,
    }
    if new_items is not None:
        public["items"] = list(new_items)
    saved = Event(EventKind.ANSWERS_SAVED, now, role, public=public, sealed={"values": changed})
    return [_reopened(case, role, now), saved] if case.stage is Stage.SIGNING else [saved]


def _items(case: Case, items: tuple[str, ...] | None, context: Context) -> tuple[str, ...] | None:
    if items is None:
        return None
    for code in items:
        if code not in context.pack.items:
            raise RefusedError("unknown_item", code)
    always = {i.code for i in context.pack.items.values() if i.choice is Choice.ALWAYS}
    chosen = tuple(code for code in context.pack.items if code in always or code in items)
    return None if chosen == case.items else chosen


def dispute(
    case: Case, role: str, fact: str, subject: int, text: str, now: datetime
) -> list[Event]:
    """A parent says a register's value is wrong; its owner and the office will see it."""
    if case.stage not in OPEN_STAGES:
        raise RefusedError("already_submitted")
    if (fact, subject) not in case.verified:
        raise RefusedError("unknown_field", fact)
    public = {"fact": fact, "subject": subject}
    return [Event(EventKind.VALUE_DISPUTED, now, role, public=public, sealed={"text": text})]


def missing_answers(case: Case, context: Context, now: datetime) -> list[FactKey]:
    """Required fields that have neither an answer nor a default nor a verified value."""
    missing: list[FactKey] = []
    chosen = set(case.items or context.preselected())
    values = {n: context.filled(case, n, now) for n in range(max(case.newborns, 1) + 1)}
    for field in context.pack.fields():
        if not field.required or (field.items and not chosen & set(field.items)):
            continue
        for subject in context.subjects(case, field.fact):
            known = values[subject]
            if field.shown is not None and field.shown.holds(known) is not True:
                continue
            if known.get(field.fact) in (None, ""):
                missing.append((field.fact, subject))
    return missing


def open_signing(case: Case, role: str, context: Context, now: datetime) -> list[Event]:
    """The checked form is frozen for signing; defaults become answers, so that nothing is implied.

    Errors: `not_eligible`, `not_verified_yet`, `no_consent`, `incomplete` with the first field.
    """
    if case.stage is Stage.SIGNING:
        return []
    if case.stage is not Stage.DRAFT:
        raise RefusedError("already_submitted")
    if not case.consented(role):
        raise RefusedError("no_consent")
    answer = context.judge(case, now).answer
    if answer is Answer.NO:
        raise RefusedError("not_eligible")
    if answer is not Answer.YES:
        raise RefusedError("not_verified_yet")
    missing = missing_answers(case, context, now)
    if missing:
        raise RefusedError("incomplete", missing[0][0])
    fixed = save_answers(
        case,
        role,
        _defaults(case, context, now),
        context,
        now,
        items=case.items or context.preselected(),
    )
    return [*fixed, Event(EventKind.SIGNING_OPENED, now, role)]


def _defaults(case: Case, context: Context, now: datetime) -> dict[FactKey, object]:
    defaults: dict[FactKey, object] = {}
    for field in context.pack.fields():
        if field.default is None:
            continue
        for subject in context.subjects(case, field.fact):
            values = context.filled(case, subject, now)
            key = (field.fact, subject)
            if key not in case.answers and key not in case.verified and field.fact in values:
                defaults[key] = values[field.fact]
    return defaults


def live_checked(
    case: Case, role: str, state: CheckState, now: datetime, *, receipt: str | None = None
) -> list[Event]:
    """The live-person check of a role: EMPTY when asked, FOUND when passed, FAILED when not."""
    if case.stage not in OPEN_STAGES:
        return []
    public = {"register": live_register(role), "state": state.value, "receipt": receipt}
    return [Event(EventKind.REGISTER_ANSWERED, now, role, public=public)]


def sign(
    case: Case, role: str, digest: str, method: str, context: Context, now: datetime
) -> list[Event]:
    """A parent signs what was shown; with the last signature the case is submitted.

    Errors: `not_your_turn`, `live_check_missing`, `no_consent`, `not_open_for_signing`.
    """
    if case.stage is not Stage.SIGNING:
        raise RefusedError("not_open_for_signing")
    if role in valid_signatures(case):
        return []
    step = context.pack.signing_step(role)
    if step is None or step not in next_signers(context.pack, case):
        raise RefusedError("not_your_turn")
    if not case.consented(role):
        raise RefusedError("no_consent")
    seen = case.live_check(role)
    if step.live_check and (seen is None or seen.state is not CheckState.FOUND):
        raise RefusedError("live_check_missing")
    public = {
        "role": role,
        "digest": digest,
        "form_version": case.form_version,
        "method": method,
    }
    events = [Event(EventKind.SIGNED, now, role, public=public)]
    signed = apply_all(case, events)
    if fully_signed(context.pack, signed):
        events += submit(signed, context, now)
    return events


def submit(case: Case, context: Context, now: datetime) -> list[Event]:
    """The signed case becomes tasks; those that wait for nothing start at once.

    Eligibility is judged again: what was true when the form was opened must still be true.
    """
    answer = context.judge(case, now).answer
    if answer is not Answer.YES:
        raise RefusedError("not_eligible" if answer is Answer.NO else "not_verified_yet")
    rows = [
        {
            "item": task.item.code,
            "newborn": task.newborn,
            "state": (TaskState.NOT_NEEDED if task.exempt else TaskState.WAITING).value,
            "office": task.office.code if task.office else None,
            "reason": task.exemption,
        }
        for task in make_plan(context, case, now)
    ]
    submitted = Event(EventKind.CASE_SUBMITTED, now, "system", public={"tasks": rows})
    return [submitted, *consequences(apply(case, submitted), context, now)]


def _reopened(case: Case, by: str, now: datetime) -> Event:
    voided = sorted(case.signatures)
    return Event(EventKind.SIGNING_REOPENED, now, by, public={"voided": voided})

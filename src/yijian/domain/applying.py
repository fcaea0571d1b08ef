"""申请: from the first page to submission. Each function returns the events a command causes."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from yijian.domain.answers import Triple, changed_answers, recorded
from yijian.domain.arriving import fillers, may_fill, opens_first
from yijian.domain.cases import Case, CheckState, live_register
from yijian.domain.context import Context, RefusedError
from yijian.domain.eligibility import Answer
from yijian.domain.events import Event, EventKind
from yijian.domain.facts import FactKey
from yijian.domain.handling import consequences
from yijian.domain.history import apply, apply_all
from yijian.domain.materials import missing_scans
from yijian.domain.plan import make_plan, without_companions
from yijian.domain.policy import Choice, Pack
from yijian.domain.signing import (
    fully_signed,
    next_signers,
    text_digest,
    valid_signatures,
)
from yijian.domain.states import Stage

OPEN_STAGES = frozenset({Stage.DRAFT, Stage.SIGNING})
ONLINE = "online"
IDENTITY = "identity"
"""The register of the real-name login: what it says of a person no other register overrides."""
NOTICES = ("user_notice", "data_notice", "child_data_notice")
"""What a person agrees to in one go; each text is bound by its own digest."""
METHODS = frozenset({"drawn", "typed", "tablet", "paper", "rehearsal"})
LONGEST_DRAWING = 40_000
"""Characters of a drawn signature; a page of handwriting has fewer."""


def start(
    case: Case, role: str, context: Context, now: datetime, *, witness: str | None = None
) -> list[Event]:
    """A family opens its case. Errors: `not_an_applicant` for a role the pack does not name."""
    if role not in context.pack.applicants:
        raise RefusedError("not_an_applicant")
    public = {
        "pack": case.pack,
        "version": case.pack_version,
        "channel": case.channel,
        "applicant": role,
    }
    return [_seen_by(witness, context, Event(EventKind.CASE_STARTED, now, role, public=public))]


def _seen_by(witness: str | None, context: Context | None, event: Event) -> Event:
    """The event as a clerk at a window saw it: publicly witnessed, the clerk's number sealed.

    Errors: `no_window` when the scheme has none.
    """
    if witness is None:
        return event
    if context is not None and set(context.pack.channels) <= {ONLINE}:
        raise RefusedError("no_window")
    return replace(
        event,
        public={**event.public, "witnessed": True},
        sealed={**event.sealed, "witness": witness},
    )


def register_answered(
    case: Case,
    register: str,
    state: CheckState,
    values: Iterable[Triple],
    now: datetime,
    *,
    receipt: str | None = None,
    newborns: int | None = None,
    record_hours: int | None = None,
) -> list[Event]:
    """A register answered, or failed to. After submission its answers no longer change the form.

    `record_hours` is how long after a birth its record may be entered, where a policy says so.

    What the login proves about a person stands: a register that names somebody else in that role
    contradicts it, and a person must look.
    """
    if case.stage not in OPEN_STAGES:
        return []
    values = list(values)
    if register != IDENTITY:
        if _names_another(case, values):
            state, values, newborns = CheckState.CONFLICT, [], None
        values = [v for v in values if not _from_login(case, v)]
    public: dict[str, object] = {"register": register, "state": state.value, "receipt": receipt}
    if newborns is not None:
        public["newborns"] = newborns
    public |= recorded(values, record_hours)
    before = case.checks.get(register)
    if before is not None and before.state is CheckState.EMPTY and state is CheckState.FOUND:
        public["arrived"] = True
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


def _from_login(case: Case, value: Triple) -> bool:
    known = case.verified.get((value[0], value[1]))
    return known is not None and known.source == IDENTITY


def _names_another(case: Case, values: Iterable[Triple]) -> bool:
    """Whether the values name another person in the role of somebody who has logged in."""
    return any(
        fact.endswith(("_id_number", "_name"))
        and value is not None
        and _from_login(case, (fact, subject, value))
        and case.verified[fact, subject].value != value
        for fact, subject, value in values
    )


def give_consent(
    case: Case,
    role: str,
    notice: str,
    digest: str,
    now: datetime,
    *,
    witness: str | None = None,
) -> list[Event]:
    """A parent agrees to the user notice exactly as shown; agreeing twice changes nothing."""
    if any(
        (c.role, c.notice, c.digest) == (role, notice, digest) and (c.witnessed or witness is None)
        for c in case.consents
    ):
        return []
    public = {"role": role, "notice": notice, "digest": digest}
    given = Event(EventKind.CONSENT_GIVEN, now, role, public=public)
    return [_seen_by(witness, None, given)]


def save_answers(
    case: Case,
    role: str,
    answers: Mapping[FactKey, object],
    context: Context,
    now: datetime,
    *,
    items: tuple[str, ...] | None = None,
    witness: str | None = None,
) -> list[Event]:
    """What a parent filled in. Unchanged answers cause nothing; a change voids signatures.

    `witness` is the clerk who filled it in for the parent. Errors: `already_submitted`,
    `unknown_field`, `not_an_option`, `name_not_allowed`, `unknown_item` with the field at fault,
    `companion_missing` with an item that cannot be chosen alone, `no_window`.
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
    saved = _seen_by(witness, context, saved)
    return [_reopened(case, role, now), saved] if case.stage is Stage.SIGNING else [saved]


def _items(case: Case, items: tuple[str, ...] | None, context: Context) -> tuple[str, ...] | None:
    if items is None:
        return None
    for code in items:
        if code not in context.pack.items:
            raise RefusedError("unknown_item", code)
    always = {i.code for i in context.pack.items.values() if i.choice is Choice.ALWAYS}
    chosen = tuple(code for code in context.pack.items if code in always or code in items)
    lonely = without_companions(context.pack, chosen)
    if lonely:
        raise RefusedError("companion_missing", lonely[0][0])
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


def open_signing(
    case: Case, role: str, context: Context, now: datetime, *, witness: str | None = None
) -> list[Event]:
    """The checked form is frozen for signing; defaults become answers, so that nothing is implied.

    Errors: `not_eligible`, `not_verified_yet`, `no_consent`, `not_arrived` while somebody who must
    come before has not, `incomplete` with the first field, `material_missing` with the first
    picture that the family has not brought (a clerk at a window looks at the originals).
    """
    if case.stage is Stage.SIGNING:
        return []
    if case.stage is not Stage.DRAFT:
        raise RefusedError("already_submitted")
    if not case.consented(role):
        raise RefusedError("no_consent")
    if not may_fill(case, role, context):
        raise RefusedError("not_arrived")
    eligibility = context.judge(case, now)
    if eligibility.answer is Answer.NO:
        raise RefusedError("not_eligible")
    if eligibility.so_far is not Answer.YES:
        raise RefusedError("not_verified_yet")
    missing = missing_answers(case, context, now)
    if missing:
        raise RefusedError("incomplete", missing[0][0])
    scans = missing_scans(context, case, now) if witness is None else ()
    if scans:
        raise RefusedError("material_missing", scans[0].material.id)
    unsaid = [fact for verdict in eligibility.verdicts for fact in verdict.asks]
    if unsaid:
        raise RefusedError("incomplete", unsaid[0])
    fixed = save_answers(
        case,
        role,
        _defaults(case, context, now),
        context,
        now,
        items=case.items or context.preselected(),
        witness=witness,
    )
    opened = _seen_by(witness, context, Event(EventKind.SIGNING_OPENED, now, role))
    return [*fixed, opened]


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
    case: Case,
    role: str,
    digest: str,
    method: str,
    context: Context,
    now: datetime,
    *,
    drawing: str = "",
    witness: str | None = None,
    documents: Sequence[tuple[str, str]] = (),
    evidence: Mapping[str, object] | None = None,
) -> list[Event]:
    """A parent signs what was shown; with the last signature the case is submitted.

    `drawing` are the strokes of a drawn signature, `witness` the clerk who saw it at a window and
    stands for the live-person check; `documents` the files that were shown with their digests,
    `evidence` what is known of how it was signed. Errors: `not_your_turn`, `live_check_missing`,
    `no_consent`, `not_open_for_signing`, `signature_missing`, `no_window`.
    """
    if case.stage is not Stage.SIGNING:
        raise RefusedError("not_open_for_signing")
    if role in valid_signatures(case):
        return []
    step = next((s for s in next_signers(case, context, now) if s.role == role), None)
    if step is None:
        raise RefusedError("not_your_turn")
    if not case.consented(role):
        raise RefusedError("no_consent")
    if step.live_check and witness is None and not case.live_checked(role):
        raise RefusedError("live_check_missing")
    if method not in METHODS or len(drawing) > LONGEST_DRAWING:
        raise RefusedError("signature_missing")
    public = {
        "role": role,
        "digest": digest,
        "form_version": case.form_version,
        "method": method,
        "documents": [list(one) for one in documents],
    }
    sealed = {"drawing": drawing, "evidence": dict(evidence or {})}
    signed = Event(EventKind.SIGNED, now, role, public=public, sealed=sealed)
    events = [_seen_by(witness, context, signed)]
    after = apply_all(case, events)
    if fully_signed(after, context, now):
        events += submit(after, context, now)
    return events


def choose_scheme(case: Case, role: str, chosen: Context, now: datetime) -> list[Event]:
    """The draft goes on under another scheme: answers its form lacks and signatures are dropped.

    Consents stay only where the other scheme's words are the same. Who may neither open nor fill in
    an application there cannot take the draft along; where another role opens it, that one is the
    applicant from now on and must still arrive. Errors: `already_submitted`, `not_an_applicant`.
    """
    pack = chosen.pack
    if case.stage not in OPEN_STAGES:
        raise RefusedError("already_submitted")
    if pack.digest == case.pack_digest:
        return []
    if role not in (*pack.applicants, *fillers(pack)):
        raise RefusedError("not_an_applicant")
    applicant = case.applicant or role
    asked = {field.fact for field in pack.fields()}
    public = {
        "pack": pack.code,
        "version": pack.version,
        "digest": pack.digest,
        "dropped": sorted({fact for fact, _ in case.answers} - asked),
        "items": [code for code in pack.items if code in case.items],
        "form_version": case.form_version + 1,
        "consents_void": _other_words(case, pack),
        "applicant": applicant if applicant in pack.applicants else opens_first(pack),
    }
    return [Event(EventKind.SCHEME_CHOSEN, now, role, public=public)]


def _other_words(case: Case, pack: Pack) -> bool:
    words = {name: text_digest(pack.words[name].zh) for name in NOTICES if name in pack.words}
    given = {(c.notice, c.digest) for c in case.consents if c.notice in NOTICES}
    return given != set(words.items())


def submit(case: Case, context: Context, now: datetime) -> list[Event]:
    """The signed case becomes tasks; those that wait for nothing start at once.

    Eligibility is judged again: what was true when the form was opened must still be true.
    """
    answer = context.judge(case, now).answer
    if answer is not Answer.YES:
        raise RefusedError("not_eligible" if answer is Answer.NO else "not_verified_yet")
    rows = [task.row for task in make_plan(context, case, now)]
    submitted = Event(EventKind.CASE_SUBMITTED, now, "system", public={"tasks": rows})
    return [submitted, *consequences(apply(case, submitted), context, now)]


def _reopened(case: Case, by: str, now: datetime) -> Event:
    voided = sorted(case.signatures)
    return Event(EventKind.SIGNING_REOPENED, now, by, public={"voided": voided})

"""父母办事: what parents do with their case, from opening it to withdrawing it.

`by` is the user at the door; which parent that is, the case itself says.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from yijian.actions import changes, contexts, custody, signing, waking
from yijian.domain import applying, arriving, handling
from yijian.domain.cases import Case, CheckState
from yijian.domain.clocks import local_day
from yijian.domain.context import Context, RefusedError
from yijian.domain.events import Event, TaskKey
from yijian.domain.facts import FactKey
from yijian.domain.history import apply_all
from yijian.domain.numbers import case_number, id_sex
from yijian.domain.papers import Paper, papers_of, signed_digest
from yijian.domain.policy import Pack
from yijian.domain.sheet import SheetSection, sheet
from yijian.domain.signing import text_digest, valid_signatures
from yijian.domain.signing import withdraw_signature as taken_back
from yijian.domain.states import Stage
from yijian.records import access, people, queries
from yijian.records import cases as case_records
from yijian.records.cases import Change
from yijian.records.identifiers import new_id
from yijian.records.models import Person
from yijian.records.people import Identity

PURPOSE = "own_case"
COMMITMENT = "commitment"
NUMBER_LETTER = "S"
RUNNING = frozenset({Stage.DRAFT, Stage.SIGNING, Stage.SUBMITTED})
NEXT_BIRTH = timedelta(days=150)
"""A running case older than this may be followed by one for the next child."""
CITIZEN = "111"

DecideAs = Callable[[Case, str, Context], list[Event]]
"""What happens to a case when a person in this role asks for it."""


class EditedElsewhereError(Exception):
    """The other parent changed the same answer meanwhile; `case` is how it stands now."""

    def __init__(self, case: Case, fields: tuple[FactKey, ...]) -> None:
        super().__init__("edited_elsewhere")
        self.case = case
        self.fields = fields


@dataclass(frozen=True, slots=True)
class Shown:
    """Exactly what a signer sees: form, papers, words, and the digest that binds them all."""

    sections: tuple[SheetSection, ...]
    text: str
    digest: str
    papers: tuple[Paper, ...] = ()


def open_case(
    *, by: Any, now: datetime, channel: str = applying.ONLINE, pack: str | None = None
) -> str:
    """The open case of this person, or a new one under the pack named; its number.

    Errors: RefusedError `not_verified_person` for a user without a verified identity,
    `not_an_applicant` when the scheme lets only another role apply, `not_online` when it has no
    online door.
    """
    with transaction.atomic():
        Person.objects.select_for_update().filter(user_id=by.pk).first()
        identity = people.identity_of(by)
        if identity is None:
            raise RefusedError("not_verified_person")
        for line in queries.my_cases(by=by):
            if Stage(line.stage) in RUNNING and now - line.started_at < NEXT_BIRTH:
                return line.number
        context = contexts.current_context(pack)
        if channel not in context.pack.channels:
            raise RefusedError("not_online")
        case = Case(
            id=str(new_id()),
            number=_next_number(context, now),
            pack=context.pack.code,
            pack_version=context.pack.version,
            pack_digest=context.pack.digest,
            channel=channel,
            started_at=now,
        )
        role = parent_role(identity, context.pack)
        events = applying.start(case, role, context, now)
        events += applying.register_answered(
            case, applying.IDENTITY, CheckState.FOUND, identity_values(identity, role), now
        )
        after = apply_all(case, events)
        case_records.save([Change(None, events, after, parties=changes.parties(None, after))])
        return case.number


def parent_role(identity: Identity, pack: Pack) -> str:
    """Which role a person can be by the sex in the citizen number; else who is asked first."""
    if identity.id_type == CITIZEN and len(identity.id_number) == 18:
        sex = id_sex(identity.id_number)
        for role in pack.roles.values():
            if role.sex == sex:
                return role.id
    return arriving.opens_first(pack)


def identity_values(identity: Identity, role: str) -> list[tuple[str, int, object]]:
    """What the real-name login proves about a parent."""
    values: dict[str, object] = {
        f"{role}_name": identity.name,
        f"{role}_id_type": identity.id_type,
        f"{role}_id_number": identity.id_number,
    }
    if identity.phone:
        values[f"{role}_phone"] = identity.phone
    return [(fact, 0, value) for fact, value in values.items()]


def agree_to_notice(*, by: Any, number: str, now: datetime) -> Case:
    """A parent agrees to the notices as they stand in the pack; the registers may be asked.

    Whom the scheme waits for proves by this login who they are.
    """

    def decide(case: Case, role: str, context: Context) -> list[Event]:
        words = context.pack.words
        events = [
            event
            for notice in applying.NOTICES
            if notice in words
            for event in applying.give_consent(
                case, role, notice, text_digest(words[notice].zh), now
            )
        ]
        if case.stage is Stage.DRAFT and arriving.arrival_of(role, context.pack):
            events += _logged_in(case, by, role, now)
        return arriving.noting_arrivals(case, events, context, now)

    with transaction.atomic():
        case = _change(by, number, decide, now)
        waking.wake_asker(case.id)
    return case


def _logged_in(case: Case, by: Any, role: str, now: datetime) -> list[Event]:
    identity = people.identity_of(by)
    known = case.verified.get((f"{role}_id_number", 0))
    if identity is None or (known is not None and known.source == applying.IDENTITY):
        return []
    values = identity_values(identity, role)
    return applying.register_answered(case, applying.IDENTITY, CheckState.FOUND, values, now)


def choose_scheme(*, by: Any, number: str, pack: str, now: datetime) -> Case:
    """The family's draft goes on under another pack of this node.

    Errors: contexts.NoPackError, and those of `domain.applying.choose_scheme`.
    """
    chosen = contexts.current_context(pack)
    return _change(
        by,
        number,
        lambda case, role, _context: applying.choose_scheme(case, role, chosen, now),
        now,
    )


def recheck(*, by: Any, number: str, now: datetime) -> None:
    """Ask the registers that failed or found nothing again now, because the family asks to."""
    with transaction.atomic():
        opened = access.access_draft(by=by, number=number, purpose=PURPOSE, now=now)
        waking.wake_asker(opened.loaded.id, again=True)


def save_answers(
    *,
    by: Any,
    number: str,
    answers: Mapping[FactKey, object],
    now: datetime,
    items: tuple[str, ...] | None = None,
    form_version: int | None = None,
) -> Case:
    """Keep what a parent filled in.

    `form_version` is the version the page was built on. When the other parent has changed one of
    the same answers since, nothing is saved: EditedElsewhereError carries the case as it is.
    """

    def decide(case: Case, role: str, context: Context) -> list[Event]:
        if form_version is not None and form_version < case.form_version:
            clashes = _clashes(case, role, answers)
            if clashes:
                raise EditedElsewhereError(case, clashes)
        return applying.save_answers(case, role, answers, context, now, items=items)

    return _change(by, number, decide, now)


def dispute_value(
    *, by: Any, number: str, fact: str, subject: int, text: str, now: datetime
) -> Case:
    """A parent says a register's value is wrong; officers see it beside the value."""
    return _change(
        by,
        number,
        lambda case, role, context: applying.dispute(case, role, fact, subject, text, now),
        now,
    )


def open_signing(*, by: Any, number: str, now: datetime) -> Case:
    """The parent has checked the form; it is frozen until everybody has signed."""
    return _change(
        by,
        number,
        lambda case, role, context: applying.open_signing(case, role, context, now),
        now,
    )


def shown(case: Case, role: str, context: Context, now: datetime, language: str) -> Shown:
    """What `role` is asked to sign: every cell, the commitment, the role's own sentence."""
    step = context.pack.signing_step(role)
    words = [context.pack.words[COMMITMENT].in_language(language)]
    if step is not None:
        words.append(step.text.in_language(language))
    text = "\n".join(words)
    return Shown(
        sheet(case, context, now),
        text,
        signed_digest(case, context, now, text, role),
        papers_of(case, context, now, role),
    )


def sign(
    *,
    by: Any,
    number: str,
    digest: str,
    method: str,
    strokes: str,
    now: datetime,
    language: str = "zh-hans",
    documents: Mapping[str, str] | None = None,
    device: str = "",
) -> Case:
    """A parent signs exactly what was shown; with the last signature the case is submitted.

    `method` is "drawn" (strokes of the pad) or "typed" (the signer's own name); `documents` are
    the files that the page offered, with their digests. Errors:
    RefusedError `shown_changed` when the form is no longer what the page showed,
    `signature_missing`, `signature_not_your_name`, and those of `domain.applying.sign`. The
    strokes are kept sealed with the case.
    """
    if method not in ("drawn", "typed") or not strokes.strip():
        raise RefusedError("signature_missing")
    if method == "typed" and not _is_own_name(by, strokes):
        raise RefusedError("signature_not_your_name")

    def decide(case: Case, role: str, context: Context) -> list[Event]:
        if role in valid_signatures(case):
            return applying.sign(case, role, digest, method, context, now)
        if shown(case, role, context, now, language).digest != digest:
            raise RefusedError("shown_changed")
        papers = signing.to_sign(case, role, context, None, now)
        return applying.sign(
            case,
            role,
            digest,
            method,
            context,
            now,
            drawing=strokes if method == "drawn" else "",
            documents=signing.bound(papers, documents or {}),
            evidence=signing.evidence(
                by=by, case=case, role=role, device=device, language=language, now=now
            ),
        )

    return _change(by, number, decide, now)


def withdraw_signature(*, by: Any, number: str, now: datetime) -> Case:
    """A parent takes the own signature back, as long as the case is not submitted."""
    return _change(
        by,
        number,
        lambda case, role, context: taken_back(case, role, context, now),
        now,
    )


def correct_task(
    *,
    by: Any,
    number: str,
    item: str,
    newborn: int,
    answers: Mapping[FactKey, object],
    now: datetime,
) -> Case:
    """The family corrects what an office asked for; the change is bound by its own digest."""

    def decide(case: Case, role: str, context: Context) -> list[Event]:
        words = sorted(f"{fact}/{subject}={value}" for (fact, subject), value in answers.items())
        digest = text_digest("\n".join([context.pack.digest, *words]))
        return handling.correct(case, (item, newborn), answers, role, digest, context, now)

    return _change(by, number, decide, now)


def answer_ask(*, by: Any, number: str, item: str, newborn: int, ask: str, now: datetime) -> Case:
    """The family does what an item asks of it: confirms a form, has collected a result."""
    key: TaskKey = (item, newborn)

    def decide(case: Case, role: str, context: Context) -> list[Event]:
        digest = signed_digest(case, context, now, f"{item}:{newborn}:{ask}")
        return handling.answer_ask(case, key, ask, role, digest, context, now)

    with transaction.atomic():
        answered = _change(by, number, decide, now)
        custody.leave_when_said(answered, key, "family", now)
        return answered


def withdraw(*, by: Any, number: str, now: datetime) -> Case:
    """The family withdraws a draft, or what has not yet been reviewed."""
    return _change(
        by,
        number,
        lambda case, role, context: handling.withdraw(case, role, context, now),
        now,
    )


def _change(by: Any, number: str, decide: DecideAs, now: datetime) -> Case:
    """Change the case of a parent. Errors: records.access.Refused for absent and forbidden."""
    with transaction.atomic():
        opened = access.access_case(by=by, number=number, purpose=PURPOSE, now=now, locking=True)
        if opened.role == "staff":
            raise access.Refused
        return changes.change(
            lambda case, context: decide(case, opened.role, context), opened.loaded, now=now
        )


def _clashes(case: Case, role: str, answers: Mapping[FactKey, object]) -> tuple[FactKey, ...]:
    return tuple(
        key
        for key, value in answers.items()
        if key in case.answers
        and case.answers[key].value != value
        and case.answers[key].source != role
    )


def _is_own_name(by: Any, typed: str) -> bool:
    identity = people.identity_of(by)
    return identity is not None and "".join(typed.split()) == "".join(identity.name.split())


def _next_number(context: Context, now: datetime) -> str:
    division = (context.pack.divisions[0] + "000000")[:6]
    return case_number(division, local_day(now), NUMBER_LETTER, queries.next_case_sequence())

"""How events change a case: `apply(case, event)`, the only way it changes.

Replaying the public bodies alone, without the sealed ones, rebuilds everything in
`cases.progress`: that is how the journal proves the state.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from functools import reduce
from typing import Any, cast

from yijian.domain.cases import (
    Case,
    Check,
    CheckState,
    Consent,
    Parcel,
    ParcelState,
    Signature,
    Task,
)
from yijian.domain.events import Event, EventKind, TaskKey, key_of, moment_in, text_or_none
from yijian.domain.facts import Fact, FactKey, Origin
from yijian.domain.received import case_received, certificate_ended, task_received
from yijian.domain.states import Stage, TaskState

Triples = Iterable[tuple[str, int, object]]


def apply(case: Case, event: Event) -> Case:
    """The case after the event. The event's sealed body may be empty (replay of the journal)."""
    changed = _APPLY[event.kind](case, event)
    return replace(changed, version=case.version + 1)


def apply_all(case: Case, events: Iterable[Event]) -> Case:
    """The case after all events, in order."""
    return reduce(apply, events, case)


def _facts(case: Case, event: Event, origin: Origin, source: str) -> dict[FactKey, Fact]:
    receipt = event.public.get("receipt")
    return {
        (str(fact), int(subject)): Fact(
            value, origin, source, event.at, None if receipt is None else str(receipt)
        )
        for fact, subject, value in cast(Triples, event.sealed.get("values", ()))
    }


def _noted(case: Case, event: Event) -> Case:
    """Events that are recorded and change nothing but the count of events."""
    return case


def _started(case: Case, event: Event) -> Case:
    started = replace(case, applicant=str(event.public.get("applicant", event.by)))
    return _witnessed(started, event, started.applicant)


def _scheme_chosen(case: Case, event: Event) -> Case:
    """Another scheme for a draft: what its form lacks is dropped, and every signature.

    What another scheme has refused is not refused any more: this one has not spoken yet.
    """
    public = event.public
    dropped = frozenset(cast(Iterable[str], public["dropped"]))
    return replace(
        case,
        pack=str(public["pack"]),
        pack_version=str(public["version"]),
        pack_digest=str(public["digest"]),
        applicant=str(public.get("applicant") or case.applicant),
        stage=Stage.DRAFT,
        items=tuple(cast(Iterable[str], public["items"])),
        answers={key: fact for key, fact in case.answers.items() if key[0] not in dropped},
        consents=() if public["consents_void"] else case.consents,
        signatures={},
        drawings={},
        evidence={},
        turned_away=case.turned_away if public["pack"] == case.pack else (),
        form_version=int(str(public["form_version"])),
    )


def _witnessed(case: Case, event: Event, role: str) -> Case:
    """Who saw the role act at a window; the number stands in the sealed body alone."""
    witness = event.sealed.get("witness")
    if witness is None:
        return case
    return replace(case, witnesses={**case.witnesses, role: str(witness)})


def _register_answered(case: Case, event: Event) -> Case:
    register = str(event.public["register"])
    before = case.checks.get(register)
    check = Check(
        CheckState(str(event.public["state"])),
        event.at,
        text_or_none(event.public.get("receipt")),
        (before.attempts if before else 0) + 1,
    )
    newborns = event.public.get("newborns", case.newborns)
    return replace(
        case,
        checks={**case.checks, register: check},
        verified={**case.verified, **_facts(case, event, Origin.VERIFIED, register)},
        newborns=int(str(newborns)),
    )


def _consent_given(case: Case, event: Event) -> Case:
    consent = Consent(
        str(event.public["role"]),
        str(event.public["notice"]),
        str(event.public["digest"]),
        event.at,
        bool(event.public.get("witnessed")),
    )
    kept = tuple(c for c in case.consents if (c.role, c.notice) != (consent.role, consent.notice))
    return _witnessed(replace(case, consents=(*kept, consent)), event, consent.role)


def _answers_saved(case: Case, event: Event) -> Case:
    items = event.public.get("items")
    saved = replace(
        case,
        answers={**case.answers, **_facts(case, event, Origin.DECLARED, event.by)},
        items=case.items if items is None else tuple(cast(Iterable[str], items)),
        form_version=int(str(event.public["form_version"])),
    )
    return _witnessed(saved, event, event.by)


def _value_disputed(case: Case, event: Event) -> Case:
    key = (str(event.public["fact"]), int(str(event.public["subject"])))
    return replace(case, disputes={**case.disputes, key: str(event.sealed.get("text", ""))})


def _turned_away(case: Case, event: Event) -> Case:
    rules = tuple(cast(Iterable[str], event.public.get("rules", ())))
    return replace(case, turned_away=(*case.turned_away, (str(event.public["pack"]), rules)))


def _material_kept(case: Case, event: Event) -> Case:
    material = str(event.public["material"])
    brought = (*case.materials.get(material, ()), *_digests(event))
    return replace(case, materials={**case.materials, material: brought})


def _material_removed(case: Case, event: Event) -> Case:
    material = str(event.public["material"])
    left = list(case.materials.get(material, ()))
    for digest in _digests(event):
        if digest in left:
            left.remove(digest)
    return replace(case, materials={**case.materials, material: tuple(left)})


def _digests(event: Event) -> tuple[str, ...]:
    return tuple(str(digest) for digest in cast(Iterable[str], event.public.get("digest", ())))


def _signing_opened(case: Case, event: Event) -> Case:
    return replace(case, stage=Stage.SIGNING)


def _signing_reopened(case: Case, event: Event) -> Case:
    return replace(case, stage=Stage.DRAFT, signatures={}, drawings={}, evidence={})


def _signed(case: Case, event: Event) -> Case:
    signature = Signature(
        str(event.public["role"]),
        str(event.public["digest"]),
        int(str(event.public["form_version"])),
        str(event.public["method"]),
        event.at,
        bool(event.public.get("witnessed")),
        _files(event),
    )
    role = signature.role
    drawings, evidence = _without(case.drawings, (role,)), _without(case.evidence, (role,))
    if event.sealed.get("drawing"):
        drawings[role] = str(event.sealed["drawing"])
    if event.sealed.get("evidence"):
        evidence[role] = cast(Mapping[str, object], event.sealed["evidence"])
    signatures = {**case.signatures, role: signature}
    signed = replace(case, signatures=signatures, drawings=drawings, evidence=evidence)
    return _witnessed(signed, event, role)


def _files(event: Event) -> tuple[tuple[str, str], ...]:
    """The files a signer was shown; signatures of the first version name none."""
    shown = cast(Iterable[tuple[str, str]], event.public.get("documents", ()))
    return tuple((str(document), str(digest)) for document, digest in shown)


def _signature_withdrawn(case: Case, event: Event) -> Case:
    """The signature is gone, and every one that was given after it because of it."""
    gone = tuple(str(role) for role in cast(Iterable[str], event.public["voided"]))
    return replace(
        case,
        signatures=_without(case.signatures, gone),
        drawings=_without(case.drawings, gone),
        evidence=_without(case.evidence, gone),
    )


def _without(given: Mapping[str, Any], roles: Iterable[str]) -> dict[str, Any]:
    left = dict(given)
    for role in roles:
        left.pop(role, None)
    return left


def _submitted(case: Case, event: Event) -> Case:
    tasks: dict[TaskKey, Task] = {}
    for row in cast(Iterable[dict[str, str]], event.public["tasks"]):
        task = Task(
            item=row["item"],
            newborn=int(row["newborn"]),
            state=TaskState(row["state"]),
            office=row["office"],
            since=event.at,
            reason=row["reason"],
        )
        tasks[task.key] = task
    return replace(case, stage=Stage.SUBMITTED, submitted_at=event.at, tasks=tasks)


def _moved(case: Case, event: Event) -> Case:
    task = case.tasks[key_of(event)]
    public = event.public
    after = TaskState(str(public["to"]))
    corrected = task.state is TaskState.CORRECTION_NEEDED and after is TaskState.IN_REVIEW
    moved = replace(
        task,
        state=after,
        since=event.at,
        office=text_or_none(public.get("office", task.office)),
        due_at=moment_in(public, "due_at", task.due_at),
        due_provisional=bool(public.get("due_provisional", task.due_provisional)),
        started_at=event.at if after is TaskState.QUEUED else task.started_at,
        paused_at=event.at if after is TaskState.CORRECTION_NEEDED else None,
        round=task.round + 1 if corrected else task.round,
        reason=text_or_none(public.get("reason")),
        correct=tuple(cast(Iterable[str], public.get("correct", ()))),
        version=task.version + 1,
    )
    reasons, results = dict(case.reasons), dict(case.results)
    if "reason" in event.sealed:
        reasons[task.key] = str(event.sealed["reason"])
    if event.sealed.get("result"):
        given = cast(Mapping[str, object], event.sealed["result"])
        results[task.key] = {**results.get(task.key, {}), **given}
    return replace(
        case,
        tasks={**case.tasks, task.key: moved},
        reasons=reasons,
        results=results,
        answers={**case.answers, **_facts(case, event, Origin.DECLARED, event.by)},
        verified={**case.verified, **_facts_given(case, event)},
    )


def _facts_given(case: Case, event: Event) -> dict[FactKey, Fact]:
    given = event.sealed.get("gives", ())
    source = f"{event.task[0]}" if event.task else event.by
    return {
        (str(fact), int(subject)): Fact(value, Origin.RESULT, source, event.at)
        for fact, subject, value in cast(Triples, given)
    }


def _certificate_kept(case: Case, event: Event) -> Case:
    """A version that replaces another one may bring a new number, which becomes the fact."""
    given = event.sealed.get("result")
    if event.task is None or not isinstance(given, Mapping):
        return case
    results = {**case.results, event.task: {**case.results.get(event.task, {}), **given}}
    verified = {**case.verified, **_facts_given(case, event)}
    return replace(case, results=results, verified=verified)


def _routed(case: Case, event: Event) -> Case:
    task = case.tasks[key_of(event)]
    routed = replace(
        task,
        office=text_or_none(event.public["office"]),
        due_at=moment_in(event.public, "due_at", task.due_at),
        version=task.version + 1,
    )
    return replace(case, tasks={**case.tasks, task.key: routed})


def _switched(case: Case, event: Event) -> Case:
    """Another channel to the same office: what somebody is about to decide elsewhere is too old."""
    task = case.tasks[key_of(event)]
    switched = replace(task, version=task.version + 1)
    return replace(case, tasks={**case.tasks, task.key: switched})


def _due_moved(case: Case, event: Event) -> Case:
    """Another deadline because another calendar holds; what somebody decides stays as it was."""
    task = case.tasks[key_of(event)]
    due_at = moment_in(event.public, "due_at", task.due_at)
    moved = replace(task, due_at=due_at, due_provisional=event.public["due_provisional"] is True)
    return replace(case, tasks={**case.tasks, task.key: moved})


def _asked(case: Case, event: Event) -> Case:
    task = case.tasks[key_of(event)]
    asked = replace(
        task,
        asked=(*task.asked, str(event.public["ask"])),
        paused_at=event.at if event.public.get("pauses") else task.paused_at,
        version=task.version + 1,
    )
    return replace(case, tasks={**case.tasks, task.key: asked})


def _ask_answered(case: Case, event: Event) -> Case:
    task = case.tasks[key_of(event)]
    answered = replace(
        task,
        answered=(*task.answered, str(event.public["ask"])),
        paused_at=None,
        due_at=moment_in(event.public, "due_at", task.due_at),
        version=task.version + 1,
    )
    return replace(case, tasks={**case.tasks, task.key: answered})


def _parcel_moved(case: Case, event: Event) -> Case:
    key = key_of(event)
    before, to = case.parcels.get(key), ParcelState(str(event.public["to"]))
    parcel = Parcel(
        item=key[0],
        newborn=key[1],
        option=before.option if before else str(event.public["option"]),
        state=to,
        since=event.at,
        order=(before.order if before else 0) + (to is ParcelState.POSTING),
        proof=str(event.public.get("proof", "")),
    )
    return replace(case, parcels={**case.parcels, key: parcel})


def _withdrawn(case: Case, event: Event) -> Case:
    return replace(case, stage=Stage.WITHDRAWN)


def _closed(case: Case, event: Event) -> Case:
    return replace(case, stage=Stage.CLOSED)


_APPLY: Mapping[EventKind, Callable[[Case, Event], Case]] = {
    EventKind.CASE_STARTED: _started,
    EventKind.CASE_RECEIVED: case_received,
    EventKind.TASK_RECEIVED: task_received,
    EventKind.SCHEME_CHOSEN: _scheme_chosen,
    EventKind.FAMILY_REMINDED: _noted,
    EventKind.TURNED_AWAY: _turned_away,
    EventKind.REFUSAL_LIFTED: _turned_away,
    EventKind.MATERIAL_KEPT: _material_kept,
    EventKind.MATERIAL_REMOVED: _material_removed,
    EventKind.DOCUMENT_ISSUED: _noted,
    EventKind.CERTIFICATE_KEPT: _certificate_kept,
    EventKind.CERTIFICATE_LINKED: _noted,
    EventKind.CERTIFICATE_ENDED: certificate_ended,
    EventKind.PAPER_MOVED: _noted,
    EventKind.PARCEL_MOVED: _parcel_moved,
    EventKind.PACKAGE_MADE: _noted,
    EventKind.CASE_HANDED_OVER: _noted,
    EventKind.REGISTER_ANSWERED: _register_answered,
    EventKind.CONSENT_GIVEN: _consent_given,
    EventKind.ANSWERS_SAVED: _answers_saved,
    EventKind.VALUE_DISPUTED: _value_disputed,
    EventKind.SIGNING_OPENED: _signing_opened,
    EventKind.SIGNING_REOPENED: _signing_reopened,
    EventKind.SIGNED: _signed,
    EventKind.SIGNATURE_WITHDRAWN: _signature_withdrawn,
    EventKind.CASE_SUBMITTED: _submitted,
    EventKind.TASK_MOVED: _moved,
    EventKind.TASK_ROUTED: _routed,
    EventKind.TASK_SWITCHED: _switched,
    EventKind.TASK_ASKED: _asked,
    EventKind.ASK_ANSWERED: _ask_answered,
    EventKind.CASE_WITHDRAWN: _withdrawn,
    EventKind.CASE_CLOSED: _closed,
    EventKind.EXCHANGE_SETTLED: _noted,
    EventKind.TASK_URGED: _noted,
    EventKind.DUE_MOVED: _due_moved,
    EventKind.RATED: _noted,
    EventKind.RATING_EXCLUDED: _noted,
}

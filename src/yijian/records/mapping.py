"""Case and Task values become rows, and rows become values. Nothing here touches the database.

The public part of a case lies in columns and in `progress`; everything personal lies in one sealed
document. What a page of a worklist shows (masked names) and what a search finds (blind indexes) is
taken from the same facts, so that it can never disagree with them.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, cast
from uuid import UUID

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
from yijian.domain.events import TaskKey
from yijian.domain.numbers import masked_name
from yijian.domain.states import UNDER_WAY, Stage, TaskState
from yijian.records import crypto
from yijian.records.encoding import decode, decode_facts, encode, encode_facts
from yijian.records.identifiers import task_id

NAMED_PARENTS = ("mother", "father")
FOUND_BY: Mapping[str, str] = {
    "mother_id_number": "id_number",
    "father_id_number": "id_number",
    "newborn_citizen_id_number": "id_number",
    "mother_name": "name",
    "father_name": "name",
    "newborn_name": "name",
    "mother_phone": "phone",
    "father_phone": "phone",
    "representative_id_number": "id_number",
    "representative_name": "name",
    "representative_phone": "phone",
    "newborn_certificate_number": "certificate",
}
"""The facts by which a case is found, and the blind index that finds them."""

_PUBLIC = (
    "origin",
    "applicant",
    "items",
    "checks",
    "consents",
    "signatures",
    "materials",
    "turned_away",
    "parcels",
)
_SEALED = (
    "answers",
    "verified",
    "disputes",
    "reasons",
    "results",
    "drawings",
    "evidence",
    "witnesses",
    "received",
)


@dataclass(frozen=True, slots=True)
class LoadedCase:
    """办件 as loaded: the value, the key that opens its sealed data, and what only rows know.

    `key` is None once the case was forgotten; it can then be read but not changed.
    """

    case: Case
    key: crypto.Key | None = field(repr=False)
    window: str | None = None
    institution: str | None = None
    channels: Mapping[TaskKey, str | None] = field(default_factory=dict)
    changed_at: datetime | None = None

    @property
    def id(self) -> UUID:
        """The case's identifier."""
        return UUID(self.case.id)

    def task_id(self, key: TaskKey) -> UUID:
        """The identifier of one of its tasks."""
        return task_id(self.case.id, key)

    def task_key(self, identifier: UUID) -> TaskKey:
        """The place in the case of the task with this identifier; KeyError when it has none."""
        for key in self.case.tasks:
            if task_id(self.case.id, key) == identifier:
                return key
        raise KeyError(str(identifier))


def value_of(case: Case, fact: str, subject: int = 0) -> object | None:
    """What the case knows about one fact: verified before declared."""
    found = case.verified.get((fact, subject)) or case.answers.get((fact, subject))
    return None if found is None else found.value


def public_changed(before: Case, after: Case) -> bool:
    """Whether anything in `progress` may differ."""
    return any(getattr(before, name) is not getattr(after, name) for name in _PUBLIC)


def sealed_changed(before: Case, after: Case) -> bool:
    """Whether anything in the sealed document differs."""
    return any(getattr(before, name) != getattr(after, name) for name in _SEALED)


def progress_document(case: Case) -> dict[str, object]:
    """The public part that has no column of its own. Lists keep the order that JSONB would not."""
    return {
        "origin": case.origin,
        "applicant": case.applicant,
        "items": list(case.items),
        "checks": [
            [name, c.state.value, c.at.isoformat(), c.receipt, c.attempts]
            for name, c in case.checks.items()
        ],
        "consents": [
            [c.role, c.notice, c.digest, c.at.isoformat(), c.witnessed] for c in case.consents
        ],
        "signatures": [
            [
                s.role,
                s.digest,
                s.form_version,
                s.method,
                s.at.isoformat(),
                s.witnessed,
                [list(shown) for shown in s.documents],
            ]
            for s in case.signatures.values()
        ],
        "materials": [[name, list(digests)] for name, digests in case.materials.items()],
        "turned_away": [[pack, list(rules)] for pack, rules in case.turned_away],
        "parcels": [
            [p.item, p.newborn, p.option, p.state.value, p.since.isoformat(), p.order, p.proof]
            for p in case.parcels.values()
        ],
    }


def sealed_document(case: Case) -> dict[str, object]:
    """Everything personal."""
    return {
        "answers": encode_facts(case.answers),
        "verified": encode_facts(case.verified),
        "disputes": [[fact, subject, text] for (fact, subject), text in case.disputes.items()],
        "reasons": [[item, newborn, text] for (item, newborn), text in case.reasons.items()],
        "results": [[item, n, encode(given)] for (item, n), given in case.results.items()],
        "drawings": dict(case.drawings),
        "evidence": {role: encode(known) for role, known in case.evidence.items()},
        "witnesses": dict(case.witnesses),
        "received": [[item, n, encode(sent)] for (item, n), sent in case.received.items()],
    }


def display_document(case: Case) -> dict[str, object]:
    """The masked names that a list shows."""
    return {
        **{parent: _masked(value_of(case, f"{parent}_name")) for parent in NAMED_PARENTS},
        "newborns": [
            _masked(value_of(case, "newborn_name", number))
            for number in range(1, case.newborns + 1)
        ],
    }


def _masked(name: object | None) -> str:
    return masked_name(name) if isinstance(name, str) and name else ""


def findable(case: Case) -> frozenset[tuple[str, str]]:
    """The values by which the case can be found: (purpose of the blind index, value)."""
    return frozenset(
        (FOUND_BY[fact], known.value)
        for facts in (case.answers, case.verified)
        for (fact, _), known in facts.items()
        if fact in FOUND_BY and isinstance(known.value, str) and known.value
    )


def newborn_marks(case: Case) -> tuple[tuple[str, str, int], ...]:
    """What makes each newborn unique: mother, delivery and birth order.

    Empty until the delivery register has answered.
    """
    mother = value_of(case, "mother_id_number")
    delivery = value_of(case, "delivery_id")
    if not isinstance(mother, str) or not isinstance(delivery, str):
        return ()
    orders = (
        value_of(case, "newborn_order", number) or number for number in range(1, case.newborns + 1)
    )
    return tuple((mother, delivery, int(str(order))) for order in orders)


def case_columns(case: Case) -> dict[str, object]:
    """The columns of a case that any event may change."""
    return {
        "id": case.id,
        "stage": case.stage.value,
        "newborns": case.newborns,
        "form_version": case.form_version,
        "submitted_at": _text(case.submitted_at),
        "version": case.version,
        "institution": value_of(case, "institution_code"),
    }


def task_columns(case: Case, task: Task, channel: str | None, place: int) -> dict[str, object]:
    """The row of one task."""
    return {
        "id": str(task_id(case.id, task.key)),
        "case_id": case.id,
        "item": task.item,
        "newborn": task.newborn,
        "state": task.state.value,
        "under_way": task.state in UNDER_WAY,
        "office": task.office,
        "channel": channel,
        "since": task.since.isoformat(),
        "due_at": _text(task.due_at),
        "due_provisional": task.due_provisional,
        "started_at": _text(task.started_at),
        "paused_at": _text(task.paused_at),
        "ended_at": _text(task.since if task.ended else None),
        "round": task.round,
        "reason": task.reason,
        "correct": list(task.correct),
        "asked": list(task.asked),
        "answered": list(task.answered),
        "version": task.version,
        "place": place,
    }


def _text(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def loaded_case(row: Sequence[Any]) -> LoadedCase:
    """The value of one row of `load_cases`."""
    (
        identifier, number, pack, pack_version, pack_digest, channel, window, institution, stage,
        newborns, form_version, started_at, submitted_at, version, progress, wrapped, sealed,
        changed_at, tasks,
    ) = row  # fmt: skip
    key = None if wrapped is None else crypto.unwrap(bytes(wrapped), identifier)
    found, channels = _tasks(tasks)
    case = Case(
        id=str(identifier),
        number=number,
        pack=pack,
        pack_version=pack_version,
        pack_digest=pack_digest,
        channel=channel,
        started_at=started_at,
        stage=Stage(stage),
        newborns=newborns,
        form_version=form_version,
        submitted_at=submitted_at,
        version=version,
        tasks=found,
        **_public(json.loads(progress)),
        **_personal(key, sealed, identifier),
    )
    return LoadedCase(case, key, window, institution, channels, changed_at)


def _tasks(text: str | None) -> tuple[dict[TaskKey, Task], dict[TaskKey, str | None]]:
    tasks: dict[TaskKey, Task] = {}
    channels: dict[TaskKey, str | None] = {}
    for row in json.loads(text) if text else ():
        (
            item, newborn, state, office, since, due_at, due_provisional, started_at, paused_at,
            round_, reason, correct, asked, answered, version, channel,
        ) = row  # fmt: skip
        tasks[item, newborn] = Task(
            item=item,
            newborn=newborn,
            state=TaskState(state),
            office=office,
            since=datetime.fromisoformat(since),
            due_at=_moment(due_at),
            due_provisional=due_provisional,
            started_at=_moment(started_at),
            paused_at=_moment(paused_at),
            round=round_,
            reason=reason,
            correct=tuple(correct),
            asked=tuple(asked),
            answered=tuple(answered),
            version=version,
        )
        channels[item, newborn] = channel
    return tasks, channels


def _public(progress: dict[str, Any]) -> dict[str, Any]:
    return {
        "origin": progress.get("origin", ""),
        "applicant": progress["applicant"],
        "items": tuple(progress["items"]),
        "checks": {
            name: Check(CheckState(state), datetime.fromisoformat(at), receipt, attempts)
            for name, state, at, receipt, attempts in progress["checks"]
        },
        "consents": tuple(
            Consent(role, notice, digest, datetime.fromisoformat(at), witnessed)
            for role, notice, digest, at, witnessed in progress["consents"]
        ),
        "signatures": {
            role: Signature(
                role,
                digest,
                form_version,
                method,
                datetime.fromisoformat(at),
                witnessed,
                # Signatures of the first version name no files.
                tuple((str(i), str(d)) for i, d in (shown[0] if shown else ())),
            )
            for role, digest, form_version, method, at, witnessed, *shown in progress["signatures"]
        },
        "materials": {name: tuple(digests) for name, digests in progress["materials"]},
        # Cases of the first versions were kept without it.
        "turned_away": tuple(
            (pack, tuple(rules)) for pack, rules in progress.get("turned_away", ())
        ),
        "parcels": {
            (item, newborn): Parcel(
                item, newborn, option, ParcelState(state), datetime.fromisoformat(at), order, proof
            )
            for item, newborn, option, state, at, order, proof in progress["parcels"]
        },
    }


def _personal(key: crypto.Key | None, sealed: bytes | None, identifier: UUID) -> dict[str, Any]:
    if key is None or sealed is None:
        return {}
    where = crypto.place("case", "sealed", identifier)
    document = cast(dict[str, Any], crypto.open_document(key, bytes(sealed), where))
    return {
        "answers": decode_facts(document["answers"]),
        "verified": decode_facts(document["verified"]),
        "disputes": {(fact, n): text for fact, n, text in document["disputes"]},
        "reasons": {(item, n): text for item, n, text in document["reasons"]},
        "results": {(item, n): decode(given) for item, n, given in document["results"]},
        # Cases of the first version were sealed without these.
        "drawings": dict(document.get("drawings", {})),
        "evidence": {r: decode(known) for r, known in document.get("evidence", {}).items()},
        "witnesses": dict(document.get("witnesses", {})),
        "received": {(item, n): decode(sent) for item, n, sent in document.get("received", ())},
    }

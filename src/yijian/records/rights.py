"""访问权限与查询回执 as rows: what partners may ask of our registers, and what they have asked.

Of a question nothing personal is kept: keyed digests of it and of its answer, and the blind index
of whom it was about.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from django.db import connection

from yijian.domain.registers import Right
from yijian.domain.signing import canonical_json
from yijian.records import crypto
from yijian.records.identifiers import new_id
from yijian.records.models import OutboxMessage, Party, RegisterQuestion, RegisterRight


@dataclass(frozen=True, slots=True)
class Granted:
    """权限记录: a right with who gave it, and who ended it."""

    right: Right
    granted_by: str
    granted_at: datetime
    ended_by: str
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class Question:
    """查询回执: one question of a partner as it may be shown. Digests are hexadecimal."""

    id: UUID
    at: datetime
    partner: str
    register: str
    purpose: str
    consent: str
    outcome: str
    reason: str
    question_digest: str
    answer_digest: str


@dataclass(frozen=True, slots=True)
class Asked:
    """提问: a question as it came. `person` is the number of whom it is about; empty for nobody."""

    partner: str
    register: str
    purpose: str
    consent: str
    question: Mapping[str, str] = field(repr=False)
    person: str = field(default="", repr=False)


def _right(row: RegisterRight) -> Right:
    return Right(
        row.partner,
        row.register,
        frozenset(row.purposes),
        row.consent,
        frozenset(row.fields),
        row.begins_at,
        row.ends_at,
        row.daily_budget,
    )


def of(*, partner: str, register: str) -> Right | None:
    """What a partner may ask of a register; whether it is in force is not asked here."""
    row = RegisterRight.objects.filter(
        partner=partner, register=register, ended_at__isnull=True
    ).first()
    return _right(row) if row else None


def listed(*, ended: bool = False) -> list[Granted]:
    """Every right that stands; `ended` also those that were ended, newest last."""
    rows = RegisterRight.objects.order_by("partner", "register", "id")
    if not ended:
        rows = rows.filter(ended_at__isnull=True)
    return [
        Granted(_right(row), row.granted_by, row.granted_at, row.ended_by, row.ended_at)
        for row in rows
    ]


def grant(*, by: str, right: Right, now: datetime) -> None:
    """Keep a right; the one before it ends."""
    end(by=by, partner=right.partner, register=right.register, now=now)
    RegisterRight.objects.create(
        id=new_id(),
        partner=right.partner,
        register=right.register,
        purposes=sorted(right.purposes),
        consent=right.consent,
        fields=sorted(right.fields),
        begins_at=right.begins_at,
        ends_at=right.ends_at,
        daily_budget=right.daily_budget,
        granted_by=by,
        granted_at=now,
    )


def end(*, by: str, partner: str, register: str, now: datetime) -> bool:
    """End a right; whether there was one."""
    return bool(
        RegisterRight.objects.filter(
            partner=partner, register=register, ended_at__isnull=True
        ).update(ended_by=by, ended_at=now)
    )


def spend(*, partner: str, register: str, day: date, budget: int) -> bool:
    """Count one question of the day; False when the budget is used up. Exact under any load."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO register_use AS u (partner, register, day, asked) VALUES (%s, %s, %s, 1)"
            " ON CONFLICT (partner, register, day) DO UPDATE SET asked = u.asked + 1"
            " WHERE u.asked < %s RETURNING u.asked",
            [partner, register, day, budget],
        )
        return cursor.fetchone() is not None


def note(asked: Asked, *, outcome: str, reason: str = "", now: datetime) -> UUID:
    """Keep that a question was asked, before it is answered; the number of its receipt."""
    row = RegisterQuestion.objects.create(
        id=new_id(),
        at=now,
        partner=asked.partner,
        register=asked.register,
        purpose=asked.purpose,
        consent=asked.consent,
        person=person_hash(asked.person) if asked.person else None,
        question_digest=_digest(asked.register, asked.question),
        outcome=outcome,
        reason=reason,
    )
    return row.id


def settle(question: UUID, *, outcome: str, answer: object | None, reason: str = "") -> None:
    """Keep what came of a question."""
    digest = None
    if answer is not None:
        digest = crypto.keyed_digest("register answer", canonical_json(answer).decode())
    RegisterQuestion.objects.filter(id=question, outcome="asked").update(
        outcome=outcome, answer_digest=digest, reason=reason
    )


def person_hash(id_number: str) -> bytes:
    """The blind index under which the questions about one person are counted."""
    return crypto.blind_index("person", id_number)


def questions(
    *,
    partner: str = "",
    person: str = "",
    since: datetime | None = None,
    limit: int = 100,
) -> list[Question]:
    """The latest questions, newest first, of one partner or about one person."""
    rows = RegisterQuestion.objects.order_by("-at", "-id")
    if partner:
        rows = rows.filter(partner=partner)
    if person:
        rows = rows.filter(person=person_hash(person))
    if since is not None:
        rows = rows.filter(at__gte=since)
    return [
        Question(
            row.id,
            row.at,
            row.partner,
            row.register,
            row.purpose,
            row.consent,
            row.outcome,
            row.reason,
            bytes(row.question_digest).hex(),
            bytes(row.answer_digest).hex() if row.answer_digest else "",
        )
        for row in rows[:limit]
    ]


def times_told_about(*, case_id: UUID) -> int:
    """How often somebody was told something about the people who stand in a case."""
    people = Party.objects.filter(case_id=case_id).values("person_hash")
    return RegisterQuestion.objects.filter(person__in=people, outcome="found").count()


def _digest(register: str, question: Mapping[str, str]) -> bytes:
    text = canonical_json({"register": register, **question}).decode()
    return crypto.keyed_digest("register question", text)


def asked_in_vain(
    *, register: str, question: Mapping[str, str], person: str, since: datetime
) -> list[tuple[str, UUID]]:
    """Who has asked exactly this in vain and was not told yet: partner and receipt; locked."""
    rows = RegisterQuestion.objects.select_for_update().filter(
        person=person_hash(person),
        question_digest=_digest(register, question),
        outcome="absent",
        at__gte=since,
        told_at__isnull=True,
    )
    return [(row.partner, row.id) for row in rows.order_by("id")]


def tell(*, kind: str, told: Iterable[tuple[str, UUID]], now: datetime) -> None:
    """Let each of these partners know that its question is worth asking again.

    The message carries the number of the receipt and nothing else, so nothing in it is sealed.
    """
    told = list(told)
    OutboxMessage.objects.bulk_create(
        [
            OutboxMessage(
                id=new_id(),
                destination=partner,
                kind=kind,
                case_id=receipt,
                intent="register_changed",
                not_before=now,
                created_at=now,
            )
            for partner, receipt in told
        ]
    )
    RegisterQuestion.objects.filter(id__in=[receipt for _, receipt in told]).update(told_at=now)

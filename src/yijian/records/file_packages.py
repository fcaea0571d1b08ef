"""文件包 in the database: what waits for a package, what lies in which one, what came back."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import connection

from yijian.domain.routing import Reach
from yijian.records.identifiers import new_id
from yijian.records.models import (
    AccessEntry,
    FilePackage,
    FilePackageLine,
    FileParticipant,
    OutboxMessage,
    ResultPackage,
)
from yijian.records.sealed import opened

PURPOSE = "handle_task"
_COLUMNS = """
    SELECT o.id, o.kind, o.case_id, o.task_id, o.item, o.created_at, o.sealed, c.wrapped_key
    FROM outbox o LEFT JOIN "case" c ON c.id = o.case_id
"""


@dataclass(frozen=True, slots=True)
class PackedMessage:
    """包内消息: one message that is carried; its id is the same in every copy."""

    id: UUID
    kind: str
    case_id: UUID
    task_id: UUID | None
    item: str
    created_at: datetime
    payload: Mapping[str, Any] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Package:
    """文件包: one that was made: its number, what it weighs, and whether somebody has it."""

    id: UUID
    participant: str
    sequence: int
    day: date
    made_at: datetime
    digest: bytes
    size: int
    messages: int
    sealed_to: str
    fetched_at: datetime | None
    fetched_by: str


@dataclass(frozen=True, slots=True)
class TakenResults:
    """收到的结果包: what became of its lines; `errors` are line, column and code, no values."""

    id: UUID
    participant: str
    name: str
    taken_at: datetime
    signed: bool
    lines: int
    applied: int
    repeated: int
    refused: int
    errors: list[tuple[int, str, str]]


def destination_of(participant: str) -> str:
    """Where the messages of a participant wait."""
    return f"{Reach('file', participant).destination}"


def lock(participant: str) -> None:
    """Nobody else makes a package for this participant until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtext('yijian files'), hashtext(%s))", [participant]
        )


def waiting_participants() -> list[str]:
    """Everybody for whom something waits that lies in no package yet."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT substr(o.destination, 6) FROM outbox o"
            " WHERE o.state = 'waiting' AND starts_with(o.destination, 'file:')"
            " AND NOT EXISTS (SELECT FROM file_package_line l WHERE l.message_id = o.id)"
            " ORDER BY 1"
        )
        return [code for (code,) in cursor.fetchall()]


def waiting(participant: str, *, limit: int) -> list[PackedMessage]:
    """What waits for a participant and lies in no package yet, oldest first, locked."""
    return _messages(
        " WHERE o.destination = %s AND o.state = 'waiting'"
        " AND NOT EXISTS (SELECT FROM file_package_line l WHERE l.message_id = o.id)"
        " ORDER BY o.id LIMIT %s FOR UPDATE OF o",
        [destination_of(participant), limit],
    )


def packed(package_id: UUID) -> list[PackedMessage]:
    """What lies in a package, in its order."""
    return _messages(
        " JOIN file_package_line l ON l.message_id = o.id WHERE l.package_id = %s ORDER BY l.place",
        [package_id],
    )


def _messages(where: str, values: Sequence[Any]) -> list[PackedMessage]:
    with connection.cursor() as cursor:
        cursor.execute(_COLUMNS + where, values)
        return [
            PackedMessage(*[*columns, opened("outbox", columns[0], columns[2], sealed, wrapped)])
            for *columns, sealed, wrapped in cursor.fetchall()
        ]


def last_of(participant: str) -> Package | None:
    """The newest package of a participant."""
    row = FilePackage.objects.filter(participant=participant).order_by("-sequence").first()
    return None if row is None else _package(row)


def keep(package: Package, messages: Iterable[UUID], *, by: str) -> None:
    """Remember a package that was made, and what lies in it at which place."""
    FilePackage(
        id=package.id,
        participant=package.participant,
        sequence=package.sequence,
        day=package.day,
        made_at=package.made_at,
        made_by=by,
        digest=package.digest,
        size=package.size,
        messages=package.messages,
        sealed_to=package.sealed_to,
    ).save(force_insert=True)
    FilePackageLine.objects.bulk_create(
        FilePackageLine(package_id=package.id, place=place, message_id=message)
        for place, message in enumerate(messages)
    )


def package(participant: str, sequence: int) -> Package | None:
    """One package by its number."""
    row = FilePackage.objects.filter(participant=participant, sequence=sequence).first()
    return None if row is None else _package(row)


def packages(
    participants: Iterable[str] | None = None, *, limit: int, unfetched: bool = False
) -> list[Package]:
    """The packages of some participants or of all, newest first."""
    rows = FilePackage.objects.order_by("-id")
    if participants is not None:
        rows = rows.filter(participant__in=list(participants))
    if unfetched:
        rows = rows.filter(fetched_at__isnull=True)
    return [_package(row) for row in rows[:limit]]


def fetched(package_id: UUID, *, by: str, now: datetime) -> None:
    """Somebody has the package: its messages are delivered. Only the first time counts."""
    FilePackage.objects.filter(id=package_id, fetched_at=None).update(fetched_at=now, fetched_by=by)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE outbox o SET state = 'delivered', settled_at = %s, attempts = 1"
            " FROM file_package_line l"
            " WHERE l.package_id = %s AND o.id = l.message_id AND o.state = 'waiting'",
            [now, package_id],
        )


def note_fetch(package_id: UUID, *, by: str, office: str, now: datetime) -> None:
    """Every family in a package can see that somebody took its data along."""
    inside = FilePackageLine.objects.filter(package_id=package_id).values("message_id")
    found = OutboxMessage.objects.filter(id__in=inside).order_by("id")
    AccessEntry.objects.bulk_create(
        AccessEntry(
            id=new_id(), at=now, staff=by, office=office, what="file_package", case_id=case_id,
            task_id=task_id, purpose=PURPOSE, shown=True,
        )
        for case_id, task_id in found.values_list("case_id", "task_id")
    )  # fmt: skip


def sealing_keys() -> Mapping[str, str]:
    """The key to which each participant's packages are sealed."""
    return {row.code: row.sealing_key for row in FileParticipant.objects.all()}


def put_sealing_key(participant: str, key: str, *, by: str, now: datetime) -> None:
    """From now on packages for a participant are sealed to this key; "" leaves them open."""
    FileParticipant.objects.update_or_create(
        code=participant, defaults={"sealing_key": key, "changed_by": by, "changed_at": now}
    )


def taken(participant: str, digest: bytes) -> TakenResults | None:
    """A result package that was taken before, by what it holds."""
    row = ResultPackage.objects.filter(participant=participant, digest=digest).first()
    return None if row is None else _taken(row)


def keep_result(participant: str, digest: bytes, **said: Any) -> TakenResults:
    """Remember what became of a result package; the one that was kept first."""
    row, _ = ResultPackage.objects.get_or_create(
        participant=participant, digest=digest, defaults={"id": new_id(), **said}
    )
    return _taken(row)


def result(result_id: UUID) -> TakenResults | None:
    """One result package."""
    row = ResultPackage.objects.filter(id=result_id).first()
    return None if row is None else _taken(row)


def results_of(participants: Iterable[str], *, limit: int) -> list[TakenResults]:
    """The result packages of some participants, newest first."""
    rows = ResultPackage.objects.filter(participant__in=list(participants))
    return [_taken(row) for row in rows.order_by("-id")[:limit]]


def _taken(row: ResultPackage) -> TakenResults:
    return TakenResults(
        row.id,
        row.participant,
        row.name,
        row.taken_at,
        row.signed,
        row.lines,
        row.applied,
        row.repeated,
        row.refused,
        [(line, column, code) for line, column, code in row.errors],
    )


def _package(row: FilePackage) -> Package:
    return Package(
        row.id,
        row.participant,
        row.sequence,
        row.day,
        row.made_at,
        bytes(row.digest),
        row.size,
        row.messages,
        row.sealed_to,
        row.fetched_at,
        row.fetched_by,
    )

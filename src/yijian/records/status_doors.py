"""进度查询: a case's status for whoever has its number and its code, without a login.

Only public columns are read: items, their states, their deadlines. A wrong code, an unknown number
and too many tries look the same, so that nobody learns which cases exist.
"""

import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection, transaction

from yijian.domain.states import TaskState
from yijian.records import crypto
from yijian.records.access import Refused
from yijian.records.models import StatusDoor

ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
"""Characters that nobody takes for another one."""
LENGTH = 8
MOST_WRONG = 5
PAUSE = timedelta(hours=1)
_NOBODY = UUID(int=0)


@dataclass(frozen=True, slots=True)
class StatusLine:
    """One item for one newborn (0: the family) as anybody with the code may see it."""

    item: str
    newborn: int
    state: TaskState
    due_at: datetime | None


@dataclass(frozen=True, slots=True)
class Status:
    """What a number and its code show of a case."""

    number: str
    pack_digest: str
    stage: str
    newborns: int
    lines: tuple[StatusLine, ...]


def code_of(case_id: UUID) -> str:
    """The code that opens the status of a case today, in two groups of four."""
    row = StatusDoor.objects.filter(case_id=case_id).only("turn").first()
    plain = _code(case_id, row.turn if row else 0)
    return f"{plain[:4]}-{plain[4:]}"


def change_code(case_id: UUID) -> None:
    """Another code from now on; the one before opens nothing any more."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO status_door (case_id, turn, wrong) VALUES (%s, 1, 0)"
            " ON CONFLICT (case_id) DO UPDATE SET turn = status_door.turn + 1",
            [case_id],
        )


def access_status(*, number: str, code: str, now: datetime) -> Status:
    """The status of this node's own case with this number and code.

    After five wrong codes nobody gets in for an hour. Errors: Refused.
    """
    with transaction.atomic():
        found = _standing(_plain(number))
        case_id = found[0] if found else _NOBODY
        door = StatusDoor.objects.select_for_update().filter(case_id=case_id).first()
        right = hmac.compare_digest(_code(case_id, door.turn if door else 0), _plain(code))
        if found is not None:
            open_ = _open(case_id, door, right, now)
        else:
            open_ = False
        status = _status(found) if found is not None and open_ else None
    if status is None:
        raise Refused
    return status


def _open(case_id: UUID, door: StatusDoor | None, right: bool, now: datetime) -> bool:
    """Whether the door opens; a wrong code is counted, a right one forgets the wrong ones."""
    since = door.wrong_since if door else None
    wrong = door.wrong if door and since is not None and now - since < PAUSE else 0
    if wrong >= MOST_WRONG:
        return False
    if right:
        if door is not None and door.wrong:
            StatusDoor.objects.filter(pk=case_id).update(wrong=0, wrong_since=None)
        return True
    StatusDoor.objects.update_or_create(
        case_id=case_id,
        defaults={"wrong": wrong + 1, "wrong_since": since if wrong else now},
    )
    return False


def _standing(number: str) -> tuple[UUID, str, str, str, int] | None:
    with connection.cursor() as cursor:
        cursor.execute(
            'SELECT id, number, pack_digest, stage, newborns FROM "case"'
            " WHERE number = %s AND origin = '' AND forgotten_at IS NULL",
            [number],
        )
        found: tuple[UUID, str, str, str, int] | None = cursor.fetchone()
    return found


def _status(found: tuple[UUID, str, str, str, int]) -> Status:
    case_id, number, digest, stage, newborns = found
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT item, newborn, state, CASE WHEN ended_at IS NULL AND paused_at IS NULL"
            " THEN due_at END FROM task WHERE case_id = %s ORDER BY place, newborn",
            [case_id],
        )
        lines = tuple(
            StatusLine(item, newborn, TaskState(state), due_at)
            for item, newborn, state, due_at in cursor.fetchall()
        )
    return Status(number, digest, stage, newborns, lines)


def _code(case_id: UUID, turn: int) -> str:
    number = int.from_bytes(crypto.keyed_digest("status code", f"{case_id}\n{turn}"))
    letters = []
    for _ in range(LENGTH):
        number, left = divmod(number, len(ALPHABET))
        letters.append(ALPHABET[left])
    return "".join(letters)


def _plain(code: str) -> str:
    """What was typed without spaces and dashes: only what a number or a code can hold."""
    return "".join(c for c in code.upper() if c.isascii() and c.isalnum())

"""进度查询: a case's status for whoever has its number and its code, without a login.

Only public columns are read: items, their states, their deadlines. A wrong code, an unknown number
and too many tries look the same and do the same work, so that nobody learns which cases exist.
"""

import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection, transaction
from django.db.models import F

from yijian.domain.states import TaskState
from yijian.records import crypto
from yijian.records.access import Refused
from yijian.records.models import StatusDoor, StatusTry
from yijian.records.senders import sender_hash

ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
"""Characters that nobody takes for another one."""
LENGTH = 8
SENDER_LIMIT = 10
NUMBER_LIMIT = 100
"""Wrong codes for one number until its door shuts: from one sender, and from all together.

A code is one of 31^8: a hundred tries an hour find nothing, and a hundred are a lot to type. Tries
for other numbers are not counted: many families share the address of a hospital.
"""
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
    plain = _code(case_id, _turn(case_id))
    return f"{plain[:4]}-{plain[4:]}"


def change_code(case_id: UUID) -> None:
    """Another code from now on; the one before opens nothing any more."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO status_door (case_id, turn) VALUES (%s, 1)"
            " ON CONFLICT (case_id) DO UPDATE SET turn = status_door.turn + 1",
            [case_id],
        )


def access_status(*, number: str, code: str, sender: str, now: datetime) -> Status:
    """The status of this node's own case with this number and code.

    `sender` is where the visitor comes from, "" when that is unknown. After too many wrong codes
    for a number its door is shut for an hour: to that sender, or to all. A known sender from whom
    none of them came gets in all the same. Errors: Refused.
    """
    plain = _plain(number)
    of_number = crypto.blind_index("status number", plain)
    of_sender = sender_hash(f"{sender} {plain}", now) if sender else None
    with transaction.atomic():
        wrong = _locked([of_number, *([of_sender] if of_sender else [])], now)
        found = _standing(plain)
        case_id = found[0] if found else _NOBODY
        right = hmac.compare_digest(_code(case_id, _turn(case_id)), _plain(code))
        by_sender = wrong[of_sender] if of_sender else 0
        shut = by_sender >= SENDER_LIMIT or (
            wrong[of_number] >= NUMBER_LIMIT and (of_sender is None or by_sender > 0)
        )
        if found is None or not right or shut:
            status = None
            StatusTry.objects.filter(key__in=wrong).update(wrong=F("wrong") + 1)
        else:
            status = _status(found)
            StatusTry.objects.filter(key__in=wrong).delete()
    if status is None:
        raise Refused
    return status


def forget_tries(*, now: datetime) -> int:
    """Forget wrong codes that count no more, and with them who has sent them; how many.

    What somebody holds locked just now is left for the next time: nobody is waited for.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM status_try WHERE key IN"
            " (SELECT key FROM status_try WHERE since <= %s ORDER BY key FOR UPDATE SKIP LOCKED)",
            [now - PAUSE],
        )
        return int(cursor.rowcount)


def _locked(keys: list[bytes], now: datetime) -> dict[bytes, int]:
    """The wrong codes that still count, by key; rows are made where there are none, and locked.

    One order for everybody, so that no two wait for each other.
    """
    counted = {}
    with connection.cursor() as cursor:
        for key in sorted(keys):
            cursor.execute(
                "INSERT INTO status_try AS t (key, wrong, since) VALUES (%s, 0, %s)"
                " ON CONFLICT (key) DO UPDATE SET"
                " wrong = CASE WHEN t.since > %s THEN t.wrong ELSE 0 END,"
                " since = CASE WHEN t.since > %s THEN t.since ELSE excluded.since END"
                " RETURNING wrong",
                [key, now, now - PAUSE, now - PAUSE],
            )
            counted[key] = int(cursor.fetchone()[0])
    return counted


def _turn(case_id: UUID) -> int:
    row = StatusDoor.objects.filter(case_id=case_id).only("turn").first()
    return row.turn if row else 0


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

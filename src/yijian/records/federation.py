"""转来与转出: which cases came from other nodes, and which nodes were given a part of one."""

from collections.abc import Collection, Iterable
from uuid import UUID

from django.db import connection

from yijian.domain.envelopes import NODE, TASK_DISPATCHED
from yijian.records import crypto

RESERVED = 0x59494A


def reserve(ids: Collection[UUID]) -> None:
    """Let nobody else begin these cases until the transaction ends; those that exist are free.

    Always in the same order, therefore two batches never wait for each other.
    """
    if not ids:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(%s, hashtext(g.id::text)) FROM"
            " (SELECT u.id FROM unnest(%s::uuid[]) AS u(id) WHERE NOT EXISTS"
            ' (SELECT FROM "case" c WHERE c.id = u.id) ORDER BY hashtext(u.id::text)) g',
            [RESERVED, list(ids)],
        )


def numbers_known(numbers: Collection[str]) -> frozenset[str]:
    """Which of these numbers cases of this node have."""
    if not numbers:
        return frozenset()
    with connection.cursor() as cursor:
        cursor.execute('SELECT number FROM "case" WHERE number = ANY (%s)', [list(numbers)])
        return frozenset(number for (number,) in cursor.fetchall())


def submitted_of(*, id_numbers: Collection[str]) -> list[tuple[str, UUID]]:
    """The cases under way in which somebody with one of these numbers stands, by number."""
    if not id_numbers:
        return []
    digests = {crypto.blind_index("id_number", number): number for number in id_numbers}
    with connection.cursor() as cursor:
        cursor.execute(
            'SELECT DISTINCT l.digest, c.id FROM lookup l JOIN "case" c ON c.id = l.case_id'
            " WHERE l.digest = ANY (%s) AND l.purpose = 'id_number' AND c.stage = 'submitted'",
            [list(digests)],
        )
        return [(digests[bytes(digest)], case_id) for digest, case_id in cursor.fetchall()]


def nodes_told(*, case_ids: Iterable[str]) -> dict[str, list[str]]:
    """The codes of the nodes that were ever given a part of each of these cases."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT o.case_id, o.destination FROM outbox o"
            " JOIN partner p ON p.code = o.destination AND p.kind = %s"
            " WHERE o.case_id = ANY (%s::uuid[]) AND o.kind = %s ORDER BY 1, 2",
            [NODE, list(case_ids), TASK_DISPATCHED],
        )
        found: dict[str, list[str]] = {}
        for case_id, node in cursor.fetchall():
            found.setdefault(str(case_id), []).append(node)
        return found


def name_of(code: str, language: str) -> str:
    """What a partner is called; empty when nobody said."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT name_zh, name_en FROM partner WHERE code = %s", [code])
        row = cursor.fetchone() or ("", "")
    return str(row[1] or row[0]) if language == "en" else str(row[0] or row[1])

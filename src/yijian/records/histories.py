"""Every case with its journal, streamed, for whoever checks all of it. Nothing is locked.

What lives here: reading in bulk what `ops.verify` compares. What is wrong is said there.
"""

# ruff: noqa: S608 (statements are put together from constants; values travel beside them)

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection

from yijian.records import cases
from yijian.records.crypto import SealBroken
from yijian.records.journal import ENTRY_COLUMNS, Entry, entry_of
from yijian.records.mapping import LoadedCase

CASES_AT_ONCE = 200
LEAVES_AT_ONCE = 10_000


@dataclass(frozen=True, slots=True)
class History:
    """One case and its journal. `loaded` is None when its sealed data do not open: `problem`."""

    case_id: UUID
    loaded: LoadedCase | None
    entries: list[Entry]
    problem: str = ""


def histories() -> Iterator[History]:
    """Every case with its entries, in the order of their ids, a few hundred at a time."""
    last = UUID(int=0)
    while True:
        with connection.cursor() as cursor:
            cursor.execute(
                'SELECT id FROM "case" WHERE id > %s ORDER BY id LIMIT %s', [last, CASES_AT_ONCE]
            )
            ids = [identifier for (identifier,) in cursor.fetchall()]
        if not ids:
            return
        last = ids[-1]
        yield from _told(ids)


def changed_within(*, since: datetime, until: datetime) -> Iterator[list[History]]:
    """The submitted cases to which something happened in a time, with their whole journal.

    In the order of their ids, a few hundred at a time; what came after that time is there too.
    """
    last = UUID(int=0)
    while True:
        with connection.cursor() as cursor:
            cursor.execute(
                'SELECT c.id FROM "case" c WHERE c.id > %(last)s AND c.changed_at >= %(since)s'
                " AND c.submitted_at < %(until)s AND EXISTS (SELECT FROM journal j"
                " WHERE j.case_id = c.id AND j.at >= %(since)s AND j.at < %(until)s)"
                " ORDER BY c.id LIMIT %(limit)s",
                {"last": last, "since": since, "until": until, "limit": CASES_AT_ONCE},
            )
            ids = [identifier for (identifier,) in cursor.fetchall()]
        if not ids:
            return
        last = ids[-1]
        yield list(_told(ids))


def _told(ids: list[UUID]) -> Iterator[History]:
    entries = _entries(ids)
    loaded, problems = _loaded(ids)
    for case_id in ids:
        yield History(case_id, loaded.get(case_id), entries[case_id], problems.get(case_id, ""))


def _entries(ids: list[UUID]) -> dict[UUID, list[Entry]]:
    found: dict[UUID, list[Entry]] = {identifier: [] for identifier in ids}
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {ENTRY_COLUMNS} FROM journal WHERE case_id = ANY (%s) ORDER BY case_id, seq",
            [ids],
        )
        for row in cursor.fetchall():
            entry = entry_of(row)
            found[entry.case_id].append(entry)
    return found


def _loaded(ids: list[UUID]) -> tuple[dict[UUID, LoadedCase], dict[UUID, str]]:
    try:
        return {case.id: case for case in cases.read(ids=ids)}, {}
    except SealBroken:
        pass
    loaded, problems = {}, {}
    for identifier in ids:
        try:
            (loaded[identifier],) = cases.read(ids=[identifier])
        except SealBroken as broken:
            problems[identifier] = str(broken)
    return loaded, problems


@dataclass(frozen=True, slots=True)
class Leaf:
    """One leaf of the tree; `entry` is the hash the journal holds now, None when it is gone."""

    position: int
    case_id: UUID
    seq: int
    hash: bytes
    entry: bytes | None


def leaves() -> Iterator[Leaf]:
    """Every leaf in order, each beside the entry it stands for."""
    last = -1
    while True:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT l.position, l.case_id, l.seq, l.hash, j.hash FROM journal_leaf l"
                " LEFT JOIN journal j ON j.case_id = l.case_id AND j.seq = l.seq"
                " WHERE l.position > %s ORDER BY l.position LIMIT %s",
                [last, LEAVES_AT_ONCE],
            )
            rows = cursor.fetchall()
        if not rows:
            return
        for position, case_id, seq, digest, entry in rows:
            last = position
            held = None if entry is None else bytes(entry)
            yield Leaf(position, case_id, seq, bytes(digest), held)


CONTRADICTIONS: dict[str, str] = {
    "a journal without its case": """
        SELECT DISTINCT j.case_id::text FROM journal j
        WHERE NOT EXISTS (SELECT FROM "case" c WHERE c.id = j.case_id)
            AND NOT EXISTS (SELECT FROM book b WHERE b.id = j.case_id)""",
    "an entry that should be in the tree and is not": """
        SELECT j.case_id || ' entry ' || j.seq FROM journal j
        WHERE j.number <= (SELECT coalesce(max(last_number), 0) FROM checkpoint)
            AND NOT EXISTS (SELECT FROM journal_leaf l
                WHERE l.case_id = j.case_id AND l.seq = j.seq)""",
    "a newborn that is open in an ended case, or closed in an open one": """
        SELECT c.number || ' newborn ' || n.number FROM newborn n JOIN "case" c ON c.id = n.case_id
        WHERE n.open <> (c.stage NOT IN ('closed', 'withdrawn'))""",
    "a certificate number that is known in two cases": """
        SELECT string_agg(c.number, ' and ' ORDER BY c.number)
        FROM lookup l JOIN "case" c ON c.id = l.case_id
        WHERE l.purpose = 'certificate' GROUP BY l.digest HAVING count(DISTINCT l.case_id) > 1""",
    "a parcel that lies elsewhere than its case says": """
        SELECT coalesce(c.number, p.id::text) || ' ' || coalesce(p.item, told->>0)
        FROM parcel p FULL JOIN (
            SELECT d.id, d.number, t.told FROM "case" d,
                LATERAL jsonb_array_elements(d.progress->'parcels') t (told)
            ) c ON c.id = p.case_id AND c.told->>0 = p.item AND (c.told->>1)::int = p.newborn
        WHERE p.state IS DISTINCT FROM c.told->>3""",
    "a message about a task that does not exist": """
        SELECT o.id::text FROM outbox o WHERE o.task_id IS NOT NULL
            AND NOT EXISTS (SELECT FROM task t WHERE t.id = o.task_id)""",
}
"""Sentences that must never be true, and the statement that finds where they are."""


def contradictions() -> Iterator[tuple[str, str]]:
    """What the tables say against each other: the sentence, and where."""
    for sentence, statement in CONTRADICTIONS.items():
        with connection.cursor() as cursor:
            cursor.execute(statement)
            for (where,) in cursor.fetchall():
                yield sentence, where

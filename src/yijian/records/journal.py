"""日志: what happened to a case, chained by the database, sealed into a tree and signed.

What lives here: reading entries back as events, replaying them, and the sequencer. What does not:
writing entries, which happens only together with the change they record (`cases.save`).
"""

# ruff: noqa: S608 (statements are put together from constants; values travel beside them)

import base64
import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_private_key,
)
from django.conf import settings
from django.db import OperationalError, connection, transaction

from yijian.domain.cases import Case
from yijian.domain.events import Event, EventKind
from yijian.domain.history import apply_all
from yijian.records import tree

FIRST_PREV = bytes(32)
SEALED_AT_ONCE = 200_000
WAIT_FOR_WRITERS_MS = 2000


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the journal: the event's public part, its place and its hashes."""

    case_id: UUID
    seq: int
    at: datetime
    actor: str
    kind: str
    item: str | None
    newborn: int | None
    body: str
    prev: bytes
    hash: bytes

    @property
    def event(self) -> Event:
        """The event without its sealed body."""
        task = None if self.item is None else (self.item, self.newborn or 0)
        kind = EventKind(self.kind)
        return Event(kind, self.at, self.actor, task=task, public=self.event_body)

    @property
    def event_body(self) -> dict[str, object]:
        """The public body as JSON values."""
        body: dict[str, object] = json.loads(self.body)
        return body


ENTRY_COLUMNS = "case_id, seq, at, actor, kind, item, newborn, body, prev, hash"


def entry_hash(entry: Entry) -> bytes:
    """The hash an entry must have; the database computes the same in `journal_hash`."""
    since_epoch = entry.at - datetime(1970, 1, 1, tzinfo=UTC)
    microseconds = (since_epoch.days * 86400 + since_epoch.seconds) * 1_000_000
    microseconds += since_epoch.microseconds
    parts = (
        "yijian journal 1",
        str(entry.case_id),
        str(entry.seq),
        str(microseconds),
        entry.actor,
        entry.kind,
        entry.item or "",
        "" if entry.newborn is None else str(entry.newborn),
        entry.prev.hex(),
        entry.body,
    )
    return hashlib.sha256("\n".join(parts).encode()).digest()


def chain_faults(entries: Sequence[Entry]) -> Iterator[str]:
    """What is wrong with the chain of one case, given all its entries in order."""
    prev = FIRST_PREV
    for place, entry in enumerate(entries, start=1):
        if entry.seq != place:
            yield f"entry {place} is missing (found {entry.seq} in its place)"
            return
        if entry.prev != prev:
            yield f"entry {entry.seq} does not follow the entry before it"
        if entry_hash(entry) != entry.hash:
            yield f"entry {entry.seq} ({entry.kind}) was changed after it was written"
        prev = entry.hash


def entries_of(case_id: UUID) -> list[Entry]:
    """Every entry of one case, in order."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {ENTRY_COLUMNS} FROM journal WHERE case_id = %s ORDER BY seq",
            [case_id],
        )
        return [entry_of(row) for row in cursor.fetchall()]


def entry_of(row: Sequence[Any]) -> Entry:
    """The value of one row selected by `ENTRY_COLUMNS`."""
    case_id, seq, at, actor, kind, item, newborn, body, prev, digest = row
    return Entry(case_id, seq, at, actor, kind, item, newborn, body, bytes(prev), bytes(digest))


def replayed(case: Case, entries: Iterable[Entry]) -> Case:
    """What the journal alone says has become of a case; only its constants are taken from it."""
    blank = Case(
        id=case.id,
        number=case.number,
        pack=case.pack,
        pack_version=case.pack_version,
        pack_digest=case.pack_digest,
        channel=case.channel,
        started_at=case.started_at,
    )
    return apply_all(blank, (entry.event for entry in entries))


def replay(case: Case) -> Case:
    """The case as its journal tells it, without anything personal."""
    return replayed(case, entries_of(UUID(case.id)))


@dataclass(frozen=True, slots=True)
class SignedRoot:
    """检查点: the signed root of the journal's tree at one size."""

    size: int
    root: bytes
    edge: tuple[bytes, ...]
    last_number: int
    origin: str
    signer: str
    signature: bytes
    at: datetime

    @property
    def text(self) -> bytes:
        """What is signed: origin, size and root, one a line."""
        return signed_text(self.origin, self.size, self.root)


def signed_text(origin: str, size: int, root: bytes) -> bytes:
    """The text of a checkpoint, in the shape that witnesses of transparency logs expect."""
    return f"{origin}\n{size}\n{base64.b64encode(root).decode()}\n".encode()


def fingerprint(key: Ed25519PublicKey) -> str:
    """A short name of a public key."""
    raw = key.public_bytes(Encoding.Raw, PublicFormat.Raw)
    return hashlib.sha256(raw).hexdigest()[:16]


def node_key() -> Ed25519PrivateKey:
    """This node's signing key. Errors: OSError when the file is missing, ValueError when wrong."""
    key = load_pem_private_key(settings.YIJIAN.signing_key_path.read_bytes(), None)
    if not isinstance(key, Ed25519PrivateKey):
        raise ValueError("the node's signing key must be an Ed25519 key")
    return key


def latest_checkpoint() -> SignedRoot | None:
    """The newest checkpoint; None while nothing is sealed."""
    found = checkpoints(newest_only=True)
    return found[0] if found else None


def checkpoints(*, newest_only: bool = False) -> list[SignedRoot]:
    """Every checkpoint from the newest to the oldest, or only the newest."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT size, root, edge, last_number, origin, signer, signature, at FROM checkpoint"
            " ORDER BY size DESC LIMIT %s",
            [1 if newest_only else None],
        )
        return [
            SignedRoot(
                size,
                bytes(root),
                tuple(bytes.fromhex(subtree) for subtree in json.loads(edge)),
                last_number,
                origin,
                signer,
                bytes(signature),
                at,
            )
            for size, root, edge, last_number, origin, signer, signature, at in cursor.fetchall()
        ]


def seal_journal(*, now: datetime, key: Ed25519PrivateKey | None = None) -> SignedRoot | None:
    """Put every new entry into the tree and sign its root; None when there is nothing new.

    None also when writers kept the journal busy for too long: the next minute tries again.
    """
    fence = _fence()
    if fence is None:
        return None
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('yijian journal sequencer'))")
        last = latest_checkpoint()
        after = last.last_number if last else 0
        cursor.execute(
            "INSERT INTO journal_leaf (position, case_id, seq, hash)"
            " SELECT %s + row_number() OVER (ORDER BY number) - 1, case_id, seq, hash FROM ("
            "  SELECT * FROM journal WHERE number > %s AND number <= %s ORDER BY number LIMIT %s"
            " ) AS fresh RETURNING position, hash",
            [last.size if last else 0, after, fence, SEALED_AT_ONCE],
        )
        fresh = sorted((position, bytes(digest)) for position, digest in cursor.fetchall())
        if not fresh:
            return None
        cursor.execute(
            "SELECT max(number) FROM (SELECT number FROM journal WHERE number > %s"
            " AND number <= %s ORDER BY number LIMIT %s) AS fresh",
            [after, fence, SEALED_AT_ONCE],
        )
        (reached,) = cursor.fetchone()
        edge, size = tree.grown(
            last.edge if last else (),
            last.size if last else 0,
            (tree.leaf_hash(digest) for _, digest in fresh),
        )
        sealed = _signed(edge, size, reached, key or node_key(), now)
        cursor.execute(
            "INSERT INTO checkpoint (size, root, edge, last_number, origin, signer, signature, at)"
            " VALUES (%s, %s, %s::jsonb, %s, %s, %s, %s, %s)",
            [
                sealed.size, sealed.root, json.dumps([subtree.hex() for subtree in edge]),
                sealed.last_number, sealed.origin, sealed.signer, sealed.signature, sealed.at,
            ],
        )  # fmt: skip
        return sealed


def _fence() -> int | None:
    """The highest number that can be sealed now; None when writers would not pause."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                "SELECT set_config('lock_timeout', %s, true)", [f"{WAIT_FOR_WRITERS_MS}ms"]
            )
            cursor.execute("SELECT journal_fence()")
            return int(cursor.fetchone()[0])
    except OperationalError as busy:
        if getattr(busy.__cause__, "sqlstate", None) == "55P03":
            return None
        raise


def _signed(
    edge: Sequence[bytes], size: int, last_number: int, key: Ed25519PrivateKey, now: datetime
) -> SignedRoot:
    origin = f"{settings.YIJIAN.node}/journal"
    root = tree.root_of(edge)
    return SignedRoot(
        size,
        root,
        tuple(edge),
        last_number,
        origin,
        fingerprint(key.public_key()),
        key.sign(signed_text(origin, size, root)),
        now,
    )

"""存在证明: that every entry of a case lies in the journal's tree whose root was signed (RFC 6962).

A proof needs the roots of subtrees. Those of 256, 256² … leaves are kept once computed, because
what they cover never changes; the rest is read from the leaves beside the entry.
"""

import base64
from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.db import connection

from yijian.records import journal, tree
from yijian.records.models import JournalTile

BITS = 8
WIDE = 1 << BITS
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def sealed_up_to(case_ids: Sequence[UUID]) -> dict[UUID, int]:
    """The last entry of each case that lies in the signed tree."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT case_id, max(seq) FROM journal_leaf WHERE case_id = ANY (%s) GROUP BY case_id",
            [list(case_ids)],
        )
        return {case_id: int(seq) for case_id, seq in cursor.fetchall()}


def proof_of(case_id: UUID, public_key: Ed25519PublicKey) -> dict[str, object] | None:
    """The entries of a case that lie in the newest signed tree, with their proofs.

    None while nothing of the case is in it. `public_key` is the one that signed it.
    """
    signed = journal.latest_checkpoint()
    places = _places(case_id)
    if signed is None or not places:
        return None
    entries = [e for e in journal.entries_of(case_id) if e.seq in places]
    subtrees = Subtrees(signed.size)
    return {
        "format": "yijian journal proof 1",
        "case": str(case_id),
        "entries": [_told(entry) for entry in entries],
        "proofs": [
            {
                "seq": entry.seq,
                "position": places[entry.seq],
                "path": [each.hex() for each in subtrees.path(places[entry.seq])],
            }
            for entry in entries
        ],
        "checkpoint": {
            "origin": signed.origin,
            "size": signed.size,
            "root": base64.b64encode(signed.root).decode(),
            "signer": signed.signer,
            "signature": base64.b64encode(signed.signature).decode(),
            "public_key": base64.b64encode(
                public_key.public_bytes(Encoding.Raw, PublicFormat.Raw)
            ).decode(),
            "at": signed.at.isoformat(),
        },
    }


def _told(entry: journal.Entry) -> dict[str, object]:
    since = entry.at - EPOCH
    return {
        "seq": entry.seq,
        "microseconds": (since.days * 86400 + since.seconds) * 1_000_000 + since.microseconds,
        "actor": entry.actor,
        "kind": entry.kind,
        "item": entry.item,
        "newborn": entry.newborn,
        "body": entry.body,
        "hash": entry.hash.hex(),
    }


def _places(case_id: UUID) -> dict[int, int]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT seq, position FROM journal_leaf WHERE case_id = %s", [case_id])
        return dict(cursor.fetchall())


class Subtrees:
    """The subtrees of the tree of one size; what was read is remembered."""

    def __init__(self, size: int) -> None:
        self.size = size
        self._tiles: dict[tuple[int, int], list[bytes]] = {}

    def path(self, position: int) -> list[bytes]:
        """The hashes that prove the leaf at `position`, from the leaf to the root."""
        found: list[bytes] = []
        first, last = 0, self.size
        while last - first > 1:
            split = first + (1 << ((last - first - 1).bit_length() - 1))
            if position < split:
                found.append(self.root(split, last))
                last = split
            else:
                found.append(self.root(first, split))
                first = split
        return found[::-1]

    def consistency(self, earlier: int) -> list[bytes]:
        """The hashes that prove that this tree continues its own first `earlier` leaves.

        RFC 6962, 2.1.2. Errors: ValueError for a size that it never had.
        """
        if not 0 <= earlier <= self.size:
            raise ValueError(f"a tree of {self.size} leaves does not continue one of {earlier}")
        if earlier in (0, self.size):
            return []
        found: list[bytes] = []
        first, last, whole = 0, self.size, True
        while earlier != last:
            split = first + (1 << ((last - first - 1).bit_length() - 1))
            if earlier <= split:
                found.append(self.root(split, last))
                last = split
            else:
                found.append(self.root(first, split))
                first, whole = split, False
        if not whole:
            found.append(self.root(first, last))
        return found[::-1]

    def root(self, first: int, last: int) -> bytes:
        """The root over the leaves from `first` up to `last`, which begins a subtree."""
        size = last - first
        if size & (size - 1) == 0:
            return self._perfect(first, size.bit_length() - 1)
        split = first + (1 << ((size - 1).bit_length() - 1))
        return tree.node_hash(self.root(first, split), self.root(split, last))

    def _perfect(self, first: int, height: int) -> bytes:
        level, above = divmod(height, BITS)
        place = first >> (BITS * level)
        tile, inside = divmod(place, WIDE)
        nodes = self._nodes(level, tile)[inside : inside + (1 << above)]
        edge, _ = tree.grown([], 0, nodes)
        return tree.root_of(edge)

    def _nodes(self, level: int, tile: int) -> list[bytes]:
        """The nodes of one tile: leaves, or roots of whole tiles one level below."""
        key = (level, tile)
        if key not in self._tiles:
            first, last = tile * WIDE, min((tile + 1) * WIDE, self.size >> (BITS * level))
            self._tiles[key] = (
                _leaves(first, last) if level == 0 else self._kept(level, first, last)
            )
        return self._tiles[key]

    def _kept(self, level: int, first: int, last: int) -> list[bytes]:
        known = {
            place: bytes(digest)
            for place, digest in JournalTile.objects.filter(
                level=level, place__gte=first, place__lt=last
            ).values_list("place", "hash")
        }
        missing = [place for place in range(first, last) if place not in known]
        for place in missing:
            below = (place * WIDE, (place + 1) * WIDE)
            nodes = _leaves(*below) if level == 1 else self._kept(level - 1, *below)
            known[place] = tree.root_of(tree.grown([], 0, nodes)[0])
        JournalTile.objects.bulk_create(
            [JournalTile(level=level, place=place, hash=known[place]) for place in missing],
            ignore_conflicts=True,
        )
        return [known[place] for place in range(first, last)]


def _leaves(first: int, last: int) -> list[bytes]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT hash FROM journal_leaf WHERE position >= %s AND position < %s"
            " ORDER BY position",
            [first, last],
        )
        return [tree.leaf_hash(bytes(digest)) for (digest,) in cursor.fetchall()]

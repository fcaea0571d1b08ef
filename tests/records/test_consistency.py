"""A tree proves that it continues what others have seen of it, and no other tree can."""

from __future__ import annotations

import pytest
from django.db import connection

from yijian.records import proofs, tree
from yijian.records.identifiers import new_id

SIZES = (1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 40)


def root(leaves: list[bytes]) -> bytes:
    return tree.root_of(tree.grown([], 0, leaves)[0])


def leaves_of(size: int, salt: bytes = b"") -> list[bytes]:
    return [tree.leaf_hash(salt + bytes([n])) for n in range(size)]


@pytest.mark.django_db
def test_every_earlier_size_is_proved_and_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(proofs, "BITS", 3)
    monkeypatch.setattr(proofs, "WIDE", 8)
    entries = [bytes([n]) * 32 for n in range(max(SIZES))]
    case = new_id()
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO journal_leaf (position, case_id, seq, hash) VALUES (%s, %s, %s, %s)",
            [(n, case, n + 1, entry) for n, entry in enumerate(entries)],
        )
    leaves = [tree.leaf_hash(entry) for entry in entries]
    for second in SIZES:
        subtrees = proofs.Subtrees(second)
        for first in range(second + 1):
            proof = subtrees.consistency(first)
            old, new = root(leaves[:first]), root(leaves[:second])
            assert tree.is_consistent(first, old, second, new, proof)
            if first in (0, second):
                continue
            assert not tree.is_consistent(first, root(leaves_of(first)), second, new, proof)
            assert not tree.is_consistent(first, old, second, root(leaves_of(second)), proof)
            assert not tree.is_consistent(first, old, second, new, [*proof, old])
            assert not tree.is_consistent(first, old, second, new, proof[:-1])
    with pytest.raises(ValueError, match="does not continue"):
        proofs.Subtrees(3).consistency(4)


def test_an_older_tree_continues_no_newer_one() -> None:
    few, many = root(leaves_of(3)), root(leaves_of(5))
    assert not tree.is_consistent(5, many, 3, few, [])
    assert not tree.is_consistent(3, few, 3, many, [])
    assert not tree.is_consistent(2, root(leaves_of(2)), 5, many, [])

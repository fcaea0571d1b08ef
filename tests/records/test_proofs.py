"""存在证明: proofs from kept subtrees equal those computed from all leaves."""

from __future__ import annotations

import random

import pytest
from django.db import connection

from yijian.records import proofs, tree
from yijian.records.identifiers import new_id
from yijian.records.models import JournalTile

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("size", [1, 2, 3, 255, 256, 257, 511, 700, 1024, 2500])
def test_a_proof_equals_the_one_computed_from_all_leaves(
    size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(proofs, "BITS", 3)
    monkeypatch.setattr(proofs, "WIDE", 8)
    entries = [bytes([n % 256, n // 256]) * 16 for n in range(size)]
    case = new_id()
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO journal_leaf (position, case_id, seq, hash) VALUES (%s, %s, %s, %s)",
            [(n, case, n + 1, entry) for n, entry in enumerate(entries)],
        )
    leaves = [tree.leaf_hash(entry) for entry in entries]
    chance = random.Random(size)
    for position in {0, size - 1, *(chance.randrange(size) for _ in range(20))}:
        path = proofs.Subtrees(size).path(position)
        assert path == tree.audit_path(leaves, position)
    kept = JournalTile.objects.count()
    assert (kept > 0) == (size >= 16)
    assert proofs.Subtrees(size).path(0) == tree.audit_path(leaves, 0)
    assert JournalTile.objects.count() == kept

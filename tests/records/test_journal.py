"""The journal only grows, notices every change, and is sealed into a tree that anyone can check."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.db import DatabaseError, IntegrityError, connection, transaction

from tests.records.families import NOW, decide, finished, later, saved, submitted
from yijian.domain.states import TaskState
from yijian.records import journal, tree

pytestmark = pytest.mark.django_db

GROWING = ("journal", "journal_leaf", "checkpoint", "access_log", "custody", "pack_version")


@contextmanager
def as_insider() -> Iterator[None]:
    """Somebody who owns the database can switch triggers off; the chain must tell."""
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SET session_replication_role = origin")


def run(statement: str, *values: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


@pytest.mark.parametrize("table", GROWING)
@pytest.mark.parametrize("way", ["DELETE FROM {}", "TRUNCATE {}", "UPDATE {} SET {} = {}"])
def test_what_is_recorded_stays_recorded(table: str, way: str) -> None:
    column = {"checkpoint": "size", "journal": "body", "journal_leaf": "seq"}.get(table, "id")
    statement = way.format(table, column, column)
    with pytest.raises(IntegrityError, match="only grows") as refused, transaction.atomic():
        run(statement)
    assert refused.value.__cause__.diag.constraint_name == "what_is_recorded_stays_recorded"


@pytest.mark.parametrize("way", ["DELETE FROM inbox", "TRUNCATE inbox"])
def test_the_inbox_is_permanent(way: str) -> None:
    with pytest.raises(IntegrityError, match="only grows"), transaction.atomic():
        run(way)


@pytest.mark.parametrize("table", GROWING)
@pytest.mark.parametrize("way", ["DELETE FROM {}", "TRUNCATE {}", "UPDATE {} SET {} = {}"])
def test_the_applications_role_may_not_even_try(table: str, way: str) -> None:
    column = {"checkpoint": "size", "journal": "body", "journal_leaf": "seq"}.get(table, "id")
    with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
        run("SET LOCAL ROLE yijian_app")
        run(way.format(table, column, column))


def test_the_applications_role_can_do_its_work(node_key: Ed25519PrivateKey) -> None:
    with transaction.atomic():
        run("SET LOCAL ROLE yijian_app")
        (loaded,) = saved(submitted())
        decide([loaded.id], ("certificate", 1), TaskState.ACCEPTED)
        assert journal.seal_journal(now=NOW) is not None
        run("SET LOCAL ROLE NONE")


def test_the_same_hash_is_computed_by_the_database_and_by_us() -> None:
    loaded = finished()
    entries = journal.entries_of(loaded.id)
    assert len(entries) == loaded.case.version
    assert [journal.entry_hash(entry) for entry in entries] == [entry.hash for entry in entries]
    assert list(journal.chain_faults(entries)) == []
    assert entries[0].prev == journal.FIRST_PREV


def test_an_entry_without_predecessor_is_refused() -> None:
    (loaded,) = saved(submitted())
    with pytest.raises(IntegrityError, match="no predecessor"), transaction.atomic():
        run(
            "INSERT INTO journal (case_id, seq, at, actor, kind, body)"
            " VALUES (%s, %s, %s, 'x', 'signed', '{}')",
            loaded.id,
            loaded.case.version + 2,
            NOW,
        )


TAMPERED = {
    "body": 'UPDATE journal SET body = \'{"to": "completed"}\' WHERE seq = 5',
    "one character of a body": "UPDATE journal SET body = overlay(body placing ' ' from 2 for 0)"
    " WHERE seq = 5",
    "actor": "UPDATE journal SET actor = 'clerk:2' WHERE seq = 5",
    "kind": "UPDATE journal SET kind = 'signed' WHERE seq = 3",
    "item": "UPDATE journal SET item = 'card' WHERE item = 'certificate'",
    "newborn": "UPDATE journal SET newborn = 2 WHERE newborn = 1",
    "time by a microsecond": "UPDATE journal SET at = at - interval '1 microsecond' WHERE seq = 5",
    "hash": "UPDATE journal SET hash = sha256('x') WHERE seq = 5",
    "prev": "UPDATE journal SET prev = sha256('x') WHERE seq = 5",
    "first entry gone": "DELETE FROM journal WHERE seq = 1",
    "middle entry gone": "DELETE FROM journal WHERE seq = 5",
    "two entries swapped": "UPDATE journal a SET (body, kind, hash) ="
    " (SELECT b.body, b.kind, b.hash FROM journal b WHERE b.case_id = a.case_id"
    " AND b.seq = 11 - a.seq) WHERE a.seq IN (5, 6)",
    "entry of another case": "UPDATE journal a SET (body, hash) = (SELECT b.body, b.hash"
    " FROM journal b WHERE b.case_id <> a.case_id AND b.seq = a.seq) WHERE seq = 7",
    "rehashed without its followers": "UPDATE journal SET body = '{}', hash = journal_hash("
    "case_id, seq, at, actor, kind, item, newborn, '{}', prev) WHERE seq = 5",
}


@pytest.mark.parametrize("what", TAMPERED)
def test_tampering_breaks_the_chain(what: str) -> None:
    loaded, _ = saved(submitted("N1"), submitted("N2", delivery="D2"))
    with as_insider():
        run(TAMPERED[what])
    assert list(journal.chain_faults(journal.entries_of(loaded.id)))


def test_sealing_puts_every_new_entry_into_the_tree_once(node_key: Ed25519PrivateKey) -> None:
    assert journal.seal_journal(now=NOW) is None
    (first,) = saved(submitted())
    one = journal.seal_journal(now=NOW)
    assert one is not None and one.size == first.case.version
    assert journal.seal_journal(now=later(minutes=1)) is None
    (second,) = saved(submitted("N2", delivery="D2"))
    decide([first.id], ("certificate", 1), TaskState.ACCEPTED)
    two = journal.seal_journal(now=later(minutes=2))
    assert two is not None and two.size == one.size + second.case.version + 1
    assert [each.size for each in journal.checkpoints()] == [two.size, one.size]
    assert journal.latest_checkpoint() == two


def test_a_checkpoint_is_signed_over_origin_size_and_root(node_key: Ed25519PrivateKey) -> None:
    saved(submitted())
    sealed = journal.seal_journal(now=NOW)
    assert sealed is not None
    text = f"340000-anhui/journal\n{sealed.size}\n{base64.b64encode(sealed.root).decode()}\n"
    node_key.public_key().verify(sealed.signature, text.encode())
    assert sealed.signer == journal.fingerprint(node_key.public_key())


def test_the_root_is_that_of_a_tree_built_in_one_go(node_key: Ed25519PrivateKey) -> None:
    saved(submitted())
    journal.seal_journal(now=NOW)
    saved(submitted("N2", delivery="D2"))
    sealed = journal.seal_journal(now=NOW)
    assert sealed is not None
    with connection.cursor() as cursor:
        cursor.execute("SELECT hash FROM journal_leaf ORDER BY position")
        leaves = [tree.leaf_hash(bytes(digest)) for (digest,) in cursor.fetchall()]
    assert tree.root_of(tree.grown([], 0, leaves)[0]) == sealed.root
    for position in (0, 7, len(leaves) - 1):
        path = tree.audit_path(leaves, position)
        proven = tree.root_from_path(leaves[position], position, len(leaves), path)
        assert proven == sealed.root


@pytest.mark.parametrize("size", range(1, 18))
def test_every_leaf_of_every_small_tree_can_be_proven_and_no_other(size: int) -> None:
    leaves = [tree.leaf_hash(bytes([n])) for n in range(size)]
    root = tree.root_of(tree.grown([], 0, leaves)[0])
    for position in range(size):
        path = tree.audit_path(leaves, position)
        assert tree.root_from_path(leaves[position], position, size, path) == root
        assert tree.root_from_path(tree.leaf_hash(b"x"), position, size, path) != root
        with pytest.raises(ValueError, match="longer"):
            tree.root_from_path(leaves[position], position, size, [*path, root])


def test_the_tree_of_nothing_and_of_known_leaves() -> None:
    """The empty root and the two-leaf rule are those of RFC 6962."""
    empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert tree.root_of([]).hex() == empty
    zero = "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
    assert tree.leaf_hash(b"").hex() == zero

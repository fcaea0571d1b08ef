"""A partner's journal is witnessed as long as it continues what was seen; nothing else is."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from django.conf import settings
from django.db import IntegrityError, connection, transaction

from tests.api.conftest import Door
from tests.records.families import saved, submitted
from yijian.actions import witnessing
from yijian.gateways.signatures.keys import split_keys
from yijian.ops import verify_witnesses
from yijian.ops import witnessing as asking
from yijian.records import convergence, exchange, journal, tree, witnesses
from yijian.records.models import Partner, WitnessedRoot
from yijian.records.witnesses import Root, Seen, cosigned_text, is_signed_by

pytestmark = pytest.mark.usefixtures("partner")
LATEST, SHOW = "/checkpoints/latest", "/checkpoints"
ORIGIN = "hr-340000/journal"


@pytest.fixture
def partner(db: None) -> None:
    """The human resources department, which keeps a journal of its own."""
    key = (settings.YIJIAN.keys_folder / "hr-340000.pub.pem").read_text()
    exchange.put_partner(code="hr-340000", public_key=key)


@pytest.fixture
def entries(partner: None) -> None:
    """Something has happened here that can be sealed."""
    saved(submitted())


def leaves(size: int, salt: bytes = b"") -> list[bytes]:
    return [tree.leaf_hash(salt + bytes([n])) for n in range(size)]


def root(size: int, salt: bytes = b"") -> bytes:
    return tree.root_of(tree.grown([], 0, leaves(size, salt))[0])


def proof(first: int, second: int, salt: bytes = b"") -> list[str]:
    """The consistency proof by its definition (RFC 6962, 2.1.2), from all leaves."""

    def sub(m: int, part: list[bytes], whole: bool) -> list[bytes]:
        if m == len(part):
            return [] if whole else [tree.root_of(tree.grown([], 0, part)[0])]
        k = 1 << ((len(part) - 1).bit_length() - 1)
        left, right = part[:k], part[k:]
        if m <= k:
            return [*sub(m, left, whole), tree.root_of(tree.grown([], 0, right)[0])]
        return [*sub(m - k, right, False), tree.root_of(tree.grown([], 0, left)[0])]

    return [each.hex() for each in sub(first, leaves(second, salt), True)] if first else []


def shown(size: int, since: int = 0, salt: bytes = b"") -> dict[str, Any]:
    key = load_pem_private_key((settings.YIJIAN.keys_folder / "hr-340000.pem").read_bytes(), None)
    text = journal.signed_text(ORIGIN, size, root(size, salt))
    return {
        "origin": ORIGIN,
        "size": size,
        "root": root(size, salt).hex(),
        "signature": key.sign(text).hex(),
        "since": since,
        "proof": proof(since, size, salt) if since <= size else [],
    }


def test_a_first_checkpoint_is_cosigned_with_our_key(hr: Door) -> None:
    answer = hr.post(SHOW, shown(5)).json()
    assert answer["verdict"] == "cosigned"
    held = answer["held"]
    seen = Root(held["origin"], held["size"], bytes.fromhex(held["root"]))
    text = cosigned_text(seen, datetime.fromisoformat(held["seen_at"]))
    ours = settings.YIJIAN.keys_folder / f"{settings.YIJIAN.node}.pub.pem"
    assert is_signed_by(split_keys(ours.read_bytes()), bytes.fromhex(held["cosignature"]), text)
    assert hr.get(LATEST).json()["held"] == held
    assert hr.post(SHOW, shown(5)).json()["held"] == held


def test_a_journal_that_continues_is_cosigned_again(hr: Door) -> None:
    hr.post(SHOW, shown(5))
    assert hr.post(SHOW, shown(9)).json()["verdict"] == "proof_wanted"
    assert hr.post(SHOW, shown(9, since=5)).json()["verdict"] == "cosigned"
    assert hr.post(SHOW, shown(40, since=9)).json()["verdict"] == "cosigned"
    assert convergence.open_disagreements() == []


@pytest.mark.parametrize(
    ("then", "verdict", "kind"),
    [
        (shown, "inconsistent", "journal_inconsistent"),
        (None, "rolled_back", "journal_rolled_back"),
    ],
)
def test_another_past_is_kept_as_evidence_and_goes_to_a_person(
    hr: Door, then: object, verdict: str, kind: str
) -> None:
    hr.post(SHOW, shown(9))
    false = shown(12, since=9, salt=b"x") if then else shown(7)
    for _ in range(2):
        assert hr.post(SHOW, false).json()["verdict"] == verdict
    (row,) = convergence.open_disagreements()
    assert (row.partner, row.side, row.kind) == ("hr-340000", "journal", kind)
    assert row.ours.startswith("size 9 seen ") and row.theirs == f"size {false['size']}"
    assert row.due_at > row.found_at and row.owner
    evidence = WitnessedRoot.objects.get(verdict="inconsistent")
    assert bytes(evidence.root).hex() == false["root"]
    assert bytes(evidence.signature).hex() == false["signature"]
    assert hr.get(LATEST).json()["held"]["size"] == 9


def test_the_same_size_with_another_root_is_inconsistent(hr: Door) -> None:
    hr.post(SHOW, shown(9))
    assert hr.post(SHOW, shown(9, since=9, salt=b"x")).json()["verdict"] == "inconsistent"


def test_a_person_may_know_why_and_then_it_goes_on(hr: Door, now: datetime) -> None:
    hr.post(SHOW, shown(9))
    assert not witnessing.accept(by="operator", partner="hr-340000", reason="x", now=now)
    hr.post(SHOW, shown(7))
    assert witnessing.accept(by="operator", partner="hr-340000", reason="restored", now=now)
    assert convergence.open_disagreements() == []
    assert hr.post(SHOW, shown(8, since=7)).json()["verdict"] == "cosigned"
    assert WitnessedRoot.objects.filter(verdict="inconsistent").count() == 1


@pytest.mark.parametrize(
    "wrong",
    [
        {"signature": "00" * 64},
        {"root": "00" * 32},
        {"size": 6},
        {"origin": "insurance-340000/journal"},
        {"size": 0},
        {"proof": ["zz"]},
        {"more": 1},
    ],
)
def test_what_is_not_signed_as_shown_changes_nothing(hr: Door, wrong: dict[str, object]) -> None:
    assert hr.post(SHOW, shown(5) | wrong).status_code == 422
    assert not WitnessedRoot.objects.exists()


def test_a_stranger_learns_nothing_about_the_journal(client: Any) -> None:
    assert client.get(f"/api/v1{LATEST}").status_code == 401
    assert client.post(f"/api/v1{SHOW}", data=b"{}", content_type="text/plain").status_code == 401


def test_what_was_witnessed_stays_for_ever(hr: Door) -> None:
    hr.post(SHOW, shown(5))
    for statement in ("DELETE FROM witnessed_root", "UPDATE witnessed_root SET size = 1"):
        with (
            pytest.raises(IntegrityError, match="only grows"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement)


def held_by_hr(size: int, at: datetime, *, tree_root: bytes | None = None) -> Seen:
    """What the partner would answer that it holds of this node's journal."""
    newest = journal.latest_checkpoint()
    assert newest is not None
    seen = Root(newest.origin, size, tree_root or newest.root)
    key = load_pem_private_key((settings.YIJIAN.keys_folder / "hr-340000.pem").read_bytes(), None)
    at = witnesses.whole_seconds(at)
    return Seen(seen, at, key.sign(cosigned_text(seen, at)))


def test_a_cut_or_rewritten_journal_is_named_by_what_others_hold(
    entries: None, hr: Door, now: datetime
) -> None:
    sealed = journal.seal_journal(now=now)
    assert sealed is not None
    partner = Partner.objects.get(code="hr-340000")
    assert list(asking.compare(partner, held_by_hr(sealed.size, now))) == []
    (fault,) = asking.compare(partner, held_by_hr(sealed.size + 4, now))
    at = witnesses.whole_seconds(now).isoformat()
    assert fault == (
        f"size {sealed.size + 4} known to hr-340000 at {at},"
        f" here {sealed.size}: 4 entries are missing"
    )
    (fault,) = asking.compare(partner, held_by_hr(sealed.size - 1, now))
    assert "with another root" in fault
    unsigned = Seen(held_by_hr(sealed.size, now).root, now, b"0" * 64)
    (fault,) = asking.compare(partner, unsigned)
    assert "does not carry its signature" in fault


def test_a_cosignature_is_kept_only_when_it_is_valid_and_verify_looks_at_it(
    entries: None, hr: Door, now: datetime
) -> None:
    sealed = journal.seal_journal(now=now)
    partner = exchange.partner("hr-340000")
    assert sealed is not None and partner is not None
    told = witnessing.to_show(0)
    assert told is not None and told["size"] == sealed.size and told["proof"] == []
    mine = Root(sealed.origin, sealed.size, sealed.root)
    held = held_by_hr(sealed.size, now)
    forged = Seen(held.root, held.seen_at, b"0" * 64)
    assert witnessing.keep_answer(partner, "cosigned", forged, mine, now=now) != "cosigned"
    assert witnesses.last_cosigned_size("hr-340000") == 0
    assert witnessing.keep_answer(partner, "cosigned", held, mine, now=now) == "cosigned"
    assert witnesses.last_cosigned_size("hr-340000") == sealed.size
    assert hr.get(LATEST).json()["checkpoint"]["cosignatures"][0]["witness"] == "hr-340000"
    assert list(verify_witnesses.witness_faults()) == []
    witnesses.keep_cosignature(
        witness="hr-340000",
        size=sealed.size + 1,
        root=b"1" * 32,
        signature=b"1" * 64,
        seen_at=held.seen_at,
    )
    faults = [what for _, what in verify_witnesses.witness_faults()]
    assert faults == [
        "the cosignature is not valid",
        f"the journal here has only {sealed.size} entries",
    ]


def test_what_a_witness_says_against_our_journal_goes_to_a_person_here(
    entries: None, hr: Door, now: datetime
) -> None:
    sealed = journal.seal_journal(now=now)
    partner = exchange.partner("hr-340000")
    assert sealed is not None and partner is not None
    mine = Root(sealed.origin, sealed.size, sealed.root)
    held = held_by_hr(sealed.size + 4, now)
    assert witnessing.keep_answer(partner, "rolled_back", held, mine, now=now) == "rolled_back"
    (row,) = convergence.open_disagreements()
    assert (row.side, row.kind) == ("own_journal", "journal_rolled_back")
    assert row.theirs.startswith(f"size {sealed.size + 4} seen")

"""见证: judging the checkpoints that partners show, and keeping what they sign about ours.

An insider with the signing key can write another history, or cut off the end of this one; what
others have seen of it cannot be changed by anybody here. A root that does not continue what was
seen before is never cosigned: it is kept as evidence, and a person must look.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from yijian.actions import parity
from yijian.domain.context import RefusedError
from yijian.gateways.signatures.keys import split_keys
from yijian.records import convergence, journal, proofs, tree, witnesses
from yijian.records.models import Partner
from yijian.records.witnesses import Root, Seen, cosigned_text, is_signed_by, whole_seconds

JOURNAL = "journal"
ROLLED_BACK, INCONSISTENT = "journal_rolled_back", "journal_inconsistent"
LONGEST_PROOF = 128


@dataclass(frozen=True, slots=True)
class Shown:
    """出示的检查点: a partner's newest checkpoint and the proof that it continues `since`."""

    root: Root
    signature: bytes
    since: int
    proof: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Judged:
    """见证结论: `cosigned`, `proof_wanted`, `rolled_back` or `inconsistent`; what is held here."""

    verdict: str
    held: Seen | None


def judge(partner: Partner, shown: Shown, *, now: datetime) -> Judged:
    """Look at what a partner shows of its journal; cosign it when it continues what was seen.

    Errors: RefusedError `wrong_origin`, `wrong_signature`, `wrong_size`.
    """
    code = str(partner.code)
    if shown.root.origin != f"{code}/{JOURNAL}":
        raise RefusedError("wrong_origin")
    if not 0 < shown.root.size < 1 << 62 or len(shown.proof) > LONGEST_PROOF:
        raise RefusedError("wrong_size")
    if not is_signed_by(split_keys(partner.public_key.encode()), shown.signature, shown.root.text):
        raise RefusedError("wrong_signature")
    with transaction.atomic():
        witnesses.lock(code)
        held = witnesses.newest_seen(code)
        return _judged(code, shown, held, whole_seconds(now))


def _judged(code: str, shown: Shown, held: Seen | None, now: datetime) -> Judged:
    if held is not None:
        if shown.root.size < held.root.size:
            return _against(code, ROLLED_BACK, "rolled_back", shown, held, now)
        if shown.root.size == held.root.size and shown.root.root == held.root.root:
            return Judged("cosigned", held)
        if shown.root.size > held.root.size and shown.since != held.root.size:
            return Judged("proof_wanted", held)
        if not tree.is_consistent(
            held.root.size, held.root.root, shown.root.size, shown.root.root, shown.proof
        ):
            return _against(code, INCONSISTENT, "inconsistent", shown, held, now)
    return Judged("cosigned", _cosigned(code, shown, now))


def _cosigned(code: str, shown: Shown, now: datetime) -> Seen:
    signature = journal.node_key().sign(cosigned_text(shown.root, now))
    witnesses.keep_seen(
        partner=code,
        root=shown.root,
        signature=shown.signature,
        since=shown.since,
        proof=shown.proof,
        cosignature=signature,
        now=now,
    )
    return Seen(shown.root, now, signature)


def _against(code: str, kind: str, verdict: str, shown: Shown, held: Seen, now: datetime) -> Judged:
    """Evidence, and a person's task; while that is open the same finding adds nothing."""
    new = parity.differs(
        code,
        JOURNAL,
        kind,
        ours=f"size {held.root.size} seen {held.seen_at.isoformat()}",
        theirs=f"size {shown.root.size}",
        now=now,
    )
    if new:
        witnesses.keep_seen(
            partner=code,
            root=shown.root,
            signature=shown.signature,
            since=shown.since,
            proof=shown.proof,
            cosignature=None,
            now=now,
        )
    return Judged(verdict, held)


def to_show(since: int) -> Mapping[str, object] | None:
    """Our newest checkpoint with the proof that it continues the one of size `since`.

    None while nothing is sealed. A size that we never had gets no proof: that is what it shows.
    """
    newest = journal.latest_checkpoint()
    if newest is None:
        return None
    known = 0 <= since <= newest.size
    proof = proofs.Subtrees(newest.size).consistency(since) if known else []
    return {
        "origin": newest.origin,
        "size": newest.size,
        "root": newest.root.hex(),
        "signature": newest.signature.hex(),
        "since": since if known else 0,
        "proof": [each.hex() for each in proof],
    }


def keep_answer(
    partner: Partner, verdict: str, held: Seen | None, shown: Root, *, now: datetime
) -> str:
    """What a partner said about our checkpoint; what it means, in one word.

    `cosigned` only when its signature is valid for exactly what we showed. Anything against us is a
    person's task here too.
    """
    code = str(partner.code)
    if verdict == "cosigned":
        keys = split_keys(partner.public_key.encode())
        if held is None or held.root != shown or held.signature is None:
            return "wrong_cosignature"
        if not is_signed_by(keys, held.signature, cosigned_text(held.root, held.seen_at)):
            return "wrong_cosignature"
        witnesses.keep_cosignature(
            witness=code,
            size=shown.size,
            root=shown.root,
            signature=held.signature,
            seen_at=held.seen_at,
        )
    elif held is not None and verdict in ("rolled_back", "inconsistent"):
        kind = ROLLED_BACK if verdict == "rolled_back" else INCONSISTENT
        parity.differs(
            code,
            "own_journal",
            kind,
            ours=f"size {shown.size}",
            theirs=f"size {held.root.size} seen {held.seen_at.isoformat()}",
            now=now,
        )
    return verdict


def accept(*, by: Any, partner: str, reason: str, now: datetime) -> bool:
    """A person knows why a partner's journal does not continue (it was restored): it goes on from
    what it showed last. The evidence stays. False when nothing is open.
    """
    found = [
        row
        for row in convergence.open_disagreements()
        if row.partner == partner and row.side == JOURNAL
    ]
    evidence = witnesses.newest_evidence(partner)
    if not found or evidence is None:
        return False
    with transaction.atomic():
        witnesses.lock(partner)
        signature = witnesses.signature_of(partner, evidence.root) or b""
        at = whole_seconds(now)
        shown = Shown(evidence.root, signature, 0, ())
        _cosigned(partner, shown, at)
        for row in found:
            parity.settle(by=by, disagreement=UUID(str(row.id)), reason=reason, now=now)
    return True


def told(seen: Seen | None) -> dict[str, object] | None:
    """A root that was seen here, as partners are told of it."""
    if seen is None:
        return None
    return {
        "origin": seen.root.origin,
        "size": seen.root.size,
        "root": seen.root.root.hex(),
        "seen_at": seen.seen_at.isoformat(),
        "cosignature": seen.signature.hex() if seen.signature else "",
    }

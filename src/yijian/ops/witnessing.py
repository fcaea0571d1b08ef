"""见证: showing our newest checkpoint to every node, and asking what they hold of our journal."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from django.utils import timezone

from yijian.actions import witnessing
from yijian.domain.envelopes import NODE
from yijian.gateways import nodes
from yijian.gateways.calls import Caller, CallFailedError
from yijian.gateways.signatures.keys import split_keys
from yijian.ops.outside import caller, rests
from yijian.records import convergence, journal, proofs, witnesses
from yijian.records.convergence import Partner
from yijian.records.witnesses import Root, Seen, cosigned_text, is_signed_by

_log = logging.getLogger(__name__)


def show_checkpoints(*, ours: Caller | None = None) -> dict[str, str]:
    """Show the newest checkpoint to every node; what each said of it."""
    said: dict[str, str] = {}
    for partner in _nodes():
        if rests.resting(partner.code):
            continue
        try:
            said[partner.code] = show_to(partner, ours=ours or caller())
        except CallFailedError as failure:
            _log.warning("%s does not witness our journal: %s", partner.code, failure.reason)
            said[partner.code] = failure.reason
    return said


def show_to(partner: Partner, *, ours: Caller) -> str:
    """Show the newest checkpoint to one node, with the proof it wants. Errors: CallFailedError."""
    newest = journal.latest_checkpoint()
    since = witnesses.last_cosigned_size(partner.code)
    if newest is None or since == newest.size:
        return "nothing_new"
    for _ in range(2):
        shown = witnessing.to_show(since)
        if shown is None:
            return "nothing_new"
        answer = nodes.show_checkpoint(str(partner.endpoint), shown, caller=ours)
        verdict, held = str(answer.get("verdict", "")), read_seen(answer.get("held"))
        if verdict == "proof_wanted" and held is not None:
            since = held.root.size
            continue
        root = Root(
            str(shown["origin"]), int(str(shown["size"])), bytes.fromhex(str(shown["root"]))
        )
        found = witnessing.keep_answer(partner, verdict, held, root, now=timezone.now())
        if found != "cosigned":
            _log.error("%s said of our journal: %s", partner.code, found)
        return found
    return "proof_wanted"


def read_seen(value: object) -> Seen | None:
    """What a node says it holds. Errors: CallFailedError for what makes no sense."""
    if value is None:
        return None
    try:
        said = cast(Mapping[str, object], value)
        root = Root(str(said["origin"]), int(str(said["size"])), bytes.fromhex(str(said["root"])))
        at = datetime.fromisoformat(str(said["seen_at"]))
        return Seen(root, at, bytes.fromhex(str(said["cosignature"])) or None)
    except (KeyError, TypeError, ValueError):
        raise CallFailedError("wrong_checkpoint") from None


def _nodes() -> list[Partner]:
    return [partner for partner in convergence.pairs() if partner.kind == NODE]


@dataclass(frozen=True, slots=True)
class Held:
    """What one node answers when it is asked what it holds of our journal."""

    witness: str
    seen: Seen | None
    faults: tuple[str, ...] = ()
    problem: str = ""


def held_by_partners(*, ours: Caller | None = None) -> Iterator[Held]:
    """Ask every node what it has seen of this journal, and compare it with what is here."""
    for partner in _nodes():
        try:
            answer = nodes.latest_checkpoint(str(partner.endpoint), caller=ours or caller())
            seen = read_seen(answer.get("held"))
        except CallFailedError as failure:
            yield Held(partner.code, None, problem=failure.reason)
            continue
        faults = () if seen is None else tuple(compare(partner, seen))
        yield Held(partner.code, seen, faults)


def compare(partner: Partner, seen: Seen) -> Iterator[str]:
    """Where what a witness holds and the journal here contradict each other."""
    keys = split_keys(partner.public_key.encode())
    text = cosigned_text(seen.root, seen.seen_at)
    if seen.signature is None or not is_signed_by(keys, seen.signature, text):
        yield f"what {partner.code} says it holds does not carry its signature"
        return
    newest = journal.latest_checkpoint()
    size = newest.size if newest else 0
    known = f"size {seen.root.size} known to {partner.code} at {seen.seen_at.isoformat()}"
    if seen.root.size > size:
        yield f"{known}, here {size}: {seen.root.size - size} entries are missing"
    elif proofs.Subtrees(seen.root.size).root(0, seen.root.size) != seen.root.root:
        yield f"{known} with another root: the first {seen.root.size} entries differ"

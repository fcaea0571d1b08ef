"""核查见证: whether what others signed about this journal is what the journal is."""

from __future__ import annotations

from collections.abc import Iterator

from django.conf import settings

from yijian.actions.witnessing import JOURNAL
from yijian.gateways.signatures.keys import split_keys
from yijian.ops.verify_papers import Fault
from yijian.records import journal, proofs, witnesses
from yijian.records.witnesses import Root, cosigned_text, is_signed_by


def witness_faults() -> Iterator[Fault]:
    """Every cosignature kept here that is not of a root this journal has had."""
    newest = journal.latest_checkpoint()
    size = newest.size if newest else 0
    keys = {code: split_keys(pem) for code, pem in witnesses.keys_of_partners().items()}
    origin = f"{settings.YIJIAN.node}/{JOURNAL}"
    for each in witnesses.cosignatures():
        where = f"checkpoint {each.size} cosigned by {each.witness}"
        root = Root(origin, each.size, bytes(each.root))
        text = cosigned_text(root, each.seen_at)
        if not is_signed_by(keys.get(each.witness, ()), bytes(each.signature), text):
            yield where, "the cosignature is not valid"
        if each.size > size:
            yield where, f"the journal here has only {size} entries"
            continue
        # What was signed here is compared with the tree by the check of checkpoints.
        own = witnesses.own_root(each.size) or proofs.Subtrees(each.size).root(0, each.size)
        if own != root.root:
            yield where, "its root is not the root of the tree"

"""见证: checkpoints of other journals that this node has seen, and what others signed about ours.

A cosignature says: at this time I had seen this root, and it continued every root I had seen
before. Its text is that of C2SP tlog-cosignature, so that any witness software can read it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from django.db.models import Q

from yijian.records.journal import signed_text
from yijian.records.models import Checkpoint, Cosignature, Partner, WitnessedRoot

COSIGNED, INCONSISTENT = "cosigned", "inconsistent"


@dataclass(frozen=True, slots=True)
class Root:
    """树根: a journal's name, its size and its root."""

    origin: str
    size: int
    root: bytes

    @property
    def text(self) -> bytes:
        """What the journal's owner signs."""
        return signed_text(self.origin, self.size, self.root)


@dataclass(frozen=True, slots=True)
class Seen:
    """见过的根: a root with when it was seen and the witness's signature (none on evidence)."""

    root: Root
    seen_at: datetime
    signature: bytes | None


def cosigned_text(root: Root, at: datetime) -> bytes:
    """What a witness signs about a root; `at` counts in whole seconds."""
    return f"cosignature/v1\ntime {int(at.timestamp())}\n".encode() + root.text


def is_signed_by(pem_keys: Iterable[bytes], signature: bytes, text: bytes) -> bool:
    """Whether one of the keys has signed exactly this text."""
    for pem in pem_keys:
        key = load_pem_public_key(pem)
        if not isinstance(key, Ed25519PublicKey):
            continue
        try:
            key.verify(signature, text)
        except InvalidSignature:
            continue
        return True
    return False


def whole_seconds(at: datetime) -> datetime:
    """The moment as a cosignature states it."""
    return datetime.fromtimestamp(int(at.timestamp()), UTC)


def newest_seen(partner: str) -> Seen | None:
    """The newest root of a partner's journal that was cosigned here; None for a new partner."""
    row = WitnessedRoot.objects.filter(partner=partner, verdict=COSIGNED).order_by("-id").first()
    return None if row is None else _seen(row)


def newest_evidence(partner: str) -> Seen | None:
    """The newest root of a partner that did not continue what was seen before."""
    row = (
        WitnessedRoot.objects.filter(partner=partner, verdict=INCONSISTENT).order_by("-id").first()
    )
    return None if row is None else _seen(row)


def _seen(row: WitnessedRoot) -> Seen:
    root = Root(row.origin, row.size, bytes(row.root))
    return Seen(root, row.seen_at, bytes(row.cosignature) if row.cosignature else None)


def keep_seen(
    *,
    partner: str,
    root: Root,
    signature: bytes,
    since: int,
    proof: Sequence[bytes],
    cosignature: bytes | None,
    now: datetime,
) -> None:
    """Keep a root for ever: cosigned, or once as evidence."""
    verdict = COSIGNED if cosignature else INCONSISTENT
    same = WitnessedRoot.objects.filter(partner=partner, size=root.size, root=root.root)
    if verdict == INCONSISTENT and same.filter(verdict=verdict).exists():
        return
    WitnessedRoot.objects.create(
        partner=partner,
        origin=root.origin,
        size=root.size,
        root=root.root,
        signature=signature,
        since=since,
        proof=[each.hex() for each in proof],
        verdict=verdict,
        seen_at=now,
        cosignature=cosignature,
    )


def lock(partner: str) -> None:
    """Nobody else judges this partner's checkpoints until the transaction ends."""
    Partner.objects.select_for_update().filter(code=partner).first()


def signature_of(partner: str, root: Root) -> bytes | None:
    """The owner's signature of a root that was kept."""
    row = WitnessedRoot.objects.filter(partner=partner, size=root.size, root=root.root).first()
    return bytes(row.signature) if row else None


def keep_cosignature(
    *, witness: str, size: int, root: bytes, signature: bytes, seen_at: datetime
) -> None:
    """Keep what a partner signed about a checkpoint of ours."""
    Cosignature.objects.get_or_create(
        witness=witness,
        size=size,
        defaults={"root": root, "signature": signature, "seen_at": seen_at},
    )


def cosignatures(*, size: int | None = None) -> list[Cosignature]:
    """What partners have signed about our checkpoints, about all or about one."""
    rows = Cosignature.objects.filter(Q() if size is None else Q(size=size))
    return list(rows.order_by("witness", "size"))


def last_cosigned_size(witness: str) -> int:
    """The size of our newest checkpoint that a partner has cosigned; 0 while there is none."""
    row = Cosignature.objects.filter(witness=witness).order_by("-size").first()
    return row.size if row else 0


def keys_of_partners() -> dict[str, bytes]:
    """The public keys of every partner, known or past, as one PEM text each."""
    return {code: key.encode() for code, key in Partner.objects.values_list("code", "public_key")}


def own_root(size: int) -> bytes | None:
    """The root that our journal had at a size at which it was signed."""
    row = Checkpoint.objects.filter(size=size).first()
    return bytes(row.root) if row else None

"""密钥: participants' Ed25519 keys as PEM files, `CODE.pem` (private) and `CODE.pub.pem`.

A public file may hold several keys one after the other: that is how a key is changed without a gap.
"""

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_public_key,
)

_PARTICIPANT = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,63}")
_BLOCK = re.compile(rb"-----BEGIN PUBLIC KEY-----.+?-----END PUBLIC KEY-----\n?", re.DOTALL)
FINGERPRINT_LENGTH = 16


class NotAKeyError(ValueError):
    """A text is not exactly one Ed25519 public key as PEM."""


def split_keys(pem: bytes) -> tuple[bytes, ...]:
    """Every public key in a PEM text, in its order."""
    return tuple(_BLOCK.findall(pem))


def read_key(pem: bytes) -> tuple[str, str]:
    """One public key in its one spelling, and its fingerprint. Errors: NotAKeyError."""
    blocks = split_keys(pem)
    try:
        key = load_pem_public_key(blocks[0]) if len(blocks) == 1 else None
    except (ValueError, TypeError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, Ed25519PublicKey):
        raise NotAKeyError
    spelt = key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    raw = key.public_bytes(Encoding.Raw, PublicFormat.Raw)
    return spelt, hashlib.sha256(raw).hexdigest()[:FINGERPRINT_LENGTH]


@dataclass(frozen=True, slots=True)
class KeyFolder:
    """Reads the files each time they are asked for, so that a new key counts at once."""

    folder: Path

    def public_keys(self, participant: str) -> tuple[bytes, ...]:
        """The public keys of a participant; none for a stranger."""
        if not _PARTICIPANT.fullmatch(participant):
            return ()
        path = self.folder / f"{participant}.pub.pem"
        return split_keys(path.read_bytes()) if path.is_file() else ()

"""密钥: participants' Ed25519 keys as PEM files, `CODE.pem` (private) and `CODE.pub.pem`.

A public file may hold several keys one after the other: that is how a key is changed without a gap.
"""

import re
from dataclasses import dataclass
from pathlib import Path

_PARTICIPANT = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,63}")
_BLOCK = re.compile(rb"-----BEGIN PUBLIC KEY-----.+?-----END PUBLIC KEY-----\n?", re.DOTALL)


def split_keys(pem: bytes) -> tuple[bytes, ...]:
    """Every public key in a PEM text, in its order."""
    return tuple(_BLOCK.findall(pem))


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

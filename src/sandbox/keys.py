"""Key files of the participants (密钥): `<participant>.pem` and `<participant>.pub.pem`."""

import os
import re
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

_PARTICIPANT = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,63}")


class KeyFolder:
    """Reads key files each time they are asked for, so that a new key counts at once."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def public(self, participant: str) -> bytes | None:
        """Return the PEM of a participant's public key, or None for a stranger."""
        return self._read(participant, ".pub.pem")

    def private(self, participant: str) -> bytes | None:
        """Return the PEM of a participant's private key, or None."""
        return self._read(participant, ".pem")

    def _read(self, participant: str, ending: str) -> bytes | None:
        if not _PARTICIPANT.fullmatch(participant):
            return None
        file = self.folder / f"{participant}{ending}"
        return file.read_bytes() if file.is_file() else None

    def make_missing(self, participants: list[str]) -> None:
        """Create a key pair for each participant that has none; only for work without a node."""
        self.folder.mkdir(parents=True, exist_ok=True)
        for participant in participants:
            file = self.folder / f"{participant}.pem"
            if file.exists():
                continue
            key = Ed25519PrivateKey.generate()
            private = key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
            descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "wb") as out:
                out.write(private)
            public = key.public_key().public_bytes(
                serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
            )
            (self.folder / f"{participant}.pub.pem").write_bytes(public)
